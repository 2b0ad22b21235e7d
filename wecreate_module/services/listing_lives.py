"""What people make of their listings: steps, new texts, answers; each written and told on."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo

from wecreate_module.domain.listing_lives import (
    MAX_ANSWER,
    Life,
    OfficialAnswer,
    changes_substance,
    take_step,
    way_to_box,
)
from wecreate_module.domain.listing_rules import MarketRules, Organisation
from wecreate_module.domain.listings import Listing, Status, read_text
from wecreate_module.services import listing_news
from wecreate_module.storage.uow import UnitOfWork


def gather(uow: UnitOfWork, listing: Listing) -> Listing:
    """The first support: nobody needs to be told of what they have just done."""
    life = uow.listing_lives.get(listing)
    listing, life = take_step(listing, life, Status.GATHERING, uow.now)
    uow.listing_lives.put(life)
    return uow.listings.put(listing)


def step(
    uow: UnitOfWork, listing: Listing, wanted: Status, rules: MarketRules, zone: tzinfo
) -> Listing:
    """Take a step and tell the supporters in their next digest; UserError if it is not legal."""
    life = uow.listing_lives.get(listing)
    listing, life = take_step(listing, life, wanted, uow.now)
    uow.listing_lives.put(life)
    listing = uow.listings.put(listing)
    people = [who for who in uow.listings.supports_of(listing.room_id) if who != listing.author]
    listing_news.tell(uow, rules, zone, people, listing.room_id, listing_news.STEP, wanted.value)
    return listing


def got_box(
    uow: UnitOfWork, listing: Listing, box_id: str, rules: MarketRules, zone: tzinfo
) -> Listing:
    """It is worked on in this Box from now on."""
    life = uow.listing_lives.get(listing)
    reached = tuple(name for name in life.reached if name != BOX_COMES)
    uow.listing_lives.put(replace(life, box_id=box_id, reached=reached))
    for status in way_to_box(listing):
        listing = step(uow, listing, status, rules, zone)
    return listing


def rewrite(
    uow: UnitOfWork, before: Listing, after: Listing, rules: MarketRules, zone: tzinfo
) -> tuple[Listing, Life]:
    """Another text; one that differs in substance is a new version, and supporters are asked."""
    life = uow.listing_lives.get(before)
    after = uow.listings.put(after)
    if changes_substance(before, after):
        life = uow.listing_lives.put(replace(life, version=life.version + 1, changed_at=uow.now))
        supports = uow.listings.supports_of(after.room_id)
        people = [who for who in supports if who != after.author]
        kind, version = listing_news.TEXT, str(life.version)
        listing_news.tell(uow, rules, zone, people, after.room_id, kind, version)
    return after, life


def address(
    uow: UnitOfWork, listing: Listing, body: Organisation, rules: MarketRules, zone: tzinfo
) -> Life:
    """Somebody shall answer: the members of that organisation hear of it."""
    life = uow.listing_lives.put(
        replace(uow.listing_lives.get(listing), addressee=body.name),
    )
    people = sorted(body.members - {listing.author})
    kind, name = listing_news.ADDRESSED, body.name
    listing_news.tell(uow, rules, zone, people, listing.room_id, kind, name)
    return life


def answer(
    uow: UnitOfWork,
    listing: Listing,
    body: Organisation,
    text: str,
    rules: MarketRules,
    zone: tzinfo,
) -> Life:
    """The official answer of a body; its newest one stands for it. Raises InvalidListing."""
    given = OfficialAnswer(body.name, read_text(text, "answer", MAX_ANSWER), uow.now)
    life = uow.listing_lives.get(listing)
    others = tuple(each for each in life.answers if each.organisation != body.name)
    life = uow.listing_lives.put(replace(life, answers=(*others, given)))
    people = {*uow.listings.supports_of(listing.room_id), listing.author} - {""}
    kind, name = listing_news.ANSWER, body.name
    listing_news.tell(uow, rules, zone, sorted(people), listing.room_id, kind, name)
    return life


BOX_COMES = "box-comes"
"""Among `Life.reached` while a Box is being made, so that there is but one."""
