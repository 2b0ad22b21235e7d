"""What the marketplace knows of somebody, forgotten when they leave for good."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from wecreate_module.domain import tasks as rules
from wecreate_module.domain.boxes import BoxState
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.listings import Listing, Publisher, PublisherType
from wecreate_module.services import tasks
from wecreate_module.storage.listing_requests import Asked, JoinRequest
from wecreate_module.storage.uow import UnitOfWork

PLEDGE = "mitmachen"
"""The label of a task that somebody's offer to join in became."""


@dataclass(frozen=True)
class Forgotten:
    """Listings that have lost a support, and those that have lost who published them."""

    supported: tuple[Listing, ...]
    published: tuple[Listing, ...]


def forget(uow: UnitOfWork, user_id: str) -> Forgotten:
    """Erase supports, offers to join in, follows, reports and the name as publisher.

    What stands in rooms' history is the homeserver's to erase. A report stays without its name.
    """
    rooms = uow.listings.withdraw_all(user_id)
    for request in uow.listing_requests.of_user(user_id):
        if request.status is Asked.ACCEPTED:
            _forget_pledge(uow, request)
    uow.listing_requests.forget(user_id)
    uow.listing_news.forget(user_id)
    uow.listing_cases.forget(user_id)
    uow.meta.set(f"market.chat:{user_id}", None)
    uow.meta.forget("market.agreed:", f":{user_id}")
    mine = [_nameless(each) for each in uow.listings.of_author(user_id)]
    return Forgotten(
        supported=tuple(uow.listings.some(rooms)),
        published=tuple(uow.listings.put_many(mine)) if mine else (),
    )


def _nameless(listing: Listing) -> Listing:
    """An organisation's name stays: it is not the person's."""
    person = listing.publisher.type is PublisherType.PERSON
    publisher = Publisher() if person else listing.publisher
    return replace(listing, author="", publisher=publisher)


def _forget_pledge(uow: UnitOfWork, request: JoinRequest) -> None:
    """The Box keeps the task, for it may have planned with it; nobody is named by it."""
    listing = uow.listings.get(request.room_id)
    life = uow.listing_lives.get(listing) if listing is not None else None
    box = uow.boxes.get(life.box_id) if life is not None and life.box_id else None
    if box is None or box.state is not BoxState.ACTIVE:
        return
    for task in uow.tasks.list(box.id):
        if PLEDGE not in task.labels or request.user_id not in task.assignees:
            continue
        rest = tuple(each for each in task.assignees if each != request.user_id)
        title = task.title.removeprefix(f"{request.name}: ")
        with suppress(UserError):  # a title that is none any more
            tasks.edit_task(
                uow,
                box,
                task.number,
                lambda known, title=title, rest=rest: replace(  # type: ignore[misc]  # bound now
                    known, title=rules.clean_title(title), assignees=rest
                ),
                actor="",
            )
