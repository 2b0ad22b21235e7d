"""`!antrag neu`: the body's own questions one by one; each answer is a message."""

from __future__ import annotations

from typing import Any

from bots.kit.context import Context
from bots.kit.registry import Answer, answer, plain_word
from bots.kit.replies import Question, Replies, Reply
from bots.motions import views
from wecreate_module.domain.bodies import Body
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import Motion
from wecreate_module.services import motions

SECTION = "motions.section"
_SKIP = frozenset({"ueberspringen", "skip", "weiter", "next"})
_BACK = frozenset({"zurueck", "back"})
_LATER = frozenset({"spaeter", "later"})


def ask(ctx: Context, motion: Motion, body: Body, at: int, said: str = "") -> Reply:
    """The body's question for its section `at`; behind the last one the motion is shown."""
    if at >= len(body.sections):
        return views.card(ctx, motion, ctx.t("That is all! Here is your draft:"))
    section = body.sections[at]
    place = f"{at + 1}/{len(body.sections)}"
    lines = [said] if said else []
    lines.append(f"{place} · {section.title}: {section.ask}")
    here = motion.version.sections.get(section.key)
    if here:
        lines.append(ctx.t("So far it says: {text}", text=here[:300]))
    lines.append(ctx.t("(Or type: skip, back, later)"))
    return Reply(
        "\n".join(lines),
        data={"motion": views.motion_data(ctx, motion), "asked": section.key},
        question=Question(SECTION, {"number": motion.number, "at": at}),
    )


@answer(SECTION)
def section(ctx: Context, text: str, data: dict[str, Any]) -> Replies:
    """Keep the words and ask on; `zurück`, `überspringen`, `später` steer."""
    if ctx.box is None:
        return None
    motion = motions.get_motion(ctx.uow, ctx.box, int(data["number"]))
    body, at = views.body_of(motion), int(data["at"])
    word = plain_word(text.strip(" .!"))
    if word in _LATER:
        said = ctx.t(
            "All right. What you wrote is kept; go on any time with !motion {number} text …",
            number=motion.number,
        )
        return Reply(said, data={"motion": views.motion_data(ctx, motion)})
    if word in _BACK:
        return ask(ctx, motion, body, max(0, at - 1))
    if word in _SKIP:
        return ask(ctx, motion, body, at + 1)
    if at >= len(body.sections):
        raise UserError("motion-nothing-asked", "I have no more questions about this motion.")
    key = body.sections[at].key
    motion = motions.set_section(ctx.uow, ctx.box, motion.number, key, text, actor=ctx.sender)
    return ask(ctx, motion, body, at + 1, ctx.t("Noted."))


ANSWERS: tuple[Answer, ...] = (section,)
