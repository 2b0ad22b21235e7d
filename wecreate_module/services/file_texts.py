"""Searching inside files, where a Box's admins switched it on: one function for each verb."""

from __future__ import annotations

from wecreate_module.domain.boxes import Box, require_active
from wecreate_module.domain.file_texts import kind_of_text, text_words
from wecreate_module.domain.files import File, FileStatus
from wecreate_module.storage.uow import UnitOfWork

READ = "files.read_text"


def are_texts_read(uow: UnitOfWork, box: Box) -> bool:
    return bool(uow.file_settings.get(box.id).get("texts"))


def switch_texts(uow: UnitOfWork, box: Box, on: bool, *, actor: str) -> int:  # noqa: FBT001 - a switch
    """On: how many files will be read. Off: every word from inside files is forgotten."""
    require_active(box)
    uow.file_settings.change(box.id, texts=on)
    uow.journal.add(box.id, "file.texts", "", actor, {"on": on})
    if not on:
        uow.files.forget_texts(box.id)
        return 0
    every = [file for file in uow.files.all(box.id) if file.status is FileStatus.HERE]
    return sum(plan_reading(uow, box, file) for file in every)


def plan_reading(uow: UnitOfWork, box: Box, file: File) -> bool:
    """Have the newest version's words read soon; False if there are none to read."""
    if kind_of_text(file) is None:
        return False
    version = file.version.number
    uow.schedule.put(
        uow.now,
        READ,
        key=f"{READ}:{box.id}:{file.number}:{version}:{uow.now.timestamp():.0f}",
        box_id=box.id,
        subject=f"text:{file.number}",
        payload={"number": file.number, "version": version},
    )
    return True


def file_to_read(uow: UnitOfWork, box: Box, number: int, version: int) -> File | None:
    """The file, if it is still wanted and the same."""
    file = uow.files.get(box.id, number)
    wanted = file is not None and file.status is FileStatus.HERE and are_texts_read(uow, box)
    return file if file is not None and wanted and file.version.number == version else None


def keep_text(uow: UnitOfWork, box: Box, number: int, version: int, text: str) -> None:
    """Find the file by what is in it from now on."""
    if file_to_read(uow, box, number, version) is not None:
        uow.files.put_text(box.id, number, text_words(text))
