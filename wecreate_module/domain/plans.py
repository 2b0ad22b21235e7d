"""Plans of costs and of financing, as people write them: a line for each item and its sum."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from wecreate_module.domain.bodies import Body, Plan, plain
from wecreate_module.domain.errors import UserError

# German writing: 1.200,50 or 1200,5 or 1 200. A point or comma before it is part of another
# number ("1,200.50"), which is not guessed at.
_AMOUNT = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:[. ]\d{3})+|\d{1,12})(?:,(\d{1,2}|-+))?\s*(?:€|EUR|Euro)?\.?$",
    re.IGNORECASE,
)
_END = re.compile(r"[\s:=.…–—-]+$")  # noqa: RUF001 - dashes as people type them
_ALIKE = 4
"""Letters that a label must share with the beginning of a category: "Honorare", "Honorarkosten"."""


@dataclass(frozen=True)
class Item:
    """One line. `amount` in EUR, None where none was found; `category` as the body calls it."""

    label: str
    amount: Decimal | None
    category: str = ""


@dataclass(frozen=True)
class Sheet:
    """One plan, in the order of the body's categories."""

    items: tuple[Item, ...]

    @property
    def total(self) -> Decimal:
        return sum((each.amount for each in self.items if each.amount is not None), Decimal(0))

    @property
    def unread(self) -> tuple[str, ...]:
        """Lines without an amount."""
        return tuple(each.label for each in self.items if each.amount is None)


def read_sheet(text: str, categories: Sequence[str] = ()) -> Sheet:
    """Categories of which there is no line are there with nothing in them."""
    found = [_item(line.strip(), categories) for line in text.splitlines() if line.strip()]
    used = {item.category for item in found}
    found += [Item("", Decimal(0), name) for name in categories if name not in used]
    order = {name: at for at, name in enumerate(categories)}
    return Sheet(tuple(sorted(found, key=lambda item: order.get(item.category, len(order)))))


def plans_of(body: Body, sections: Mapping[str, str]) -> tuple[Sheet, Sheet] | None:
    """Costs and financing; None where the body asks for no plans or one of them is not written."""
    found = []
    for kind in (Plan.COSTS, Plan.FINANCE):
        section = next((each for each in body.sections if each.plan is kind), None)
        text = sections.get(section.key, "") if section else ""
        if section is None or not text:
            return None
        found.append(read_sheet(text, section.categories))
    return found[0], found[1]


def require_balanced(body: Body, sections: Mapping[str, str]) -> tuple[Sheet, Sheet]:
    """Both plans; UserError where one is missing, has a line without a sum, or they differ."""
    found = plans_of(body, sections)
    if found is None:
        raise UserError(
            "plan-missing",
            "This layout needs a plan of costs and one of the money that comes in. "
            "Write both first.",
        )
    for line in (*found[0].unread, *found[1].unread):
        raise UserError(
            "plan-unread",
            "I find no sum at the end of “{text}”. Write it like: materials 1.200,50",
            text=line[:60],
        )
    costs, finance = found
    if costs.total != finance.total:
        raise UserError(
            "plan-unbalanced",
            "Costs are {costs} € and the money that comes in is {finance} €; they must be equal.",
            costs=in_euros(costs.total),
            finance=in_euros(finance.total),
        )
    return found


def in_euros(amount: Decimal) -> str:
    """As in 1.200,50."""
    return f"{amount:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def _item(line: str, categories: Sequence[str]) -> Item:
    found = _AMOUNT.search(line)
    if found is None:
        return Item(line, None, _category(line, categories))
    cents = found[2] if found[2] and found[2].isdecimal() else "0"
    amount = Decimal(re.sub(r"\D", "", found[1]) + "." + cents)
    label = _END.sub("", line[: found.start()])
    return Item(label or line, amount, _category(label, categories))


def _category(label: str, categories: Sequence[str]) -> str:
    """The one that its first word begins most like; none when hardly alike."""
    best, most = "", _ALIKE - 1
    for name in categories:
        alike = _shared(plain(label), plain(name))
        if alike > most:
            best, most = name, alike
    return best


def _shared(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
