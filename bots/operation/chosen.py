"""Which installation a command is about: the options that name it, and its settings."""

from __future__ import annotations

import argparse
from pathlib import Path

from bots.operation.layout import DEFAULT_DIR
from bots.operation.terminal import Failure
from wecreate_module.settings import Settings, SettingsError, load_settings


def ask_where(parser: argparse.ArgumentParser) -> None:
    """`--config FILE`, or the folder that has it: `--dir`."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--config", type=Path, metavar="FILE", help="the settings")
    where.add_argument(
        "--dir",
        type=Path,
        default=DEFAULT_DIR,
        help=f"the folder of `wecreate up` (default: {DEFAULT_DIR})",
    )


def ask_settings_file(parser: argparse.ArgumentParser) -> None:
    """`--config FILE`, for one process of a larger installation."""
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("wecreate.yaml"),
        metavar="FILE",
        help="the settings (default: wecreate.yaml in this folder)",
    )


def read_settings(file: Path) -> Settings:
    """Raise Failure with each mistake in them."""
    try:
        return load_settings(file)
    except SettingsError as error:
        raise Failure(str(error)) from error
