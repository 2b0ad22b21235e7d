"""What people do with motions: one function for each verb, in the transaction of the caller.

Each takes the open unit of work, the Box, who acts, and what is wanted; raises UserError and
then has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from wecreate_module.domain import motions as rules
from wecreate_module.domain.amendments import (
    Amendment,
    AmendmentKind,
    Edit,
    Wish,
    edit_of,
    merged,
    moved,
)
from wecreate_module.domain.bodies import TEXT, Body
from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.diffs import Change, diff
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import OPEN, Motion, MotionState, Version
from wecreate_module.domain.votes import VoteState
from wecreate_module.storage.uow import UnitOfWork


@dataclass(frozen=True)
class Comparison:
    """Two versions of one section, and what changed between them."""

    section: str
    before: Version
    after: Version
    changes: tuple[Change, ...]


def add_motion(uow: UnitOfWork, box: Box, body: Body, title: str, *, actor: str) -> Motion:
    require_active(box)
    heading = rules.clean_title(title)
    if len(uow.motions.list(box.id, OPEN)) >= rules.MAX_OPEN:
        raise UserError(
            "too-many-motions",
            "There are {most} open motions in this Box; finish or withdraw some first.",
            most=rules.MAX_OPEN,
        )
    number = uow.motions.next_number(box.id)
    words = Version(1, heading, {}, actor, uow.now)
    return uow.motions.add(box.id, Motion(number, body.id, words, actor, uow.now))


def get_motion(uow: UnitOfWork, box: Box, number: int) -> Motion:
    motion = uow.motions.get(box.id, number)
    if motion is None:
        raise UserError(
            "motion-not-found",
            "There is no motion {number} here. See all with !motions",
            number=number,
        )
    return motion


def get_version(uow: UnitOfWork, box: Box, number: int, version: int) -> Version:
    motion = get_motion(uow, box, number)
    found = uow.motions.version(box.id, number, version)
    if found is None:
        raise UserError(
            "version-not-found",
            "Motion {number} has no version {version}; there are 1 to {newest}.",
            number=number,
            version=version,
            newest=motion.version.number,
        )
    return found


def compare(uow: UnitOfWork, box: Box, number: int, first: int, last: int) -> list[Comparison]:
    """What changed in each section between two versions; the same sections are left out."""
    before = get_version(uow, box, number, first)
    after = get_version(uow, box, number, last)
    keys = dict.fromkeys((TEXT, *before.sections, *after.sections))
    pairs = ((key, before.sections.get(key, ""), after.sections.get(key, "")) for key in keys)
    return [Comparison(key, before, after, diff(old, new)) for key, old, new in pairs if old != new]


def set_title(uow: UnitOfWork, box: Box, number: int, title: str, *, actor: str) -> Motion:
    return change(
        uow, box, number, actor, "changed", lambda it: rules.write(it, actor, uow.now, title=title)
    )


def set_section(
    uow: UnitOfWork, box: Box, number: int, key: str, text: str, *, actor: str
) -> Motion:
    """The whole section anew; empty text takes it away."""
    clean = rules.clean_wording(text)
    return _write(uow, box, number, key, lambda _: clean, actor)


def add_to_section(
    uow: UnitOfWork, box: Box, number: int, key: str, text: str, *, actor: str
) -> Motion:
    """A paragraph more at the end."""
    clean = rules.clean_wording(text)

    def longer(version: Version) -> str:
        before = version.sections.get(key, "")
        return rules.clean_wording(f"{before}\n{clean}") if before else clean

    return _write(uow, box, number, key, longer, actor)


def restore(uow: UnitOfWork, box: Box, number: int, version: int, *, actor: str) -> Motion:
    """The words of an older version anew."""
    old = get_version(uow, box, number, version)

    def again(motion: Motion) -> Motion:
        words = {**dict.fromkeys(motion.version.sections, ""), **old.sections}
        return rules.write(motion, actor, uow.now, title=old.title, sections=words)

    return change(uow, box, number, actor, "changed", again)


def edit_lines(
    uow: UnitOfWork, box: Box, number: int, wish: Wish, *, actor: str, seen: int | None = None
) -> Motion:
    """Change lines of the text. `seen` is the version whose line numbers are meant.

    Where others changed the text since, the edit follows its lines, or is refused.
    """
    motion = get_motion(uow, box, number)
    version = motion.version if seen is None else get_version(uow, box, number, seen)
    edit = edit_wished(wish, version)
    fitting, lost = moved([edit], version.text, motion.version.text)
    if lost:
        raise UserError(
            "lines-changed",
            "These lines have changed since version {seen}. Look at them with !motion {number}, "
            "from line {line} on, and write it again.",
            seen=version.number,
            number=number,
            line=rules.line_now(max(1, wish.first), version, motion.version),
        )
    return _write(uow, box, number, TEXT, lambda now: merged(now.text, fitting), actor)


# Standing behind it, and what becomes of it


def cosign(
    uow: UnitOfWork, box: Box, number: int, *, actor: str, chapter: str = "", event_id: str = ""
) -> Motion:
    return change(
        uow,
        box,
        number,
        actor,
        "cosigned",
        lambda it: rules.cosign(it, actor, uow.now, chapter=chapter, event_id=event_id),
    )


def signed_by(uow: UnitOfWork, box: Box, event_id: str, who: str) -> Motion | None:
    """The draft that this person signed with this reaction."""
    for motion in uow.motions.list(box.id, OPEN):
        if any(each.event_id == event_id and each.who == who for each in motion.cosigners):
            return motion
    return None


def uncosign(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> Motion:
    return change(uow, box, number, actor, "uncosigned", lambda it: rules.uncosign(it, actor))


def set_state(
    uow: UnitOfWork,
    box: Box,
    number: int,
    state: MotionState,
    *,
    actor: str,
    body_number: str = "",
    remark: str = "",
) -> Motion:
    before = get_motion(uow, box, number)
    if before.state is MotionState.SENDING and not (before.mailing and before.mailing.uncertain):
        raise UserError(
            "motion-on-its-way", "A{number} is on its way just now; wait a moment.", number=number
        )
    return change(
        uow,
        box,
        number,
        actor,
        "state",
        lambda it: rules.move_on(it, state, uow.now, body_number=body_number, remark=remark),
    )


def set_sitting(
    uow: UnitOfWork, box: Box, number: int, sitting: date, closes: date | None, *, actor: str
) -> Motion:
    """For which sitting it is meant, and the last day to hand it in."""
    if closes is not None and closes > sitting:
        raise UserError(
            "sitting-order", "The last day to hand in can't be after the sitting. Look again?"
        )

    def planned(motion: Motion) -> Motion:
        rules.require_draft(motion)
        return replace(motion, sitting=sitting, closes=closes)

    return change(uow, box, number, actor, "sitting", planned)


def unsigned(uow: UnitOfWork, box: Box, user_id: str) -> list[Motion]:
    """Drafts with a text that this person has not signed as they are now."""
    drafts = uow.motions.list(box.id, OPEN)
    return [each for each in drafts if each.version.text and user_id not in each.signed]


def require_no_vote(uow: UnitOfWork, box: Box, number: int) -> None:
    """While people vote on words these stay as they are."""
    if uow.votes.list(box.id, number, (VoteState.OPEN, VoteState.ENDED)):
        raise UserError(
            "vote-going-on",
            "People are voting on A{number}, so it stays as it is until then. To end the vote: "
            "!motion {number} vote end",
            number=number,
        )


def edit_wished(wish: Wish, version: Version) -> Edit:
    """The wish as an edit of this version's text; UserError for lines that aren't there."""
    if wish.kind is not AmendmentKind.INSERT or wish.last != 0:
        rules.lines_between(version, wish.first, wish.last)
    clean = rules.clean_wording(wish.text)
    if not clean and wish.kind is not AmendmentKind.DELETE:
        raise UserError("empty-text", "There is no text in it. Write a few words.")
    amendment = Amendment(
        0, version.number, wish.kind, wish.first, wish.last, clean, "", version.at
    )
    return edit_of(amendment, version.lines)


def _write(
    uow: UnitOfWork, box: Box, number: int, key: str, words: Callable[[Version], str], actor: str
) -> Motion:
    """A new version in which one section is different."""
    return change(
        uow,
        box,
        number,
        actor,
        "changed",
        lambda it: rules.write(it, actor, uow.now, sections={key: words(it.version)}),
    )


def change(
    uow: UnitOfWork,
    box: Box,
    number: int,
    actor: str,
    what: str,
    how: Callable[[Motion], Motion],
) -> Motion:
    require_active(box)
    before = get_motion(uow, box, number)
    motion = how(before)
    if motion.version != before.version or motion.state is not before.state:
        require_no_vote(uow, box, number)
    return before if motion == before else uow.motions.update(box.id, motion, actor, what)
