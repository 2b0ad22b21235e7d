"""What is answered when a request can't be granted, in the words of WebDAV and CalDAV."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class Refused(Exception):
    """A request that is not granted; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal


@dataclass(frozen=True)
class Refusal:
    """`name` is a precondition (`C:valid-calendar-data`, RFC 4791; `D:` is RFC 4918) or empty."""

    status: HTTPStatus
    name: str = ""
    why: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def answer(self, start_response: StartResponse) -> list[bytes]:
        body, kind = self._body()
        start_response(
            f"{self.status.value} {self.status.phrase}",
            [*self.headers, ("Content-Type", kind), ("Content-Length", str(len(body)))],
        )
        return [body]

    def _body(self) -> tuple[bytes, str]:
        if not self.name:
            return f"{self.why or self.status.phrase}\n".encode(), "text/plain; charset=utf-8"
        description = f"<D:responsedescription>{escape(self.why)}</D:responsedescription>"
        text = (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
            f"<{self.name}/>{description if self.why else ''}</D:error>"
        )
        return text.encode(), "application/xml; charset=utf-8"


def forbidden(name: str, why: str = "") -> Refused:
    return Refused(Refusal(HTTPStatus.FORBIDDEN, name, why))


def bad_request(why: str) -> Refused:
    return Refused(Refusal(HTTPStatus.BAD_REQUEST, why=why))


def too_large(why: str) -> Refused:
    return Refused(Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why=why))


TOO_MUCH = Refusal(
    HTTPStatus.INSUFFICIENT_STORAGE,
    "D:number-of-matches-within-limits",
    "That is too much for one answer. Ask for a time range, or for fewer objects.",
)
