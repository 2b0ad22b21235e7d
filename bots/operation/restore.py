"""`wecreate restore`: a new folder from a data archive and a key archive."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

from bots.kit.crypto.store import STORE_FILE, after_restore
from bots.operation.archives import extract, read_manifest
from bots.operation.backup import BOT, DATA, DATABASE, KEY_FILE, KEY_STORE, KEYS, LARGE
from bots.operation.embedded import with_values
from bots.operation.layout import write_private
from bots.operation.terminal import FINE, Failure, complain, give, step
from wecreate_module.settings import SettingsError, load_settings
from wecreate_module.storage.archive import restore_database
from wecreate_module.storage.errors import StoreError

Json = dict[str, Any]

# Where restored files are, whatever the settings said on the old machine.
_PLACES = {
    ("storage", "keys"): KEY_STORE,
    ("storage", "key_file"): KEY_FILE,
    ("storage", "bot_dir"): BOT,
    ("files", "large"): LARGE,
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dir", type=Path, required=True, metavar="NEWDIR", help="an empty folder, or a new one"
    )
    parser.add_argument("--data", type=Path, required=True, metavar="A", help="the data archive")
    parser.add_argument(
        "--keys", type=Path, required=True, metavar="B", help="the newest key archive"
    )
    parser.add_argument(
        "--database",
        metavar="URL",
        help="an empty PostgreSQL database for WeCreate's tables (default: a file in NEWDIR)",
    )
    parser.add_argument("--json", action="store_true", help="answer as JSON")


def run(args: argparse.Namespace) -> int:
    target = args.dir.expanduser().resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Failure(f"{target} is not empty. Restore into a new folder, then remove the old one.")
    data, keys = _manifests(args.data, args.keys)
    _check_database(data, args.database)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as part:
        folder = Path(part) / "restored"
        folder.mkdir(mode=0o700)
        try:
            _unpack(args.data, data, args.keys, keys, folder)
            _settle(folder, args.database)
        except (StoreError, OSError) as error:
            raise Failure(f"Nothing was restored: {error}") from error
        if target.exists():
            target.rmdir()
        shutil.move(folder, target)
    _check_settings(target / "wecreate.yaml")
    if args.json:
        give({"dir": str(target), "time": data["time"], "server_name": data["server_name"]})
    else:
        step(f"{target} is as {data['server_name']} was at {data['time']}")
        step(f"start it: wecreate up --dir {target}")
    return FINE


def _manifests(data_path: Path, keys_path: Path) -> tuple[Json, Json]:
    data, keys = read_manifest(data_path), read_manifest(keys_path)
    for path, manifest, kind in ((data_path, data, DATA), (keys_path, keys, KEYS)):
        if manifest.get("kind") != kind:
            raise Failure(f"{path} is no {kind} archive; --data and --keys may be interchanged.")
    if data.get("server_name") != keys.get("server_name"):
        raise Failure(
            f"The archives are of two servers, {data.get('server_name')} and "
            f"{keys.get('server_name')}."
        )
    if str(keys.get("time")) < str(data.get("time")):
        complain(
            f"The keys ({keys.get('time')}) are older than the data ({data.get('time')}): "
            "Boxes made in between can't be read. Take the newest key archive if there is one."
        )
    return data, keys


def _check_database(data: Json, given: str | None) -> None:
    kind, wanted = data.get("database"), (given or "sqlite:").partition(":")[0].partition("+")[0]
    if kind != wanted and kind == "sqlite":
        raise Failure("The archive's database is SQLite; leave --database out.")
    if kind != wanted:
        raise Failure(
            "The archive's database is PostgreSQL; make an empty one and name it: "
            "--database postgresql://user:password@host/name"
        )


def _unpack(data_path: Path, data: Json, keys_path: Path, keys: Json, folder: Path) -> None:
    allowed = {KEY_STORE, KEY_FILE}
    if strange := set(keys["files"]) - allowed:
        raise Failure(f"{keys_path} holds {min(strange)!r}, which does not belong there.")
    if strange := set(data["files"]) & allowed:
        raise Failure(f"{data_path} holds {min(strange)!r}, which does not belong there.")
    step("checking and unpacking the data")
    extract(data_path, data, folder)
    step("checking and unpacking the keys")
    extract(keys_path, keys, folder)


def _settle(folder: Path, database: str | None) -> None:
    """Make the settings name the files where they are now, and bring the database home."""
    path = folder / "wecreate.yaml"
    text = path.read_text(encoding="utf-8")
    places = {key: f'"{name}"' for key, name in _PLACES.items()}
    places["database", "url"] = f'"{database or f"sqlite:///{DATABASE}"}"'
    write_private(path, with_values(text, places))
    step("bringing WeCreate's database home")
    copy = folder / f"{DATABASE}.archived"
    (folder / DATABASE).rename(copy)
    restore_database(copy, database or f"sqlite:///{folder / DATABASE}")
    copy.unlink()
    if (device := folder / BOT / STORE_FILE).exists():
        after_restore(device)


def _check_settings(path: Path) -> None:
    try:
        load_settings(path)
    except SettingsError as error:
        complain(f"All is restored, but the settings need your hand:\n{error}")
