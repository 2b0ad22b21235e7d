"""What people do with the files of a Box: one function for each verb.

The bytes stay where they were sent; here is who sent what, how it is called and what opens it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from wecreate_module.domain import files as rules
from wecreate_module.domain.attachments import Attachment
from wecreate_module.domain.boxes import Box, Power, require_active
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.files import File, FileStatus, Folder, Usage, Version
from wecreate_module.domain.quotas import Quotas, require_room
from wecreate_module.services.file_texts import are_texts_read, plan_reading
from wecreate_module.storage.uow import UnitOfWork

PURGE = "files.purge"
MOST_FOUND = 200


@dataclass(frozen=True)
class Entered:
    """A file that came in: a new entry, or the next version of one.

    `like` is another file of the same name in the same folder.
    """

    file: File
    is_version: bool = False
    like: File | None = None


@dataclass(frozen=True)
class Drive:
    """What `!files` shows first."""

    folders: list[Folder]
    newest: list[File]
    usage: Usage


def enter_file(
    uow: UnitOfWork,
    box: Box,
    attachment: Attachment,
    *,
    event_id: str,
    sender: str,
    sent_at: datetime,
    replied_to: str | None = None,
    folder: str = "",
    quotas: Quotas | None = None,
) -> Entered | None:
    """Note a file that was sent; sent as reply to a file, it is its next version.

    None when this message was entered before. Raises UserError when the Box is full.
    """
    require_active(box)
    if uow.files.shown_by(box.id, event_id) is not None:
        return None
    if quotas is not None and quotas.box:
        require_room(quotas, uow.files.usage(box.id).size, attachment.size)
    before = _replied_file(uow, box, replied_to)
    if before is not None:
        version = rules.version_of(attachment, before.version.number + 1, sender, sent_at)
        uow.files.note_post(box.id, event_id, before.number, version.number)
        return Entered(_next_version(uow, box, before, version, sender), is_version=True)
    like = uow.files.same_name(box.id, folder, rules.new_file(0, attachment, "", sent_at).name)
    file = add_file(uow, box, attachment, sender=sender, sent_at=sent_at, folder=folder)
    uow.files.note_post(box.id, event_id, file.number, file.version.number)
    return Entered(file, like=like)


def add_file(
    uow: UnitOfWork,
    box: Box,
    attachment: Attachment,
    *,
    sender: str,
    sent_at: datetime,
    folder: str = "",
) -> File:
    """A new entry; which message shows it, if one does, is noted apart."""
    require_active(box)
    file = replace(rules.new_file(0, attachment, sender, sent_at), folder=folder)
    file = replace(file, number=uow.files.next_number(box.id))
    file = uow.files.add(box.id, file, _words(uow, box, file))
    _read_soon(uow, box, file)
    return file


def _read_soon(uow: UnitOfWork, box: Box, file: File) -> None:
    if are_texts_read(uow, box):
        plan_reading(uow, box, file)


def get_file(uow: UnitOfWork, box: Box, number: int, *, deleted: bool = False) -> File:
    """`deleted`: those that can still be brought back too."""
    file = uow.files.get(box.id, number)
    if file is None or (file.status is FileStatus.DELETED and not deleted):
        raise UserError(
            "file-not-found",
            "There is no file #{number} here. See all with !files",
            number=number,
        )
    return file


def file_shown_by(uow: UnitOfWork, box: Box, event_id: str | None) -> File:
    """The file of the message that somebody replied to."""
    file = _replied_file(uow, box, event_id)
    if file is None:
        raise UserError(
            "file-which",
            "Which file? Type its number, like !file 3 folder Minutes, or reply to the file.",
        )
    return file


@dataclass(frozen=True)
class Space:
    """Bytes used: in this Box, of it by this person, and by them in all Boxes."""

    box: Usage
    mine: Usage
    everywhere: int


def look_at_space(uow: UnitOfWork, box: Box, who: str) -> Space:
    everywhere = uow.files.sent_everywhere(who)
    return Space(uow.files.usage(box.id), uow.files.usage(box.id, who), everywhere)


def look_around(uow: UnitOfWork, box: Box, most: int) -> Drive:
    return Drive(
        folders=uow.files.folders(box.id),
        newest=uow.files.newest(box.id, most),
        usage=uow.files.usage(box.id),
    )


def find_files(uow: UnitOfWork, box: Box, text: str) -> list[File]:
    """The newest MOST_FOUND files that have all these words."""
    numbers = uow.files.search(box.id, rules.search_words(text), MOST_FOUND)
    return uow.files.some(box.id, numbers)


def rename_file(uow: UnitOfWork, box: Box, number: int, name: str, *, actor: str) -> File:
    file = get_file(uow, box, number)
    return _write(uow, box, replace(file, name=rules.new_name(name, file.name)), actor)


def move_file(uow: UnitOfWork, box: Box, number: int, folder: str, *, actor: str) -> File:
    """Folders come with their first file and go with their last; "/" is the top."""
    file = get_file(uow, box, number)
    folder = _as_known(uow, box, rules.clean_folder(folder))
    return _write(uow, box, replace(file, folder=folder), actor)


def describe_file(uow: UnitOfWork, box: Box, number: int, text: str, *, actor: str) -> File:
    """An empty text takes the description away."""
    file = get_file(uow, box, number)
    return _write(uow, box, replace(file, description=rules.clean_description(text)), actor)


def versions_of(uow: UnitOfWork, box: Box, number: int) -> tuple[File, list[Version]]:
    """The file and all its versions, the oldest first."""
    return get_file(uow, box, number), uow.files.versions(box.id, number)


def restore_version(
    uow: UnitOfWork, box: Box, number: int, version: int, *, actor: str
) -> tuple[File, bool]:
    """Make an old version the newest one again; False if it is that already."""
    file, versions = versions_of(uow, box, number)
    wanted = next((each for each in versions if each.number == version), None)
    if wanted is None:
        raise UserError(
            "version-not-found",
            "#{number} has no version {version}. See them with !file {number} versions",
            number=number,
            version=version,
        )
    if wanted.number == file.version.number:
        return file, False
    again = replace(wanted, number=file.version.number + 1)
    return _next_version(uow, box, file, again, actor), True


def merge_files(uow: UnitOfWork, box: Box, number: int, into: int, *, actor: str) -> File:
    """Make a file the next version of another one; its own entry goes."""
    file, older = get_file(uow, box, number), get_file(uow, box, into)
    if number == into:
        raise UserError("version-of-itself", "A file can't be a version of itself.")
    for event_id in uow.files.posts(box.id, number):
        uow.files.note_post(box.id, event_id, into, older.version.number + 1)
    version = replace(file.version, number=older.version.number + 1)
    merged = _next_version(uow, box, older, version, actor)
    uow.files.purge(box.id, number)
    return merged


def delete_file(
    uow: UnitOfWork, box: Box, number: int, *, actor: str, power: int
) -> tuple[File, list[str]]:
    """Take a file out of the drive; the file, and the messages that showed it.

    It can be brought back for KEPT_DELETED. Its links end. Only who sent it, moderators and
    admins may.
    """
    require_active(box)
    file = get_file(uow, box, number)
    senders = {version.sender for version in uow.files.versions(box.id, number)}
    if power < Power.MODERATOR and senders != {actor}:
        raise UserError(
            "file-not-yours",
            "Only who sent #{number} can delete it, or a moderator of this Box.",
            number=number,
        )
    return _delete(uow, box, file, actor)


def take_back(
    uow: UnitOfWork, box: Box, event_id: str, *, actor: str, power: int
) -> tuple[File, list[str]] | None:
    """Somebody took back the message that a file came with, in whatever client.

    Its only version takes the file along, as if it had been deleted; else the version goes. Gives
    the deleted file and the other messages that show it. None where no file goes.
    """
    post = uow.files.post(box.id, event_id)
    file = uow.files.get(box.id, post[0]) if post is not None else None
    uow.files.forget_post(box.id, event_id)
    if post is None or file is None or file.status is FileStatus.DELETED:
        return None
    versions = uow.files.versions(box.id, file.number)
    gone = next((each for each in versions if each.number == post[1]), None)
    if gone is None or (actor != gone.sender and power < Power.MODERATOR):
        return None
    left = [each for each in versions if each is not gone]
    if not left:
        return _delete(uow, box, file, actor)
    uow.links.revoke(box.id, file.number)
    _write(uow, box, replace(file, version=left[-1]), actor)
    uow.files.drop_version(box.id, file.number, gone.number)
    return None


def _delete(uow: UnitOfWork, box: Box, file: File, actor: str) -> tuple[File, list[str]]:
    number = file.number
    uow.links.revoke(box.id, number)
    posts = uow.files.posts(box.id, number)
    uow.files.forget_posts(box.id, number)
    file = _write(uow, box, rules.delete(file, actor, uow.now), actor)
    uow.schedule.put(
        uow.now + rules.KEPT_DELETED,
        PURGE,
        key=f"{PURGE}:{box.id}:{number}:{file.revision}",
        box_id=box.id,
        subject=_subject(number),
        payload={"number": number},
    )
    return file, posts


def undelete_file(uow: UnitOfWork, box: Box, number: int, *, actor: str) -> File:
    """Bring a deleted file back; raises UserError when it is not deleted, or gone for good."""
    file = get_file(uow, box, number, deleted=True)
    if file.status is FileStatus.HERE:
        raise UserError(
            "file-not-deleted", "#{number} is not deleted: !file {number}", number=number
        )
    uow.schedule.cancel(box.id, _subject(number))
    return _write(uow, box, rules.undelete(file), actor)


def purge_file(uow: UnitOfWork, box: Box, number: int) -> None:
    """Its time has come; nothing happens when it was brought back meanwhile."""
    file = uow.files.get(box.id, number)
    if file is not None and file.status is FileStatus.DELETED:
        uow.files.purge(box.id, number)


def note_post(uow: UnitOfWork, box: Box, number: int, event_id: str) -> None:
    """The file was posted again in this message; replies to it are about the file too."""
    if uow.files.get(box.id, number) is not None:
        uow.files.note_post(box.id, event_id, number)


def _next_version(uow: UnitOfWork, box: Box, file: File, version: Version, actor: str) -> File:
    if version.number > rules.MAX_VERSIONS:
        raise UserError(
            "too-many-versions",
            "#{number} has {most} versions, more don't fit. Send it as a new file.",
            number=file.number,
            most=rules.MAX_VERSIONS,
        )
    file = _write(uow, box, replace(file, version=version), actor)
    _read_soon(uow, box, file)
    return file


def _write(uow: UnitOfWork, box: Box, file: File, actor: str) -> File:
    require_active(box)
    return uow.files.update(box.id, file, _words(uow, box, file), actor)


def _replied_file(uow: UnitOfWork, box: Box, event_id: str | None) -> File | None:
    number = uow.files.shown_by(box.id, event_id) if event_id else None
    file = uow.files.get(box.id, number) if number is not None else None
    return file if file is not None and file.status is FileStatus.HERE else None


def _as_known(uow: UnitOfWork, box: Box, folder: str) -> str:
    """`protokolle` is the folder Protokolle that is there."""
    known = {rules.folded(each.name): each.name for each in uow.files.folders(box.id)}
    return known.get(rules.folded(folder), folder)


def _words(uow: UnitOfWork, box: Box, file: File) -> str:
    member = uow.rooms.member(box.room_id, file.version.sender)
    name = (member.display_name if member is not None else None) or ""
    return rules.search_line(file, name, ZoneInfo(box.timezone))


def _subject(number: int) -> str:
    return f"file:{number}"
