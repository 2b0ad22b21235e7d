from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from tests.clients import MatrixPerson
from tests.whole_stack import WholeStack, wecreate
from wecreate_module.settings import load_settings
from wecreate_module.storage.store import Store


async def chatter(person: MatrixPerson, room: str) -> None:
    """Commands without end, each after the answer to the one before."""
    while True:
        await person.ask(room, "!hilfe")


async def backup(stack: WholeStack, to: Path) -> dict[str, str]:
    """The archives' paths by name."""
    done = await asyncio.to_thread(wecreate, "backup", "--dir", stack.folder, "--to", to, "--json")
    assert done.returncode == 0, done.stderr
    made: dict[str, str] = json.loads(done.stdout)
    return made


async def restore(target: Path, data: str, keys: str) -> None:
    done = await asyncio.to_thread(
        wecreate, "restore", "--dir", target, "--data", data, "--keys", keys
    )
    assert done.returncode == 0, done.stderr


async def test_a_restored_bot_is_the_same_device_and_reads_on(tmp_path: Path) -> None:
    old = WholeStack(tmp_path / "old")
    old.start()
    facts = old.facts
    secret, bot = facts["registration_shared_secret"], facts["bot_user_id"]
    anna = await MatrixPerson.new(facts["homeserver"], secret, "anna")
    ben = await MatrixPerson.new(facts["homeserver"], secret, "ben")
    async with anna:
        async with ben:
            room = await anna.direct_chat(bot)
            await anna.ask(room, "!hilfe")
            await anna.pause()
            noise = asyncio.create_task(chatter(ben, await ben.direct_chat(bot)))
            made = await backup(old, tmp_path / "to")
            noise.cancel()
            with suppress(asyncio.CancelledError):
                await noise
        await asyncio.to_thread(old.stop)

        new = WholeStack(tmp_path / "elsewhere/new", old.port_base)
        await restore(new.folder, made["data"], made["keys"])
        await asyncio.to_thread(new.start)
        assert new.facts["server_name"] == facts["server_name"]
        for name in ("identity.json", "seeds.json"):
            assert (new.folder / "bot" / name).read_text() == (
                old.folder / "bot" / name
            ).read_text()
        # Anna's client goes on with the session that the bot got the key of before the backup.
        anna.resume()
        assert "hilfe" in (await anna.ask(room, "!hilfe")).body
    doctor = await asyncio.to_thread(wecreate, "doctor", "--dir", new.folder)
    assert doctor.returncode == 0, doctor.stdout
    await asyncio.to_thread(new.stop)


async def test_a_box_deleted_since_is_in_no_old_backup(tmp_path: Path) -> None:
    old = WholeStack(tmp_path / "old")
    old.start()
    facts = old.facts
    secret, bot = facts["registration_shared_secret"], facts["bot_user_id"]
    async with await MatrixPerson.new(facts["homeserver"], secret, "anna") as anna:
        chat = await anna.direct_chat(bot)
        rooms = {}
        for name in ("Beet", "Zaun"):
            made = await anna.ask(chat, f"!box neu {name}")
            rooms[name] = str(made.data["box"]["room_id"])
            await anna.until_joined(rooms[name], bot)
            await anna.ask(rooms[name], f"!aufgabe Gießen im {name}")
        first = await backup(old, tmp_path / "to")
        await anna.say(rooms["Beet"], "!box löschen Beet")
        await anna.until(
            lambda: bot not in anna.client.rooms[rooms["Beet"]].users, "the bot's leaving"
        )
        second = await backup(old, tmp_path / "to")
    await asyncio.to_thread(old.stop)
    assert [path.name for path in (tmp_path / "to").glob("wecreate-keys-*")] == [
        Path(second["keys"]).name
    ]
    await restore(tmp_path / "new", first["data"], second["keys"])
    settings = load_settings(tmp_path / "new/wecreate.yaml")
    store = Store.open(settings.database.url, settings.storage.keys, settings.storage.key_file)
    with store.read(datetime.now(UTC)) as uow:
        (left,) = uow.boxes.all()
        (task,) = uow.tasks.list(left.id)
    destroyed = store.keys.destroyed()
    store.close()
    assert (left.name, task.title) == ("Zaun", "Gießen im Zaun")
    assert len(destroyed) == 1
