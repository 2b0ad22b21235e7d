from __future__ import annotations

import shutil
import socket
import stat
from pathlib import Path

import pytest
import yaml

from bots.operation.embedded import chosen_ports, prepare_settings, with_values
from bots.operation.homeserver import write_homeserver
from bots.operation.layout import Layout, Ports, check_room, secret_in, write_private
from bots.operation.lock import held, only_one
from bots.operation.terminal import Failure
from wecreate_module.settings import load_settings


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "var")
    layout.make()
    return layout


def test_the_first_start_makes_settings_that_are_valid(layout: Layout) -> None:
    settings = prepare_settings(layout, Ports(9000), None)
    assert settings.server.name == "localhost:9001"
    assert settings.server.homeserver == "http://127.0.0.1:9000"
    assert settings.web.port == 9003
    assert settings.bot.password
    assert settings.server.registration_shared_secret
    assert settings == load_settings(layout.settings, {})


def test_other_ports_are_written_and_all_else_kept(layout: Layout) -> None:
    first = prepare_settings(layout, Ports(9000), None)
    edited = layout.settings.read_text().replace("#trust: all", "trust: cross-signed  # mine")
    layout.settings.write_text(edited)
    assert chosen_ports(layout, None) == Ports(9000)
    second = prepare_settings(layout, Ports(9100), None)
    assert (second.server.homeserver, second.web.port) == ("http://127.0.0.1:9100", 9103)
    assert second.server.name == first.server.name
    assert second.encryption.trust == "cross-signed"
    assert "# mine" in layout.settings.read_text()


def test_a_homeserver_cannot_change_its_name(layout: Layout) -> None:
    prepare_settings(layout, Ports(9000), "wir.example")
    with pytest.raises(Failure, match=r"belongs to the server wir\.example"):
        prepare_settings(layout, Ports(9000), "ihr.example")


def test_a_mistake_in_the_settings_is_told_with_its_line(layout: Layout) -> None:
    layout.settings.write_text("servr: 1\n")
    with pytest.raises(Failure, match=r"wecreate\.yaml:1:1: servr"):
        prepare_settings(layout, Ports(9000), None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web:\n  port: 1 # mine\n", "web:\n  port: 7 # mine\n"),
        ("web: {host: a, port: 1}\n", "web: {host: a, port: 7}\n"),
        ("web:\n  host: a\n", "web:\n  port: 7\n  host: a\n"),
        ("web:\n  #port: 1\nbot:\n", "web:\n  port: 7\n  #port: 1\nbot:\n"),
        ("web: {}\nbot:\n", "web:\n  port: 7\nbot:\n"),
        ("bot:\n", "bot:\n\nweb:\n  port: 7\n"),
        ("", "\n\nweb:\n  port: 7\n"),
    ],
)
def test_a_value_is_set_and_all_else_kept(text: str, expected: str) -> None:
    assert with_values(text, {("web", "port"): "7"}) == expected
    assert yaml.safe_load(expected)["web"]["port"] == 7


def test_a_section_in_braces_is_the_operators_to_change() -> None:
    with pytest.raises(Failure, match=r"write port: 7 into the section web"):
        with_values("web: {host: a}\n", {("web", "port"): "7"})


def test_what_holds_secrets_is_private(layout: Layout) -> None:
    write_homeserver(layout, Ports(9000), prepare_settings(layout, Ports(9000), None))
    open_to_others = [
        path
        for path in layout.root.rglob("*")
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    assert not open_to_others


def test_the_homeserver_is_closed_and_quiet(layout: Layout) -> None:
    settings = prepare_settings(layout, Ports(9000), None)
    write_homeserver(layout, Ports(9000), settings)
    config = yaml.safe_load(layout.homeserver_yaml.read_text())
    assert config["federation_domain_whitelist"] == []
    assert config["report_stats"] is False
    assert config["url_preview_enabled"] is False
    assert config["presence"] == {"enabled": False}
    assert config["trusted_key_servers"] == []
    assert config["encryption_enabled_by_default_for_room_type"] == "invite"
    assert {listener["port"] for listener in config["listeners"]} == {9000, 9001}
    (module,) = config["modules"]
    assert module["config"] == {
        "bot": "@wecreate:localhost:9001",
        "who_may_create": "local",
        "partners": [],
        "database": f"sqlite:///{layout.root.resolve() / 'wecreate.db'}",
        "box_mb": 0,
        "person_mb": 0,
    }


def test_partners_are_let_in_by_name(layout: Layout) -> None:
    prepare_settings(layout, Ports(9000), None)
    text = layout.settings.read_text()
    layout.settings.write_text(text.replace("#partners: []", "partners: [localhost:9101]"))
    settings = prepare_settings(layout, Ports(9000), None)
    write_homeserver(layout, Ports(9000), settings)
    config = yaml.safe_load(layout.homeserver_yaml.read_text())
    assert config["federation_domain_whitelist"] == ["localhost:9101"]
    assert "::1" in config["ip_range_whitelist"]
    assert config["modules"][0]["config"]["partners"] == ["localhost:9101"]


def test_keys_and_secrets_outlive_a_second_start(layout: Layout) -> None:
    settings = prepare_settings(layout, Ports(9000), None)
    write_homeserver(layout, Ports(9000), settings)
    kept = {path: path.read_bytes() for path in layout.root.rglob("*") if path.is_file()}
    write_homeserver(layout, Ports(9000), prepare_settings(layout, Ports(9000), None))
    assert kept == {path: path.read_bytes() for path in layout.root.rglob("*") if path.is_file()}


def test_each_taken_port_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            Failure, match=rf"Port {port} \(for the homeserver\) is taken\.[\s\S]*--port-base"
        ):
            Ports(port).check_free()


def test_a_full_disk_is_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    check_room(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=30_000_000))
    with pytest.raises(Failure, match=r"Only 30 MB are free for .*Free some space"):
        check_room(tmp_path)


def test_a_folder_has_one_up(layout: Layout) -> None:
    assert not held(layout.lock)
    with only_one(layout.lock):
        assert held(layout.lock)
        with pytest.raises(Failure, match="already runs in"), only_one(layout.lock):
            raise AssertionError
    with only_one(layout.lock):
        assert held(layout.lock)


def test_a_private_file_is_replaced_at_once(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_private(path, "one")
    write_private(path, "two")
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]
    assert secret_in(tmp_path / "other") == secret_in(tmp_path / "other")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Failure, match="--dir"):
        Layout(tmp_path / "file" / "var").make()
