# ruff: noqa: RUF009 - key() declares a field, as dataclasses.field() does
"""The sections about the installation: servers, accounts, places, logs, defaults."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from wecreate_module.settings.kinds import (
    DATABASE,
    FILE_PATH,
    LOCALPART,
    PORT,
    SERVER_NAME,
    TEXT,
    TIMEZONE,
    URL,
    Chosen,
    choice,
    key,
    secret,
    whole,
    words_or_names,
)


class Trust(StrEnum):
    """Whose devices the bot sends keys to."""

    CROSS_SIGNED = "cross-signed"
    ALL = "all"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


class Language(StrEnum):
    GERMAN = "de"
    ENGLISH = "en"


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """The Matrix homeserver that WeCreate works with."""

    name: str = key(
        SERVER_NAME,
        "The homeserver's server_name: the part after the colon in @anna:example.org.",
        example="example.org",
    )
    homeserver: str = key(
        URL,
        "Address of the homeserver's client API, as the bot reaches it.",
        example="https://matrix.example.org",
    )
    registration_shared_secret: str | None = secret(
        "Synapse's registration_shared_secret. Only `wecreate user add` needs it."
    )


@dataclass(frozen=True, kw_only=True)
class BotSettings:
    """The bot's account."""

    username: str = key(
        LOCALPART,
        "The bot's user name, without @ and server.",
        default="wecreate",
    )
    display_name: str = key(TEXT, "What people see as the bot's name.", default="WeCreate")
    password: str | None = secret(
        "The bot's password. It is used once, for the first login; the bot then keeps its own "
        "access token."
    )


@dataclass(frozen=True, kw_only=True)
class EncryptionSettings:
    """End-to-end encryption."""

    trust: Trust = key(
        choice(Trust),
        "Whose devices can read the bot's messages: `cross-signed` only those that their owner "
        "has verified, `all` also the others. Docs: explanation/trust.md.",
        default=Trust.ALL,
    )


@dataclass(frozen=True, kw_only=True)
class FederationSettings:
    """Partner servers."""

    partners: Chosen = key(
        words_or_names(("all",), SERVER_NAME, "server names"),
        "Which other servers' members may take part: `all`, or the partners by name. An empty "
        "list keeps WeCreate to this server.",
        default=Chosen(),
        example=["matrix.partei.example", "stadt.example"],
    )
    pull_seconds: int = key(
        whole(5, 86_400, "seconds"),
        "How often the marketplaces of the partners that are named are looked at for what is new.",
        default=60,
    )


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    """Where WeCreate keeps its data."""

    url: str = key(
        DATABASE,
        "sqlite:///<file> or postgresql://<user>@<host>/<database>.",
        default="sqlite:///wecreate.db",
    )
    password: str | None = secret("The password of the PostgreSQL user.")


@dataclass(frozen=True, kw_only=True)
class StorageSettings:
    """Files beside the database."""

    keys: Path = key(FILE_PATH, "The store of the Boxes' keys (SQLite).", default=Path("keys.db"))
    key_file: Path = key(
        FILE_PATH,
        "The operator's key, which the store of keys is wrapped with. Made on the first start, "
        "readable by its owner only. Without it nothing stored can be read.",
        default=Path("wecreate.key"),
    )
    bot_dir: Path = key(
        FILE_PATH,
        "Folder of the bot's device: access token, cross-signing seeds, encryption store.",
        default=Path("bot"),
    )


@dataclass(frozen=True, kw_only=True)
class WebSettings:
    """The bot's web surface: /health and /metrics."""

    host: str = key(TEXT, "The address it listens on.", default="127.0.0.1")
    port: int = key(PORT, "The port it listens on.", default=8011)


@dataclass(frozen=True, kw_only=True)
class LoggingSettings:
    """Logs. They never hold messages or secrets."""

    level: LogLevel = key(choice(LogLevel), "The least that is logged.", default=LogLevel.INFO)
    format: LogFormat = key(
        choice(LogFormat),
        "`text` for people (key=value), `json` for programs (one object per line).",
        default=LogFormat.TEXT,
    )


@dataclass(frozen=True, kw_only=True)
class DefaultsSettings:
    """What Boxes and people start with; both can change it for themselves."""

    language: Language = key(
        choice(Language), "Language of new Boxes and chats.", default=Language.GERMAN
    )
    timezone: str = key(TIMEZONE, "Time zone of new Boxes and chats.", default="Europe/Berlin")
