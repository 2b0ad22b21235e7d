from __future__ import annotations

import pytest
from synapse.module_api.errors import ConfigError

from wecreate_module.synapse import WeCreateModule

BOT = "@wecreate:home.example"


def test_everybody_here_may_make_boxes_and_nobody_elsewhere_takes_part_by_default() -> None:
    config = WeCreateModule.parse_config({"bot": BOT})
    assert config.may_create("@anna:home.example")
    assert config.partners == frozenset()


@pytest.mark.parametrize("word", ["everyone", "local"])
def test_the_server_s_users_may_make_boxes(word: str) -> None:
    config = WeCreateModule.parse_config({"bot": BOT, "who_may_create": word})
    assert config.may_create("@anna:home.example")


def test_the_bot_alone_may_make_boxes() -> None:
    config = WeCreateModule.parse_config({"bot": BOT, "who_may_create": "bot"})
    assert config.may_create(BOT)
    assert not config.may_create("@anna:home.example")


def test_those_listed_and_the_bot_may_make_boxes() -> None:
    config = WeCreateModule.parse_config({"bot": BOT, "who_may_create": ["@anna:home.example"]})
    assert config.may_create("@anna:home.example")
    assert config.may_create(BOT)
    assert not config.may_create("@ben:home.example")


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        {},
        {"bot": "wecreate"},
        {"bot": 7},
        {"bot": BOT, "who_may_create": "nobody"},
        {"bot": BOT, "who_may_create": ["anna"]},
        {"bot": BOT, "who_may_create": True},
        {"bot": BOT, "partners": "some"},
        {"bot": BOT, "partners": [""]},
        {"bot": BOT, "partners": {"a": 1}},
        {"bot": BOT, "partner": []},
        {"bot": BOT, "database": "mysql://x/y"},
        {"bot": BOT, "database": 7},
        {"bot": BOT, True: "a YAML key named on"},
    ],
)
def test_a_wrong_config_is_named_at_start(given: object) -> None:
    with pytest.raises(ConfigError, match="WeCreateModule"):
        WeCreateModule.parse_config(given)
