"""Mail by SMTP with TLS against a real server: at most once, whatever breaks."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridges.email.smtp import TRIES, Mailer, TryLater
from tests.mail_sink import PASSWORD, Behaviour, MailSink
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.effects import SendMail
from wecreate_module.settings.sections import MailSecurity, MailSettings
from wecreate_module.storage.mails import Mail, MailState
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
PDF = b"%PDF-1.7 not really"
MAIL = SendMail(
    box_id="box1",
    message_id="<motion.1@w.example>",
    from_name="Grüne Karl-Heine",
    to="rat@stadt.example",
    reply_to="anna@post.example",
    subject="Antrag: Zwölf Linden für die Karl-Heine-Straße",
    text="Guten Tag,\n\nÄpfel — „Linden“ 🌳\n.\nEnde\n",
    files=[
        {
            "name": "A1-Linden.pdf",
            "mimetype": "application/pdf",
            "data": base64.b64encode(PDF).decode(),
        }
    ],
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(f"sqlite:///{tmp_path}/w.db", tmp_path / "keys.db", tmp_path / "w.key")
    with made.begin(NOW) as uow:
        uow.rooms.save(Room("!box"))
        uow.boxes.add(Box("box1", "!box", "Garten", "de", "Europe/Berlin", "@anna:x", NOW))
    yield made
    made.close()


def mailer(store: Store, sink: MailSink, **more: Any) -> Mailer:
    settings = MailSettings(
        host="127.0.0.1",
        port=sink.port,
        security=MailSecurity.TLS if sink.tls else MailSecurity.STARTTLS,
        **{"timeout": 10, "certificates": sink.authority, **more},
    )
    return Mailer(settings, "antrag@w.example", store)


def state(store: Store) -> MailState | None:
    with store.read(NOW) as uow:
        known = uow.mails.get(MAIL.message_id)
    return known.state if known else None


@pytest.mark.parametrize("tls", [False, True])
async def test_a_mail_arrives_whole_and_protected(store: Store, tmp_path: Path, tls: bool) -> None:  # noqa: FBT001  two ways
    async with MailSink(tmp_path / "sink", tls=tls) as sink:
        result = await mailer(store, sink).send(MAIL)
    assert result == {"accepted": "250 OK: queued as 1"}
    (mail,) = sink.mails
    assert sink.envelopes == [("antrag@w.example", ["rat@stadt.example"], True)]
    assert mail["From"] == "Grüne Karl-Heine <antrag@w.example>"
    assert mail["To"] == "rat@stadt.example"
    assert mail["Reply-To"] == "anna@post.example"
    assert mail["Subject"] == MAIL.subject
    assert mail["Message-ID"] == MAIL.message_id
    body = mail.get_body()
    assert body is not None
    assert body.get_content().splitlines() == MAIL.text.splitlines()
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("A1-Linden.pdf", PDF)


async def test_what_was_accepted_is_never_sent_again(store: Store, tmp_path: Path) -> None:
    async with MailSink(tmp_path / "sink") as sink:
        first = await mailer(store, sink).send(MAIL)
        again = await mailer(store, sink).send(MAIL)
    assert (first, again) == ({"accepted": "250 OK: queued as 1"}, {"accepted": "250"})
    assert len(sink.mails) == 1


async def test_a_connection_that_breaks_after_the_last_word_leaves_it_open_and_unrepeated(
    store: Store, tmp_path: Path
) -> None:
    async with MailSink(tmp_path / "sink") as sink:
        sink.behaviour = Behaviour(drop_after_data=True)
        assert await mailer(store, sink).send(MAIL) == {"uncertain": True}
        sink.behaviour = Behaviour()
        assert await mailer(store, sink).send(MAIL) == {"uncertain": True}
    assert len(sink.mails) == 1


async def test_a_kill_between_the_yes_and_its_note_sends_no_second_mail(
    store: Store, tmp_path: Path
) -> None:
    with store.begin(NOW) as uow:
        uow.mails.put(Mail(MAIL.message_id, "box1", MailState.HANDING_OVER, 1))
    async with MailSink(tmp_path / "sink") as sink:
        assert await mailer(store, sink).send(MAIL) == {"uncertain": True}
    assert sink.mails == []


async def test_who_decides_to_send_it_once_more_sends_the_same_one(
    store: Store, tmp_path: Path
) -> None:
    with store.begin(NOW) as uow:
        uow.mails.put(Mail(MAIL.message_id, "box1", MailState.WAITING))
    async with MailSink(tmp_path / "sink") as sink:
        assert "accepted" in await mailer(store, sink).send(MAIL)
    assert sink.mails[0]["Message-ID"] == MAIL.message_id


@pytest.mark.parametrize(
    "behaviour", [Behaviour(rcpt="550 5.1.1 No such user"), Behaviour(data="554 Too many trees")]
)
async def test_a_no_is_told_in_the_servers_words_and_a_later_try_may_succeed(
    store: Store, tmp_path: Path, behaviour: Behaviour
) -> None:
    async with MailSink(tmp_path / "sink", behaviour=behaviour) as sink:
        refused = await mailer(store, sink).send(MAIL)
        assert re.match(r"55\d ", refused["refused"])
        sink.behaviour = Behaviour()
        assert "accepted" in await mailer(store, sink).send(MAIL)
    assert len(sink.mails) == 1


async def test_a_not_now_is_tried_again_and_then_given_up(store: Store, tmp_path: Path) -> None:
    async with MailSink(tmp_path / "sink", behaviour=Behaviour(data="451 Greylisted")) as sink:
        for _ in range(TRIES - 1):
            with pytest.raises(TryLater):
                await mailer(store, sink).send(MAIL)
        assert await mailer(store, sink).send(MAIL) == {"failed": "unreachable"}
    assert state(store) is MailState.WAITING


async def test_a_server_that_hangs_is_left(store: Store, tmp_path: Path) -> None:
    async with MailSink(tmp_path / "sink", behaviour=Behaviour(hang=True)) as sink:
        with pytest.raises(TryLater):
            await mailer(store, sink, timeout=1).send(MAIL)
    assert state(store) is MailState.WAITING


async def test_a_server_that_is_not_there_is_told(store: Store, tmp_path: Path) -> None:
    async with MailSink(tmp_path / "sink") as sink:
        gone = mailer(store, sink)
    for _ in range(TRIES - 1):
        with pytest.raises(TryLater):
            await gone.send(MAIL)
    assert await gone.send(MAIL) == {"failed": "unreachable"}


@pytest.mark.parametrize("tls", [False, True])
async def test_nothing_goes_to_a_server_whose_certificate_is_not_trusted(
    store: Store,
    tmp_path: Path,
    tls: bool,  # noqa: FBT001  two ways
) -> None:
    async with MailSink(tmp_path / "sink", tls=tls) as sink:
        strict = mailer(store, sink, certificates=tmp_path / "none.pem")
        assert await strict.send(MAIL) == {"failed": "insecure"}
    assert sink.mails == []


async def test_nothing_goes_out_unprotected(store: Store, tmp_path: Path) -> None:
    async with MailSink(tmp_path / "sink", starttls=False) as sink:
        assert await mailer(store, sink).send(MAIL) == {"failed": "insecure"}
    assert sink.mails == []


async def test_it_logs_in_where_the_server_wants_it(store: Store, tmp_path: Path) -> None:
    async with MailSink(tmp_path / "sink", login=True) as sink:
        wrong = mailer(store, sink, username="anna", password="geraten")
        assert await wrong.send(MAIL) == {"failed": "login"}
        right = mailer(store, sink, username="anna", password=PASSWORD)
        assert "accepted" in await right.send(MAIL)


async def test_a_mail_that_can_not_be_written_is_told(store: Store, tmp_path: Path) -> None:
    async with MailSink(tmp_path / "sink") as sink:
        broken = replace(MAIL, to="rat@stadt.example\r\nBcc: x@y.example")
        assert await mailer(store, sink).send(broken) == {"failed": "unwritable"}
    assert sink.mails == []


@pytest.mark.parametrize(
    "evil",
    [
        "Garten\r\nBcc: alle@stadt.example",
        "Garten\nSubject: anders",
        "Garten\u2028Bcc: x@y.example",
        "a" * 5000,
        '"; <evil@x.example>',
        "=?utf-8?q?Bcc:_x@y.example?=",
    ],
)
async def test_no_words_become_headers(store: Store, tmp_path: Path, evil: str) -> None:
    async with MailSink(tmp_path / "sink") as sink:
        hostile = replace(
            MAIL, from_name=evil, subject=evil, files=[{**MAIL.files[0], "name": evil}]
        )
        assert "accepted" in await mailer(store, sink).send(hostile)
    (mail,) = sink.mails
    assert mail["Bcc"] is None
    assert len(mail.get_all("Subject", [])) == 1
    assert sink.envelopes[0][1] == ["rat@stadt.example"]
    assert mail["From"].addresses[0].addr_spec == "antrag@w.example"
