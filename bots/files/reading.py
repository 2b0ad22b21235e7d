"""The text of a shared file, for the search: one at a time, in a process of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from bots.kit.crypto.attachments import BrokenAttachment, decrypted
from bridges.files.text_reading import words_of
from bridges.web.ciphertexts import Fetch
from bridges.web.kept import CantKeep
from wecreate_module.domain.attachments import Media
from wecreate_module.domain.effects import ReadText
from wecreate_module.domain.file_texts import text_words

Json = dict[str, Any]


class Reading:
    """Carries out ReadText; what lies open does so in memory alone."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._one = asyncio.Semaphore(1)

    async def read(self, effect: ReadText) -> Json:
        """Raises what a fetch raises, when trying again may help."""
        media = Media(**effect.media)
        async with self._one:
            try:
                pieces = self._fetch(media.url, effect.most)
                clear = b"".join([each async for each in decrypted(pieces, media.to_file())])
            except (BrokenAttachment, CantKeep):
                return {"text": None}
            text = await words_of(effect.how, clear)
        return {"text": await asyncio.to_thread(text_words, text) if text else None}
