"""What a motion is, and what can be done with one: pure functions from a motion to the next.

Each raises UserError where it can't be done. `who` is a user id, `now` the instant it happens.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from wecreate_module.domain.amendments import Amendment
from wecreate_module.domain.bodies import TEXT
from wecreate_module.domain.boxes import JOINER
from wecreate_module.domain.diffs import diff, line_map
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.lines import RULES, WIDTH, Line, break_lines
from wecreate_module.domain.mail import Mailing
from wecreate_module.domain.outcomes import News, Origin
from wecreate_module.domain.votes import VoteResult

MAX_TITLE = 250
MAX_TEXT = 150_000
MAX_OPEN = 500
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACES = re.compile(r" {2,}")
_MARK = "[\\u0300-\\u036f\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f]"
# More marks upon one letter than any language has (UAX #15, stream-safe text) only break things.
_STACKED = re.compile(f"({_MARK}{{30}}){_MARK}+")


class MotionState(StrEnum):
    DRAFT = "draft"
    SENDING = "sending"
    """Its mail is on the way out: the words stay, and it may come back as a draft."""
    SUBMITTED = "submitted"
    ADOPTED = "adopted"
    REJECTED = "rejected"
    REFERRED = "referred"
    DEFERRED = "deferred"
    NOTED = "noted"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({MotionState.DRAFT})
DECIDED = frozenset(
    {MotionState.ADOPTED, MotionState.REJECTED, MotionState.NOTED, MotionState.SETTLED}
)


@dataclass(frozen=True)
class Version:
    """The motion's words at one time; never changed afterwards. `sections` by their key."""

    number: int
    title: str
    sections: Mapping[str, str]
    author: str
    at: datetime
    note: str = ""
    """What made it, for the history: "Ä1", "Ä1, Ä2"; empty for an ordinary edit."""
    rules: int = RULES
    width: int = WIDTH

    @property
    def text(self) -> str:
        return self.sections.get(TEXT, "")

    @property
    def lines(self) -> tuple[Line, ...]:
        """The numbered lines, by the rules that this version was written under."""
        return break_lines(self.text, self.rules, self.width)

    @property
    def agreed(self) -> str:
        """The words as agreed, always written the same: JSON of the title and all sections."""
        words = [self.title, sorted((key, text) for key, text in self.sections.items() if text)]
        return json.dumps(words, ensure_ascii=False, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        """Of the words as agreed: what a document says that it holds."""
        return hashlib.sha256(self.agreed.encode()).hexdigest()


@dataclass(frozen=True)
class Cosignature:
    """Somebody stands behind the words of this version."""

    who: str
    version: int
    at: datetime
    chapter: str = ""
    """For which chapter they sign, where the body counts chapters."""
    event_id: str = ""
    """The reaction that it was given by, so that taking that back takes this back."""


@dataclass(frozen=True)
class Motion:
    """A draft for a body, or what became of it. Numbers are the Box's own."""

    number: int
    body: str
    version: Version
    created_by: str
    created_at: datetime
    state: MotionState = MotionState.DRAFT
    substance: int = 1
    """The latest version that changed what is asked for: older signatures no longer count."""
    cosigners: tuple[Cosignature, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    body_number: str = ""
    remark: str = ""
    votes: tuple[VoteResult, ...] = ()
    mailing: Mailing | None = None
    news: tuple[News, ...] = ()
    decided_text: str = ""
    origin: Origin | None = None
    first_idea: datetime | None = None
    """When it began in the Box that handed it on first; None when it began here."""
    sitting: date | None = None
    closes: date | None = None
    """The sitting it is meant for and the last day to hand in, where the group said so."""
    revision: int = 0

    @property
    def title(self) -> str:
        return self.version.title

    @property
    def signed(self) -> tuple[str, ...]:
        """Who stands behind the words as they are now."""
        return tuple(each.who for each in self.cosigners if each.version >= self.substance)

    @property
    def chapters(self) -> frozenset[str]:
        """The chapters whose people stand behind the words as they are now."""
        signed = (each for each in self.cosigners if each.version >= self.substance)
        return frozenset(each.chapter for each in signed if each.chapter)

    @property
    def asked_again(self) -> tuple[str, ...]:
        """Who signed words that have changed since."""
        return tuple(each.who for each in self.cosigners if each.version < self.substance)

    @property
    def days_to_submission(self) -> int | None:
        """From the first word to handing in; the figure this project exists to shorten."""
        return None if self.submitted_at is None else (self.submitted_at - self.began).days

    @property
    def days_to_decision(self) -> int | None:
        return None if self.decided_at is None else (self.decided_at - self.began).days

    @property
    def began(self) -> datetime:
        """The first idea, wherever it was."""
        return self.first_idea or self.created_at

    def amendment(self, number: int) -> Amendment:
        for each in self.amendments:
            if each.number == number:
                return each
        raise UserError(
            "amendment-not-found",
            "Motion {motion} has no amendment {number}. See it with !motion {motion}",
            motion=self.number,
            number=number,
        )


# What people type, made fit to keep


def clean_wording(text: str) -> str:
    """Paragraphs on lines of their own, without control or direction characters.

    Raises UserError beyond MAX_TEXT characters.
    """
    if len(text) > MAX_TEXT:
        raise UserError(
            "motion-text-too-long",
            "That is too long: {length} characters, at most {most} fit.",
            length=len(text),
            most=MAX_TEXT,
        )
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _STACKED.sub(r"\1", text)
    kept = "".join(char if char == "\n" else _visible(char) for char in text)
    lines = (_SPACES.sub(" ", line).strip(" ") for line in kept.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def _visible(char: str) -> str:
    """What turns text around or hides in it goes; other spaces become ordinary ones.

    Emoji that are newer than this Python's tables stay.
    """
    if char.isprintable() or char == JOINER or "\U0001f000" <= char <= "\U0001faff":
        return char
    return "" if unicodedata.category(char) in {"Cf", "Cs", "Co", "Cn"} else " "


def clean_title(text: str) -> str:
    title = clean_wording(text).replace("\n", " ")
    title = _SPACES.sub(" ", title)
    if not title:
        raise UserError("motion-title-missing", "A motion needs a title. Write a few words.")
    if len(title) > MAX_TITLE:
        raise UserError(
            "motion-title-too-long",
            "That is too long: {length} characters, at most {most} fit.",
            length=len(title),
            most=MAX_TITLE,
        )
    return title


# Changes


def write(
    motion: Motion,
    who: str,
    now: datetime,
    *,
    title: str | None = None,
    note: str = "",
    sections: Mapping[str, str] | None = None,
) -> Motion:
    """The next version with these words; the same motion when none of them differ."""
    require_draft(motion)
    before = motion.version
    words = {**before.sections, **(sections or {})}
    words = {key: clean_wording(text) for key, text in words.items() if text}
    words = {key: text for key, text in words.items() if text}
    heading = before.title if title is None else clean_title(title)
    if words == dict(before.sections) and heading == before.title:
        return motion
    version = Version(before.number + 1, heading, words, who, now, note, RULES, WIDTH)
    same = words.get(TEXT) == before.sections.get(TEXT) and heading == before.title
    return replace(motion, version=version, substance=motion.substance if same else version.number)


def lines_between(version: Version, first: int, last: int) -> tuple[Line, ...]:
    """Lines by number; UserError for those that are not there."""
    lines = version.lines
    if not 1 <= first <= last <= len(lines):
        raise no_such_line(first if first < 1 or first > len(lines) else last, version)
    return lines[first - 1 : last]


def line_now(number: int, then: Version, now: Version) -> int:
    """Where a line of an older version is in a newer one, or what stands in its place.

    The first one where the older had none; UserError where no text is left.
    """
    if not now.lines:
        raise no_such_line(number, now)
    found = line_map(then.lines, now.lines, diff(then.text, now.text))
    return found[number - 1] if found else 1


def no_such_line(number: int, version: Version) -> UserError:
    count = len(version.lines)
    if not count:
        return UserError("motion-no-text", "This motion has no text yet, so it has no lines.")
    return UserError(
        "line-not-found",
        "There is no line {number} in version {version}; the lines go from 1 to {count}.",
        number=number,
        version=version.number,
        count=count,
    )


def require_draft(motion: Motion) -> None:
    if motion.state not in OPEN:
        raise UserError(
            "motion-frozen",
            "Motion {number} was handed in and stays as it is.",
            number=motion.number,
        )


def cosign(
    motion: Motion, who: str, now: datetime, *, chapter: str = "", event_id: str = ""
) -> Motion:
    """Sign the words as they are now; signing twice is signing once."""
    require_draft(motion)
    before = next((each for each in motion.cosigners if each.who == who), None)
    if who in motion.signed and before is not None and chapter in {"", before.chapter}:
        return motion
    others = tuple(each for each in motion.cosigners if each.who != who)
    chapter = chapter or (before.chapter if before is not None else "")
    signature = Cosignature(who, motion.version.number, now, chapter, event_id)
    return replace(motion, cosigners=(*others, signature))


def uncosign(motion: Motion, who: str) -> Motion:
    require_draft(motion)
    return replace(motion, cosigners=tuple(each for each in motion.cosigners if each.who != who))


_AFTER_REFERRAL = DECIDED | {MotionState.WITHDRAWN}
_NEXT: Mapping[MotionState, frozenset[MotionState]] = {
    MotionState.DRAFT: frozenset(
        {MotionState.SENDING, MotionState.SUBMITTED, MotionState.WITHDRAWN}
    ),
    MotionState.SENDING: frozenset({MotionState.DRAFT, MotionState.SUBMITTED}),
    MotionState.SUBMITTED: frozenset(
        {
            MotionState.ADOPTED,
            MotionState.REJECTED,
            MotionState.REFERRED,
            MotionState.DEFERRED,
            MotionState.NOTED,
            MotionState.SETTLED,
            MotionState.WITHDRAWN,
        }
    ),
    MotionState.REFERRED: _AFTER_REFERRAL | {MotionState.DEFERRED},
    MotionState.DEFERRED: _AFTER_REFERRAL | {MotionState.REFERRED},
    MotionState.WITHDRAWN: frozenset({MotionState.DRAFT}),
}


def move_on(
    motion: Motion, state: MotionState, now: datetime, *, body_number: str = "", remark: str = ""
) -> Motion:
    """What became of it; UserError where that can't follow."""
    if state is not motion.state and state not in _NEXT.get(motion.state, frozenset()):
        raise UserError(
            "motion-state-order",
            "Motion {number} can't go from there to that. Has it been handed in? "
            "Then first: !motion {number} status submitted",
            number=motion.number,
        )
    decided = state in DECIDED
    if state is MotionState.DRAFT and motion.submitted_at is not None:
        require_draft(motion)  # what was handed in is never written anew
    return replace(
        motion,
        state=state,
        submitted_at=motion.submitted_at or (now if state is MotionState.SUBMITTED else None),
        decided_at=(motion.decided_at or now) if decided else motion.decided_at,
        body_number=body_number or motion.body_number,
        remark=remark or motion.remark,
    )
