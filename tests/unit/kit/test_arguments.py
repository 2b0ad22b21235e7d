from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.kit.arguments import (
    ArgumentType,
    Choice,
    Language,
    Number,
    Numbers,
    Person,
    Persons,
    Text,
    Timezone,
)
from bots.kit.context import Context, Keys
from bots.kit.incoming import Incoming
from bots.kit.situation import Situation, origin_of
from wecreate_module.domain.errors import UserError
from wecreate_module.storage.rooms import Member

ANNA, BEN, BOX = "@anna:x.example", "@ben:x.example", "!box"


@pytest.fixture
def ctx(chat: Any) -> Iterator[Context]:
    with chat.store.begin(chat.now) as uow:
        uow.rooms.set_member(BOX, "@ben.two:x.example", "join", "Ben Zwei")
        uow.rooms.set_member(BOX, "@cem:far.example", "join", "Dr. Cem Öz")
        uow.rooms.set_member(BOX, "@gone:x.example", "leave", "Gone")
        situation = Situation.of(chat.app, uow, BOX)
        assert situation is not None
        yield situation.context(origin_of(Incoming(BOX, "$e", ANNA)), chat.now, Keys("k"))


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (Number(), "3", 3),
        (Number(), "#12", 12),
        (Number(), "3.", 3),
        (Numbers(), "3, 4.", (3, 4)),
        (Numbers(), "3,4 5", (3, 4, 5)),
        (Numbers(), "3, #4; 3", (3, 4)),
        (Numbers(), "3-5 und 9", (3, 4, 5, 9)),
        (Text(), "  a  b ", "a  b"),
        (Text(), "a\u00a0b \u202e👩\u200d🌾", "a b 👩\u200d🌾"),
        (Person(), "mich", ANNA),
        (Person(), "ME", ANNA),
        (Person(), "@mich", ANNA),
        (Person(), BEN, BEN),
        (Person(), "@ben", BEN),
        (Person(), "Ben", BEN),
        (Person(), "Ben Zwei", "@ben.two:x.example"),
        (Person(), "dr. cem öz", "@cem:far.example"),
        (Person(), "Anna", ANNA),
        (Person(known_only=False), "@new:far.example", "@new:far.example"),
        (Person(known_only=False), "@new", "@new:x.example"),
        (Persons(), "ben, Ben Zwei und mich", (BEN, "@ben.two:x.example", ANNA)),
        (Persons(), f"{BEN} @ben", (BEN,)),
        (Choice({"on": ("an", "on"), "off": ("aus", "off")}), "AN", "on"),
        (Language(), "Deutsch", "de"),
        (Language(), "english", "en"),
        (Timezone(), "Europe/Berlin", "Europe/Berlin"),
        (Timezone(), "berlin", "Europe/Berlin"),
        (Timezone(), "New York", "America/New_York"),
        (Timezone(), "Wien", "Europe/Vienna"),
        (Timezone(), "München", "Europe/Berlin"),
        (Timezone(), "MEZ", "Europe/Berlin"),
        (Timezone(), "Berlin, Deutschland", "Europe/Berlin"),
    ],
)
def test_what_is_typed_becomes_a_value(
    ctx: Context, kind: ArgumentType[Any], typed: str, value: object
) -> None:
    assert kind.parse(typed, ctx) == value
    assert kind.take(typed.split(), ctx) == len(typed.split())


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        (Number(), "three", "not-a-number"),
        (Number(), "-3", "not-a-number"),
        (Number(), "9" * 5000, "not-a-number"),
        (Number(), "٣x", "not-a-number"),
        (Numbers(), "", "not-a-number"),
        (Numbers(), "3,x", "not-a-number"),
        (Numbers(), "5-3", "not-a-number"),
        (Numbers(), "1-999999999", "too-many"),
        (Numbers(most=2), "1 2 3", "too-many"),
        (Text(5), "too long", "text-too-long"),
        (Text(), " \u200b ", "empty-text"),
        (Person(), "@nobody", "unknown-person"),
        (Person(), "@gone:x.example", "not-a-member"),
        (Person(), "<b>", "unknown-person"),
        (Person(known_only=False), "new person", "unknown-person"),
        (Person(), "wecreate", "unknown-person"),
        (Persons(), " , ", "no-person"),
        (Persons(most=1), "ben anna", "too-many"),
        (Choice({"on": ("an", "on")}), "x" * 500, "unknown-choice"),
        (Language(), "fr", "unknown-choice"),
        (Timezone(), "Mars", "unknown-timezone"),
        (Timezone(), "GMT+1", "unknown-timezone"),  # by that name the zone west of Greenwich
        (Timezone(), "Etc/GMT-2", "unknown-timezone"),
        (Timezone(), "../../etc/passwd", "unknown-timezone"),
    ],
)
def test_what_is_wrong_is_said(
    ctx: Context, kind: ArgumentType[Any], typed: str, code: str
) -> None:
    with pytest.raises(UserError) as raised:
        kind.parse(typed, ctx)
    assert raised.value.code == code
    assert len(str(raised.value)) < 400


def test_one_name_for_two_people_is_asked_back(ctx: Context) -> None:
    ctx.uow.rooms.set_members(BOX, [Member("@eva:a", "join", "Eva"), Member("@eva:b", "join", "E")])
    with pytest.raises(UserError) as raised:
        Person().parse("eva", ctx)
    assert raised.value.code == "several-people"
    assert "@eva:a" in str(raised.value)


@pytest.mark.parametrize(
    ("typed", "people"),
    [
        ("Meier, Eva", ("@em:x.example",)),
        ("Eva", ("@em:x.example",)),
        ("@Meier, Eva und @Sonne", ("@em:x.example", "@s:x.example")),
        ("☀️ Sonne,Ben", ("@s:x.example", BEN)),
    ],
)
def test_names_may_have_commas_and_begin_with_an_emoji(
    ctx: Context, typed: str, people: tuple[str, ...]
) -> None:
    named = [("@em:x.example", "Meier, Eva"), ("@s:x.example", "☀️ Sonne")]
    ctx.uow.rooms.set_members(BOX, [Member(user, "join", name) for user, name in named])
    assert Persons().parse(typed, ctx) == people


def test_arguments_take_only_the_words_that_are_theirs(ctx: Context) -> None:
    assert Numbers().take(["3,4", "5", "now"], ctx) == 2
    assert Numbers().take(["3", "und", "now"], ctx) == 1
    assert Choice({"on": ("an",)}).take(["foo"], ctx) == 0
    assert Person().take(["Ben", "Zwei", "bis"], ctx) == 2
    assert Person().take(["ben", "bis"], ctx) == 1
    assert Number().take([], ctx) == 0


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=50,
)
@given(typed=st.text(max_size=300))
@pytest.mark.parametrize(
    "kind",
    [
        Number(),
        Numbers(),
        Text(),
        Person(),
        Person(known_only=False),
        Persons(),
        Language(),
        Timezone(),
    ],
)
def test_any_text_is_a_value_or_refused(ctx: Context, kind: ArgumentType[Any], typed: str) -> None:
    words = typed.split()
    assert 0 <= kind.take(words, ctx) <= len(words)
    with contextlib.suppress(UserError):
        kind.parse(typed, ctx)
