"""Several calendar programs at once, and somebody who looks at the health page meanwhile.

Each is a process of its own, so that what is measured is the server and not these clients:

    python -m tests.bench.calendar_load reports|health PORT PATH AUTHORIZATION CLIENTS SECONDS
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from typing import TypedDict

QUERY = (
    '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter>"
    '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
    '<C:time-range start="20270301T000000Z" end="20270401T000000Z"/>'
    "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
)
_PAUSE = 0.02


class Load(TypedDict):
    """Answers in all, and milliseconds of the slowest in a hundred."""

    answers: int
    per_second: float
    p99: float


def start(
    kind: str, port: int, path: str, authorization: str, clients: int, seconds: float
) -> subprocess.Popen[str]:
    arguments = [kind, str(port), path, authorization, str(clients), str(seconds)]
    command = [sys.executable, "-m", "tests.bench.calendar_load", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def result(process: subprocess.Popen[str]) -> Load:
    """Wait for the end; RuntimeError when a request failed."""
    written, _ = process.communicate(timeout=300)
    if process.returncode:
        raise RuntimeError(f"the clients ended with {process.returncode}")
    found: Load = json.loads(written)
    return found


class _Clients:
    def __init__(self, kind: str, port: int, path: str, authorization: str) -> None:
        self._health = kind == "health"
        self._port, self._path = port, path
        self._headers = {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
        if authorization:
            self._headers["Authorization"] = authorization
        self._took: list[float] = []
        self._failed: list[Exception] = []

    def run(self, clients: int, seconds: float) -> Load:
        began = time.monotonic()
        until = began + seconds
        threads = [threading.Thread(target=self._until, args=(until,)) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        if self._failed:
            raise self._failed[0]
        p99 = statistics.quantiles(self._took, n=100)[-1] if len(self._took) > 1 else 0.0
        return Load(answers=len(self._took), per_second=len(self._took) / took, p99=p99)

    def _until(self, until: float) -> None:
        try:
            self._one(until)
        except (OSError, HTTPException, RuntimeError) as error:
            self._failed.append(error)

    def _one(self, until: float) -> None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=120)
        while time.monotonic() < until:
            began = time.perf_counter()
            if self._health:
                connection.request("GET", "/health")
            else:
                connection.request("REPORT", self._path, QUERY, self._headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status not in {200, 207}:
                raise RuntimeError(f"{answer.status}")
            self._took.append((time.perf_counter() - began) * 1000)
            if self._health:
                time.sleep(_PAUSE)


def main(kind: str, port: str, path: str, authorization: str, clients: str, seconds: str) -> None:
    found = _Clients(kind, int(port), path, authorization).run(int(clients), float(seconds))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
