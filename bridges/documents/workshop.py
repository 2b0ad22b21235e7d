"""Where files are made for the delivery: beside the event loop, outside of any transaction."""

from __future__ import annotations

import asyncio
import base64
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from bridges.documents.export import DocumentFailed, File
from bridges.documents.making import made
from bridges.documents.recipes import from_json
from wecreate_module.domain.effects import MakeFile, SendFile, SendMail

Json = dict[str, Any]
log = logging.getLogger("wecreate.documents")
_AT_ONCE = 2
"""Files that are made at the same time: each takes a core, and large ones much memory."""


class Workshop:
    """`folder` is the operator's, with logo and templates."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def make(self, wanted: MakeFile) -> SendFile | Json:
        """The file to be sent, or `{"failed": …}`."""
        try:
            file = await self._made(wanted.recipe)
        except DocumentFailed as error:
            return _failed(error)
        return SendFile(wanted.room_id, file.name, file.mimetype, _base64(file))

    async def attach(self, mail: SendMail) -> SendMail | Json:
        """The mail with its files made, or `{"failed": …}`."""
        try:
            files = [await self._attached(each) for each in mail.files]
        except DocumentFailed as error:
            return _failed(error)
        return replace(mail, files=files)

    async def _attached(self, file: Json) -> Json:
        if "recipe" not in file:
            return file
        made_now = await self._made(file["recipe"])
        return {"name": made_now.name, "mimetype": made_now.mimetype, "data": _base64(made_now)}

    async def _made(self, recipe: Json) -> File:
        async with self._places:
            return await asyncio.to_thread(lambda: made(from_json(recipe), self._folder))


def _base64(file: File) -> str:
    return base64.b64encode(file.data).decode()


def _failed(error: DocumentFailed) -> Json:
    log.warning("a document could not be made", extra={"why": str(error)})
    return {"failed": "document"}
