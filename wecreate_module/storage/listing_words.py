"""German words as the directory compares them: split, stemmed, umlauts folded and remembered.

The stemmer folds umlauts, which makes Küche and Kuchen one word. So the written forms are kept
beside the stems, and a word typed with its umlaut is held against them (`agrees`).
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer  # type: ignore[import-untyped]  # ships no types

_WORD = re.compile(r"[^\W_]+(?:[-\u2010\u2011'\u2019][^\W_]+)*")
_JOINTS = re.compile(r"[-\u2010\u2011'\u2019]")
_UMLAUTS = frozenset("äöü")
_FOLDED = str.maketrans("äöü", "aou")
_DIGRAPHS = (("ae", "ä"), ("oe", "ö"), ("ue", "ü"))
# An inner plural, as of Gärten, is told from Küchen/Kuchen by these endings alone.
_PLURAL_ENDINGS = ("er", "el", "en")
LONGEST_WORD = 60
_stemmers = threading.local()

# Words that a query means nothing by, unless it has no others.
STOP_WORDS = frozenset(
    """
    aber alle als am an auch auf aus bei beim bin bis das dass dem den der des die dies diese
    dieser dieses doch du ein eine einem einen einer eines er es etwas euch euer fuer für gibt hat
    haben habe ich ihr im in ins ist ja kann kein keine mal man mein meine mich mir mit nach neben
    nicht noch nur ob oder ohne sein sich sie sind so über um und uns unser unsere vom von vor was
    welche wer wie wir wird wo zu zum zur gegen the of and for to on with at is are a
    """.split()  # noqa: SIM905 - a list of a hundred literals is no list to read
)


def words_of(text: str) -> Iterator[str]:
    """Small letters, one spelling of each accent; `E-Bike` is e, bike and ebike."""
    clean = unicodedata.normalize("NFC", text).casefold()
    for found in _WORD.finditer(clean):
        whole = found[0]
        if whole.isalnum():
            part = whole[:LONGEST_WORD]
            yield part if part.isascii() else plain(part)
            continue
        parts = _JOINTS.split(whole)
        for part in parts:
            yield plain(part[:LONGEST_WORD])
        if len(parts) > 1:
            yield plain("".join(parts)[:LONGEST_WORD])


@lru_cache(maxsize=5_000)
def plain(word: str) -> str:
    """Without accents, but with German umlauts."""
    if word.isascii():
        return word
    return "".join(
        sign if sign in _UMLAUTS else _without_accent(sign)
        for sign in unicodedata.normalize("NFC", word)
    )


def fold(word: str) -> str:
    """Umlauts as their vowels."""
    return word.translate(_FOLDED)


@lru_cache(maxsize=5_000)
def stem(word: str) -> str:
    """The folded stem (Snowball, German): Häuser and Haus are `haus`."""
    # A stemmer holds the word it works on: each thread has one of its own.
    if not hasattr(_stemmers, "german"):
        _stemmers.german = snowballstemmer.stemmer("german")
    return fold(str(_stemmers.german.stemWord(word)))


def trunk(word: str) -> str:
    """The written form of the stem: `küch` of Küche, `kuch` of Kuchen."""
    length = len(stem(word))
    return word[:length] if fold(word).startswith(stem(word)) else stem(word)


def has_umlaut(word: str) -> bool:
    return any(sign in _UMLAUTS for sign in trunk(word))


def agrees(typed: str, written: str) -> bool:
    """Whether a word typed with its umlaut can mean this one of the same stem.

    Spielplätze means Spielplatz (a bare singular) and Gärten Garten; Küche not Kuchen.
    """
    part = trunk(typed)
    if written.startswith(part) or _with_umlauts(written).startswith(part):
        return True
    if not _as_far(part, written):
        return False
    root = stem(written)
    if fold(written) in {root, f"{root}s", f"{root}es"}:
        return True
    return fold(typed) == fold(written) and written.endswith(_PLURAL_ENDINGS)


def _as_far(part: str, written: str) -> bool:
    """Whether the written form has no umlaut where the typed one has none: Bürgerrat(räte)."""
    pairs = zip(part, written, strict=False)
    return all(one in (other, fold(other)) for other, one in pairs)


def near(word: str) -> set[str]:
    """Every word with one letter more, less, other, or two changed places (Damerau)."""
    letters = "abcdefghijklmnopqrstuvwxyzäöü"
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    less = {head + tail[1:] for head, tail in splits if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in splits if len(tail) > 1}
    other = {head + sign + tail[1:] for head, tail in splits if tail for sign in letters}
    more = {head + sign + tail for head, tail in splits for sign in letters}
    return (less | swapped | other | more) - {word}


def near_inside(word: str) -> re.Pattern[str]:
    """Finds a word with one wrong letter inside longer ones."""
    forms = {re.escape(word[:at]) + "." + re.escape(word[at:]) for at in range(1, len(word))}
    for at in range(len(word)):
        forms.add(re.escape(word[:at]) + "[^\n]" + re.escape(word[at + 1 :]))
        forms.add(re.escape(word[:at] + word[at + 1 :]))
        if at + 1 < len(word):
            forms.add(re.escape(word[:at] + word[at + 1] + word[at] + word[at + 2 :]))
    return re.compile("|".join(sorted(forms)))


def _with_umlauts(word: str) -> str:
    for two, one in _DIGRAPHS:
        word = word.replace(two, one)
    return word


def _without_accent(sign: str) -> str:
    parts = unicodedata.normalize("NFD", sign)
    return "".join(part for part in parts if not unicodedata.combining(part)) or sign
