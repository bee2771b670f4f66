"""Are p-values those of the tests that they name, and does the false discovery rate hold?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.discovery import SMALLEST_EXPECTED, benjamini_hochberg, two_proportions
from tests.dashboard.metrics.oracles import oracle

ORACLE, R = oracle("differences"), oracle("survival")
P = st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=40)
TABLE = st.tuples(st.integers(1, 400), st.integers(1, 400)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)


def small(table: list[int]) -> bool:
    k_a, n_a, k_b, n_b = table
    events, total = k_a + k_b, n_a + n_b
    return min(n_a, n_b) * min(events, total - events) / total < SMALLEST_EXPECTED


class TestBenjaminiHochberg:
    def test_worked_example(self) -> None:
        """Three tests made: sorted 0.001, 0.03, 0.04. Times 3/1, 3/2, 3/3: 0.003, 0.045, 0.04; the smallest of what
        follows: 0.003, 0.04, 0.04. The test that was not made is no test."""
        assert benjamini_hochberg([0.04, None, 0.001, 0.03]) == pytest.approx((0.04, None, 0.003, 0.04))

    @pytest.mark.parametrize("family", ORACLE["fdr"] + R["adjusted"], ids=lambda family: f"{len(family['p'])} tests")
    def test_against_statsmodels_and_r(self, family: dict) -> None:
        assert benjamini_hochberg(family["p"]) == pytest.approx(family["q"], abs=1e-14)

    @given(P)
    def test_keeps_order_ties_and_gaps(self, p: list[float | None]) -> None:
        q = benjamini_hochberg(p)
        assert [own is None for own in q] == [own is None for own in p]
        made = sorted((a, b) for a, b in zip(p, q, strict=True) if a is not None)
        assert all(a <= b <= 1 for a, b in made)
        assert [b for _, b in made] == sorted(b for _, b in made)
        assert len(set(made)) == len({a for a, _ in made})

    @given(P, st.floats(0.001, 0.5))
    def test_discovers_what_stepping_up_discovers(self, p: list[float | None], level: float) -> None:
        """The rule as published: the largest k with p(k) ≤ k/m × level; all up to it are discovered."""
        made = sorted(own for own in p if own is not None)
        passing = [own for k, own in enumerate(made, 1) if own <= k / len(made) * level * (1 - 1e-12)]
        found = [own for own, q in zip(p, benjamini_hochberg(p), strict=True) if q is not None and q <= level]
        assert len(found) >= sum(own <= max(passing, default=-1.0) for own in made)
        assert all(own <= level for own in found)


class TestTwoProportions:
    def test_worked_example_of_the_exact_test(self) -> None:
        """3 of 4 against 1 of 4 (the lady tasting tea): tables with 4 + 4 in the margins weigh 1, 16, 36, 16, 1 of 70;
        as likely or less than the observed one: 1 + 16 + 16 + 1 = 34, 34/70."""
        assert two_proportions(3, 4, 1, 4) == pytest.approx(34 / 70)

    def test_worked_example_of_the_score_test(self) -> None:
        """120 of 400 against 80 of 400: pooled 1/4, standard error √(3/16 × 0.005) = 0.030619, z = 0.1/0.030619 =
        3.2660; both tails of the normal distribution beyond it hold 0.00109."""
        assert two_proportions(120, 400, 80, 400) == pytest.approx(0.00109, abs=5e-6)

    @pytest.mark.parametrize("kind", ["fisher", "score"])
    def test_against_scipy_and_statsmodels(self, kind: str) -> None:
        rows = [row for row in ORACLE[kind] if small(row["table"]) == (kind == "fisher")]
        assert len(rows) >= 3
        for row in rows:
            assert two_proportions(*row["table"]) == pytest.approx(row["p"], rel=1e-7)

    @pytest.mark.parametrize("row", R["fisher"], ids=lambda row: str(row["table"]))
    def test_against_r(self, row: dict) -> None:
        a, b, c, d = row["table"]
        assert two_proportions(a, a + b, c, c + d) == pytest.approx(row["p"], rel=1e-9)

    @given(TABLE)
    def test_knows_neither_left_nor_right_nor_success(self, table: tuple[int, int, int, int]) -> None:
        k_a, n_a, k_b, n_b = table
        p = two_proportions(*table)
        assert 0 <= p <= 1
        assert two_proportions(k_b, n_b, k_a, n_a) == pytest.approx(p, rel=1e-6)
        assert two_proportions(n_a - k_a, n_a, n_b - k_b, n_b) == pytest.approx(p, rel=1e-6)

    def test_borders(self) -> None:
        assert two_proportions(0, 0, 1, 9) is None
        assert two_proportions(1, 9, 0, 0) is None
        assert two_proportions(0, 5, 0, 900) == 1.0
        assert two_proportions(5, 5, 900, 900) == 1.0
