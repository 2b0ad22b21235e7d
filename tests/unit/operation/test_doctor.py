from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import web

from bots.cli import main
from bots.operation.checks.account import check_account
from bots.operation.checks.findings import Finding, Grade
from bots.operation.checks.links import check_links
from bots.operation.checks.machine import check_disk, check_process
from bots.operation.checks.stores import check_crypto_store, check_stores
from bridges.web.ciphertexts import name_of
from wecreate_module.domain.attachments import Media
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.links import Link, LinkedFile
from wecreate_module.settings import (
    DatabaseSettings,
    FilesSettings,
    ServerSettings,
    Settings,
    StorageSettings,
    WebSettings,
)
from wecreate_module.storage.errors import StoreError
from wecreate_module.storage.store import Store

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Usage(NamedTuple):
    total: int
    used: int
    free: int


BOX = Box("b", "!b", "Garten", "de", "Europe/Berlin", "@anna:wir.example", datetime.now(UTC))
NEVER_ANSWERS = 9  # the discard port: nobody listens there


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        server=ServerSettings(name="wir.example", homeserver=f"http://127.0.0.1:{NEVER_ANSWERS}"),
        database=DatabaseSettings(url=f"sqlite:///{tmp_path}/wecreate.db"),
        storage=StorageSettings(
            keys=tmp_path / "keys.db", key_file=tmp_path / "wecreate.key", bot_dir=tmp_path / "bot"
        ),
        web=WebSettings(port=NEVER_ANSWERS),
    )


@pytest.fixture
def store(settings: Settings) -> None:
    """A store that has been used, and closed."""
    storage = settings.storage
    opened = Store.open(settings.database.url, storage.keys, storage.key_file)
    opened.keys.key("server")
    opened.close()


@asynccontextmanager
async def server(**routes: Handler) -> AsyncIterator[int]:
    """Answers below these paths ("__" stands for "/"); gives its port."""
    app = web.Application()
    for path, handler in routes.items():
        app.router.add_route("*", f"/{path.replace('__', '/')}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def answer(body: Any, status: int = 200, **headers: str) -> Handler:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers=headers)

    return handler


def only(findings: list[Finding], check: str) -> Finding:
    (found,) = [finding for finding in findings if finding.check == check]
    return found


async def account(settings: Settings, **routes: Handler) -> list[Finding]:
    async with server(**routes) as port:
        there = replace(
            settings, server=replace(settings.server, homeserver=f"http://127.0.0.1:{port}")
        )
        return [finding async for finding in check_account(there, stopped=False)]


def sign_in(settings: Settings) -> None:
    settings.storage.bot_dir.mkdir()
    known = {"user_id": "@wecreate:wir.example", "device_id": "BOT", "access_token": "t"}
    (settings.storage.bot_dir / "identity.json").write_text(json.dumps(known))


VERSIONS = {"_matrix__client__versions": answer({"versions": ["v1.16"]})}
WHOAMI = "_matrix__client__v3__account__whoami"


def test_settings_with_mistakes_are_the_only_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wecreate.yaml"
    path.write_text("x: 1\n")
    assert main(["doctor", "--config", str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {finding["check"] for finding in found["findings"]} == {"settings"}
    assert found["ok"] is False


@pytest.mark.parametrize(
    ("free", "grade"), [(10**8, Grade.WRONG), (10**9, Grade.NOTE), (10**11, Grade.FINE)]
)
def test_scarce_disk_space_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, free: int, grade: Grade
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, free))
    assert {finding.grade for finding in check_disk(settings)} == {grade}


def test_what_is_not_there_yet_is_no_fault(settings: Settings, tmp_path: Path) -> None:
    findings = [*check_stores(settings), *check_crypto_store(settings)]
    assert {finding.grade for finding in findings} == {Grade.NOTE}
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("store")
def test_a_sound_store_is_fine(settings: Settings) -> None:
    assert {finding.grade for finding in check_stores(settings)} == {Grade.FINE}


@pytest.fixture
def box(settings: Settings) -> None:
    """A store with a Box in it, closed."""
    storage = settings.storage
    opened = Store.open(settings.database.url, storage.keys, storage.key_file)
    now = datetime.now(UTC)
    with opened.begin(now) as uow:
        uow.boxes.add(Box("b1", "!b", "Garden", "en", "Europe/Berlin", "@anna:x.example", now))
    opened.close()


@pytest.mark.usefixtures("box")
@pytest.mark.parametrize(
    ("lost", "check"),
    [("wecreate.db", "database"), ("keys.db", "key store"), ("wecreate.key", "key file")],
)
def test_a_lost_part_of_a_used_store_is_told(
    settings: Settings, tmp_path: Path, lost: str, check: str
) -> None:
    assert {finding.grade for finding in check_stores(settings)} == {Grade.FINE}
    for path in tmp_path.glob(f"{lost}*"):
        path.unlink()
    found = only(list(check_stores(settings)), check)
    assert found.grade is Grade.WRONG
    assert "estore" in found.do
    storage = settings.storage
    with pytest.raises(StoreError, match=r"Put .* back"):
        Store.open(settings.database.url, storage.keys, storage.key_file)


@pytest.mark.usefixtures("store")
def test_a_damaged_database_is_told(settings: Settings) -> None:
    path = Path(settings.database.url.removeprefix("sqlite:///"))
    path.write_bytes(b"this was a database once" * 100)
    found = only(list(check_stores(settings)), "database")
    assert found.grade is Grade.WRONG
    assert "Restore the newest backup" in found.do


def test_room_below_what_links_need_is_told(settings: Settings, tmp_path: Path) -> None:
    settings = replace(settings, files=FilesSettings(cache=tmp_path / "c", cache_mb=100))
    storage = settings.storage
    store = Store.open(settings.database.url, storage.keys, storage.key_file)
    with store.begin(datetime.now(UTC)) as uow:
        uow.boxes.add(BOX)
        for link_id, file in (("one", 3), ("two", 4)):
            media = Media(f"mxc://x.org/{link_id}", "k" * 43, "i" * 22, "s" * 43)
            (settings.files.cache / name_of(media)).parent.mkdir(exist_ok=True)
            uow.links.add(BOX.id, link(link_id, file, media))
            with (settings.files.cache / name_of(media)).open("wb") as written:
                written.truncate(70_000_000)
    found = only(list(check_links(store, settings.files)), "links")
    assert found.grade is Grade.WRONG
    assert "need 0.1 GB of 0.1 GB: they go on, but no new link can be made" in found.said
    assert "files.cache_mb" in found.do
    (settings.files.cache / name_of(media)).unlink()
    scarce, missing = check_links(store, settings.files)
    assert (scarce.grade, missing.grade) == (Grade.FINE, Grade.NOTE)
    assert "1 of the files they need are not in" in missing.said
    with_s3 = replace(settings.files, s3_url="http://127.0.0.1:9")
    assert list(check_links(store, with_s3)) == []
    store.close()


def link(link_id: str, number: int, media: Media) -> Link:
    return Link(
        id=link_id,
        number=number,
        version=1,
        created_by="@anna:wir.example",
        created_at=BOX.created_at,
        files=(LinkedFile(number, media),),
        size=70_000_000,
        sealed=b"sealed",
        access_hash=b"hash",
        salt=None,
        kdf=None,
        expires_at=None,
        max_visits=None,
    )


@pytest.mark.usefixtures("store")
def test_a_newer_schema_is_told(settings: Settings) -> None:
    path = settings.database.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    found = only(list(check_stores(settings)), "database")
    assert "schema 9999" in found.said
    assert found.grade is Grade.WRONG


@pytest.mark.usefixtures("store")
def test_a_key_file_of_another_store_is_told(settings: Settings) -> None:
    settings.storage.key_file.write_text("A" * 43 + "=\n")
    settings.storage.key_file.chmod(0o644)
    findings = list(check_stores(settings))
    assert only(findings, "key file").do.startswith("Run: chmod 600")
    assert any(finding.grade is Grade.WRONG for finding in findings if finding.check == "database")


def test_withheld_codes_are_told_with_what_they_mean(settings: Settings) -> None:
    settings.storage.bot_dir.mkdir(mode=0o700)
    path = settings.storage.bot_dir / "crypto.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE we_withheld (code TEXT)")
        database.executemany("INSERT INTO we_withheld VALUES (?)", [("m.unverified",)] * 3)
    path.chmod(0o600)
    findings = list(check_crypto_store(settings))
    assert "m.unverified 3 times" in only(findings, "withheld keys").said
    path.write_bytes(b"broken" * 1000)
    assert only(list(check_crypto_store(settings)), "encryption store").grade is Grade.WRONG


async def test_a_bot_that_does_not_run_is_no_fault(settings: Settings) -> None:
    assert (await check_process(settings)).grade is Grade.NOTE


async def test_a_bot_that_is_ill_is_told_with_the_reason(settings: Settings) -> None:
    ill = {"ok": False, "parts": {"sync": {"ok": False, "reason": "no sync for 200 s"}}}
    async with server(health=answer(ill, 503)) as port:
        found = await check_process(replace(settings, web=WebSettings(port=port)))
    assert found.grade is Grade.WRONG
    assert "no sync for 200 s" in found.said


async def test_another_program_at_the_bots_port_is_told(settings: Settings) -> None:
    async with server(health=answer(["hello"])) as port:
        found = await check_process(replace(settings, web=WebSettings(port=port)))
    assert "something else" in found.said


async def test_a_dead_homeserver_is_told(settings: Settings) -> None:
    findings = [finding async for finding in check_account(settings, stopped=False)]
    assert [finding.grade for finding in findings] == [Grade.WRONG]
    assert "Connection refused" in findings[0].said


async def test_a_page_that_is_no_homeserver_is_told(settings: Settings) -> None:
    (found,) = await account(settings, _matrix__client__versions=answer({"hello": 1}))
    assert "no Matrix homeserver" in found.said


async def test_a_clock_that_is_off_is_told(settings: Settings) -> None:
    late = answer({"versions": []}, Date="Sun, 22 Nov 2020 12:00:00 GMT")
    findings = await account(settings, _matrix__client__versions=late)
    assert only(findings, "clock").grade is Grade.WRONG
    assert "NTP" in only(findings, "clock").do


async def test_a_refused_token_is_told(settings: Settings) -> None:
    sign_in(settings)
    refused = answer({"errcode": "M_UNKNOWN_TOKEN", "error": "no"}, 401)
    findings = await account(settings, **VERSIONS, **{WHOAMI: refused})
    assert "M_UNKNOWN_TOKEN" in only(findings, "token").said
    assert findings[-1].grade is Grade.WRONG


async def test_a_broken_chain_and_few_keys_are_told(settings: Settings) -> None:
    sign_in(settings)
    me = {"user_id": "@wecreate:wir.example", "device_id": "BOT"}
    keys: Any = {"device_keys": {"@wecreate:wir.example": {"BOT": {"keys": {}}}}}
    findings = await account(
        settings,
        **VERSIONS,
        **{WHOAMI: answer(me)},
        _matrix__client__v3__keys__query=answer(keys),
        _matrix__client__v3__keys__upload=answer({"one_time_key_counts": {}}),
    )
    assert only(findings, "token").grade is Grade.FINE
    assert only(findings, "cross-signing").grade is Grade.WRONG
    assert only(findings, "one-time keys").said == "0 are left"


async def test_a_device_without_keys_is_told(settings: Settings) -> None:
    sign_in(settings)
    me = {"user_id": "@wecreate:wir.example", "device_id": "BOT"}
    findings = await account(
        settings,
        **VERSIONS,
        **{WHOAMI: answer(me)},
        _matrix__client__v3__keys__query=answer({"device_keys": {}}),
    )
    assert only(findings, "device").grade is Grade.WRONG
