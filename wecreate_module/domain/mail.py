"""E-mail addresses as people type them, and what became of a mail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from wecreate_module.domain.errors import UserError

_LONGEST = 254  # RFC 5321, 4.5.3.1.3
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_LONGEST_LOCAL = 64


@dataclass(frozen=True)
class Mailing:
    """A motion's mail. `answer` is what the receiving server said when it took it."""

    to: str
    reply_to: str
    message_id: str
    at: datetime
    answer: str = ""
    uncertain: bool = False
    """It broke off at the last step: nobody knows whether it went out."""


def read_address(text: str) -> str:
    """One plain address, nothing around it; UserError for anything else."""
    said = text.strip().removeprefix("<").removesuffix(">").removeprefix("mailto:")
    local = said.partition("@")[0]
    if len(said) > _LONGEST or len(local) > _LONGEST_LOCAL or not _ADDRESS.fullmatch(said):
        raise UserError(
            "address-unclear",
            "“{text}” is no e-mail address. Write it like: office@example.org",
            text=" ".join(text.split())[:60],
        )
    return said
