"""Sittings and closing days: shown with the motion, and said in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bots.motions import views
from tests.unit.motions.conftest import BEN, Chat, Message
from wecreate_module.domain.bodies import Bodies
from wecreate_module.domain.deadlines import Deadline, next_deadline, next_reminder
from wecreate_module.domain.motions import Motion, Version
from wecreate_module.services.bodies import shipped_bodies

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 25)
WORDS = Version(1, "Bänke", {"text": "Zehn."}, "@a:x", datetime(2026, 11, 1, tzinfo=UTC))
MOTION = Motion(1, "allgemein", WORDS, "@a:x", WORDS.at)
GENERAL = shipped_bodies().all[0]
SITTING = replace(
    GENERAL,
    days_before=14,
    closing_time="12:00",
    sittings=(date(2026, 12, 1), date(2027, 1, 20), date(2027, 3, 3)),
)


def test_the_next_sitting_is_one_that_can_still_be_reached() -> None:
    assert next_deadline(MOTION, SITTING, TODAY) == Deadline(
        date(2027, 1, 20), date(2027, 1, 6), "12:00"
    )
    assert next_deadline(MOTION, SITTING, date(2027, 1, 6)) is not None
    assert next_deadline(MOTION, SITTING, date(2027, 4, 1)) is None
    assert next_deadline(MOTION, GENERAL, TODAY) is None


def test_what_the_group_says_goes_before_what_the_pack_says() -> None:
    own = replace(MOTION, sitting=date(2027, 2, 1), closes=date(2027, 1, 30))
    assert next_deadline(own, SITTING, TODAY) == Deadline(
        date(2027, 2, 1), date(2027, 1, 30), "12:00"
    )
    without = replace(own, closes=None)
    assert next_deadline(without, GENERAL, TODAY) == Deadline(date(2027, 2, 1), None)


def test_reminders_come_in_the_morning_and_end_on_the_last_day() -> None:
    deadline = Deadline(date(2027, 4, 10), date(2027, 3, 29))  # the clocks change in between
    at = datetime(2027, 3, 1, tzinfo=UTC)
    mornings = []
    while (following := next_reminder(deadline, at, BERLIN)) is not None:
        at = following
        mornings.append(at.astimezone(BERLIN))
    assert [morning.date().isoformat() for morning in mornings] == [
        "2027-03-15",
        "2027-03-22",
        "2027-03-27",
        "2027-03-29",
    ]
    assert {morning.hour for morning in mornings} == {9}


@pytest.mark.usefixtures("motion")
def test_the_group_sets_a_sitting_and_is_reminded_until_it_is_handed_in(chat: Chat) -> None:
    told = chat.say("!antrag 1 sitzung 15.1.2027 bis 5.1.2027", BEN)
    assert told.motion["deadline"] == {"sitting": "2027-01-15", "last": "2027-01-05", "until": None}
    assert "einreichen bis" in chat.say("!antrag 1").text
    reminders = chat.passes(timedelta(days=40))
    assert [message.mentions for message in reminders] == [[BEN]] * 3
    assert "noch 14 Tage" in reminders[0].text
    assert "noch 2 Tage" in reminders[2].text
    chat.say("!antrag 1 begründung Schatten.", BEN)
    chat.say("!antrag 1 einreichen", BEN)
    chat.say("ja", BEN)
    assert chat.passes(timedelta(days=10)) == []


@pytest.mark.usefixtures("motion")
def test_another_date_replaces_the_one_before(chat: Chat) -> None:
    chat.say("!antrag 1 sitzung 15.1.2027 bis 5.1.2027", BEN)
    chat.say("!antrag 1 sitzung 15.3.2027", BEN)
    assert chat.passes(timedelta(days=60)) == []
    (reminder,) = chat.passes(timedelta(days=40))[:1]
    assert "das weiß ich nicht" in reminder.text
    assert chat.say("!antrag 1 sitzung 15.3.2027 bis 16.3.2027", BEN).code == "sitting-order"


@pytest.mark.usefixtures("motion")
def test_a_sitting_that_is_over_is_asked_again(chat: Chat) -> None:
    told = chat.say("!antrag 1 sitzung 3.3.2026", BEN)
    assert told.code == "sitting-over"
    assert "war schon" in told.text
    assert chat.say("!antrag 1").motion["deadline"] is None


def test_sittings_that_come_into_a_pack_later_are_found(
    chat: Chat, motion: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = views.body_of(Motion(1, motion.motion["body"], WORDS, "@a:x", WORDS.at))
    assert chat.passes(timedelta(days=3)) == []
    known = replace(body, sittings=(date(2026, 12, 24),), days_before=7)
    monkeypatch.setattr(views, "known_bodies", lambda: Bodies([known]))
    assert "Sitzung am Do 24.12." in chat.passes(timedelta(days=15))[0].text
