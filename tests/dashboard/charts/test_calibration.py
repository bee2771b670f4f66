"""Do the charts of bands and AUCs show what they are given, and pass Plotly's own checks?"""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from dashboard.charts import theme
from dashboard.charts.calibration import AucRow, BandRow, areas, reliability
from dashboard.domain import NOTHING, Estimate

BANDS = [
    BandRow("75–100", Estimate(0.4, 0.3, 0.5, 80), 0.25, True),
    BandRow("70–74", Estimate(0.2, 0.15, 0.26, 300), 0.21, False),
    BandRow("0–69", Estimate(0.05, 0.02, 0.1, 120), None, False),
]
AUCS = [
    AucRow("active points", Estimate(0.65, 0.62, 0.68, 2228), True),
    AucRow("<b>yours</b>", Estimate(0.6, None, None, 2228), False),
    AucRow("newer leads", NOTHING, False),
]
FIGURES = {
    "bands": reliability(BANDS),
    "no bands": reliability([]),
    "areas": areas(AUCS),
    "no areas": areas([]),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_accepts_every_property(name: str) -> None:
    go.Figure(FIGURES[name].to_dict())  # with the checks that the pages leave out


def test_bands_stand_from_the_highest_down() -> None:
    figure = FIGURES["bands"]
    inside, outside, observed = figure.data
    assert (list(observed.x), list(observed.y)) == ([0.4, 0.2, 0.05], [2, 1, 0])
    assert (list(inside.x), list(inside.y), inside.marker.color) == ([0.21], [1], theme.REFERENCE)
    assert (list(outside.x), list(outside.y), outside.marker.color) == ([0.25], [2], theme.ATTENTION)
    assert list(observed.error_x.array) == pytest.approx([0.1, 0.06, 0.05])
    assert list(figure.layout.yaxis.ticktext) == ["75–100", "70–74", "0–69"]
    assert [note.text for note in figure.layout.annotations] == ["80", "300", "120"]
    assert "n = 80 worked leads" in observed.customdata[0]


def test_without_a_band_off_there_is_no_legend_for_it() -> None:
    assert [trace.name for trace in reliability(BANDS[1:]).data] == ["predicted", "observed"]


def test_areas_stand_beside_a_coin() -> None:
    figure = FIGURES["areas"]
    active, yours, newer = figure.data
    assert (list(active.x), active.marker.color, list(active.text)) == ([0.65], theme.PARTNER, ["0.65"])
    assert yours.marker.color == theme.REFERENCE and list(yours.error_x.array) == [0]
    assert list(newer.x) == []
    assert figure.layout.shapes[0].x0 == 0.5
    assert figure.layout.yaxis.ticktext[1] == "&lt;b&gt;yours&lt;/b&gt;"
    low, high = figure.layout.xaxis.range
    assert low < 0.5 and high > 0.68
