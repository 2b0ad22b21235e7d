from dataclasses import replace

from tests.contract.conftest import NOW
from wecreate_module.domain.boxes import Box
from wecreate_module.storage.rooms import Member, Room
from wecreate_module.storage.store import Store

ROOM = Room(
    "!garten:example.org",
    create={"room_version": "12", "additional_creators": ["@anna:x.org"]},
    creator="@bot:x.org",
    power_levels={"users": {"@anna:x.org": 100}},
    encrypted=True,
    name="Gartenfest",
    join_rule="invite",
    settings={"language": "de"},
    marker={"version": 1, "bot": "@bot:x.org"},
    inviter="@anna:x.org",
    joined_at=1_700_000_000_000,
    pinned=["$1", "$2"],
)


class TestRooms:
    def test_a_room_comes_back_as_it_was(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            assert uow.rooms.get(ROOM.room_id) is None
            uow.rooms.save(Room(ROOM.room_id))
            assert uow.rooms.get(ROOM.room_id) == Room(ROOM.room_id)
            uow.rooms.save(ROOM)
        with store.begin(NOW) as uow:
            assert uow.rooms.get(ROOM.room_id) == ROOM

    def test_no_power_levels_are_not_empty_ones(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.rooms.save(replace(ROOM, power_levels={}))
            found = uow.rooms.get(ROOM.room_id)
            assert found is not None
            assert found.power_levels == {}

    def test_a_room_that_becomes_a_box_is_sealed_with_its_key(self, store: Store, box: Box) -> None:
        other = replace(box, id="box2", room_id="!later:x")
        with store.begin(NOW) as uow:
            uow.rooms.save(replace(ROOM, room_id=other.room_id))
            uow.rooms.set_member(other.room_id, "@anna:x.org", "join", "Anna")
            uow.boxes.add(other)
            assert uow.rooms.get(other.room_id) == replace(ROOM, room_id=other.room_id)
            assert uow.rooms.members(other.room_id) == [Member("@anna:x.org", "join", "Anna")]
            assert uow.rooms.scope_of(other.room_id) == "box2"
            assert uow.rooms.scope_of("!no-box:x") == "server"

    def test_members_are_by_membership(self, store: Store) -> None:
        anna, ben = Member("@anna:x", "join", "Anna Ä."), Member("@ben:x", "invite", None)
        with store.begin(NOW) as uow:
            uow.rooms.set_members("!r:x", [ben, anna])
            assert uow.rooms.members("!r:x") == [anna]
            assert uow.rooms.members("!r:x", ("invite", "join")) == [anna, ben]
            assert uow.rooms.member("!r:x", "@ben:x") == ben
            assert uow.rooms.member("!r:x", "@cem:x") is None
            uow.rooms.set_member("!r:x", "@ben:x", "join", "Ben")
            uow.rooms.set_member("!r:x", "@anna:x", "leave", None)
            assert uow.rooms.members("!r:x") == [Member("@ben:x", "join", "Ben")]

    def test_joined_rooms_are_those_of_the_bot(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.rooms.save(Room("!b:x"))
            uow.rooms.save(Room("!a:x"))
            uow.rooms.save(Room("!c:x", membership="invite"))
            assert uow.rooms.joined() == ["!a:x", "!b:x"]

    def test_the_direct_chat_with_a_person_is_one_that_both_are_in(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            assert uow.rooms.direct_with("@anna:x") is None
            uow.rooms.save(Room("!box:x"))
            uow.rooms.save(Room("!asked:x", direct=True))
            uow.rooms.save(Room("!left:x", direct=True, membership="leave"))
            for room_id in ("!box:x", "!left:x"):
                uow.rooms.set_member(room_id, "@anna:x", "join", None)
            assert uow.rooms.direct_with("@anna:x") is None
            uow.rooms.set_member("!asked:x", "@anna:x", "invite", None)
            assert uow.rooms.direct_with("@anna:x") == "!asked:x"
            uow.rooms.save(Room("!chat:x", direct=True))
            uow.rooms.set_member("!chat:x", "@anna:x", "join", None)
            assert uow.rooms.direct_with("@anna:x") == "!chat:x"

    def test_a_forgotten_room_is_gone_with_its_members(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.rooms.save(ROOM)
            uow.rooms.set_member(ROOM.room_id, "@anna:x", "join", "Anna")
            uow.rooms.forget(ROOM.room_id)
            assert uow.rooms.get(ROOM.room_id) is None
            assert uow.rooms.members(ROOM.room_id) == []
