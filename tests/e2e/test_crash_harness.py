"""The instrument first: it must find what a bare bot loses and what a redelivering one doubles."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.bench.peers.processes import nio_echo_as
from tests.clients import MatrixPerson, register
from tests.e2e.crash_run import Account, CrashRun
from tests.e2e.faulty_proxy import FaultyProxy
from tests.e2e.kill_plan import plan
from tests.processes import Process
from tests.servers import SynapseServer

ROOMS = 6
KILLS = 6
SEED = 7


class BareBot:
    """tests/bench/peers/nio_echo.py behind the proxy."""

    def __init__(self, user_id: str, process: Process) -> None:
        self.user_id = user_id
        self.process = process

    def command(self, number: int) -> str:
        return f"!echo {number}"

    def start(self) -> None:
        self.process.start(lambda: True)

    def kill(self) -> None:
        self.process.kill()


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("redeliver", [False, True], ids=["loses", "doubles"])
async def test_the_harness_finds_what_a_bare_bot_does_wrong(
    tmp_path: Path, *, redeliver: bool
) -> None:
    account = await run_bare_bot(tmp_path, redeliver=redeliver)
    assert account.doubled if redeliver else account.lost


async def run_bare_bot(folder: Path, *, redeliver: bool) -> Account:
    async with AsyncExitStack() as stack:
        synapse = stack.enter_context(SynapseServer(folder / "synapse"))
        secret = synapse.registration_shared_secret
        proxy = await stack.enter_async_context(FaultyProxy(synapse.url, SEED))
        user_id = await register(synapse.url, secret, "echo", "secret")
        sender = await MatrixPerson.new(synapse.url, secret, "anna")
        witness = await MatrixPerson.new(synapse.url, secret, "zoe")
        await stack.enter_async_context(sender)
        await stack.enter_async_context(witness)
        process = nio_echo_as(user_id, "secret", proxy.url, folder, redeliver=redeliver)
        bot = BareBot(user_id, process)
        bot.start()
        stack.callback(bot.kill)
        members = [user_id, witness.user_id]
        rooms = [await sender.create_room(members) for _ in range(ROOMS)]
        for room_id in rooms:
            await witness.until_joined(room_id, *members)
            await sender.ask(room_id, "!echo ready")
        run = CrashRun(
            bot=bot,
            synapse=synapse,
            proxy=proxy,
            sender=sender,
            witness=witness,
            rooms=rooms,
            caught_up=2,
            settle=10,
        )
        account = await run.run(plan(SEED, KILLS, ROOMS))
        print(f"redeliver={redeliver}: {account}; proxy: {dict(proxy.seen)}")  # noqa: T201
        return account
