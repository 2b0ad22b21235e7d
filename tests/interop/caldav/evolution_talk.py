"""Evolution's data server, led line by line: a JSON list comes in, a JSON answer goes out.

Runs under the system's Python, for the bindings (python3-gi) are Debian's, on a D-Bus of its own.
What is called here is what Evolution and GNOME Calendar call, with the same flags.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import gi  # type: ignore[import-not-found]  # the system's, where this runs

gi.require_version("EDataServer", "1.2")
gi.require_version("ECal", "2.0")
gi.require_version("ICalGLib", "3.0")
from gi.repository import (  # type: ignore[import-not-found]  # noqa: E402  the same; after versions
    ECal,
    EDataServer,
    GLib,
    ICalGLib,
)

_NO_FLAGS = ECal.OperationFlags.NONE
_PATIENCE = 120.0
"""Seconds."""


class Account:
    """One account of the kind CalDAV, set up by address, name and password."""

    def __init__(self, host: str, port: int, login: str, password: str) -> None:
        self._credentials = EDataServer.NamedParameters.new()
        self._credentials.set("username", login)
        self._credentials.set("password", password)
        registry = EDataServer.SourceRegistry.new_sync(None)
        registry.connect("credentials-required", self._give)
        account = EDataServer.Source.new(None, None)
        account.set_display_name("WeCreate")
        account.set_parent("")
        collection = account.get_extension("Collection")
        collection.set_backend_name("webdav")
        collection.set_identity(login)
        collection.set_calendar_url(f"http://{host}:{port}/")
        collection.set_contacts_enabled(False)
        collection.set_mail_enabled(False)
        entrance = account.get_extension("Authentication")
        entrance.set_host(host)
        entrance.set_port(port)
        entrance.set_user(login)
        entrance.set_method("plain/password")
        account.get_extension("Security").set_method("none")
        registry.commit_source_sync(account, None)
        self._uid = account.get_uid()
        self._registry = registry
        self._clients: dict[str, Any] = {}

    def collections(self) -> list[list[Any]]:
        """What was found by itself: name, kind, colour, may be written."""
        _until(lambda: len(self._found()) > 1)
        kinds = {"Calendar", "Task List"}
        return sorted(
            [one.get_display_name(), kind, one.get_extension(kind).get_color(), one.get_writable()]
            for one in self._found()
            for kind in kinds
            if one.has_extension(kind)
        )

    def titles(self, kind: str) -> list[str]:
        client = self._client(kind)
        _aside(client.refresh_sync, None)
        _, found = _aside(client.get_object_list_as_comps_sync, "#t", None)
        return sorted(one.get_summary().get_value() for one in found)

    def add(self, kind: str, text: str) -> bool:
        made, _ = _aside(self._client(kind).create_object_sync, _component(text), _NO_FLAGS, None)
        return bool(made)

    def rename(self, kind: str, uid: str, title: str) -> bool:
        return self._edit(kind, uid, lambda one: one.set_summary(title))

    def complete(self, uid: str) -> bool:
        def change(task: Any) -> None:
            task.set_status(ICalGLib.PropertyStatus.COMPLETED)
            at = ICalGLib.Time.new_from_string("20261122T100000Z")
            task.add_property(ICalGLib.Property.new_completed(at))

        return self._edit("Task List", uid, change)

    def except_for(self, text: str) -> bool:
        """One occurrence that differs."""
        client, this = self._client("Calendar"), ECal.ObjModType.THIS
        return bool(_aside(client.modify_object_sync, _component(text), this, _NO_FLAGS, None))

    def remove(self, kind: str, uid: str, occurrence: str | None) -> bool:
        how = ECal.ObjModType.THIS if occurrence else ECal.ObjModType.ALL
        client = self._client(kind)
        return bool(_aside(client.remove_object_sync, uid, occurrence, how, _NO_FLAGS, None))

    def _edit(self, kind: str, uid: str, change: Callable[[Any], object]) -> bool:
        client = self._client(kind)
        _, found = _aside(client.get_object_sync, uid, None, None)
        change(found)
        how = ECal.ObjModType.ALL
        return bool(_aside(client.modify_object_sync, found, how, _NO_FLAGS, None))

    def _found(self) -> list[Any]:
        return [one for one in self._registry.list_sources(None) if one.get_parent() == self._uid]

    def _client(self, kind: str) -> Any:
        if kind not in self._clients:
            types = ECal.ClientSourceType
            wanted = types.EVENTS if kind == "Calendar" else types.TASKS
            source = next(one for one in self._found() if one.has_extension(kind))
            self._clients[kind] = _aside(ECal.Client.connect_sync, source, wanted, 15, None)
        return self._clients[kind]

    def _give(self, _: object, source: Any, *__: object) -> None:
        source.invoke_authenticate_sync(self._credentials, None)


def _component(text: str) -> Any:
    return ICalGLib.Component.new_from_string(text)


def _until(true: Callable[[], bool]) -> None:
    """Let signals come in until it is so."""
    end, loop = time.monotonic() + _PATIENCE, GLib.MainContext.default()
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        if not loop.iteration(False):  # noqa: FBT003  GLib's signature
            time.sleep(0.01)


def _aside(do: Callable[..., Any], *arguments: object) -> Any:
    """Call what blocks in a thread, for passwords are asked for meanwhile."""
    given: list[Any] = []
    failed: list[GLib.Error] = []

    def run() -> None:
        try:
            given.append(do(*arguments))
        except GLib.Error as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    _until(lambda: not thread.is_alive())
    if failed:
        raise failed[0]
    return given[0]


def main() -> None:
    account: Account | None = None
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            if account is None:
                account = Account(*arguments)
                answer: Any = True
            else:
                answer = getattr(account, name)(*arguments)
        except GLib.Error as error:
            answer = {"error": error.message}
        print(json.dumps(answer), flush=True)  # noqa: T201  its answer


main()
