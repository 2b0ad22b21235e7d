"""What could not be asked for is looked at again; what is refused for good is passed over."""

from __future__ import annotations

from unittest.mock import AsyncMock, MagicMock

import pytest

from bots.kit.client import MatrixError, Unreachable
from bots.marketplace.recount import Recount

BUSY = MatrixError(429, "M_LIMIT_EXCEEDED")
NO = MatrixError(403, "M_FORBIDDEN")


class Looks:
    """Two listings of ours have changed, up to revision 7; the looks begin at 3."""

    def __init__(self, *answers: object) -> None:
        self.homeserver = MagicMock()
        self.homeserver.request = AsyncMock(side_effect=answers)
        self.listings = MagicMock()
        self.listings.revision.side_effect = [3, 9]
        changed = [MagicMock(origin="", card=f"$c{at}", room_id="!r", revision=at) for at in (6, 7)]
        self.listings.since.return_value = changed
        store = MagicMock()
        store.read.return_value.__enter__.return_value.listings = self.listings
        self.recount = Recount(store, self.homeserver)

    @property
    def asked_since(self) -> list[int]:
        return [call.args[0] for call in self.listings.since.call_args_list]


@pytest.mark.parametrize("why", [Unreachable("cut"), BUSY])
async def test_a_look_that_was_cut_off_is_repeated(why: Exception) -> None:
    looks = Looks({}, why, {}, {})
    with pytest.raises(type(why)):
        await looks.recount.look()
    await looks.recount.look()
    assert looks.asked_since == [3, 3]


async def test_a_room_that_refuses_holds_up_no_other() -> None:
    looks = Looks(NO, {}, {}, {})
    await looks.recount.look()
    await looks.recount.look()
    assert looks.homeserver.request.await_count == 4
    assert looks.asked_since == [3, 7]
