from __future__ import annotations

from typing import Any

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from markupsafe import Markup

from bots.kit.context import Context, Keys
from bots.kit.incoming import Incoming
from bots.kit.situation import Situation, origin_of
from bots.kit.templates import environment, render_template


def in_box(chat: Any, uow: Any) -> Context:
    situation = Situation.of(chat.app, uow, "!box")
    assert situation is not None
    incoming = Incoming("!box", "$e", "@anna:x.example")
    return situation.context(origin_of(incoming), chat.now, Keys("k"))


def render(chat: Any, source: str, **values: Any) -> str:
    """A template's text, as `render_template` would render it from a file."""
    loader = environment().loader
    assert loader is not None
    loader.mapping["test"] = FixedLoader(source)  # type: ignore[attr-defined]  # a PrefixLoader
    environment().cache.clear()  # type: ignore[union-attr]  # there is one
    with chat.store.begin(chat.now) as uow:
        try:
            return render_template("test/x.html.j2", in_box(chat, uow), **values)
        finally:
            del loader.mapping["test"]  # type: ignore[attr-defined]  # likewise


class FixedLoader:
    def __init__(self, source: str) -> None:
        self.source = source

    def load(self, env: Any, name: str, globals: Any = None) -> Any:  # noqa: A002 - jinja's name
        code = env.compile(self.source, name, None)
        return env.template_class.from_code(env, code, env.make_globals(globals), None)


def test_everything_is_escaped(chat: Any) -> None:
    assert render(chat, "{{ x }} {{ t('Hi {y}', y=x) }}", x="<b>") == "&lt;b&gt; Hi &lt;b&gt;"


def test_markup_may_stand_in_a_sentence(chat: Any) -> None:
    said = render(chat, "{{ t('{a} < {b}', a=x|bold, b=x) }}", x="<i>")
    assert said == "<b>&lt;i&gt;</b> &lt; &lt;i&gt;"
    assert render(chat, "{{ t('{a}', a=x) }}", x=Markup("<u>{b}</u>")) == "<u>{b}</u>"


def test_names_of_people_are_escaped_in_pills(chat: Any) -> None:
    with chat.store.begin(chat.now) as uow:
        uow.rooms.set_member("!box", "@e:x", "join", "<b>Eva</b>")
    assert render(chat, "{{ pill('@e:x') }}") == (
        '<a href="https://matrix.to/#/@e:x">&lt;b&gt;Eva&lt;/b&gt;</a>'
    )
    assert render(chat, "{{ name('@nobody:x') }}") == "nobody"


def test_a_value_that_is_missing_is_a_fault(chat: Any) -> None:
    with pytest.raises(UndefinedError):
        render(chat, "{{ nothing }}")


def test_a_template_that_is_missing_is_a_fault(chat: Any) -> None:
    with chat.store.begin(chat.now) as uow, pytest.raises(TemplateNotFound):
        render_template("kit/nothing.html.j2", in_box(chat, uow))
