"""A CalDAV server that does what one tells it: the least of the protocol, and any mischief."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

Answer = tuple[int, dict[str, str], bytes]
PATH = "/dav/verein/"
_SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"'


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class StrangeServer:
    """`mischief` may answer instead of it; None lets it answer as it should."""

    port: int = 0
    objects: dict[str, tuple[int, str]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    mischief: Callable[[Asked], Answer | None] = lambda _: None
    names_etags: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)
    _count: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"

    def put(self, name: str, text: bytes) -> None:
        self._count += 1
        self.objects[PATH + name] = (self._count, text.decode())

    def methods(self) -> list[str]:
        return [one.method for one in self.asked]

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        strange = self.mischief(asked)
        if strange is not None:
            return strange
        how = {
            "PROPFIND": self._properties,
            "REPORT": self._report,
            "PUT": self._put,
            "DELETE": self._delete,
        }
        with self.lock:
            return how[asked.method](asked)

    def _properties(self, asked: Asked) -> Answer:
        return multistatus(
            f"<D:response><D:href>{escape(asked.path)}</D:href><D:propstat><D:prop>"
            "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
            f"<D:displayname>Verein</D:displayname><CS:getctag>{self._count}</CS:getctag>"
            "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
        )

    def _report(self, asked: Asked) -> Answer:
        wanted = re.findall("<D:href>([^<]*)</D:href>", asked.body)
        every = "multiget" not in asked.body
        found = ""
        for path, (etag, text) in self.objects.items():
            if every or path in wanted:
                data = f"<C:calendar-data>{escape(text)}</C:calendar-data>" if not every else ""
                found += (
                    f"<D:response><D:href>{path}</D:href><D:propstat><D:prop>"
                    f'<D:getetag>"{etag}"</D:getetag>{data}</D:prop>'
                    "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
                )
        return multistatus(found)

    def _put(self, asked: Asked) -> Answer:
        if not self._fits(asked):
            return 412, {}, b""
        self.put(asked.path.removeprefix(PATH), asked.body.encode())
        return 201, {"ETag": f'"{self._count}"'} if self.names_etags else {}, b""

    def _delete(self, asked: Asked) -> Answer:
        if not self._fits(asked):
            return 412, {}, b""
        self.objects.pop(asked.path, None)
        self._count += 1
        return 204, {}, b""

    def _fits(self, asked: Asked) -> bool:
        known = self.objects.get(asked.path)
        if asked.headers.get("If-None-Match") == "*":
            return known is None
        return known is not None and asked.headers.get("If-Match") == f'"{known[0]}"'


def multistatus(inner: str) -> Answer:
    text = f'<?xml version="1.0"?><D:multistatus {_SPACES}>{inner}</D:multistatus>'
    return 207, {"Content-Type": "application/xml; charset=utf-8"}, text.encode()


@contextmanager
def strange_server(address: str = "127.0.0.1") -> Iterator[StrangeServer]:
    far = StrangeServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:  # whoever asked is gone
                self.close_connection = True
                return
            asked = Asked(self.command, self.path, dict(self.headers.items()), body.decode())
            status, headers, answer = far.answer(asked)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_PROPFIND = do_REPORT = do_PUT = do_DELETE = do_GET = _any  # noqa: N815  http.server's

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((address, 0), Handler)
    server.daemon_threads = True
    far.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield far
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
