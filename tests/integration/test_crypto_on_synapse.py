"""The bot's identity and encryption against a real Synapse and other people's clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from bots.kit.client import Homeserver, MatrixError, Unreachable
from bots.kit.crypto.attachments import decrypted, upload_encrypted
from bots.kit.crypto.errors import IdentityError, StoreError
from bots.kit.crypto.identity import (
    IdentitySettings,
    open_identity,
    renew_identity,
    server_view,
)
from bots.kit.crypto.machine import CryptoMachine
from tests.clients import MatrixPerson
from tests.interop.js_client import JsClient
from tests.servers import SynapseServer

Json = dict[str, Any]


@pytest.fixture(scope="module")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SynapseServer]:
    with SynapseServer(tmp_path_factory.mktemp("crypto-synapse")) as server:
        yield server


def settings_for(server: SynapseServer, name: str, **changes: Any) -> IdentitySettings:
    known = {"registration_secret": server.registration_shared_secret, **changes}
    return IdentitySettings(homeserver=server.url, user_id=server.user_id(name), **known)


class Bot:
    """The least that a bot does: sync, join, read, answer."""

    def __init__(self, homeserver: Homeserver, machine: CryptoMachine) -> None:
        self.homeserver = homeserver
        self.machine = machine
        self.since: str | None = None
        self.seen: dict[str, Json] = {}

    async def sync(self, timeout_ms: int = 0) -> None:
        answer = await self.homeserver.sync(self.since, timeout_ms)
        self.machine.receive_sync(answer, initial=self.since is None)
        self.since = answer["next_batch"]
        await self.machine.upkeep()
        rooms = answer.get("rooms", {})
        for room_id in rooms.get("invite", {}):
            await self.homeserver.join(room_id)
        for room_id, room in rooms.get("join", {}).items():
            for event in room["timeline"]["events"]:
                self.seen[event["event_id"]] = {**event, "room_id": room_id}

    async def until_seen(self, event_id: str) -> Json:
        for _ in range(60):
            if event_id in self.seen:
                return self.seen[event_id]
            await self.sync(timeout_ms=1000)
        raise AssertionError(f"{event_id} has not come")

    async def read(self, event_id: str) -> Json:
        event = await self.until_seen(event_id)
        return self.machine.decrypt(event["room_id"], event).content

    async def answer(self, room_id: str, event_id: str, text: str) -> str:
        path = f"/_matrix/client/v3/rooms/{quote(room_id)}/joined_members"
        members = (await self.homeserver.request("GET", path))["joined"]
        relation = {"m.in_reply_to": {"event_id": event_id}}
        content = {"msgtype": "m.notice", "body": text, "m.relates_to": relation}
        sealed = await self.machine.encrypt(room_id, members, "m.room.message", content)
        return await self.homeserver.send_event(room_id, "m.room.encrypted", event_id, sealed)


@asynccontextmanager
async def bot_at(settings: IdentitySettings, folder: Path) -> AsyncIterator[Bot]:
    homeserver, machine = await open_identity(settings, folder)
    try:
        yield Bot(homeserver, machine)
    finally:
        machine.close()
        await homeserver.close()


async def chat_of(person: MatrixPerson, bot: Bot) -> str:
    """A new encrypted direct chat of the two; its room id."""
    chat = asyncio.create_task(person.direct_chat(bot.homeserver.user_id))
    while not chat.done():
        await bot.sync(timeout_ms=500)
    return await chat


async def test_the_first_start_makes_an_account_and_the_second_is_the_same_device(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    settings = settings_for(homeserver, "erste")
    async with bot_at(settings, tmp_path) as bot:
        first = bot.machine.status()
        view = await server_view(bot.homeserver, bot.machine)
    assert view == {"cross_signed": True, "one_time_keys": 50}
    for name in ("identity.json", "seeds.json", "store.key", "password", "crypto.db", "lock"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600, name
    async with bot_at(settings, tmp_path) as bot:
        second = bot.machine.status()
    assert (second.device_id, second.ed25519) == (first.device_id, first.ed25519)
    assert second.cross_signed


async def test_the_bot_is_called_as_the_settings_say(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    for name in ("WeCreate", "Helga"):
        settings = settings_for(homeserver, "namen", device_name=name)
        async with bot_at(settings, tmp_path) as bot:
            shown = await bot.homeserver.profile(bot.homeserver.user_id)
            assert shown["displayname"] == name


async def test_two_bots_on_one_directory_are_refused(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    settings = settings_for(homeserver, "doppelt")
    async with bot_at(settings, tmp_path):
        with pytest.raises(StoreError, match="Another bot is running"):
            await open_identity(settings, tmp_path)


async def test_a_strict_client_shares_its_keys_and_sees_no_shield(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    homeserver.register("jana", "secret")
    settings = settings_for(homeserver, "gezeichnet", trust="cross-signed")
    async with bot_at(settings, tmp_path / "bot") as bot, JsClient(tmp_path / "jana.log") as jana:
        await jana.login(homeserver.url, "jana", "secret", only_signed=True)
        created = await jana.call("create_direct_chat", user_id=bot.homeserver.user_id)
        room_id = created["room_id"]
        await bot.sync()
        await jana.until_joined(room_id, bot.homeserver.user_id)
        asked = await jana.say(room_id, "!hilfe")
        assert (await bot.read(asked))["body"] == "!hilfe"
        event = await bot.until_seen(asked)
        assert bot.machine.decrypt(room_id, event).trusted
        await bot.answer(room_id, asked, "Gern.")
        answer = await jana.answer_to(room_id, asked)
        own = await bot.homeserver.get_event(room_id, answer.event_id)
        assert bot.machine.decrypt(room_id, own).content["body"] == "Gern."
    assert (answer.body, answer.encrypted, answer.shield) == ("Gern.", True, "none")


async def test_a_nio_client_and_the_bot_understand_each_other(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    secret = homeserver.registration_shared_secret
    settings = settings_for(homeserver, "nachbar")
    async with (
        bot_at(settings, tmp_path) as bot,
        await MatrixPerson.new(homeserver.url, secret, "nora") as nora,
    ):
        room_id = await chat_of(nora, bot)
        asked = await nora.say(room_id, "Hallo Bot")
        assert (await bot.read(asked))["body"] == "Hallo Bot"
        await bot.answer(room_id, asked, "Hallo Nora")
        answer = await nora.wait_for(lambda seen: seen.reply_to == asked)
        assert answer.body == "Hallo Nora"


async def test_the_server_counts_nothing_for_the_bot_and_for_people_as_ever(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    secret = homeserver.registration_shared_secret
    async with (
        bot_at(settings_for(homeserver, "leise"), tmp_path) as bot,
        await MatrixPerson.new(homeserver.url, secret, "lena") as lena,
    ):
        room_id = await chat_of(lena, bot)
        asked = await lena.say(room_id, "Hallo Bot")
        await bot.until_seen(asked)
        answered = await bot.answer(room_id, asked, "Hallo Lena")

        def pushed(token: str | None) -> list[str]:
            path = "/_matrix/client/v3/notifications"
            found = homeserver.request("GET", path, token)["notifications"]
            return [one["event"]["event_id"] for one in found]

        assert pushed(lena.client.access_token) == [answered]
        assert pushed(bot.homeserver.access_token) == []


async def test_trap_3_keys_drained_on_a_real_server_are_refilled(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    async with (
        bot_at(settings_for(homeserver, "leer"), tmp_path / "leer") as bot,
        bot_at(settings_for(homeserver, "durst"), tmp_path / "durst") as thirsty,
    ):
        await bot.sync()
        wanted = {bot.homeserver.user_id: {bot.homeserver.device_id: "signed_curve25519"}}
        for _ in range(51):  # the fallback key is the last
            await thirsty.homeserver.request(
                "POST", "/_matrix/client/v3/keys/claim", {"one_time_keys": wanted}
            )
        assert (await server_view(bot.homeserver, bot.machine))["one_time_keys"] == 0
        await bot.sync()
        assert bot.machine.status().one_time_keys == 50
        assert (await server_view(bot.homeserver, bot.machine))["one_time_keys"] == 50
        answer = await bot.homeserver.sync(bot.since, 0)
        assert answer["device_unused_fallback_key_types"] == ["signed_curve25519"]


async def test_a_file_goes_up_encrypted_and_comes_back(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    file = tmp_path / "protokoll.pdf"
    file.write_bytes(bytes(range(256)) * 2000)
    async with bot_at(settings_for(homeserver, "bote"), tmp_path / "bot") as bot:
        info = await upload_encrypted(bot.homeserver, file)
        stream = bot.homeserver.download_stream(info["url"])
        opened = b"".join([piece async for piece in decrypted(stream, info)])
        with pytest.raises(MatrixError) as raised:
            await bot.homeserver.download(info["url"], max_bytes=1000)
    assert opened == file.read_bytes()
    assert raised.value.errcode == "M_TOO_LARGE"


async def test_a_bot_that_was_signed_out_is_told_what_to_do(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    settings = settings_for(homeserver, "fort")
    async with bot_at(settings, tmp_path) as bot:
        await bot.homeserver.request("POST", "/_matrix/client/v3/logout")
    with pytest.raises(IdentityError, match=r"remove identity\.json and crypto\.db"):
        await open_identity(settings, tmp_path)
    (tmp_path / "identity.json").unlink()
    (tmp_path / "crypto.db").unlink()
    async with bot_at(settings, tmp_path) as bot:
        assert (await server_view(bot.homeserver, bot.machine))["cross_signed"]


async def test_a_lost_store_is_refused_instead_of_breaking_the_device(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    settings = settings_for(homeserver, "verloren")
    async with bot_at(settings, tmp_path):
        pass
    (tmp_path / "crypto.db").unlink()
    with pytest.raises(IdentityError, match="is not the one of device"):
        await open_identity(settings, tmp_path)


async def test_lost_seeds_are_refused_until_an_explicit_reset(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    settings = settings_for(homeserver, "samen")
    async with bot_at(settings, tmp_path):
        pass
    (tmp_path / "seeds.json").unlink()
    with pytest.raises(IdentityError, match="another cross-signing identity"):
        await open_identity(settings, tmp_path)
    await renew_identity(settings, tmp_path)
    async with bot_at(settings, tmp_path) as bot:
        assert (await server_view(bot.homeserver, bot.machine))["cross_signed"]


async def test_wrong_secrets_and_passwords_are_named(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    wrong = settings_for(homeserver, "falsch", registration_secret="guess")
    with pytest.raises(IdentityError, match="registration_shared_secret"):
        await open_identity(wrong, tmp_path)
    wrong = settings_for(homeserver, "falsch", registration_secret=None, password="guess")
    with pytest.raises(IdentityError, match="refuses the password"):
        await open_identity(wrong, tmp_path)
    missing = settings_for(homeserver, "falsch", registration_secret=None)
    with pytest.raises(IdentityError, match="has no password"):
        await open_identity(missing, tmp_path)


async def test_a_directory_of_another_bot_is_refused(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    async with bot_at(settings_for(homeserver, "einer"), tmp_path):
        pass
    with pytest.raises(IdentityError, match="belongs to"):
        await open_identity(settings_for(homeserver, "anderer"), tmp_path)
    (tmp_path / "identity.json").write_text("{")
    with pytest.raises(IdentityError, match="wecreate restore"):
        await open_identity(settings_for(homeserver, "einer"), tmp_path)


async def test_a_homeserver_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    settings = IdentitySettings("http://127.0.0.1:9", "@bot:test", password="x")
    with pytest.raises(Unreachable):
        await open_identity(settings, tmp_path)


async def test_errors_and_answers_of_the_client_api(
    homeserver: SynapseServer, tmp_path: Path
) -> None:
    async with bot_at(settings_for(homeserver, "frager"), tmp_path) as bot:
        client = bot.homeserver
        room_id = await client.create_room({"preset": "private_chat", "name": "Ümläute"})
        assert (await client.get_state_event(room_id, "m.room.name"))["name"] == "Ümläute"
        with pytest.raises(MatrixError) as raised:
            await client.get_state_event(room_id, "m.room.topic")
        assert (raised.value.status, raised.value.errcode) == (404, "M_NOT_FOUND")
        assert not raised.value.temporary
        content = {"msgtype": "m.text", "body": "1"}
        first = await client.send_event(room_id, "m.room.message", "txn", content)
        assert await client.send_event(room_id, "m.room.message", "txn", content) == first
        assert (await client.get_event(room_id, first))["content"] == content
        page = await client.messages(room_id, limit=1)
        assert page["chunk"][0]["event_id"] == first
        types = {event["type"] for event in await client.get_state(room_id)}
        assert "m.room.create" in types
        assert await client.redact(room_id, first, "redaction", "weg")
        await client.set_display_name("Frager")
        assert (await client.profile(client.user_id))["displayname"] == "Frager"
        await client.leave(room_id)
        rooms = await client.request("GET", "/_matrix/client/v3/joined_rooms")
        assert room_id not in rooms["joined_rooms"]


async def test_the_token_is_never_in_an_address(homeserver: SynapseServer, tmp_path: Path) -> None:
    async with bot_at(settings_for(homeserver, "still"), tmp_path) as bot:
        await bot.sync()
        url = await bot.homeserver.upload(b"x")
        await bot.homeserver.download(url)
    token = json.loads((tmp_path / "identity.json").read_text())["access_token"]
    assert token not in homeserver.log
