"""What people do with motions: one function for each verb, in the transaction of the caller.

Each takes the open unit of work, the Box, who acts, and what is wanted; raises UserError and
then has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from wecreate_module.domain import motions as rules
from wecreate_module.domain.amendments import (
    Amendment,
    AmendmentKind,
    AmendmentState,
    Edit,
    collisions,
    edit_of,
    merged,
    moved,
    require_mergeable,
)
from wecreate_module.domain.bodies import TEXT, Body
from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.diffs import Change, diff
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.lines import in_paragraphs
from wecreate_module.domain.motions import OPEN, Motion, MotionState, Version
from wecreate_module.storage.uow import UnitOfWork

MAX_AMENDMENTS = 1000
MAX_AT_ONCE = 20


@dataclass(frozen=True)
class Wish:
    """A change to lines, as typed: replace, delete, or insert behind `last`."""

    kind: AmendmentKind
    first: int
    last: int
    text: str = ""


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
    return _change(
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


def edit_lines(
    uow: UnitOfWork, box: Box, number: int, wish: Wish, *, actor: str, seen: int | None = None
) -> Motion:
    """Change lines of the text. `seen` is the version whose line numbers are meant.

    Where others changed the text since, the edit follows its lines, or is refused.
    """
    motion = get_motion(uow, box, number)
    version = motion.version if seen is None else get_version(uow, box, number, seen)
    edit = _edit(wish, version)
    fitting, lost = moved([edit], version.text, motion.version.text)
    if lost:
        raise UserError(
            "lines-changed",
            "These lines have changed since version {seen}. Look at them with !motion {number} "
            "and write it again.",
            seen=version.number,
            number=number,
        )
    return _write(uow, box, number, TEXT, lambda now: merged(now.text, fitting), actor)


# Amendments


def amend(
    uow: UnitOfWork, box: Box, number: int, wish: Wish, *, actor: str, seen: int | None = None
) -> tuple[Motion, Amendment]:
    """Propose a change; it is kept with the version whose lines are meant."""
    motion = get_motion(uow, box, number)
    rules.require_draft(motion)
    if len(motion.amendments) >= MAX_AMENDMENTS:
        raise UserError(
            "too-many-amendments",
            "At most {most} amendments fit on one motion.",
            most=MAX_AMENDMENTS,
        )
    version = motion.version if seen is None else get_version(uow, box, number, seen)
    _edit(wish, version)
    amendment = Amendment(
        number=len(motion.amendments) + 1,
        base=version.number,
        kind=wish.kind,
        first=wish.first,
        last=wish.last,
        text=rules.clean_wording(wish.text),
        author=actor,
        at=uow.now,
    )
    changed = _change(
        uow,
        box,
        number,
        actor,
        "amended",
        lambda it: replace(it, amendments=(*it.amendments, amendment)),
    )
    return changed, amendment


def amend_by_text(
    uow: UnitOfWork, box: Box, number: int, text: str, *, actor: str, seen: int | None = None
) -> tuple[Motion, list[Amendment]]:
    """Propose all that differs in a whole changed text, an amendment for each place."""
    motion = get_motion(uow, box, number)
    version = motion.version if seen is None else get_version(uow, box, number, seen)
    wishes = wishes_between(version, rules.clean_wording(text))
    if not wishes:
        raise UserError("nothing-changed", "That is the text as it is; nothing differs.")
    if len(wishes) > MAX_AT_ONCE:
        raise UserError(
            "too-much-changed",
            "That differs in {n} places, at most {most} at once. Write a new text instead: "
            "!motion {number} text …",
            n=len(wishes),
            most=MAX_AT_ONCE,
            number=number,
        )
    made = []
    for wish in wishes:
        motion, amendment = amend(uow, box, number, wish, actor=actor, seen=version.number)
        made.append(amendment)
    return motion, made


def wishes_between(version: Version, text: str) -> list[Wish]:
    """The changes to lines that lead from a version's text to another one, by paragraph."""
    old = in_paragraphs(version.lines)
    before = [version.text[lines[0].start : lines[-1].end] for lines in old]
    after = [paragraph for paragraph in text.split("\n") if paragraph]
    found = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        new = "\n".join(after[j1:j2])
        if kind == "insert":
            line = old[i1 - 1][-1].number if i1 else 0
            found.append(Wish(AmendmentKind.INSERT, line, line, new))
        elif kind != "equal":
            how = AmendmentKind.DELETE if kind == "delete" else AmendmentKind.REPLACE
            found.append(Wish(how, old[i1][0].number, old[i2 - 1][-1].number, new))
    return found


def give_reason(
    uow: UnitOfWork, box: Box, number: int, amendment: int, reason: str, *, actor: str
) -> Motion:
    clean = rules.clean_wording(reason)
    return _change_amendment(
        uow, box, number, [amendment], actor, lambda it: replace(it, reason=clean)
    )


def adopt(
    uow: UnitOfWork, box: Box, number: int, amendments: Collection[int], *, actor: str
) -> Motion:
    """Put amendments into the text: all of these, or none when some collide."""
    motion = get_motion(uow, box, number)
    wanted = [_require_open(motion, one) for one in sorted(set(amendments))]
    edits = []
    for one in wanted:
        fitting, lost = moved_edit(uow, box, motion, one)
        if lost:
            raise UserError(
                "amendment-outdated",
                "The lines that amendment {amendment} speaks of have changed since version "
                "{base}. Write it anew for the text as it is now.",
                amendment=one.number,
                base=one.base,
            )
        edits += fitting
    require_mergeable(edits)
    text = merged(motion.version.text, edits)
    note = ", ".join(f"Ä{one.number}" for one in wanted)

    def into(it: Motion) -> Motion:
        changed = rules.write(it, actor, uow.now, sections={TEXT: text}, note=note)
        return _with_state(
            changed, amendments, AmendmentState.ADOPTED, adopted_in=changed.version.number
        )

    return _change(uow, box, number, actor, "amendments-adopted", into)


def reject(
    uow: UnitOfWork, box: Box, number: int, amendments: Collection[int], *, actor: str
) -> Motion:
    motion = get_motion(uow, box, number)
    rules.require_draft(motion)
    for one in amendments:
        _require_open(motion, one)
    return _change(
        uow,
        box,
        number,
        actor,
        "amendments-rejected",
        lambda it: _with_state(it, amendments, AmendmentState.REJECTED),
    )


def colliding(uow: UnitOfWork, box: Box, motion: Motion) -> list[tuple[int, int]]:
    """Pairs of open amendments that can't both be adopted as they are."""
    edits: list[Edit] = []
    for one in motion.amendments:
        if one.state is AmendmentState.OPEN:
            edits += moved_edit(uow, box, motion, one)[0]
    return collisions(edits)


def moved_edit(
    uow: UnitOfWork, box: Box, motion: Motion, amendment: Amendment
) -> tuple[list[Edit], list[int]]:
    """An amendment as an edit of today's text; or that it no longer fits."""
    base = motion.version
    if amendment.base != base.number:
        base = get_version(uow, box, motion.number, amendment.base)
    return moved([edit_of(amendment, base.lines)], base.text, motion.version.text)


# Standing behind it, and what becomes of it


def cosign(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> Motion:
    return _change(uow, box, number, actor, "cosigned", lambda it: rules.cosign(it, actor, uow.now))


def uncosign(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> Motion:
    return _change(uow, box, number, actor, "uncosigned", lambda it: rules.uncosign(it, actor))


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
    return _change(
        uow,
        box,
        number,
        actor,
        "state",
        lambda it: rules.move_on(it, state, uow.now, body_number=body_number, remark=remark),
    )


def unsigned(uow: UnitOfWork, box: Box, user_id: str) -> list[Motion]:
    """Drafts with a text that this person has not signed as they are now."""
    drafts = uow.motions.list(box.id, OPEN)
    return [each for each in drafts if each.version.text and user_id not in each.signed]


def _edit(wish: Wish, version: Version) -> Edit:
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


def _require_open(motion: Motion, number: int) -> Amendment:
    amendment = motion.amendment(number)
    if amendment.state is not AmendmentState.OPEN:
        raise UserError(
            "amendment-settled",
            "Amendment {amendment} has been decided already.",
            amendment=number,
        )
    return amendment


def _with_state(
    motion: Motion,
    numbers: Collection[int],
    state: AmendmentState,
    *,
    adopted_in: int | None = None,
) -> Motion:
    changed = (
        replace(one, state=state, adopted_in=adopted_in) if one.number in numbers else one
        for one in motion.amendments
    )
    return replace(motion, amendments=tuple(changed))


def _change_amendment(
    uow: UnitOfWork,
    box: Box,
    number: int,
    amendments: Sequence[int],
    actor: str,
    change: Callable[[Amendment], Amendment],
) -> Motion:
    motion = get_motion(uow, box, number)
    rules.require_draft(motion)
    for one in amendments:
        _require_open(motion, one)
    changed = tuple(change(one) if one.number in amendments else one for one in motion.amendments)
    return _change(uow, box, number, actor, "amended", lambda it: replace(it, amendments=changed))


def _write(
    uow: UnitOfWork, box: Box, number: int, key: str, words: Callable[[Version], str], actor: str
) -> Motion:
    """A new version in which one section is different."""
    return _change(
        uow,
        box,
        number,
        actor,
        "changed",
        lambda it: rules.write(it, actor, uow.now, sections={key: words(it.version)}),
    )


def _change(
    uow: UnitOfWork,
    box: Box,
    number: int,
    actor: str,
    what: str,
    change: Callable[[Motion], Motion],
) -> Motion:
    require_active(box)
    before = get_motion(uow, box, number)
    motion = change(before)
    return before if motion == before else uow.motions.update(box.id, motion, actor, what)
