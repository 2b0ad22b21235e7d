"""`wecreate verify-document FILE`: whether a file is the agreed version of a motion."""

from __future__ import annotations

import argparse
import re
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bots.app import open_store
from bots.operation.layout import Layout
from bots.operation.terminal import FAILED, FINE, Failure, give, say
from bridges.documents.verifying import MOST_BYTES, Outcome, Verdict, look_into, verify
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import Version
from wecreate_module.settings import SettingsError, load_settings
from wecreate_module.storage.errors import StoreError
from wecreate_module.storage.uow import UnitOfWork

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Known:
    """The version of that fingerprint, as the store has it."""

    box: str
    motion: int
    version: Version
    state: str


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a .pdf, .docx, .odt, .html, .md or .txt file")
    parser.add_argument("--sha256", metavar="HEX", help="the fingerprint that was agreed on")
    parser.add_argument(
        "--with",
        dest="other",
        type=Path,
        metavar="FILE",
        help="another file of the same version: plain text carries no words to compare with",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--config", type=Path, metavar="FILE", help="look into this installation")
    where.add_argument("--dir", type=Path, help="look into this folder of `wecreate up`")
    parser.add_argument("--json", action="store_true", help="answer as JSON")


def run(args: argparse.Namespace) -> int:
    """0 for the agreed version, 1 for every other file."""
    wanted = (args.sha256 or "").strip().casefold()
    if wanted and not _FINGERPRINT.fullmatch(wanted):
        raise Failure("--sha256: 64 of the signs 0 to 9 and a to f are expected")
    try:
        data = _read(args.file)
        known = _known(args, look_into(args.file.name, data).sha256)
        agreed = known.version.agreed if known else _words_of(args.other)
        verdict = verify(args.file.name, data, agreed)
    except UserError as error:
        raise Failure(f"{args.file}: {error}") from error
    fits = verdict.outcome is Outcome.AGREED and (not wanted or wanted == verdict.sha256)
    asked = args.config is not None or args.dir is not None
    fine = fits and (known is not None or not asked)
    if args.json:
        give(_data(verdict, known, fine=fine))
    else:
        for line in _words(verdict, known, wanted, asked=asked):
            say(line)
    return FINE if fine else FAILED


def _read(file: Path) -> bytes:
    if file.stat().st_size > MOST_BYTES:
        raise Failure(f"{file}: too large to be checked")
    return file.read_bytes()


def _words_of(file: Path | None) -> str | None:
    return None if file is None else look_into(file.name, _read(file)).agreed


def _known(args: argparse.Namespace, sha256: str) -> Known | None:
    """Look the fingerprint up in an installation, where one was named."""
    if not sha256 or (args.config is None and args.dir is None):
        return None
    try:
        settings = load_settings(args.config or Layout(args.dir).settings)
        with closing(open_store(settings)) as store, store.read(datetime.now(UTC)) as uow:
            return _version_of(uow, sha256)
    except (SettingsError, StoreError) as error:
        raise Failure(str(error)) from error


def _version_of(uow: UnitOfWork, sha256: str) -> Known | None:
    for box in uow.boxes.all():
        for motion in uow.motions.list(box.id):
            for number in range(motion.version.number, 0, -1):
                version = uow.motions.version(box.id, motion.number, number)
                if version is not None and version.sha256 == sha256:
                    return Known(box.name, motion.number, version, motion.state.value)
    return None


_SAID = {
    Outcome.NOT_OURS: "✗ This file has no fingerprint of WeCreate.",
    Outcome.CHANGED: "✗ This is not the agreed version: {why}.",
    Outcome.UNKNOWN: "? Plain text has a fingerprint but no words to compare. Name another file "
    "of the same version (--with) or the installation (--dir).",
}


def _words(verdict: Verdict, known: Known | None, wanted: str, *, asked: bool) -> list[str]:
    told = [f"fingerprint: {verdict.sha256}"] if verdict.sha256 else []
    if verdict.outcome in _SAID:
        return [_SAID[verdict.outcome].format(why=verdict.why), *told]
    if wanted and wanted != verdict.sha256:
        return ["✗ Whole, but not the version you named.", *told]
    if known is not None:
        about = f"A{known.motion}, version {known.version.number}, in “{known.box}”"
        return [f"✓ “{verdict.title}” is the agreed version: {about} ({known.state}).", *told]
    if asked:
        return ["✗ Whole, but no motion there has or had these words.", *told]
    hint = "Compare the fingerprint with the one in your Box, or name it: --sha256"
    return [f"✓ “{verdict.title}” is as its fingerprint says.", *told, hint]


def _data(verdict: Verdict, known: Known | None, *, fine: bool) -> dict[str, object]:
    about = known and {
        "box": known.box,
        "motion": known.motion,
        "version": known.version.number,
        "state": known.state,
    }
    return {
        "agreed": fine,
        "outcome": verdict.outcome.value,
        "sha256": verdict.sha256 or None,
        "title": verdict.title or None,
        "why": verdict.why or None,
        "known": about,
    }
