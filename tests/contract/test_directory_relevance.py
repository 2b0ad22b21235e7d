"""Does the directory find what people mean? 300 listings, hits named by reading them.

Recall and precision at 10 are means over the queries. A query's hits are whole topics of the
fixture, and single listings of others that are about it too.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.conftest import NOW
from wecreate_module.domain.listing_queries import Query
from wecreate_module.domain.listings import Listing, read_kind
from wecreate_module.services.listings import Directory, import_listings
from wecreate_module.storage.store import Store

FIXTURE = Path(__file__).parents[1] / "data" / "listings.jsonl"
AT = 10

# words → topics, and beginnings of further titles
QUERIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Spielplatz": (("spielplatz",), ()),
    "spielplätze": (("spielplatz",), ()),
    "Spielplatz erneuern": ((), ("Spielplatz am Lindenpark",)),
    "Radweg": (("radweg",), ()),
    "radwege": (("radweg",), ()),
    "radweg kanal": ((), ("Radweg an der Kanalstraße",)),
    "Lastenrad": (("lastenrad",), ("Breitere Radwege",)),
    "lastenräder leihen": ((), ("Freies Lastenrad", "Lastenräder für Vereine")),
    "wohnen leipzig": ((), ("Wohnen in Leipzig",)),
    "wohnen": (("wohnen",), ()),
    "Küche": (("kueche",), ("Raum für Vereine im alten",)),
    "Kuchen backen": ((), ("Wer backt Kuchen",)),
    "kuchenbasar": ((), ("Kuchenbasar",)),
    "Schulküche": ((), ("Schulküchen",)),
    "Baum": (("baum",), ("Schulhof ohne Asphalt",)),
    "Bäume": (("baum",), ("Schulhof ohne Asphalt",)),
    "Stadtbibliothek": ((), ("Stadtbibliothek",)),
    "Bibliothek": (("bibliothek",), ()),
    "Bücherschrank": (("buecherschrank",), ()),
    "bucherschrank": (("buecherschrank",), ()),
    "buecherschraenke": (("buecherschrank",), ()),
    "Repaircafe": ((), ("Repaircafé", "Helfer für das Repair")),
    "Reparatur": (("repair",), ("Bücherschrank wetterfest",)),
    "Straßenbahn": (("bahn",), ()),
    "strassenbahn": (("bahn",), ()),
    "Tempo 30": (("tempo30",), ()),
    "Zebrastreifen": (("zebra",), ()),
    "zebrastreifen kindergarten": ((), ("Neuer Zebrastreifen",)),
    "Hitze": (("hitze",), ("Mehr Schatten",)),
    "Solar": (("solar",), ("Solarlaternen", "Denkmalschutz und")),
    "Müll": (("muell",), ("Müllfreie",)),
    "mull": (("muell",), ("Müllfreie",)),
    "Katze": (("katze",), ()),
    "katzen": (("katze",), ()),
    "Bienen": (("bienen",), ()),
    "chöre": (("chor",), ()),
    "Chor": (("chor",), ()),
    "Theater": (("theater",), ()),
    "Kino": (("kino",), ("Repaircafé",)),
    "Geflüchtete": (("gefluechtete",), ("Zwischenmiete", "Kinobesuche")),
    "gefluechtete fahrrad": ((), ("Fahrräder für Geflüchtete",)),
    "Fußball": (("fussball",), ()),
    "fussball": (("fussball",), ()),
    "Turnhalle": (("turnhalle",), ()),
    "turnhallen": (("turnhalle",), ()),
    "WLAN": ((), ("Freies WLAN", "WLAN in", "WLAN im")),
    "Glasfaser": ((), ("Glasfaser für", "Glasfaser: ")),
    "Bürgerrat": (("buergerrat",), ()),
    "bürgerräte": (("buergerrat",), ()),
    "Leerstand": (("leerstand",), ("Atelierraum",)),
    "Wochenmarkt": ((), ("Wochenmarkt",)),
    "Lebensmittel": (("essen",), ()),
    "Toiletten": (("toilette",), ("Schulen sanieren",)),
    "Rollstuhl": (("rollstuhl",), ("Inklusive Spielgeräte",)),
    "Hochwasser": (("hochwasser",), ()),
    "Stolperstein": (("stolper",), ()),
    "koln": (("koeln",), ()),
    "Köln": (("koeln",), ()),
    "Freibad": ((), ("Sonnensegel", "Freibad retten", "Kino im Freibad")),
    "Ehrenamtskarte": ((), ("Ehrenamtskarte",)),
}
# One slip: a letter missing, doubled, wrong, or two changed places.
SLIPS: dict[str, str] = {
    "Spielpatz": "Spielplatz",
    "spielplazt": "Spielplatz",
    "Lastenard": "Lastenrad",
    "wonen leipzig": "wohnen leipzig",
    "wohnen leibzig": "wohnen leipzig",
    "Küüche": "Küche",
    "Biblothek": "Bibliothek",
    "Bibliotek": "Bibliothek",
    "Bücherschank": "Bücherschrank",
    "Strasenbahn": "Straßenbahn",
    "Zebrasteifen": "Zebrastreifen",
    "Hizte": "Hitze",
    "Sollar": "Solar",
    "Kaetzen": "katzen",
    "Bienem": "Bienen",
    "Theatr": "Theater",
    "Geflüchtette": "Geflüchtete",
    "Fussbal": "fussball",
    "Turnhale": "Turnhalle",
    "Galsfaser": "Glasfaser",
    "Bürgerat": "Bürgerrat",
    "Leerstant": "Leerstand",
    "Lebnsmittel": "Lebensmittel",
    "Toileten": "Toiletten",
    "Rolstuhl": "Rollstuhl",
    "Hochwaser": "Hochwasser",
    "Stolpersetin": "Stolperstein",
    "Ehrenamtskatre": "Ehrenamtskarte",
    "Wochenmarkr": "Wochenmarkt",
    "kölln": "Köln",
}


@pytest.fixture
def directory(store: Store) -> Directory:
    found = []
    for number, line in enumerate(FIXTURE.read_text(encoding="utf-8").splitlines()):
        given = json.loads(line)
        listing = Listing(
            room_id=f"!{given['topic']}-{number}",
            server="x.org",
            kind=read_kind(given["kind"]),
            title=given["title"],
            summary=given["summary"],
            published_at=NOW - timedelta(days=number * 13 % 200),
            district=given["district"],
            tags=tuple(given["tags"]),
        )
        found.append(listing)
    import_listings(store, found, NOW)
    return Directory.of_store(store)


def scores(directory: Directory, words: str, meant: str) -> tuple[float, float, str]:
    """Recall and precision at 10, and what was wrong in words."""
    topics, titles = QUERIES[meant]
    every = directory.search(Query(limit=100))
    listings = list(every.listings)
    while every.next:
        every = directory.search(Query(limit=100, cursor=every.next))
        listings += every.listings
    hits = {
        each.room_id: each.title
        for each in listings
        if each.room_id[1:].split("-")[0] in topics or each.title.startswith(titles or ("\0",))
    }
    found = {each.room_id: each.title for each in directory.search(Query(words, limit=AT)).listings}
    right = hits.keys() & found.keys()
    recall = len(right) / min(AT, len(hits))
    precision = len(right) / len(found) if found else 0.0
    missed = [title for room_id, title in hits.items() if room_id not in found]
    wrong = [title for room_id, title in found.items() if room_id not in hits]
    return recall, precision, f"{words}: missed {missed}, wrong {wrong}"


def test_what_people_mean_is_found(directory: Directory) -> None:
    found = [scores(directory, words, words) for words in QUERIES]
    report = "\n".join(text for recall, precision, text in found if recall + precision < 2)
    assert sum(recall for recall, _, _ in found) / len(found) >= 0.95, report
    assert sum(precision for _, precision, _ in found) / len(found) >= 0.95, report


def test_a_slip_is_forgiven(directory: Directory) -> None:
    found = [scores(directory, words, meant) for words, meant in SLIPS.items()]
    report = "\n".join(text for recall, precision, text in found if recall + precision < 2)
    assert sum(recall for recall, _, _ in found) / len(found) >= 0.8, report
    assert sum(precision for _, precision, _ in found) / len(found) >= 0.8, report
