"""The module's part of homeserver.yaml.

modules:
  - module: wecreate_module.synapse.WeCreateModule
    config:
      bot: "@wecreate:example.org"
      who_may_create: local        # everyone | local | bot | [users]
      partners: []                 # all | [server names]
      database: sqlite:////var/lib/wecreate/wecreate.db   # for the marketplace; else without
      person_mb: 2000              # MB that one person may upload; 0: no limit
      box_mb: 5000                 # MB of files in one Box; 0: no limit
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from synapse.module_api.errors import ConfigError

from wecreate_module.domain.matrix import is_user_id
from wecreate_module.domain.quotas import Quotas

WORDS = ("everyone", "local", "bot")
KEYS = frozenset({"bot", "who_may_create", "partners", "database", "person_mb", "box_mb"})


@dataclass(frozen=True)
class ModuleConfig:
    """`creators` None means every local user; `partners` None means every server.

    `database` is WeCreate's, of which the marketplace is read; without it none is served.
    """

    bot: str
    creators: frozenset[str] | None = None
    partners: frozenset[str] | None = frozenset()
    database: str | None = field(default=None, repr=False)
    quotas: Quotas = field(default_factory=Quotas)

    def may_create(self, user_id: str) -> bool:
        """Whether this local user may make a Box; partners' members ask the bot."""
        return self.creators is None or user_id == self.bot or user_id in self.creators


def parse_config(given: object) -> ModuleConfig:
    """Raises ConfigError, which Synapse shows at start."""
    if not isinstance(given, Mapping):
        raise ConfigError("WeCreateModule: config must be a mapping with the key `bot`")
    unknown = sorted(str(key) for key in given if key not in KEYS)
    if unknown:
        raise ConfigError(f"WeCreateModule: unknown key {unknown[0]!r}; known: {sorted(KEYS)}")
    bot = given.get("bot")
    if not isinstance(bot, str) or not is_user_id(bot):
        raise ConfigError("WeCreateModule: bot must be a user id, like '@wecreate:example.org'")
    return ModuleConfig(
        bot=bot,
        creators=_creators(given.get("who_may_create", "local")),
        partners=_partners(given.get("partners", [])),
        database=_database(given.get("database")),
        quotas=Quotas(
            box=_megabytes("box_mb", given.get("box_mb", 0)),
            person=_megabytes("person_mb", given.get("person_mb", 0)),
        ),
    )


def _megabytes(name: str, given: object) -> int:
    """In bytes."""
    if isinstance(given, int) and not isinstance(given, bool) and given >= 0:
        return given * 1_000_000
    raise ConfigError(f"WeCreateModule: {name} must be a whole number of MB; 0 is no limit")


def _creators(given: object) -> frozenset[str] | None:
    if given == "bot":
        return frozenset()
    if isinstance(given, str) and given in WORDS:
        return None
    if isinstance(given, list) and all(is_user_id(user) for user in given):
        return frozenset(given)
    raise ConfigError(
        f"WeCreateModule: who_may_create must be one of {WORDS} or a list of user ids"
    )


def _partners(given: object) -> frozenset[str] | None:
    if given == "all":
        return None
    if isinstance(given, list) and all(isinstance(name, str) and name.strip() for name in given):
        return frozenset(name.strip().lower() for name in given)
    raise ConfigError("WeCreateModule: partners must be 'all' or a list of server names")


def _database(given: object) -> str | None:
    known = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
    if given is None or (isinstance(given, str) and given.startswith(known)):
        return given
    raise ConfigError("WeCreateModule: database must be sqlite:///… or postgresql://…")
