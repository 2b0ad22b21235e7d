"""Small files that only the bot may read: written whole or not at all."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from bots.kit.crypto.errors import IdentityError


def write_secret(file: Path, content: str) -> None:
    """Replace `file` at once; its mode is 0600 from the first byte on."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def read_json(file: Path) -> dict[str, Any] | None:
    """Return the object in `file`, None without one; raises IdentityError when it is damaged."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise IdentityError(
            f"{file} can't be read ({error}). Restore it with `wecreate restore`."
        ) from error
    if not isinstance(content, dict):
        raise IdentityError(f"{file} is damaged. Restore it with `wecreate restore`.")
    return content


def kept_secret(file: Path) -> str:
    """Return the random secret in `file`, made on the first call (64 hex digits)."""
    if not file.exists():
        write_secret(file, secrets.token_hex(32))
    return file.read_text(encoding="utf-8").strip()
