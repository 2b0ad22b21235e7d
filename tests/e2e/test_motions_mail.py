"""A motion goes to its body by mail: what was shown, once, protected, with a receipt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bots.operation.embedded import prepare_settings, with_values
from bots.operation.layout import Layout, Ports
from tests.conditions import eventually
from tests.e2e.groups import Group, new_group
from tests.e2e.stack import Stack
from tests.e2e.test_restart import kill
from tests.mail_sink import PASSWORD, Behaviour, MailSink


@contextmanager
def stack_with_mail(folder: Path, sink: MailSink) -> Iterator[Stack]:
    """`wecreate up` with this mail server in its settings."""
    stack = Stack(folder)
    layout = Layout(folder)
    prepare_settings(layout, Ports(stack.port_base), None)
    password = folder / "mail-password"
    password.write_text(PASSWORD)
    mail = {
        "host": "127.0.0.1",
        "port": str(sink.port),
        "username": "wecreate",
        "password_file": str(password),
        "sender": "antrag@w.example",
        "certificates": str(sink.authority),
        "timeout": "60",
    }
    text = layout.settings.read_text(encoding="utf-8")
    values = {("mail", name): value for name, value in mail.items()}
    layout.settings.write_text(with_values(text, values), encoding="utf-8")
    with stack:
        yield stack


async def ready_motion(group: Group) -> None:
    await group.anna.ask(group.box, "!antrag neu allgemein Mehr Bänke")
    await group.anna.ask(group.box, "Vor dem Bahnhof stehen zehn Bänke.")
    await group.anna.ask(group.box, "Weil viele warten.")


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[MailSink]:
    async with MailSink(tmp_path / "sink", login=True) as running:
        yield running


async def test_a_motion_goes_out_once_refused_and_then_taken(
    tmp_path: Path, sink: MailSink
) -> None:
    with stack_with_mail(tmp_path / "stack", sink) as stack:
        async with new_group(stack) as group:
            anna, ben, box = group.anna, group.ben, group.box
            await ready_motion(group)
            sink.behaviour = Behaviour(rcpt="550 5.1.1 unbekannt")
            await anna.ask(box, "!antrag 1 einreichen an rat@stadt.example")
            asked = await anna.say(box, "ja")
            refused = await anna.wait_for(
                lambda seen: seen.reply_to == asked and not seen.result.get("ok"),
                what="the mail server's no",
            )
            assert refused.result["error"]["code"] == "mail-refused"
            assert "unbekannt" in refused.body
            sink.behaviour = Behaviour()
            shown = await anna.ask(
                box, "!antrag 1 einreichen an rat@stadt.example antwort an anna@post.example"
            )
            await anna.react(box, shown.event_id, "📨")
            receipt = await ben.wait_for(
                lambda seen: "message_id" in (seen.data.get("mail") or {}), what="the receipt"
            )
            assert receipt.data["motion"]["state"] == "submitted"
            (mail,) = sink.mails
            assert sink.envelopes == [("antrag@w.example", ["rat@stadt.example"], True)]
            assert mail["Message-ID"] == receipt.data["mail"]["message_id"]
            assert mail["Reply-To"] == "anna@post.example"
            body = mail.get_body()
            assert body is not None
            assert body.get_content().split() == shown.data["mail"]["text"].split()
            sent = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
            assert list(sent) == shown.data["mail"]["files"]
            names = set(shown.data["mail"]["files"])
            await ben.until(lambda: names <= {seen.body for seen in ben.messages.values()}, "files")
            for there in [seen for seen in ben.messages.values() if seen.body in names]:
                assert await ben.fetch_file(there) == sent[there.body]
            frozen = await ben.ask(box, "!antrag 1 text Neu.")
            assert frozen.result["error"]["code"] == "motion-frozen"


async def test_a_kill_while_the_mail_server_has_the_words_sends_no_second_mail(
    tmp_path: Path, sink: MailSink
) -> None:
    with stack_with_mail(tmp_path / "stack", sink) as stack:
        async with new_group(stack) as group:
            anna, box = group.anna, group.box
            await ready_motion(group)
            sink.behaviour = Behaviour(hang_after_data=True)
            await anna.ask(box, "!antrag 1 einreichen an rat@stadt.example")
            await anna.say(box, "ja")
            await eventually(lambda: len(sink.mails) == 1)
            await asyncio.to_thread(kill, stack, "bot")
            sink.behaviour = Behaviour()
            told = await anna.wait_for(
                lambda seen: (seen.result.get("error") or {}).get("code") == "mail-uncertain",
                deadline=120,
                what="that nobody knows",
            )
            assert str(sink.mails[0]["Message-ID"]) in told.body
            again = await anna.ask(box, "!antrag 1 einreichen an rat@stadt.example")
            await anna.react(box, again.event_id, "📨")
            await anna.wait_for(lambda seen: "message_id" in (seen.data.get("mail") or {}))
            first, second = sink.mails
            assert first["Message-ID"] == second["Message-ID"]
