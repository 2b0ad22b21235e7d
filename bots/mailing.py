"""The way of mails; what may be tried again is, as with the homeserver."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bots.kit.client import Unreachable
from bridges.documents.workshop import Workshop
from bridges.email.smtp import Mailer, TryLater
from wecreate_module.domain.effects import SendMail
from wecreate_module.settings import Settings
from wecreate_module.storage.store import Store


def by_mail(
    settings: Settings, store: Store, workshop: Workshop
) -> Callable[[SendMail], Awaitable[dict[str, Any]]]:
    """Carries out SendMail, with what is attached made at last."""
    mailer = Mailer(settings.mail, settings.mail_sender, store)

    async def send(mail: SendMail) -> dict[str, Any]:
        ready = await workshop.attach(mail)
        if not isinstance(ready, SendMail):
            return ready
        try:
            return await mailer.send(ready)
        except TryLater as error:
            raise Unreachable(str(error)) from error

    return send
