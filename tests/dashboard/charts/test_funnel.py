"""Do the funnel's charts say what they are given, mark what is young or small, and let no markup through?"""

from __future__ import annotations

from datetime import date

import plotly.graph_objects as go
import pytest

from dashboard.charts import cohorts, funnel, theme, waiting
from dashboard.domain import Estimate
from dashboard.metrics.intervals import Difference

RATE = Estimate(0.2, 0.15, 0.26, 200)
BARS = [
    funnel.Bar("lead", "Leads", 200, 200, None, "", False),
    funnel.Bar("eql", "EQLs", 60, 40, RATE, "leads", False),
    funnel.Bar("won", "Won", 3, 3, Estimate(0.05, 0.02, 0.13, 60), "EQLs", True),
]
DOTS = [
    funnel.Dot("P1", "<img src=x> & Co", RATE, False, False),
    funnel.Dot("P2", "Few", Estimate(0.5, 0.1, 0.9, 4), True, False),
    funnel.Dot("P3", "Young", Estimate(0.0, 0.0, 0.1, 30), False, True),
]
GAPS = [
    funnel.Gap("EQL → won", Difference(0.05, 0.01, 0.09, 100, 100), True, "a"),
    funnel.Gap("<b>x</b>", Difference(-0.01, -0.05, 0.03, 100, 100), False, "b"),
    funnel.Gap("SQL → won", Difference(None, None, None, 0, 0), False),
]
MONTHS = [cohorts.Month(date(2026, 8, 1), RATE, False), cohorts.Month(date(2026, 9, 1), RATE, True)]
BINS = [waiting.Bin(0, 4, 3), waiting.Bin(5, 9, 1)]
MEDIANS = [
    waiting.Median(date(2026, 8, 1), 12.0, 9.0, 15.0, 40, False),
    waiting.Median(date(2026, 9, 1), 10.0, None, None, 4, True),
]
PERIOD = (date(2026, 7, 1), date(2026, 10, 1))
FIGURES = {
    "stages": funnel.stages(BARS, theme.PARTNER),
    "no stages": funnel.stages([], theme.PARTNER),
    "groups": funnel.groups(DOTS, RATE, theme.PARTNER),
    "groups with a gap": funnel.groups(DOTS, RATE, theme.OTHER, 1),
    "no groups": funnel.groups([], Estimate(None, None, None, 0), theme.PARTNER),
    "differences": funnel.differences(GAPS),
    "no differences": funnel.differences([]),
    "months": cohorts.monthly(MONTHS, PERIOD, theme.PARTNER),
    "no months": cohorts.monthly([], PERIOD, theme.PARTNER),
    "days": waiting.histogram(BINS, 4.0, (2.0, 5.5), theme.PARTNER),
    "no days": waiting.histogram([], None, None, theme.PARTNER),
    "medians": waiting.medians(MEDIANS, theme.PARTNER),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_accepts_every_property(name: str) -> None:
    go.Figure(FIGURES[name].to_dict())  # with the checks that the pages leave out


@pytest.mark.parametrize("name", ["groups", "groups with a gap", "differences"])
def test_names_from_data_cannot_be_markup(name: str) -> None:
    written = FIGURES[name].to_json()
    assert "<img" not in written and "\\u003cimg" not in written
    assert "<b>x</b>" not in written and "\\u003cb\\u003ex" not in written


def test_a_bar_is_as_long_as_its_leads_and_shows_who_skipped() -> None:
    through, skipped = FIGURES["stages"].data
    assert [a + b for a, b in zip(through.x, skipped.x, strict=True)] == [200, 60, 3]
    assert list(skipped.x) == [0, 20, 0]
    assert [point[0] for point in through.customdata] == ["lead", "eql", "won"]


def test_what_is_too_early_is_said_and_lighter() -> None:
    through, _ = FIGURES["stages"].data
    assert through.marker.opacity[2] < through.marker.opacity[1]
    said = [note.text for note in FIGURES["stages"].layout.annotations]
    assert said.count("too early to judge") == 1
    dots = FIGURES["groups"].data[0]
    assert list(dots.marker.symbol) == ["circle", "circle", "circle-open"]
    line, young = FIGURES["months"].data
    assert line.mode == "lines+markers" and young.mode == "markers"
    assert young.marker.symbol == "circle-open" and young.opacity < 1
    assert [point[0] for point in young.customdata] == ["2026-09"]


def test_rates_carry_their_interval_and_cases_in_words() -> None:
    said = [note.text for note in FIGURES["stages"].layout.annotations]
    assert "20.0\u202f% of leads (15.0–26.0\u202f%)" in said[1]
    dots = FIGURES["groups"].data[0]
    assert dots.error_x.array[0] == pytest.approx(0.06) and dots.error_x.arrayminus[0] == pytest.approx(0.05)
    assert "20.0\u202f% of 200" in [note.text for note in FIGURES["groups"].layout.annotations]


def test_too_few_leads_are_grey() -> None:
    assert list(FIGURES["groups"].data[0].marker.color) == [theme.PARTNER, theme.REFERENCE, theme.PARTNER]


def test_a_gap_stands_where_groups_are_left_out() -> None:
    assert list(FIGURES["groups"].data[0].y) == [2, 1, 0]
    assert list(FIGURES["groups with a gap"].data[0].y) == [3, 1, 0]


def test_differences_are_drawn_in_points() -> None:
    dots = FIGURES["differences"].data[0]
    assert list(dots.x) == pytest.approx([5.0, -1.0])  # without a value nothing is drawn
    assert dots.error_x.array[0] == pytest.approx(4.0)
    assert list(dots.marker.color) == [theme.PARTNER, theme.REFERENCE]


def test_days_fall_into_their_bins() -> None:
    bars = FIGURES["days"].data[0]
    assert list(bars.x) == [2.5, 7.5] and list(bars.width) == [5, 5] and list(bars.y) == [3, 1]
    assert bars.customdata[0] == "0–4 days: 3 leads"


def test_a_median_without_an_interval_has_no_whisker() -> None:
    dots = FIGURES["medians"].data[0]
    assert list(dots.error_y.array) == [3.0, 0] and list(dots.marker.symbol) == ["circle", "circle-open"]
