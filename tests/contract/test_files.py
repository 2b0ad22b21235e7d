from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Table, select

from tests.contract.conftest import NOW, interrupted
from wecreate_module.domain.attachments import Media
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.files import File, Folder, Usage, Version, delete, undelete
from wecreate_module.storage.file_search import PAGE
from wecreate_module.storage.file_tables import file_pages, file_posts, file_versions, files
from wecreate_module.storage.store import Store
from wecreate_module.storage.tables import journal
from wecreate_module.storage.uow import UnitOfWork

MEDIA = Media("mxc://x.org/mediaid4711", "k" * 43, "i" * 22, "s" * 43)
FILE_TABLES = (files, file_versions, file_posts, file_pages)
SENT = Version(1, "@anna:x.org", NOW, 1000, "application/pdf", MEDIA, info={"w": 3})


def add(
    uow: UnitOfWork,
    box: Box,
    name: str = "a.pdf",
    words: str = "a.pdf",
    folder: str = "",
    description: str = "",
) -> File:
    number = uow.files.next_number(box.id)
    return uow.files.add(box.id, File(number, name, SENT, folder, description), words)


def rows_of(uow: UnitOfWork, table: Table) -> str:
    return str(uow._connection.execute(select(table)).all())


class TestFiles:
    def test_a_file_comes_back_as_it_was(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            file = add(uow, box, folder="Protokolle/2026", description="vom Mai\nkurz")
        with store.begin(NOW) as uow:
            assert uow.files.get(box.id, 1) == file
            assert uow.files.get(box.id, 2) is None
            assert uow.files.versions(box.id, 1) == [SENT]
            assert uow.files.newest(box.id, 10) == [file]

    def test_nothing_of_it_stands_readable_in_the_database(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            add(uow, box, name="Geheimnis.pdf", words="geheimnis.pdf", folder="Verstecktes")
            found = "".join(rows_of(uow, table) for table in (*FILE_TABLES, journal))
        for word in ("Geheimnis", "geheimnis", "Versteckt", "k" * 43, "mediaid4711"):
            assert word not in found

    def test_a_new_version_is_the_file_and_the_old_ones_stay(self, store: Store, box: Box) -> None:
        newer = replace(SENT, number=2, size=500, sender="@ben:x.org")
        with store.begin(NOW) as uow:
            file = add(uow, box)
            uow.files.update(box.id, replace(file, version=newer), "a.pdf", "@ben:x.org")
        with store.begin(NOW) as uow:
            found = uow.files.get(box.id, 1)
            assert found is not None
            assert found.version == newer
            assert uow.files.versions(box.id, 1) == [SENT, newer]
            assert uow.files.usage(box.id) == Usage(1, 1500)
            assert uow.files.usage(box.id, "@ben:x.org") == Usage(1, 500)
            assert uow.files.usage(box.id, "@cem:x.org") == Usage(0, 0)

    def test_folders_are_counted_and_names_found_in_them(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            add(uow, box)
            add(uow, box, folder="Fotos")
            same = add(uow, box, name="Größe.PDF", folder="Fotos")
        with store.begin(NOW) as uow:
            assert uow.files.folders(box.id) == [Folder("", 1), Folder("Fotos", 2)]
            assert [f.number for f in uow.files.newest(box.id, 1, "fotos")] == [same.number]
            assert uow.files.same_name(box.id, "Fotos", "grösse.pdf") == same
            assert uow.files.same_name(box.id, "", "größe.pdf") is None

    def test_search_finds_all_words_newest_first_over_many_pages(
        self, store: Store, box: Box
    ) -> None:
        with store.begin(NOW) as uow:
            for number in range(PAGE + 3):
                add(uow, box, words=f"protokoll teil{number} 22.11.2026")
        with store.begin(NOW) as uow:
            every = uow.files.search(box.id, ["protokoll"], 999)
            assert every == list(range(PAGE + 3, 0, -1))
            assert uow.files.search(box.id, ["protokoll", f"teil{PAGE}"], 999) == [PAGE + 1]
            assert uow.files.search(box.id, ["teil1 "], 999) == [2]
            assert uow.files.search(box.id, ["9999"], 999) == []
            # A file's own number is no word of it.
            assert uow.files.search(box.id, [str(PAGE + 3)], 999) == []
            assert uow.files.search(box.id, ["protokoll"], 2) == every[:2]
            assert [f.number for f in uow.files.some(box.id, every[:2])] == every[:2]

    def test_a_deleted_file_is_in_no_list_and_comes_back(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            gone = delete(add(uow, box, words="weg"), "@ben:x.org", NOW + timedelta(days=1))
            uow.files.update(box.id, gone, "weg", "@ben:x.org")
            assert uow.files.newest(box.id, 9) == []
            assert uow.files.folders(box.id) == []
            assert uow.files.search(box.id, ["weg"], 999) == []
            assert uow.files.same_name(box.id, "", "a.pdf") is None
            found = uow.files.get(box.id, 1)
            assert found is not None
            assert (found.deleted_by, found.deleted_at) == (gone.deleted_by, gone.deleted_at)
            uow.files.update(box.id, undelete(found), "weg", None)
            assert uow.files.search(box.id, ["weg"], 999) == [1]

    def test_a_purged_file_leaves_nothing_and_its_number_is_not_used_again(
        self, store: Store, box: Box
    ) -> None:
        with store.begin(NOW) as uow:
            add(uow, box)
            uow.files.note_post(box.id, "$1", 1)
            uow.files.purge(box.id, 1)
            assert uow.files.get(box.id, 1) is None
            assert uow.files.versions(box.id, 1) == []
            assert uow.files.shown_by(box.id, "$1") is None
            assert uow.files.usage(box.id) == Usage(0, 0)
            assert add(uow, box).number == 2

    def test_a_message_tells_which_file_it_shows(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            for event_id in ("$1", "$2", "$2"):
                uow.files.note_post(box.id, event_id, 7)
            assert uow.files.shown_by(box.id, "$2") == 7
            assert uow.files.shown_by("other", "$2") is None
            assert sorted(uow.files.posts(box.id, 7)) == ["$1", "$2"]
            uow.files.forget_posts(box.id, 7)
            assert uow.files.posts(box.id, 7) == []

    def test_what_is_undone_leaves_no_trace(self, store: Store, box: Box) -> None:
        with interrupted(store.begin(NOW)) as uow:
            add(uow, box, words="protokoll")
        with store.begin(NOW) as uow:
            assert uow.files.search(box.id, ["protokoll"], 999) == []
            assert add(uow, box).number == 1

    def test_writes_count_the_box_up_and_are_in_the_journal(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            file = add(uow, box)
            uow.files.update(box.id, replace(file, name="b.pdf"), "b.pdf", "@ben:x.org")
            entries = [(e.kind, e.subject, e.actor) for e in uow.journal.of_box(box.id)]
        assert entries == [("file.added", "1", "@anna:x.org"), ("file.changed", "1", "@ben:x.org")]
        with store.begin(NOW) as uow, pytest.raises(KeyError):
            uow.files.update(box.id, replace(file, number=9), "", None)

    def test_a_deleted_box_takes_its_files_with_it(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            add(uow, box)
            uow.boxes.delete(box.id)
        with store.begin(NOW) as uow:
            assert [rows_of(uow, table) for table in FILE_TABLES] == ["[]"] * len(FILE_TABLES)
