"""Does the waterfall add up, whatever the cells, and does it say what a person counts by hand?"""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.intervals import rate
from dashboard.metrics.performance import Selection
from dashboard.metrics.qualification import cut, disqualified, qualification, waterfall_gates
from dashboard.scoring.model import Gate
from dashboard.scoring.scorecard_file import default_model
from data_access.qualification import GATE_SCHEMA, REASON_SCHEMA

MODEL = default_model()
ALL = Gate.ICP | Gate.ECOSYSTEM | Gate.BUYING | Gate.TRIGGERS | Gate.SCORE


def cells(*rows: tuple[Gate, int], partner: str | None = "P", channel: str | None = "partner") -> pl.DataFrame:
    full = [(partner, channel, int(gates), leads, 0) for gates, leads in rows]
    return pl.DataFrame(full, schema=dict(GATE_SCHEMA), orient="row")


def test_the_exercise_of_the_120_accounts() -> None:
    """120 overlaps: 80 match the ICP, 30 of them show an ecosystem signal, 24 of those buy, 20 have the points."""
    frame = cells(
        (Gate.OVERLAP, 40),
        (Gate.OVERLAP | Gate.ICP, 50),
        (Gate.OVERLAP | Gate.ICP | Gate.ECOSYSTEM | Gate.TRIGGERS, 6),
        (Gate.OVERLAP | ALL & ~Gate.SCORE, 4),
        (Gate.OVERLAP | ALL, 3),
        (Gate.OVERLAP | ALL | Gate.RECORDED, 17),
        (ALL | Gate.RECORDED, 1000),  # without an overlap: not part of the exercise
    )
    found = qualification(frame, MODEL, overlapping=True)
    assert (found.leads, found.overlapping) == (120, 120)
    assert [(step.gate, step.passed, step.lost) for step in found.steps] == [
        (Gate.ICP, 80, 40), (Gate.ECOSYSTEM, 30, 50), (Gate.BUYING, 24, 6), (Gate.TRIGGERS, 24, 0), (Gate.SCORE, 20, 4),
    ]  # fmt: skip
    assert found.steps[1].rate == rate(30, 80)
    # ICP is failed by the 40; the ecosystem signal by 40 + 50; the score by 40 + 50 + 6 + 4.
    assert [step.fails for step in found.steps] == [40, 90, 96, 90, 100]
    assert found.steps[1].failing == rate(90, 120)
    # Only the score keeps the 4; everybody else lacks two things at least.
    assert [step.only for step in found.steps] == [0, 0, 0, 0, 4]
    assert (found.by_model, found.recorded, found.both) == (20, 17, 17)
    assert (found.recorded_only, found.model_only, found.without_icp) == (0, 3, 0)
    assert qualification(frame, MODEL).leads == 1120 and qualification(frame, MODEL).overlapping == 120


def test_a_lead_may_qualify_without_the_icp_match() -> None:
    frame = cells((ALL & ~Gate.ICP, 5), (ALL, 2), (Gate.RECORDED, 3), (ALL & ~Gate.ICP | Gate.RECORDED, 4))
    found = qualification(frame, MODEL)
    assert (found.by_model, found.without_icp, found.steps[-1].passed) == (11, 9, 2)
    assert (found.recorded, found.both, found.recorded_only, found.model_only) == (7, 4, 3, 7)
    strict = replace(MODEL, requires=MODEL.requires | Gate.ICP)
    assert qualification(frame, strict).by_model == 2


def test_gates_that_the_model_leaves_out_are_not_in_the_waterfall() -> None:
    assert waterfall_gates(replace(MODEL, requires=Gate(0))) == (Gate.ICP, Gate.TRIGGERS, Gate.SCORE)
    both = replace(MODEL, requires=Gate.CONFIRMED)
    assert waterfall_gates(both) == (Gate.ICP, Gate.TRIGGERS, Gate.SCORE, Gate.CONFIRMED)


def test_nothing_has_no_rates() -> None:
    found = qualification(cells(), MODEL)
    assert found.leads == 0 and found.completeness is None
    assert found.model_rate.value is None and all(step.rate.n == 0 for step in found.steps)


def test_completeness_is_the_share_of_known_values() -> None:
    frame = cells((ALL, 2)).with_columns(known=pl.lit(11, dtype=pl.Int64))
    assert qualification(frame, MODEL).completeness == pytest.approx(11 / (2 * len(MODEL.criteria)))


@given(st.lists(st.tuples(st.integers(0, 255).map(Gate), st.integers(1, 50)), max_size=30))
def test_the_waterfall_adds_up(rows: list[tuple[Gate, int]]) -> None:
    found = qualification(cells(*rows), MODEL)
    left = found.leads
    for step in found.steps:
        assert left == step.passed + step.lost
        assert step.only <= step.fails and step.lost <= step.fails
        left = step.passed
    assert left == found.by_model - found.without_icp
    assert sum(step.only for step in found.steps) <= found.leads - left
    assert found.both <= min(found.by_model, found.recorded)


def test_cells_are_cut_to_what_is_chosen() -> None:
    frame = pl.concat([
        cells((ALL, 1), partner="A"), cells((ALL, 2), partner="B"), cells((ALL, 4), partner=None, channel="direct"),
    ])  # fmt: skip
    chosen = Selection(frozenset({"A"}))
    assert cut(frame, chosen, sourced=True)["leads"].sum() == 1
    assert cut(frame, chosen, sourced=False)["leads"].sum() == 5
    assert cut(frame, Selection(None, frozenset({"direct"})), sourced=False)["leads"].sum() == 4


def test_reasons_come_most_frequent_first_and_the_unsaid_keeps_its_place() -> None:
    rows = [
        ("A", "x", "no budget", 3, 1),
        ("B", "x", "no budget", 2, 0),
        ("A", "x", None, 4, 4),
        ("A", "x", "size", 1, 0),
    ]
    found = disqualified(pl.DataFrame(rows, schema=dict(REASON_SCHEMA), orient="row"))
    assert [(each.reason, each.leads, each.eqls) for each in found] == [
        ("no budget", 5, 1),
        (None, 4, 4),
        ("size", 1, 0),
    ]
    assert found[0].share == rate(5, 10)
