from __future__ import annotations

from tests.unit.synapse.events import ADOPTED, BOX, CIRCLE, ORDINARY, UNKNOWN, UPGRADED, module_api
from wecreate_module.synapse.rooms import CAPACITY, SECONDS, Known, Rooms


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_box_is_looked_up_once() -> None:
    api, clock = module_api(), Clock()
    rooms = Rooms(api, clock)
    for _ in range(3):
        marker = await rooms.marker(BOX)
        assert marker is not None
        clock.now += 10 * SECONDS
    assert api.get_room_state.await_count == 1


async def test_an_ordinary_room_is_looked_up_anew_after_a_while() -> None:
    api, clock = module_api(), Clock()
    rooms = Rooms(api, clock)
    for _ in range(3):
        assert await rooms.marker(ORDINARY) is None
    assert api.get_room_state.await_count == 1
    clock.now += SECONDS
    await rooms.marker(ORDINARY)
    assert api.get_room_state.await_count == 2


async def test_an_adopted_room_is_looked_up_anew_when_its_marker_is_sent() -> None:
    api = module_api()
    rooms = Rooms(api, Clock())
    assert await rooms.marker(ADOPTED)
    rooms.expire(ADOPTED)
    assert rooms.last_known(ADOPTED)
    assert await rooms.marker(ADOPTED)
    assert api.get_room_state.await_count == 2


async def test_a_box_goes_on_in_the_room_that_replaces_it() -> None:
    rooms = Rooms(module_api(), Clock())
    assert await rooms.marker(UPGRADED) == await rooms.marker(BOX)


async def test_a_room_that_names_itself_as_its_predecessor_is_an_ordinary_one() -> None:
    assert await Rooms(module_api(), Clock()).marker(CIRCLE) is None


async def test_a_room_without_state_is_not_remembered() -> None:
    rooms = Rooms(module_api(), Clock())
    assert await rooms.marker(UNKNOWN) is None
    assert not rooms._known


def test_the_least_used_rooms_are_forgotten() -> None:
    rooms = Rooms(module_api(), Clock())
    for number in range(CAPACITY + 5):
        rooms._remember(f"!{number}", Known(None, 1.0))
    assert len(rooms._known) == CAPACITY
    assert "!0" not in rooms._known
