"""Do the rows of a template cover every day once and sum to the cent?"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import UserError
from dashboard.metrics.cost_table import CATEGORIES
from dashboard.views.cost_editor_templates import TEMPLATES, Order, Per, rows_of
from data_access.cost_entry import trouble

BY_KEY = {template.key: template for template in TEMPLATES}


def order(key: str, quantity: str, price: str, first: date, last: date) -> Order:
    return Order(BY_KEY[key], Decimal(quantity), Decimal(price), first, last, "P", "USD")


def keys():
    numbers = count()
    return lambda: str(next(numbers))


def test_half_a_person_for_a_quarter() -> None:
    # 0.5 × 80,000 ÷ 12 = 3,333.33…: the third month takes the cent.
    rows = rows_of(order("fte", "0.5", "80000", date(2025, 7, 1), date(2025, 9, 30)), keys())
    assert [row.amount for row in rows] == [Decimal("3333.33"), Decimal("3333.34"), Decimal("3333.33")]
    assert [(row.period_start, row.period_end) for row in rows] == [
        (date(2025, 7, 1), date(2025, 7, 31)), (date(2025, 8, 1), date(2025, 8, 31)),
        (date(2025, 9, 1), date(2025, 9, 30)),
    ]  # fmt: skip
    assert {(row.category, row.partner_id, row.currency, row.source) for row in rows} == {
        ("people", "P", "USD", "entered")
    }


def test_a_month_in_part_costs_its_days() -> None:
    rows = rows_of(order("seats", "2", "100", date(2025, 6, 16), date(2025, 7, 31)), keys())
    assert [row.amount for row in rows] == [Decimal(100), Decimal(200)]  # 15 of 30 days, then a month


@given(
    st.sampled_from(TEMPLATES), st.decimals("0.01", 9_999, places=2), st.decimals("0.01", 999_999, places=2),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 1_500),
)  # fmt: skip
def test_rows_cover_every_day_once_and_sum_to_the_cent(template, quantity, price, first, days) -> None:
    last = first + timedelta(days)
    rows = rows_of(Order(template, quantity, price, first, last, None, "USD"), keys())
    assert rows[0].period_start == first and rows[-1].period_end == last
    for own, following in pairwise(rows):
        assert following.period_start == own.period_end + timedelta(1)
    monthly = Fraction(quantity) * Fraction(price) / (12 if template.per is Per.YEAR else 1)
    exact, day = Fraction(0), first
    while day <= last:
        exact += monthly / monthrange(day.year, day.month)[1]
        day += timedelta(1)
    assert abs(Fraction(sum(row.amount for row in rows)) - exact) <= Fraction(1, 199)
    assert len({row.cost_id for row in rows}) == len(rows) and not any(trouble(row) for row in rows)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (order("seats", "0", "100", date(2025, 7, 1), date(2025, 7, 31)), "how many users"),
        (order("fte", "1", "0", date(2025, 7, 1), date(2025, 7, 31)), "costs a year"),
        (order("seats", "1", "100", date(2025, 7, 2), date(2025, 7, 1)), "last day lies before the first"),
        (order("seats", "1", "100", date(2000, 7, 2), date(2025, 7, 1)), "120 at a time"),
    ],
)
def test_what_is_no_order_is_told(wrong: Order, said: str) -> None:
    with pytest.raises(UserError, match=said):
        rows_of(wrong, keys())


def test_templates_hold_the_references() -> None:
    assert {template.category for template in TEMPLATES} <= set(CATEGORIES)
    middle = {key: BY_KEY[key].price for key in ("seats", "attribution", "middleware")}
    assert middle == {"seats": Decimal(75 + 150) / 2, "attribution": Decimal(750), "middleware": Decimal(60)}
    assert (BY_KEY["manager"].quantity, BY_KEY["analyst"].quantity) == (Decimal("0.5"), Decimal("0.25"))
