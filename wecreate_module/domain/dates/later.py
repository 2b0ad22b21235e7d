"""So much later than now, or than a day: in 3 Tagen, in a fortnight, two weeks from Monday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from wecreate_module.domain.dates.days import Day, add_days, add_months, check_year
from wecreate_module.domain.dates.tokens import Reader
from wecreate_module.domain.dates.words import HALF, NUMBERS, UNITS, UNITS_AND_LETTERS, WEEKDAYS

WEEK = 7
_MONTHS_A_YEAR = 12
_MINUTES = {"minute": 1, "hour": 60}
_SHORT_SPANS = {"viertelstunde": 15, "dreiviertelstunde": 45}


def read_later(reader: Reader) -> Day | None:
    """In 3 Tagen, in einer halben Stunde, within two weeks; "2 Wochen" where expected."""
    marked = reader.skip({"in", "within", "innerhalb", "von"}) > 0
    if not marked and not reader.strict:
        return None
    if marked and (whole := reader.attempt(_in_one_word)):
        return whole
    amount = reader.first(_half, _decimal, _count)
    unit = None if amount is None else reader.look_up(UNITS_AND_LETTERS if marked else UNITS)
    if amount is None or unit is None:
        return None
    amount += 0.5 if reader.take("and", "a", "half") else 0
    if unit == "week" and not marked and (later := reader.attempt(_coming_weekday)):
        return Day(add_days(later, int(amount) * WEEK))
    if unit in _MINUTES:
        return _later_today(reader, amount * _MINUTES[unit], marked=marked)
    _from_now(reader)
    if unit == "year":
        amount, unit = amount * _MONTHS_A_YEAR, "month"
    return _days_on(reader, int(amount), unit) if amount == int(amount) else None


def hours_from_now(reader: Reader) -> Day | None:
    """The "in 3 Stunden" of "heute in 3 Stunden"."""
    found = read_later(reader) if reader.peek().text == "in" else None
    return found if found is not None and isinstance(found.value, datetime) else None


def whole_days(reader: Reader) -> int | None:
    """The "in 2 Wochen" behind "heute" or "Freitag", in days."""
    if not reader.take("in"):
        return None
    count, unit = _count(reader), reader.look_up(UNITS)
    if count is None or unit not in {"day", "week"}:
        return None
    return int(count) * (WEEK if unit == "week" else 1)


def whole_weeks(reader: Reader) -> int | None:
    """The "in 8 Tagen" behind "Montag", in days: people count both Mondays, and mean a week."""
    days = whole_days(reader)
    if days is None or days % WEEK > 1 or days < WEEK:
        return None
    return days - days % WEEK


def plain_weekday(reader: Reader) -> int | None:
    reader.skip({"am", "on", ","})
    return reader.look_up(WEEKDAYS)


def today_of(reader: Reader) -> date:
    return reader.now.date()


def _later_today(reader: Reader, minutes: float, *, marked: bool) -> Day:
    if marked:
        minutes += reader.attempt(_and_minutes) or 0
    _from_now(reader)
    return Day(_instant(reader.now, minutes))


def _in_one_word(reader: Reader) -> Day | None:
    """In einer Viertelstunde, in a fortnight."""
    reader.look_up(NUMBERS)
    if minutes := reader.look_up(_SHORT_SPANS):
        return Day(_instant(reader.now, minutes))
    return Day(add_days(today_of(reader), 2 * WEEK)) if reader.take("fortnight") else None


def _and_minutes(reader: Reader) -> int | None:
    """The rest of "in 1 Stunde 30 Minuten", "in 1h30"."""
    glued = reader.tokens[reader.at - 1].end == reader.peek().start
    reader.skip({"und", "and"})
    minutes = _count(reader)
    if minutes is None or minutes >= _MINUTES["hour"]:
        return None
    return int(minutes) if reader.look_up(UNITS_AND_LETTERS) == "minute" or glued else None


def _coming_weekday(reader: Reader) -> date | None:
    """The Monday of "a week on Monday", "two weeks from Monday": the one to come."""
    if not reader.take_any({"on", "from"}):
        return None
    weekday = reader.look_up(WEEKDAYS)
    if weekday is None:
        return None
    today = today_of(reader)
    return add_days(today, (weekday - today.weekday()) % WEEK or WEEK)


def _from_now(reader: Reader) -> None:
    """What "in" says already: "two weeks from now", "in two weeks' time"."""
    reader.skip({"'", "\u2019"})
    if not (reader.take("from", "now") or reader.take("from", "today")):
        reader.take("time")


def _days_on(reader: Reader, count: int, unit: str) -> Day:
    if unit == "week":
        found = add_days(today_of(reader), count * WEEK)
        weekday = reader.attempt(plain_weekday)
        return Day(found if weekday is None else add_days(found, weekday - found.weekday()))
    if unit == "day":
        return Day(add_days(today_of(reader), count))
    return Day(add_months(today_of(reader), count))


def _instant(now: datetime, minutes: float) -> datetime:
    """So much later by the clock on the wall of the world: DST does not stretch an hour."""
    check_year(now.year + int(minutes) // (366 * 24 * 60))
    later = now.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=minutes)
    return later.astimezone(now.tzinfo)


def _half(reader: Reader) -> float | None:
    """Einer halben, half an, anderthalb."""
    if reader.take_any({"anderthalb", "eineinhalb"}):
        return 1.5
    reader.look_up(NUMBERS)
    if not reader.take_any(HALF):
        return None
    reader.skip({"a", "an"})
    return 0.5


def _decimal(reader: Reader) -> float | None:
    """1,5 and 1.5; zweieinhalb."""
    whole, comma, part = reader.peek(), reader.peek(1), reader.peek(2)
    if whole.kind == "pair":
        reader.at += 1
        return float(whole.text)
    if (whole.kind, comma.text, part.kind) == ("number", ",", "number") and len(part.text) == 1:
        reader.at += 3
        return whole.number + part.number / 10
    halves = whole.text.removesuffix("einhalb")
    if halves != whole.text and halves in NUMBERS:
        reader.at += 1
        return NUMBERS[halves] + 0.5
    return None


def _count(reader: Reader) -> float | None:
    token = reader.peek()
    if token.kind == "number":
        reader.at += 1
        return token.number
    return reader.look_up(NUMBERS)
