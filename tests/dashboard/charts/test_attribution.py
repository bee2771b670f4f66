"""Do the charts of credit show what they are given, lighter where it is estimated, and pass Plotly's own checks?"""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from dashboard.charts import attribution as charts
from dashboard.charts import theme
from dashboard.charts.attribution import Bar, Effect, Pair, Side, Stack, Tone

TICKS = [(0.0, "$0"), (100.0, "$100")]
BARS = [
    Bar("p1", "<b>Acme</b>", 90.0, "$90", "Acme: $90.00"),
    Bar("p2", "x" * 200, 10.0, "$10", "long: $10.00", Tone.OTHER),
]
PAIRS = [
    Pair("p1", "Acme", 90.0, 40.0, "−$50", "Acme"),
    Pair("p2", "<img src=x>", 10.0, 60.0, "+$50", "image", Tone.OTHER),
]
STACKS = [
    Stack("Linear", (60.0, 30.0, 10.0), ("a", "b", "c"), "$60"),
    Stack("Data-driven", (50.0, 40.0, 10.0), ("d", "e", "f"), "$50", estimated=True),
]
EFFECTS = [Effect("<b>Acme</b>", 0.2, 0.1, 0.25, "10–25 %", "Acme", Tone.PARTNER)]
PARTS = (("Partners", Tone.PARTNER), ("No partner", Tone.OTHER), ("No touch", Tone.NOBODY))
FIGURES = {
    "bars": charts.credits_of(BARS, TICKS),
    "estimated bars": charts.credits_of(BARS, TICKS, estimated=True),
    "no bars": charts.credits_of([], TICKS),
    "dumbbells": charts.dumbbells(PAIRS, (Side("Linear"), Side("Data-driven", estimated=True)), TICKS),
    "no dumbbells": charts.dumbbells([], (Side("A"), Side("B")), TICKS),
    "missed": charts.missed(EFFECTS, [(0.0, "0 %"), (0.2, "20 %")]),
    "shares": charts.shares(STACKS, PARTS, TICKS),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_accepts_every_property(name: str) -> None:
    go.Figure(FIGURES[name].to_dict())  # with the checks that the pages leave out


@pytest.mark.parametrize("name", FIGURES)
def test_paper_can_draw_it_too(name: str) -> None:
    assert {trace.type for trace in FIGURES[name].data} <= {"bar", "scatter"}


@pytest.mark.parametrize("name", FIGURES)
def test_names_from_data_cannot_be_markup(name: str) -> None:
    written = FIGURES[name].to_json()
    assert "<img" not in written and "\\u003cimg" not in written
    assert "<b>Acme" not in written and "x" * 30 not in written


def test_the_key_that_tells_two_names_apart_is_not_cut_off() -> None:
    names = ["Article: partner reporting (S00040)", "Article: partner reporting (S00035)", "Guide: renewals (S1)",
             "y" * 40 + f" ({'z' * 40})", "Article: partner reporting <b>(S1)"]  # fmt: skip
    bars = [Bar(None, name, 1.0, "$1", "") for name in names]
    assert list(charts.credits_of(bars, TICKS).layout.yaxis.ticktext) == [
        "Article: partn… (S00040)",
        "Article: partn… (S00035)",
        "Guide: renewals (S1)",
        "y" * 23 + "…",
        "Article: partner report…",
    ]


def test_bars_stand_from_top_to_bottom_with_their_amounts() -> None:
    figure = FIGURES["bars"]
    bar, whiskers = figure.data
    assert len(whiskers.x) == 0
    assert list(bar.x) == [90.0, 10.0] and list(bar.y) == [0, 1]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert [note.text for note in figure.layout.annotations] == ["$90", "$10"]
    assert list(bar.marker.color) == [theme.PARTNER, theme.OTHER]
    assert [row[1] for row in bar.customdata] == ["p1", "p2"]


def test_intervals_are_cut_where_the_bars_would_become_too_small() -> None:
    own = [replace(BARS[0], low=20.0, high=900.0), replace(BARS[1], low=5.0, high=30.0)]
    figure = charts.credits_of(own, TICKS)
    end = figure.layout.xaxis.range[1]
    assert end == pytest.approx(2 * 90 * 1.02)
    assert list(figure.data[1].x) == [20.0, end, None, 5.0, 30.0, None]
    assert list(figure.data[1].y) == [0, 0, None, 1, 1, None]


def test_an_estimate_is_lighter() -> None:
    assert FIGURES["bars"].data[0].marker.opacity == 1
    assert FIGURES["estimated bars"].data[0].marker.opacity == theme.ESTIMATED_OPACITY
    _, linear, driven = FIGURES["dumbbells"].data
    assert (linear.marker.opacity, driven.marker.opacity) == (1, theme.ESTIMATED_MARK_OPACITY)
    assert list(FIGURES["shares"].data[0].marker.opacity) == [1, theme.ESTIMATED_OPACITY]


def test_a_dumbbell_joins_both_rules() -> None:
    joint, first, second = FIGURES["dumbbells"].data
    assert list(joint.x) == [90.0, 40.0, None, 10.0, 60.0, None]
    assert list(joint.y) == [0, 0, None, 1, 1, None]
    assert list(first.x) == [90.0, 10.0] and first.marker.symbol == "circle"
    assert list(second.x) == [40.0, 60.0] and second.marker.symbol == "circle-open"
    assert [note.text for note in FIGURES["dumbbells"].layout.annotations] == ["−$50", "+$50"]


def test_shares_stack_partners_others_and_nobody() -> None:
    figure = FIGURES["shares"]
    assert figure.layout.barmode == "stack"
    assert [list(trace.x) for trace in figure.data] == [[60.0, 50.0], [30.0, 40.0], [10.0, 10.0]]
    assert [note.text for note in figure.layout.annotations] == ["$60", "$50"]
    assert [trace.marker.color for trace in figure.data] == [theme.PARTNER, theme.OTHER, theme.REFERENCE]


def test_an_effect_has_its_interval() -> None:
    (dots,) = FIGURES["missed"].data
    assert list(dots.x) == [0.2] and dots.opacity == theme.ESTIMATED_MARK_OPACITY
    assert dots.error_x.array[0] == pytest.approx(0.05)  # 0.25 − 0.20
    assert dots.error_x.arrayminus[0] == pytest.approx(0.10)  # 0.20 − 0.10
