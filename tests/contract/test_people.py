from tests.contract.conftest import NOW
from wecreate_module.storage.people import Person
from wecreate_module.storage.store import Store


class TestPeople:
    def test_somebody_unknown_has_made_no_choices(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            assert uow.people.get("@anna:x") == Person("@anna:x")

    def test_choices_come_back_and_can_be_taken_back(self, store: Store) -> None:
        anna = Person("@anna:x", "en", "Europe/Lisbon", "07:30", "!chat:x", "Anna Ä.")
        with store.begin(NOW) as uow:
            uow.people.save(anna)
            assert uow.people.get("@anna:x") == anna
            uow.people.save(Person("@anna:x"))
            assert uow.people.get("@anna:x") == Person("@anna:x")

    def test_those_who_wish_a_digest_are_found(self, store: Store) -> None:
        with store.begin(NOW) as uow:
            for person in (Person("@ben:x", digest_at="06:00"), Person("@anna:x")):
                uow.people.save(person)
            assert uow.people.with_digest() == [Person("@ben:x", digest_at="06:00")]
