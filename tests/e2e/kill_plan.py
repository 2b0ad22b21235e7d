"""When the bot is killed: all of it follows from one seed.

Kills at uniformly random moments hit an idle bot and prove nothing. So 40 % fall within 0.25 s of
a burst of commands, 40 % while the bot catches up with what came while it was dead, 20 % anywhere.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle, islice

from tests.e2e.faulty_proxy import Faults

WITHIN_A_BURST = 0.25
CATCHING_UP = 0.8
ANYWHERE = 2.0
WEATHER = (
    Faults(),
    Faults(limited=0.3),
    Faults(cut=0.12),
    Faults(reply_lost=0.15),
    Faults(limited=0.1, cut=0.05, reply_lost=0.05),
)


class Aim(StrEnum):
    BURST = "in a burst"
    CATCH_UP = "catching up"
    ANYWHERE = "anywhere"


class Homeserver(StrEnum):
    """What happens to the homeserver while the bot is dead."""

    STAYS = "stays"
    RESTARTS = "restarts"
    IS_KILLED = "is killed"


@dataclass(frozen=True)
class Step:
    """One kill: `burst` commands for each room, then SIGKILL after `delay` seconds."""

    aim: Aim
    delay: float
    burst: tuple[int, ...]
    homeserver: Homeserver
    faults: Faults


def plan(seed: int, kills: int, rooms: int) -> list[Step]:
    """The steps of a run, in order."""
    rng = random.Random(seed)
    aims = [Aim.BURST] * round(kills * 0.4) + [Aim.CATCH_UP] * round(kills * 0.4)
    aims += [Aim.ANYWHERE] * (kills - len(aims))
    rng.shuffle(aims)
    weather = list(islice(cycle(WEATHER), kills))
    rng.shuffle(weather)
    # One in eight, but two at least.
    falls = max(2, kills // 8)
    down = dict.fromkeys(rng.sample(range(kills), falls), Homeserver.RESTARTS)
    down.update(dict.fromkeys(list(down)[::2], Homeserver.IS_KILLED))
    return [
        _step(rng, aim, rooms, down.get(number, Homeserver.STAYS), faults)
        for number, (aim, faults) in enumerate(zip(aims, weather, strict=True))
    ]


def _step(rng: random.Random, aim: Aim, rooms: int, homeserver: Homeserver, faults: Faults) -> Step:
    longest = {Aim.BURST: WITHIN_A_BURST, Aim.CATCH_UP: CATCHING_UP, Aim.ANYWHERE: ANYWHERE}
    burst = [rng.randint(0, 3) for _ in range(rooms)]
    burst[rng.randrange(rooms)] += 1
    return Step(
        aim=aim,
        delay=rng.uniform(0, longest[aim]),
        burst=tuple(burst),
        homeserver=homeserver,
        faults=faults,
    )
