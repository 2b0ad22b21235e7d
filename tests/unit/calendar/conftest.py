from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bots.calendar import commands as calendar
from tests.unit.chat import BEN, BoxChat, Json, Message, add_box, make_app
from wecreate_module.domain.effects import Effect, FetchFile
from wecreate_module.domain.events import Event
from wecreate_module.storage.store import Store


@dataclass(repr=False)
class Chat(BoxChat):
    """`fetched` is what becomes of the file that the bot fetches."""

    fetched: Json = field(default_factory=dict)

    def drop(self, content: Json, sender: str = BEN) -> list[Message]:
        """What the bot sends to a message that is no words."""
        return self.receive(self.incoming(content, sender))

    def carry_out(self, effect: Effect) -> Json:
        return self.fetched if isinstance(effect, FetchFile) else super().carry_out(effect)

    def event(self, number: int) -> Event | None:
        with self.store.begin(self.now) as uow:
            return uow.events.get(self.box.id, number)


@pytest.fixture
def chat(store: Store) -> Chat:
    """A German Box with Anna (an admin), Ben and Cem, and Anna's direct chat with the bot."""
    add_box(store)
    return Chat(make_app(calendar.PART), store)
