"""Does the waterfall show what is left and what was lost, and pass Plotly's own checks?"""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.charts import theme
from dashboard.charts.waterfall import Bar, waterfall

BARS = [
    Bar("Leads", 100, 0, "100", "100 leads"),
    Bar("<b>ICP</b>", 60, 40, "60", "60 pass", "40 stop"),
    Bar("By the model", 20, 0, "20", "20 qualify", compared=True),
]


def test_plotly_accepts_every_property() -> None:
    for bars in (BARS, BARS[:1]):
        go.Figure(waterfall(bars, theme.PARTNER).to_dict())  # with the checks that the pages leave out


def test_what_is_left_and_what_was_lost_fill_the_bar_before() -> None:
    figure = waterfall(BARS, theme.PARTNER)
    left, lost = figure.data
    assert list(left.x) == [100, 60, 20] and list(lost.x) == [0, 40, 0]
    assert left.marker.color == theme.PARTNER
    assert figure.layout.annotations[1].text == "−40" and figure.layout.annotations[1].x == 100
    assert figure.layout.annotations[0].text == ""


def test_what_is_compared_stands_apart() -> None:
    figure = waterfall(BARS, theme.PARTNER)
    assert list(figure.data[0].y) == [0, 1, 2.5]
    assert list(figure.layout.yaxis.range) == [3.0, -0.5], "from top to bottom"


def test_names_are_no_markup() -> None:
    ticks = waterfall(BARS, theme.PARTNER).layout.yaxis.ticktext
    assert ticks[1].startswith("&lt;b&gt;ICP&lt;/b&gt;")
