from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain.errors import UserError
from wecreate_module.domain.plans import in_euros, read_sheet, require_balanced
from wecreate_module.services.bodies import shipped_bodies

COSTS = ("Sachkosten", "Honorarkosten", "Personalkosten", "Werbekosten")
FINANCE = ("Eigenmittel", "Eigenleistung", "Drittmittel", "Einnahmen", "Beantragte Summe")
BUDGET = shipped_bodies().find("Stadtbezirksbudget")


@pytest.mark.parametrize(
    ("line", "label", "amount"),
    [
        ("Holz 800", "Holz", "800"),
        ("Holz: 800 €", "Holz", "800"),
        ("Holz = 1.200,50 EUR", "Holz", "1200.50"),
        ("Holz … 1 200,5 Euro.", "Holz", "1200.5"),
        ("10 Bänke 2.000,-- €", "10 Bänke", "2000"),
        ("Holz 1,200.50", "Holz 1,200.50", None),
        ("Holz 2.5", "Holz 2.5", None),
        ("Holz folgt", "Holz folgt", None),
        ("800", "800", "800"),
    ],
)
def test_a_line_ends_with_its_sum(line: str, label: str, amount: str | None) -> None:
    (item,) = read_sheet(line).items
    assert (item.label, item.amount) == (label, None if amount is None else Decimal(amount))


def test_lines_go_to_the_row_of_the_form_that_they_begin_like() -> None:
    sheet = read_sheet("Werbung 50\nHonorare 200\nSonstiges 7\nSachmittel 800", COSTS)
    assert [(each.category, each.label) for each in sheet.items] == [
        ("Sachkosten", "Sachmittel"), ("Honorarkosten", "Honorare"), ("Personalkosten", ""),
        ("Werbekosten", "Werbung"), ("", "Sonstiges"),
    ]  # fmt: skip
    assert sheet.total == Decimal(1057)
    own = read_sheet("Eigenleistung 10\nEigene Mittel 20\nBeantragt 70", FINANCE)
    assert [each.category for each in own.items if each.label] == [
        "Eigenmittel", "Eigenleistung", "Beantragte Summe",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("costs", "finance", "code"),
    [
        ("Holz 800", "", "plan-missing"),
        ("Holz 800\nFarbe", "Spenden 800", "plan-unread"),
        ("Holz 800", "Spenden 799,99", "plan-unbalanced"),
    ],
)
def test_plans_that_do_not_balance_are_told_apart(costs: str, finance: str, code: str) -> None:
    with pytest.raises(UserError) as refused:
        require_balanced(BUDGET, {"costs": costs, "finance": finance})
    assert refused.value.code == code


def test_a_body_without_plans_has_no_funding_application() -> None:
    with pytest.raises(UserError, match="needs a plan"):
        require_balanced(shipped_bodies().find("allgemein"), {"costs": "x 1", "finance": "x 1"})


@given(st.lists(st.decimals(0, 10**9, places=2), max_size=20))
def test_sums_are_exact_to_the_cent_as_they_are_written(amounts: list[Decimal]) -> None:
    text = "\n".join(f"Posten {in_euros(amount)} €" for amount in amounts)
    assert read_sheet(text).total == sum(amounts)
