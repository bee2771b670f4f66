"""Are the phases of a pilot right, and does what is expected of it agree with the model that it is told from?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.stats import nbinom

from dashboard.metrics.performance import Partner
from dashboard.metrics.pilots import Phase, Pilot, PilotCells, Seen, foreseen, pilots, rate_pool
from dashboard.period import quarter
from dashboard.settings import Settings
from dashboard.window import Window

JOINED = date(2025, 7, 1)


def one(as_of: datetime, days: dict[int, int], joined: date | None = JOINED) -> list[Pilot]:
    partner = Partner("P", "Acme", "other", None, None, None, "active", joined)
    rows = [("P", day, eqls) for day, eqls in days.items()]
    cells = PilotCells(
        pl.DataFrame(rows, {"partner_id": pl.String, "day": pl.Int64, "eqls": pl.Int64}, orient="row"), date(2024, 1, 1)
    )
    return pilots(cells, [partner], Window(quarter(2025, 3, Settings()), as_of))


@pytest.mark.parametrize(
    ("day", "phase", "left"),
    [
        (0, Phase.INTEGRATION, 28),
        (27, Phase.INTEGRATION, 1),
        (28, Phase.SAMPLE, 56),
        (83, Phase.SAMPLE, 1),
        (84, Phase.OVER, 0),
        (180, Phase.OVER, 0),
    ],
)
def test_phases_by_day(day: int, phase: Phase, left: int) -> None:
    (own,) = one(datetime(2025, 7, 1, 9, tzinfo=UTC) + timedelta(day), {3: 4, 30: 5})
    assert (own.phase, own.days_left) == (phase, left)
    assert (own.eqls_before, own.eqls) == (4, 5)
    assert (own.sample_from, own.sample_to) == (date(2025, 7, 29), date(2025, 9, 23))
    assert (own.chance is None) is (phase is not Phase.SAMPLE)


def test_only_those_that_joined_in_the_last_180_days_are_pilots() -> None:
    assert len(one(datetime(2025, 12, 28, tzinfo=UTC), {})) == 1
    assert one(datetime(2025, 12, 29, tzinfo=UTC), {}) == []
    assert one(datetime(2025, 6, 30, tzinfo=UTC), {}) == []
    assert one(datetime(2025, 12, 28, tzinfo=UTC), {}, None) == []


def test_the_50th_eql_ends_the_sample() -> None:
    (own,) = one(datetime(2025, 8, 20, tzinfo=UTC), {27: 40, 30: 30, 40: 19, 41: 2, 45: 7})
    assert (own.phase, own.eqls, own.reached_on) == (Phase.OVER, 58, JOINED + timedelta(41))
    assert own.days_left == 0 and own.chance is None and own.expected.value is None
    (own,) = one(datetime(2025, 8, 20, tzinfo=UTC), {27: 40, 30: 30, 40: 19})
    assert (own.phase, own.eqls, own.reached_on) == (Phase.SAMPLE, 49, None)


@pytest.mark.parametrize(("eqls", "share"), [(0, 0.5), (7, 0.25), (40, 0.6), (3, 0.9)])
def test_alone_it_is_the_negative_binomial(eqls: int, share: float) -> None:
    # EQLs still to come given k in a share t: negative binomial of size k + ½ and probability t ÷ (t + (1 − t)).
    found, chance = foreseen(Seen(eqls, share), None, 1)
    rest = nbinom(eqls + 0.5, share)
    assert found.value == pytest.approx(eqls + rest.mean(), rel=0.05, abs=0.1)
    assert abs(found.low - (eqls + rest.ppf(0.025))) <= 1 + 0.05 * eqls
    assert abs(found.high - (eqls + rest.ppf(0.975))) <= 2 + 0.08 * eqls
    assert chance == pytest.approx(rest.sf(49 - eqls), abs=0.03)


def test_nothing_is_said_before_anything_is_known() -> None:
    assert foreseen(Seen(0, 0.0), None, 0)[1] is None
    assert rate_pool([Seen(3, 1.0), Seen(5, 1.0)]) is None and rate_pool([Seen(0, 1.0)] * 5) is None
    (own,) = one(datetime(2025, 7, 3, tzinfo=UTC), {})
    assert own.expected.value is None and own.chance is None


def test_intervals_hold_what_comes() -> None:
    # 30 partners whose rates are gamma distributed; of the last one half of the sample has been seen.
    rng = np.random.default_rng(3)
    inside, worlds = 0, 150
    for _ in range(worlds):
        rates = rng.gamma(2.0, 15.0, 30)
        former = [Seen(int(rng.poisson(rate)), 1.0) for rate in rates[:-1]]
        half, rest = rng.poisson(rates[-1] / 2, 2)
        own = Seen(int(half), 0.5)
        found, _ = foreseen(own, rate_pool([*former, own]), 30)
        inside += found.low <= half + rest <= found.high
    assert 0.90 <= inside / worlds <= 0.99
