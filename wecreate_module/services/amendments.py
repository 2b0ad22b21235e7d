"""Amendments: proposed, reasoned, adopted or rejected, in the transaction of the caller."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from wecreate_module.domain import motions as rules
from wecreate_module.domain.amendments import (
    Amendment,
    AmendmentKind,
    AmendmentState,
    Edit,
    Wish,
    collisions,
    edit_of,
    merged,
    moved,
    require_mergeable,
)
from wecreate_module.domain.bodies import TEXT
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.diffs import changed_runs
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.lines import in_paragraphs
from wecreate_module.domain.motions import Motion, Version
from wecreate_module.domain.origins import LineOrigin, line_origins
from wecreate_module.services.motions import change, edit_wished, get_motion, get_version
from wecreate_module.storage.uow import UnitOfWork

MAX_AMENDMENTS = 1000
MAX_AT_ONCE = 20


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
    edit_wished(wish, version)
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
    changed = change(
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
    for i1, i2, j1, j2 in changed_runs(before, after):
        new = "\n".join(after[j1:j2])
        if i1 == i2:
            line = old[i1 - 1][-1].number if i1 else 0
            found.append(Wish(AmendmentKind.INSERT, line, line, new))
        else:
            how = AmendmentKind.REPLACE if new else AmendmentKind.DELETE
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
            raise _outdated(uow, box, motion, one)
        edits += fitting
    require_mergeable(edits)
    text = merged(motion.version.text, edits)
    note = ", ".join(f"Ä{one.number}" for one in wanted)

    def into(it: Motion) -> Motion:
        changed = rules.write(it, actor, uow.now, sections={TEXT: text}, note=note)
        return _with_state(
            changed, amendments, AmendmentState.ADOPTED, adopted_in=changed.version.number
        )

    return change(uow, box, number, actor, "amendments-adopted", into)


def adopt_modified(
    uow: UnitOfWork, box: Box, number: int, amendment: int, text: str, *, actor: str
) -> Motion:
    """Put an amendment into the text in other words than it was proposed with."""
    motion = get_motion(uow, box, number)
    proposed = _require_open(motion, amendment)
    clean = rules.clean_wording(text)
    if not clean:
        raise UserError("empty-text", "There is no text in it. Write a few words.")
    kind = proposed.kind
    if kind is AmendmentKind.DELETE:
        kind = AmendmentKind.REPLACE
    changed = replace(proposed, kind=kind, text=clean)
    edits, lost = moved_edit(uow, box, motion, changed)
    if lost:
        raise _outdated(uow, box, motion, proposed)
    words = merged(motion.version.text, edits)

    def into(it: Motion) -> Motion:
        written = rules.write(
            it, actor, uow.now, sections={TEXT: words}, note=f"Ä{amendment} (geändert)"
        )
        return _with_state(
            written,
            (amendment,),
            AmendmentState.ADOPTED,
            adopted_in=written.version.number,
            adopted_as=clean,
        )

    return change(uow, box, number, actor, "amendments-adopted", into)


def choose(
    uow: UnitOfWork, box: Box, number: int, wanted: int, others: Collection[int], *, actor: str
) -> Motion:
    """Adopt one and reject those that it can't stand beside."""
    reject(uow, box, number, others, actor=actor)
    return adopt(uow, box, number, (wanted,), actor=actor)


def cosign(uow: UnitOfWork, box: Box, number: int, amendment: int, *, actor: str) -> Motion:
    """Stand behind an amendment as well; twice is once."""

    def signed(it: Amendment) -> Amendment:
        if actor in (it.author, *it.cosigners):
            return it
        return replace(it, cosigners=(*it.cosigners, actor))

    return _change_amendment(uow, box, number, [amendment], actor, signed)


def uncosign(uow: UnitOfWork, box: Box, number: int, amendment: int, *, actor: str) -> Motion:
    def without(it: Amendment) -> Amendment:
        return replace(it, cosigners=tuple(who for who in it.cosigners if who != actor))

    return _change_amendment(uow, box, number, [amendment], actor, without)


def origins(uow: UnitOfWork, box: Box, number: int) -> list[LineOrigin]:
    """Which version, and so which amendment, each line comes from."""
    newest = get_motion(uow, box, number).version.number
    return line_origins(get_version(uow, box, number, each) for each in range(1, newest + 1))


def reject(
    uow: UnitOfWork, box: Box, number: int, amendments: Collection[int], *, actor: str
) -> Motion:
    motion = get_motion(uow, box, number)
    rules.require_draft(motion)
    for one in amendments:
        _require_open(motion, one)
    return change(
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
    base = _base(uow, box, motion, amendment)
    return moved([edit_of(amendment, base.lines)], base.text, motion.version.text)


def _base(uow: UnitOfWork, box: Box, motion: Motion, amendment: Amendment) -> Version:
    """The version whose lines it speaks of."""
    if amendment.base == motion.version.number:
        return motion.version
    return get_version(uow, box, motion.number, amendment.base)


def _outdated(uow: UnitOfWork, box: Box, motion: Motion, amendment: Amendment) -> UserError:
    base = _base(uow, box, motion, amendment)
    return UserError(
        "amendment-outdated",
        "The lines that amendment {amendment} speaks of have changed since version "
        "{base}. Write it anew for the text as it is now, from line {line} on.",
        amendment=amendment.number,
        base=amendment.base,
        line=rules.line_now(max(1, amendment.first), base, motion.version),
    )


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
    adopted_as: str | None = None,
) -> Motion:
    changed = (
        replace(one, state=state, adopted_in=adopted_in, adopted_as=adopted_as)
        if one.number in numbers
        else one
        for one in motion.amendments
    )
    return replace(motion, amendments=tuple(changed))


def _change_amendment(
    uow: UnitOfWork,
    box: Box,
    number: int,
    amendments: Sequence[int],
    actor: str,
    how: Callable[[Amendment], Amendment],
) -> Motion:
    motion = get_motion(uow, box, number)
    rules.require_draft(motion)
    for one in amendments:
        _require_open(motion, one)
    changed = tuple(how(one) if one.number in amendments else one for one in motion.amendments)
    return change(uow, box, number, actor, "amended", lambda it: replace(it, amendments=changed))
