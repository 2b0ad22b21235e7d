"""A PostgreSQL of the tests' own: free port, no fsync, gone afterwards.

    with PostgresServer() as postgres:
        database = postgres.new_database()
        engine = make_engine(database.url)          # postgresql+psycopg://…
        SynapseServer(tmp_path, database=database.synapse)

The Debian package `postgresql` brings the programs. They refuse to run as root; then
they run as the package's user `postgres`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.ports import free_port
from tests.processes import DidNotStart, Process

USER = "postgres"


@dataclass(frozen=True)
class Database:
    name: str
    port: int

    @property
    def url(self) -> str:
        """For SQLAlchemy."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{self.name}"

    @property
    def synapse(self) -> dict[str, Any]:
        """For homeserver.yaml."""
        place = {"user": USER, "dbname": self.name, "host": "127.0.0.1", "port": self.port}
        return {"name": "psycopg2", "args": {**place, "cp_min": 1, "cp_max": 5}}


class PostgresServer:
    """Raises DidNotStart when PostgreSQL isn't installed or doesn't come up."""

    def __init__(self) -> None:
        self.port = free_port()
        self._programs = programs()
        # Not pytest's tmp_path: that is closed to other users, and postgres may be one.
        self._directory = Path(tempfile.mkdtemp(prefix="wecreate-postgres-"))
        self._user = USER if os.geteuid() == 0 else None
        self._count = 0
        self._server = Process(
            "postgres",
            [
                *(str(self._programs / "postgres"), "-D", str(self._directory / "data")),
                *("-p", str(self.port), "-h", "127.0.0.1", "-k", str(self._directory)),
                *("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"),
            ],
            self._directory / "postgres.log",
            user=self._user,
        )

    def new_database(self) -> Database:
        """An empty one; its collation is C, as Synapse demands."""
        self._count += 1
        name = f"wecreate{self._count}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, name)
        return Database(name, self.port)

    def restart(self) -> None:
        self._server.stop(how=signal.SIGINT)  # it hangs up on who is connected
        self._start()

    def __enter__(self) -> Self:
        try:
            if self._user:
                shutil.chown(self._directory, self._user)
            data = str(self._directory / "data")
            self._run(
                "initdb", "-D", data, "-U", USER, "--auth=trust", "-E", "UTF8", "--locale=C", "-N"
            )
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # At once, whoever is connected, and with all its processes: no file comes after that.
        self._server.stop(how=signal.SIGQUIT)
        shutil.rmtree(self._directory)

    def _start(self) -> None:
        self._server.start(self._ready)

    def _ready(self) -> bool:
        command = [
            str(self._programs / "pg_isready"),
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
        ]
        return subprocess.run(command, check=False).returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            check=False,
            cwd=self._directory,
            capture_output=True,
            text=True,
            user=self._user,
        )
        if done.returncode:
            raise DidNotStart(f"{program}: {done.stderr}")


def programs() -> Path:
    """Where the server programs lie: on the path, or where Debian puts them."""
    for found in (
        shutil.which("pg_ctl"),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")),
    ):
        if found:
            return Path(found).resolve().parent
    raise DidNotStart("PostgreSQL is not installed: apt-get install postgresql")
