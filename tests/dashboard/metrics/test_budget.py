"""Does the budget say what decisions free and need, to the cent?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.budget import Spending, budget_of
from dashboard.metrics.suggestion import Suggestion

AMOUNTS = st.floats(0, 1e9).map(lambda value: round(value, 2))
SPENDINGS = st.lists(
    st.builds(Spending, st.text(max_size=3), st.sampled_from(Suggestion), AMOUNTS, st.none() | AMOUNTS), max_size=30
)


def test_worked_example() -> None:
    # End 120 → 0 frees 120; double 90 needs another 90; double 50 with a budget of 80 needs 30;
    # keep 40 with a budget of 25 frees 15; wait changes nothing. Balance 135 − 120 = 15.
    found = budget_of(
        [
            Spending("a", Suggestion.END, 120.0),
            Spending("b", Suggestion.DOUBLE, 90.0),
            Spending("c", Suggestion.DOUBLE, 50.0, 80.0),
            Spending("d", Suggestion.KEEP, 40.0, 25.0),
            Spending("e", Suggestion.WAIT, 70.0),
        ]
    )
    assert [line.after for line in found.lines] == [0.0, 180.0, 80.0, 25.0, 70.0]
    assert (found.freed, found.needed, found.balance, found.unnamed) == (135.0, 120.0, 15.0, 0)


def test_doubling_nothing_asks_for_a_budget_and_moves_nothing() -> None:
    found = budget_of([Spending("a", Suggestion.DOUBLE, 0.0), Spending("b", Suggestion.END, 0.0)])
    assert [line.after for line in found.lines] == [None, 0.0]
    assert (found.freed, found.needed, found.unnamed) == (0.0, 0.0, 1)


@given(SPENDINGS)
def test_balance_is_what_is_spent_less_than_before(spendings: list[Spending]) -> None:
    found = budget_of(spendings)
    named = [line for line in found.lines if line.after is not None]
    assert found.balance == pytest.approx(sum(line.before - (line.after or 0.0) for line in named), abs=1e-3)
    assert all(min(line.freed, line.needed) == 0 for line in found.lines)
    assert len(found.lines) == len(spendings)
