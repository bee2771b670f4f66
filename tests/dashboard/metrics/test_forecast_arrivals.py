"""Do the deals to come follow those that came: level, weekdays, growth, and how unsure that is?"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.optimize import minimize

from dashboard.metrics.forecast_arrivals import Arrivals, _covariance, _laplace, arrivals

LAST = date(2025, 6, 30)
FIRST = LAST - timedelta(729)
UNTIL = date(2026, 1, 1)
DAYS = [FIRST + timedelta(step) for step in range(730)]


def to_come(seen: dict[date, int], first: date = FIRST) -> Arrivals:
    return arrivals(seen, first, LAST, UNTIL, 2_000, np.random.default_rng(1))


def test_a_steady_stream_goes_on() -> None:
    found = to_come(dict.fromkeys(DAYS, 3))
    assert found.days[0] == LAST + timedelta(1)
    assert found.days[-1] == UNTIL - timedelta(1)
    assert found.expected == pytest.approx(3, rel=0.06)
    assert found.drawn.mean(axis=0) == pytest.approx(found.expected, rel=0.03)


def test_weekends_stay_empty() -> None:
    found = to_come({day: 2 for day in DAYS if day.weekday() < 5})
    weekend = np.array([day.weekday() >= 5 for day in found.days])
    assert found.expected[weekend].max() < 0.05
    assert found.expected[~weekend].mean() == pytest.approx(2, rel=0.08)


def test_growth_goes_on_but_not_beyond_what_is_sure() -> None:
    grown = {day: round(4 * np.exp(0.5 * place / 365)) for place, day in enumerate(DAYS)}
    found, last_quarter = to_come(grown), sum(grown[day] for day in DAYS[-91:]) / 91
    assert last_quarter < found.expected.mean() < last_quarter * 1.4


def test_restless_months_and_little_history_widen_the_draws() -> None:
    def spread(found: Arrivals) -> float:
        return float((found.drawn.sum(axis=1).std()) / found.expected.sum())

    rng = np.random.default_rng(2)
    factor = {(year, month): float(np.exp(rng.normal(0, 0.5))) for year in (2023, 2024, 2025) for month in range(1, 13)}
    even = {day: int(rng.poisson(3)) for day in DAYS}
    restless = {day: int(rng.poisson(3 * factor[day.year, day.month])) for day in DAYS}
    assert spread(to_come(restless)) > 1.5 * spread(to_come(even))
    short = {day: n for day, n in even.items() if day >= DAYS[-60]}
    assert spread(to_come(short, DAYS[-60])) > spread(to_come(even))


def test_no_deal_ever_gives_almost_none() -> None:
    found = to_come({})
    assert found.expected.sum() < 1
    assert (found.drawn >= 0).all()


def test_the_mode_is_that_of_a_plain_optimiser() -> None:
    """Laplace's mode by Newton's method against scipy's BFGS on −log posterior."""
    month = np.array([1, 2, 3, 4, 5, 6, 7, 8])
    counts, exposure = np.array([3.0, 5, 2, 9, 12, 8]), np.array([31.0, 28, 31, 30, 31, 30])
    seen = np.array([True] * 6 + [False] * 2)
    covariance, level = _covariance(month, 0.15, 0.15, 0.12), float(np.log(39 / 181))
    inner = covariance[:6, :6]

    def energy(f: np.ndarray) -> float:
        likelihood = counts @ (level + f) - (exposure * np.exp(level + f)).sum()
        return float(f @ np.linalg.solve(inner, f) / 2 - likelihood)

    best = minimize(energy, np.zeros(6), method="BFGS", options={"gtol": 1e-9}).x
    _, mean, spread = _laplace(counts, exposure, level, covariance, seen)
    assert mean[:6] - level == pytest.approx(best, abs=1e-4)
    assert mean[6:] - level == pytest.approx(covariance[6:, :6] @ np.linalg.solve(inner, best), abs=1e-3)
    hessian = np.linalg.inv(inner) + np.diag(exposure * np.exp(mean[:6]))
    assert spread[:6, :6] == pytest.approx(np.linalg.inv(hessian), abs=1e-6)
