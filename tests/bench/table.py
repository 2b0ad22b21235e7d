"""One row per benchmark, one table for all."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

HEADS = ("benchmark", "ours", "peer", "ratio", "target", "met")


@dataclass(frozen=True)
class Row:
    """`ours` and `peer` are in `unit`; `ratio` is ours/peer; `target` as people read it.

    `met` is None for what is told beside another row and has no target of its own.
    """

    name: str
    ours: float
    peer: float | None
    ratio: float | None
    target: str
    unit: str
    met: bool | None


def at_most(name: str, ours: float, peer: float, target: float, unit: str) -> Row:
    """Time or size: ours may be `target` times the peer's."""
    ratio = ours / peer
    return Row(name, ours, peer, ratio, f"≤ {target:g}", unit, ratio <= target)


def at_least(name: str, ours: float, peer: float, target: float, unit: str) -> Row:
    """Throughput: ours must be `target` times the peer's."""
    ratio = ours / peer
    return Row(name, ours, peer, ratio, f"≥ {target:g}", unit, ratio >= target)


def told(name: str, ours: float, peer: float, unit: str) -> Row:
    """Another look at a row that has a target."""
    return Row(name, ours, peer, ours / peer, "-", unit, None)


def within(name: str, ours: float, limit: float, unit: str) -> Row:
    """Ours against a fixed limit."""
    return Row(name, ours, None, None, f"≤ {limit:g} {unit}", unit, ours <= limit)


def print_table(rows: Sequence[Row], out: TextIO | None = None) -> None:
    """Aligned columns, for people and for logs."""
    lines = [HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    stream = out or sys.stdout
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        stream.write("  ".join(cells).rstrip() + "\n")


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        f"{row.ours:.4g} {row.unit}",
        "-" if row.peer is None else f"{row.peer:.4g} {row.unit}",
        "-" if row.ratio is None else f"{row.ratio:.3f}",
        row.target,
        "-" if row.met is None else "yes" if row.met else "NO",
    )
