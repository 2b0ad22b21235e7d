"""What the pages use of others is what the lock names."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "bridges/web/static"
# Of @noble/hashes 2.4.0, as `make vendor` copied them.
WANTED = {
    "LICENSE": "4f221aee6e072336",
    "_md.js": "60cf3010fda89e3e",
    "_u64.js": "b09da8c07fe8187c",
    "hmac.js": "fec9f8f3aeda785e",
    "pbkdf2.js": "62b75b5465a89af0",
    "scrypt.js": "a38a020620776fa5",
    "sha2.js": "471746bba6ec4c62",
    "utils.js": "037ad49adb78168b",
}


def test_each_file_of_the_library_is_as_its_authors_published_it() -> None:
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in (STATIC / "noble").iterdir()
    }
    assert found == WANTED


def test_the_lock_names_the_library_by_its_digest() -> None:
    lock = json.loads((ROOT / "config/web/package-lock.json").read_text())
    entry = lock["packages"]["node_modules/@noble/hashes"]
    assert entry["version"] == "2.4.0"
    kind, _, digest = entry["integrity"].partition("-")
    assert (kind, len(base64.b64decode(digest))) == ("sha512", 64)
