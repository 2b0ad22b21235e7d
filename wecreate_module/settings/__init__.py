"""One YAML file, parsed once into frozen dataclasses."""

from wecreate_module.settings.errors import Problem, SettingsError
from wecreate_module.settings.installation import (
    BotSettings,
    DatabaseSettings,
    DefaultsSettings,
    EncryptionSettings,
    FederationSettings,
    Language,
    LogFormat,
    LoggingSettings,
    LogLevel,
    ServerSettings,
    StorageSettings,
    Trust,
    WebSettings,
)
from wecreate_module.settings.kinds import Chosen
from wecreate_module.settings.reading import load_settings
from wecreate_module.settings.sections import (
    BoxesSettings,
    CalendarSettings,
    DocumentsSettings,
    FilesSettings,
    MarketplaceSettings,
    Settings,
)

__all__ = [
    "BotSettings",
    "BoxesSettings",
    "CalendarSettings",
    "Chosen",
    "DatabaseSettings",
    "DefaultsSettings",
    "DocumentsSettings",
    "EncryptionSettings",
    "FederationSettings",
    "FilesSettings",
    "Language",
    "LogFormat",
    "LogLevel",
    "LoggingSettings",
    "MarketplaceSettings",
    "Problem",
    "ServerSettings",
    "Settings",
    "SettingsError",
    "StorageSettings",
    "Trust",
    "WebSettings",
    "load_settings",
]
