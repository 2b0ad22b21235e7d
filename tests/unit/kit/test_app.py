from __future__ import annotations

from typing import Any

import pytest

from bots.kit import basics
from bots.kit.app import App, Part
from bots.kit.context import Context, Keys, Origin, ServerFacts
from bots.kit.registry import Continuation, continuation
from bots.kit.situation import Situation
from wecreate_module.domain.effects import SetState

BOT = "@wecreate:x.example"
ANNA, BEN = "@anna:x.example", "@ben:x.example"


def context(chat: Any, uow: Any, sender: str = ANNA) -> Context:
    situation = Situation.of(chat.app, uow, "!box")
    assert situation is not None
    return situation.context(Origin("!box", sender, "$e"), chat.now, Keys("$e"))


def test_two_continuations_with_one_name_are_refused() -> None:
    @continuation("kit.asked")
    def again(_: Context, __: Any, ___: dict[str, Any]) -> None: ...

    assert isinstance(again, Continuation)
    with pytest.raises(ValueError, match=r"kit\.asked"):
        App.assemble(
            [basics.PART, Part(continuations=(again,))],
            bot_user_id=BOT,
            server=ServerFacts("x.example"),
        )


def test_effects_are_named_by_the_work_they_come_from(chat: Any) -> None:
    effect = SetState("!box", "m.room.topic", {"topic": "x"})
    with chat.store.begin(chat.now) as uow:
        ctx = context(chat, uow)
        first = ctx.put(effect, then="test.later", extra={"a": 1})
        second = ctx.put(effect)
        assert context(chat, uow).put(effect) == first
        assert first != second
        row = uow.outbox.get(first)
    assert (row.key, row.then, row.extra, row.box_id) == ("$e:0", "test.later", {"a": 1}, "b1")
    assert Origin.from_json({**row.origin, "unknown": 1}).sender == ANNA


def test_people_are_called_as_the_room_calls_them(chat: Any) -> None:
    with chat.store.begin(chat.now) as uow:
        ctx = context(chat, uow)
        assert ctx.display_name(ANNA) == "Anna Alt"
        assert ctx.display_name("@cem:far.example") == "cem"
        assert [member.user_id for member in ctx.members()] == [ANNA, BEN, BOT]


def test_another_person_reads_in_their_own_language(chat: Any) -> None:
    chat.person(BEN, language="de", timezone="Europe/Lisbon")
    with chat.store.begin(chat.now) as uow:
        ctx = context(chat, uow)
        assert (ctx.language, str(ctx.timezone)) == ("en", "Europe/Berlin")
        theirs = ctx.for_person(BEN)
        assert (theirs.language, str(theirs.timezone)) == ("de", "Europe/Lisbon")
        assert theirs.when(chat.now) == "Mo 23.11., 09:00"
        assert ctx.when(ctx.today) == "Mon 23 Nov"


def test_a_time_zone_that_is_gone_becomes_utc(chat: Any) -> None:
    chat.person(ANNA, timezone="Atlantis/Capital")
    with chat.store.begin(chat.now) as uow:
        assert str(context(chat, uow).timezone) == "UTC"


def test_creators_of_a_room_are_above_its_power_levels(chat: Any) -> None:
    with chat.store.begin(chat.now) as uow:
        assert context(chat, uow).power > 100
        assert context(chat, uow, BEN).power == 0
