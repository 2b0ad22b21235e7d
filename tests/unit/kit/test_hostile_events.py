from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.kit import dispatch
from bots.kit.incoming import Incoming
from bots.kit.render import LARGEST, json_size
from wecreate_module.domain.effects import Send

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
COMMANDS = "!done !erledigt !task !aufgabe !help !keep !box !cancel WeCreate: löschen an assign"
ARGUMENTS = (
    '3 3,4 #7 @room @ben:x.example \ud800 \x00 <b> " {title} {0} %s \u202e \u0663 99999999999 -1'
)
WORDS = st.sampled_from([*COMMANDS.split(" "), *ARGUMENTS.split(" "), "x" * 300])
BODIES = st.lists(WORDS | st.text(max_size=5), max_size=8).map(" ".join)
KEYS = st.sampled_from(["msgtype", "body", "format", "formatted_body", "m.relates_to"]) | st.text()
CONTENTS = st.dictionaries(KEYS, JSON | BODIES, max_size=6)
IDS = st.none() | st.text()
hostile = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=150,
    deadline=None,
)


def handle(chat: Any, incoming: Incoming) -> None:
    with chat.store.begin(chat.now) as uow:
        dispatch.handle(chat.app, uow, incoming, chat.now)
    for row in chat.rows():
        if isinstance(row.effect, Send):
            assert json_size(row.effect.content) <= LARGEST + 2000
            assert "room" not in row.effect.content["m.mentions"]


@hostile
@given(content=CONTENTS, thread_id=IDS, replied_to=IDS, room=st.sampled_from(["!box", "!direct"]))
def test_any_json_in_any_field_is_survived(
    chat: Any, content: dict[str, Any], thread_id: Any, replied_to: Any, room: str
) -> None:
    chat.count += 1
    content.setdefault("msgtype", "m.text")
    handle(
        chat,
        Incoming(
            room,
            f"$e{chat.count}",
            "@ben:x.example",
            content=content,
            thread_id=thread_id,
            replied_to=replied_to,
        ),
    )


@hostile
@given(
    bodies=st.lists(BODIES, max_size=4),
    room=st.sampled_from(["!box", "!direct", "!group"]),
    sender=st.sampled_from(["@anna:x.example", "@ben:x.example", "@gone:x.example", "", "x"]),
)
def test_any_words_are_answered_or_left_alone(
    chat: Any, bodies: list[str], room: str, sender: str
) -> None:
    for body in bodies:
        chat.count += 1
        content = {"msgtype": "m.text", "body": body}
        handle(chat, Incoming(room, f"$e{chat.count}", sender, content=content))


@hostile
@given(marker=JSON, create=JSON, levels=JSON)
def test_any_json_in_a_rooms_state_is_survived(
    chat: Any, marker: Any, create: Any, levels: Any
) -> None:
    with chat.store.begin(chat.now) as uow:
        room = uow.rooms.get("!group")
        fields = {"marker": marker, "create": create, "power_levels": levels}
        uow.rooms.save(type(room)(**{**vars(room), **fields}))
    chat.count += 1
    content = {"msgtype": "m.text", "body": "!box adopt"}
    handle(chat, Incoming("!group", f"$e{chat.count}", "@ben:x.example", content=content))
