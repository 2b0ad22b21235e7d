from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.kit.markup import html_to_text, shorten_html, shorten_text
from bots.kit.parsing import button_command, command_text, each_command, spoken_text, words_of
from wecreate_module.domain.matrix import BUTTONS

NAMES = ("@wecreate:x.example", "@wecreate", "wecreate", "WeCreate")
PILL = '<a href="https://matrix.to/#/@ben:x.example">Ben</a>'
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def text(body: object, **fields: Any) -> str | None:
    return spoken_text({"msgtype": "m.text", "body": body, **fields})


def is_done(said: str) -> bool:
    return said.split(maxsplit=1)[0] == "done"


def formatted(html: str, body: str = "b") -> str | None:
    return text(body, format="org.matrix.custom.html", formatted_body=html)


@pytest.mark.parametrize(
    ("html", "said"),
    [
        (f"ask {PILL} now", "ask @ben:x.example now"),
        ("<a href='https://matrix.to/#/%40ben%3Ax.example'>Ben</a>", "@ben:x.example"),
        ('<a href="matrix:u/ben:x.example?action=chat">B</a>', "@ben:x.example"),
        (f"<p>a &amp; b {PILL}</p><p>c<br/>d</p>", "a & b @ben:x.example\n\nc\nd"),
        (f"<mx-reply><a href='#'>x</a> {PILL}</mx-reply>do {PILL}", "do @ben:x.example"),
        ('<a href="https://matrix.to/#/@ben:x.example">Ben', "@ben:x.example"),
        (f"<strong>do</strong> {PILL}, {PILL}", "do @ben:x.example, @ben:x.example"),
    ],
)
def test_pills_are_read_as_user_ids(html: str, said: str) -> None:
    assert formatted(html).replace("\n\n\n", "\n\n").strip() == said  # type: ignore[union-attr]  # it is text


@pytest.mark.parametrize(
    "html",
    [
        "<b>no link</b>",
        '<a href="https://matrix.to/#/!room:x">Room</a>',
        '<a href="https://evil.example/#/@ben:x.example">Ben</a>',
        '<a href="https://matrix.to/#/@a b">Ben</a>',
        PILL * 2000,
    ],
)
def test_without_pills_the_plain_text_counts(html: str) -> None:
    assert formatted(html, "plain") == "plain"


def test_a_quote_before_a_reply_is_left_out() -> None:
    reply = {"m.relates_to": {"m.in_reply_to": {"event_id": "$a"}}}
    assert text("> <@ben:x> hello\n> you\n\n!done 3", **reply) == "!done 3"
    assert text("> a quotation of my own") == "> a quotation of my own"


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"msgtype": "m.text"},
        {"msgtype": "m.text", "body": 3},
        {"msgtype": "m.notice", "body": "x"},
        {"msgtype": ["m.text"], "body": "x"},
        {"msgtype": "m.text", "body": "x", "m.relates_to": {"rel_type": "m.replace"}},
        {"msgtype": "m.text", "body": "x", "m.new_content": None},
    ],
)
def test_what_is_no_text_says_nothing(content: dict[str, Any]) -> None:
    assert spoken_text(content) is None


def test_what_can_not_be_stored_is_taken_out() -> None:
    assert text("a\x00b\ud800") == "ab?"


@pytest.mark.parametrize(
    ("said", "direct", "found"),
    [
        ("!done 3", False, "done 3"),
        ("!Done", False, "Done"),
        ("WeCreate: done", False, "done"),
        ("@wecreate:x.example: !done", False, "done"),
        ("wecreate done", False, None),
        ("done", False, None),
        ("done", True, "done"),
        ("!", False, None),
        ("!?", False, None),
        ("! done 3", False, "done 3"),
        ("!  done", True, "done"),
        ("! Attention", False, None),
        ("", True, None),
        ("!übermorgen", False, "übermorgen"),
    ],
)
def test_what_is_meant_for_the_bot(said: str, direct: bool, found: str | None) -> None:  # noqa: FBT001 - a case
    command = command_text(said, direct=direct, names=NAMES, known=is_done)
    assert (command.text if command else None) == found


@pytest.mark.parametrize(
    ("said", "commands"),
    [
        ("!done 1\n!done 2", ["!done 1", "!done 2"]),
        ("!done 1\n\n!done 2\n", ["!done 1", "!done 2"]),
        ("!done 1\na note\n!done 2", ["!done 1\na note", "!done 2"]),
        ("!done 1\n!important", ["!done 1\n!important"]),
        ("!done 1\n", ["!done 1"]),
        ("hello\n!done 1", ["hello\n!done 1"]),
    ],
)
def test_each_line_may_be_a_command(said: str, commands: list[str]) -> None:
    found = each_command(said, is_done)
    assert [each.strip() for each in found] == commands


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("ask [Ben](https://matrix.to/#/@ben:x.example) now", "ask @ben:x.example now"),
        ("[Ben](https://matrix.to/#/%40ben%3Ax.example?via=x)", "@ben:x.example"),
        ("[B](matrix:u/ben:x.example)", "@ben:x.example"),
        ("[Plan](https://x.example/@ben:x)", "[Plan](https://x.example/@ben:x)"),
        ("[Room](https://matrix.to/#/!r:x)", "[Room](https://matrix.to/#/!r:x)"),
    ],
)
def test_pills_that_stand_as_markdown_in_the_text_are_read_too(body: str, said: str) -> None:
    assert text(body) == said


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("a  b\nc", ["a", "b", "c"]),
        ('"a b" c', ["a b", "c"]),
        ("„a b“ «c d»", ["a b", "c d"]),
        ('5" "" a"b"', ['5"', '""', 'a"b"']),
        ('"no end', ['"no', "end"]),
    ],
)
def test_words_and_quotes(said: str, words: list[str]) -> None:
    assert [word.text for word in words_of(said)] == words


@given(st.text())
def test_words_stand_where_they_say(said: str) -> None:
    for word in words_of(said):
        assert word.text in said[word.start : word.end]


@pytest.mark.parametrize("key", ["👍", "👍\ufe0f", "👍 "])
def test_an_emoji_is_the_same_with_and_without_its_selector(key: str) -> None:
    assert button_command({BUTTONS: {"👍\ufe0f": "!done 3"}}, key) == "!done 3"
    assert button_command({BUTTONS: {"👍": "!done 3"}}, key) == "!done 3"


@pytest.mark.parametrize("key", ["🙋🏽", "🙋\u200d♀️", "🙋🏿\u200d♂️", "🙋\u200d♂"])
def test_people_may_press_a_button_in_their_own_colour(key: str) -> None:
    assert button_command({BUTTONS: {"🙋": "!task 3 assign me"}}, key) == "!task 3 assign me"


@given(JSON, JSON)
def test_any_json_may_stand_where_buttons_should(buttons: Any, key: Any) -> None:
    found = button_command({BUTTONS: buttons}, key)
    assert found is None or isinstance(found, str)


@given(st.dictionaries(st.sampled_from(["body", "format", "formatted_body", "m.relates_to"]), JSON))
def test_any_json_may_stand_in_a_message(fields: dict[str, Any]) -> None:
    said = spoken_text({"msgtype": "m.text", **fields})
    assert said is None or isinstance(said.encode(), bytes)


TAGS = (
    "<p> </p> <ol> <ol,start='7'> </ol> <li> </li> <br> <ul> </ul> <b> </b> <mx-reply> </mx-reply>"
)
PIECES = [tag.replace(",", " ") for tag in TAGS.split()]
HTML = st.lists(st.sampled_from([*PIECES, *"ab<>&\"' /ü", PILL, "&amp;"])).map("".join)


@given(HTML)
def test_any_html_may_be_written(html: str) -> None:
    formatted(html)
    html_to_text(html)
    assert len(shorten_text(html, 50).encode()) <= 50
    short = shorten_html(html, 100)
    assert short == html or len(short) < 200


def test_html_reads_well_as_plain_text() -> None:
    html = (
        "<h4>📋 Tasks</h4><p>Two &lt;open&gt;<br>today</p>"
        "<ol start=3><li>Cake<ul><li>Flour</li></ul></li><li>Tent</li></ol><p>bye</p>"
    )
    assert html_to_text(html) == (
        "📋 Tasks\n\nTwo <open>\ntoday\n\n3. Cake\n\u2003• Flour\n4. Tent\n\nbye"
    )


def test_shortened_html_keeps_its_tags_closed() -> None:
    html = "<ul>" + "<li><b>cake</b> " * 1000 + "</li>" * 1000 + "</ul>"
    assert shorten_html("<ul>" + "<li><b>cake</b></li>" * 100 + "</ul>", 200).count(
        "<li>"
    ) == shorten_html("<ul>" + "<li><b>cake</b></li>" * 100 + "</ul>", 200).count("</li>")
    assert len(shorten_html(html, 200)) < 300


def test_signs_without_width_at_the_ends_are_no_part_of_a_command() -> None:
    assert text("\u200b!hilfe\u200b \ufeff") == "!hilfe"
    assert text("!aufgabe 👩\u200d👧 holen\u2060") == "!aufgabe 👩\u200d👧 holen"
