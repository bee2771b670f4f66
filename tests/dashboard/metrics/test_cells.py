"""Do parts of the cells make up the whole?"""

from __future__ import annotations

from dataclasses import fields

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dashboard.metrics.cells import Cells
from tests.dashboard.metrics.synthetic import DEALS, MOMENTS, cells, random_reading

CELLS = random_reading(12, 3000, seed=3).cells
FRAMES = [field.name for field in fields(Cells)]
NUMBERS = {"leads", "deals", "eqls", "sqls", "pipeline_cents", *list(DEALS)[3:]}


def sums(part: Cells) -> dict[str, int]:
    return {
        f"{name}.{column}": int(getattr(part, name)[column].sum())
        for name in FRAMES
        for column in getattr(part, name).columns
        if column in NUMBERS
    }


@pytest.mark.parametrize("key", ["partner_id", "channel"])
def test_parts_and_deals_without_a_lead_sum_to_the_whole(key: str) -> None:
    parts = [*CELLS.by(key).values(), CELLS.where(pl.lit(True), unattributed=True)]
    whole = sums(CELLS)
    assert len(whole) >= 20
    assert {name: sum(sums(part)[name] for part in parts) for name in whole} == whole


@pytest.mark.parametrize("key", ["partner_id", "channel"])
def test_by_is_where_for_each_name(key: str) -> None:
    parts = CELLS.by(key)
    assert None in parts
    for name, part in parts.items():
        same = CELLS.where(pl.col(key).eq_missing(pl.lit(name)))
        for frame in FRAMES:
            assert_frame_equal(getattr(part, frame), getattr(same, frame), check_row_order=False)


def test_a_name_that_only_one_frame_knows_gets_the_others_empty() -> None:
    parts = cells(moments=[{"partner_id": "A", "eqls": 2}]).by("partner_id")
    assert parts["A"].moments["eqls"].to_list() == [2]
    assert parts["A"].curve.is_empty()
    assert parts["A"].deals.schema == pl.Schema(DEALS)


def test_deals_without_a_lead_are_nobodys() -> None:
    own = cells(deals=[{"opened": 1}, {"opened": 7, "has_lead": False}], moments=[{"eqls": 1}])
    assert own.by("channel")[None].deals["opened"].to_list() == [1]
    loose = own.where(pl.lit(True), unattributed=True)
    assert loose.deals["opened"].to_list() == [7]
    assert loose.moments.is_empty()


def test_empty_keeps_the_columns() -> None:
    assert CELLS.empty().moments.schema == pl.Schema(MOMENTS)
    assert not any(sums(CELLS.empty()).values())
    assert cells().by("partner_id") == {}


@pytest.mark.parametrize("key", ["partner_id", "channel"])
def test_a_group_holds_what_its_frames_hold(key: str) -> None:
    frames, groups = CELLS.by(key), CELLS.groups(key)
    assert set(groups) == set(frames)
    for name, part in frames.items():
        whole = part.whole()
        assert groups[name].deals == whole.deals
        for field in ("cohort", "ages", "moments", "curve", "curve_ages"):
            ours, theirs = getattr(groups[name], field), getattr(whole, field)
            assert {column: sorted(values.tolist()) for column, values in ours.items()} == {
                column: sorted(values.tolist()) for column, values in theirs.items()
            }
