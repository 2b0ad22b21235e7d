from __future__ import annotations

from pathlib import Path

import pytest

from wecreate_module.domain.bodies import TEXT, Certainty
from wecreate_module.domain.errors import UserError
from wecreate_module.services.bodies import (
    SHIPPED,
    PackError,
    known_bodies,
    load_bodies,
    shipped_bodies,
    use_bodies,
)

PACK = """
name: Elternrat
aliases: [ER]
level: other
heading: Antrag an den Elternrat
sections:
  - {key: text, title: Antrag, ask: "Was?"}
sources:
  - {what: Asked the chair., certainty: high}
"""


def pack(folder: Path, text: str = PACK, name: str = "elternrat") -> Path:
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_all_of_leipzigs_bodies_are_there() -> None:
    ids = {body.id for body in shipped_bodies().all}
    assert len([each for each in ids if each.startswith("leipzig-sbb-")]) == 10
    assert len([each for each in ids if each.startswith("leipzig-or-")]) == 14
    assert ids >= {
        "allgemein", "leipzig-stadtrat", "leipzig-einwohneranfrage", "leipzig-einwohnerantrag",
        "leipzig-stadtbezirksbudget", "spd-ortsverein", "spd-unterbezirk", "spd-landesparteitag",
        "verein-mitgliederversammlung", "verein-satzungsaenderung",
    }  # fmt: skip


def test_every_pack_says_where_it_is_from_and_what_is_unknown() -> None:
    for body in shipped_bodies().all:
        assert body.sources, body.id
        assert body.section(TEXT) is not None, body.id
        for field in ("address", "email", "cosigners", "days_before", "quorum"):
            known = getattr(body, field) is not None
            assert known != (field in body.unknown), (body.id, field)
        if any(source.certainty is Certainty.LOW for source in body.sources):
            assert body.hints, body.id


def test_bodies_are_found_by_their_names_however_written() -> None:
    bodies = shipped_bodies()
    for name, found in {
        "SBB Süd": "leipzig-sbb-sued",
        "sbb sued": "leipzig-sbb-sued",
        "stadtrat": "leipzig-stadtrat",
        "or böhlitz ehrenberg": "leipzig-or-boehlitz-ehrenberg",
        "Satzungsänderung": "verein-satzungsaenderung",
        "allgemein": "allgemein",
        "Lützschena": "leipzig-or-luetzschena-stahmeln",
    }.items():
        assert bodies.find(name).id == found, name


@pytest.mark.parametrize(
    ("name", "code"), [("Weltrat", "body-unknown"), ("Ortschaftsrat", "body-ambiguous")]
)
def test_a_name_that_fits_none_or_several_is_asked_back(name: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        shipped_bodies().find(name)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SBB Sud", "Stadtbezirksbeirat Leipzig-Süd"),
        ("Ortschaftsrat Miltiz", "Ortschaftsrat Miltitz"),
        ("Stadtbezirksbeirat Südwesst", "Stadtbezirksbeirat Leipzig-Südwest"),
        ("Statdrat", "Stadtrat der Stadt Leipzig"),
    ],
)
def test_a_slip_of_the_finger_is_told_with_what_was_likely_meant(name: str, meant: str) -> None:
    with pytest.raises(UserError) as caught:
        shipped_bodies().find(name)
    assert caught.value.code == "body-misspelt"
    assert str(caught.value.params["names"]).split(" · ")[0] == meant


def test_a_pack_of_ones_own_joins_the_shipped_ones(tmp_path: Path) -> None:
    bodies = load_bodies(SHIPPED, pack(tmp_path))
    assert bodies.find("ER").heading == "Antrag an den Elternrat"
    assert len(bodies.all) == len(shipped_bodies().all) + 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (PACK + "colour: red\n", "colour: there is no such entry"),
        (PACK.replace("level: other", "level: moon"), "level: one of"),
        (PACK.replace("key: text", "key: words"), "sections: each key once"),
        (PACK.replace("certainty: high", "certainty: sure"), "certainty: one of"),
        (PACK + "cosigners: many\n", "cosigners: a whole number"),
        (PACK + "cosigners: true\n", "cosigners: a whole number"),
        (PACK + "email: a@b.example\nunknown: [email]\n", "email is given"),
        (PACK + "unknown: [mood]\n", "unknown: there is no entry"),
        (PACK + "based_on: nothing\n", "based_on: there is no pack"),
        (PACK + "formats: [exe]\n", "formats: only"),
        (PACK + "sittings: [morgen]\n", "sittings: dates"),
        (PACK.replace("name: Elternrat\n", ""), "name: is missing"),
        ("- 1", "are missing"),
        ("a: [", "elternrat.yaml"),
        ("!!python/object/apply:os.system [id]", "elternrat.yaml"),
        ("#" * 70_000, "too large"),
    ],
)
def test_a_wrong_pack_is_refused_with_its_place(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(PackError) as caught:
        load_bodies(pack(tmp_path, text))
    assert "elternrat.yaml" in str(caught.value)
    assert why in str(caught.value)


def test_the_operators_packs_are_known_once_they_are_named(tmp_path: Path) -> None:
    try:
        use_bodies(pack(tmp_path))
        assert known_bodies().find("ER").id == "elternrat"
        pack(tmp_path, "- 1", "wrong")
        with pytest.raises(PackError):
            use_bodies(tmp_path)
        assert known_bodies().find("ER").id == "elternrat"
    finally:
        use_bodies(tmp_path / "nowhere")
    assert known_bodies() is shipped_bodies()


def test_two_bodies_with_one_name_are_refused(tmp_path: Path) -> None:
    pack(tmp_path)
    with pytest.raises(PackError, match="both called"):
        load_bodies(pack(tmp_path, PACK, "anders"))


def test_packs_that_build_on_each_other_in_a_ring_are_refused(tmp_path: Path) -> None:
    pack(tmp_path, "based_on: b", "a")
    with pytest.raises(PackError, match="based_on"):
        load_bodies(pack(tmp_path, "based_on: a", "b"))
