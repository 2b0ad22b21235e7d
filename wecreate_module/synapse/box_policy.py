"""What may be sent in a Box. Pure decisions: no Synapse here, no I/O.

Rules go by the event's content, not by comparing with what stood before: when a server joins
a Box anew, events that were right when they were sent are checked again and must pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wecreate_module.domain.matrix import BOX, BoxMarker
from wecreate_module.synapse.partners import Partners

ALGORITHM = "m.megolm.v1.aes-sha2"
ENCRYPTION = "m.room.encryption"
ENCRYPTED = "m.room.encrypted"
MEMBER = "m.room.member"

HISTORY = frozenset({"shared", "invited", "joined"})

# Message-like events that carry nothing to hide, or that no client encrypts.
CLEAR = frozenset({
    "m.room.redaction",
    "m.reaction",
    "m.rtc.notification",
    "m.rtc.decline",
})  # fmt: skip
CLEAR_PREFIXES = (
    "m.call.",
    "m.key.verification.",
    "org.matrix.call.",
    "org.matrix.msc3401.call.",
    "org.matrix.msc4075.",
    "org.matrix.msc4310.",
)

NOT_ENCRYPTED = (
    "In einer Box ist alles verschlüsselt, diese Nachricht war es nicht. "
    "· Everything in a Box is encrypted, this message was not."
)
STAYS_ENCRYPTED = (
    "Die Verschlüsselung einer Box bleibt, wie sie ist. · A Box stays encrypted as it is."
)
STAYS_PRIVATE = (
    "Eine Box bleibt privat: nur auf Einladung, ohne Gäste, Verlauf nur für Mitglieder. "
    "· A Box stays private: by invitation, without guests, history for members only."
)
BOT_ONLY = "Das darf in dieser Box nur WeCreate. · In this Box only WeCreate may do that."
NO_PARTNER = (
    "Dieser Server gehört nicht zu den Partnern dieser Box. "
    "· That server is not a partner of this Box."
)
FAULT = (
    "Das ging gerade nicht, bitte versuche es noch einmal. "
    "· That did not work just now, please try again."
)


@dataclass(frozen=True)
class Sent:
    """The fields of an event that decisions need, as they came: any JSON.

    `local`: sent by a user of this server.
    """

    type: object
    sender: object
    state_key: object
    content: object
    local: bool

    @property
    def is_state(self) -> bool:
        return self.state_key is not None


def concerns(sent: Sent, partners: Partners) -> bool:
    """Whether any rule could refuse this; the room need not be looked up otherwise."""
    if not isinstance(sent.type, str):
        return True
    if not sent.is_state:
        return not _may_be_said(sent.type, sent.content)
    if sent.type == MEMBER:
        return partners.limited and _brings_stranger(sent, partners)
    return sent.type in STATE_RULES or sent.type == ENCRYPTION


def refusal(sent: Sent, marker: BoxMarker, partners: Partners, bot: str) -> str | None:
    """Say why this may not be sent in the Box of `marker`; None when it may.

    `bot` is this server's bot: partners are asked about in its Boxes alone, since the Box of
    a partner follows that partner's list. `m.room.encryption` is for `encryption_refusal`.
    """
    if not sent.is_state:
        return _message_refusal(sent)
    if sent.type == MEMBER:
        stranger = marker.bot == bot and _brings_stranger(sent, partners)
        return NO_PARTNER if stranger else None
    rule = STATE_RULES.get(sent.type) if isinstance(sent.type, str) else None
    return rule(sent, marker) if rule else None


def encryption_refusal(content: object, standing: object) -> str | None:
    """Judge an `m.room.encryption` against what stands (None where nothing stands yet)."""
    wanted = _get(content, "algorithm") == ALGORITHM
    same = standing is None or _plain(content) == _plain(standing)
    return None if wanted and same else STAYS_ENCRYPTED


def adoption_refusal(sent: Sent, bot: str, encryption: object, join_rules: object) -> str | None:
    """Judge a `de.wecreate.box` state event in a room that is no Box yet.

    A bot speaks for itself alone, and only where the room keeps what a Box promises.
    """
    if _get(sent.content, "bot") != sent.sender or (sent.local and sent.sender != bot):
        return BOT_ONLY
    if sent.local and _get(encryption, "algorithm") != ALGORITHM:
        return NOT_ENCRYPTED
    if sent.local and _get(join_rules, "join_rule") != "invite":
        return STAYS_PRIVATE
    return None


def is_member(member_content: object) -> bool:
    return _get(member_content, "membership") == "join"


def _message_refusal(sent: Sent) -> str | None:
    if isinstance(sent.type, str):
        if _may_be_said(sent.type, sent.content):
            return None
        if not sent.local and sent.content == {}:
            return None  # a message that its author deleted, as partners hand it on
    return NOT_ENCRYPTED


def _may_be_said(kind: str, content: object) -> bool:
    if kind == ENCRYPTED:  # not by its name alone
        ciphertext = _get(content, "ciphertext")
        return _get(content, "algorithm") == ALGORITHM and isinstance(ciphertext, str)
    return kind in CLEAR or kind.startswith(CLEAR_PREFIXES)


def _brings_stranger(sent: Sent, partners: Partners) -> bool:
    comes = _get(sent.content, "membership") in {"invite", "join", "knock"}
    return comes and not partners.allow_user(sent.state_key)


def _join_rules(sent: Sent, _marker: BoxMarker) -> str | None:
    return None if _get(sent.content, "join_rule") == "invite" else STAYS_PRIVATE


def _history(sent: Sent, _marker: BoxMarker) -> str | None:
    visibility = _get(sent.content, "history_visibility")
    known = isinstance(visibility, str) and visibility in HISTORY
    return None if known else STAYS_PRIVATE


def _guests(sent: Sent, _marker: BoxMarker) -> str | None:
    return None if _get(sent.content, "guest_access") == "forbidden" else STAYS_PRIVATE


def _addresses(sent: Sent, _marker: BoxMarker) -> str | None:
    named = _get(sent.content, "alias") or _get(sent.content, "alt_aliases")
    return STAYS_PRIVATE if named else None


def _email_invite(sent: Sent, _marker: BoxMarker) -> str | None:
    # Whoever opens the e-mail comes in, from whichever server.
    return STAYS_PRIVATE if sent.content else None


def _bot_only(sent: Sent, marker: BoxMarker) -> str | None:
    return None if sent.sender == marker.bot else BOT_ONLY


STATE_RULES: Mapping[str, Callable[[Sent, BoxMarker], str | None]] = {
    "m.room.join_rules": _join_rules,
    "m.room.history_visibility": _history,
    "m.room.guest_access": _guests,
    "m.room.canonical_alias": _addresses,
    "m.room.third_party_invite": _email_invite,
    "m.room.server_acl": _bot_only,
    BOX: _bot_only,
}


def _get(content: object, key: str) -> object:
    return content.get(key) if isinstance(content, Mapping) else None


def _plain(content: object) -> object:
    """Synapse freezes contents: compare the values, not the kinds of mapping."""
    if isinstance(content, Mapping):
        return {key: _plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(value) for value in content]
    return content
