"""From typed words to the listings that have them, the surest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from wecreate_module.storage.bit_sets import BitCache, Posting
from wecreate_module.storage.listing_words import (
    STOP_WORDS,
    agrees,
    fold,
    has_umlaut,
    near,
    near_inside,
    stem,
    trunk,
    words_of,
)

MOST_TERMS = 12
# Shorter words are parts of too many others.
_INSIDE, _AT_AN_END, _SHORT_PREFIX = 5, 4, 3
_TYPO = 4
_MANY = 3
_PART = 4
_REMEMBERED = 2000
_NOWHERE = Posting()


class _Word:
    """A written form and where it stands."""

    __slots__ = ("anywhere", "title", "written")

    def __init__(self, written: str) -> None:
        self.written = written
        # Most words stand in no title.
        self.title = _NOWHERE
        self.anywhere = Posting()


@dataclass(frozen=True)
class Meaning:
    """Written forms that a term stands for: surely, or as part of longer words."""

    sure: tuple[_Word, ...] = ()
    loose: tuple[_Word, ...] = ()
    parts: tuple[Meaning, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sure or self.loose or self.parts)


@dataclass
class _Term:
    """A term's listings: the word itself in the title, anywhere; also inside longer words."""

    title: int = 0
    sure: int = 0
    any: int = field(default=0)


class Vocabulary:
    """All written words of all listings."""

    def __init__(self, cache: BitCache) -> None:
        self._cache = cache
        self._words: dict[str, _Word] = {}
        self._stems: dict[str, list[_Word]] = {}
        self._joined: str | None = None
        self._meanings: dict[tuple[str, str], Meaning] = {}

    def add(self, slot: int, title: set[str], others: set[str]) -> None:
        for written in title | others:
            word = self._words.get(written)
            if word is None:
                word = self._new(written)
            if written in title:
                if word.title is _NOWHERE:
                    word.title = Posting()
                word.title.add(slot)
            word.anywhere.add(slot)

    def tiers(self, text: str, allowed: int) -> list[int]:
        """Disjoint sets of listings, the most relevant first; all allowed ones without words."""
        terms = terms_of(text)
        if not terms:
            return [] if text.strip() else [allowed]
        found = [self._term(self.meaning(term)) for term in terms]
        if not _all(found, allowed):
            found = self._mended(terms, found, allowed)
        if not _all(found, allowed):
            # A word that nobody wrote is no reason to show nothing.
            found = [term for term in found if term.any]
        if not _all(found, allowed) and len(found) >= _MANY:
            return _all_but_one(found, allowed)
        return _ranked(found, allowed)

    def meaning(self, term: str) -> Meaning:
        """What a word stands for here; a word nobody wrote may be a slip or a compound."""
        return self._remember("is", term, self._meaning)

    def _mended(self, terms: list[str], found: list[_Term], allowed: int) -> list[_Term]:
        """Nothing has all the words: read those as slips that could be.

        A word that somebody wrote just so is none, whatever the filters leave of it.
        """
        mended = []
        for term, before in zip(terms, found, strict=True):
            if len(term) <= _TYPO or before.sure:
                mended.append(before)
                continue
            slips = self._remember("slip", term, self._slips)
            more = self._term(slips)
            useful = more.any & allowed
            mended.append(
                _Term(before.title, before.sure, before.any | more.any) if useful else before
            )
        return mended

    def _new(self, written: str) -> _Word:
        word = self._words[written] = _Word(written)
        self._stems.setdefault(stem(written), []).append(word)
        self._joined = None
        self._meanings.clear()
        return word

    def _remember(self, how: str, term: str, find: Callable[[str], Meaning]) -> Meaning:
        key = (how, term)
        if key not in self._meanings:
            if len(self._meanings) >= _REMEMBERED:
                self._meanings.clear()
            self._meanings[key] = find(term)
        return self._meanings[key]

    def _meaning(self, term: str) -> Meaning:
        sure, other = self._told_apart(term, self._same(term))
        loose = (*other, *self._inside(term, sure=bool(sure)))
        if sure or loose:
            return Meaning(sure, tuple(word for word in loose if word not in sure))
        return self._compound(term) or self._slips(term)

    def _same(self, term: str) -> tuple[_Word, ...]:
        """Forms of the word; one typed with its umlaut prefers those that have it too."""
        words = tuple(self._stems.get(stem(term), ()))
        exact = self._words.get(term)
        if exact is not None and exact not in words:
            words = (*words, exact)
        if not has_umlaut(term):
            return words
        agreeing = tuple(
            word for word in words if agrees(term, word.written) or agrees(word.written, term)
        )
        if fold(term) == term or any(_own_umlaut(term, word.written) for word in agreeing):
            agreeing = tuple(word for word in agreeing if word.written != fold(term))
        return agreeing or words

    def _told_apart(
        self, term: str, words: tuple[_Word, ...]
    ) -> tuple[tuple[_Word, ...], tuple[_Word, ...]]:
        """Typed without umlaut both are found, but Küche comes after Kuchen."""
        if has_umlaut(term):
            return words, ()
        sure = tuple(
            word for word in words if not has_umlaut(word.written) or agrees(word.written, term)
        )
        return (sure, tuple(word for word in words if word not in sure)) if sure else (words, ())

    def _inside(self, term: str, *, sure: bool) -> tuple[_Word, ...]:
        """Compounds: Spielplatz in Wasserspielplätze; a short word only at an end."""
        part = stem(term)
        if len(part) >= _INSIDE:
            stems = self._stems_with(part)
        elif len(part) >= _AT_AN_END:
            stems = self._stems_with(f"\n{part}") + self._stems_with(f"{part}\n")
        elif len(part) >= _SHORT_PREFIX and not sure:
            stems = self._stems_with(f"\n{part}")
        else:
            return ()
        words = [word for each in stems if each != part for word in self._stems[each]]
        if has_umlaut(term):
            words = [word for word in words if _agrees_inside(term, word.written)]
        return tuple(words)

    def _stems_with(self, part: str) -> list[str]:
        """Stems that hold these letters; a line's end in them is a stem's end."""
        joined, found, at = self._all_stems(), [], 0
        while (at := joined.find(part, at)) >= 0:
            start = joined.rfind("\n", 0, at + 1) + 1
            end = joined.index("\n", at + 1)
            found.append(joined[start:end])
            at = end
        return found

    def _all_stems(self) -> str:
        if self._joined is None:
            self._joined = "\n" + "".join(f"{each}\n" for each in self._stems)
        return self._joined

    def _compound(self, term: str) -> Meaning:
        """A word nobody wrote, of two that somebody did: Spielplatzsanierung."""
        for at in range(len(term) - _PART, _PART - 1, -1):
            head, tail = term[:at], self._same(term[at:])
            before = self._same(head) or (head.endswith("s") and self._same(head[:-1])) or ()
            if before and tail:
                return Meaning(parts=(Meaning(before), Meaning(tail)))
        return Meaning()

    def _slips(self, term: str) -> Meaning:
        """Words that are one slip away."""
        if len(term) < _TYPO or term.isdigit():
            return Meaning()
        words = [self._words[each] for each in near(term) if each in self._words]
        words = [word for word in words if word.written not in STOP_WORDS]
        part = stem(term)
        if not words and len(part) >= _TYPO:
            stems = sorted(each for each in near(part) if each in self._stems)
            words = [word for each in stems for word in self._stems[each]]
        if not words and len(part) > _INSIDE:
            joined = self._all_stems()
            hits = near_inside(part).finditer(joined)
            whole = {joined[joined.rfind("\n", 0, h.start() + 1) + 1 : h.end()] for h in hits}
            found = {full for each in whole for full in self._stems_with(each)}
            words = [word for each in sorted(found) for word in self._stems[each]]
        forms = [form for word in words for form in self._forms(word.written)]
        return Meaning(loose=tuple(dict.fromkeys(forms)))

    def _forms(self, term: str) -> tuple[_Word, ...]:
        return (*self._same(term), *self._inside(term, sure=True))

    def _term(self, meaning: Meaning) -> _Term:
        union = self._cache.union
        sure = union(word.anywhere for word in meaning.sure)
        found = _Term(
            title=union(word.title for word in meaning.sure),
            sure=sure,
            any=sure | union(word.anywhere for word in meaning.loose),
        )
        if meaning.parts:
            found.any |= _conjunction(self._term(part).any for part in meaning.parts)
        return found


def terms_of(text: str) -> list[str]:
    """The words that matter, each once; parts of a hyphenated word without its whole."""
    words: list[str] = []
    for chunk in text.split():
        found = list(words_of(chunk))
        words += found[:-1] if len(found) > 2 else found  # noqa: PLR2004 - two parts and the whole
    every = list(dict.fromkeys(words))
    telling = [word for word in every if word not in STOP_WORDS]
    return (telling or every)[:MOST_TERMS]


def _conjunction(sets: Iterable[int]) -> int:
    found = -1
    for each in sets:
        found &= each
    return found


def _all(terms: list[_Term], allowed: int) -> int:
    return _conjunction(term.any for term in terms) & allowed if terms else 0


def _ranked(terms: list[_Term], allowed: int) -> list[int]:
    """All words in the title; all surely, some in the title; surely; inside longer words."""
    every = _all(terms, allowed)
    sure = _conjunction(term.sure for term in terms) & every
    title = _conjunction(term.title for term in terms) & every
    some = 0
    for term in terms:
        some |= term.title
    return _disjoint([title, sure & some, sure, every & some, every])


def _all_but_one(terms: list[_Term], allowed: int) -> list[int]:
    """No listing has all the words: those that lack one."""
    found = 0
    for left_out in range(len(terms)):
        rest = [term for at, term in enumerate(terms) if at != left_out]
        found |= _all(rest, allowed)
    return [found]


def _disjoint(tiers: list[int]) -> list[int]:
    taken, found = 0, []
    for tier in tiers:
        found.append(tier & ~taken)
        taken |= tier
    return found


def _own_umlaut(term: str, written: str) -> bool:
    """Whether a shorter form has the umlaut too, so that it is no plural's: Küche for Küchen."""
    return len(written) < len(term) and trunk(written) == trunk(term)


def _agrees_inside(term: str, written: str) -> bool:
    if trunk(term) in written:
        return True
    return not any(sign in "äöü" for sign in written) and written.endswith(stem(term))
