"""Does every attribute's value meet the right rest, and are chance findings held down?"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import NOTHING
from dashboard.metrics.association import Association, associations
from dashboard.metrics.discovery import two_proportions
from dashboard.metrics.intervals import newcombe, rate
from tests.calibration.differences import discoveries

SCHEMA = {"attribute": pl.String, "value": pl.String, "leads": pl.Int64, "converted": pl.Int64}
LEAD = st.tuples(st.sampled_from(["x", "y", "z", None]), st.sampled_from(["x", "y", None]), st.booleans())


def found(rows: list[tuple[str, str | None, int, int]], total: tuple[int, int], **options: Any) -> list[Association]:
    return associations(pl.DataFrame(rows, schema=SCHEMA, orient="row"), *total, **options)


def test_worked_example() -> None:
    """Size: small 30/100, large 20/200, unknown 2/50 (40 in a row, 10 in none). Signal "demo": 12/30 of 52/350.

    Small has 30 % against 10 % of the others with a known size; the 50 unknown are in neither. The signal meets
    everybody without it, 40/320 = 12.5 %. Two tests were made, for small against large is large against small: the
    first p stays below 5 % × 1/2, so does the other below 5 % × 2/2.
    """
    rows = [("size", "small", 100, 30), ("size", "large", 200, 20), ("size", None, 40, 1), ("signal", "demo", 30, 12)]
    demo, *sizes = found(rows, (350, 52), flags={"signal"})
    assert (demo.attribute, demo.value, demo.unknown) == ("signal", "demo", NOTHING)
    assert (demo.with_, demo.without, demo.difference) == (rate(12, 30), rate(40, 320), newcombe(12, 30, 40, 320))
    small = next(own for own in sizes if own.value == "small")
    assert (small.with_, small.without, small.unknown) == (rate(30, 100), rate(20, 200), rate(2, 50))
    first, second = two_proportions(30, 100, 20, 200), two_proportions(12, 30, 40, 320)
    assert first < second
    assert [own.p for own in sizes] == pytest.approx([first, first])
    assert (small.q, demo.q) == pytest.approx((first * 2, second))
    assert all(own.discovered for own in (demo, *sizes))


def test_small_groups_are_listed_but_not_tested() -> None:
    rows = [("a", "x", 19, 19), ("a", "y", 500, 5), ("b", "z", 20, 20), ("b", "w", 480, 4), ("b", "v", 19, 0)]
    answers = {own.value: own for own in found(rows, (519, 24))}
    assert [(answers[v].p is None, answers[v].q is None, answers[v].discovered) for v in "xyv"] == [
        (True, True, False)
    ] * 3
    assert answers["x"].difference == newcombe(19, 19, 5, 500)
    assert answers["z"].discovered
    assert [own.value for own in found(rows, (519, 24))][-3:] == ["x", "y", "v"]


def test_an_attribute_with_one_value_or_none_has_no_rest() -> None:
    only = found([("a", "x", 50, 9)], (80, 12))[0]
    assert (only.without, only.p, only.difference.value) == (NOTHING, None, None)
    assert only.unknown == rate(3, 30)
    assert found([], (0, 0)) == []
    assert found([("a", None, 80, 12)], (80, 12)) == []


@given(st.lists(LEAD, min_size=1, max_size=120))
def test_every_lead_is_with_without_or_unknown(leads: list[tuple[str | None, str | None, bool]]) -> None:
    rows = pl.DataFrame(leads, schema={"a": pl.String, "b": pl.String, "won": pl.Int64}, orient="row")
    cells = rows.unpivot(on=["a", "b"], index="won", variable_name="attribute")
    counted = cells.group_by("attribute", "value").agg(leads=pl.len(), converted=pl.col("won").sum())
    total = rows.height, int(rows["won"].sum())
    for own in associations(counted, *total, smallest=3):
        has = rows.filter(pl.col(own.attribute) == own.value)
        assert (own.with_.n, own.with_.value) == (has.height, has["won"].mean())
        assert own.with_.n + own.without.n + own.unknown.n == total[0]
        assert (own.p is None) == (min(own.with_.n, own.without.n) < 3)
        assert own.q is None or own.p <= own.q * (1 + 1e-9)


def test_more_leads_with_a_value_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="flags"):
        found([("tag", "x", 60, 5), ("tag", "y", 60, 5)], (100, 10))


def test_chance_is_seldom_called_a_finding() -> None:
    nothing_real, _ = discoveries(400, worlds=150, seed=3, real=0)
    false, detected = discoveries(2000, worlds=60, seed=3, real=3)
    assert nothing_real <= 0.07
    assert false <= 0.07
    assert detected > 0.8
