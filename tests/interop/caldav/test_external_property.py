"""Any sequence of edits in chat, in a calendar program and elsewhere ends with all three equal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dav import ANNA, NOW, House, add_box, house
from tests.external import TiedBox, calendar_at, client_of
from tests.interop.caldav.programs import PlainRadicale
from wecreate_module.domain.events import Answer
from wecreate_module.services import calendars, events, external_calendars
from wecreate_module.services.events import EVERY, NewEvent
from wecreate_module.storage.calendars import Sharing
from wecreate_module.storage.ical_content import content_digest

CHAT, PHONE, FAR = "chat", "phone", "far"
TEXT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Other//Other//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261125T090000Z
DTSTART:20261201T180000Z
DTEND:20261201T190000Z
SUMMARY:{title}
X-FOREIGN;X-OF=another:{uid}
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:gleich
TRIGGER:-PT15M
END:VALARM
END:VEVENT
END:VCALENDAR
"""
_NUMBERS = count(1)


@dataclass(frozen=True)
class Version:
    """What somebody wrote. `foreign`: with an alarm and a property that WeCreate doesn't know."""

    title: str
    foreign: bool
    serial: int = field(default_factory=lambda: next(_NUMBERS))


@dataclass
class World:
    """A Box, a phone, a calendar elsewhere; and who has seen which version of what."""

    house: House
    box: TiedBox
    live: set[Version] = field(default_factory=set)
    here: dict[str, Version] = field(default_factory=dict)
    there: dict[str, Version] = field(default_factory=dict)

    def title(self) -> str:
        return f"T{next(_NUMBERS)}"

    def seen(self, where: str) -> dict[str, Version]:
        return self.there if where == FAR else self.here

    def wrote(self, where: str, uid: str, version: Version) -> None:
        """Over the version that this side saw; another's, made meanwhile, is none of those."""
        before = self.seen(where).get(uid)
        self.live -= {before} if before else set()
        self.live.add(version)
        self.seen(where)[uid] = version

    def add(self, where: str) -> None:
        title = self.title()
        if where == CHAT:
            new = NewEvent(title, start=datetime(2026, 12, 1, 18, tzinfo=UTC))
            with self.house.store.begin(NOW) as uow:
                uid = events.add_event(uow, self.box.box, new, actor=ANNA).uid
        else:
            uid = f"uid-{title}"
            self._put(where, uid, TEXT.format(uid=uid, title=title))
        self.wrote(where, uid, Version(title, foreign=where != CHAT))

    def change(self, where: str, uid: str) -> None:
        title = self.title()
        if where == CHAT:
            self.box.rename(self.box.objects()[uid].number, title)
        else:
            text = self.box.objects()[uid].text if where == PHONE else self.box.there()[uid]
            self._put(where, uid, re.sub("(?m)^SUMMARY:.*?$", f"SUMMARY:{title}", text))
        self.wrote(where, uid, Version(title, self.seen(where)[uid].foreign))

    def respond(self, uid: str) -> None:
        """In chat; the title stays, but it is another version."""
        number, before = self.box.objects()[uid].number, self.box.objects()[uid].etag
        answer = list(Answer)[next(_NUMBERS) % 3]
        with self.house.store.begin(NOW) as uow:
            events.respond(uow, self.box.box, number, answer, EVERY, actor=ANNA)
        if self.box.objects()[uid].etag != before:
            known = self.here[uid]
            self.wrote(CHAT, uid, Version(known.title, known.foreign))

    def delete(self, where: str, uid: str) -> None:
        if where == FAR:
            self.box.delete_there(uid)
        else:
            one = self.box.objects()[uid]
            path = self.house.events() + one.href
            assert self.house.ask("DELETE", path, If_Match=one.etag).status == 200
        self.live.discard(self.seen(where).pop(uid))

    def sync(self) -> None:
        self.box.sync()
        by_title = {version.title: version for version in sorted(self.live, key=_serial)}
        gone = {version.title: version for version in {*self.here.values(), *self.there.values()}}
        known = gone | by_title
        self.here = {
            uid: known[str(one.summary["title"])] for uid, one in self.box.objects().items()
        }
        self.there = {uid: known[_title(text)] for uid, text in self.box.there().items()}

    def _put(self, where: str, uid: str, text: str) -> None:
        body = "".join(f"{line}\r\n" for line in text.splitlines()).encode()
        if where == FAR:
            self.box.put_there(uid, body)
            return
        known = self.box.objects().get(uid)
        path = self.house.events() + (known.href if known else f"{uid}.ics")
        condition = {"If_Match": known.etag} if known else {"If_None_Match": "*"}
        assert self.house.put(path, body, **condition).status in {201, 204}


def _serial(version: Version) -> int:
    return version.serial


def _title(text: str) -> str:
    found = re.search(r"(?m)^SUMMARY:(.*?)\r?$", text)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, PlainRadicale]]:
    with (
        house(tmp_path_factory.mktemp("house")) as ours,
        PlainRadicale(tmp_path_factory.mktemp("far") / "radicale") as theirs,
    ):
        yield ours, theirs


steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["add", "add", "change", "change", "change", "respond", "delete", "sync", "sync"]
        ),
        st.sampled_from([CHAT, PHONE, FAR, FAR]),
        st.integers(0, 5),
    ),
    min_size=4,
    max_size=14,
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=steps)
def test_whatever_happens_all_three_end_equal_and_nothing_is_lost(
    servers: tuple[House, PlainRadicale], story: list[tuple[str, str, int]]
) -> None:
    ours, theirs = servers
    name = f"box{next(_NUMBERS)}"
    box = add_box(ours.store, name, {ANNA: "join"})
    with ours.store.begin(NOW) as uow:
        shared = calendars.share(uow, box, Sharing.WRITE, actor=ANNA)
    far = calendar_at(f"{theirs.url}anna/{name}/", theirs.username, theirs.password)
    with client_of(far) as client:
        client.mkcalendar(str(far.url))
        tied = TiedBox(ours.store, box, far)
        tied.tie(str(far.url), theirs.username, theirs.password)
        passwords = {ANNA: ours.password(ANNA)}
        world = World(House(ours.store, ours.port, box, shared, passwords), tied)
        world.sync()
        world.sync()
        for what, where, which in story:
            _step(world, what, where, which)
        _check(world)


def _step(world: World, what: str, where: str, which: int) -> None:
    if what == "sync":
        world.sync()
        return
    if what == "respond":
        where = CHAT
    known = sorted(world.seen(where))
    if what == "add" or not known:
        world.add(where)
        return
    uid = known[which % len(known)]
    if what == "respond":
        world.respond(uid)
    elif what == "change":
        world.change(where, uid)
    else:
        world.delete(PHONE if where == CHAT else where, uid)


def _check(world: World) -> None:
    world.box.sync()
    if world.box.state.stopped:
        with world.house.store.begin(NOW) as uow:
            external_calendars.answer_stop(uow, world.box.box, delete=True)
        world.box.sync()
    world.box.sync()
    with world.house.store.read(NOW) as uow:
        in_chat = {one.uid: one.title for one in uow.events.list(world.box.box.id)}
    on_phone = {uid: one.text for uid, one in world.box.objects().items()}
    elsewhere = world.box.there()
    assert Counter(in_chat.values()) == Counter(version.title for version in world.live)
    assert {uid: _title(text) for uid, text in on_phone.items()} == in_chat
    assert {uid: content_digest(text) for uid, text in elsewhere.items()} == {
        uid: content_digest(text) for uid, text in on_phone.items()
    }
    foreign = {version.title: version.foreign for version in world.live}
    for text in (*on_phone.values(), *elsewhere.values()):
        assert ("X-FOREIGN;X-OF=another:uid-" in text) is foreign[_title(text)]
        assert ("TRIGGER:-PT15M" in text) is foreign[_title(text)]
