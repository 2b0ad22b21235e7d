from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path

from tests.clients import MatrixPerson
from tests.whole_stack import WholeStack, wecreate


async def chatter(person: MatrixPerson, room: str) -> None:
    """Commands without end, each after the answer to the one before."""
    while True:
        await person.ask(room, "!hilfe")


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
            done = await asyncio.to_thread(
                wecreate, "backup", "--dir", old.folder, "--to", tmp_path / "to", "--json"
            )
            noise.cancel()
            with suppress(asyncio.CancelledError):
                await noise
        assert done.returncode == 0, done.stderr
        made = json.loads(done.stdout)
        await asyncio.to_thread(old.stop)

        new = WholeStack(tmp_path / "elsewhere/new", old.port_base)
        done = await asyncio.to_thread(
            wecreate, "restore", "--dir", new.folder, "--data", made["data"], "--keys", made["keys"]
        )
        assert done.returncode == 0, done.stderr
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
