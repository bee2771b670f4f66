"""Are prospects ranked, marked and tested as docs/content.md says, and is nothing claimed where nothing is found?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from dashboard.metrics.prospect_model import Pages
from dashboard.metrics.prospects import _spearman, _weighted_ranks, back_test, pages_of, prospects, shortest
from data_access.content import PROSPECT_SCHEMA
from tests.dashboard.metrics.test_content import cells
from tests.dashboard.metrics.test_prospect_model import pages

ONCE = np.ones(5)


def offered(*rows: tuple[str, str, float | None]) -> pl.DataFrame:
    return pl.DataFrame([(key, "p", kind, rating) for key, kind, rating in rows], PROSPECT_SCHEMA, orient="row")


def rated(seed: int, slope: float) -> Pages:
    return pages(300, 60, seed, slope=slope, kinds=(0.3, -0.3))


def test_the_shortest_range_by_hand() -> None:
    drawn = np.column_stack([[0.0] * 6 + [1.0, 2.0, 3.0, 9.0], np.arange(10.0), [0, 5, 6, 6, 6, 7, 7, 8, 8, 9]])
    low, high = shortest(drawn, 0.8)
    assert low.tolist() == [0.0, 0.0, 5.0]
    assert high.tolist() == [2.0, 7.0, 8.0]


def test_rank_correlation_by_hand() -> None:
    # Ranks 1 2 3 4 5 against 2 1 4 3 5: 1 − 6·4 / (5·24) = 0.8.
    assert _spearman(np.arange(5.0), np.array([2.0, 1.0, 4.0, 3.0, 5.0]), ONCE) == pytest.approx(0.8)
    assert _spearman(np.arange(5.0), np.full(5, 3.0), ONCE) == 0.0
    # A weight of 2 is the row twice.
    twice = _spearman(np.arange(5.0), np.array([2.0, 1.0, 4.0, 3.0, 5.0]), np.array([2.0, 1, 1, 1, 0]))
    assert twice == pytest.approx(_spearman(np.array([0.0, 0, 1, 2, 3]), np.array([2.0, 2, 1, 4, 3]), ONCE))
    assert _weighted_ranks(np.array([5.0, 5.0, 9.0]), np.ones(3)).tolist() == [-0.5, -0.5, 1.0]


def test_which_pages_teach() -> None:
    rows: tuple[dict[str, Any], ...] = (
        {"asset_id": "in", "days_live": 91, "amounts": 2, "log_amount": 9.0, "pipeline_cents": 500},
        {"asset_id": "short", "days_live": 90},
        {"asset_id": "own", "partner_id": None},
        {"asset_id": "offered", "prospect": True},
    )
    found = pages_of(cells(*rows))
    assert (found.kind.tolist(), found.deals.tolist(), found.worth.tolist()) == (["page"], [2.0], [5.0])
    assert found.quarters.tolist() == [pytest.approx(91 / 91.25)]


def test_ranking_follows_the_signal_and_marks_what_is_beyond() -> None:
    found = prospects(
        rated(5, 0.8),
        offered(("low", "k1", 12.0), ("high", "k0", 88.0), ("beyond", "k0", 99.0), ("none", "k0", None),
                ("new", "other", 50.0), ("twin", "k0", 88.0)),
    )  # fmt: skip
    by = {page.asset_id: page for page in found.pages}
    assert found.pages[0].asset_id == "beyond"
    assert by["beyond"].beyond
    assert not by["high"].beyond
    assert by["high"].rank == by["twin"].rank
    assert by["high"].expected == by["twin"].expected
    assert found.pages[-1].asset_id == "low"
    assert (by["beyond"].rank_by_rating, by["high"].rank_by_rating, by["twin"].rank_by_rating) == (1, 2, 2)
    assert by["none"].rank_by_rating is None
    assert (by["new"].kind_pages, by["new"].rank is not None) == (0, True)
    for page in found.pages:
        assert 0 <= (page.expected.low or 0) <= (page.expected.value or 0)
        assert (page.rank_low or 0) <= (page.rank or 0) <= (page.rank_high or 0)
        assert 0 <= (page.p_nothing or 0) <= 1
    assert found.rating_effect is not None
    assert (found.rating_effect.times.low or 0) > 1


def test_back_test_finds_a_signal_and_holds() -> None:
    tested = back_test(rated(6, 0.8))
    assert tested is not None
    assert (tested.model.low or 0) > 0
    assert (tested.rating.low or 0) > 0
    assert 0.85 <= (tested.inside.value or 0) <= 0.95
    assert (tested.pages, tested.model.n) == (300, 300)


def test_kinds_that_matter_beat_a_rating_that_does_not() -> None:
    tested = back_test(pages(600, 80, 7, kinds=(1.0, -1.0)))
    assert tested is not None
    assert (tested.gain.low or 0) > 0


def test_nothing_is_claimed_where_nothing_is_to_be_found() -> None:
    """How often it is claimed over many companies measures tests/calibration/prospects.py."""
    useful = [back_test(pages(120, 30, seed)) for seed in range(4)]
    assert sum((tested.model.low or 0) > 0 for tested in useful if tested) <= 1


def test_too_few_pages_leave_the_order_to_the_rating() -> None:
    few = pages(10, 5, 1)
    found = prospects(few, offered(("b", "k0", 10.0), ("a", "k0", 90.0), ("c", "k0", None)))
    assert [page.asset_id for page in found.pages] == ["a", "b", "c"]
    assert {page.rank for page in found.pages} == {None}
    assert found.back_test is None
    assert found.rating_effect is None
    assert prospects(few, offered()).pages == []


def test_ratings_that_nobody_knows_or_that_are_all_alike_break_nothing() -> None:
    own = pages(120, 30, 9)
    for rating in (np.full(120, np.nan), np.full(120, 50.0)):
        found = prospects(replace(own, rating=rating), offered(("a", "k0", 90.0), ("b", "k0", None)))
        assert found.back_test is not None
        assert found.back_test.rating.value == 0.0
        assert all(np.isfinite(page.expected.value or np.nan) for page in found.pages)
