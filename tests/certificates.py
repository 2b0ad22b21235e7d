"""A certificate authority of the tests' own, for servers that federate on loopback."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import trustme


class Authority:
    """Signs for host names and loopback addresses alike."""

    def __init__(self, directory: Path) -> None:
        self._ca = trustme.CA()
        self.pem = directory / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.pem))

    def issue(self, host: str, directory: Path, until: datetime | None = None) -> tuple[Path, Path]:
        """(certificate chain, private key) for `host`, written into `directory`."""
        leaf = self._ca.issue_cert(host, not_after=until)
        certificate, key = directory / "tls.crt", directory / "tls.key"
        certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        leaf.private_key_pem.write_to_path(str(key))
        return certificate, key
