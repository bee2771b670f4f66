"""Do the charts of channels show what they are given, lighter where it is estimated, and pass Plotly's own checks?"""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from dashboard.charts import channel_page as charts
from dashboard.charts import theme
from dashboard.charts.channel_page import Bar, Row

TICKS = [(0.0, "$0"), (100.0, "$100")]
ROWS = [
    Row("<b>Acme</b>", "12 won deals", 50.0, 20.0, 90.0, "$50", "Acme", 50.0, True, (18.0, 25.0)),
    Row("x" * 200, "", 5.0, None, None, "$5", "long", 5.0, False),
    Row("nothing", "0 won deals", None, None, None, "–", "nothing", 0.0, False),
]
BARS = [
    Bar("<img src=x>", 60.0, 48.0, 30.0, 70.0, "$60", "$48"),
    Bar("شركة", 60.0, 70.0, 40.0, 95.0, "$60", "$70", True),
]
FIGURES = {
    "dots": charts.dots(ROWS, TICKS),
    "dots beside a level": charts.dots(ROWS, TICKS, level=40.0),
    "before and after": charts.before_and_after(BARS, TICKS),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_accepts_every_property(name: str) -> None:
    go.Figure(FIGURES[name].to_dict())  # with the checks that the pages leave out


@pytest.mark.parametrize("name", FIGURES)
def test_names_bring_no_markup(name: str) -> None:
    written = str(FIGURES[name].to_dict())
    assert "<b>Acme" not in written and "<img" not in written and "x" * 60 not in written


def test_dots_stand_where_they_should() -> None:
    partner, other = FIGURES["dots"].data
    assert (partner.marker.color, other.marker.color) == (theme.PARTNER, theme.OTHER)
    assert list(partner.x) == [50.0] and list(partner.y) == [2] and list(other.x) == [5.0]
    assert list(partner.error_x.array) == [40.0] and list(partner.error_x.arrayminus) == [30.0]
    (reference,) = FIGURES["dots"].layout.shapes
    assert (reference.x0, reference.x1, reference.line.dash) == (18.0, 25.0, "dash")


def test_what_is_estimated_is_lighter_and_has_its_interval() -> None:
    seen, estimated, whiskers = FIGURES["before and after"].data
    assert seen.opacity is None and estimated.opacity == theme.ESTIMATED_OPACITY
    assert list(seen.marker.color) == list(estimated.marker.color) == [theme.OTHER, theme.PARTNER]
    assert list(whiskers.error_y.array) == [22.0, 25.0] and list(whiskers.error_y.arrayminus) == [18.0, 30.0]
    assert whiskers.opacity is None and list(whiskers.x) == list(estimated.x)  # not as light as the bars


def test_values_stand_where_no_reference_crosses_them() -> None:
    rows = [
        Row("Partners", "", 31.0, 28.0, 34.0, "$31", "", 31.0, True, (22.0, 35.0)),
        Row("Search", "", 46.0, 40.0, 54.0, "$46", "", 46.0, False, (60.0, 84.0)),
        Row("Email", "", 9.0, 6.0, 12.0, "$9", "", 9.0, False),
    ]
    layout = charts.dots(rows, TICKS).layout
    assert [(note.text, note.x, note.yshift) for note in layout.annotations] == [
        ("$31", 35.0, None), ("$46", 84.0, None), ("$9", 12.0, None),
    ]  # fmt: skip
    above = charts.dots([rows[2]], TICKS).layout.annotations
    assert [(note.x, note.yshift) for note in above] == [(9.0, 13)]


def test_a_dot_at_the_beginning_of_the_axis_is_whole() -> None:
    low, high = charts.dots(ROWS, TICKS).layout.xaxis.range
    assert low < 0.0 < high == 100.0


def test_a_whisker_beyond_the_axis_goes_on() -> None:
    rows = [
        Row("far", "2 won deals", 50.0, 20.0, 260.0, "$50", "far", 50.0, False, most="$260"),
        Row("near", "", 5.0, 0.0, 100.0, "$5", "near", 5.0, True, most="$100"),
    ]
    arrows = [note for note in charts.dots(rows, TICKS).layout.annotations if "→" in note.text]
    assert [(note.text, note.x, note.y) for note in arrows] == [("to $260 →", 100.0, 1)]
