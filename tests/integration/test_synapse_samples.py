"""The committed sample of Synapse's configuration, taken as it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.people import refusal, register
from tests.servers import SynapseServer
from wecreate_module.synapse.config import parse_config

SAMPLES = Path(__file__).parents[2] / "config" / "synapse"


def sample(name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((SAMPLES / name).read_text())
    return parsed


def test_synapse_starts_with_the_sample_and_guards_boxes(tmp_path: Path) -> None:
    config = sample("wecreate.sample.yaml")
    bot = config["modules"][0]["config"]["bot"]
    assert parse_config(config["modules"][0]["config"]).bot == bot
    with SynapseServer(tmp_path, host="example.org", extra=config) as server:
        anna = register(server, "anna")
        room = anna.create_room(creation_content={"de.wecreate.box": {"version": 1, "bot": bot}})
        assert refusal(lambda: anna.say(room, "offen")).status == 403
        anna.say_encrypted(room)


def test_the_worker_s_sample_fits_the_main_process_s() -> None:
    main, worker = sample("workers.sample.yaml"), sample("generic-worker.sample.yaml")
    named = main["instance_map"][worker["worker_name"]]
    ports = {
        name: listener["port"]
        for listener in worker["worker_listeners"]
        for resource in listener["resources"]
        for name in resource["names"]
    }
    assert named["port"] == ports["replication"]
    main_ports = {listener["port"] for listener in main["listeners"]}
    assert main["instance_map"]["main"]["port"] in main_ports
    assert not main_ports & set(ports.values())
