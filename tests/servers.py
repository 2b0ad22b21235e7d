"""Real Synapses for tests, on free loopback ports, in a directory of their own.

    with SynapseServer(tmp_path, module={"bot": "@wecreate:localhost"}) as server:
        token = server.register("anna", "secret")
        server.request("GET", "/_matrix/client/v3/account/whoami", token)

Federation: give each a `host` of its own ("localhost", "127.0.0.2", …: server ACLs ignore
ports, so two servers on one host are one to them) and the same `Authority`.
Workers: `worker=True` needs a `PostgresServer` database; Redis is started here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import yaml
from signedjson.key import generate_signing_key, write_signing_keys

from tests.certificates import Authority
from tests.processes import Process
from tests.synapse_config import Ports, homeserver_yaml, log_yaml, worker_yaml

Json = dict[str, Any]
SHARED_SECRET = "shared-secret-of-the-tests"


class MatrixRefused(Exception):
    """The homeserver's error answer."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(f"{status} {body.get('errcode')}: {body.get('error')}")
        self.status = status
        self.errcode = str(body.get("errcode", ""))
        self.body = body


class SynapseServer:
    """One homeserver: main process, and Redis and a generic worker when asked for.

    `module` is the config of WeCreateModule (or makes it from the server's name); None runs
    Synapse without it. `database` is a PostgreSQL database as `PostgresServer.new_database()`
    gives it, None means SQLite.
    """

    registration_shared_secret = SHARED_SECRET

    def __init__(
        self,
        directory: Path,
        *,
        module: Json | Callable[[str], Json] | None = None,
        database: Json | None = None,
        host: str = "localhost",
        authority: Authority | None = None,
        worker: bool = False,
        default_rate_limits: bool = False,
        extra: Json | None = None,
    ) -> None:
        self.directory = directory
        self.ports = Ports.free()
        self.server_name = f"{host}:{self.ports.federation}" if authority else host
        self._worker = worker
        self._processes: list[Process] = []
        directory.mkdir(parents=True, exist_ok=True)
        config = homeserver_yaml(
            self.server_name,
            directory,
            self.ports,
            SHARED_SECRET,
            module=module(self.server_name) if callable(module) else module,
            database=database,
            tls=(authority.pem, *authority.issue(host, directory)) if authority else None,
            worker=worker,
            default_rate_limits=default_rate_limits,
        )
        self.config_path = directory / "homeserver.yaml"
        self.config_path.write_text(yaml.safe_dump({**config, **(extra or {})}))
        (directory / "log.yaml").write_text(yaml.safe_dump(log_yaml(directory / "synapse.log")))
        with (directory / "signing.key").open("w") as stream:
            write_signing_keys(stream, [generate_signing_key("tests")])

    @property
    def url(self) -> str:
        """Client API of the main process."""
        return f"http://127.0.0.1:{self.ports.client}"

    @property
    def worker_url(self) -> str:
        """Client API of the generic worker."""
        return f"http://127.0.0.1:{self.ports.worker}"

    @property
    def pid(self) -> int:
        """Of the main process."""
        return self._main.pid

    @property
    def log(self) -> str:
        """All that Synapse has logged so far."""
        path = self.directory / "synapse.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def user_id(self, user: str) -> str:
        return f"@{user}:{self.server_name}"

    def start(self) -> None:
        """Returns when it answers; raises DidNotStart with the log's end."""
        if self._worker and not self._processes:
            self._start_redis()
        self._main = self._python("synapse.app.homeserver", "-c", str(self.config_path))
        self._processes.append(self._main)
        self._main.start(lambda: answers(self.url))
        if self._worker:
            path = self.directory / "worker.yaml"
            path.write_text(yaml.safe_dump(worker_yaml(self.directory, self.ports)))
            arguments = ("-c", str(self.config_path), "-c", str(path))
            generic = self._python("synapse.app.generic_worker", *arguments)
            self._processes.append(generic)
            generic.start(lambda: answers(self.worker_url))

    def stop(self) -> None:
        while self._processes:
            self._processes.pop().stop()

    def kill(self) -> None:
        """SIGKILL to all of it."""
        while self._processes:
            self._processes.pop().kill()

    def restart(self) -> None:
        """Stop and start again on the same ports, with the same data."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            tail = self.log.splitlines()[-30:]
            sys.stderr.write("\n".join([f"--- log of {self.server_name} ---", *tail, ""]))
        self.stop()

    def register(self, user: str, password: str, *, admin: bool = False) -> str:
        """A new user's access token (with a device of its own)."""
        path = "/_synapse/admin/v1/register"
        nonce = str(self.request("GET", path)["nonce"])
        role = "admin" if admin else "notadmin"
        text = f"{nonce}\0{user}\0{password}\0{role}".encode()
        mac = hmac.new(SHARED_SECRET.encode(), text, hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": user, "password": password, "admin": admin, "mac": mac}
        return str(self.request("POST", path, body=body)["access_token"])

    def request(
        self,
        method: str,
        path: str,
        token: str | None = None,
        body: Json | None = None,
        *,
        base: str | None = None,
        timeout: float = 60,
    ) -> Json:
        """One client API call; raises MatrixRefused."""
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  # always our own loopback server
            (base or self.url) + path, data=data, headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310  # as above
                parsed: Json = json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                raise MatrixRefused(refused.code, _json(refused.read())) from None
        return parsed

    def _python(self, module: str, *arguments: str) -> Process:
        command = [sys.executable, "-m", module, *arguments]
        return Process(module, command, self.directory / "output.log")

    def _start_redis(self) -> None:
        command = ["redis-server", "--port", str(self.ports.redis), "--bind", "127.0.0.1"]
        command += ["--save", "", "--dir", str(self.directory)]
        redis = Process("redis-server", command, self.directory / "redis.log")
        self._processes.append(redis)
        redis.start(lambda: "Ready to accept connections" in redis.log.read_text())


def quoted(part: str) -> str:
    """For room ids, user ids and the like in paths."""
    return urllib.parse.quote(part, safe="")


def answers(url: str) -> bool:
    """Whether a Synapse process says that it is healthy."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310  # loopback
            return int(answer.status) == 200
    except OSError:
        return False


def transaction() -> str:
    return secrets.token_hex(8)


def _json(raw: bytes) -> Json:
    try:
        parsed = json.loads(raw)
    except ValueError:
        return {"error": raw.decode(errors="replace")}
    return parsed if isinstance(parsed, dict) else {"error": str(parsed)}
