"""Where files are made for the delivery: beside the event loop, outside of any transaction.

What was made a while ago, or ahead, is there at once; it is kept in memory alone.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any

from bridges.documents.export import DocumentFailed, File
from bridges.documents.making import made
from bridges.documents.recipes import from_json
from wecreate_module.domain.effects import MakeFile, PrepareFile, SendFile, SendMail

Json = dict[str, Any]
log = logging.getLogger("wecreate.documents")
_AT_ONCE = 2
"""Files that are made at the same time: each takes a core, and large ones much memory."""
_MOST_KEPT = 24
_LARGEST_KEPT = 1_000_000
_KEPT_SECONDS = 900.0


class Workshop:
    """`folder` is the operator's, with logo and templates."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._known: OrderedDict[str, asyncio.Task[File]] = OrderedDict()

    async def prepare(self, likely: PrepareFile) -> Json:
        """Make a file that will likely be asked for; whether it can be made is told then.

        Only where there is room: what was asked for goes first.
        """
        if self._places.locked():
            return {}
        try:
            await self._made(likely.recipe)
        except DocumentFailed as error:
            log.info("a document could not be made ahead", extra={"why": str(error)})
        return {}

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
        """As made before, or by whoever is at it just now; else made here."""
        if "document" not in recipe:
            return await self._make(recipe)
        if self._folder is None:
            key = _name_of(recipe, None)
        else:
            key = await asyncio.to_thread(_name_of, recipe, self._folder)
        making = self._known.get(key)
        if making is None:
            making = self._known[key] = asyncio.create_task(self._make(recipe), name="document")
            making.add_done_callback(lambda ended: self._ended(key, ended))
        self._known.move_to_end(key)
        while len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
        return await asyncio.shield(making)

    def _ended(self, key: str, making: asyncio.Task[File]) -> None:
        """It is kept for a while, unless it is no use to keep."""
        failed = making.cancelled() or making.exception() is not None
        if failed or len(making.result().data) > _LARGEST_KEPT:
            self._forget(key, making)
        else:
            making.get_loop().call_later(_KEPT_SECONDS, self._forget, key, making)

    def _forget(self, key: str, making: asyncio.Task[File]) -> None:
        if self._known.get(key) is making:
            del self._known[key]

    async def _make(self, recipe: Json) -> File:
        async with self._places:
            try:
                return await asyncio.to_thread(lambda: made(from_json(recipe), self._folder))
            except DocumentFailed:
                raise
            except Exception as error:
                # A boundary: what breaks in the making would break each time, and its room would
                # hear nothing any more for one document's sake.
                log.exception("the making of a document broke")
                raise DocumentFailed(f"the making broke: {error!r}") from error


def _name_of(recipe: Json, folder: Path | None) -> str:
    """Changes with the recipe and with whatever stands in the operator's folder."""
    found = sorted(folder.rglob("*")) if folder is not None and folder.is_dir() else []
    house = [_state_of(each) for each in found]
    told = json.dumps([recipe, house], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()


def _state_of(path: Path) -> tuple[str, int, int]:
    try:
        about = path.stat()
    except OSError:  # an editor's lock is a link to nowhere; others are gone by now
        return str(path), 0, 0
    return str(path), about.st_mtime_ns, about.st_size


def _base64(file: File) -> str:
    return base64.b64encode(file.data).decode()


def _failed(error: DocumentFailed) -> Json:
    log.warning("a document could not be made", extra={"why": str(error)})
    return {"failed": "document"}
