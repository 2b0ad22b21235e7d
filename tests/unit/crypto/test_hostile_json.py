"""Any JSON in any place: nothing raises but what is meant to, and the machine works on."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.kit.crypto.attachments import BrokenAttachment, _opener
from bots.kit.crypto.results import MissingKey, Undecryptable
from bots.kit.crypto.trust import identity_of, is_signed
from tests.unit.crypto.fake_homeserver import ROOM, FakeServer, Party

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = "type sender content algorithm ciphertext sender_key body code room_id session_id"
KNOWN_NAMES = st.sampled_from([*NAMES.split(), "session_key", "action", "requesting_device_id"])
OBJECT = st.dictionaries(KNOWN_NAMES, ANY, max_size=6)


class Pair:
    """A bot with a true message for it, made once for all examples."""

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp())
        self.server = FakeServer()
        self.anna = Party(self.server, folder / "a", "@anna:test", "A")
        self.bot = Party(self.server, folder / "b", "@bot:test", "A")
        asyncio.run(self._talk())

    async def _talk(self) -> None:
        await self.anna.sync()
        await self.bot.sync()
        self.event = await self.anna.say("hallo", self.bot)
        self.response = self.server.sync("@bot:test", "A")
        await self.bot.machine.devices.query(["@anna:test"])


_pairs: list[Pair] = []


def pair() -> Pair:
    if not _pairs:
        _pairs.append(Pair())
    return _pairs[0]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [path]
    if isinstance(value, dict):
        for name, inner in value.items():
            found += places(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += places(inner, (*path, index))
    return found


def spoiled(value: Any, path: tuple[Any, ...], replacement: Any) -> Any:
    if not path:
        return replacement
    changed = copy.deepcopy(value)
    target = changed
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = replacement
    return changed


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data(), replacement=ANY | OBJECT)
def test_a_sync_response_spoiled_anywhere_never_raises(
    data: st.DataObject, replacement: Any
) -> None:
    here = pair()
    place = data.draw(st.sampled_from(places(here.response)))
    changed = spoiled(here.response, place, replacement)
    here.bot.machine.receive_sync(changed)
    assert here.bot.machine.status().device_id == "A"


@settings(max_examples=100, deadline=None)
@given(events=st.lists(OBJECT | ANY, max_size=4), lists=ANY | OBJECT, counts=ANY | OBJECT)
def test_made_up_to_device_messages_never_raise(events: Any, lists: Any, counts: Any) -> None:
    response = {
        "to_device": {"events": events},
        "device_lists": lists,
        "device_one_time_keys_count": counts,
    }
    pair().bot.machine.receive_sync(response)


@settings(max_examples=100, deadline=None)
@given(kind=st.sampled_from(["m.room_key", "m.forwarded_room_key", "m.dummy", ""]), content=OBJECT)
def test_anything_inside_a_true_olm_message_never_raises(kind: str, content: Any) -> None:
    here = pair()
    (device,) = here.anna.machine.devices.active("@bot:test")
    sealed = here.anna.machine.channel.encrypt(device, kind, content)
    event = {"type": "m.room.encrypted", "sender": "@anna:test", "content": sealed}
    here.bot.machine.receive_sync({"to_device": {"events": [event]}})


@settings(max_examples=150, deadline=None)
@given(data=st.data(), replacement=ANY | OBJECT)
def test_an_event_spoiled_anywhere_is_refused_in_the_known_ways(
    data: st.DataObject, replacement: Any
) -> None:
    here = pair()
    place = data.draw(st.sampled_from(places(here.event)))
    changed = spoiled(here.event, place, replacement)
    with contextlib.suppress(MissingKey, Undecryptable):
        here.bot.machine.decrypt(ROOM, changed)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), replacement=ANY | OBJECT)
def test_a_device_list_spoiled_anywhere_never_raises(data: st.DataObject, replacement: Any) -> None:
    here = pair()
    true = {"device_keys": {"@anna:test": here.server.devices["@anna:test"]}, "failures": {}}
    changed = spoiled(true, data.draw(st.sampled_from(places(true))), replacement)
    if not isinstance(changed, dict):
        return
    here.bot.machine.devices.want("@anna:test")
    answer = here.server.answer
    here.server.answer = lambda *_: changed  # type: ignore[method-assign] # the spoiled answer
    try:
        asyncio.run(here.bot.machine.devices.query(["@anna:test"]))
    finally:
        here.server.answer = answer  # type: ignore[method-assign] # as it was


@settings(max_examples=100, deadline=None)
@given(value=st.dictionaries(st.text(max_size=5), ANY), key=st.text(max_size=50))
def test_signatures_and_identities_of_nonsense_are_just_wrong(value: Any, key: str) -> None:
    assert not is_signed({**value, "signatures": {"@a:b": {"ed25519:X": key}}}, "@a:b", "X", key)
    assert identity_of("@a:b", value) is None


@settings(max_examples=50, deadline=None)
@given(file=st.dictionaries(st.sampled_from(["v", "key", "iv", "hashes", "url"]), ANY | OBJECT))
def test_a_nonsense_file_key_is_a_broken_attachment(file: Any) -> None:
    with contextlib.suppress(BrokenAttachment):
        _opener(file)
