"""Boxes with real encrypted clients over a real homeserver."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import nio
import pytest

from tests.clients import MatrixPerson, Message
from tests.disk import holding
from tests.e2e.our_bot import OurBot
from tests.servers import SynapseServer, quoted

DEADLINE = 120.0
CANARY = "Kanarienvogel-7f3a"
NAMES = count(1)
Json = dict[str, Any]


@dataclass(frozen=True)
class Stack:
    synapse: SynapseServer
    bot: OurBot


@dataclass(frozen=True)
class Two:
    """Anna, who is alone with the bot in `chat`, and Ben."""

    stack: Stack
    anna: MatrixPerson
    ben: MatrixPerson
    chat: str

    @property
    def bot(self) -> str:
        return self.stack.bot.user_id

    async def box(self, name: str = "Sommerfest") -> str:
        """A Box of anna's that ben has joined; its room id."""
        made = await self.anna.ask(self.chat, f"!box neu {name}", DEADLINE)
        room_id = str(made.data["box"]["room_id"])
        await self.anna.until_joined(room_id, self.bot, deadline=DEADLINE)
        await self.anna.ask(room_id, f"!box einladen {self.ben.user_id}", DEADLINE)
        await self.anna.until_joined(room_id, self.ben.user_id, deadline=DEADLINE)
        await self.ben.until_joined(room_id, self.bot, self.anna.user_id, deadline=DEADLINE)
        return room_id

    def state(self, room_id: str, kind: str, key: str = "") -> Json:
        return self.request("GET", f"/rooms/{quoted(room_id)}/state/{kind}/{quoted(key)}")

    def request(self, method: str, path: str, **body: str) -> Json:
        """As anna's client asks."""
        token = self.anna.client.access_token
        path = f"/_matrix/client/v3{path}"
        return self.stack.synapse.request(method, path, token, body or None)

    async def give_power(self, room_id: str) -> None:
        """Make the bot a moderator."""
        levels = self.state(room_id, "m.room.power_levels")
        levels["users"] = {**levels.get("users", {}), self.bot: 50}
        await self.anna.client.room_put_state(room_id, "m.room.power_levels", levels)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("boxes")
    module = {"bot": "@wecreate:localhost"}
    with SynapseServer(folder / "synapse", module=module) as synapse:
        bot = OurBot(folder / "wecreate", synapse)
        bot.start_and_wait()
        try:
            yield Stack(synapse, bot)
        finally:
            bot.stop()


@pytest.fixture
async def two(stack: Stack) -> AsyncIterator[Two]:
    number, secret = next(NAMES), stack.synapse.registration_shared_secret
    async with AsyncExitStack() as people:
        anna, ben = [
            await people.enter_async_context(
                await MatrixPerson.new(stack.synapse.url, secret, f"{name}{number}")
            )
            for name in ("anna", "ben")
        ]
        chat = await anna.direct_chat(stack.bot.user_id, DEADLINE)
        yield Two(stack, anna, ben, chat)


@pytest.fixture
def other(stack: Stack) -> Iterator[OurBot]:
    """Another group's bot on the same homeserver."""
    bot = OurBot(stack.bot.folder.parent / "other", stack.synapse, username="nachbar")
    bot.start_and_wait()
    yield bot
    bot.stop()


async def from_bot(two: Two, person: MatrixPerson, room_id: str, words: str) -> Message:
    return await person.wait_for(
        lambda seen: seen.room_id == room_id and seen.sender == two.bot and words in seen.body,
        DEADLINE,
        f"“{words}”",
    )


async def test_a_box_is_made_in_a_direct_chat_and_its_welcome_can_be_read(two: Two) -> None:
    made = await two.anna.ask(two.chat, "!box neu Sommerfest am See", DEADLINE)
    room_id = made.data["box"]["room_id"]
    await two.anna.until_joined(room_id, two.bot, deadline=DEADLINE)
    welcome = await from_bot(two, two.anna, room_id, "Willkommen")
    assert welcome.encrypted
    assert "<h4>📦 Sommerfest am See</h4>" in welcome.html
    create = two.state(room_id, "m.room.create")
    assert create["de.wecreate.box"] == {"version": 1, "bot": two.bot}
    assert create["additional_creators"] == [two.anna.user_id]
    assert two.state(room_id, "m.room.encryption")["algorithm"] == "m.megolm.v1.aes-sha2"
    assert two.state(room_id, "m.room.join_rules") == {"join_rule": "invite"}
    assert two.state(room_id, "m.room.name") == {"name": "Sommerfest am See"}
    await two.anna.react(room_id, welcome.event_id, "💡")
    overview = await from_bot(two, two.anna, room_id, "!hilfe")
    assert "einladen" in overview.body
    # What the bot does in a room comes in order, so the welcome is pinned by now.
    assert two.state(room_id, "m.room.pinned_events") == {"pinned": [welcome.event_id]}


async def test_people_are_invited_and_set_the_box_up(two: Two) -> None:
    room_id = await two.box()
    said = await two.anna.ask(room_id, f"!box einladen {two.ben.user_id} @niemand", DEADLINE)
    assert said.data["invited"] == {
        two.ben.user_id: "member",
        "@niemand:localhost": "unknown",
    }
    info = await two.ben.ask(room_id, "!box info", DEADLINE)
    assert info.data["box"]["members"] == sorted([two.anna.user_id, two.ben.user_id])
    refused = await two.ben.ask(room_id, "!box name Anders", DEADLINE)
    assert refused.result["error"]["code"] == "not-allowed"
    await two.anna.ask(room_id, "!box name Winterfest", DEADLINE)
    answer = await two.anna.ask(room_id, "!box sprache en", DEADLINE)
    assert answer.body == "From now on I speak English in this Box."
    assert two.state(room_id, "m.room.name") == {"name": "Winterfest"}
    assert two.state(room_id, "de.wecreate.settings")["language"] == "en"


async def test_the_export_comes_encrypted_and_opens(two: Two) -> None:
    room_id = await two.box("Export <b>& Co</b>")
    answer = await two.anna.ask(room_id, "!box export", DEADLINE)
    file = await two.ben.wait_for(
        lambda seen: seen.room_id == room_id and seen.msgtype == "m.file", DEADLINE, "the file"
    )
    assert file.encrypted
    assert file.content["body"] == answer.data["file"]["name"]
    data = await two.ben.fetch_file(file)
    assert len(data) == answer.data["file"]["size"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert json.loads(archive.read("box.json"))["box"]["room_id"] == room_id
        assert "Export &lt;b&gt;&amp; Co&lt;/b&gt;" in archive.read("index.html").decode()


async def test_a_deleted_box_leaves_nothing_that_can_be_read(two: Two) -> None:
    room_id = await two.box(f"Fest {CANARY}")
    archived = await two.anna.ask(room_id, "!box archivieren", DEADLINE)
    assert archived.data["box"]["state"] == "archived"
    asked = await two.anna.ask(room_id, "!box löschen", DEADLINE)
    assert CANARY in asked.body
    farewell = await two.anna.ask(room_id, f"fest {CANARY}", DEADLINE)
    assert farewell.data == {"deleted": {"room_id": room_id}}
    await two.anna.until(
        lambda: two.bot not in two.anna.client.rooms[room_id].users, "the bot's leave", DEADLINE
    )
    assert holding(two.stack.bot.folder, [CANARY.encode()]) == []


async def test_an_encrypted_group_becomes_a_box(two: Two) -> None:
    room_id = await group(two)
    await from_bot(two, two.anna, room_id, "!box einrichten")
    refused = await two.anna.ask(room_id, "!box einrichten", DEADLINE)
    assert refused.result["error"]["code"] == "bot-needs-moderator"
    await two.give_power(room_id)
    made = await until_done(two.anna, room_id, "!box einrichten")
    assert made.data["box"]["name"] == "Chor"
    assert two.state(room_id, "de.wecreate.box") == {"version": 1, "bot": two.bot}
    info = await two.anna.ask(room_id, "!box info", DEADLINE)
    assert info.data["box"]["id"] == made.data["box"]["id"]


async def test_a_box_moves_along_when_its_room_is_upgraded(two: Two) -> None:
    old = await adopted(two)
    await two.anna.ask(old, "!aufgabe Noten kopieren", DEADLINE)
    box = (await two.anna.ask(old, "!box info", DEADLINE)).data["box"]
    new = str(
        two.request("POST", f"/rooms/{quoted(old)}/upgrade", new_version="12")["replacement_room"]
    )
    assert two.state(new, "m.room.encryption")["algorithm"] == "m.megolm.v1.aes-sha2"
    two.request("POST", f"/rooms/{quoted(new)}/invite", user_id=two.bot)
    await two.anna.until_joined(new, two.bot, deadline=DEADLINE)
    await two.give_power(new)
    made = await until_done(two.anna, new, "!box einrichten")
    assert made.data["box"]["id"] == box["id"]
    tasks = await two.anna.ask(new, "!aufgaben", DEADLINE)
    assert [task["title"] for task in tasks.data["tasks"]] == ["Noten kopieren"]


async def test_another_wecreate_bot_in_the_room_keeps_silent(two: Two, other: OurBot) -> None:
    room_id = await two.box()
    two.request("POST", f"/rooms/{quoted(room_id)}/invite", user_id=other.user_id)
    await two.anna.until_joined(room_id, other.user_id, deadline=DEADLINE)
    answer = await two.anna.ask(room_id, "!aufgabe Zelt leihen", DEADLINE)
    assert answer.sender == two.bot
    # The other one is awake: it answers where it is asked.
    chat = await two.anna.direct_chat(other.user_id, DEADLINE)
    assert (await two.anna.ask(chat, "!ping", DEADLINE)).sender == other.user_id
    in_box = [seen for seen in two.anna.messages.values() if seen.room_id == room_id]
    spoken = [seen for seen in in_box if seen.sender == other.user_id]
    assert [seen.content["membership"] for seen in spoken] == ["join"]


async def test_a_room_made_with_the_marker_in_a_client_is_a_box_at_once(two: Two) -> None:
    marker = {"de.wecreate.box": {"version": 1, "bot": two.bot}}
    body = {"name": "Werkstatt", "creation_content": marker}
    token = two.anna.client.access_token
    made = two.stack.synapse.request("POST", "/_matrix/client/v3/createRoom", token, body)
    room_id = str(made["room_id"])
    await two.anna.until_joined(room_id, two.bot, deadline=DEADLINE)
    await from_bot(two, two.anna, room_id, "Willkommen")
    info = await two.anna.ask(room_id, "!box info", DEADLINE)
    assert info.data["box"]["name"] == "Werkstatt"


async def group(two: Two) -> str:
    """An encrypted room of anna's with a bot that has no power in it."""
    made = await two.anna.client.room_create(
        name="Chor",
        preset=nio.RoomPreset.private_chat,
        invite=[two.bot],
        initial_state=[nio.EnableEncryptionBuilder().as_dict()],
    )
    assert isinstance(made, nio.RoomCreateResponse)
    await two.anna.until_joined(made.room_id, two.bot, deadline=DEADLINE)
    return str(made.room_id)


async def adopted(two: Two) -> str:
    """A group that has become a Box."""
    room_id = await group(two)
    await two.give_power(room_id)
    await until_done(two.anna, room_id, "!box einrichten")
    return room_id


async def until_done(person: MatrixPerson, room_id: str, command: str) -> Message:
    """Ask again while the bot has not yet seen what was changed in the room."""
    for _ in range(20):
        answer = await person.ask(room_id, command, DEADLINE)
        if answer.result["ok"]:
            return answer
    raise AssertionError(answer.body)


def test_the_bots_folder_is_where_it_is_looked_for(stack: Stack) -> None:
    names = {path.name for path in Path(stack.bot.folder).rglob("*")}
    assert {"wecreate.db", "keys.db", "wecreate.key"} <= names
