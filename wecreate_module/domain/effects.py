"""What a command wants done on Matrix: written to the outbox, carried out by the delivery.

Every effect can be repeated without harm: a kill between doing it and noting it is normal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Send:
    """A message (or other timeline event) in a room, encrypted if the room is."""

    room_id: str
    content: Json
    type: str = "m.room.message"
    pin: bool = False


@dataclass(frozen=True)
class React:
    """A reaction to a Matrix event, or (`to_previous`) to the message sent just before."""

    room_id: str
    key: str
    event_id: str | None = None
    to_previous: bool = False


@dataclass(frozen=True)
class Redact:
    room_id: str
    event_id: str
    reason: str = ""


@dataclass(frozen=True)
class SetState:
    """State in a room; nothing is sent when it already stands like this."""

    room_id: str
    type: str
    content: Json
    state_key: str = ""


@dataclass(frozen=True)
class Publish:
    """Show a room in the homeserver's directory of public rooms, or take it out of it."""

    room_id: str
    listed: bool


@dataclass(frozen=True)
class CreateRoom:
    """A new room. `request` is unique: the same request never makes a second room.

    Result for the continuation: `{"room_id"}`.
    """

    request: str
    body: Json


@dataclass(frozen=True)
class Invite:
    """Invite people. Result: `{"outcomes": {user_id: "invited" | "member" | "unknown" | "refused" | "banned"}}`."""  # noqa: E501

    room_id: str
    users: tuple[str, ...]


@dataclass(frozen=True)
class Join:
    """Accept an invite, with patience: over federation it can come before the room does."""

    room_id: str
    via: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leave:
    room_id: str
    reason: str = ""


@dataclass(frozen=True)
class SendFile:
    """A file, encrypted, uploaded, then sent; `data` is base64.

    Result: `{"event_id", "mxc", "sha256"}`, the last one of the file as it is.
    """

    room_id: str
    name: str
    mimetype: str
    data: str
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True)
class MakeFile:
    """A document made when its turn comes, then sent like SendFile; the same bytes each time.

    `recipe` is bridges/documents/recipes.py's. Result: SendFile's, or `{"failed": "document"}`.
    """

    room_id: str
    recipe: Json


@dataclass(frozen=True)
class PrepareFile:
    """A document that will likely be asked for soon, made so that it is there then.

    Nothing is sent, and nothing is lost when it is not done. It holds up no room.
    """

    recipe: Json
    room_id: str = ""


@dataclass(frozen=True)
class FetchFile:
    """Fetch a small file that somebody sent, and open it; `media` as in domain/attachments.py.

    Result: `{"data"}` in base64, or `{"failed": "altered" | "too-large"}`. It holds up no room.
    """

    media: Json
    most: int
    room_id: str = ""


@dataclass(frozen=True)
class SealLink:
    """Fetch a file's ciphertext, check it, and seal `about` and what opens it for a link.

    `media` as in domain/attachments.py. Result: `{"sealed", "access_hash", "salt"}` in base64 and
    `{"size"}`, or `{"failed": "altered" | "too-large" | "disk-full"}`. It holds up no room.
    """

    link_id: str
    secret: str
    password: str | None
    media: Json
    about: Json
    room_id: str = ""


@dataclass(frozen=True)
class ReceiveUpload:
    """Open the letter of a file that a visitor sent, check its pieces, hand them to the homeserver.

    `letter` in base64 (services/upload_sealing.py). Result: `{"media", "name", "mimetype", "size",
    "sender"}`, or `{"failed": "altered" | "too-large" | "unreadable"}`. It holds up no room.
    """

    upload_id: str
    request_id: str
    private_key: str
    letter: str
    size: int
    room_id: str = ""


@dataclass(frozen=True)
class SendMail:
    """An e-mail, sent at most once: `message_id` is the same whenever it is tried.

    `files` are `{"name", "mimetype"}` with "data" in base64, or with the "recipe" that they are
    made of on their way out, as MakeFile's. Result: `{"accepted": answer}`, `{"refused": answer}`
    (nothing went out), `{"failed": "unreachable" | "insecure" | "login" | "unwritable" |
    "document"}` (likewise), or `{"uncertain": true}` when it broke off at the last
    step. It holds up no room.
    """

    box_id: str
    message_id: str
    from_name: str
    to: str
    reply_to: str
    subject: str
    text: str
    files: list[Json]
    room_id: str = ""


@dataclass(frozen=True)
class ListFiles:
    """Look what lies in a ZIP or a folder elsewhere (domain/file_imports.py).

    Result: `{"found": [[ref, path, size], …]}` or `{"failed": why}`. It holds up no room.
    """

    source: Json
    room_id: str = ""


@dataclass(frozen=True)
class BringIn:
    """Encrypt some of those files and hand them to the homeserver.

    Result: `{"results": [{"media", "size"} | None, …]}`, None for what can't be had.
    """

    source: Json
    found: list[list[Any]]
    room_id: str = ""


@dataclass(frozen=True)
class ReadText:
    """Fetch a file of at most `most` bytes and read its words; `how` is its kind, like "pdf".

    Result: `{"text"}`, None for what can't be read. It holds up no room.
    """

    media: Json
    how: str
    most: int
    room_id: str = ""


@dataclass(frozen=True)
class DestroyKey:
    """Destroy a Box's key, and the bot's message keys of its room."""

    box_id: str
    room_id: str


Effect = (
    Send
    | React
    | Redact
    | SetState
    | Publish
    | CreateRoom
    | Invite
    | Join
    | Leave
    | SendFile
    | MakeFile
    | PrepareFile
    | FetchFile
    | SealLink
    | SendMail
    | ReceiveUpload
    | ListFiles
    | BringIn
    | ReadText
    | DestroyKey
)
KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        Send,
        React,
        Redact,
        SetState,
        Publish,
        CreateRoom,
        Invite,
        Join,
        Leave,
        SendFile,
        MakeFile,
        PrepareFile,
        FetchFile,
        SealLink,
        SendMail,
        ReceiveUpload,
        ListFiles,
        BringIn,
        ReadText,
        DestroyKey,
    )
}


def to_json(effect: Effect) -> Json:
    """As stored in the outbox; shares what it holds with the effect (long lists are not copied)."""
    return {"kind": type(effect).__name__, **vars(effect)}


def from_json(stored: Json) -> Effect:
    """The effect as it was; raises KeyError for a kind this version does not know."""
    fields = dict(stored)
    kind = KINDS[fields.pop("kind")]
    tuples = {"users", "via"} & fields.keys()
    effect: Effect = kind(**{**fields, **{name: tuple(fields[name]) for name in tuples}})
    return effect
