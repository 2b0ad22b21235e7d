"""What members may upload: enforced where the bytes come in.

A person's quota is counted by Synapse itself, over all that they uploaded and that was not purged.
Which room an upload is for, Synapse does not know: so somebody whose Boxes are all full uploads
nothing large any more, and the bot sees to it that no single Box takes more than it may.
"""

from __future__ import annotations

import logging

from sqlalchemy.exc import SQLAlchemyError
from synapse.module_api import MediaUploadLimit, ModuleApi

from wecreate_module.domain.quotas import Quotas
from wecreate_module.services.quotas import BoxUsage

logger = logging.getLogger(__name__)

EVER_MS = 100 * 365 * 24 * 3600 * 1000
SMALL = 1_000_000
"""Bytes that pass all the same: pictures of people and rooms, not files."""


class MediaQuotas:
    """Leaves the bot alone: what it uploads was counted before."""

    def __init__(self, api: ModuleApi, bot: str, quotas: Quotas, database: str | None) -> None:
        self._api = api
        self._bot = bot
        self._quotas = quotas
        if quotas.person:
            api.register_media_repository_callbacks(
                get_media_upload_limits_for_user=self.get_media_upload_limits_for_user
            )
        if quotas.box and database is not None:
            self._usage = BoxUsage(database)
            api.register_media_repository_callbacks(
                is_user_allowed_to_upload_media_of_size=self.is_user_allowed_to_upload_media_of_size
            )

    async def get_media_upload_limits_for_user(self, user_id: str) -> list[MediaUploadLimit] | None:
        """None leaves it to `media_upload_limits` of homeserver.yaml."""
        if user_id == self._bot:
            return []
        return [MediaUploadLimit(max_bytes=self._quotas.person, time_period_ms=EVER_MS)]

    async def is_user_allowed_to_upload_media_of_size(self, user_id: str, size: int) -> bool:
        if user_id == self._bot or size <= SMALL:
            return True
        try:
            used = await self._api.defer_to_thread(self._usage.emptiest, user_id)
        except SQLAlchemyError as error:  # no bot has started on it yet, or it is away
            logger.warning("the Boxes' quotas can't be read: %s", type(error).__name__)
            return True
        return used is None or used + size <= self._quotas.box
