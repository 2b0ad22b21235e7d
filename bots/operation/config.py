"""`wecreate config sample` and `wecreate config check FILE`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from bots.operation.terminal import FAILED, FINE, complain, give, say
from wecreate_module.settings import SettingsError, load_settings
from wecreate_module.settings.sample import sample


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="action", required=True, dest="action")
    sample = actions.add_parser("sample", help="print a settings file with every key explained")
    sample.set_defaults(act=_sample)
    check = actions.add_parser("check", help="tell every mistake in a settings file")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--json", action="store_true", help="answer as JSON")
    check.set_defaults(act=_check)


def run(args: argparse.Namespace) -> int:
    code: int = args.act(args)
    return code


def _sample(_: argparse.Namespace) -> int:
    say(sample().rstrip("\n"))
    return FINE


def _check(args: argparse.Namespace) -> int:
    problems = []
    try:
        load_settings(args.file)
    except SettingsError as error:
        problems = [asdict(problem) for problem in error.problems]
        if not args.json:
            complain(str(error))
    if args.json:
        give({"ok": not problems, "file": str(args.file), "problems": problems})
    elif not problems:
        say(f"{args.file} is fine.")
    return FAILED if problems else FINE
