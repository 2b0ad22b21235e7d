"""The entry that Synapse loads: callbacks, each a thin guard around a pure decision.

Only callbacks that cost next to nothing in big rooms: docs/decisions/0004-cheap-callbacks.md.
Every process (main and workers) loads this; none keeps anything but a cache.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Literal

from synapse.api.errors import Codes, SynapseError
from synapse.events import EventBase
from synapse.module_api import NOT_SPAM, ModuleApi, RatelimitOverride
from synapse.module_api.callbacks.federation import FederationEventDeliveryEvent
from synapse.types import Requester  # type: ignore[attr-defined]  # its documented place
from twisted.internet.defer import CancelledError

from wecreate_module.domain.matrix import BOX, LISTING, BoxMarker, marker_in, parse_marker
from wecreate_module.services.listings import Directory
from wecreate_module.synapse import box_policy, disclosures, listing_policy
from wecreate_module.synapse.box_policy import Sent
from wecreate_module.synapse.config import ModuleConfig, parse_config
from wecreate_module.synapse.creation import (
    NotABox,
    Stranger,
    listed_state,
    make_box,
    wants_box,
)
from wecreate_module.synapse.farewells import Farewells
from wecreate_module.synapse.federation import Federation
from wecreate_module.synapse.limits import UNLIMITED, lift_limits
from wecreate_module.synapse.partners import Partners
from wecreate_module.synapse.quotas import MediaQuotas
from wecreate_module.synapse.relay import RELAY, RelayResource
from wecreate_module.synapse.resources import MARKETPLACE, MarketplaceResource
from wecreate_module.synapse.rooms import CREATE, Rooms

logger = logging.getLogger(__name__)

Verdict = Literal["NOT_SPAM"] | tuple[Codes, dict[str, Any]]
JOIN_RULES = "m.room.join_rules"
MAY_NOT_CREATE = (
    "Auf diesem Server darfst du keine Box anlegen. · You may not make Boxes on this server."
)


class WeCreateModule:
    """Keeps Boxes what they promise to be; leaves ordinary rooms alone."""

    def __init__(self, config: ModuleConfig, api: ModuleApi) -> None:
        self._config = config
        self._api = api
        self._partners = Partners(api.server_name, config.partners)
        self._rooms = Rooms(api)
        api.register_spam_checker_callbacks(
            check_event_for_spam=self.check_event_for_spam,
            user_may_publish_room=self.user_may_publish_room,
            user_may_join_room=self.user_may_join_room,
            user_may_send_3pid_invite=self.user_may_send_3pid_invite,
        )
        if self._partners.limited:
            api.register_spam_checker_callbacks(
                user_may_invite=self.user_may_invite,
                federated_user_may_invite=self.federated_user_may_invite,
                should_drop_federated_event=self.should_drop_federated_event,
            )
        api.register_third_party_rules_callbacks(on_create_room=self.on_create_room)
        api.register_ratelimit_callbacks(
            get_ratelimit_override_for_user=self.get_ratelimit_override_for_user
        )
        lift_limits(api, config.bot)
        Farewells(api, config.bot)
        MediaQuotas(api, config.bot, config.quotas, config.database)
        if config.database is not None:
            self._serve_marketplace(config.database)
        if self._partners.names != frozenset():
            api.register_federation_callbacks(
                on_event_delivered_over_federation=self.on_event_delivered_over_federation
            )

    def _serve_marketplace(self, database: str) -> None:
        federation = Federation(self._api)
        named = self._config.partners or frozenset()
        directory = Directory.at(database)
        directory.warm()
        resource = MarketplaceResource(self._api, directory, federation, named, self._config.bot)
        self._api.register_web_resource(MARKETPLACE, resource)
        relay = RelayResource(self._api, self._config, federation)
        self._api.register_web_resource(RELAY, relay)

    @staticmethod
    def parse_config(config: object) -> ModuleConfig:
        return parse_config(config)

    # Creating

    async def on_create_room(
        self,
        requester: Requester,
        request: dict[str, Any],
        _is_admin: bool,  # noqa: FBT001  # Synapse's signature
    ) -> None:
        """Make the request one for a Box, or raise SynapseError; a listing has to be right."""
        if not wants_box(request):
            self._check_listing(requester.user.to_string(), request)
            return
        creator = requester.user.to_string()
        if requester.is_guest or not self._config.may_create(creator):
            raise SynapseError(403, MAY_NOT_CREATE, Codes.FORBIDDEN)
        try:
            make_box(request, creator, self._config.bot, self._partners)
        except NotABox as wrong:
            raise SynapseError(400, str(wrong), Codes.BAD_JSON) from wrong
        except Stranger as stranger:
            text = f"{box_policy.NO_PARTNER} ({stranger})"
            raise SynapseError(403, text, Codes.FORBIDDEN) from stranger
        except Exception as fault:
            # A callback boundary: half a Box is worse than none.
            logger.exception("could not make the request of %s one for a Box", creator)
            raise SynapseError(403, box_policy.FAULT, Codes.FORBIDDEN) from fault

    def _check_listing(self, creator: str, request: dict[str, Any]) -> None:
        """Said before the room is half made; each event is judged again when it is sent."""
        for item in listed_state(request):
            if item["type"] != LISTING:
                continue
            key, content = item.get("state_key", ""), item["content"]
            sent = Sent(LISTING, creator, key, content, local=True)
            bot, now = self._config.bot, datetime.now(UTC)
            why = listing_policy.record_refusal(sent, bot, now, in_box=False)
            if why is not None:
                raise SynapseError(403, why, Codes.FORBIDDEN)

    async def user_may_publish_room(self, _user_id: str, room_id: str) -> Verdict:
        """Boxes never; a room that says it is a listing only with a valid record."""

        async def decide() -> str | None:
            if await self._marker(room_id):
                return box_policy.STAYS_PRIVATE
            record = await self._content(room_id, LISTING)
            return listing_policy.publish_refusal(record, datetime.now(UTC))

        return await self._verdict(decide, room_id)

    # Inviting

    async def user_may_invite(self, _inviter: str, invitee: str, room_id: str) -> Verdict:
        """Partners alone in our bot's Boxes; ordinary rooms invite whom they like."""

        async def decide() -> str | None:
            if self._partners.allow_user(invitee) or not await self._is_own_box(room_id):
                return None
            return box_policy.NO_PARTNER

        return await self._verdict(decide, room_id)

    async def user_may_join_room(
        self,
        user_id: str,
        room_id: str,
        is_invited: bool,  # noqa: FBT001  # Synapse's signature
    ) -> Verdict:
        """By invitation only, even where a partner's creator has opened the room in its own view.

        Synapse also asks when a member changes name or picture.
        """

        async def decide() -> str | None:
            if is_invited or not await self._marker(room_id):
                return None
            standing = await self._content(room_id, box_policy.MEMBER, user_id)
            return None if box_policy.is_member(standing) else box_policy.STAYS_PRIVATE

        return await self._verdict(decide, room_id)

    async def user_may_send_3pid_invite(
        self, _inviter: str, _medium: str, _address: str, room_id: str
    ) -> Verdict:
        """Whoever opens an e-mail comes in, from whichever server: not into a Box."""
        return await self.user_may_publish_room(_inviter, room_id)

    async def federated_user_may_invite(self, event: EventBase) -> Verdict:
        """People of this server are invited by partners only, into whichever room."""

        async def decide() -> str | None:
            return None if self._partners.allow_user(event.sender) else box_policy.NO_PARTNER

        return await self._verdict(decide, None, fault_in_box=lambda: _invites_to_box(event))

    # Sending

    async def check_event_for_spam(self, event: EventBase) -> Verdict:
        """Refuse local events that break a Box's promises; Synapse soft-fails partners' ones."""

        async def decide() -> str | None:
            sent = self._sent(event)
            if sent.type == LISTING and sent.is_state:
                in_box = await self._marker(event.room_id) is not None
                now = datetime.now(UTC)
                return listing_policy.record_refusal(sent, self._config.bot, now, in_box=in_box)
            if not box_policy.concerns(sent, self._partners):
                return None
            return await self._refusal(sent, event.room_id)

        return await self._verdict(decide, getattr(event, "room_id", None))

    async def should_drop_federated_event(self, event: EventBase) -> bool:
        """Drop what strangers send into our bot's Boxes (one that was a partner once, say)."""

        async def decide() -> str | None:
            if self._partners.allow_user(event.sender) or not await self._is_own_box(event.room_id):
                return None
            return box_policy.NO_PARTNER

        return await self._verdict(decide, getattr(event, "room_id", None)) != NOT_SPAM

    async def on_event_delivered_over_federation(
        self, delivery: FederationEventDeliveryEvent
    ) -> None:
        """For the log of what went where; Synapse logs a fault of ours and goes on."""
        await disclosures.events_sent(delivery, self._is_own_box)

    async def get_ratelimit_override_for_user(
        self, user_id: str, _limiter: str
    ) -> RatelimitOverride | None:
        """No limits on the bot's invites; the others: limits.py."""
        return UNLIMITED if user_id == self._config.bot else None

    async def _refusal(self, sent: Sent, room_id: str) -> str | None:
        marker = await self._marker(room_id)
        if sent.type == BOX and sent.is_state:
            self._rooms.expire(room_id)
        if marker is None:
            adopts = sent.type == BOX and sent.state_key == "" and parse_marker(sent.content)
            return await self._adoption_refusal(sent, room_id) if adopts else None
        if sent.type == box_policy.ENCRYPTION and sent.is_state:
            standing = await self._content(room_id, box_policy.ENCRYPTION)
            return box_policy.encryption_refusal(sent.content, standing)
        return box_policy.refusal(sent, marker, self._partners, self._config.bot)

    async def _adoption_refusal(self, sent: Sent, room_id: str) -> str | None:
        if await self._content(room_id, CREATE) is None:
            return None  # being joined just now: what comes is its past
        encryption = await self._content(room_id, box_policy.ENCRYPTION)
        join_rules = await self._content(room_id, JOIN_RULES)
        return box_policy.adoption_refusal(sent, self._config.bot, encryption, join_rules)

    async def _marker(self, room_id: object) -> BoxMarker | None:
        return await self._rooms.marker(room_id) if isinstance(room_id, str) else None

    async def _is_own_box(self, room_id: object) -> bool:
        marker = await self._marker(room_id)
        return marker is not None and marker.bot == self._config.bot

    async def _content(self, room_id: str, kind: str, key: str = "") -> object:
        event = (await self._api.get_room_state(room_id, [(kind, key)])).get((kind, key))
        return None if event is None else event.content

    def _sent(self, event: EventBase) -> Sent:
        sender: object = event.sender  # typed str, but it came over the network
        return Sent(
            type=event.type,
            sender=sender,
            state_key=event.get("state_key"),
            content=event.content,
            local=isinstance(sender, str) and self._api.is_mine(sender),
        )

    async def _verdict(
        self,
        decide: Callable[[], Awaitable[str | None]],
        room_id: object,
        *,
        fault_in_box: Callable[[], bool] | None = None,
    ) -> Verdict:
        """The boundary to Synapse: a fault of ours refuses in a Box and lets pass elsewhere."""
        try:
            reason = await decide()
        except CancelledError:
            raise  # the client has gone; Synapse wants to know
        except Exception:
            logger.exception("could not decide about an event in %r", room_id)
            in_box = fault_in_box() if fault_in_box else self._rooms.last_known(room_id)
            reason = box_policy.FAULT if in_box else None
        return NOT_SPAM if reason is None else (Codes.FORBIDDEN, {"error": reason})


def _part(content: object, key: str) -> dict[str, Any]:
    value = content.get(key) if isinstance(content, dict) else None
    return value if isinstance(value, dict) else {}


def _invites_to_box(event: EventBase) -> bool:
    """Whether the invite's preview of the room says that it is a Box."""
    preview = event.unsigned.get("invite_room_state")
    contents = [_part(item, "content") for item in (preview if isinstance(preview, list) else [])]
    return any(marker_in(content) for content in contents)
