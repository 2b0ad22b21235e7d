"""A listing for the machines of others: JSON-LD in schema.org's words.

https://schema.org, https://www.w3.org/TR/json-ld11/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from wecreate_module.domain.listings import Kind, Listing, PublisherType
from wecreate_module.services.listings import whole_json

Json = dict[str, Any]
_TYPES: Mapping[Kind, str] = {
    Kind.IDEA: "CreativeWork",
    Kind.EVENT: "Event",
    Kind.REFORM: "CreativeWork",
    Kind.REQUEST: "Demand",
    Kind.OFFER: "Offer",
}
_PUBLISHERS: Mapping[PublisherType, str] = {
    PublisherType.PERSON: "Person",
    PublisherType.GROUP: "Organization",
    PublisherType.ASSOCIATION: "NGO",
    PublisherType.PARTY: "PoliticalParty",
    PublisherType.ADMINISTRATION: "GovernmentOrganization",
}
# What schema.org has no word for stands whole under `listing`, and is no claim of schema.org's.
_CONTEXT: list[object] = [
    "https://schema.org",
    {"listing": {"@id": "urn:wecreate:listing", "@type": "@json"}},
]


def room_link(listing: Listing) -> str:
    """Opens the room in whichever client."""
    via = f"?via={quote(listing.server, safe=':')}"
    return f"https://matrix.to/#/{quote(listing.room_id, safe='!:')}{via}"


def app_link(listing: Listing) -> str:
    """Opens it in the Matrix client of this device (MSC2312, RFC 7595 scheme `matrix`)."""
    room = quote(listing.room_id.removeprefix("!"), safe=":")
    return f"matrix:roomid/{room}?action=join&via={quote(listing.server, safe=':')}"


def json_ld(listing: Listing) -> Json:
    """What a search engine or another directory can use, and all of the listing itself."""
    by: Json = {
        "@type": _PUBLISHERS[listing.publisher.type],
        "name": listing.publisher.name or listing.server,
    }
    found: Json = {
        "@context": _CONTEXT,
        "@type": _TYPES[listing.kind],
        "@id": room_link(listing),
        "url": room_link(listing),
        "name": listing.title,
        "description": listing.summary,
        "keywords": list(listing.tags),
        "listing": whole_json(listing),
    }
    if listing.kind is Kind.EVENT:
        found["organizer"] = by
        if listing.starts_at is not None:
            found["startDate"] = listing.starts_at.isoformat()
        found["location"] = {"@type": "Place", "name": listing.place or listing.district or "-"}
    elif listing.kind in {Kind.REQUEST, Kind.OFFER}:
        found["offeredBy" if listing.kind is Kind.OFFER else "seller"] = by
        found["validFrom"] = listing.published_at.isoformat()
    else:
        found["publisher"] = by
        found["datePublished"] = listing.published_at.isoformat()
        found["interactionStatistic"] = {
            "@type": "InteractionCounter",
            "interactionType": "https://schema.org/EndorseAction",
            "userInteractionCount": listing.support,
        }
    return found
