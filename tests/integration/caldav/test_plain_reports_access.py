"""Who may see what in reports answered straight from rows."""

from __future__ import annotations

import pytest

from tests.dav import BEN, CEM, NOW, House
from tests.integration.caldav.reports import (
    ALL,
    ODD,
    Both,
    multiget,
    query,
    sync,
)
from wecreate_module.storage.calendars import Sharing


def test_who_may_not_see_it_learns_nothing(filled: House, both: Both) -> None:
    for body in (query(ALL), sync(), multiget(filled.events(CEM) + "plain.ics")):
        answer = both(filled.events(CEM), body, who=CEM)
        assert answer.status in {403, 404}
        assert both(filled.events(), body, who=CEM).status in {403, 404}
        assert filled.ask("REPORT", filled.events(), body, who=None).status == 401


def test_who_may_only_read_reads_all(filled: House, both: Both) -> None:
    filled.share(Sharing.READ)
    assert len(both(filled.events(BEN), query(ALL), who=BEN).hrefs) == len(ODD)


@pytest.mark.parametrize("membership", ["leave", "ban", "invite", "knock"])
def test_who_left_reads_nothing_more(filled: House, both: Both, membership: str) -> None:
    bodies = (query(ALL), sync(), multiget(filled.events(BEN) + "plain.ics"))
    assert all(both(filled.events(BEN), body, who=BEN).status == 207 for body in bodies)
    with filled.store.begin(NOW) as uow:
        uow.rooms.set_member(filled.box.room_id, BEN, membership, None)
    for body in bodies:
        answer = both(filled.events(BEN), body, who=BEN)
        assert answer.status in {403, 404}
        assert b"BEGIN:VEVENT" not in answer.body


def test_a_box_that_shares_no_more_tells_nothing(filled: House, both: Both) -> None:
    filled.share(Sharing.OFF)
    for body in (query(ALL), sync(), multiget(filled.events() + "plain.ics")):
        assert both(filled.events(), body).status in {403, 404}


def test_a_box_whose_key_is_destroyed_is_gone(filled: House) -> None:
    filled.store.keys.destroy(filled.box.id)
    answer = filled.ask("REPORT", filled.events(), query(ALL))
    assert answer.status == 404
    assert b"BEGIN" not in answer.body
