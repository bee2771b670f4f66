"""Is the interval of a line's credit the one that docs/attribution.md states, and does it hold the truth?"""

from __future__ import annotations

import pytest
from scipy.stats import gamma

from dashboard.metrics.attribution_certainty import Certainty, bounds
from dashboard.metrics.attribution_rules import Kind, Rule
from dashboard.metrics.money_intervals import DealSum
from tests.calibration import attribution as calibration
from tests.calibration.attribution import RULE, line_of
from tests.calibration.vitals import SIZES

POOL = DealSum(10, 1_000.0, 200_000.0, 300.0)  # E[g²] ÷ E[g]² = 20,000 ÷ 10,000 = 2


def test_worked_by_hand() -> None:
    """Two deals give 100 and 200. c = 2, s = (300 + 5 · 100) ÷ 7 = 800 ÷ 7.

    V = max(100² + 200², 2 · 2 · s²) = max(50,000, 52,244.9); one deal more: J = max(200, 2 s) = 228.57.
    """
    low, high = bounds(DealSum(2, 300.0, 50_000.0, 200.0), POOL)
    size = 800 / 7
    variance, another = 4 * size**2, 2 * size
    assert low == pytest.approx(gamma.ppf(0.025, 300**2 / variance, scale=variance / 300))
    mean, wide = 300 + another, variance + another**2
    assert high == pytest.approx(gamma.ppf(0.975, mean**2 / wide, scale=wide / mean))


def test_many_deals_speak_for_themselves() -> None:
    own = DealSum(400, 40_000.0, 4_400_000.0, 150.0)
    low, high = bounds(own, DealSum(400, 40_000.0, 4_400_000.0, 150.0))
    usual = 4_400_000.0**0.5
    assert 40_000 - low == pytest.approx(1.96 * usual, rel=0.05)
    assert high - 40_000 == pytest.approx(1.96 * usual, rel=0.1)


def test_what_gets_nothing_has_no_interval_and_is_not_ahead() -> None:
    (some, spread), (none, _) = line_of("a", calibration.PARTS), line_of("b", calibration.PARTS[:0])
    sure = Certainty({(some.kind, some.key, True): {RULE: spread}}, {(Kind.PARTNER, RULE): spread})
    found = sure.credit(none, RULE)
    assert (found.value, found.low, found.high, found.n) == (0.0, None, None, 0)
    assert sure.credit(some, Rule.LAST).low is None
    assert not sure.ahead(some, none, RULE)


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("expected", [3, 30])
def test_intervals_hold_the_truth(name: str, expected: int) -> None:
    """At least 93 of 100, and not all where there are deals enough."""
    held = calibration.credit(expected, SIZES[name], 1.0, 600, 5)
    assert held >= 0.93
    assert expected < 30 or held < 0.999


def test_like_lines_are_seldom_called_ahead() -> None:
    assert calibration.falsely_ahead(10, SIZES["lognormal, 0.9"], 600, 5) < 0.05
