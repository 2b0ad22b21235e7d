"""An e-mail's text: every header is made by the library from plain words, never put together."""

from __future__ import annotations

import base64
import unicodedata
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from wecreate_module.domain.effects import SendMail

_LONGEST_HEADER = 200


def compose(mail: SendMail, sender: str, at: datetime) -> bytes:
    """As it goes to the mail server: 7 bits wide, so that every server takes it."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(one_line(mail.from_name), sender)
    message["To"] = _address("", mail.to)
    if mail.reply_to:
        message["Reply-To"] = _address("", mail.reply_to)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "no"
    message.set_content(mail.text, cte="quoted-printable")
    for file in mail.files:
        kind, _, subtype = str(file["mimetype"]).partition("/")
        message.add_attachment(
            base64.b64decode(file["data"]),
            maintype=kind,
            subtype=subtype,
            filename=one_line(str(file["name"])),
        )
    return message.as_bytes()


def one_line(text: str) -> str:
    """Without line breaks, control and direction characters; bounded."""
    kept = "".join(
        " " if char.isspace() or unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char
        for char in text
        if unicodedata.category(char) not in {"Cf", "Cs", "Co", "Cn"}
    )
    return " ".join(kept.split())[:_LONGEST_HEADER]


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)
