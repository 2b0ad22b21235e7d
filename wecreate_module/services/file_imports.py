"""Bringing files in from a ZIP or another cloud: one function for each verb."""

from __future__ import annotations

import mimetypes
import secrets
from collections.abc import Sequence
from dataclasses import replace

from wecreate_module.domain.attachments import Attachment, Media, kind_of
from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.file_imports import FileImport, Found, name_and_folder, plan
from wecreate_module.domain.links import LinkRules
from wecreate_module.domain.quotas import require_room
from wecreate_module.services.files import add_file
from wecreate_module.services.large_files import largest_files, room_for_large
from wecreate_module.storage.uow import UnitOfWork

BATCH, BATCH_BYTES = 20, 50_000_000
"""Files fetched in one step, and about how many bytes."""
_MOST_ALLOWED = 2**40


def begin_import(
    uow: UnitOfWork, box: Box, source: dict[str, object], folder: str, *, actor: str
) -> FileImport:
    require_active(box)
    if uow.file_imports.count(box.id):
        raise UserError(
            "import-running", "Files are being brought in already. Stop that: !files import stop"
        )
    one = FileImport(secrets.token_urlsafe(16), actor, dict(source), folder)
    uow.file_imports.save(box.id, one, uow.now)
    return one


def plan_import(
    uow: UnitOfWork, box: Box, import_id: str, found: Sequence[Found], rules: LinkRules
) -> FileImport | None:
    """Decide what is taken: not what lies here already, called alike and as large.

    None when it was stopped meanwhile; raises UserError when it does not fit.
    """
    one = uow.file_imports.get(import_id)
    if one is None:
        return None
    planned = plan(found, _largest(uow, found, rules))
    fresh = [each for each in planned.take if not _is_here(uow, box, one, each)]
    used = uow.files.usage(box.id).size if rules.quotas.box else 0
    require_room(rules.quotas, used, sum(each.size for each in fresh))
    left = {**planned.left, "here": len(planned.take) - len(fresh)}
    one = replace(one, take=tuple(fresh), left=left)
    uow.file_imports.save(box.id, one, uow.now)
    return one


def _largest(uow: UnitOfWork, found: Sequence[Found], rules: LinkRules) -> int:
    """Bytes: of what fits into no message we keep all or, where there is no room, none."""
    largest = largest_files(uow, rules)
    if largest.message is None:
        return _MOST_ALLOWED
    beyond = [each.size for each in found if largest.message < each.size <= largest.request]
    fits = sum(beyond) <= room_for_large(uow, rules.large_room)
    return largest.request if fits and rules.large_room else largest.message


def next_batch(one: FileImport) -> list[Found]:
    """What is fetched next; nothing at the end."""
    batch: list[Found] = []
    size = 0
    for each in one.take[one.done : one.done + BATCH]:
        batch.append(each)
        size += each.size
        if size > BATCH_BYTES:
            break
    return batch


def enter_batch(
    uow: UnitOfWork, box: Box, import_id: str, results: Sequence[dict[str, object] | None]
) -> FileImport | None:
    """Enter what was fetched (None: what could not be); the import as it stands now."""
    one = uow.file_imports.get(import_id)
    if one is None:
        return None
    left = dict(one.left or {})
    for each, result in zip(one.take[one.done :], results, strict=False):
        if result is None:
            left["failed"] = left.get("failed", 0) + 1
            continue
        name, folder = name_and_folder(each.path, one.folder)
        mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
        media = Media(**result["media"])  # type: ignore[arg-type]  # as the step wrote it
        attachment = Attachment(kind_of(mimetype), name, media, int(str(result["size"])), mimetype)
        add_file(uow, box, attachment, sender=one.created_by, sent_at=uow.now, folder=folder)
    changed = left != one.left
    one = replace(one, done=one.done + len(results), left=left)
    if changed:
        uow.file_imports.save(box.id, one, uow.now)
    else:
        uow.file_imports.advance(one.id, one.done)
    return one


def end_import(uow: UnitOfWork, box: Box, one: FileImport) -> None:
    """What logs in over there is forgotten."""
    uow.file_imports.end(one.id)
    data = {"files": one.done, "left": one.left}
    uow.journal.add(box.id, "import.ended", one.id, one.created_by, data)


def stop_imports(uow: UnitOfWork, box: Box) -> int:
    """What is here stays; how many were stopped."""
    return uow.file_imports.end_all(box.id)


def _is_here(uow: UnitOfWork, box: Box, one: FileImport, each: Found) -> bool:
    name, folder = name_and_folder(each.path, one.folder)
    like = uow.files.same_name(box.id, folder, name)
    return like is not None and like.version.size == each.size
