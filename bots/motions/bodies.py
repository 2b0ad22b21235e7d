"""`!gremien`: which bodies there are, and what is known of each."""

from __future__ import annotations

from collections.abc import Sequence

from bots.kit.arguments import Text
from bots.kit.context import Context
from bots.kit.registry import Command, Where, argument, command
from bots.kit.replies import Replies, Reply
from bots.kit.templates import html_to_text, render_template
from bots.motions.views import UNKNOWN
from wecreate_module.domain.bodies import Body
from wecreate_module.domain.errors import UserError
from wecreate_module.services.bodies import known_bodies


@command(
    "gremien",
    "bodies",
    area="motions",
    summary="See the bodies that I know, and what each wants",
    where=Where.ANY,
    examples=(("!gremien", "!bodies"), ("!gremien SBB Süd", "!bodies SBB Süd")),
    aliases=("gremium", "body"),
    reading=True,
)
@argument("name", Text(100), "name", "name", optional=True)
def show(ctx: Context, name: str | None) -> Replies:
    """`{"bodies": [{"id", "name"}]}`, or one with all that is known."""
    bodies = known_bodies()
    if name is None:
        return _listing(ctx, bodies.all)
    exact = bodies.called(name)
    found = [exact] if exact is not None else bodies.search(name)
    if not found:
        raise UserError(
            "body-unknown",
            "I don't know “{name}”. See all with !bodies, or use “general”.",
            name=name[:60],
        )
    return _page(ctx, found[0]) if len(found) == 1 else _listing(ctx, found)


def _listing(ctx: Context, every: Sequence[Body]) -> Reply:
    html = render_template("motions/bodies.html.j2", ctx, bodies=every)
    data = {"bodies": [{"id": body.id, "name": body.name} for body in every]}
    return Reply(html_to_text(html), html, data=data)


def _page(ctx: Context, body: Body) -> Reply:
    unknown = [ctx.t(UNKNOWN[field]) for field in body.unknown if field in UNKNOWN]
    html = render_template("motions/body.html.j2", ctx, body=body, unknown=unknown)
    data = {
        "body": {
            "id": body.id,
            "name": body.name,
            "sections": [
                {"key": each.key, "title": each.title, "required": each.required}
                for each in body.sections
            ],
            "cosigners": body.cosigners,
            "days_before": body.days_before,
            "sources": [[each.what, each.certainty.value] for each in body.sources],
            "unknown": list(body.unknown),
        }
    }
    return Reply(html_to_text(html), html, data=data)


COMMANDS: tuple[Command, ...] = (show,)
