from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from tests.contract.conftest import NOW
from wecreate_module.domain.attachments import Media
from wecreate_module.domain.boxes import Box
from wecreate_module.domain.links import Link, LinkedFile
from wecreate_module.storage.file_tables import file_links
from wecreate_module.storage.store import Store

MEDIA = Media("mxc://x.org/mediaid4711", "k" * 43, "i" * 22, "s" * 43)
LINK = Link(
    id="abc",
    number=3,
    version=1,
    created_by="@anna:x.org",
    created_at=NOW,
    files=(LinkedFile(3, MEDIA),),
    size=1000,
    sealed=b"sealed",
    access_hash=b"hash",
    salt=b"salt",
    expires_at=NOW + timedelta(days=7),
    max_visits=2,
)


class TestLinks:
    def test_a_link_to_several_files_ends_with_each_of_them(self, store: Store, box: Box) -> None:
        both = (LinkedFile(3, MEDIA), LinkedFile(4, replace(MEDIA, url="mxc://x.org/other")))
        with store.begin(NOW) as uow:
            uow.links.add(box.id, replace(LINK, number=0, version=0, files=both))
            uow.links.add(box.id, replace(LINK, id="def", number=4, files=both[1:]))
        with store.begin(NOW) as uow:
            found = uow.links.get("abc")
            assert found is not None
            assert found[1].files == both
            assert uow.links.revoke(box.id, 3) == 1
            assert uow.links.revoke_all(box.id) == 1
            assert uow.links.of_box(box.id) == []

    def test_every_file_of_an_open_link_is_needed_however_many_there_are(
        self, store: Store, box: Box
    ) -> None:
        many = tuple(LinkedFile(n, replace(MEDIA, url=f"mxc://x.org/m{n}")) for n in range(500))
        with store.begin(NOW) as uow:
            uow.links.add(box.id, replace(LINK, number=0, version=0, files=many))
        with store.read(NOW) as uow:
            assert set(uow.links.needed()) == {each.media for each in many}
        with store.read(NOW + timedelta(days=8)) as uow:
            assert uow.links.needed() == []

    def test_links_of_an_older_version_are_read_as_they_were(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.links.add(box.id, LINK)
            old = store.keys.seal_json(box.id, "file_links:abc", vars(MEDIA))
            uow._connection.execute(update(file_links).values(media=old))
            assert uow.links.get("abc") == (box.id, LINK)

    def test_a_link_comes_back_as_it_was(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.links.add(box.id, LINK)
            plain = replace(LINK, id="def", salt=None, expires_at=None, max_visits=None)
            uow.links.add(box.id, plain)
        with store.begin(NOW) as uow:
            assert uow.links.get("abc") == (box.id, LINK)
            assert uow.links.get("def") == (box.id, plain)
            assert uow.links.get("other") is None
            assert uow.links.of_box(box.id) == [LINK, plain]

    def test_visits_are_counted_up_to_the_last_one(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.links.add(box.id, LINK)
            assert [uow.links.visit("abc") for _ in range(3)] == [1, 2, None]
        with store.begin(NOW) as uow:
            found = uow.links.get("abc")
            assert found is not None
            assert (found[1].visits, found[1].first_visit_at) == (2, NOW)

    def test_of_many_at_once_only_as_many_as_allowed_come_in(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.links.add(box.id, LINK)
        found: list[int | None] = []

        def come() -> None:
            with store.begin(NOW) as uow:
                found.append(uow.links.visit("abc"))

        visitors = [threading.Thread(target=come) for _ in range(8)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        assert sorted(each for each in found if each is not None) == [1, 2]

    def test_nobody_comes_in_after_the_end_or_a_revocation(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.links.add(box.id, LINK)
            uow.links.add(box.id, replace(LINK, id="def"))
            uow.links.add(
                box.id, replace(LINK, id="other", number=4, files=(LinkedFile(4, MEDIA),))
            )
        with store.begin(NOW + timedelta(days=7)) as uow:
            assert uow.links.visit("abc") is None
            assert uow.links.of_box(box.id) == []
        with store.begin(NOW) as uow:
            assert uow.links.revoke(box.id, 3) == 2
            assert uow.links.revoke(box.id, 3) == 0
            assert uow.links.visit("def") is None
            assert [link.id for link in uow.links.of_box(box.id)] == ["other"]

    def test_wrong_tries_are_counted_until_a_right_one(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.links.add(box.id, LINK)
            for count in (1, 2):
                _, link = uow.links.get("abc") or ("", LINK)
                uow.links.note_wrong(link)
                _, link = uow.links.get("abc") or ("", LINK)
                assert (link.wrong, link.wrong_at) == (count, NOW)
            uow.links.note_right(link)
            _, link = uow.links.get("abc") or ("", LINK)
            assert link.wrong == 0

    def test_where_its_file_lies_is_sealed_and_goes_with_the_box(
        self, store: Store, box: Box
    ) -> None:
        with store.begin(NOW) as uow:
            uow.links.add(box.id, LINK)
            rows = str(uow._connection.exec_driver_sql("SELECT * FROM file_links").all())
            assert "mediaid4711" not in rows
            assert MEDIA.key not in rows
            uow.boxes.delete(box.id)
            assert uow.links.get("abc") is None
