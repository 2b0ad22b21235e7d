"""The `wecreate` command: `wecreate <command> --help` says what each one takes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from bots.operation.terminal import FAILED, WRONG_USE, Failure, complain
from wecreate_module.version import VERSION

# Only the module of the command that is run gets imported, so that help comes at once. Each has
# configure(parser) and run(args) -> exit code.
COMMANDS = {
    "up": "start the whole stack on this machine: homeserver, module, bot",
    "demo": "start the stack and play a story with two people in it",
    "bot": "run the bot alone, as one process of a larger installation",
    "dav": "serve calendars and tasks to calendar programs (CalDAV)",
    "doctor": "check an installation and say what to do about what is wrong",
    "user": "add people to the homeserver",
    "market": "publish listings on the marketplace from a file",
    "backup": "write a data archive and a key archive, while the stack runs",
    "restore": "make a new folder from the two archives",
    "config": "print a sample of the settings file, or check one",
    "verify-document": "tell whether a file is the agreed version of a motion",
    "docs": "write the generated reference pages",
}


class _Parser(argparse.ArgumentParser):
    """Says what was wrong and how to see what is right."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USE, f"{self.prog}: {message}\nSee {self.prog} --help.\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 is fine, 1 failed, 2 wrong use."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = _parser(words)
    try:
        args = parser.parse_args(words)
        if not hasattr(args, "run"):
            parser.print_help()
            return WRONG_USE
        code: int = args.run(args)
    except SystemExit as end:  # argparse ends so after --help and wrong words
        return end.code if isinstance(end.code, int) else WRONG_USE
    except Failure as failure:
        complain(str(failure))
        return FAILED
    except OSError as error:  # a full disk, a folder of somebody else's
        complain(f"{error.filename or 'wecreate'}: {error.strerror or error}")
        return FAILED
    except KeyboardInterrupt:
        return FAILED
    return code


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(prog="wecreate", description="Encrypted Boxes for groups, on Matrix.")
    parser.add_argument("--version", action="version", version=f"wecreate {VERSION}")
    commands = parser.add_subparsers(metavar="command", title="commands")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        if words[:1] == [name]:
            module = import_module(f"bots.operation.{name.replace('-', '_')}")
            module.configure(command)
            command.set_defaults(run=module.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
