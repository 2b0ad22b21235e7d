"""The address of a listing's room."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from wecreate_module.domain.listings import Listing


def link(listing: Listing) -> str:
    """Opens the room in whichever client."""
    via = f"?via={quote(listing.server, safe=':')}"
    return f"https://matrix.to/#/{quote(listing.room_id, safe='!:')}{via}"


def link_html(listing: Listing) -> str:
    return f'<a href="{escape(link(listing))}">{escape(listing.title)}</a>'
