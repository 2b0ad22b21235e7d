from __future__ import annotations

import pytest

from bots.tasks import commands as tasks
from tests.unit.chat import BoxChat, add_box, make_app
from wecreate_module.domain.tasks import Task
from wecreate_module.storage.store import Store


class Chat(BoxChat):
    def task(self, number: int) -> Task | None:
        with self.store.begin(self.now) as uow:
            return uow.tasks.get(self.box.id, number)


@pytest.fixture
def chat(store: Store) -> Chat:
    """A German Box with Anna (an admin), Ben and Cem, and Anna's direct chat with the bot."""
    add_box(store)
    return Chat(make_app(tasks.PART), store)
