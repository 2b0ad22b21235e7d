"""The operator's own look: used where it can be, refused in words, bounded in time and memory."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from docx import Document

from bridges.documents.export import DocumentFailed
from bridges.documents.house import House, HouseError, check_house
from bridges.documents.making import made
from bridges.documents.recipes import MotionRecipe, from_json, to_json
from bridges.documents.view import Layout
from tests.people import wait_for
from tests.unit.documents.conftest import NOW, PNG, Make

HOSTILE = "{{ 7*7*7 }} {% if x %} =cmd|'/c calc'!A0 #eval(1) <script>"


def template(folder: Path, *paragraphs: str, name: str = "motion.docx") -> Path:
    folder.mkdir(exist_ok=True)
    word = Document()
    for paragraph in paragraphs:
        word.add_paragraph(paragraph)
    word.save(str(folder / name))
    return folder


def words(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs]


def recipe(make: Make, **more: object) -> MotionRecipe:
    return MotionRecipe(make(title=HOSTILE, reason=HOSTILE, **more), "docx", 4, NOW)


def test_an_own_template_is_used_and_peoples_words_in_it_are_not_evaluated(
    make: Make, tmp_path: Path
) -> None:
    folder = template(tmp_path / "d", "Verein: {{ title }}", "{{ signers }}")
    assert words(made(recipe(make), folder).data) == [f"Verein: {HOSTILE}", "Anna, Ben"]


def test_a_bodys_own_template_and_look_come_before_the_general_one(
    make: Make, tmp_path: Path
) -> None:
    folder = template(tmp_path / "d", "Allgemein")
    (folder / "style.yaml").write_text('name: Verein\ncolour: "#0A7D4F"\n')
    own = template(folder / "leipzig-sbb-suedwest", "Südwest: {{ name }}")
    (own / "style.yaml").write_text("name: Südwest\n")
    assert words(made(recipe(make), folder).data) == ["Südwest: Südwest"]
    found = House(folder).letterhead("leipzig-sbb-suedwest")
    assert (found.name, found.colour) == ("Südwest", "#0a7d4f")
    assert House(folder).letterhead("../../etc").name == "Verein"


@pytest.mark.parametrize(
    "evil",
    [
        "{{ title.__class__.__mro__[1].__subclasses__() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.system('id') }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}{{ os }}",
        "{{ title",
        "{% for x in range(10) %}",
        "{{ nothing.there }}",
        "{{ 'a' * 10**10 }}",
        "{% set x = ['a'] %}{% for i in range(40) %}{% set _ = x.extend(x) %}{% endfor %}",
    ],
)
def test_a_hostile_or_broken_template_fails_in_words(make: Make, tmp_path: Path, evil: str) -> None:
    with pytest.raises(DocumentFailed):
        made(recipe(make), template(tmp_path / "d", evil))


def test_a_template_that_never_ends_is_ended(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECREATE_CHILD_SECONDS", "2")
    loops = "{% for a in range(99999) %}" * 3 + "{% endfor %}" * 3
    with pytest.raises(DocumentFailed):
        made(recipe(make), template(tmp_path / "d", loops))


def test_a_file_that_is_no_template_fails_in_words(make: Make, tmp_path: Path) -> None:
    (tmp_path / "motion.docx").write_bytes(b"PK nothing")
    with pytest.raises(DocumentFailed):
        made(recipe(make), tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("style.yaml", b"colour: red", "colour"),
        ("style.yaml", b"font: x", "only name and colour"),
        ("style.yaml", b"a: [", "style.yaml"),
        ("style.yaml", b"name: |\n  a\n  b\n", "name"),
        ("style.yaml", b"#" * 20_000, "larger"),
        ("logo.png", b"<svg onload=x>", "no picture"),
        ("logo.png", PNG + b"x" * 3_000_000, "larger"),
    ],
)
def test_a_look_that_can_not_be_used_is_named_at_the_start(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(HouseError, match=why):
        check_house(tmp_path)
    check_house(tmp_path / "nowhere")


def test_a_pale_colour_is_for_lines_and_not_for_letters(tmp_path: Path) -> None:
    (tmp_path / "style.yaml").write_text('colour: "#ffed00"\n')
    found = House(tmp_path).letterhead("x")
    assert (found.colour, found.ink) == ("#ffed00", "#000000")


@pytest.mark.parametrize("layout", list(Layout))
def test_a_recipe_survives_being_stored(make: Make, layout: Layout) -> None:
    document = make(layout=layout, old="Alt." if layout is Layout.SYNOPSIS else None)
    whole = MotionRecipe(document, "txt", 4, NOW)
    assert from_json(to_json(whole)) == whole


def test_a_process_ends_with_the_bot_that_began_it(make: Make, tmp_path: Path) -> None:
    loops = "{% for a in range(99999) %}" * 3 + "{% endfor %}" * 3
    folder = template(tmp_path / "d", loops)
    job = tmp_path / "job.json"
    asked = {"job": "file", "recipe": to_json(recipe(make)), "folder": str(folder)}
    job.write_text(json.dumps(asked))
    code = (
        "import json, sys; from pathlib import Path; from bridges.documents.child import run_job;"
        "run_job(json.loads(Path(sys.argv[1]).read_text()))"
    )
    bot = subprocess.Popen([sys.executable, "-c", code, str(job)])
    children = Path(f"/proc/{bot.pid}/task/{bot.pid}/children")
    wait_for(lambda: bool(children.read_text().split()), "a child")
    (child,) = children.read_text().split()
    wait_for(lambda: int(Path(f"/proc/{child}/stat").read_text().split()[13]) > 100, "work")
    bot.kill()
    bot.wait()
    wait_for(lambda: ended(int(child)), "its end")


def ended(pid: int) -> bool:
    try:
        return "Z (zombie)" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
