"""WeCreate as matrix-js-sdk sees it that trusts only cross-signed devices, as strict clients do."""

from __future__ import annotations

from pathlib import Path

from tests.clients import register
from tests.e2e.stack import Stack
from tests.interop.js_client import JsClient, Seen

START = 120.0
PASSWORD = "secret"


async def test_a_strict_client_makes_a_box_and_uses_it_without_a_shield(
    stack: Stack, tmp_path: Path
) -> None:
    async with JsClient(tmp_path / "jana.log") as jana, await stack.person("zoe") as zoe:
        secret = str(stack.facts["registration_shared_secret"])
        await register(stack.url, secret, "jana", PASSWORD)
        await jana.login(stack.url, "jana", PASSWORD, only_signed=True)
        chat = await jana.direct_chat(stack.bot, START)
        made = await jana.ask(chat, "!box neu Garten", START)
        trusted(made)
        room_id, create = await jana.accept_invite(START)
        assert room_id == made.result["data"]["box"]["room_id"]
        assert create["de.wecreate.box"] == {"version": 1, "bot": stack.bot}
        await jana.until_joined(room_id, stack.bot, START)
        planned = await jana.ask(room_id, "!erinnern in 1 Minute Nudeln abgießen", START)
        assert not planned.rings

        task = await jana.ask(room_id, "!aufgabe Hecke schneiden bis morgen", START)
        trusted(task)
        assert task.result["data"]["task"]["title"] == "Hecke schneiden"
        await jana.react(room_id, task.event_id, "✅")
        listed = await jana.ask(room_id, "!aufgaben erledigt", START)
        trusted(listed)
        assert [one["number"] for one in listed.result["data"]["tasks"]] == [1]

        await jana.send_file(room_id, "liste.txt", b"Besen", "text/plain")
        file = await jana.ask(room_id, "!datei 1", START)
        trusted(file)
        assert file.result["data"]["file"]["name"] == "liste.txt"
        # A link is made of what was fetched and checked against the client's own hash.
        trusted(await jana.ask(room_id, "!datei 1 teilen", START))
        trusted(await jana.ask(room_id, f"!box einladen {zoe.user_id}", START))
        await zoe.until_joined(room_id, stack.bot, deadline=START)
        # Her device is not cross-signed: jana keeps her keys from it, the bot does not.
        answer = await zoe.ask(room_id, "!aufgaben", START)
        assert answer.result["ok"]
        reminder = await jana.spoken(room_id, stack.bot, "Nudeln abgießen", START)
        assert reminder.rings


def trusted(seen: Seen) -> None:
    """Encrypted, readable, and with nothing to warn of."""
    assert (seen.encrypted, seen.failure, seen.shield) == (True, None, "none"), seen
    assert seen.result["ok"], seen.body
