from __future__ import annotations

from collections.abc import Callable

import pytest

from bots.boxes import commands as boxes
from bots.kit.context import ServerFacts
from bots.marketplace import commands as marketplace
from bots.tasks import commands as tasks
from tests.unit.chat import make_app
from tests.unit.marketplace.market_chat import ANNA, BEN, BENS, BOT, DIRECT, EVE, EVES, NOW, Chat
from wecreate_module.domain.listing_rules import MarketRules
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

MakeChat = Callable[[MarketRules], Chat]


@pytest.fixture
def make_chat(store: Store) -> MakeChat:
    """A marketplace with these rules of the operator's."""

    def make(rules: MarketRules) -> Chat:
        facts = ServerFacts("w.example", market=rules)
        app = make_app(boxes.PART, tasks.PART, marketplace.PART, server=facts)
        with store.begin(NOW) as uow:
            rooms = ((DIRECT, ANNA, "Anna"), (BENS, BEN, "Ben"), (EVES, EVE, "Eve"))
            for room_id, who, name in rooms:
                uow.rooms.save(Room(room_id, encrypted=True, direct=True, inviter=who))
                uow.rooms.set_member(room_id, who, "join", name)
                uow.rooms.set_member(room_id, BOT, "join", None)
        return Chat(app, store)

    return make


@pytest.fixture
def chat(make_chat: MakeChat) -> Chat:
    return make_chat(MarketRules())
