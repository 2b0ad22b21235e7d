from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.settings import Chosen, SettingsError, Trust, load_settings

Write = Callable[[str], Path]
LEAST = "server:\n  name: example.org\n  homeserver: https://matrix.example.org/\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "wecreate.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems(path: Path, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(path, environ or {})
    return [line.removeprefix(str(path.parent) + "/") for line in str(caught.value).splitlines()]


def test_two_keys_are_enough(write: Write) -> None:
    settings = load_settings(write(LEAST), {})
    assert settings.server.homeserver == "https://matrix.example.org"
    assert settings.bot_user_id == "@wecreate:example.org"
    assert settings.encryption.trust is Trust.ALL
    assert settings.boxes.create == Chosen(word="local")
    assert settings.federation.partners == Chosen()


def test_relative_paths_start_at_the_files_folder(write: Write, tmp_path: Path) -> None:
    settings = load_settings(
        write(LEAST + "storage:\n  keys: k/keys.db\n  bot_dir: /srv/bot\n"), {}
    )
    assert settings.storage.keys == tmp_path / "k/keys.db"
    assert settings.storage.bot_dir == Path("/srv/bot")
    assert settings.storage.key_file == tmp_path / "wecreate.key"
    assert settings.database.url == f"sqlite:///{tmp_path}/wecreate.db"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("servr: {}\n", "4:1: servr: there is no such key; did you mean server?"),
        ("bot:\n  usrname: x\n", "5:3: bot.usrname: there is no such key; did you mean username?"),
        ("web:\n  port: '80'\n", "5:9: web.port: must be a whole number from 1 to 65535, not '80'"),
        ("web:\n  port: 0\n", "5:9: web.port: must be a whole number from 1 to 65535, not 0"),
        ("web:\n  port: true\n", "5:9: web.port: must be a whole number from 1 to 65535, not true"),
        (
            "defaults: {language: fr}\n",
            "4:22: defaults.language: must be one of de, en, not 'fr'",
        ),
        (
            "encryption:\n  trust: crosssigned\n",
            (
                "5:10: encryption.trust: must be one of cross-signed, all, not 'crosssigned'; "
                "did you mean cross-signed?"
            ),
        ),
        (
            "defaults:\n  timezone: Berlin\n",
            "5:13: defaults.timezone: 'Berlin' is not a time zone; did you mean Europe/Berlin?",
        ),
        (
            "boxes:\n  create: [anna]\n",
            "5:11: boxes.create: 'anna' is not a Matrix user; write it like @anna:example.org",
        ),
        (
            "boxes:\n  create: all\n",
            "5:11: boxes.create: must be everyone, local or a list of users, not 'all'",
        ),
        ("bot: wecreate\n", "4:6: bot: must be a list of `key: value` lines"),
        (
            "bot:\n  username: 7\n",
            "5:13: bot.username: must be text, not 7; put it in quotes if it is meant so",
        ),
        ("web:\n  port: 1\nweb:\n  port: 2\n", "6:1: web: stands twice, first in line 4"),
        (
            "bot:\n  password: geheim\n",
            (
                "5:3: bot.password: a secret must not stand in this file; put it into a file of "
                "its own and name that file with password_file"
            ),
        ),
        (
            "database:\n  url: mysql://u:geheim@h/d\n",
            (
                "5:8: database.url: must be sqlite:///<file> or "
                "postgresql://<user>@<host>/<database>; 'mysql://u:…@h/d' is neither"
            ),
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_column(write: Write, text: str, said: str) -> None:
    assert problems(write(LEAST + text)) == [f"wecreate.yaml:{said}"]


def test_all_mistakes_are_told_at_once_in_order(write: Write) -> None:
    told = problems(write("server:\n  name: 'a b'\nweb:\n  port: x\nx: 1\n"))
    assert [line.split(":")[1] for line in told] == ["1", "2", "4", "5"]
    assert "server.homeserver: is missing; Address of" in told[0]


def test_broken_yaml_is_told_with_its_place(write: Write) -> None:
    (told,) = problems(write("server: [a\nbot: {"))
    assert told.startswith("wecreate.yaml:2:4: is not YAML: ")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    (told,) = problems(tmp_path / "nothing.yaml")
    assert told == "nothing.yaml:1:1: cannot be read: No such file or directory"


def test_an_empty_file_lacks_the_required_keys(write: Write) -> None:
    assert len(problems(write(""))) == 2


def test_a_secret_comes_from_its_file(write: Write, tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("geheim\n", encoding="utf-8")
    settings = load_settings(write(LEAST + "bot:\n  password_file: pw\n"), {})
    assert settings.bot.password == "geheim"
    assert "geheim" not in repr(settings)


def test_a_secret_of_the_environment_goes_first(write: Write) -> None:
    path = write(LEAST + "bot:\n  password_file: missing\n")
    assert load_settings(path, {"WECREATE_BOT_PASSWORD": "env"}).bot.password == "env"
    (told,) = problems(path)
    assert "missing cannot be read: No such file or directory" in told


def test_the_databases_password_is_put_into_its_address(write: Write) -> None:
    path = write(LEAST + "database:\n  url: postgresql://we@db:5433/wecreate\n")
    settings = load_settings(path, {"WECREATE_DATABASE_PASSWORD": "p@:/"})
    assert settings.database.url == "postgresql+psycopg://we:p%40%3A%2F@db:5433/wecreate"


@given(st.text(max_size=200))
def test_no_text_does_more_than_tell_mistakes(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "wecreate.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(SettingsError):
        load_settings(path, {})
