"""Do curves over thresholds show bounds only where there are some, mark both thresholds, and pass Plotly's checks?"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.charts import theme
from dashboard.charts.what_if import Curve, Marks, over_thresholds

VALUES = [float(101 - at) for at in range(101)]
HOVER = [f"at {at}" for at in range(101)]
KNOWN = [None if at < 70 else 1.0 for at in range(101)]
BOUNDED = Curve(
    "seen + estimated", KNOWN, theme.WON, HOVER, [v and v - 1 for v in KNOWN], [v and v + 1 for v in KNOWN],
    estimated=True,
)  # fmt: skip
PLAIN = Curve("seen", VALUES, theme.WON, HOVER)
FIGURES = {
    "one": over_thresholds([PLAIN], Marks(65, 70, (60, 68))),
    "two": over_thresholds([PLAIN, BOUNDED], Marks(70, 70)),
    "no active": over_thresholds([PLAIN], Marks(65, None, (65, 65)), level=(50.0, "capacity")),
    "nothing known": over_thresholds([Curve("cost", [None] * 101, theme.WON, HOVER)], Marks(0, 100)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_accepts_every_property(name: str) -> None:
    go.Figure(FIGURES[name].to_dict())
    assert FIGURES[name].to_json()


def test_bounds_end_where_nothing_is_known() -> None:
    band, line = FIGURES["two"].data[1:]
    assert band.fill == "toself" and min(band.x) == 70 and max(band.x) == 100
    assert sorted(set(band.y)) == [0, 2]
    assert np.isnan(line.y[69]) and line.y[70] == 1 and line.line.dash == "dot"


def lines(name: str) -> list[tuple[float, str]]:
    return [(shape.x0, shape.line.dash) for shape in FIGURES[name].layout.shapes if shape.type == "line"]


def test_no_band_spans_thresholds_of_which_nothing_is_known() -> None:
    values = [1.0, 2.0, None, None, 5.0, 6.0]
    low, high = [v and v - 1 for v in values], [v and v + 1 for v in values]
    drawn = over_thresholds([Curve("est.", values, theme.WON, HOVER[:6], low, high)], Marks(0, 0)).data[0]
    assert str(drawn.x.tolist()) == "[0.0, 1.0, 1.0, 0.0, nan, 4.0, 5.0, 5.0, 4.0]"
    assert str(drawn.y.tolist()) == "[0.0, 1.0, 3.0, 2.0, nan, 4.0, 5.0, 7.0, 6.0]"


def test_the_chosen_threshold_is_solid_and_the_active_one_dashed() -> None:
    assert lines("one") == [(70, "dash"), (65, "solid")]
    assert lines("two") == [(70, "solid")]
    texts = [note.text for note in FIGURES["one"].layout.annotations]
    assert texts == ["best 60 to 68", "70 active", "65"]


def test_the_best_range_is_shaded_from_edge_to_edge() -> None:
    (range_,) = [shape for shape in FIGURES["one"].layout.shapes if shape.type == "rect"]
    assert (range_.x0, range_.x1) == (59.5, 68.5)
    assert "best 65" in [note.text for note in FIGURES["no active"].layout.annotations]
    assert "capacity" in [note.text for note in FIGURES["no active"].layout.annotations]


def test_legend_only_where_there_are_several() -> None:
    assert not FIGURES["one"].layout.showlegend and FIGURES["two"].layout.showlegend
