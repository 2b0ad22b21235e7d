"""Collections and objects as Radicale's protocol layer asks for them, over the store."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from time import thread_time
from typing import Any, overload
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from radicale.app.report import test_filter
from radicale.item import Item
from radicale.item.filter import TIMESTAMP_MAX, TIMESTAMP_MIN, simplify_prefilters
from radicale.storage import BaseCollection

from bridges.caldav.kinds import COMPONENTS, plain_uid, stand_in
from bridges.caldav.refusals import TOO_MUCH, Refusal
from bridges.caldav.search import Words
from bridges.caldav.tokens import revision_of, token_of
from bridges.caldav.versions import with_version
from bridges.caldav.visit import Visit
from bridges.caldav.wellformed import well_formed
from bridges.caldav.windows import Window
from bridges.caldav.zones import parsed
from wecreate_module.services import outside
from wecreate_module.services.calendars import Collection
from wecreate_module.storage.calendar_objects import CalendarObject, Kind
from wecreate_module.storage.errors import KeyDestroyed

log = logging.getLogger("wecreate.dav")

_COLOURS = (
    *("#3F7CACFF", "#D1495BFF", "#2E8B57FF", "#8E6C8AFF", "#D9822BFF", "#1B998BFF"),
    *("#7A5C58FF", "#5B6CB8FF", "#B5547EFF", "#6B8E23FF", "#0E7C86FF", "#A44A3FFF"),
)
_FIXED = frozenset({"tag", "C:supported-calendar-component-set"})
_MOST_PROPERTIES, _LONGEST_PROPERTIES = 20, 20_000
_LONGEST_SEARCH = 20.0
"""Seconds of the processor that one search for words may take."""
_TOO_MANY = Refusal(HTTPStatus.INSUFFICIENT_STORAGE, why="Too many properties.")
_TASKS = {"de": "{name}: Aufgaben", "en": "{name}: tasks"}


class Folder(BaseCollection):
    """What only holds others: the root (path "") and a person's home."""

    def __init__(self, path: str) -> None:
        self._path = path

    @property
    def path(self) -> str:
        return self._path

    @overload
    def get_meta(self, key: None = None) -> Mapping[str, str]: ...
    @overload
    def get_meta(self, key: str) -> str | None: ...
    def get_meta(self, key: str | None = None) -> Mapping[str, str] | str | None:
        return {} if key is None else None

    def get_all(self) -> Iterable[Item]:
        return ()

    @property
    def last_modified(self) -> str:
        return format_datetime(datetime.now(UTC), usegmt=True)


class StoredItem(Item):
    """An object of the store; its text is opened when it is asked for."""

    def __init__(self, collection: BoxCollection, stored: CalendarObject) -> None:
        # Not by way of Item's own __init__: it checks the path of each of 10,000 objects.
        self.collection = collection
        self._collection_path = collection.path
        self.href = stored.href
        self.last_modified = format_datetime(stored.updated_at, usegmt=True)
        self._vobject_item = None
        self._etag = stored.etag
        self._uid = plain_uid(stored.uid)
        self._name = "VCALENDAR"
        self._component_name = COMPONENTS[stored.kind]
        self._time_range = None
        self._text = None
        self.stored = stored
        self._wanted = collection.wants_text
        self._versions = collection.versions
        self._zone = collection.zone

    def forget(self) -> None:
        """Drop what was parsed; it needs much room."""
        self._vobject_item = None

    def serialize(self) -> str:
        # Radicale asks for it even where an etag alone is wanted.
        if not self._wanted:
            return ""
        text = self._opened()
        return with_version(text.encode(), self.stored.etag).decode() if self._versions else text

    def _opened(self) -> str:
        if self._text is None:
            self._text = self.stored.text
        return self._text

    @property
    def vobject_item(self) -> Any:  # noqa: ANN401  vobject
        if self._vobject_item is None:
            self._vobject_item = self._read()
        return self._vobject_item

    def _read(self) -> Any:  # noqa: ANN401  vobject
        try:
            return parsed(well_formed(self._opened(), self._zone))
        except KeyDestroyed:
            raise
        except Exception:  # noqa: BLE001  whatever two parsers make of it: one object spoils no answer
            log.warning("an object can't be read", extra={"number": self.stored.number})
            return parsed(stand_in(self.stored.uid, self.stored.kind).decode())


class BoxCollection(BaseCollection):
    """The events or the tasks of one Box, in one person's home."""

    def __init__(self, visit: Visit, shown: Collection) -> None:
        self._visit = visit
        self.shown = shown
        self.wants_text = visit.wants_text
        self.versions = visit.versions
        self.zone = ZoneInfo(shown.box.timezone)
        self._path = f"{visit.login}/{shown.id}"
        self._objects = visit.uow.calendar_objects
        self._key = (shown.box.id, shown.kind)
        # Answers are written after the transaction, so what they need is read now.
        self._top = self._objects.top(*self._key)
        properties = visit.uow.calendar_properties
        self._own = properties.get(visit.user_id, *self._key)

    @property
    def path(self) -> str:
        return self._path

    @property
    def etag(self) -> str:
        return f'"{self._top:x}"'

    @property
    def last_modified(self) -> str:
        return format_datetime(datetime.now(UTC), usegmt=True)

    @overload
    def get_meta(self, key: None = None) -> Mapping[str, str]: ...
    @overload
    def get_meta(self, key: str) -> str | None: ...
    def get_meta(self, key: str | None = None) -> Mapping[str, str] | str | None:
        meta = self._meta()
        return meta if key is None else meta.get(key)

    def _meta(self) -> dict[str, str]:
        box = self.shown.box
        name = box.name
        if self.shown.kind is Kind.TASK:
            name = _TASKS.get(box.language, _TASKS["en"]).format(name=name)
        fixed = {
            "tag": "VCALENDAR",
            "C:supported-calendar-component-set": COMPONENTS[self.shown.kind],
        }
        usual = {"D:displayname": name, "ICAL:calendar-color": _colour(box.id)}
        return {**usual, **self._own, **fixed}

    def set_meta(self, props: Mapping[str, str]) -> None:
        """Keep a person's own name, colour and order of a calendar; nobody else sees them."""
        usual = {name: value for name, value in self._meta().items() if name not in self._own}
        own = {
            name: value
            for name, value in props.items()
            if usual.get(name) != value and name not in _FIXED
        }
        if len(own) > _MOST_PROPERTIES or sum(map(len, own.values())) > _LONGEST_PROPERTIES:
            raise self._visit.refuse(_TOO_MANY)
        self._visit.uow.calendar_properties.put(self._visit.user_id, *self._key, own)

    def get_all(self) -> Iterator[Item]:
        for stored in self._objects.all(*self._key):
            yield StoredItem(self, stored)

    def serialize(self, *args: Any, **named: Any) -> str:  # noqa: ANN401  Radicale's signature
        """All in one text, for who gets it; a PROPFIND wants to know its length alone."""
        return super().serialize(*args, **named) if self._visit.wants_whole else ""

    def get_multi(self, hrefs: Iterable[str]) -> Iterator[tuple[str, Item | None]]:
        wanted = list(hrefs)
        found = {one.href: one for one in self._objects.named(*self._key, wanted)}
        for href in wanted:
            stored = found.get(href)
            yield href, StoredItem(self, stored) if stored else None

    def get_filtered(self, filters: Iterable[Element]) -> Iterator[tuple[Item, bool]]:
        wanted = list(filters)
        tag, start, end, simple = simplify_prefilters(wanted, self.tag)
        if tag is not None and tag != COMPONENTS[self.shown.kind]:
            return
        window = Window(_instant(start), _instant(end), self.shown.box.timezone)
        events = self.shown.kind is Kind.EVENT
        found = self._objects.between(*self._key, *window.bounds)
        if events and not window.endless:
            found = [stored for stored in found if window.has(stored)]
        if events and self._visit.expanded is not None:
            # Radicale would expand each one there is, to find that most have nothing to tell.
            near = Window(*self._visit.expanded, self.shown.box.timezone).widened()
            found = [stored for stored in found if near.has(stored)]
        if simple and (events or window.endless):
            yield from ((StoredItem(self, stored), True) for stored in found)
        else:
            yield from ((item, True) for item in self._matching(found, wanted))

    def _matching(self, found: Iterable[CalendarObject], filters: list[Element]) -> Iterator[Item]:
        """Those that fit the filters; each is parsed whose text may fit."""
        words, until = Words(filters), thread_time() + _LONGEST_SEARCH
        for stored in found:
            if thread_time() > until:
                raise self._visit.refuse(TOO_MUCH)
            if not words.may_be_in(stored.text):
                continue
            item = StoredItem(self, stored)
            try:
                fits = all(test_filter(self.tag, item, each) for each in filters)
            except (ValueError, KeyDestroyed):
                raise  # a filter that can't be understood; a Box that is gone
            except Exception:  # what the parsers make of odd texts: one spoils no answer
                log.exception("a filter failed", extra={"number": stored.number})
                continue
            if fits:
                item.forget()
                yield item

    def has_uid(self, uid: str) -> bool:
        written = self._visit.written
        return self._objects.href_of(*self._key, written.uid if written else uid) is not None

    def sync(self, old_token: str = "") -> tuple[str, Iterable[str]]:
        """ValueError for a token that was never given."""
        token = token_of(self._top)
        if not old_token:
            return token, self._all_hrefs()
        revision = revision_of(old_token)
        if revision is None or revision > self._top:
            raise ValueError("no such sync token")
        return token, self._objects.changed(*self._key, revision)

    def _all_hrefs(self) -> Iterator[str]:
        # Lazily: a PROPFIND asks for the token alone.
        yield from self._objects.hrefs(*self._key)

    def upload(self, href: str, item: Item) -> tuple[Item, Item | None]:
        del item  # the text as it was sent is kept, not as vobject would write it
        visit, written = self._visit, self._visit.written
        if written is None or not self.shown.may_write:
            raise RuntimeError("an upload that was not checked")
        old = self._objects.named(*self._key, [href])
        with visit.uow.savepoint():
            stored = outside.put(
                visit.uow, self.shown.box, self.shown.kind, href, written, actor=visit.user_id
            )
        return StoredItem(self, stored), StoredItem(self, old[0]) if old else None

    def delete(self, href: str | None = None) -> None:
        found = self._objects.named(*self._key, [href]) if href else []
        if not found or not self.shown.may_write:
            raise RuntimeError("a deletion that was not checked")
        outside.delete(self._visit.uow, self.shown.box, found[0], actor=self._visit.user_id)

    def take(self, item: Item, href: str) -> None:
        """Give an object of this collection another name, over what had it before."""
        if not isinstance(item, StoredItem) or (item.stored.box_id, item.stored.kind) != self._key:
            raise ValueError("only within one collection")
        for replaced in self._objects.named(*self._key, [href]):
            if replaced.number != item.stored.number:
                self.delete(href)
        self._objects.rename(item.stored, href)


def _instant(timestamp: int) -> datetime | None:
    if timestamp <= TIMESTAMP_MIN or timestamp >= TIMESTAMP_MAX:
        return None
    return datetime.fromtimestamp(timestamp, UTC)


def _colour(box_id: str) -> str:
    """One for each Box, the same in every program."""
    return _COLOURS[hashlib.sha256(box_id.encode()).digest()[0] % len(_COLOURS)]
