"""`wecreate doctor` tries the mail server out, and gives it no mail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bots.operation.checks.findings import Grade
from bots.operation.checks.mail import check_mail
from tests.mail_sink import PASSWORD, Behaviour, MailSink
from wecreate_module.settings import ServerSettings, Settings
from wecreate_module.settings.sections import MailSecurity, MailSettings


def settings(sink: MailSink, **more: Any) -> Settings:
    mail = MailSettings(
        host="127.0.0.1",
        port=sink.port,
        security=MailSecurity.TLS if sink.tls else MailSecurity.STARTTLS,
        sender="antrag@w.example",
        **{"timeout": 10, "certificates": sink.authority, **more},
    )
    server = ServerSettings(name="w.example", homeserver="http://127.0.0.1:9")
    return replace(Settings(server=server), mail=mail)


async def test_without_a_mail_server_there_is_nothing_wrong() -> None:
    server = ServerSettings(name="w.example", homeserver="http://127.0.0.1:9")
    found = await check_mail(Settings(server=server))
    assert found.grade is Grade.NOTE
    assert "people get files" in found.said


@pytest.mark.parametrize("tls", [False, True])
async def test_a_server_that_would_take_mail_is_fine_and_gets_none(
    tmp_path: Path,
    tls: bool,  # noqa: FBT001  two ways
) -> None:
    who = {} if tls else {"username": "anna", "password": PASSWORD}
    async with MailSink(tmp_path / "sink", tls=tls, login=not tls) as sink:
        found = await check_mail(settings(sink, **who))
    assert found.grade is Grade.FINE, found
    assert sink.mails == []


async def test_a_wrong_password_is_told_and_what_to_correct(tmp_path: Path) -> None:
    async with MailSink(tmp_path / "sink", login=True) as sink:
        wrong = await check_mail(settings(sink, username="anna", password="geraten"))
    async with MailSink(tmp_path / "open", tls=True) as sink:
        unwanted = await check_mail(settings(sink, username="anna", password="geraten"))
    for found in (wrong, unwanted):
        assert found.grade is Grade.WRONG
        assert "mail.password" in found.do
        assert "geraten" not in found.said + found.do


async def test_an_unknown_certificate_and_no_protection_are_told(tmp_path: Path) -> None:
    async with MailSink(tmp_path / "sink") as sink:
        unknown = await check_mail(settings(sink, certificates=tmp_path / "none.pem"))
    async with MailSink(tmp_path / "bare", starttls=False) as sink:
        bare = await check_mail(settings(sink))
    for found in (unknown, bare):
        assert found.grade is Grade.WRONG
        assert "can't be reached safely" in found.said
        assert "mail.certificates" in found.do


async def test_a_server_that_hangs_or_is_not_there_is_told(tmp_path: Path) -> None:
    async with MailSink(tmp_path / "sink", behaviour=Behaviour(hang=True)) as sink:
        hanging = await check_mail(settings(sink, timeout=1))
    gone = await check_mail(settings(sink))
    for found in (hanging, gone):
        assert found.grade is Grade.WRONG
        assert "does not answer" in found.said
        assert "mail.port" in found.do
