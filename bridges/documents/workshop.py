"""Where files are made for the delivery: beside the event loop, outside of any transaction."""

from __future__ import annotations

import asyncio
import base64
import logging
from pathlib import Path
from typing import Any

from bridges.documents.export import DocumentFailed
from bridges.documents.making import made
from bridges.documents.recipes import from_json
from wecreate_module.domain.effects import MakeFile, SendFile

log = logging.getLogger("wecreate.documents")
_AT_ONCE = 2
"""Files that are made at the same time: each takes a core, and large ones much memory."""


class Workshop:
    """`folder` is the operator's, with logo and templates."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def make(self, wanted: MakeFile) -> SendFile | dict[str, Any]:
        """The file to be sent, or `{"failed": …}`."""
        try:
            async with self._places:
                file = await asyncio.to_thread(self._made, wanted)
        except DocumentFailed as error:
            log.warning("a document could not be made", extra={"why": str(error)})
            return {"failed": "document"}
        return file

    def _made(self, wanted: MakeFile) -> SendFile:
        file = made(from_json(wanted.recipe), self._folder)
        return SendFile(
            wanted.room_id, file.name, file.mimetype, base64.b64encode(file.data).decode()
        )
