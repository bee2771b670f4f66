"""Does the reconciliation say who was paid too much or too little, and whom nobody agreed a rate with?"""

from __future__ import annotations

import pytest

from dashboard.metrics.attribution_rules import Rule
from dashboard.metrics.payouts import Payout, Reconciliation
from dashboard.views import payouts

QUARTERS = ("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")


def said(text: str) -> str:
    return text.replace("\u202f", " ")


def line(name: str, owed: int | None, paid: int, **more: object) -> Payout:
    difference = None if owed is None else paid - owed
    rate = None if owed is None else 0.1
    return Payout(name.lower(), name, "2026-Q3", 10 * (owed or 0), rate, owed, paid, difference, **more)  # type: ignore[arg-type]


def found(*lines: Payout, without_rate: tuple[str, ...] = (), without_payout: tuple[str, ...] = ()) -> Reconciliation:
    return Reconciliation(Rule.SOURCE, QUARTERS, lines, without_rate, without_payout)


def answer(*lines: Payout) -> str:
    return said(payouts.answer(lines, "USD"))


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ((), "There is nothing to reconcile: no ARR is credited and no payout is recorded in these quarters."),
        ((line("A", 100_00, 100_00), line("B", 50_00, 50_00)), "Every payout is what is owed: $150."),
        (
            (line("A", 100_00, 180_00), line("B", 50_00, 20_00), line("C", 10_00, 10_00)),
            "Owed $160, paid $210: $50 too much. Of 3 lines with an agreed rate, 2 differ, most A in "
            "Q3 2026: $80 more than owed.",
        ),
        (
            (line("A", 100_00, 20_00), line("No rate", None, 500_00)),
            "Owed $100, paid $20: $80 too little ($500 more was paid without an agreed rate). "
            "The one line with an agreed rate is A in Q3 2026.",
        ),
        (
            (line("A", 100_00, 120_00), line("B", 100_00, 80_00)),
            "Owed $200, paid $200: the same in total. Both lines with an agreed rate differ, most A in "
            "Q3 2026: $20 more than owed.",
        ),
        (
            (line("A", None, 500_00),),
            "No rate is agreed with any of these partners, so nothing can be said to be owed; $500 was paid.",
        ),
        ((line("A", None, 0),), "No rate is agreed with any of these partners, so nothing can be said to be owed."),
    ],
)
def test_answer(lines: tuple[Payout, ...], sentence: str) -> None:
    assert answer(*lines) == sentence


def test_names_in_the_answer_are_no_markup() -> None:
    assert "<img" not in answer(line("<img src=x>", 1_00, 2_00)).replace("\\<", "")


def test_partners_without_rate_and_without_payout_are_named() -> None:
    lines = (line("A", None, 5_00), line("B", 3_00, 0, unrated=7_00), line("C", 1_00, 1_00, incomplete=True))
    own = found(*lines, without_rate=("A",), without_payout=("B", "Elsewhere"))
    assert [said(text) for text in payouts.named(own, lines)] == [
        "Paid though no rate is agreed: A.",
        "Owed something, and nothing was paid: B.",
        "$7.00 of credited ARR closed on days without an agreed rate: nothing is owed for it.",
        "Some deals or payouts could not be converted: they are in no sum, and their lines are marked.",
    ]


def test_many_names_are_cut() -> None:
    names = tuple(f"P{place}" for place in range(11))
    own = found(*(line(name, None, 1_00) for name in names), without_rate=names)
    assert payouts.named(own, own.lines)[0].endswith("P7 and 3 others.")


def test_chosen_partners_narrow_the_lines_and_the_order_stays() -> None:
    own = found(line("A", 1_00, 9_00), line("B", 1_00, 5_00), line("C", 1_00, 2_00))
    assert [each.name for each in payouts.listed(own, None)] == ["A", "B", "C"]
    assert [each.name for each in payouts.listed(own, frozenset({"c", "a"}))] == ["A", "C"]


def test_table_has_nothing_where_nothing_is_known() -> None:
    table = payouts.columns([line("A", None, 5_00), line("B", 100_00, 90_00, unrated=1)], 1)
    assert table["Difference"].to_list() == [None, -10.0] and table["Owed"].to_list() == [None, 100.0]
    assert table["Rate"].to_list() == [None, 10.0] and table["Paid"].to_list() == [5.0, 90.0]
    assert table["Remark"].to_list() == ["no rate agreed", "no rate on some days"]
    assert table["Quarter"].to_list() == ["Q3 2026", "Q3 2026"]
