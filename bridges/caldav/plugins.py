"""Radicale's auth, rights and storage, as WeCreate has them.

The gate has checked who asks before Radicale sees a request; nobody unknown gets here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NoReturn

from radicale import pathutils
from radicale.auth import BaseAuth
from radicale.item import Item
from radicale.rights import BaseRights
from radicale.storage import BaseCollection, BaseStorage

from bridges.caldav.collections import BoxCollection, Folder
from bridges.caldav.paths import Place, place_of
from bridges.caldav.visit import Visit, anybody, current

Children = Callable[[str, str | None], AbstractContextManager[None]]


class Auth(BaseAuth):
    """Takes over whom the gate has let in. Headers count for nothing here."""

    def get_external_login(self, environ: Mapping[str, Any]) -> tuple[()] | tuple[str, str]:
        del environ
        visit = anybody()
        return (visit.login, "") if visit else ()

    def _login(self, login: str, password: str) -> str:
        del password
        visit = anybody()
        return login if visit and visit.login == login else ""


class Rights(BaseRights):
    """A person sees their own home alone, and in it the calendars of their Boxes."""

    def authorization(self, user: str, user_groups: set[str], path: str) -> str:
        """R, r: read; w: write. Nobody gets W, O or D: collections are made in chat."""
        del user_groups
        visit, place = anybody(), place_of(path)
        if not user or visit is None or user != visit.login or place is None:
            return ""
        # Of an object, its collection's rights decide.
        if place.href or (place.login and place.login != user):
            return ""
        return _of_collection(visit, place.collection) if place.collection else "R"


def _of_collection(visit: Visit, name: str) -> str:
    shown = visit.home.get(name)
    # What is not there may be looked for: Radicale then says 404.
    writing = shown is not None and (shown.may_write or visit.own_properties)
    return "rw" if writing else "r"


class Storage(BaseStorage):
    """Finds what paths lead to."""

    _supports_unicode = True
    _supports_trailing_whitespace = True
    _supports_problematic_chars = True

    def discover(
        self,
        path: str,
        depth: str = "0",
        child_context_manager: Children | None = None,
        user_groups: Iterable[str] = (),
    ) -> Iterator[BaseCollection | Item]:
        del child_context_manager, user_groups
        visit, place = current(), place_of(pathutils.strip_path(path))
        if place is None:
            return
        below = depth != "0"
        if not place.login:
            yield Folder("")
            if below:
                yield Folder(visit.login)
        elif place.login == visit.login:
            yield from self._in_home(visit, place, below=below)

    def _in_home(
        self, visit: Visit, place: Place, *, below: bool
    ) -> Iterator[BaseCollection | Item]:
        if not place.collection:
            yield Folder(visit.login)
            for shown in visit.home.values() if below else ():
                yield BoxCollection(visit, shown)
            return
        found = visit.home.get(place.collection)
        if found is None:
            return
        collection = BoxCollection(visit, found)
        if place.href:
            yield from (item for _, item in collection.get_multi([place.href]) if item)
            return
        yield collection
        if below:
            yield from collection.get_all()

    def move(self, item: Item, to_collection: BaseCollection, to_href: str) -> None:
        """Within one collection: another name for the same. The gate refuses all else."""
        if not isinstance(to_collection, BoxCollection):
            raise ValueError("not a calendar")  # noqa: TRY004  what Radicale answers with 400
        to_collection.take(item, to_href)

    def create_collection(self, href: str, items: object = None, props: object = None) -> NoReturn:
        """Collections are made in chat."""
        del href, items, props
        raise ValueError("collections are not made here")

    @contextmanager
    def acquire_lock(
        self, mode: str, user: str = "", *args: object, **kwargs: object
    ) -> Iterator[None]:
        """A transaction; readers go on meanwhile. Who writes to the same Box waits."""
        del user, args
        visit = current()
        with visit.transaction(writing=mode == "w"):
            if mode == "w" and (place := place_of(str(kwargs.get("path", "")))):
                shown = visit.home.get(place.collection)
                if shown is not None:
                    visit.uow.calendar_objects.lock(shown.box.id)
            yield

    def verify(self) -> bool:
        return True
