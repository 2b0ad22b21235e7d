"""What the pages use of others is what the lock names."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "bridges/web/static"
# As `make vendor` copied them.
WANTED = {
    "noble": {
        "LICENSE": "4f221aee6e072336",
        "_md.js": "60cf3010fda89e3e",
        "_u64.js": "b09da8c07fe8187c",
        "hmac.js": "fec9f8f3aeda785e",
        "pbkdf2.js": "62b75b5465a89af0",
        "scrypt.js": "a38a020620776fa5",
        "sha2.js": "471746bba6ec4c62",
        "utils.js": "037ad49adb78168b",
    },
    "tus": {
        "LICENSE.js-base64": "fcf06aacb36ee292",
        "LICENSE.querystringify": "3b2a6a268aa815de",
        "LICENSE.requires-port": "3b2a6a268aa815de",
        "LICENSE.tus-js-client": "2ec372e137fa6593",
        "LICENSE.url-parse": "3b2a6a268aa815de",
        "tus.min.js": "8cbb1b63fccc3bba",
    },
}
VERSIONS = {"@noble/hashes": "2.4.0", "tus-js-client": "4.3.1"}


@pytest.mark.parametrize("library", sorted(WANTED))
def test_each_file_of_a_library_is_as_its_authors_published_it(library: str) -> None:
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in (STATIC / library).iterdir()
    }
    assert found == WANTED[library]


@pytest.mark.parametrize("library", sorted(VERSIONS))
def test_the_lock_names_each_library_by_its_digest(library: str) -> None:
    lock = json.loads((ROOT / "config/web/package-lock.json").read_text())
    entry = lock["packages"][f"node_modules/{library}"]
    assert entry["version"] == VERSIONS[library]
    kind, _, digest = entry["integrity"].partition("-")
    assert (kind, len(base64.b64decode(digest))) == ("sha512", 64)
