"""Requests for files, as members make them and the web takes what is sent: one function a verb."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from wecreate_module.domain.attachments import Attachment
from wecreate_module.domain.boxes import Box, Power, require_active
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.file_requests import (
    ABANDONED,
    MAX_OPEN_REQUESTS,
    FileRequest,
    RequestWish,
    Upload,
    UploadState,
    folder_of,
)
from wecreate_module.domain.files import File
from wecreate_module.domain.links import LinkRules
from wecreate_module.domain.quotas import Quotas
from wecreate_module.services.files import add_file, enter_file
from wecreate_module.services.large_files import (
    largest_files,
    largest_message,
    room_for_large,
)
from wecreate_module.services.link_sealing import new_secret, seal_link
from wecreate_module.services.links import Refused
from wecreate_module.services.upload_sealing import new_key_pair
from wecreate_module.storage.uow import UnitOfWork

ARRIVED = "files.upload_arrived"
_ON_THE_WAY = (UploadState.OPEN, UploadState.WHOLE)


def make_request(
    uow: UnitOfWork, box: Box, wish: RequestWish, rules: LinkRules, *, actor: str
) -> tuple[FileRequest, str]:
    """The request, and the secret that is told once and not kept."""
    require_active(box)
    if not rules.url:
        raise UserError("links-off", "There are no links on this server. Ask those who run it.")
    if len(uow.file_requests.of_box(box.id)) >= MAX_OPEN_REQUESTS:
        raise UserError(
            "too-many-requests",
            "{most} requests of this Box are open. Close some first: !file requests",
            most=MAX_OPEN_REQUESTS,
        )
    request_id, secret = secrets.token_urlsafe(16), new_secret()
    private_key, public_key = new_key_pair()
    expires_at = None if wish.lasting is None else uow.now + wish.lasting
    about = {
        "title": wish.title,
        "public_key": public_key,
        "expires_at": expires_at and expires_at.isoformat(),
    }
    record = seal_link(request_id, secret, None, about)
    request = FileRequest(
        id=request_id,
        number=uow.file_requests.next_number(box.id),
        created_by=actor,
        created_at=uow.now,
        title=wish.title,
        folder=folder_of(wish.title),
        private_key=private_key,
        record=record.sealed,
        access_hash=record.access_hash,
        expires_at=expires_at,
        max_files=wish.max_files or rules.request_files,
        max_size=largest_files(uow, rules).request,
    )
    uow.file_requests.add(box.id, request)
    uow.journal.add(box.id, "request.made", str(request.number), actor, {"title": wish.title})
    return request, secret


def open_requests(uow: UnitOfWork, box: Box) -> list[tuple[FileRequest, int]]:
    """Each with how many files it brought, the newest first."""
    return [(each, uow.file_requests.count(each.id)) for each in uow.file_requests.of_box(box.id)]


def close_request(uow: UnitOfWork, box: Box, number: int, *, actor: str, power: int) -> FileRequest:
    """Nothing more comes by it, at once. What is whole is still entered."""
    found = next((each for each in uow.file_requests.of_box(box.id) if each.number == number), None)
    if found is None:
        raise UserError(
            "request-not-found",
            "There is no open request {number} here. See all with !file requests",
            number=number,
        )
    if power < Power.MODERATOR and found.created_by != actor:
        raise UserError(
            "request-not-yours", "Only who made this request can close it, or a moderator."
        )
    uow.file_requests.close(found.id)
    uow.journal.add(box.id, "request.closed", str(number), actor, {})
    return found


# For visitors


def look_at(uow: UnitOfWork, request_id: str) -> tuple[str, FileRequest]:
    """The Box's id and the request; raises Refused when nothing may come by it any more."""
    found = uow.file_requests.get(request_id)
    box = uow.boxes.get(found[0]) if found is not None else None
    if found is None or box is None or not found[1].is_open(uow.now):
        raise Refused("gone")
    try:
        require_active(box)
    except UserError as error:
        raise Refused("gone") from error
    return found


def let_in(uow: UnitOfWork, request_id: str, access: bytes) -> tuple[FileRequest, int]:
    """The request, and how many more files may come by it."""
    _, request = look_at(uow, request_id)
    if not hmac.compare_digest(hashlib.sha256(access).digest(), request.access_hash):
        raise Refused("wrong")
    return request, max(0, request.max_files - uow.file_requests.count(request_id))


@dataclass(frozen=True)
class Room:
    """Bytes: on the way at once, kept of what the homeserver does not take, in each Box."""

    on_the_way: int
    large: int = 0
    quotas: Quotas = field(default_factory=Quotas)


def begin_upload(uow: UnitOfWork, request_id: str, size: int, room: Room) -> Upload:
    """Take a place for a file of `size` bytes.

    Raises Refused: "gone", "too-large", "enough" (files), "full".
    """
    box_id, request = look_at(uow, request_id)
    uow.file_requests.drop_abandoned(uow.now - ABANDONED)
    if size > request.max_size:
        raise Refused("too-large")
    if uow.file_requests.count(request_id) >= request.max_files:
        raise Refused("enough")
    if not _fits(uow, box_id, size, room):
        raise Refused("full")
    upload = Upload(
        id=secrets.token_urlsafe(16),
        request_id=request_id,
        box_id=box_id,
        size=size,
        state=UploadState.OPEN,
        letter=None,
        started_at=uow.now,
        touched_at=uow.now,
    )
    uow.file_requests.put_upload(upload)
    return upload


def _fits(uow: UnitOfWork, box_id: str, size: int, room: Room) -> bool:
    on_the_way = uow.file_requests.sizes(_ON_THE_WAY)
    if on_the_way + size > room.on_the_way:
        return False
    taken = largest_message(uow)
    is_large = taken is not None and size > taken
    # What is on the way may be large as well: counting all of it errs on the safe side.
    if is_large and on_the_way + size > room_for_large(uow, room.large):
        return False
    most = room.quotas.box
    return not most or uow.files.usage(box_id).size + size <= most


def find_upload(uow: UnitOfWork, request_id: str, upload_id: str) -> Upload:
    """One that may still get bytes, or did; raises Refused."""
    look_at(uow, request_id)
    upload = uow.file_requests.upload(upload_id)
    if upload is None or upload.request_id != request_id:
        raise Refused("gone")
    return upload


def finish_upload(uow: UnitOfWork, request_id: str, upload_id: str, letter: bytes) -> None:
    """All bytes are here, and what opens them; the bot takes it from here. Can be repeated."""
    upload = find_upload(uow, request_id, upload_id)
    if uow.file_requests.whole(upload_id, letter):
        uow.schedule.put(
            uow.now,
            ARRIVED,
            key=f"{ARRIVED}:{upload_id}",
            box_id=upload.box_id,
            subject=f"upload:{upload_id}",
            payload={"upload": upload_id},
        )


def waiting_upload(uow: UnitOfWork, upload_id: str) -> tuple[FileRequest, Upload] | None:
    """One that is whole and not yet entered, with its request."""
    upload = uow.file_requests.upload(upload_id)
    found = uow.file_requests.get(upload.request_id) if upload is not None else None
    if upload is None or found is None or upload.state is not UploadState.WHOLE:
        return None
    return found[1], upload


def enter_upload(
    uow: UnitOfWork,
    box: Box,
    upload_id: str,
    attachment: Attachment,
    *,
    event_id: str | None,
    sent_at: datetime,
) -> File | None:
    """Enter it, in the name of who asked for it, when it stands in the Box.

    Without `event_id` no message holds it: it is one that we keep.
    """
    found = waiting_upload(uow, upload_id)
    if found is None:
        return None
    request, _ = found
    uow.file_requests.end(upload_id, UploadState.ENTERED)
    if event_id is None:
        who, folder = request.created_by, request.folder
        return add_file(uow, box, attachment, sender=who, sent_at=sent_at, folder=folder)
    entered = enter_file(
        uow,
        box,
        attachment,
        event_id=event_id,
        sender=request.created_by,
        sent_at=sent_at,
        folder=request.folder,
    )
    return entered.file if entered is not None else None


def refuse_upload(uow: UnitOfWork, upload_id: str) -> None:
    """What came can't be opened, or is not what was announced."""
    uow.file_requests.end(upload_id, UploadState.REFUSED)
