"""The instrument first: two of its clients on a Synapse without WeCreate, and one of nio."""

from __future__ import annotations

from pathlib import Path

from tests.clients import MatrixPerson
from tests.interop.js_client import JsClient
from tests.servers import SynapseServer


async def test_two_strict_clients_read_each_other_without_a_shield(
    bare_synapse: SynapseServer, tmp_path: Path
) -> None:
    bare_synapse.register("jana", "secret")
    bare_synapse.register("jens", "secret")
    async with JsClient(tmp_path / "jana.log") as jana, JsClient(tmp_path / "jens.log") as jens:
        await jana.login(bare_synapse.url, "jana", "secret", only_signed=True)
        await jens.login(bare_synapse.url, "jens", "secret", only_signed=True)
        chat = await jana.call("create_direct_chat", user_id=jens.user_id)
        room_id, _ = await jens.accept_invite()
        assert room_id == chat["room_id"]
        await jana.until_joined(room_id, jens.user_id)
        asked = await jana.say(room_id, "Kommst du?")
        seen = await jens.message(room_id, asked)
        reply = {"msgtype": "m.notice", "body": "Ja", "m.relates_to": in_reply_to(asked)}
        await jens.send(room_id, "m.room.message", reply)
        answer = await jana.answer_to(room_id, asked)
        file = await jens.send_file(room_id, "liste.txt", b"Besen", "text/plain")
        posted = await jana.message(room_id, file)
    assert (seen.body, seen.encrypted, seen.shield) == ("Kommst du?", True, "none")
    assert (answer.body, answer.shield) == ("Ja", "none")
    assert posted.content["file"]["url"].startswith("mxc://")


async def test_a_strict_client_refuses_a_device_that_is_not_cross_signed(
    bare_synapse: SynapseServer, tmp_path: Path
) -> None:
    bare_synapse.register("jule", "secret")
    secret = bare_synapse.registration_shared_secret
    nora = await MatrixPerson.new(bare_synapse.url, secret, "nora")
    async with JsClient(tmp_path / "jule.log") as jule, nora:
        await jule.login(bare_synapse.url, "jule", "secret", only_signed=True)
        room_id = await jule.direct_chat(nora.user_id)
        asked = await jule.say(room_id, "Kannst du das lesen?")
        withheld = await nora.wait_for(lambda seen: seen.event_id == asked)
        await nora.until_joined(room_id, jule.user_id)
        said = await nora.say(room_id, "Ich schreibe von einem Gerät ohne Unterschrift")
        refused = await jule.unreadable(room_id, said)
    assert not withheld.readable
    assert refused.failure == "UNSIGNED_SENDER_DEVICE"


def in_reply_to(event_id: str) -> dict[str, object]:
    return {"m.in_reply_to": {"event_id": event_id}}
