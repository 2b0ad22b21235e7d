"""Checks of what lies on disk: database, keys, encryption store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bots.kit.crypto.store import STORE_FILE
from bots.operation.backup import HOMESERVER_DB
from bots.operation.checks.findings import Finding, fine, note, wrong
from bots.operation.checks.links import check_links
from bots.operation.checks.machine import open_to_others
from bots.operation.layout import Layout
from wecreate_module.settings import Settings
from wecreate_module.storage.engine import make_engine, reading
from wecreate_module.storage.errors import StoreError
from wecreate_module.storage.keys import SERVER, KeyStore
from wecreate_module.storage.schema import HEAD, version
from wecreate_module.storage.store import Store
from wecreate_module.storage.tables import boxes

_RESTORE = "Restore the newest backup: wecreate restore."
_MANY_UNREADABLE = 20


def check_stores(settings: Settings) -> Iterator[Finding]:
    """Nothing is made, migrated or changed by looking."""
    yield from _check_key_file(settings.storage.key_file, settings.storage.keys)
    url = make_url(settings.database.url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        yield _no_database(settings, f"{url.database} is not there yet")
        return
    yield from _check_database(settings)


def _no_database(settings: Settings, said: str) -> Finding:
    """There is no database: a first start, or a loss."""
    keys, key_file = settings.storage.keys, settings.storage.key_file
    if keys.exists() and key_file.exists():
        try:
            with closing(KeyStore(keys, key_file)) as found:
                used = bool(found.scopes() - {SERVER})
        except StoreError as error:
            what, _, do = str(error).partition(". ")
            return wrong("key store", what, do or _RESTORE)
        if used:
            return wrong("database", f"{said}, but {keys} holds keys of Boxes", _RESTORE)
    return note("database", f"{said}; the first start makes it")


def _check_key_file(path: Path, keys: Path) -> Iterator[Finding]:
    if not path.exists() and keys.exists():
        yield wrong(
            "key file",
            f"{path} is missing, and only it opens {keys}",
            "Put both back from the same key archive: wecreate restore.",
        )
    elif not path.exists():
        yield note("key file", f"{path} is not there yet; the first start makes it")
    elif open_to_others(path):
        yield wrong("key file", f"{path} can be read by others", f"Run: chmod 600 {path}")
    else:
        yield fine("key file", f"{path} is private")


def _check_database(settings: Settings) -> Iterator[Finding]:
    try:
        engine = make_engine(settings.database.url)
        try:
            with reading(engine.connect()) as connection:
                found = version(connection)
                tables = len(inspect(connection).get_table_names())
            if found is None and not tables:
                yield _no_database(settings, "is empty yet")
                return
            if found != HEAD:
                yield _other_schema(found)
                return
            yield fine("database", f"reachable, schema {found}")
            if tables and not settings.storage.keys.exists():
                yield from _no_keys(engine, settings)
            elif settings.storage.key_file.exists():
                keys = KeyStore(settings.storage.keys, settings.storage.key_file)
                with closing(keys):
                    yield fine("key store", f"{settings.storage.keys} opens with the key file")
                    store = Store(engine, keys)
                    store.check()
                    store.require_keys()
                    yield from _check_rows(store)
                    yield from check_links(store, settings.files)
        finally:
            engine.dispose()
    except (StoreError, DBAPIError) as error:
        said = str(error) if isinstance(error, StoreError) else str(error.orig)
        what, _, do = said.partition(". ")
        yield wrong("database", what, do or "Check database.url; " + _RESTORE)


def _no_keys(engine: Engine, settings: Settings) -> Iterator[Finding]:
    with reading(engine.connect()) as connection:
        if connection.execute(select(boxes.c.id).limit(1)).first() is not None:
            yield wrong(
                "key store",
                f"{settings.storage.keys} is missing, and without it no Box can be read",
                "Put it back from the newest key archive: wecreate restore.",
            )


def _other_schema(found: str | None) -> Finding:
    return wrong(
        "database",
        f"has schema {found}, this version wants {HEAD}",
        "Start the bot once: it brings an older schema up to date. A newer one needs the "
        "newer WeCreate.",
    )


def _check_rows(store: Store) -> Iterator[Finding]:
    with store.read(datetime.now(UTC)) as uow:
        counts = uow.inbox.counts()
    unreadable, failed = counts.get("waiting", 0), counts.get("failed", 0)
    said = f"{unreadable} messages wait for a key, {failed} were given up"
    if unreadable + failed > _MANY_UNREADABLE:
        yield note(
            "unreadable messages",
            said,
            "Look at the withheld codes below; people with red shields should verify their "
            "devices. With trust all the bot still answers them.",
        )
    else:
        yield fine("unreadable messages", said)


def check_homeserver_database(layout: Layout) -> Iterator[Finding]:
    """The embedded homeserver's."""
    path = layout.synapse / HOMESERVER_DB
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
            (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        found = str(error)
    if found == "ok":
        yield fine("homeserver's database", f"{path} is sound")
    else:
        yield wrong("homeserver's database", f"{path} is damaged ({found})", _RESTORE)


def check_crypto_store(settings: Settings) -> Iterator[Finding]:
    folder = settings.storage.bot_dir
    path = folder / STORE_FILE
    if not path.exists():
        yield note("encryption store", f"{path} is not there yet; the first start makes it")
        return
    for file in sorted(folder.glob("*")):
        if file.is_file() and open_to_others(file):
            yield wrong("bot's folder", f"{file} can be read by others", f"Run: chmod 600 {file}")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
            (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
            withheld = database.execute(
                "SELECT code, count(*) FROM we_withheld GROUP BY code"
            ).fetchall()
    except sqlite3.Error as error:
        yield wrong("encryption store", f"{path} can't be read ({error})", _RESTORE)
        return
    if found != "ok":
        yield wrong("encryption store", f"{path} is damaged ({found})", _RESTORE)
    else:
        yield fine("encryption store", f"{path} is sound")
    yield _withheld(dict(withheld))


def _withheld(codes: dict[str, int]) -> Finding:
    if not codes:
        return fine("withheld keys", "nobody's device has withheld keys from the bot")
    said = ", ".join(f"{code} {count} times" for code, count in sorted(codes.items()))
    return note(
        "withheld keys",
        f"devices have withheld keys: {said}",
        "m.unverified: those people's clients don't trust the bot; see cross-signing. "
        "m.no_olm: mends itself with their next message.",
    )
