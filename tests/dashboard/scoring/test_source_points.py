"""Is a source that brings less than its points promise found, and one that keeps its promise left alone?"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain import NOTHING
from dashboard.metrics.intervals import rate
from dashboard.scoring.source_points import COLUMNS, Carries, SourcePoints, source_points

SCHEMA = dict(zip(COLUMNS, (pl.String, pl.Int64, pl.Int64, pl.Int64, pl.Int64), strict=True))


def cells(*rows: tuple[str | None, int, int, int, int]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


def simulated(seed: int, less: float, sources: int = 5, leads: int = 4000) -> pl.DataFrame:
    """Sources 0 … whose leads win by logit −4 + score/20; those of source 0 by `less` on the logit less."""
    rng = np.random.default_rng(seed)
    source, score = rng.integers(0, sources, leads), rng.integers(30, 100, leads)
    won = rng.random(leads) < 1 / (1 + np.exp(4 - score / 20 + less * (source == 0)))
    rows = pl.DataFrame({"source": [f"s{own}" for own in source], "score": score, "leads": 1, "worked": 1, "won": won})
    return rows.group_by("source", "score").agg(pl.col("leads", "worked").sum(), pl.col("won").cast(pl.Int64).sum())


def of(found: tuple[SourcePoints, ...], source: str | None) -> SourcePoints:
    return next(own for own in found if own.source == source)


def test_worked_by_hand() -> None:
    """Others: 10 % of 1,000 at 50 and 50 % of 1,000 at 90 won. Points promise exactly those two rates.

    The source: 100 worked leads at 50, 100 at 90, so 30 % are promised; 20 of 200 came: 20 points of per cent less.
    Its mean is (100 · 50 + 100 · 90 + 200 unworked · 10) / 400 = 40 points, of the worked ones 70.
    """
    table = cells(
        ("ads", 50, 100, 100, 4), ("ads", 90, 100, 100, 16), ("ads", 10, 200, 0, 0),
        ("mail", 50, 1000, 1000, 100), ("mail", 90, 1000, 1000, 500),
    )  # fmt: skip
    ads = of(source_points(table, (70,)), "ads")
    assert (ads.leads, ads.points, ads.worked, ads.points_of_worked) == (400, 40, 200, 70)
    assert ads.conversion == rate(20, 200)
    assert ads.promised.value == pytest.approx(0.3)
    assert ads.gap.value == pytest.approx(-0.2) and ads.gap.high is not None and ads.gap.high < 0
    assert ads.verdict is Carries.TOO_MUCH and ads.q is not None and ads.q < 0.001
    assert [(own.low, own.high, own.conversion) for own in ads.ranges] == [
        (0, 69, rate(4, 100)), (70, 100, rate(16, 100)),
    ]  # fmt: skip


def test_points_too_many_are_those_that_were_added() -> None:
    """A logit of 1 less is 20 points at a slope of 1/20."""
    found = of(source_points(simulated(1, less=1.0, leads=60_000), ()), "s0").points_too_many
    assert found.value == pytest.approx(20, abs=2.5)
    assert found.low is not None and found.high is not None and found.low < 20 < found.high
    assert found.high - found.low < 8


@pytest.mark.parametrize("seed", range(4))
def test_a_source_that_disappoints_is_found(seed: int) -> None:
    found = source_points(simulated(seed, less=1.0), (70,))
    assert of(found, "s0").verdict is Carries.TOO_MUCH


def test_sources_that_keep_their_promise_are_seldom_blamed() -> None:
    found = [source_points(simulated(seed, less=0.0), ()) for seed in range(100)]
    blamed = [any(own.verdict in (Carries.TOO_MUCH, Carries.TOO_LITTLE) for own in one) for one in found]
    assert np.mean(blamed) <= 0.12  # 5 % expected; 12 of 100 would be a chance of 1 in 300
    assert all(own.points_too_many == NOTHING for one, bad in zip(found, blamed, strict=True) if not bad for own in one)


def test_few_worked_leads_are_listed_and_not_judged() -> None:
    table = cells(("few", 80, 50, 19, 0), (None, 60, 10, 0, 0), ("many", 50, 900, 900, 90), ("many", 90, 900, 900, 400))
    found = source_points(table, (70,))
    assert [own.source for own in found] == ["many", "few", None]
    few, unknown = of(found, "few"), of(found, None)
    assert few.verdict is unknown.verdict is Carries.TOO_FEW
    assert (few.conversion, unknown.conversion, few.promised, few.q) == (rate(0, 19), NOTHING, NOTHING, None)
    assert unknown.points_of_worked is None
    # The only judged source has no others that could promise anything but those few leads, all of them lost.
    assert of(found, "many").verdict is Carries.TOO_FEW


def test_nobody() -> None:
    assert source_points(cells(), (70,)) == ()


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(0, 300))
def test_any_table_is_answered(seed: int, sources: int, leads: int) -> None:
    rng = np.random.default_rng(seed)
    worked = rng.integers(0, 4, leads)
    table = pl.DataFrame(
        {
            "source": [None if own == 0 else f"s{own}" for own in rng.integers(0, sources, leads)],
            "score": rng.integers(0, 101, leads),
            "leads": worked + rng.integers(1, 3, leads),
            "worked": worked,
            "won": rng.binomial(worked, 0.3),
        },
        schema=SCHEMA,
    )
    found = source_points(table, (50, 70))
    assert sum(own.leads for own in found) == table["leads"].sum()
    for own in found:
        assert sum(each.conversion.n for each in own.ranges) == own.worked == own.conversion.n
        if own.gap.value is not None and own.gap.low is not None and own.gap.high is not None:
            assert own.gap.low <= own.gap.value <= own.gap.high
