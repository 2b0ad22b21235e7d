"""Tracked changes, decided by LibreOffice itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridges.documents.changes import in_paragraphs, paragraphs_xml
from bridges.documents.export import render
from bridges.documents.view import Layout, Stretch
from tests.unit.documents.conftest import NOW, Make
from tests.unit.documents.office import Office
from wecreate_module.domain.motions import clean_wording

STRETCHES = st.lists(
    st.builds(
        Stretch,
        st.sampled_from(["kept", "deleted", "inserted"]),
        st.text(st.sampled_from("ab <&\n"), min_size=1, max_size=8),
    ),
    max_size=8,
)


PAIRS = [
    (
        "A bleibt so.\nB geht weg.\nC bleibt.",
        "A bleibt so nicht.\nNeu ist B2 <hier>.\nC bleibt.\nD & E.",
    ),
    ("Eins bleibt stehen.", "Eins bleibt stehen, ja.\nZwei ist ganz neu.\nDrei auch."),
    ("Eins.\nZwei fällt weg.\nDrei auch.\nVier bleibt.", "Eins.\nVier bleibt."),
    ("Alles ganz anders hier.", "Nichts davon steht mehr da.\nUnd noch mehr."),
    ("Vorn geht weg.\nHinten bleibt stehen.", "Hinten bleibt stehen."),
    ("Vorn bleibt stehen.\nHinten geht weg.", "Vorn bleibt stehen."),
    ("Ein Satz der bleibt.\nEin zweiter.", "Ganz vorn neu.\nEin Satz der bleibt.\nEin zweiter!"),
    ("a b c d e f g\nh i j k l m", "a b X d e f g h i j k l m"),
    ("a b c d e f g h i j k l m", "a b c d e f g\nh i j k l m"),
    ("Zwei  Worte: <b>&amp;</b>", "Zwei Worte: <i>&lt;</i> 🌳 שלום"),
]
"""Old and new: words, paragraphs and both at once, at the beginning, in the middle, at the end."""


@pytest.mark.parametrize("kind", ["docx", "odt"])
@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_accepting_gives_the_new_text_and_rejecting_the_old(
    make: Make, office: Office, kind: str, old: str, new: str
) -> None:
    document = make(new, layout=Layout.SYNOPSIS, old=clean_wording(old), reason="", signers=())
    data = render(document, kind, 4, NOW).data
    assert office.changes(data, kind) > 0
    for how, text in (("accept", new), ("reject", old)):
        lines = office.decided(data, kind, how)
        heading = next(at for at, line in enumerate(lines) if line.startswith("Synopse"))
        assert lines[heading + 1 :] == clean_wording(text).split("\n")


@given(STRETCHES)
def test_both_texts_can_be_read_from_the_paragraphs(changes: list[Stretch]) -> None:
    def read(without: str) -> str:
        text = ""
        for paragraph in in_paragraphs(changes):
            text += "".join(each.text for each in paragraph.stretches if each.kind != without)
            text += "" if paragraph.mark == without else "\n"
        return text.removesuffix("\n")

    for without in ("deleted", "inserted"):
        assert read(without) == "".join(each.text for each in changes if each.kind != without)


def test_what_people_wrote_is_escaped() -> None:
    xml = paragraphs_xml([Stretch("inserted", "<w:br/> & ]]>")], "S", 'A"<&', NOW)
    assert "&lt;w:br/&gt; &amp; ]]&gt;" in xml
    assert "w:author='A\"&lt;&amp;'" in xml
