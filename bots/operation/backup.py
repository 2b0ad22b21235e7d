"""`wecreate backup`: a data archive and a key archive, while everything runs.

docs/decisions/0005-backup.md tells why there are two and why the order is what it is.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bots.kit.crypto.store import STORE_FILE
from bots.operation.archives import Archive, write_archive
from bots.operation.chosen import ask_where
from bots.operation.layout import Layout
from bots.operation.terminal import FINE, Failure, give, step
from wecreate_module.settings import Settings, SettingsError, load_settings
from wecreate_module.storage.archive import copy_database, copy_keys
from wecreate_module.storage.errors import StoreError
from wecreate_module.version import VERSION

DATA, KEYS = "wecreate-data", "wecreate-keys"
DATABASE, KEY_STORE, KEY_FILE = "wecreate.db", "keys.db", "wecreate.key"
BOT, SYNAPSE, SECRETS, LARGE = "bot", "synapse", "secrets", "large-files"
HOMESERVER_DB = "homeserver.db"


def configure(parser: argparse.ArgumentParser) -> None:
    ask_where(parser)
    parser.add_argument(
        "--to", type=Path, required=True, metavar="FOLDER", help="where the archives go"
    )
    parser.add_argument("--json", action="store_true", help="answer as JSON")


def run(args: argparse.Namespace) -> int:
    layout = Layout((args.config.parent if args.config else args.dir).expanduser().resolve())
    settings_file = (args.config or layout.settings).expanduser().resolve()
    try:
        settings = load_settings(settings_file)
        folder = _folder(args.to)
        made = _Backup(layout, settings_file, settings, folder, quiet=args.json).write()
    except (SettingsError, StoreError) as error:
        raise Failure(str(error)) from error
    except (OSError, sqlite3.Error) as error:
        raise Failure(f"The backup broke off, nothing of it is kept: {error}") from error
    if args.json:
        give(made)
    return FINE


def _folder(path: Path) -> Path:
    folder = path.expanduser().resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


class _Backup:
    def __init__(
        self, layout: Layout, settings_file: Path, settings: Settings, folder: Path, *, quiet: bool
    ) -> None:
        self.layout = layout
        self.settings_file = settings_file
        self.settings = settings
        self.folder = folder
        self.quiet = quiet

    def write(self) -> dict[str, str]:
        now = datetime.now(UTC)
        time = now.strftime("%Y%m%dT%H%M%SZ")
        data = self.folder / f"{DATA}-{time}.tar.gz"
        keys = self.folder / f"{KEYS}-{time}.tar.gz"
        for path in (data, keys):
            if path.exists():
                raise Failure(f"{path} is there already; two backups in one second are too many.")
        facts = {
            "version": VERSION,
            "time": now.isoformat(),
            "server_name": self.settings.server.name,
            "bot_user_id": self.settings.bot_user_id,
            "database": self.settings.database.url.partition(":")[0].partition("+")[0],
        }
        with tempfile.TemporaryDirectory(prefix=".wecreate-", dir=self.folder) as copies:
            with write_archive(data, facts | {"kind": DATA}) as archive:
                self._data(archive, Path(copies))
            with write_archive(keys, facts | {"kind": KEYS}) as archive:
                self._keys(archive, Path(copies))
        for older in sorted(self.folder.glob(f"{KEYS}-*.tar.gz")):
            if older.name < keys.name:
                older.unlink()
                self._step(f"the older key archive {older.name} is removed")
        return {"data": str(data), "keys": str(keys)}

    def _data(self, archive: Archive, copies: Path) -> None:
        archive.add("wecreate.yaml", self.settings_file)
        with self._copying("WeCreate's database"):
            copy_database(self.settings.database.url, copies / DATABASE)
        _move(archive, DATABASE, copies / DATABASE)
        with self._copying("files that the homeserver does not take"):
            archive.add_folder(LARGE, self.settings.files.large)
        if (self.layout.synapse / HOMESERVER_DB).exists():
            self._homeserver(archive, copies)
        for name, path in self._secret_files():
            archive.add(name, path)
        with self._copying("the bot's device"):
            self._bot(archive, copies)

    def _homeserver(self, archive: Archive, copies: Path) -> None:
        folder = self.layout.synapse
        with self._copying("the homeserver's database"):
            _copy_sqlite(folder / HOMESERVER_DB, copies / HOMESERVER_DB)
        _move(archive, f"{SYNAPSE}/{HOMESERVER_DB}", copies / HOMESERVER_DB)
        for name in ("signing.key", "tls.crt", "tls.key", "homeserver.yaml", "local.yaml"):
            if (folder / name).exists():
                archive.add(f"{SYNAPSE}/{name}", folder / name)
        with self._copying("media"):
            archive.add_folder(f"{SYNAPSE}/media", folder / "media")

    def _secret_files(self) -> Iterator[tuple[str, Path]]:
        if self.layout.secrets.is_dir():
            for path in sorted(self.layout.secrets.iterdir()):
                yield f"{SECRETS}/{path.name}", path

    def _bot(self, archive: Archive, copies: Path) -> None:
        folder = self.settings.storage.bot_dir
        if (folder / STORE_FILE).exists():
            _copy_sqlite(folder / STORE_FILE, copies / STORE_FILE)
            _move(archive, f"{BOT}/{STORE_FILE}", copies / STORE_FILE)
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if path.is_file() and not path.name.startswith((".", STORE_FILE)):
                    archive.add(f"{BOT}/{path.name}", path)

    def _keys(self, archive: Archive, copies: Path) -> None:
        with self._copying("the Boxes' keys"):
            storage = self.settings.storage
            copy_keys(storage.keys, storage.key_file, copies / "keys")
        _move(archive, KEY_STORE, copies / "keys" / storage.keys.name)
        _move(archive, KEY_FILE, copies / "keys" / storage.key_file.name)

    @contextmanager
    def _copying(self, what: str) -> Iterator[None]:
        self._step(f"copying {what}")
        yield

    def _step(self, text: str) -> None:
        if not self.quiet:
            step(text)


def _move(archive: Archive, name: str, copy: Path) -> None:
    archive.add(name, copy)
    copy.unlink()


def _copy_sqlite(source: Path, target: Path) -> None:
    """The database as of one moment, while others write to it."""
    options: dict[str, Any] = {"uri": True, "timeout": 60}
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", **options)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        # All pages in one step: one read transaction, which WAL lets stand beside writers.
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE").fetchone()
