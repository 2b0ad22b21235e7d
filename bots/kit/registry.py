"""Which commands there are: one function with one decorator each, in explicit tables."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from typing import TYPE_CHECKING, Any, TypeVar

from bots.kit.context import Context
from bots.kit.replies import Replies
from wecreate_module.domain.boxes import Power
from wecreate_module.domain.effects import Effect

if TYPE_CHECKING:  # arguments need the context only
    from bots.kit.arguments import ArgumentType
    from wecreate_module.storage.schedule import Scheduled

Run = Callable[..., Replies]
F = TypeVar("F", bound=Run)
Path = tuple[str, ...]

NUMBER = "#"
_IS_NUMBER = re.compile(r"#?(\d{1,9})$")
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
    listed: bool = True

    @property
    def name(self) -> str:
        return " ".join(word for word in self.english if word != NUMBER)

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
    """Does scheduled work of one kind: `run(ctx, item)`."""

    kind: str
    run: Callable[[Context, Scheduled], Replies]

    def __call__(self, ctx: Context, item: Scheduled) -> Replies:
        return self.run(ctx, item)


@dataclass(frozen=True)
class Answer:
    """Takes what a person said to a question: `run(ctx, text, data)`.

    A Reply ends the dialogue, UserError is said and the bot goes on waiting; None means that
    these words were not for the bot: it goes on waiting in silence.
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
    listed: bool = True,
) -> Callable[[Run], Command]:
    """Declare a command. A path may hold `#`, a number: `"aufgabe # bis", "task # due"`."""

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


def scheduled(kind: str) -> Callable[[Callable[[Context, Scheduled], Replies]], Scheduler]:
    """Declare who does scheduled work of this kind."""
    return lambda run: Scheduler(kind, run)


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

    def nearest(self, words: Sequence[str] | str) -> str | None:
        """What was probably meant (`aufgabe 3 bis`), without `!`; None when nothing is near."""
        typed = [words] if isinstance(words, str) else list(words)
        raise NotImplementedError(typed, difflib)


def plain_word(word: str) -> str:
    """For looking up: no capitals, umlauts also as ae, oe, ue."""
    return unicodedata.normalize("NFC", word).casefold().translate(_UMLAUTS)


def _readings(words: Sequence[str]) -> Iterator[tuple[Path, tuple[int, ...]]]:
    numbers = [
        (index, found) for index, word in enumerate(words) if (found := _IS_NUMBER.match(word))
    ]
    if numbers:
        path = list(words)
        for index, _ in numbers:
            path[index] = NUMBER
        yield tuple(path), tuple(int(found[1]) for _, found in numbers)
    yield tuple(words), ()
