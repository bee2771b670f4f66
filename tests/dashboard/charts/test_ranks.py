"""Do the pictures of the review show each rank with its interval, pass Plotly's checks, and let no markup through?"""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from dashboard.charts import theme
from dashboard.charts.ranks import COLOURS, MARKS, Row, RuleBar, Tone, Zones, height, ranks, wrong_shares

ROWS = [
    Row("<img src=x>", Tone.DOUBLE, 1, 1, 3, "hover", 1),
    Row("tied", Tone.END, 9, 7, 10, "hover", 10),
    Row("5 to keep, 2–6", Tone.KEEP),
    Row("unsure", Tone.WAIT, 8, None, None, "", 8),
]
FIGURES = {
    "ranks": ranks(ROWS, Zones(10, 2, 1, 10)),
    "nobody": ranks([], Zones(0, 0, 1, 1)),
    "rules": wrong_shares([RuleBar("End the last", 0.31, "31 % of 12 wrong", False), RuleBar("b", 0.0, "0 %", True)]),
    "no rules": wrong_shares([]),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_accepts_every_property(name: str) -> None:
    go.Figure(FIGURES[name].to_dict())


def test_bars_reach_around_the_interval_and_marks_stand_at_the_rank() -> None:
    bars = {trace.y[0]: trace for trace in FIGURES["ranks"].data if trace.type == "bar" and len(trace.y)}
    # A rank of 7 to 10 is drawn from 6.6 to 10.4: each whole rank has room around it.
    assert (bars[1].base[0], bars[1].base[0] + bars[1].x[0]) == pytest.approx((6.6, 10.4))
    dots = {place: (trace.x[i], trace) for trace in FIGURES["ranks"].data if trace.type == "scatter"
            for i, place in enumerate(trace.y)}  # fmt: skip
    assert {place: rank for place, (rank, _) in dots.items()} == {0: 1, 1: 9, 3: 8}
    assert list(dots[1][1].error_x.array) == [1] and list(dots[0][1].error_x.array) == [None]
    assert 3 not in bars  # nothing can be told, nothing is drawn


def test_outer_fifths_are_shaded() -> None:
    assert [(shape.x0, shape.x1) for shape in FIGURES["ranks"].layout.shapes] == [(0.5, 2.5), (8.5, 10.5)]


def test_tones_differ_in_colour_and_in_mark() -> None:
    assert len(set(COLOURS.values())) == len(set(MARKS.values())) == len(Tone)


def test_names_cannot_be_markup_and_rows_have_room() -> None:
    assert FIGURES["ranks"].layout.yaxis.ticktext[0] == theme.name("<img src=x>")
    assert height(ROWS * 20) >= 17 * 80
