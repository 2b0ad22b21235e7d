from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bots.boxes import commands as boxes
from bots.kit import basics
from bots.kit.app import App
from bots.kit.context import ServerFacts
from bots.marketplace import commands as marketplace
from bots.tasks import commands as tasks
from tests.unit.marketplace.market_chat import ANNA, BEN, BENS, BOT, DIRECT, EVE, EVES, NOW, Chat
from wecreate_module.domain.listing_rules import MarketRules
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

MakeChat = Callable[[MarketRules], Chat]


@pytest.fixture
def make_chat(tmp_path: Path) -> Iterator[MakeChat]:
    """A marketplace with these rules of the operator's."""
    with ExitStack() as stack:

        def make(rules: MarketRules) -> Chat:
            url = f"sqlite:///{tmp_path / 'w.db'}"
            store = Store.open(url, tmp_path / "keys.db", tmp_path / "wecreate.key")
            stack.callback(store.close)
            parts = (basics.PART, boxes.PART, tasks.PART, marketplace.PART)
            facts = ServerFacts("w.example", market=rules)
            app = App.assemble(parts, bot_user_id=BOT, server=facts)
            with store.begin(NOW) as uow:
                rooms = ((DIRECT, ANNA, "Anna"), (BENS, BEN, "Ben"), (EVES, EVE, "Eve"))
                for room_id, who, name in rooms:
                    uow.rooms.save(Room(room_id, encrypted=True, direct=True, inviter=who))
                    uow.rooms.set_member(room_id, who, "join", name)
                    uow.rooms.set_member(room_id, BOT, "join", None)
            return Chat(app, store)

        yield make


@pytest.fixture
def chat(make_chat: MakeChat) -> Chat:
    return make_chat(MarketRules())
