"""What the marketplace's pages say, in German and English."""

from __future__ import annotations

from collections.abc import Mapping

from wecreate_module.domain.listings import Kind, PublisherType, Status

GERMAN: Mapping[str, str] = {
    "lang": "de",
    "title": "Marktplatz",
    "intro": "Ideen, Veranstaltungen und Reformen aus der Nachbarschaft. Such dir etwas aus und "
    "mach mit.",
    "search": "Suchen",
    "words": "Wörter",
    "kind": "Art",
    "district": "Stadtteil",
    "tag": "Stichwort",
    "status": "Stand",
    "all": "alle",
    "result": "Eintrag gefunden",
    "results": "Einträge gefunden",
    "filters": "Genauer suchen",
    "active": "gewählt",
    "publisher": "Von wem",
    "server": "Server",
    "since": "Ab",
    "until": "Bis",
    "sort": "Reihenfolge",
    "sort_relevance": "Passendes zuerst",
    "sort_newest": "Neues zuerst",
    "sort_support": "Beliebtes zuerst",
    "sort_starts": "Nächste Termine zuerst",
    "skip": "Zum Inhalt",
    "about": "Hier steht, was Leute, Gruppen und Ämter öffentlich gemacht haben. Zum Mitreden "
    "und Mitmachen brauchst du ein Matrix-Konto, zum Lesen nicht.",
    "partner": "Partner",
    "old": "nicht ganz frisch",
    "supporters": "Sind dafür",
    "how": "Dort kannst du mitreden, mit 👍 dafür sein und mit !mitmachen dabei sein.",
    "nothing": "Dazu steht hier nichts. Versuch es mit weniger oder anderen Wörtern.",
    "more": "Weitere Einträge",
    "support": "dafür",
    "published": "Veröffentlicht",
    "starts": "Beginn",
    "place": "Ort",
    "by": "Von",
    "verified": "geprüft",
    "stale": "Vom Partnerserver war zuletzt nichts zu hören.",
    "open": "In Matrix öffnen",
    "open_app": "In der App auf diesem Gerät öffnen",
    "calendar": "In den Kalender",
    "back": "Zum Marktplatz",
    "gone": "Diesen Eintrag gibt es nicht mehr.",
    "later": "Gerade geht es nicht. Versuch es in einer Minute noch einmal.",
    "wrong": "Diese Adresse stimmt nicht. Fang am besten noch einmal von vorn an.",
}
ENGLISH: Mapping[str, str] = {
    "lang": "en",
    "title": "Marketplace",
    "intro": "Ideas, events and reforms from the neighbourhood. Pick one and join in.",
    "search": "Search",
    "words": "Words",
    "kind": "Kind",
    "district": "District",
    "tag": "Tag",
    "status": "State",
    "all": "all",
    "result": "listing found",
    "results": "listings found",
    "filters": "Narrow it down",
    "active": "chosen",
    "publisher": "From whom",
    "server": "Server",
    "since": "From",
    "until": "To",
    "sort": "Order",
    "sort_relevance": "Best match first",
    "sort_newest": "Newest first",
    "sort_support": "Most liked first",
    "sort_starts": "Next events first",
    "skip": "To the content",
    "about": "Here is what people, groups and authorities have made public. To have a say and join "
    "in you need a Matrix account; to read you don't.",
    "partner": "Partner",
    "old": "not quite fresh",
    "supporters": "In favour",
    "how": "There you can have a say, be in favour with 👍, and join in with !join.",
    "nothing": "There is nothing like that here. Try fewer or other words.",
    "more": "More listings",
    "support": "in favour",
    "published": "Published",
    "starts": "Starts",
    "place": "Place",
    "by": "By",
    "verified": "verified",
    "stale": "The partner server has not been heard of lately.",
    "open": "Open in Matrix",
    "open_app": "Open in the app on this device",
    "calendar": "Into the calendar",
    "back": "To the marketplace",
    "gone": "This listing is no more.",
    "later": "Not right now. Try again in a minute.",
    "wrong": "That address is not right. Best begin anew.",
}
_GERMAN_WORDS: Mapping[str, str] = {
    Kind.IDEA: "Idee",
    Kind.EVENT: "Veranstaltung",
    Kind.REFORM: "Reform",
    Kind.REQUEST: "Gesuch",
    Kind.OFFER: "Angebot",
    PublisherType.PERSON: "Person",
    PublisherType.GROUP: "Gruppe",
    PublisherType.ASSOCIATION: "Verein",
    PublisherType.PARTY: "Partei",
    PublisherType.ADMINISTRATION: "Verwaltung",
    Status.IDEA: "noch eine Idee",
    Status.GATHERING: "sammelt Unterstützung",
    Status.BOX: "wird in einer Box bearbeitet",
    Status.MOTION: "wird ein Antrag",
    Status.SUBMITTED: "eingereicht",
    Status.DECIDED: "entschieden",
    Status.DONE: "umgesetzt",
    Status.REJECTED: "abgelehnt",
    Status.WITHDRAWN: "zurückgezogen",
    Status.ARCHIVED: "archiviert",
}
_ENGLISH_WORDS: Mapping[str, str] = {
    Status.IDEA: "still an idea",
    Status.GATHERING: "gathers support",
    Status.BOX: "in a Box",
    Status.MOTION: "motion",
    Status.SUBMITTED: "handed in",
    Status.DECIDED: "decided",
    Status.DONE: "carried out",
    Status.REJECTED: "turned down",
    Status.WITHDRAWN: "withdrawn",
    Status.ARCHIVED: "archived",
}


def texts_for(accept_language: str) -> Mapping[str, str]:
    """By the browser's Accept-Language (RFC 9110): the first of the two it names; German else."""
    for part in accept_language[:200].lower().split(","):
        language = part.partition(";")[0].strip()[:2]
        if language in {"de", "en"}:
            return GERMAN if language == "de" else ENGLISH
    return GERMAN


def word(value: str, language: str) -> str:
    """A kind, state or publisher in the reader's language."""
    return (_GERMAN_WORDS if language == "de" else _ENGLISH_WORDS).get(value, value)
