"""Which commands there are: one function with one decorator each, in explicit tables."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from itertools import product
from typing import TYPE_CHECKING, Any, TypeVar

from bots.kit.context import Context
from bots.kit.replies import Replies
from wecreate_module.domain.boxes import Power
from wecreate_module.domain.effects import Effect
from wecreate_module.storage.schedule import Scheduled

if TYPE_CHECKING:  # arguments need the context only
    from bots.kit.arguments import ArgumentType

Run = Callable[..., Replies]
F = TypeVar("F", bound=Run)
Path = tuple[str, ...]

NUMBER = "#"
_IS_NUMBER = re.compile(r"#?(\d{1,9})$")
_NEAR = 0.7  # of difflib's ratio: "erledgit" is near, "danke" and "done" are not
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

# What a command belongs to: the slice's name, an emoji and a title for the help.
AREAS: Mapping[str, tuple[str, str]] = {
    "boxes": ("📦", "Box"),
    "tasks": ("✅", "Tasks"),
    "calendar": ("📅", "Calendar"),
    "files": ("📁", "Files"),
    "marketplace": ("📣", "Marketplace"),
    "motions": ("📝", "Motions"),
    "help": ("💡", "Help and settings"),
}


class Where(Flag):
    """Rooms a command works in. OTHER: a group that is not (yet) a Box."""

    BOX = auto()
    DIRECT = auto()
    OTHER = auto()
    ANY = BOX | DIRECT


@dataclass(frozen=True)
class Argument:
    """One typed argument. `ask` is what the bot asks when it is missing (English msgid)."""

    name: str
    type: ArgumentType[Any]
    german: str
    english: str
    ask: str = ""
    optional: bool = False
    default: object = None
    infer: Callable[[Context], object | None] | None = None

    def label(self, language: str) -> str:
        return self.german if language == "de" else self.english


@dataclass(frozen=True)
class Command:
    """A command as declared. `name` is the English path without `#`."""

    german: Path
    english: Path
    area: str
    summary: str
    run: Run
    power: Power = Power.MEMBER
    where: Where = Where.BOX
    examples: tuple[tuple[str, str], ...] = ()
    aliases: tuple[Path, ...] = ()
    arguments: tuple[Argument, ...] = ()
    reading: bool = False
    listed: bool = True

    @property
    def name(self) -> str:
        return " ".join(word for word in self.english if word != NUMBER)

    @property
    def full_path(self) -> str:
        """Unlike the name unique: `task` makes a task, `task #` shows one."""
        return " ".join(self.english)

    def path(self, language: str) -> Path:
        return self.german if language == "de" else self.english

    def usage(self, language: str) -> str:
        """As typed: `!aufgabe <nummer> bis <wann>`; what may be left out is in brackets."""
        number = "nummer" if language == "de" else "number"
        words = [f"<{number}>" if word == NUMBER else word for word in self.path(language)]
        for argument in self.arguments:
            label = argument.label(language)
            words.append(f"[{label}]" if argument.optional else f"<{label}>")
        return "!" + " ".join(words)

    def __call__(self, ctx: Context, *numbers: int, **values: Any) -> Replies:  # noqa: ANN401 - typed by each argument
        return self.run(ctx, *numbers, **values)


@dataclass(frozen=True)
class Continuation:
    """Goes on when an effect is done: `run(ctx, effect, result)`."""

    name: str
    run: Callable[[Context, Any, dict[str, Any]], Replies]

    def __call__(self, ctx: Context, effect: Effect, result: dict[str, Any]) -> Replies:
        return self.run(ctx, effect, result)


@dataclass(frozen=True)
class Scheduler:
    """Does scheduled work of the kind `name`: `run(ctx, item)`; in an archived Box if `reading`."""

    name: str
    run: Callable[[Context, Scheduled], Replies]
    reading: bool = False

    def __call__(self, ctx: Context, item: Scheduled) -> Replies:
        return self.run(ctx, item)


@dataclass(frozen=True)
class Answer:
    """Takes what a person said to a question: `run(ctx, text, data)`.

    What it returns ends the dialogue; UserError is said and the bot goes on waiting.
    """

    name: str
    run: Callable[[Context, str, dict[str, Any]], Replies]

    def __call__(self, ctx: Context, text: str, data: dict[str, Any]) -> Replies:
        return self.run(ctx, text, data)


def command(
    german: str,
    english: str,
    *,
    area: str,
    summary: str,
    power: Power = Power.MEMBER,
    where: Where = Where.BOX,
    examples: tuple[tuple[str, str], ...] = (),
    aliases: tuple[str, ...] = (),
    reading: bool = False,
    listed: bool = True,
) -> Callable[[Run], Command]:
    """Declare a command. A path may hold `#`, a number: `"aufgabe # bis", "task # due"`.

    `reading` commands work in an archived Box too; `listed` ones stand in the help.
    """

    def declare(run: Run) -> Command:
        return Command(
            german=tuple(german.split()),
            english=tuple(english.split()),
            area=area,
            summary=summary,
            run=run,
            power=power,
            where=where,
            examples=examples,
            aliases=tuple(tuple(alias.split()) for alias in aliases),
            arguments=tuple(run.__dict__.get("arguments", ())),
            reading=reading,
            listed=listed,
        )

    return declare


def argument(
    name: str,
    kind: ArgumentType[Any],
    german: str,
    english: str,
    *,
    ask: str = "",
    optional: bool = False,
    default: object = None,
    infer: Callable[[Context], object | None] | None = None,
) -> Callable[[F], F]:
    """Declare an argument, below `@command`; several stand in the order they are typed.

    `infer` may find the value when it was not typed (what was replied to, say).
    """

    def declare(run: F) -> F:
        declared = run.__dict__.setdefault("arguments", [])
        declared.insert(
            0, Argument(name, kind, german, english, ask, optional or not ask, default, infer)
        )
        return run

    return declare


def continuation(
    name: str,
) -> Callable[[Callable[[Context, Any, dict[str, Any]], Replies]], Continuation]:
    """Declare what follows an effect that was put with `then=name`."""
    return lambda run: Continuation(name, run)


def scheduled(
    kind: str, *, reading: bool = False
) -> Callable[[Callable[[Context, Scheduled], Replies]], Scheduler]:
    """Declare who does scheduled work of this kind; in an archived Box only if `reading`."""
    return lambda run: Scheduler(kind, run, reading)


def answer(name: str) -> Callable[[Callable[[Context, str, dict[str, Any]], Replies]], Answer]:
    """Declare who takes the answer to a `Question(answer=name)`."""
    return lambda run: Answer(name, run)


@dataclass(frozen=True)
class Match:
    """A command found: the numbers in its path, how many words the path took, its language."""

    command: Command
    numbers: tuple[int, ...]
    length: int
    language: str | None


class Registry:
    """All commands by name. Two commands with one name are refused at start (ValueError)."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self.commands = tuple(commands)
        self._paths: dict[Path, tuple[Command, str | None]] = {}
        self._prefixes: set[Path] = set()
        for declared in self.commands:
            if declared.area not in AREAS:
                raise ValueError(f"!{declared.name}: there is no area {declared.area!r}")
            self._add(declared, declared.german, "de")
            self._add(declared, declared.english, "en")
            for alias in declared.aliases:
                self._add(declared, alias, None)
        for declared in self.commands:
            self._add_mixtures(declared)
        self._longest = max(map(len, self._paths), default=0)

    def _add(self, declared: Command, path: Path, language: str | None) -> None:
        key = tuple(map(plain_word, path))
        known = self._paths.get(key)
        if known is None:
            self._paths[key] = (declared, language)
            self._prefixes.update(key[:length] for length in range(1, len(key) + 1))
        elif known[0] is declared:
            self._paths[key] = (declared, None)  # the same word in both languages
        else:
            names = f"!{known[0].name} and !{declared.name}"
            raise ValueError(f"two commands are called !{' '.join(path)}: {names}")

    def _add_mixtures(self, declared: Command) -> None:
        """`!aufgabe 3 due` is understood too, where nothing else is called so."""
        if len(declared.german) == len(declared.english):
            for path in product(*zip(declared.german, declared.english, strict=True)):
                key = tuple(map(plain_word, path))
                self._paths.setdefault(key, (declared, None))
                self._prefixes.update(key[:length] for length in range(1, len(key) + 1))

    def matches(self, words: Sequence[str]) -> Iterator[Match]:
        """Commands that these words may start with, longest path first."""
        plain = [plain_word(word) for word in words[: self._longest]]
        for length in range(len(plain), 0, -1):
            for path, numbers in _readings(plain[:length]):
                found = self._paths.get(path)
                if found is not None:
                    yield Match(found[0], numbers, length, found[1])

    def find(self, words: Sequence[str]) -> Match | None:
        """The command with the longest path that these words start with."""
        return next(self.matches(words), None)

    def knows(self, text: str) -> bool:
        """Whether a text starts as a command does."""
        return self.find(text.split(maxsplit=self._longest)) is not None

    def at_path(self, full_path: str) -> Command | None:
        """The command with this `full_path`, as dialogues remember it."""
        return next((each for each in self.commands if each.full_path == full_path), None)

    def language_of(self, words: Sequence[str]) -> str:
        """The language of the command word, where only one language calls it so; else ""."""
        match = self.find(words)
        return (match.language or "") if match is not None else ""

    def group(self, words: Sequence[str]) -> tuple[Command, ...]:
        """The commands whose paths start with these words: `box`, `aufgabe 3`."""
        plain = [plain_word(word) for word in words]
        paths = [path for path, _ in _readings(plain)]
        found: dict[int, Command] = {}
        for known, (declared, _) in self._paths.items():
            if known[: len(plain)] in paths:
                found[id(declared)] = declared
        return tuple(found.values())

    def nearest(self, words: Sequence[str] | str) -> str | None:
        """What was probably meant, the other words kept; None when nothing is near.

        `["erledgit", "3"]` gives "erledigt 3", `["box", "nue", "Fest"]` gives "box neu Fest".
        """
        typed = [words] if isinstance(words, str) else list(words)
        if (turned := self.turned_round(typed)) is not None:
            return turned
        plain = [plain_word(word) for word in typed[: self._longest]]
        for length in range(len(plain) - 1, -1, -1):
            for path, _ in _readings(plain[:length]):
                if length and path not in self._prefixes:
                    continue
                following = {
                    known[length]: None
                    for known in self._prefixes
                    if len(known) == length + 1 and known[:length] == path and known[length] != "#"
                }
                near = _closest(plain[length], list(following))
                if near is not None and near != plain[length]:
                    meant = self._as_written((*path, near))
                    return " ".join([*typed[:length], meant, *typed[length + 1 :]])
        return None

    def turned_round(self, words: Sequence[str]) -> str | None:
        """`["datei", "teilen", "3"]` gives "datei 3 teilen"; None where nothing is called so."""
        if len(words) <= 2 or _IS_NUMBER.match(words[2]) is None:  # noqa: PLR2004 - the third word
            return None
        path = (plain_word(words[0]), NUMBER, plain_word(words[1]))
        known = path in self._prefixes
        return " ".join([words[0], words[2], words[1], *words[3:]]) if known else None

    def _as_written(self, prefix: Path) -> str:
        """The last word of a path as its author wrote it, umlauts and all."""
        for declared in self.commands:
            for path in (declared.german, declared.english, *declared.aliases):
                word = path[len(prefix) - 1] if len(path) >= len(prefix) else ""
                if plain_word(word) == prefix[-1]:
                    return word
        return prefix[-1]


def plain_word(word: str) -> str:
    """For looking up: no capitals, umlauts also as ae, oe, ue."""
    return unicodedata.normalize("NFC", word).casefold().translate(_UMLAUTS)


def _closest(word: str, known: list[str]) -> str | None:
    """The most similar one; letters that only changed places count as nearer."""
    swapped = [each for each in known if sorted(each) == sorted(word)]
    return next(iter(swapped or difflib.get_close_matches(word, known, 1, _NEAR)), None)


def _readings(words: Sequence[str]) -> Iterator[tuple[Path, tuple[int, ...]]]:
    """The words as a path: with numbers as `#`, and as they are."""
    found = [_IS_NUMBER.match(word) for word in words]
    numbers = tuple(int(number[1]) for number in found if number)
    if numbers:
        path = (NUMBER if number else word for word, number in zip(words, found, strict=True))
        yield tuple(path), numbers
    yield tuple(words), ()
