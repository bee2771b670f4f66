"""Do the charts say what they are given, pass Plotly's own checks, and let no markup through?"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.charts import arr, channels, theme, trend
from dashboard.domain import Estimate

QUARTERS = [
    arr.Quarter("Q3 2026", (300.0, 120.0), 420.0, 500.0),
    arr.Quarter("Q4 2026", (100.0, 0.0), 100.0, None, running=True),
]
ROWS = [
    channels.Row("Partners", "EQL → won", Estimate(0.2, 0.15, 0.26, 200), True, (0.18, 0.25)),
    channels.Row("<img src=x> & Co", "lead → won", Estimate(0.01, 0.0, 0.03, 90), False),
    channels.Row("Direct", "lead → won", Estimate(None, None, None, 0), False),
]
WEEKS = np.array(["2026-11-09", "2026-11-16"], dtype="datetime64[D]")
PANELS = [trend.Panel("EQLs", np.array([3.0, 4.0]), ["3", "4"], "3 in the last full week")]
FIGURES = {
    "arr": arr.by_quarter(QUARTERS, ["Gold", "<b>Silver</b>"], "USD"),
    "channels": channels.comparison(ROWS),
    "trend": trend.weekly(WEEKS, PANELS, ("2026-10-01", "2027-01-01"), True),
    "no quarters": arr.by_quarter([], [], "USD"),
    "no rows": channels.comparison([]),
    "no weeks": trend.weekly(WEEKS[:0], [trend.Panel("EQLs", np.array([]), [], "")], None, False),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_accepts_every_property(name: str) -> None:
    go.Figure(FIGURES[name].to_dict())  # with the checks that the pages leave out


@pytest.mark.parametrize("name", FIGURES)
def test_background_is_the_page(name: str) -> None:
    layout = FIGURES[name].layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.font.color is None  # text takes the page's own colour, light or dark


def test_names_from_data_cannot_be_markup() -> None:
    written = FIGURES["channels"].to_json() + FIGURES["arr"].to_json()
    assert "<img" not in written and "\\u003cimg" not in written
    assert "&lt;img src=x&gt; &amp; Co" in written.replace("\\u0026", "&")
    assert FIGURES["arr"].data[1].name == "&lt;b&gt;Silver&lt;/b&gt;"


def test_arr_stacks_tiers_and_steps_through_targets() -> None:
    bars = [trace for trace in FIGURES["arr"].data if trace.type == "bar"]
    assert [list(bar.y) for bar in bars] == [[300.0, 100.0], [120.0, 0.0]]
    step = next(trace for trace in FIGURES["arr"].data if trace.type == "scatter" and trace.mode == "lines")
    assert list(step.x) == [-0.5, 0.5, 0.5, 1.5]
    assert list(step.y) == [500.0, 500.0, None, None]  # a gap where no target is set
    assert bars[0].marker.opacity[1] < bars[0].marker.opacity[0]  # a running quarter is lighter


def test_totals_stand_below_their_quarters_where_no_line_crosses_them() -> None:
    layout = FIGURES["arr"].layout
    assert not layout.annotations
    assert list(layout.xaxis.ticktext) == [
        f"Q3<br>2026<br>{theme.value('$420')}",
        f"Q4<br>2026<br>{theme.value('$100')}<br>so far",
    ]


def test_rates_are_drawn_with_their_interval() -> None:
    dots = FIGURES["channels"].data[0]
    assert list(dots.x) == [0.2]
    assert dots.error_x.array[0] == pytest.approx(0.06)  # 0.26 − 0.20
    assert dots.error_x.arrayminus[0] == pytest.approx(0.05)  # 0.20 − 0.15
    assert dots.marker.color == theme.PARTNER
    assert FIGURES["channels"].data[1].marker.color == theme.OTHER


def test_a_rate_without_a_basis_is_said_not_drawn() -> None:
    assert len(FIGURES["channels"].data[1].x) == 1  # Direct is missing among the dots …
    assert "nobody to convert yet" in [note.text for note in FIGURES["channels"].layout.annotations]  # … and says why


def test_references_are_dashed_and_grey() -> None:
    (band,) = FIGURES["channels"].layout.shapes
    assert (band.x0, band.x1) == (0.18, 0.25)
    assert band.line.dash == "dash" and band.line.color == theme.REFERENCE
