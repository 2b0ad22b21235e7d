"""Archives with a manifest: written whole or not at all, verified before anything is used."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from bots.operation.terminal import Failure

Json = dict[str, Any]

FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK = 1024 * 1024
_LARGEST_MANIFEST = 256 * _CHUNK


class Archive:
    """An archive being written. Files are added under names of the archive's own."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._files: dict[str, Json] = {}

    def add(self, name: str, path: Path) -> None:
        """One file as it is now; what is appended to it meanwhile is left out."""
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            hashing = _Hashing(stream)
            self._tar.addfile(_member(name, size), hashing)
        self._files[name] = {"size": size, "sha256": hashing.digest.hexdigest()}

    def add_folder(self, name: str, folder: Path) -> None:
        """All plain files below `folder`; links are left out, and what vanishes meanwhile."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                try:
                    self.add(f"{name}/{path.relative_to(folder).as_posix()}", path)
                except FileNotFoundError:
                    continue

    def close(self, facts: Json) -> None:
        manifest = {"format": FORMAT, **facts, "files": self._files}
        text = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
        self._tar.addfile(_member(MANIFEST, len(text)), io.BytesIO(text))


class _Hashing(io.RawIOBase):
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.digest.update(data)
        return data


def _member(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = 0o600
    return info


@contextmanager
def write_archive(path: Path, facts: Json) -> Iterator[Archive]:
    """Give an archive to add to; `path` appears, mode 0600, when all is in it and on disk."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            # Level 6 is three times as fast as gzip's usual 9 and as small on databases.
            with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=6) as tar:
                archive = Archive(tar)
                yield archive
                archive.close(facts)
            stream.flush()
            os.fsync(stream.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read_manifest(path: Path) -> Json:
    """The manifest of an archive; raises Failure when it has none that we understand."""
    try:
        with tarfile.open(path, "r:gz") as tar:
            info = tar.getmember(MANIFEST)
            stream = tar.extractfile(info) if info.size <= _LARGEST_MANIFEST else None
            manifest = json.load(stream) if stream else None
    except FileNotFoundError:
        raise Failure(f"There is no archive {path}.") from None
    except (OSError, EOFError, zlib.error, tarfile.TarError, KeyError, ValueError) as error:
        raise Failure(f"{path} is not an archive of `wecreate backup`, or is damaged.") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise Failure(f"{path} is not an archive of `wecreate backup`.")
    if manifest.get("format") != FORMAT:
        raise Failure(
            f"{path} was written by another version of WeCreate "
            f"({manifest.get('version', 'unknown')}); restore it with that one."
        )
    return manifest


def extract(path: Path, manifest: Json, folder: Path) -> None:
    """Unpack into `folder`, comparing every file with the manifest.

    Raises Failure for anything that is not listed, missing, changed, no plain file, or that
    would land outside `folder`.
    """
    missing: Json = dict(manifest["files"])
    try:
        with tarfile.open(path, "r:gz") as tar:
            for member in tar:
                if member.name == MANIFEST:
                    continue
                wanted = missing.pop(member.name, None)
                if not isinstance(wanted, dict) or not member.isreg() or not _inside(member.name):
                    raise Failure(
                        f"{path} holds {member.name[:200]!r}, which is not expected there."
                    )
                stream = tar.extractfile(member)
                if stream is None or _unpack(stream, folder / member.name) != wanted.get("sha256"):
                    raise Failure(f"{path} is damaged: {member.name} is not what it was.")
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise Failure(f"{path} can't be unpacked: {error}") from error
    if missing:
        raise Failure(f"{path} is damaged: {min(missing)} is missing in it.")


def _inside(name: str) -> bool:
    """Whether a member's name stays below the folder it is unpacked in."""
    parts = PurePosixPath(name).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts and "\0" not in name


def _unpack(stream: IO[bytes], file: Path) -> str:
    """Write a private file; gives its sha256. tarfile's own way came with Python 3.11.4 only."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest()
