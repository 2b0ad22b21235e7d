# ruff: noqa: RUF009 - key() declares a field, as dataclasses.field() does
"""Every setting of WeCreate, with its help text. The sample and the reference come from here.

Here are the sections about what people do; those about the installation: installation.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from pathlib import Path

from wecreate_module.domain.listing_rules import MarketRules, Organisation, Threshold
from wecreate_module.settings.installation import (
    BotSettings,
    DatabaseSettings,
    DefaultsSettings,
    EncryptionSettings,
    FederationSettings,
    LoggingSettings,
    ServerSettings,
    StorageSettings,
    WebSettings,
)
from wecreate_module.settings.kinds import (
    EMAIL_OR_NONE,
    FILE_PATH,
    HERE,
    HOST_OR_NONE,
    NONE,
    PORT,
    SWITCH,
    TEXT,
    URL,
    URL_OR_HERE,
    URL_OR_NONE,
    USER_ID,
    Chosen,
    choice,
    key,
    secret,
    whole,
    words_or_names,
)
from wecreate_module.settings.market_kinds import (
    DISTRICTS,
    ORGANISATIONS,
    PEOPLE,
    THRESHOLDS,
    TIME_OF_DAY,
)


class MailSecurity(StrEnum):
    """How mail is protected on its way to the mail server. Without, none is sent."""

    TLS = "tls"
    STARTTLS = "starttls"


@dataclass(frozen=True, kw_only=True)
class BoxesSettings:
    """Boxes: the encrypted rooms of groups."""

    create: Chosen = key(
        words_or_names(("everyone", "local"), USER_ID, "users"),
        "Who may make Boxes: `local` is everybody on this server, `everyone` the partners' "
        "members too, or list the users.",
        default=Chosen(word="local"),
        example=["@anna:example.org"],
    )


@dataclass(frozen=True, kw_only=True)
class CalendarSettings:
    """Calendars and tasks for calendar programs (CalDAV): `wecreate dav`."""

    host: str = key(TEXT, "The address it listens on.", default="127.0.0.1")
    port: int = key(PORT, "The port it listens on.", default=8010)
    url: str = key(
        URL,
        "Its address as people's devices reach it, through your reverse proxy.",
        default="http://127.0.0.1:8010",
        example="https://calendar.example.org",
    )
    proxies: Chosen = key(
        words_or_names(("local",), TEXT, "addresses"),
        "Reverse proxies whose X-Forwarded-For is believed, by address; `local` is this machine. "
        "Who guesses passwords is slowed down by address.",
        default=Chosen(word="local"),
        example=["10.0.0.2"],
    )
    external: Chosen = key(
        words_or_names(("public", "none"), TEXT, "hosts or networks"),
        "Which other servers Boxes' calendars may be connected with: `public` is the internet, by "
        "https; a list adds hosts or networks of your own (CIDR), which no member reaches else, "
        "by http too; `none`: no other server.",
        default=Chosen(word="public"),
        example=["groupware.intern", "10.1.2.0/24"],
    )
    certificates: Path = key(
        FILE_PATH,
        "Certificates (PEM) of such servers that are trusted besides the system's, when there is "
        "such a file.",
        default=Path("calendar-ca.pem"),
    )

    @property
    def trusted(self) -> Path | None:
        """The file of certificates, if there is one."""
        return self.certificates if self.certificates.is_file() else None


@dataclass(frozen=True, kw_only=True)
class FilesSettings:
    """Links to files, for people without an account."""

    url: str = key(
        URL_OR_HERE,
        "The web surface's address as people reach it, through your reverse proxy, which passes "
        "/f/ on; `here`: the web surface itself, so that links only work on this machine.",
        default=HERE,
        example="https://files.example.org",
    )
    max_days: int = key(
        whole(1, 365, "days"),
        "How long a link lasts at most. Below 365 every link has to expire.",
        default=365,
    )
    password: bool = key(SWITCH, "Whether every link needs a password.", default=False)
    cache: Path = key(
        FILE_PATH,
        "Folder of the encrypted files that links point to, as fetched from the homeserver.",
        default=Path("link-files"),
    )
    cache_mb: int = key(
        whole(100, 10_000_000, "MB"),
        "How much that folder may hold. What open links need stays in it whatever the homeserver "
        "purges; when nothing else can make room, no new link is made. The largest file that can "
        "be shared is as large.",
        default=5000,
    )
    s3_url: str = key(
        URL_OR_NONE,
        "An S3 store that keeps the ciphertext of open links, or `none`: then the folder above "
        "does, up to `cache_mb` for all of them together.",
        default=NONE,
        example="https://s3.eu-central.example.org",
    )
    s3_bucket: str = key(TEXT, "The bucket in it. It has to be there.", default="wecreate")
    s3_access_key: str | None = secret("The access key of the S3 store.")
    s3_secret_key: str | None = secret("The secret key of the S3 store.")
    imports: Chosen = key(
        words_or_names(("public", "none"), TEXT, "hosts or networks"),
        "Which other servers files may be brought in from: `public` is the internet, by https; a "
        "list adds hosts or networks of your own (CIDR), by http too; `none`: no other at all.",
        default=Chosen(word="public"),
        example=["cloud.intern", "10.1.2.0/24"],
    )
    person_mb: int = key(
        whole(0, 100_000_000, "MB"),
        "How much one person may upload, all rooms together; 0: no limit. The homeserver enforces "
        "it: the module's `person_mb` has to say the same.",
        default=0,
    )
    box_mb: int = key(
        whole(0, 100_000_000, "MB"),
        "How much room the files of one Box may take; 0: no limit. The module's `box_mb` has to "
        "say the same.",
        default=0,
    )
    requests: Path = key(
        FILE_PATH,
        "Folder of the encrypted files that people without an account send, until they are in "
        "their Box.",
        default=Path("sent-files"),
    )
    requests_mb: int = key(
        whole(100, 10_000_000, "MB"),
        "How much of that may be on its way at once.",
        default=5000,
    )
    request_files: int = key(
        whole(1, 1000, "files"), "How many files one request may bring.", default=50
    )
    request_file_mb: int = key(
        whole(1, 100_000, "MB"),
        "How large each of them may be. What the homeserver does not take (Synapse's "
        "`max_upload_size`) is kept in the folder `large`.",
        default=2000,
    )
    large: Path = key(
        FILE_PATH,
        "Folder of encrypted files that are too large for the homeserver: they lie here alone, so "
        "back it up. With an S3 store they lie there.",
        default=Path("large-files"),
    )
    large_mb: int = key(
        whole(0, 100_000_000, "MB"),
        "How much may be kept there; 0: nothing, then the homeserver's limit holds for all.",
        default=20_000,
    )


@dataclass(frozen=True, kw_only=True)
class DocumentsSettings:
    """Motions as files. Docs: how-to/change-the-word-template.md, how-to/write-a-rule-pack.md."""

    folder: Path = key(
        FILE_PATH,
        "Folder of your own look: logo, colours, Word templates, by body if wanted.",
        default=Path("documents"),
    )
    bodies: Path = key(
        FILE_PATH,
        "Folder of your own rule packs for bodies; one of a shipped pack's name replaces it.",
        default=Path("bodies"),
    )


@dataclass(frozen=True, kw_only=True)
class MarketplaceSettings:
    """The marketplace. Docs: how-to/moderate-the-marketplace.md."""

    name: str = key(TEXT, "What its Space is called.", default="Marktplatz")
    districts: tuple[str, ...] = key(
        DISTRICTS,
        "Districts that get a Space of their own in it, like [Süd, Nord].",
        default=(),
    )
    organisations: tuple[Organisation, ...] = key(
        ORGANISATIONS,
        "Organisations that you vouch for. Their members publish and answer in their name, and "
        'nobody else can. Like [{"name": "Stadt Musterstadt", "type": "administration", '
        '"members": ["@anna:example.org"]}]; types: administration, party, association, group.',
        default=(),
    )
    thresholds: tuple[Threshold, ...] = key(
        THRESHOLDS,
        'What support leads to. Like [{"support": 20, "then": "box"}, {"support": 50, "then": '
        '"suggest-motion", "kind": "reform", "district": "Süd"}]; then: box (made by itself), '
        "suggest-box, suggest-motion. Rules with a kind or district go before those without.",
        default=(),
    )
    moderators: tuple[str, ...] = key(
        PEOPLE,
        "Who sees reports of listings and decides on them, in a private room.",
        default=(),
    )
    digest_at: str = key(
        TIME_OF_DAY,
        "When people are told what is new, once a day, unless they chose a time of their own.",
        default="18:00",
    )

    @property
    def rules(self) -> MarketRules:
        return MarketRules(
            name=self.name,
            districts=self.districts,
            organisations=self.organisations,
            thresholds=self.thresholds,
            moderators=self.moderators,
            digest_at=time.fromisoformat(self.digest_at),
        )


@dataclass(frozen=True, kw_only=True)
class MailSettings:
    """The mail server that motions go out by. Without one people get files and steps."""

    host: str = key(HOST_OR_NONE, "Its name, or `none`.", default=NONE, example="mail.example.org")
    port: int = key(PORT, "Its port: 587 for starttls, 465 for tls.", default=587)
    security: MailSecurity = key(
        choice(MailSecurity),
        "`starttls` or `tls`; its certificate is checked. Nothing goes out unprotected.",
        default=MailSecurity.STARTTLS,
    )
    username: str = key(TEXT, "The user name there, or `none` where it wants none.", default=NONE)
    password: str | None = secret("The password there.")
    sender: str = key(
        EMAIL_OR_NONE,
        "The address that mail comes from. It needs one that this server may send for (SPF, DKIM). "
        "`none`: the bot's user name at the homeserver's server_name.",
        default=NONE,
        example="wecreate@example.org",
    )
    certificates: Path = key(
        FILE_PATH,
        "Certificates (PEM) that are trusted besides the system's, when there is such a file.",
        default=Path("mail-ca.pem"),
    )
    timeout: int = key(
        whole(1, 300, "seconds"), "How long the mail server may take for each step.", default=30
    )

    @property
    def on(self) -> bool:
        return self.host != NONE


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, read once at the start."""

    server: ServerSettings
    bot: BotSettings = BotSettings()
    encryption: EncryptionSettings = EncryptionSettings()
    federation: FederationSettings = FederationSettings()
    boxes: BoxesSettings = BoxesSettings()
    database: DatabaseSettings = DatabaseSettings()
    storage: StorageSettings = StorageSettings()
    web: WebSettings = WebSettings()
    calendars: CalendarSettings = CalendarSettings()
    files: FilesSettings = FilesSettings()
    documents: DocumentsSettings = DocumentsSettings()
    marketplace: MarketplaceSettings = MarketplaceSettings()
    mail: MailSettings = MailSettings()
    logging: LoggingSettings = LoggingSettings()
    defaults: DefaultsSettings = DefaultsSettings()

    @property
    def bot_user_id(self) -> str:
        return f"@{self.bot.username}:{self.server.name}"

    @property
    def mail_sender(self) -> str:
        """The address that mail comes from; empty where none is sent."""
        if not self.mail.on:
            return ""
        if self.mail.sender != NONE:
            return self.mail.sender
        return f"{self.bot.username}@{self.server.name.partition(':')[0]}"

    @property
    def links_url(self) -> str:
        """Where links point to."""
        here = f"http://{self.web.host}:{self.web.port}"
        return here if self.files.url == HERE else self.files.url
