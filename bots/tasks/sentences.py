"""What people write behind `!aufgabe` and `!aufgaben`: a title with its marks, a filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bots.kit.arguments import AND, Person, find_person
from bots.kit.context import Context
from bots.kit.registry import plain_word
from bots.kit.wording import remark_skipped
from wecreate_module.domain import tasks as rules
from wecreate_module.domain.dates import (
    Moment,
    Recurrence,
    find_moment,
    find_recurrence,
    parse_moment,
)
from wecreate_module.domain.dates.moments import moment_of
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.tasks import Group, Priority, TaskFilter, TaskStatus
from wecreate_module.services.recurrence import Due
from wecreate_module.services.tasks import NewTask

_LABEL = re.compile(r"#([^\W\d_][\w-]*)[,;.]?$")
_DUE = {"bis", "due", "by"}
_ME = {"mich", "mir", "ich", "me", "myself", "i"}
PRIORITIES: Mapping[str, Priority] = {
    "hoch": Priority.HIGH,
    "wichtig": Priority.HIGH,
    "dringend": Priority.HIGH,
    "high": Priority.HIGH,
    "important": Priority.HIGH,
    "urgent": Priority.HIGH,
    "normal": Priority.NORMAL,
    "niedrig": Priority.LOW,
    "low": Priority.LOW,
}


@dataclass
class _Marks:
    """What was marked by a sign, and the words left."""

    words: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    priority: Priority | None = None


def read_task(text: str, ctx: Context) -> NewTask:
    """`Kuchen backen @ben bis Freitag #fest !hoch jede Woche`; further lines are the note."""
    first, _, note = text.strip().partition("\n")
    marks = _Marks()
    words = first.split()
    while words:
        del words[: _sort(words, marks, ctx)]
    title, due, recurrence = _dates(" ".join(marks.words), ctx)
    if not any(char.isalpha() for char in title):
        raise UserError("title-missing", "What is to be done? Write it like !task Bake a cake")
    return NewTask(
        title=title,
        due=due,
        assignees=tuple(dict.fromkeys(marks.people)),
        labels=tuple(marks.labels),
        priority=Priority.NORMAL if marks.priority is None else marks.priority,
        description=note,
        recurrence=recurrence,
    )


def _sort(words: list[str], marks: _Marks, ctx: Context) -> int:
    """Put the first word where it belongs; how many it took ("@Ben Meier" are two)."""
    word = words[0]
    if word.startswith("@") and len(word) > 1:
        length = Person().take(words, ctx)
        marks.people.append(person(" ".join(words[:length]), ctx))
        rules.require_room_for(marks.people)
        return length + _links(words[length:])
    if label := _LABEL.match(word):
        marks.labels.append(label[1])
    elif word.startswith("!") and (named := PRIORITIES.get(plain_word(word[1:]))):
        marks.priority = _only_one(marks.priority, named)
    else:
        marks.words.append(word)
    return 1


def _only_one(before: Priority | None, named: Priority) -> Priority:
    if before not in (None, named):
        raise UserError(
            "two-priorities", "It says twice how urgent it is. Write only one, like !high"
        )
    return named


def _links(words: list[str]) -> int:
    """1 for the "und" of "@ben und @eva", which is no word of the title; else 0."""
    return int(words[0].casefold() in AND and words[1].startswith("@")) if words[1:] else 0


def person(word: str, ctx: Context) -> str:
    """`@ben`, `@ben:server`, `@Ben Meier`, `@mich`."""
    name = word.rstrip(",;")
    return find_person(name[1:] if name[1:].casefold() in _ME else name, ctx)


def _dates(text: str, ctx: Context) -> tuple[str, Due | None, Recurrence | None]:
    """The title, and when: a date and a repetition in any order."""
    repeated = find_recurrence(text, ctx.now, ctx.timezone)
    if repeated is not None:
        text = repeated[1]
    found = find_moment(text, ctx.now, ctx.timezone)
    if found is not None:
        text = found[1]
        if repeated is None and (repeated := find_recurrence(text, ctx.now, ctx.timezone)):
            text = repeated[1]
    due = None if found is None else found[0].value
    if found is not None:
        remark_skipped(ctx, found[0])
        _require_no_other_date(text, ctx)
    if repeated is None:
        return text, due, None
    return text, *_together(due, repeated[0], ctx)


def _require_no_other_date(title: str, ctx: Context) -> None:
    """Raise UserError for "Kuchen bis morgen", when a date was taken from behind it already.

    The "Montag bis Freitag" of a title is a span, and no second date.
    """
    words = title.split()
    at = max((at for at, word in enumerate(words) if word.casefold() in _DUE), default=0)
    if at and _is_date(" ".join(words[at + 1 :]), ctx) and not _is_date(words[at - 1], ctx):
        raise UserError("two-dates", "There are two dates in it. Write only one, like due friday")


def _is_date(text: str, ctx: Context) -> bool:
    try:
        parse_moment(text, ctx.now, ctx.timezone)
    except UserError:
        return False
    return True


def _together(
    due: Due | None, recurrence: Recurrence, ctx: Context
) -> tuple[Due | None, Recurrence]:
    """Put together: "jede Woche bis Freitag" is due on Friday, "täglich bis Freitag" ends there."""
    until = recurrence.until
    if due is None and until is not None and not recurrence.own_day:
        due, recurrence = until.value, replace(recurrence, until=None)
    at = recurrence.time
    if at is not None and due is not None and not isinstance(due, datetime):
        moment = moment_of(datetime.combine(due, at), ctx.timezone)
        remark_skipped(ctx, moment)
        due = moment.value
    return due, recurrence


# Filters of `!aufgaben`; each word narrows the list down.

Narrow = Callable[[TaskFilter], TaskFilter]


def _status(*statuses: TaskStatus) -> Narrow:
    return lambda wanted: replace(wanted, statuses=statuses)


def _group(*groups: Group) -> Narrow:
    return lambda wanted: replace(wanted, groups=(*wanted.groups, *groups))


def _urgency(priority: Priority) -> Narrow:
    return lambda wanted: replace(wanted, priority=priority)


_CHOICES: Mapping[str, Narrow] = {
    word: narrow
    for words, narrow in {
        "offen offene open": _status(TaskStatus.OPEN),
        "erledigt erledigte fertig done finished": _status(TaskStatus.DONE),
        "abgebrochen abgebrochene cancelled canceled": _status(TaskStatus.CANCELLED),
        "alle alles all everything": _status(*TaskStatus),
        "ueberfaellig ueberfaellige overdue late": _group(Group.OVERDUE),
        "heute today": _group(Group.TODAY),
        "morgen morgige tomorrow": _group(Group.TOMORROW),
        "woche week": _group(Group.TODAY, Group.TOMORROW, Group.WEEK),
        "spaeter later": _group(Group.LATER),
        "irgendwann someday datum date": _group(Group.SOMEDAY),
        "frei freie niemand nobody unassigned free": lambda w: replace(w, unassigned=True),
    }.items()
    for word in words.split()
} | {word: _urgency(priority) for word, priority in PRIORITIES.items()}
_MINE = {*_ME, "meine", "meins", "mine", "my"}
_FILLERS = {"diese", "dieser", "this", "the", "fuer", "von", "for", "of", "und", "and"} | {
    *("ohne", "no", "without", "aufgaben", "tasks", "nur", "only", "mit", "with"),
}


def read_filter(text: str, ctx: Context) -> TaskFilter:
    """`ich`, `@ben`, `#fest`, `erledigt`, `überfällig`, `diese Woche`, `hoch`, in any order."""
    wanted = TaskFilter()
    for word in text.split():
        wanted = _narrowed(wanted, word.strip(",;"), ctx)
    return wanted


def _narrowed(wanted: TaskFilter, word: str, ctx: Context) -> TaskFilter:
    plain = plain_word(word.lstrip("!"))
    if plain in _FILLERS or not plain:
        return wanted
    if plain in _CHOICES:
        return _CHOICES[plain](wanted)
    if label := _LABEL.match(word):
        return replace(wanted, labels=(*wanted.labels, label[1]))
    who = ctx.sender if plain in _MINE else _somebody(word, ctx)
    return replace(wanted, people=(*wanted.people, who))


def _somebody(word: str, ctx: Context) -> str:
    """A person, with or without @; what is nobody's name is no filter at all."""
    if word.startswith("@"):
        return person(word, ctx)
    try:
        return find_person(word, ctx)
    except UserError as error:
        if error.code != "unknown-person":
            raise
        raise UserError(
            "filter-unknown",
            "I can't filter by “{word}”. These work: me, @name, #label, today, week, overdue, "
            "done, all.",
            word=word[:40],
        ) from error


def read_moment(text: str, ctx: Context) -> Moment:
    """In the time zone of whoever typed it; a time that the clocks skip is remarked on."""
    moment = parse_moment(text, ctx.now, ctx.timezone)
    remark_skipped(ctx, moment)
    return moment
