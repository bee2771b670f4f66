"""Are gates and multiples told as docs/costs.md defines them?"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import Estimate
from dashboard.metrics.gates import GateVerdict, PartnerGate, TooEarly, first_quarters, multiple, verdict_of
from dashboard.metrics.money_intervals import DealSum
from dashboard.metrics.performance import Partner
from dashboard.settings import Settings


@pytest.mark.parametrize(
    ("value", "over", "said"),
    [
        (5.0, True, (GateVerdict.CONTINUE, None)),
        (4.999, True, (GateVerdict.PAUSE_OR_PIVOT, None)),
        (0.0, True, (GateVerdict.PAUSE_OR_PIVOT, None)),
        (None, True, (GateVerdict.TOO_EARLY, TooEarly.NO_COST)),
        (9.0, False, (GateVerdict.TOO_EARLY, TooEarly.QUARTER_NOT_OVER)),
        (None, False, (GateVerdict.TOO_EARLY, TooEarly.QUARTER_NOT_OVER)),
    ],
)
def test_verdicts(value: float | None, over: bool, said: tuple[GateVerdict, TooEarly | None]) -> None:
    assert verdict_of(value, over) == said


def test_the_first_full_quarter_follows_the_fiscal_year() -> None:
    days = [date(2025, 2, 1), date(2025, 2, 2), date(2025, 12, 31), None, date(1, 1, 1), date(9999, 12, 31)]
    partners = [Partner(str(n), str(n), "other", None, None, None, "active", day) for n, day in enumerate(days)]
    found = {own.partner_id: own.quarter.label for own in first_quarters(partners, Settings(fiscal_year_start=2))}
    assert found == {"0": "2025-Q1", "1": "2025-Q2", "2": "2026-Q1"}
    plain = {own.partner_id: own.quarter.label for own in first_quarters(partners, Settings())}
    assert plain == {"0": "2025-Q2", "1": "2025-Q2", "2": "2026-Q1"}


def test_worked_multiples() -> None:
    # One deal of 100, cost 20. Lower: gamma(1) at 2.5 % = -ln 0.975 = 0.0253, × 100 ÷ 20.
    # Upper: mean 200, variance 20,000: gamma(2) at 97.5 % = 5.5716, × 100 ÷ 20.
    found = multiple(DealSum(1, 100.0, 10_000.0, 100.0), 20.0, 70.0)
    assert (found.value, found.n) == (5.0, 1)
    assert (found.low, found.high) == pytest.approx((0.126589, 27.858217), abs=1e-5)
    # None: the upper bound of none seen is 3.6889 deals of 70.
    none = multiple(DealSum(), 20.0, 70.0)
    assert (none.value, none.low, none.n) == (0.0, 0.0, 0) and none.high == pytest.approx(3.688879 * 70 / 20)
    assert multiple(DealSum(), 20.0, None).high is None
    for cost in (None, 0.0, -5.0):
        assert multiple(DealSum(1, 100.0, 10_000.0, 100.0), cost, 70.0).value is None


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=60), st.floats(1, 1e6))
def test_the_interval_holds_the_value(amounts: list[float], cost: float) -> None:
    deals = DealSum(len(amounts), sum(amounts), sum(a * a for a in amounts), max(amounts))
    found = multiple(deals, cost, None)
    assert found.low is not None and found.high is not None
    assert 0 < found.low < sum(amounts) / cost < found.high


@pytest.mark.parametrize(
    ("verdict", "low", "high", "sure"),
    [
        (GateVerdict.CONTINUE, 5.0, 9.0, True),
        (GateVerdict.CONTINUE, 4.9, 9.0, False),
        (GateVerdict.PAUSE_OR_PIVOT, 0.0, 4.9, True),
        (GateVerdict.PAUSE_OR_PIVOT, 0.0, 5.0, False),
        (GateVerdict.PAUSE_OR_PIVOT, 0.0, None, False),
        (GateVerdict.TOO_EARLY, 6.0, 9.0, False),
    ],
)
def test_sure_is_what_chance_could_not_turn(verdict: GateVerdict, low: float, high: float | None, sure: bool) -> None:
    gate = PartnerGate("P", None, 1.0, 1.0, 0.0, Estimate(5.0, low, high, 3), verdict, None, False)
    assert gate.sure is sure
