from __future__ import annotations

import json
from pathlib import Path

import pytest

from bots.cli import main
from tests.servers import SynapseServer

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def config(synapse: SynapseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    secret = synapse.registration_shared_secret
    monkeypatch.setenv("WECREATE_SERVER_REGISTRATION_SHARED_SECRET", secret)
    path = tmp_path / "wecreate.yaml"
    path.write_text(f"server: {{name: '{synapse.server_name}', homeserver: '{synapse.url}'}}\n")
    return path


def add(config: Path, *words: str) -> int:
    return main(["user", "add", *words, "--config", str(config)])


def sign_in(synapse: SynapseServer, user: str, password: str) -> str:
    identifier = {"type": "m.id.user", "user": user}
    body = {"type": "m.login.password", "identifier": identifier, "password": password}
    answer = synapse.request("POST", "/_matrix/client/v3/login", None, body)
    return str(answer["access_token"])


def test_a_new_person_gets_a_password_that_works(
    synapse: SynapseServer, config: Path, capsys: Capture
) -> None:
    assert add(config, "clara", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert made["user_id"] == f"@clara:{synapse.server_name}"
    token = sign_in(synapse, "clara", made["password"])
    devices = synapse.request("GET", "/_matrix/client/v3/devices", token)["devices"]
    assert len(devices) == 1


def test_a_password_comes_from_a_file_and_is_not_printed(
    synapse: SynapseServer, config: Path, capsys: Capture
) -> None:
    password = config.with_name("password")
    password.write_text("sehr geheim\n")
    name = f"@dora:{synapse.server_name}"
    assert add(config, name, "--password-file", str(password), "--admin") == 0
    assert "geheim" not in capsys.readouterr().out
    token = sign_in(synapse, "dora", "sehr geheim")
    users = synapse.request("GET", "/_synapse/admin/v2/users", token)
    assert users["total"] >= 1


@pytest.mark.parametrize(
    ("name", "said"),
    [("emil", "choose another name"), ("Ä ö", "small letters"), ("@a:b:c", "small letters")],
)
def test_a_name_that_cannot_be_is_told(config: Path, capsys: Capture, name: str, said: str) -> None:
    add(config, "emil")
    capsys.readouterr()
    assert add(config, name) == 1
    assert said in capsys.readouterr().err


def test_a_wrong_secret_is_told(
    config: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECREATE_SERVER_REGISTRATION_SHARED_SECRET", "wrong")
    assert add(config, "frieda") == 1
    assert "registration_shared_secret is not the homeserver's" in capsys.readouterr().err
    monkeypatch.delenv("WECREATE_SERVER_REGISTRATION_SHARED_SECRET")
    assert add(config, "frieda") == 1
    assert "WECREATE_SERVER_REGISTRATION_SHARED_SECRET" in capsys.readouterr().err


def test_an_empty_or_missing_password_file_is_told(config: Path, capsys: Capture) -> None:
    empty = config.with_name("empty")
    empty.touch()
    assert add(config, "gerd", "--password-file", str(empty)) == 1
    assert "is empty" in capsys.readouterr().err
    assert add(config, "gerd", "--password-file", str(empty) + "x") == 1
    assert "can't be read" in capsys.readouterr().err
