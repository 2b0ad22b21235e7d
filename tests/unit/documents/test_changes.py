"""Tracked changes, decided by LibreOffice itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridges.documents.changes import in_paragraphs, paragraphs_xml
from bridges.documents.docx import render_docx
from bridges.documents.view import Layout, Stretch
from tests.unit.documents.conftest import NOW, Make

SCRIPT = Path(__file__).parent / "accept_or_reject.py"
STRETCHES = st.lists(
    st.builds(
        Stretch,
        st.sampled_from(["kept", "deleted", "inserted"]),
        st.text(st.sampled_from("ab <&\n"), min_size=1, max_size=8),
    ),
    max_size=8,
)


def decided(data: bytes, how: str, folder: Path) -> list[str]:
    """The paragraphs below the heading of the synopsis, empty ones left out."""
    file = folder / "motion.docx"
    file.write_bytes(data)
    office = shutil.which("soffice")
    assert office, "LibreOffice is needed: make system"
    pipe = f"motion-{folder.name}-{how}"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    listening = subprocess.Popen(
        [office, profile, "--headless", "--norestore", f"--accept=pipe,name={pipe};urp;"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        done = subprocess.run(
            ["/usr/bin/python3", str(SCRIPT), pipe, str(file), how],
            check=True,
            capture_output=True,
            timeout=120,
        )
        listening.wait(60)
    finally:
        listening.kill()
    lines = [line for line in done.stdout.decode().split("\n") if line]
    heading = next(at for at, line in enumerate(lines) if line.startswith("Synopse"))
    return lines[heading + 1 :]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "A bleibt so.\nB geht weg.\nC bleibt.",
            "A bleibt so nicht.\nNeu ist B2 <hier>.\nC bleibt.\nD & E.",
        ),
        ("Eins bleibt stehen.", "Eins bleibt stehen, ja.\nZwei ist ganz neu.\nDrei auch."),
        ("Eins.\nZwei fällt weg.\nDrei auch.\nVier bleibt.", "Eins.\nVier bleibt."),
    ],
)
def test_accepting_gives_the_new_text_and_rejecting_the_old(
    make: Make, tmp_path: Path, old: str, new: str
) -> None:
    document = make(new, layout=Layout.SYNOPSIS, old=old, reason="", signers=())
    data = render_docx(document, NOW)
    assert decided(data, "accept", tmp_path) == new.split("\n")
    assert decided(data, "reject", tmp_path) == old.split("\n")


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
