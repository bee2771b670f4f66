"""Do the parts of a change of ARR sum to it to the cent, agree with other computations, and hold the truth?"""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import permutations
from math import exp, prod, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.metrics.arr_change import (
    Flow,
    Link,
    chain,
    change,
    factors,
    largest_remainder,
    shapley,
    shapley_draws,
)

ORACLE = Path(__file__).resolve().parents[2] / "reference" / "oracles" / "arr_change.json"
COUNTS = st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 4000))


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    won = draw(COUNTS)
    cents = draw(st.one_of(st.just(0), st.integers(0, 200), st.integers(0, 10**11))) if won else 0
    sizes = [draw(st.floats(0, 14)) for _ in range(min(won, 2) if cents else 0)]
    return Flow(draw(COUNTS), draw(COUNTS), won, cents, len(sizes), sum(sizes), sum(s * s for s in sizes))


def by_all_orders(old: list[Fraction], new: list[Fraction]) -> list[Fraction]:
    """The definition itself: the mean of each factor's step over every order, without the closed form."""
    found = [Fraction(0)] * len(old)
    orders = list(permutations(range(len(old))))
    for order in orders:
        now = list(old)
        for place in order:
            before = prod(now)
            now[place] = new[place]
            found[place] += prod(now) - before
    return [value / len(orders) for value in found]


@settings(max_examples=1000)
@given(flows(), flows())
def test_parts_sum_to_the_difference_to_the_cent(before: Flow, now: Flow) -> None:
    found = change(before, now, draws=20)
    told = {link: part for link, part in found.parts.items() if part is not None}
    links, difference = chain(before, now), now.arr_cents - before.arr_cents
    assert tuple(told) == links
    cents = largest_remainder(shapley(factors(before, now, links), factors(now, before, links)), difference)
    assert sum(cents) == difference == round(found.difference.value * 100)
    if max(map(abs, cents)) < 2**50:  # beyond it floats do not carry cents
        assert [round(part.value * 100) for part in told.values()] == cents


@settings(max_examples=300)
@given(flows(), flows())
def test_parts_are_means_over_all_orders(before: Flow, now: Flow) -> None:
    links = chain(before, now)
    old, new = factors(before, now, links), factors(now, before, links)
    assert prod(old) == before.arr_cents and prod(new) == now.arr_cents
    exact = shapley(old, new)
    assert exact == by_all_orders(old, new)
    found = change(before, now, draws=20)
    for link, value in zip(links, exact, strict=True):
        assert abs(found.parts[link].value * 100 - float(value)) <= 1 + 1e-6 * abs(float(value)) / 1e6


@settings(max_examples=200)
@given(flows(), flows())
def test_the_way_back_is_the_way_there(before: Flow, now: Flow) -> None:
    links = chain(before, now)
    there = shapley(factors(before, now, links), factors(now, before, links))
    back = shapley(factors(now, before, links), factors(before, now, links))
    assert there == [-value for value in back]


def test_another_computation_agrees() -> None:
    """Das Gupta's closed forms, computed in R."""
    cases = json.loads(ORACLE.read_text("utf-8"))["cases"]
    assert len({tuple(case["parts"]) for case in cases}) == 3, "all three chains occur"
    for case in cases:
        before, now = (
            Flow(own["eqls"], own["sqls"], own["won"], int(own["arr"])) for own in (case["before"], case["now"])
        )
        found = change(before, now, draws=20)
        told = {link.value: part.value for link, part in found.parts.items() if part is not None}
        assert set(told) == set(case["parts"])
        for name, cents in case["parts"].items():
            assert told[name] * 100 == pytest.approx(cents, abs=1.01, rel=1e-9)


def test_worked_example() -> None:
    """100 → 120 EQLs, ½ → ½, 1/5 → ¼, $1,000 → $800: ARR 10,000 → 12,000.

    Of E·p with p = (S/E)(W/S): 10 → 15 won deals. Contract value: −200 × mean over orders. With e = 100 → 120,
    w = 0.2 → 0.25, v = 1000 → 800 and ½ fixed, each part is half a change times the others weighted ⅓, ⅓, ⅙, ⅙:
    EQLs 20 × ½ × (0.2·1000/3 + 0.25·800/3 + (0.2·800 + 0.25·1000)/6) = 10 × (66.67 + 66.67 + 68.33) = 2,016.67
    won 0.05 × ½ × (100·1000/3 + 120·800/3 + (100·800 + 120·1000)/6) = 0.025 × 98,666.67 = 2,466.67
    value −200 × ½ × (100·0.2/3 + 120·0.25/3 + (100·0.25 + 120·0.2)/6) = −100 × 24.8333 = −2,483.33
    Sum 2,000.01: rounded down 2,016.66 + 2,466.66 − 2,483.34 = 1,999.98, and two cents go to the largest remainders.
    """
    found = change(Flow(100, 50, 10, 1_000_000), Flow(120, 60, 15, 1_200_000))
    parts = {link: part.value for link, part in found.parts.items() if part is not None}
    assert parts[Link.EQL_TO_SQL] == 0
    assert parts[Link.EQLS] == 2016.67
    assert parts[Link.SQL_TO_WON] == 2466.67
    assert parts[Link.CONTRACT_VALUE] == -2483.34
    assert found.difference.value == 2000


def test_without_eqls_the_split_begins_with_sqls() -> None:
    found = change(Flow(0, 50, 10, 1_000_000), Flow(5, 60, 15, 1_200_000))
    assert [link for link, part in found.parts.items() if part] == [Link.SQLS, Link.SQL_TO_WON, Link.CONTRACT_VALUE]
    assert found.parts[Link.EQLS] is None and found.parts[Link.WON_DEALS] is None


def test_without_sqls_the_split_begins_with_won_deals() -> None:
    found = change(Flow(9, 0, 10, 1_000_000), Flow(5, 60, 20, 2_000_000))
    assert found.parts[Link.WON_DEALS].value == 10_000 and found.parts[Link.CONTRACT_VALUE].value == 0
    assert [link for link, part in found.parts.items() if part] == [Link.WON_DEALS, Link.CONTRACT_VALUE]


def test_nothing_won_before_takes_the_other_contract_value() -> None:
    found = change(Flow(10, 5, 0, 0), Flow(20, 10, 4, 400_000))
    assert found.parts[Link.CONTRACT_VALUE].value == 0
    assert sum(part.value for part in found.parts.values() if part) == 4000
    assert found.factors[-1].before == found.factors[-1].now == 1000


def test_nothing_won_at_all_is_no_change_and_no_certainty() -> None:
    found = change(Flow(10, 5, 0, 0), Flow(20, 10, 0, 0))
    told = [part for part in found.parts.values() if part is not None]
    assert [(part.value, part.low, part.high) for part in told] == [(0, None, None)] * 4
    assert found.difference.value == 0 and found.factors[-1].now is None


def test_remainders_go_to_the_largest_and_then_to_the_earlier() -> None:
    assert largest_remainder([Fraction(1, 3), Fraction(2, 3)], 1) == [0, 1]
    assert largest_remainder([Fraction(1, 2), Fraction(1, 2)], 1) == [1, 0]
    assert largest_remainder([Fraction(-1, 3), Fraction(-2, 3)], -1) == [0, -1]


@given(st.integers(2, 4), st.integers(0, 10**6))
def test_draws_are_split_as_the_values_are(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    old, new = rng.integers(0, 50, (2, size, 3))
    drawn = shapley_draws(old.astype(float), new.astype(float))
    for column in range(3):
        exact = shapley([Fraction(int(v)) for v in old[:, column]], [Fraction(int(v)) for v in new[:, column]])
        assert drawn[:, column] == pytest.approx([float(value) for value in exact], abs=1e-6)


@pytest.mark.parametrize("delays", [(0.0, 0.0), (20.0, 60.0), (90.0, 200.0)], ids=["one cohort", "usual", "slow"])
def test_intervals_hold_the_truth(delays: tuple[float, float]) -> None:
    """Of 300 pairs of simulated quarters 95 % intervals must hold 91 to 99 of 100 true parts, of each kind."""
    rng = np.random.default_rng(7)
    held: dict[Link, list[bool]] = {}
    for _ in range(300):
        truths, seen = zip(*(_quarter(rng, *delays) for _ in range(2)), strict=True)
        found = change(*seen, draws=500, seed=int(rng.integers(1 << 30)))
        true = shapley(*([Fraction(value) for value in truth] for truth in truths))
        for factor, value in zip(found.factors, true, strict=True):
            part = found.parts[factor.link]
            held.setdefault(factor.link, []).append(part.low * 100 <= float(value) <= part.high * 100)
    shares = {link: np.mean(own) for link, own in held.items()}
    assert set(shares) == {Link.EQLS, Link.EQL_TO_SQL, Link.SQL_TO_WON, Link.CONTRACT_VALUE}
    assert all(0.91 <= share <= 0.99 for share in shares.values()), shares


def _quarter(rng: np.random.Generator, to_sql_days: float, to_won_days: float) -> tuple[tuple[float, ...], Flow]:
    """A quarter's true EQLs, rates and mean ARR (in cents), and what chance made of them.

    Leads become EQLs evenly over this quarter and the ten before; those that go on do so after exponential delays.
    """
    mean, to_sql, to_won = rng.uniform(60, 400), rng.uniform(0.2, 0.6), rng.uniform(0.2, 0.5)
    level, spread, days = rng.uniform(9, 11), 0.8, 91.0
    leads = int(rng.poisson(11 * mean))
    eql = rng.uniform(-10 * days, days, leads)
    goes_on = rng.random(leads) < to_sql
    sql = np.where(goes_on, eql + rng.exponential(to_sql_days, leads), np.inf)
    won = np.where(goes_on & (rng.random(leads) < to_won), sql + rng.exponential(to_won_days, leads), np.inf)
    e, s, w = ((at >= 0) & (at < days) for at in (eql, sql, won))
    cents = np.maximum(1, np.round(100 * np.exp(rng.normal(level, sqrt(spread), int(w.sum()))))).astype(int)
    logs = np.log(cents / 100)
    shared = [int(own.sum()) for own in (e & s, w & e, w & s, w & e & s)]
    counts = [int(own.sum()) for own in (e, s, w)]
    flow = Flow(*counts, int(cents.sum()), len(cents), float(logs.sum()), float((logs**2).sum()), *shared)
    return (mean, to_sql, to_won, 100 * exp(level + spread / 2)), flow
