"""Whose invites the bot accepts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InvitePolicy:
    """`partners` None: every server; else these names, beside our own."""

    server_name: str
    partners: frozenset[str] | None = None

    def welcomes(self, user_id: str) -> bool:
        """Whether an invite from this person is followed."""
        localpart, colon, server = user_id.partition(":")
        if not localpart.startswith("@") or not colon:
            return False
        return server == self.server_name or self.partners is None or server in self.partners
