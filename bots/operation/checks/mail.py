"""Check of the mail server that motions go out by; it is given no mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bots.operation.checks.findings import Finding, fine, note, wrong
from bridges.email.smtp import try_out
from wecreate_module.settings import Settings

_LONGEST_STEP = 10
"""Seconds; whoever asks the doctor waits for the answer."""
_DO: Mapping[str, tuple[str, str]] = {
    "unreachable": (
        "does not answer",
        "Correct mail.host and mail.port (587 for starttls, 465 for tls), or open the way there.",
    ),
    "insecure": (
        "can't be reached safely",
        "Correct mail.security, or put its authority's certificate where mail.certificates says.",
    ),
    "login": (
        "does not let WeCreate in",
        "Correct mail.username and mail.password; the name is `none` where it wants none.",
    ),
}


async def check_mail(settings: Settings) -> Finding:
    """Whether a mail could go out now: the way there, its protection, login and sender."""
    mail = settings.mail
    if not mail.on:
        return note("mail", "none is set; people get files and hand motions in themselves")
    server = f"{mail.host}:{mail.port}"
    quick = replace(mail, timeout=min(mail.timeout, _LONGEST_STEP))
    result = await try_out(quick, settings.mail_sender)
    if not result:
        return fine("mail", f"{server} takes mail from {settings.mail_sender}")
    if "refused" in result:
        return wrong(
            "mail",
            f"{server} takes no mail from {settings.mail_sender} ({result['refused']})",
            "Correct mail.sender to an address that this server may send for.",
        )
    said, do = _DO[result["failed"]]
    return wrong("mail", f"{server} {said} ({result['why']})", do)
