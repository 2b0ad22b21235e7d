"""What a start of the bot puts right."""

from __future__ import annotations

from sqlalchemy import event

from bots.kit import dispatch
from bots.kit.incoming import Incoming
from tests.unit.marketplace.conftest import MakeChat
from tests.unit.marketplace.market_chat import ANNA, BEN, BENS, BOT, Chat, put
from wecreate_module.domain.effects import CreateRoom, Invite, SetState
from wecreate_module.domain.listing_rules import MarketRules
from wecreate_module.domain.listings import Publisher, PublisherType
from wecreate_module.domain.matrix import RESULT

MOD, NEW = "@mod:w.example", "@new:w.example"


def start(chat: Chat) -> None:
    with chat.store.begin(chat.now) as uow:
        dispatch.started(chat.app, uow, chat.now)
    chat.deliver()


def test_imported_listings_come_into_the_space_and_those_of_the_index_alone_do_not(
    chat: Chat,
) -> None:
    put(chat, "Radweg", room_id="!a")
    put(chat, "Messung", room_id="!b", card="")
    start(chat)
    (space,) = chat.made(space=True)
    start(chat)
    put(chat, "Chor", room_id="!c")
    chat.wait(hours=1)
    children = [e for e in chat.done if isinstance(e, SetState) and e.type == "m.space.child"]
    assert [(each.room_id, each.state_key) for each in children] == [(space, "!a"), (space, "!c")]


def test_a_start_asks_no_more_often_for_many_listings_than_for_few(chat: Chat) -> None:
    def asked() -> int:
        statements: list[str] = []
        with chat.store.read(chat.now) as uow:
            engine = uow.listings.engine

        def note(*given: object) -> None:
            statements.append(str(given[2]))

        event.listen(engine, "before_cursor_execute", note)
        start(chat)
        event.remove(engine, "before_cursor_execute", note)
        return len(statements)

    put(chat, "Radweg", room_id="!first")
    start(chat)
    few = asked()
    for number in range(30):
        put(chat, "Radweg", room_id=f"!{number}")
    start(chat)
    assert asked() == few


def test_a_mark_goes_with_the_operators_word(chat: Chat) -> None:
    city = Publisher(PublisherType.ADMINISTRATION, "Stadt", verified=True)
    put(chat, "Radweg", publisher=city)
    start(chat)
    assert not chat.listing("!l").publisher.verified
    assert "👤 Stadt" in chat.sent("!l")[-1]["body"]


def test_new_moderators_come_in_and_former_ones_go(make_chat: MakeChat) -> None:
    chat = make_chat(MarketRules(moderators=(MOD,)))
    put(chat, "Radweg", author=ANNA)
    chat.say("!melden !l Betrug", BEN, BENS)
    (room,) = chat.made(encrypted=True)
    chat.enter(room, MOD)
    chat.app.server.__dict__["market"] = MarketRules(moderators=(NEW,))
    start(chat)
    assert Invite(room, (NEW,)) in chat.done
    assert SetState(room, "m.room.member", {"membership": "leave"}, MOD) in chat.done
    assert BOT not in [each.state_key for each in chat.done if isinstance(each, SetState)]


def test_rooms_that_the_homeserver_refused_are_asked_for_again_by_the_same_name(
    make_chat: MakeChat,
) -> None:
    chat = make_chat(MarketRules(moderators=(MOD,)))
    put(chat, "Radweg", author=ANNA)
    for text, who in (("!markt box", ANNA), ("!melden !l Betrug", BEN)):
        chat.count += 1
        with chat.store.begin(chat.now) as uow:
            content = {"msgtype": "m.text", "body": text}
            asked = Incoming("!l" if who == ANNA else BENS, f"$r{chat.count}", who, content=content)
            dispatch.handle(chat.app, uow, asked, chat.now)
    with chat.store.begin(chat.now) as uow:
        refused = [
            row for row in uow.outbox.due(50, chat.now) if isinstance(row.effect, CreateRoom)
        ]
        for row in refused:
            uow.outbox.fail(row.id, "forbidden")
    chat.deliver()
    assert chat.say("!markt box", ANNA, "!l")[RESULT]["error"]["code"] == "has-box"
    start(chat)
    chat.say("!markt box", ANNA, "!l")
    made = [each.request for each in chat.done if isinstance(each, CreateRoom)]
    assert {row.effect.request for row in refused if isinstance(row.effect, CreateRoom)} <= set(
        made
    )
    assert len(chat.made(encrypted=True)) == 2
