"""What could not be asked for is looked at again; what is refused for good is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import AsyncMock, MagicMock

import pytest

from bots.kit.client import MatrixError, Unreachable
from bots.marketplace.supporting.recount import Recount
from wecreate_module.domain.listings import Kind, Listing
from wecreate_module.services.listings import import_listings
from wecreate_module.storage.store import Store

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BUSY = MatrixError(429, "M_LIMIT_EXCEEDED")
NO = MatrixError(403, "M_FORBIDDEN")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'w.db'}"
    with closing(Store.open(url, tmp_path / "keys.db", tmp_path / "wecreate.key")) as opened:
        yield opened


class Looks:
    """The looks have begun; since then two listings of ours have changed."""

    def __init__(self, store: Store, *answers: object) -> None:
        self.store = store
        self.homeserver = MagicMock()
        self.homeserver.request = AsyncMock(side_effect=answers)

    async def begin(self) -> None:
        await self.recount().look()
        for room_id in ("!1:x.org", "!2:x.org"):
            listing = Listing(room_id, "x.org", Kind.IDEA, "Bank", "", NOW, card="$card")
            import_listings(self.store, [listing], NOW)

    def recount(self) -> Recount:
        """As after a start of the bot."""
        return Recount(self.store, self.homeserver)

    @property
    def rooms(self) -> list[str]:
        """Asked for, each time."""
        paths = [call.args[1] for call in self.homeserver.request.call_args_list]
        return ["1" if "!1" in path or "%211" in path else "2" for path in paths]


@pytest.mark.parametrize("why", [Unreachable("cut"), BUSY])
async def test_a_look_that_was_cut_off_is_repeated(store: Store, why: Exception) -> None:
    looks = Looks(store, {}, why, {}, {})
    await looks.begin()
    recount = looks.recount()
    with pytest.raises(type(why)):
        await recount.look()
    await recount.look()
    await recount.look()
    assert looks.rooms == ["1", "2", "1", "2"]


async def test_a_room_that_refuses_holds_up_no_other(store: Store) -> None:
    looks = Looks(store, NO, {})
    await looks.begin()
    recount = looks.recount()
    await recount.look()
    await recount.look()
    assert looks.rooms == ["1", "2"]


async def test_the_looks_go_on_where_they_were_before_a_restart(store: Store) -> None:
    looks = Looks(store, {}, {})
    await looks.begin()
    await looks.recount().look()
    await looks.recount().look()
    assert looks.rooms == ["1", "2"]
