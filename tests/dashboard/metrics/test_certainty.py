"""Are ranks as sure as they are said to be, at every border too?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from dashboard.metrics.certainty import Certainty, RankCertainty, rank_certainty, win_rate_certainty, wrong_share
from dashboard.metrics.deal_value import Evidence
from tests.calibration.ranking import SETTINGS, tallied
from tests.dashboard.metrics.oracles import oracle


def evidence(
    leads: list[int], amounts: list[list[float]], pages: list[float] | None = None, *, counts: bool = False
) -> Evidence:
    """Partners with these leads, deals of these amounts, and pages (1 each, if not said)."""
    logs = [np.log(own) for own in amounts]
    return Evidence(
        tuple(f"P{i}" for i in range(len(leads))),
        np.array(leads, dtype=float),
        np.array([len(own) for own in amounts], dtype=float),
        None if counts else np.array([own.sum() for own in logs]),
        None if counts else np.array([(own**2).sum() for own in logs]),
        np.array(pages or [1.0] * len(leads)),
    )


def check(certainty: Certainty, count: int) -> None:
    """What must hold of every answer."""
    rows = list(certainty.partners.values())
    assert len(rows) == count
    assert certainty.group_size == count // 5
    assert sum(row.p_top for row in rows) == pytest.approx(certainty.group_size)
    assert sum(row.p_bottom for row in rows) == pytest.approx(certainty.group_size)
    for row in rows:
        assert 1 <= row.low <= row.high <= count
        assert 0.9 <= row.content <= 1
        assert 0 <= row.p_top <= 1 and 0 <= row.p_bottom <= 1
        assert 0 <= row.expected.low <= row.expected.value <= row.expected.high < float("inf")


def test_two_far_apart_and_eight_alike() -> None:
    # 20 deals of 100 leads each; one partner's deals are a thousand times those of the eight, one's a thousandth.
    certainty = rank_certainty(evidence([100] * 10, [[1e6] * 20, *[[1e3] * 20] * 8, [1.0] * 20]))
    check(certainty, 10)
    first, like, last = (certainty.partners[name] for name in ("P0", "P4", "P9"))
    assert (first.low, first.high, first.p_top, first.p_bottom) == (1, 1, 1.0, 0.0)
    assert (last.low, last.high, last.p_top, last.p_bottom) == (10, 10, 0.0, 1.0)
    # The other place of each outer fifth falls to one of eight who cannot be told apart.
    assert like.p_top == pytest.approx(1 / 8, abs=0.03)
    assert like.p_bottom == pytest.approx(1 / 8, abs=0.03)
    assert (like.low, like.high) == (2, 9)
    # 20 deals worth 1,000 each.
    assert like.expected.low < 20_000 < like.expected.high


def test_more_pages_for_the_same_deals_rank_lower() -> None:
    certainty = rank_certainty(evidence([100] * 5, [[1e3] * 30] * 5, [1.0, 4.0, 4.0, 4.0, 16.0]))
    check(certainty, 5)
    assert certainty.partners["P0"].p_top > 0.95
    assert certainty.partners["P4"].p_bottom > 0.95


def test_little_evidence_is_not_believed() -> None:
    leads = [400, 200, 100, 50, 20, 400, 200, 100, 50, 5]
    certainty = rank_certainty(evidence(leads, [[1e3] * (n // 10) for n in leads[:-1]] + [[1e3] * 2]))
    # 40 % of five leads became deals, 10 % of everybody else's: mostly luck.
    assert certainty.partners["P9"].expected.value < 5 * 0.2 * 1e3
    assert certainty.partners["P9"].p_bottom > 0.99


def test_four_events_are_too_few() -> None:
    assert rank_certainty(evidence([10] * 5, [[1.0], [1.0], [1.0], [1.0], []])) is None
    assert rank_certainty(evidence([10] * 5, [[1.0]] * 5)) is not None
    assert win_rate_certainty("ABCDE", np.array([1, 1, 0, 0, 0]), np.array([1, 1, 1, 1, 0])) is None


@pytest.mark.parametrize("counts", [False, True])
@pytest.mark.parametrize("ascending", [False, True])
@pytest.mark.parametrize(
    ("leads", "deals"),
    [
        ([10], [7]),
        ([10, 20], [7, 0]),
        ([50, 0, 0, 0, 0, 0], [7, 0, 0, 0, 0, 0]),  # partners without a lead
        ([0, 0, 3, 5, 9, 100], [9, 0, 8, 5, 0, 1]),  # more deals than leads, and deals without leads
        ([10] * 10, [10] * 10),  # everybody alike, every lead a deal
        ([1] * 20, [1] * 10 + [0] * 10),
        ([10**6] * 6, [3, 0, 1, 1, 0, 0]),
    ],
)
def test_borders(leads: list[int], deals: list[int], counts: bool, ascending: bool) -> None:
    own = evidence(leads, [[250.0] * k for k in deals], counts=counts)
    if ascending:
        own = replace(own, exposure=np.maximum(own.exposure, 1.0))
    check(rank_certainty(own, ascending=ascending), len(leads))


@pytest.mark.parametrize("size", [1e-9, 1e12])
def test_units_do_not_matter(size: float) -> None:
    own = evidence([40, 50, 60, 70, 80], [[100.0 * (i + 1), 300.0] * 4 for i in range(5)])
    plain, scaled = rank_certainty(own), rank_certainty(replace(own, denominator=own.denominator * size))
    for name, row in plain.partners.items():
        other = scaled.partners[name]
        assert (row.low, row.high) == pytest.approx((other.low, other.high), abs=1)
        assert row.expected.value / size == pytest.approx(other.expected.value, rel=1e-3)


def test_without_a_lead_and_a_deal_nothing_is_expected() -> None:
    certainty = rank_certainty(evidence([100, 0, 90, 80, 70], [[50.0] * 9, [], [50.0] * 9, [50.0] * 9, [50.0] * 9]))
    row = certainty.partners["P1"]
    assert (row.p_bottom, row.expected.value, row.expected.high, row.expected.n) == (1.0, 0.0, 0.0, 0)


def test_the_same_question_has_the_same_answer() -> None:
    own = evidence([40, 50, 60, 70, 80], [[100.0 * (i + 1), 300.0] * 4 for i in range(5)])
    assert rank_certainty(own) == rank_certainty(own)
    assert rank_certainty(own) != rank_certainty(own, seed=1)


def test_five_thousand_partners() -> None:
    rng = np.random.default_rng(3)
    leads = rng.poisson(rng.lognormal(4, 1, 5000)).astype(float)
    deals = rng.poisson(leads * rng.gamma(3, 0.1 / 3, 5000)).astype(float)
    own = Evidence(tuple(map(str, range(5000))), leads, deals, deals * 9, deals * 81.5, np.ones(5000))
    check(rank_certainty(own, draws=512), 5000)


POOLS = st.lists(
    st.tuples(st.integers(0, 300), st.lists(st.floats(0.01, 1e7), max_size=6), st.floats(0.01, 1e4)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(POOLS)
def test_whatever_the_evidence_the_answer_is_sound(pool: list[tuple[int, list[float], float]]) -> None:
    leads, amounts, pages = map(list, zip(*pool, strict=True))
    found = rank_certainty(evidence(leads, amounts, pages), draws=512)
    if sum(map(len, amounts)) < 5:
        assert found is None
    else:
        check(found, len(pool))


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=5, max_size=12)
)
def test_win_rates_whatever_they_are(pool: list[tuple[int, int]]) -> None:
    wins, closed = np.array(pool).T
    check(win_rate_certainty([f"P{i}" for i in range(len(pool))], wins, closed, draws=512), len(pool))


def test_win_rates_far_apart() -> None:
    wins, closed = np.array([95, 50, 50, 50, 5]), np.array([100] * 5)
    certainty = win_rate_certainty("ABCDE", wins, closed)
    check(certainty, 5)
    assert certainty.partners["A"].p_top > 0.999
    assert certainty.partners["E"].p_bottom > 0.999
    assert certainty.partners["B"].expected.value == pytest.approx(0.5, abs=0.03)


def test_what_acting_on_a_list_costs() -> None:
    # Ten partners, two to a fifth. The table ends A and B: 0.9 and 0.3 right, so 0.8 of 2 wrong, 1.2 of 2 found.
    # Only A is sure enough: 0.1 of 1 wrong, 0.9 of 2 found.
    chances = dict(zip("ABCDEFGHIJ", [0.9, 0.3, 0.5, 0.3, 0, 0, 0, 0, 0, 0], strict=True))
    own = rank_certainty(evidence([100] * 5, [[1e3] * 30] * 5)).partners["P0"].expected
    certainty = Certainty({name: RankCertainty(1, 10, 1.0, 0.0, p, own) for name, p in chances.items()}, 2)
    found = wrong_share(certainty, dict(zip("JIHGFEDCBA", range(1, 11), strict=True)))
    assert (found.bottom_of_table.named, found.surely_bottom.named, found.surely_top.named) == (2, 1, 0)
    assert (found.bottom_of_table.wrong, found.bottom_of_table.found) == pytest.approx((0.4, 0.6))
    assert (found.surely_bottom.wrong, found.surely_bottom.found) == pytest.approx((0.1, 0.45))
    assert (found.top_of_table.wrong, found.top_of_table.found) == (1.0, 0.0)
    assert (found.surely_top.wrong, found.surely_top.found) == (None, 0.0)
    # A to D are equal, and D's kind makes up the last four: each has one chance in two to be among the last two.
    tied = wrong_share(certainty, dict.fromkeys("ABCD", 7) | dict(zip("EFGHIJ", range(1, 7), strict=True)))
    assert (tied.bottom_of_table.named, tied.bottom_of_table.found) == (2, pytest.approx((0.9 + 0.3 + 0.5 + 0.3) / 4))
    everybody = wrong_share(certainty, dict.fromkeys("ABCDEFGHIJ", 1))
    assert everybody.bottom_of_table.named == everybody.top_of_table.named == 2
    assert everybody.bottom_of_table.wrong == pytest.approx(1 - 2.0 / 10)


@pytest.mark.parametrize("case", oracle("ranking")["cases"], ids=lambda case: case["name"])
def test_against_long_markov_chains(case: dict) -> None:
    arrays = {name: np.array(case[name], float) for name in ("exposure", "events", "denominator")}
    sums = [np.array(case[name]) if name in case else None for name in ("log_sum", "log_square_sum")]
    names = tuple(f"P{i}" for i in range(len(case["events"])))
    own = Evidence(names, arrays["exposure"], arrays["events"], *sums, arrays["denominator"])
    agree(rank_certainty(own, draws=16_384), case, np.log)


def test_win_rates_against_long_markov_chains() -> None:
    case = oracle("ranking")["win_rates"]
    names = [f"P{i}" for i in range(len(case["wins"]))]
    agree(win_rate_certainty(names, np.array(case["wins"]), np.array(case["closed"]), draws=16_384), case, logit)


def agree(certainty: Certainty, case: dict, scale: Callable[[float], float]) -> None:
    """Chances within 0.045, quantiles within a fifth of the interval, of the chains that approximate nothing."""
    assert case["error"] < 0.01
    quantiles = case["log_value"]
    for i, row in enumerate(certainty.partners.values()):
        assert row.p_top == pytest.approx(case["p_top"][i], abs=0.045)
        assert row.p_bottom == pytest.approx(case["p_bottom"][i], abs=0.045)
        width = quantiles["high"][i] - quantiles["low"][i]
        for name, found in (("low", row.expected.low), ("middle", row.expected.value), ("high", row.expected.high)):
            assert scale(found) == pytest.approx(quantiles[name][i], abs=0.2 * width)


@pytest.mark.parametrize(
    ("kind", "worlds", "end_wrong", "end_far"), [(0, 40, 0.13, 0.05), (3, 25, 0.13, 0.05), (5, 40, 0.18, 0.06)]
)
def test_calibration(kind: int, worlds: int, end_wrong: float, end_far: float) -> None:
    # The shortened form of `python -m tests.calibration.ranking`: the bounds leave room for so few worlds.
    figures = tallied(SETTINGS[kind], worlds, seed=11)
    assert figures.coverage == pytest.approx(figures.content, abs=0.03)
    assert figures.expected_error < 0.025
    assert figures.end_wrong < end_wrong
    assert figures.end_wrong < figures.table_end_wrong / 2.5
    assert figures.end_far < end_far
    assert figures.end_found > 0.2
    assert figures.claimed_end_wrong == pytest.approx(figures.end_wrong, abs=0.05)
    assert figures.claimed_table_end_wrong == pytest.approx(figures.table_end_wrong, abs=0.05)
    assert figures.value_coverage == pytest.approx(0.9, abs=0.03)
