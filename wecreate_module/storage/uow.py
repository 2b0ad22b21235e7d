"""One transaction and everything that can be read and written in it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from wecreate_module.storage.app_passwords import AppPasswordRepository
from wecreate_module.storage.boxes import BoxRepository
from wecreate_module.storage.calendar_objects import CalendarObjects
from wecreate_module.storage.calendar_properties import CalendarProperties
from wecreate_module.storage.calendar_rows import CalendarRows
from wecreate_module.storage.calendars import CalendarRepository
from wecreate_module.storage.dialogues import DialogueRepository
from wecreate_module.storage.events import EventRepository
from wecreate_module.storage.external_calendars import ExternalCalendars
from wecreate_module.storage.feeds import Feeds
from wecreate_module.storage.file_imports import FileImportRepository
from wecreate_module.storage.file_requests import FileRequestRepository
from wecreate_module.storage.file_settings import FileSettingsRepository
from wecreate_module.storage.files import FileRepository
from wecreate_module.storage.inbox import Inbox
from wecreate_module.storage.journal import Journal
from wecreate_module.storage.keys import KeyStore
from wecreate_module.storage.links import LinkRepository
from wecreate_module.storage.listing_cases import ListingCases
from wecreate_module.storage.listing_lives import ListingLives
from wecreate_module.storage.listing_news import ListingNews
from wecreate_module.storage.listing_requests import ListingRequests
from wecreate_module.storage.listings import ListingRepository
from wecreate_module.storage.mails import MailRepository
from wecreate_module.storage.meta import Meta
from wecreate_module.storage.motion_offers import OfferRepository
from wecreate_module.storage.motions import MotionRepository
from wecreate_module.storage.outbox import Outbox
from wecreate_module.storage.outside_changes import OutsideChanges
from wecreate_module.storage.people import PeopleRepository
from wecreate_module.storage.rooms import RoomRepository
from wecreate_module.storage.schedule import Schedule
from wecreate_module.storage.tasks import TaskRepository
from wecreate_module.storage.trash import Trash
from wecreate_module.storage.votes import VoteRepository


class UnitOfWork:
    """What `Store.begin` gives; it ends with the transaction. `now` is its one clock."""

    def __init__(self, connection: Connection, keys: KeyStore, now: datetime) -> None:
        self.now = now
        self._connection = connection
        self.journal = Journal(connection, keys, now)
        self.rooms = RoomRepository(connection, keys)
        self.boxes = BoxRepository(connection, keys, self.rooms)
        self.tasks = TaskRepository(connection, keys, now, self.boxes, self.journal)
        self.events = EventRepository(connection, keys, now, self.boxes, self.journal)
        self.calendar_objects = CalendarObjects(connection, keys, now, self.boxes)
        self.calendar_rows = CalendarRows(connection, keys)
        self.calendars = CalendarRepository(connection)
        self.calendar_properties = CalendarProperties(connection, keys)
        self.outside_changes = OutsideChanges(connection, keys)
        self.external_calendars = ExternalCalendars(connection, keys)
        self.trash = Trash(connection, keys, now)
        self.feeds = Feeds(connection, keys, now)
        self.app_passwords = AppPasswordRepository(connection, keys, now)
        self.motions = MotionRepository(connection, keys, now, self.boxes, self.journal)
        self.votes = VoteRepository(connection, keys)
        self.offers = OfferRepository(connection, keys)
        self.mails = MailRepository(connection, now)
        self.files = FileRepository(connection, keys, now, self.boxes, self.journal)
        self.file_requests = FileRequestRepository(connection, keys, now)
        self.file_imports = FileImportRepository(connection, keys)
        self.file_settings = FileSettingsRepository(connection, keys)
        self.listings = ListingRepository(connection)
        self.listing_lives = ListingLives(connection)
        self.listing_requests = ListingRequests(connection, keys, now)
        self.listing_news = ListingNews(connection, keys, now)
        self.listing_cases = ListingCases(connection, keys, now)
        self.links = LinkRepository(connection, keys, now)
        self.people = PeopleRepository(connection, keys)
        self.inbox = Inbox(connection, keys, now)
        self.outbox = Outbox(connection, keys, now, batch=secrets.token_hex(8))
        self.schedule = Schedule(connection, keys, now)
        self.dialogues = DialogueRepository(connection, keys, now, self.rooms)
        self.meta = Meta(connection)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what was written inside when it raises; what was written before stays."""
        with self._connection.begin_nested():
            yield
