"""Copies of the store for backups, consistent while it is in use.

Copy the database first and the keys after it: every key that the copied data needs is then in
the copied keys, but for those of Boxes that were deleted in between.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, inspect
from sqlalchemy.engine import make_url

from wecreate_module.storage.engine import make_engine
from wecreate_module.storage.errors import StoreError
from wecreate_module.storage.trouble import explained, name_of

_TIMEOUT_S = 3600


def copy_database(url: str, target: Path) -> None:
    """Copy a database into the new file `target` (mode 0600); SQLite's file, or a pg_dump."""
    parsed = make_url(url)
    _make_private(target)
    if parsed.get_backend_name() == "sqlite":
        _copy_sqlite(Path(parsed.database or ""), target)
    else:
        _run("pg_dump", parsed, ["--format=custom", f"--file={target}"])


def restore_database(source: Path, url: str) -> None:
    """Put a copy back where no WeCreate database is yet; StoreError if there is one."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _restore_sqlite(source, Path(parsed.database or ""))
        return
    engine = make_engine(url)
    try:
        with explained(engine), engine.connect() as connection:
            if inspect(connection).has_table("alembic_version"):
                raise StoreError(
                    f"The database {name_of(parsed)} is in use already. Give an empty one."
                )
    finally:
        engine.dispose()
    _run("pg_restore", parsed, ["--single-transaction", "--exit-on-error", str(source)])


def copy_keys(keys_path: Path, key_file: Path, target_dir: Path) -> None:
    """Copy the keys and the operator's key file into a folder, under their own names."""
    target_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    copied = target_dir / keys_path.name
    _make_private(copied)
    _copy_sqlite(keys_path, copied)
    _copy_key_file(key_file, target_dir / key_file.name)


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.is_file():
        raise StoreError(f"There is no database {source} to copy.")
    with (
        _told(source),
        closing(sqlite3.connect(source, timeout=30)) as database,
        closing(sqlite3.connect(target)) as copy,
    ):
        # In one step: with WAL it keeps no writer waiting, and no writer makes it begin again.
        database.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreError(f"The database {source} is damaged ({found}): it was not copied.")


def _restore_sqlite(source: Path, target: Path) -> None:
    if target.exists():
        raise StoreError(f"{target} exists already. Restore into an empty folder.")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.restored")
    draft.unlink(missing_ok=True)
    _make_private(draft)
    _copy_sqlite(source, draft)
    for rest in ("-wal", "-shm", "-journal"):  # of a database that was there before
        target.with_name(target.name + rest).unlink(missing_ok=True)
    draft.replace(target)


def _copy_key_file(source: Path, target: Path) -> None:
    try:
        text = source.read_bytes()
    except OSError as error:
        raise StoreError(f"The key file {source} can't be read: {error.strerror}.") from error
    _make_private(target)
    target.write_bytes(text)


def _make_private(path: Path) -> None:
    """Make an empty file that only its owner reads; StoreError if it is there already."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StoreError(f"{path} can't be made: {error.strerror}.") from error


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path} can't be copied: {error}.") from error


def _run(program: str, url: URL, arguments: list[str]) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, never by `ps`."""
    place = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    try:
        done = subprocess.run(
            [_program(program), "--no-owner", "--no-privileges", f"--dbname={place}", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StoreError(f"{program} could not be run: {error}") from error
    if done.returncode:
        raise StoreError(f"{program} failed: {done.stderr.strip()[-500:]}")


def _program(name: str) -> str:
    """Find the newest of Debian's versions: it reads older servers, not newer ones."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    found = str(installed[-1]) if installed else shutil.which(name)
    if found is None:
        raise StoreError(f"{name} is not installed. Run: apt-get install postgresql-client")
    return found
