"""Two servers, each with its own bot: partners vote, and a motion goes from one to the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass

import pytest

from bots.operation.person import Message
from tests.certificates import Authority
from tests.clients import MatrixPerson
from tests.e2e.our_bot import OurBot
from tests.servers import SynapseServer

DEADLINE = 90.0
START, ANSWER = "org.matrix.msc3381.poll.start", "org.matrix.msc3381.poll.response"
HOSTS = ("127.0.0.5", "127.0.0.6")


@dataclass(frozen=True)
class Towns:
    """Anna and her bot here, Cem and his there."""

    here: OurBot
    there: OurBot
    anna: MatrixPerson
    cem: MatrixPerson


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[tuple[SynapseServer, OurBot]]]:
    folder = tmp_path_factory.mktemp("towns")
    authority = Authority(folder)
    with ExitStack() as stack:
        running = []
        for host in HOSTS:
            synapse = SynapseServer(
                folder / host,
                host=host,
                authority=authority,
                module=lambda name: {"bot": f"@wecreate:{name}", "partners": "all"},
            )
            stack.enter_context(synapse)
            settings: dict[str, dict[str, object]] = {"federation": {"partners": "all"}}
            bot = OurBot(folder / f"bot-{host}", synapse, settings=settings)
            stack.callback(bot.stop)
            bot.start_and_wait()
            running.append((synapse, bot))
        yield running


@pytest.fixture
async def towns(servers: list[tuple[SynapseServer, OurBot]]) -> AsyncIterator[Towns]:
    async with AsyncExitStack() as stack:
        anna, cem = [
            await stack.enter_async_context(
                await MatrixPerson.new(synapse.url, synapse.registration_shared_secret, name)
            )
            for (synapse, _), name in zip(servers, ("anna", "cem"), strict=True)
        ]
        (_, here), (_, there) = servers
        yield Towns(here, there, anna, cem)


async def box_with(host: MatrixPerson, guest: MatrixPerson, bot: str, name: str) -> str:
    """A Box that one made and the other, of the other server, has come into."""
    chat = await host.direct_chat(bot, DEADLINE)
    made = await host.ask(chat, f"!box neu {name}", DEADLINE)
    box = str(made.data["box"]["room_id"])
    await host.until_joined(box, bot, deadline=DEADLINE)
    await host.ask(box, f"!box einladen {guest.user_id}", DEADLINE)
    await host.until_joined(box, guest.user_id, deadline=DEADLINE)
    await guest.until_joined(box, host.user_id, bot, deadline=DEADLINE)
    return box


async def choose(person: MatrixPerson, box: str) -> None:
    def is_poll(seen: Message) -> bool:
        return seen.type == START and seen.room_id == box

    poll = await person.wait_for(is_poll, DEADLINE, "the poll")
    relation = {"rel_type": "m.reference", "event_id": poll.event_id}
    await person.send(box, ANSWER, {"m.relates_to": relation, ANSWER: {"answers": ["yes"]}})


async def test_a_motion_is_voted_on_by_both_and_goes_on_to_the_partners_box(towns: Towns) -> None:
    anna, cem = towns.anna, towns.cem
    box = await box_with(anna, cem, towns.here.user_id, "Ortsverein")
    await anna.ask(box, "!antrag neu Ortsverein Mehr Bänke", DEADLINE)
    for part in (
        "text 1. Zehn Bänke.",
        "begründung Viele warten.",
        "abschnitt Antragsteller:in: OV",
    ):
        await anna.ask(box, f"!antrag 1 {part}", DEADLINE)
    await anna.ask(box, "!antrag 1 abstimmen", DEADLINE)
    await choose(anna, box)
    await choose(cem, box)
    await anna.wait_for(lambda seen: "🏁" in seen.buttons, DEADLINE, "that both have voted")
    await anna.ask(box, "!antrag 1 abstimmen ende", DEADLINE)
    result = await cem.wait_for(
        lambda seen: "outcome" in (seen.data.get("vote") or {}), DEADLINE, "the result"
    )
    assert (result.data["vote"]["yes"], result.data["vote"]["eligible"]) == (2, 2)

    upper = await box_with(cem, anna, towns.there.user_id, "Unterbezirk")
    await anna.ask(box, "!antrag 1 weitergeben", DEADLINE)
    file = await anna.wait_for(
        lambda seen: seen.body == "A1.antrag.json", DEADLINE, "the file with the motion"
    )
    await anna.send(upper, "m.room.message", dict(file.content))
    offer = await cem.wait_for(lambda seen: "offer" in seen.data, DEADLINE, "the offer")
    assert offer.sender == towns.there.user_id
    assert offer.data["offer"]["server"] == anna.user_id.partition(":")[2]
    taken = await cem.ask(upper, "!antrag übernehmen als A12", DEADLINE)
    motion = taken.data["motion"]
    assert (motion["number"], motion["body"]) == (12, "spd-unterbezirk")
    assert motion["lines"] == [[1, "1. Zehn Bänke."]]
    assert motion["origin"]["box"] == "Ortsverein"
