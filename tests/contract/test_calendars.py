"""What calendar programs need of the store, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.contract.conftest import NOW
from wecreate_module.domain.boxes import Box
from wecreate_module.storage.calendar_objects import CalendarObject, Indexed, Kind
from wecreate_module.storage.calendars import Sharing
from wecreate_module.storage.store import Store
from wecreate_module.storage.uow import UnitOfWork

ANNA = "@anna:x.org"
DAY = timedelta(days=1)


def add(
    uow: UnitOfWork,
    box: Box,
    name: str,
    kind: Kind = Kind.EVENT,
    start: datetime | None = None,
    end: datetime | None = None,
) -> CalendarObject:
    number = uow.calendar_objects.next_number(box.id, kind)
    new = Indexed("confirmed", {"uid": name, "title": name}, starts_at=start, ends_at=end)
    return uow.calendar_objects.add(box.id, kind, number, (name, f"{name}.ics"), name, new)


class TestCalendarObjects:
    def test_an_object_is_found_by_its_names(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            added = add(uow, box, "a")
            add(uow, box, "a", Kind.TASK)
        with store.read(NOW) as uow:
            (found,) = uow.calendar_objects.named(box.id, Kind.EVENT, ["a.ics", "b.ics"])
            assert uow.calendar_objects.href_of(box.id, Kind.EVENT, "a") == "a.ics"
            assert uow.calendar_objects.href_of(box.id, Kind.EVENT, "b") is None
        assert (found.number, found.text, found.summary["title"]) == (1, "a", "a")
        assert found.etag == added.etag

    def test_thousands_of_names_are_asked_for_at_once(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            add(uow, box, "a")
            names = [f"{number}.ics" for number in range(3000)]
            found = uow.calendar_objects.named(box.id, Kind.EVENT, [*names, "a.ics"])
        assert [one.href for one in found] == ["a.ics"]

    def test_each_write_changes_the_etag_and_the_top(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            first = add(uow, box, "a")
            top = uow.calendar_objects.top(box.id, Kind.EVENT)
            again = uow.calendar_objects.rewrite(first, "b", Indexed("confirmed", {}))
            assert again.etag != first.etag
            assert uow.calendar_objects.top(box.id, Kind.EVENT) > top
            assert uow.calendar_objects.top(box.id, Kind.TASK) == 0

    def test_what_changed_or_is_gone_is_known_since_any_revision(
        self, store: Store, box: Box
    ) -> None:
        with store.begin(NOW) as uow:
            kept, gone, moved = (add(uow, box, name) for name in "abc")
            since = uow.calendar_objects.top(box.id, Kind.EVENT)
            add(uow, box, "d")
            uow.calendar_objects.delete(gone)
            uow.calendar_objects.rename(moved, "e.ics")
            changed = uow.calendar_objects.changed(box.id, Kind.EVENT, since)
            top = uow.calendar_objects.top(box.id, Kind.EVENT)
            assert set(changed) == {"b.ics", "c.ics", "d.ics", "e.ics"}
            assert uow.calendar_objects.changed(box.id, Kind.EVENT, top) == []
            assert kept.href in uow.calendar_objects.hrefs(box.id, Kind.EVENT)

    def test_the_top_counts_deletions_too(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            only = add(uow, box, "a")
            before = uow.calendar_objects.top(box.id, Kind.EVENT)
            uow.calendar_objects.delete(only)
            assert uow.calendar_objects.top(box.id, Kind.EVENT) > before

    def test_a_time_range_is_answered_by_bounds(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            add(uow, box, "before", start=NOW - 3 * DAY, end=NOW - 2 * DAY)
            add(uow, box, "within", start=NOW, end=NOW + DAY)
            add(uow, box, "after", start=NOW + 3 * DAY, end=NOW + 4 * DAY)
            add(uow, box, "endless", start=NOW - 9 * DAY)
            add(uow, box, "unknown")

            def found(start: datetime | None, end: datetime | None) -> set[str]:
                rows = uow.calendar_objects.between(box.id, Kind.EVENT, start, end)
                return {row.uid for row in rows}

            assert found(NOW, NOW + DAY) == {"within", "endless", "unknown"}
            assert found(None, NOW - DAY) == {"before", "endless", "unknown"}
            assert found(NOW + 2 * DAY, None) == {"after", "endless", "unknown"}
            assert len(found(None, None)) == 5


class TestCalendars:
    def test_ids_stay_when_sharing_ends_and_comes_back(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            assert uow.calendars.get(box.id) is None
            first = uow.calendars.share(box.id, Sharing.WRITE)
            uow.calendars.share(box.id, Sharing.OFF)
            assert uow.calendars.shared([box.id]) == {}
            again = uow.calendars.share(box.id, Sharing.READ)
            assert uow.calendars.shared([box.id, "other"]) == {box.id: again}
        assert (first.events_id, first.tasks_id) == (again.events_id, again.tasks_id)

    def test_properties_are_ones_own(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.calendar_properties.put(ANNA, box.id, Kind.EVENT, {"D:displayname": "x"})
            uow.calendar_properties.put(ANNA, box.id, Kind.EVENT, {"D:displayname": "y"})
            own = uow.calendar_properties.get(ANNA, box.id, Kind.EVENT)
            assert own == {"D:displayname": "y"}
            assert uow.calendar_properties.get("@ben:x.org", box.id, Kind.EVENT) == {}
            assert uow.calendar_properties.get(ANNA, box.id, Kind.TASK) == {}


class TestAppPasswords:
    def test_a_password_is_found_by_person_and_selector(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            uow.app_passwords.add(ANNA, "abcd", b"salt", b"hash", "Telefon")
            found = uow.app_passwords.find(ANNA, "abcd")
            assert found is not None
            assert (found.device, found.hash, found.created_at) == ("Telefon", b"hash", NOW)
            assert uow.app_passwords.find("@ben:x.org", "abcd") is None
            uow.app_passwords.used(found.id)
            (used,) = uow.app_passwords.of(ANNA)
            assert used.used_at == datetime(2026, 11, 22, tzinfo=UTC)
            assert uow.app_passwords.exists(found.id, ANNA)
            assert not uow.app_passwords.exists(found.id, "@ben:x.org")
            uow.app_passwords.delete(found.id)
            assert not uow.app_passwords.exists(found.id, ANNA)


class TestFeeds:
    def test_an_address_stays_until_it_is_revoked(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            token = uow.feeds.address(ANNA, box.id)
        with store.begin(NOW + DAY) as uow:
            assert uow.feeds.address(ANNA, box.id) == token
            assert uow.feeds.find(token) == (ANNA, box.id)
            assert uow.feeds.revoke(ANNA) == 1
            assert uow.feeds.find(token) is None
            assert uow.feeds.address(ANNA, box.id) != token


class TestOutsideChanges:
    def test_changes_are_taken_once_and_in_order(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            assert uow.outside_changes.add(box.id, {"n": 1})
            assert not uow.outside_changes.add(box.id, {"n": 2})
            assert uow.outside_changes.take(box.id) == [{"n": 1}, {"n": 2}]
            assert uow.outside_changes.take(box.id) == []


class TestTrash:
    def test_what_was_deleted_is_kept_and_dropped(self, store: Store, box: Box) -> None:
        with store.begin(NOW) as uow:
            uow.trash.put(add(uow, box, "a"), actor=ANNA)
            (kept,) = uow.trash.of(box.id, Kind.EVENT)
            assert (kept.title, kept.text, kept.actor, kept.deleted_at) == ("a", "a", ANNA, NOW)
            assert uow.trash.of(box.id, Kind.TASK) == []
            uow.trash.prune(NOW)
            assert uow.trash.of(box.id, Kind.EVENT) == [kept]
            uow.trash.prune(NOW + DAY)
            assert uow.trash.of(box.id, Kind.EVENT) == []
