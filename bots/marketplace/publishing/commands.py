"""`!markt neu`, and a yes to standing in what a Box publishes."""

from __future__ import annotations

from bots.kit.arguments import Text
from bots.kit.context import Context
from bots.kit.registry import Command, Where, argument, command
from bots.kit.replies import Replies
from bots.marketplace import views
from bots.marketplace.arguments import KindWord
from bots.marketplace.publishing import questions, speakers
from wecreate_module.domain.listings import MAX_TITLE, Kind, Offer


@command(
    "markt neu",
    "market new",
    area="marketplace",
    summary="Publish an idea, an event, a reform, a request or an offer",
    where=Where.ANY,
    examples=(
        ("!markt neu Idee Bücherschrank am Markt", "!market new idea A bookcase in the square"),
    ),
)
@argument(
    "kind",
    KindWord(),
    "art",
    "kind",
    ask="What is it: an idea, an event, a reform, a request or an offer?",
)
@argument("title", Text(MAX_TITLE), "titel", "title", ask="Which title shall it have?")
def new(ctx: Context, kind: tuple[Kind, Offer | None], title: str) -> Replies:
    """Asks for the rest; answered by market.created with `{"listing": {…}}`."""
    questions.require_may_publish(ctx)
    questions.require_may_speak(ctx)
    return questions.begin(ctx, kind[0], kind[1], title)


@command(
    "markt einverstanden",
    "market agree",
    area="marketplace",
    summary="Agree that your name stands in what your Box publishes",
    where=Where.BOX,
    listed=False,
)
@argument("mark", Text(16), "text", "text", ask="Tap 🤝 below the text that you agree to.")
def agree(ctx: Context, mark: str) -> Replies:
    """`{"agreed": user id}`, for that very text."""
    speakers.agree(ctx, mark)
    return views.agreed(ctx)


COMMANDS: tuple[Command, ...] = (new, agree)
