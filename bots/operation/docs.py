"""`wecreate docs`: the pages that are written from the code, in a checkout of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from bots.app import make_app
from bots.kit.reference import commands_markdown
from bots.operation.terminal import FAILED, FINE, Failure, complain, step
from wecreate_module.settings import ServerSettings, Settings
from wecreate_module.settings.sample import reference, sample


def _commands() -> str:
    # What the page says is the same for every server.
    server = ServerSettings(name="example.org", homeserver="https://matrix.example.org")
    return commands_markdown(make_app(Settings(server=server)))


PAGES: dict[str, tuple[str, Callable[[], str]]] = {
    "settings": ("docs/reference/settings.md", reference),
    "sample": ("config/wecreate.sample.yaml", sample),
    "commands": ("docs/reference/commands.md", _commands),
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "pages", nargs="*", metavar="page", help=f"some of {', '.join(PAGES)} (default: all)"
    )
    parser.add_argument(
        "--root", type=Path, default=Path(), help="the checkout (default: this folder)"
    )
    parser.add_argument("--check", action="store_true", help="only tell which are out of date")


def run(args: argparse.Namespace) -> int:
    """1 when `--check` finds a page out of date."""
    if unknown := set(args.pages) - set(PAGES):
        raise Failure(f"There is no page {min(unknown)}; there are {', '.join(PAGES)}.")
    if not (args.root / "docs/reference").is_dir():
        raise Failure(f"{args.root.resolve()} is no checkout of WeCreate; name it with --root.")
    stale = 0
    for name in args.pages or PAGES:
        place, write = PAGES[name]
        path, text = args.root / place, write()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if args.check:
            complain(f"{place} is out of date: wecreate docs {name}")
        else:
            path.write_text(text, encoding="utf-8")
            step(f"{place} is written")
    return FAILED if args.check and stale else FINE
