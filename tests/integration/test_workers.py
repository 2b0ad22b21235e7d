"""The module on a generic worker, beside the main process: PostgreSQL and Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.people import Person, refusal, register
from tests.postgres import PostgresServer
from tests.servers import SynapseServer

MARKER = "de.wecreate.box"
BOT = "@wecreate:localhost"


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Iterator[SynapseServer]:
    with SynapseServer(
        tmp_path_factory.mktemp("workers"),
        module={"bot": BOT},
        database=postgres.new_database().synapse,
        worker=True,
        default_rate_limits=True,
    ) as running:
        yield running


@pytest.fixture(scope="module")
def bot(server: SynapseServer) -> Person:
    return register(server, "wecreate")


@pytest.fixture(scope="module")
def anna(server: SynapseServer) -> Person:
    return register(server, "anna")


def test_a_worker_makes_and_guards_a_box(bot: Person) -> None:
    at_worker = bot.at_worker()
    room = at_worker.create_room(creation_content={MARKER: {"version": 1, "bot": BOT}})
    assert at_worker.state(room, "m.room.encryption") == {"algorithm": "m.megolm.v1.aes-sha2"}
    assert refusal(lambda: at_worker.say(room, "hallo")).status == 403
    at_worker.say_encrypted(room)


def test_a_box_from_the_main_process_is_one_on_the_worker_at_once(bot: Person) -> None:
    room = bot.create_room(creation_content={MARKER: {"version": 1, "bot": BOT}})
    assert refusal(lambda: bot.at_worker().say(room, "hallo")).status == 403
    open_up = {"join_rule": "public"}
    refused = refusal(lambda: bot.at_worker().set_state(room, "m.room.join_rules", open_up))
    assert refused.status == 403


def test_ordinary_rooms_work_on_a_worker(anna: Person) -> None:
    room = anna.at_worker().create_room()
    anna.at_worker().say(room, "hallo")


def test_the_bot_has_no_rate_limit_but_people_have(bot: Person, anna: Person) -> None:
    """Under Synapse's defaults: ten messages in a burst, and invites in small numbers."""
    guests = [f"@guest{number}:localhost" for number in range(15)]
    for user in guests:
        register(bot.server, user[1:].partition(":")[0])
    room = bot.create_room(invite=guests)
    for number in range(60):
        (bot.at_worker() if number % 2 else bot).say(room, f"{number}")
    own = anna.create_room()

    def much() -> None:
        for number in range(60):
            anna.say(own, f"{number}")

    assert refusal(much).errcode == "M_LIMIT_EXCEEDED"
