"""Quotas at the place where bytes come in: a real Synapse with the module."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.people import Person, register
from tests.servers import SynapseServer
from wecreate_module.domain.attachments import Attachment, Media
from wecreate_module.domain.boxes import Box
from wecreate_module.services import files
from wecreate_module.storage.rooms import Room
from wecreate_module.storage.store import Store

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MEDIA = Media("mxc://w.example/" + "a" * 24, "A" * 43, "A" * 22, "A" * 43)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("quotas")


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{folder / 'w.db'}", folder / "keys.db", folder / "key")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def synapse(store: Store, folder: Path) -> Iterator[SynapseServer]:
    assert store is not None
    module: dict[str, Any] = {
        "bot": "@wecreate:localhost",
        "database": f"sqlite:///{folder / 'w.db'}",
        "person_mb": 5,
        "box_mb": 4,
    }
    with SynapseServer(folder / "synapse", module=module) as server:
        yield server


def upload(person: Person, size: int) -> int:
    """The answer's status."""
    where = urlsplit(person.server.url)
    connection = HTTPConnection(str(where.hostname), where.port)
    try:
        headers = {"Authorization": f"Bearer {person.token}"}
        connection.request("POST", "/_matrix/media/v3/upload", b"x" * size, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def fill_box(store: Store, person: Person, name: str, size: int) -> None:
    """A Box of this person's, with one file."""
    with store.begin(NOW) as uow:
        box = Box(name, f"!{name}", name, "de", "Europe/Berlin", person.user_id, NOW)
        uow.rooms.save(Room(box.room_id, encrypted=True, creator=person.user_id))
        uow.boxes.add(box)
        uow.rooms.set_member(box.room_id, person.user_id, "join", None)
        attachment = Attachment("m.file", "a.pdf", MEDIA, size, "application/pdf")
        files.enter_file(
            uow, box, attachment, event_id=f"${name}", sender=person.user_id, sent_at=NOW
        )


def test_a_person_uploads_up_to_their_quota(synapse: SynapseServer) -> None:
    anna, ben = register(synapse, "anna"), register(synapse, "ben")
    assert upload(anna, 3_000_000) == 200
    assert upload(anna, 2_500_000) == 403
    assert upload(anna, 1_500_000) == 200
    assert upload(ben, 2_500_000) == 200


def test_who_has_only_full_boxes_uploads_no_large_file(
    synapse: SynapseServer, store: Store
) -> None:
    clara = register(synapse, "clara")
    fill_box(store, clara, "voll", 3_000_000)
    assert upload(clara, 1_500_000) == 413
    assert upload(clara, 900_000) == 200  # a picture of oneself
    fill_box(store, clara, "leer", 100)
    assert upload(clara, 1_500_000) == 200
