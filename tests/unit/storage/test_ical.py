from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Todo

from wecreate_module.domain.tasks import ChecklistItem, Priority, Task, TaskStatus
from wecreate_module.storage.ical import ICalendarError, ical_to_task, task_to_ical

unhurried = settings(deadline=None)  # examples take longer on a busy machine

NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
PLAIN = Task(3, "uid-3", "Kuchen backen", "@anna:x.org", NOW)

FOREIGN = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tasks.org//android-130801//EN
X-WR-CALNAME:Garten
BEGIN:VTODO
DTSTAMP:20261101T100000Z
UID:uid-3
CREATED:20261101T100000Z
LAST-MODIFIED:20261101T100000Z
SUMMARY;LANGUAGE=de:Kuchen backen
DESCRIPTION;ALTREP="http://example.org/1":lang und breit
PRIORITY:2
STATUS:IN-PROCESS
PERCENT-COMPLETE:40
GEO:48.2;16.3
ATTENDEE;CN=Fritz;PARTSTAT=ACCEPTED:mailto:fritz@example.org
ATTENDEE:matrix:u/ben:x.org
X-APPLE-SORT-ORDER:12
RELATED-TO;RELTYPE=PARENT:uid-1
SEQUENCE:4
BEGIN:VALARM
TRIGGER:-PT15M
ACTION:DISPLAY
DESCRIPTION:Klingeling
X-FOO:bar
END:VALARM
END:VTODO
END:VCALENDAR
""".replace("\n", "\r\n")


def todo_of(text: str) -> Todo:
    calendar = Calendar.from_ical(text)
    [todo] = calendar.walk("VTODO")
    assert isinstance(todo, Todo)
    return todo


def rewritten(task: Task, text: str) -> Task:
    return ical_to_task(task_to_ical(task, text, LATER), known=replace(PLAIN, number=task.number))


def test_a_plain_task_says_no_more_than_it_must() -> None:
    names = set(todo_of(task_to_ical(PLAIN, None, NOW)))
    assert names == {"UID", "DTSTAMP", "CREATED", "SUMMARY", "STATUS", "X-WECREATE-CREATED-BY"}


def test_a_due_date_is_a_date() -> None:
    text = task_to_ical(replace(PLAIN, due=date(2026, 12, 24)), None, NOW)
    assert "DUE;VALUE=DATE:20261224\r\n" in text
    assert "DTSTART" not in text
    assert "VTIMEZONE" not in text


def test_a_due_time_has_its_zone_with_yearly_rules() -> None:
    text = task_to_ical(replace(PLAIN, due=datetime(2026, 12, 1, 18, tzinfo=BERLIN)), None, NOW)
    assert "DUE;TZID=Europe/Berlin:20261201T180000\r\n" in text
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert text.count("RRULE:FREQ=YEARLY") == 2
    assert "RDATE" not in text


def test_a_due_time_in_utc_needs_no_zone() -> None:
    text = task_to_ical(replace(PLAIN, due=datetime(2026, 12, 1, 17, tzinfo=UTC)), None, NOW)
    assert "DUE:20261201T170000Z\r\n" in text
    assert "VTIMEZONE" not in text


def test_the_second_of_two_equal_hours_is_said_in_utc() -> None:
    due = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN)
    text = task_to_ical(replace(PLAIN, due=due), None, NOW)
    assert "DUE:20261025T013000Z\r\n" in text
    assert "VTIMEZONE" not in text


def test_a_zone_that_no_yearly_rule_says_is_said_in_utc() -> None:
    due = datetime(2026, 7, 10, 12, tzinfo=ZoneInfo("Africa/Cairo"))
    text = task_to_ical(replace(PLAIN, due=due), None, NOW)
    assert f"DUE:{due.astimezone(UTC):%Y%m%dT%H%M%SZ}\r\n" in text


def test_a_recurring_task_has_the_start_that_recurrence_counts_from() -> None:
    weekly = replace(PLAIN, due=date(2026, 12, 1), rrule="FREQ=WEEKLY")
    text = task_to_ical(weekly, None, NOW)
    assert "DTSTART;VALUE=DATE:20261201\r\n" in text
    moved = task_to_ical(replace(weekly, due=date(2026, 12, 8)), text, LATER)
    assert "DTSTART;VALUE=DATE:20261208\r\n" in moved
    timed = task_to_ical(replace(weekly, due=datetime(2026, 12, 8, 9, tzinfo=UTC)), moved, LATER)
    assert "DTSTART:20261208T090000Z\r\n" in timed
    assert "DTSTART" not in task_to_ical(replace(weekly, due=None, rrule=None), timed, LATER)


@pytest.mark.parametrize("due", [date(2026, 12, 1), datetime(2026, 12, 1, 9, tzinfo=UTC)])
def test_a_start_that_contradicts_the_new_due_moves_with_it(due: date) -> None:
    text = FOREIGN.replace("GEO:", "DTSTART;VALUE=DATE:20261205\r\nDUE;VALUE=DATE:20261210\r\nGEO:")
    task = replace(ical_to_task(text, known=PLAIN), due=due)
    todo = todo_of(task_to_ical(task, text, LATER))
    assert todo.DTSTART == todo.DUE == due


def test_an_earlier_start_stays() -> None:
    text = FOREIGN.replace("GEO:", "DTSTART;VALUE=DATE:20261205\r\nDUE;VALUE=DATE:20261210\r\nGEO:")
    task = replace(ical_to_task(text, known=PLAIN), due=date(2026, 12, 6))
    todo = todo_of(task_to_ical(task, text, LATER))
    assert date(2026, 12, 5) == todo.DTSTART
    assert date(2026, 12, 6) == todo.DUE


def test_a_foreign_task_is_understood() -> None:
    assert ical_to_task(FOREIGN, number=7) == Task(
        number=7,
        uid="uid-3",
        title="Kuchen backen",
        created_by="",
        created_at=datetime(2026, 11, 1, 10, tzinfo=UTC),
        description="lang und breit",
        priority=Priority.HIGH,
        assignees=("@ben:x.org",),
    )


def test_what_did_not_change_stays_to_the_letter() -> None:
    task = ical_to_task(FOREIGN, known=PLAIN)
    text = task_to_ical(replace(task, title="Torte backen"), FOREIGN, LATER)
    changed = {"SUMMARY", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE"}
    kept = [
        line for line in FOREIGN.split("\r\n") if line.split(":")[0].split(";")[0] not in changed
    ]
    assert [line for line in text.split("\r\n") if line in kept] == kept
    assert "SUMMARY:Torte backen\r\n" in text
    assert "SEQUENCE:5\r\n" in text
    assert "LAST-MODIFIED:20261122T193000Z\r\n" in text


def test_done_and_open_again() -> None:
    task = ical_to_task(FOREIGN, known=PLAIN)
    done = replace(task, status=TaskStatus.DONE, finished_at=LATER, finished_by="@ben:x.org")
    text = task_to_ical(done, FOREIGN, LATER)
    assert "STATUS:COMPLETED" in text
    assert "COMPLETED:20261122T193000Z" in text
    assert ical_to_task(text, known=PLAIN) == done
    again = task_to_ical(task, text, LATER)
    assert ical_to_task(again, known=done) == task
    assert "COMPLETE" not in again


def test_assignees_of_other_programs_stay() -> None:
    task = replace(ical_to_task(FOREIGN, known=PLAIN), assignees=("@cem/x=1:y.org",))
    text = task_to_ical(task, FOREIGN, LATER)
    assert "ATTENDEE;CN=Fritz;PARTSTAT=ACCEPTED:mailto:fritz@example.org" in text
    assert "ben" not in text
    assert ical_to_task(text, known=PLAIN).assignees == ("@cem/x=1:y.org",)


def test_a_time_without_a_zone_is_meant_where_the_reader_says() -> None:
    text = FOREIGN.replace("GEO:", "DUE:20261201T180000\r\nGEO:")
    task = ical_to_task(text, zone=BERLIN)
    assert task.due == datetime(2026, 12, 1, 18, tzinfo=BERLIN)
    assert "DUE:20261201T180000\r\n" in task_to_ical(replace(task, title="x"), text, LATER)


def test_a_duration_gives_the_due() -> None:
    text = FOREIGN.replace("GEO:", "DTSTART:20261201T180000Z\r\nDURATION:PT2H\r\nGEO:")
    task = ical_to_task(text)
    assert task.due == datetime(2026, 12, 1, 20, tzinfo=UTC)
    assert "DURATION:PT2H" in task_to_ical(replace(task, title="x"), text, LATER)
    later = task_to_ical(replace(task, due=LATER + timedelta(days=20)), text, LATER)
    assert "DURATION" not in later


def test_windows_names_of_zones_are_known() -> None:
    text = FOREIGN.replace("GEO:", "DUE;TZID=W. Europe Standard Time:20260801T190000\r\nGEO:")
    assert ical_to_task(text).due == datetime(2026, 8, 1, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        FOREIGN[:200],
        FOREIGN.replace("PRIORITY:2", "PRIORITY:hoch"),
        FOREIGN.replace("GEO:", "RRULE:FREQ=SOMETIMES\r\nGEO:"),
        FOREIGN.replace("GEO:", "DUE:31.02.2026\r\nGEO:"),
    ],
)
def test_what_is_no_task_is_refused(text: str) -> None:
    with pytest.raises(ICalendarError):
        ical_to_task(text)


@unhurried
@given(st.text(max_size=300) | st.sampled_from(FOREIGN.split("\r\n")).map(lambda line: line[1:]))
def test_no_text_makes_it_fall_over(noise: str) -> None:
    for text in (noise, FOREIGN.replace("GEO:48.2;16.3", noise)):
        try:
            task = ical_to_task(text, known=PLAIN)
        except ICalendarError:
            continue
        task_to_ical(replace(task, title="x", due=date(2026, 12, 1)), text, LATER)


texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t"), max_size=80
)
words = texts.filter(lambda text: bool(text.strip()))
users = st.builds(
    "@{}:{}".format,
    st.text("abcäÖ-=/._+%#? ", min_size=1, max_size=20),
    st.sampled_from(["x.org", "y.org:8448", "[::1]:80"]),
)
FIRST = datetime(2026, 1, 1)  # noqa: DTZ001  hypothesis wants bounds without a zone
instants = st.datetimes(
    FIRST, FIRST + timedelta(days=3650), timezones=st.timezones(), allow_imaginary=False
)
dues = st.none() | st.dates(date(2026, 1, 1)) | instants.map(lambda due: due.replace(microsecond=0))
rules = st.sampled_from([None, "FREQ=WEEKLY", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=DAILY;INTERVAL=3"])
finished = st.datetimes(FIRST, timezones=st.just(UTC))


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    status = draw(st.sampled_from(TaskStatus))
    closed = status is not TaskStatus.OPEN
    return replace(
        PLAIN,
        title=draw(texts),
        description=draw(texts),
        status=status,
        due=draw(dues),
        assignees=tuple(draw(st.lists(users, max_size=3))),
        labels=tuple(draw(st.lists(words, max_size=3))),
        priority=draw(st.sampled_from(Priority)),
        items=tuple(draw(st.lists(st.builds(ChecklistItem, texts, st.booleans()), max_size=3))),
        rrule=draw(rules),
        finished_by=draw(users) if closed else None,
        finished_at=draw(finished).replace(microsecond=0) if closed else None,
    )


def same_instant(task: Task) -> Task:
    """Two times are compared by the clock if they are of one zone; here the instant counts."""
    due = task.due
    return replace(task, due=due.astimezone(UTC) if isinstance(due, datetime) else due)


@unhurried
@given(tasks())
def test_a_task_survives_the_way_through_icalendar(task: Task) -> None:
    found = ical_to_task(task_to_ical(task, None, NOW), known=PLAIN)
    assert same_instant(found) == same_instant(task)


@unhurried
@given(tasks(), tasks())
def test_a_task_written_over_another_is_the_new_one(first: Task, second: Task) -> None:
    text = task_to_ical(second, task_to_ical(first, None, NOW), LATER)
    assert same_instant(ical_to_task(text, known=PLAIN)) == same_instant(second)


@unhurried
@given(tasks())
def test_foreign_properties_survive_any_change(task: Task) -> None:
    text = task_to_ical(task, FOREIGN, LATER)
    todo = todo_of(text)
    before = todo_of(FOREIGN)
    for name in ("GEO", "X-APPLE-SORT-ORDER", "RELATED-TO"):
        assert todo[name].to_ical() == before[name].to_ical()
    assert [part.to_ical() for part in todo.walk("VALARM")] == [
        part.to_ical() for part in before.walk("VALARM")
    ]
    assert "X-WR-CALNAME:Garten\r\n" in text
    assert "mailto:fritz@example.org" in text
    assert same_instant(rewritten(task, FOREIGN)) == same_instant(
        replace(task, created_at=datetime(2026, 11, 1, 10, tzinfo=UTC))
    )
