"""Do the charts of vitals and AI referrals say what they are given, and does no light rest on colour alone?"""

from __future__ import annotations

from datetime import date

import plotly.graph_objects as go
import pytest

from dashboard.charts import ai_referrals, vitals
from dashboard.domain import Estimate

LOOKS = [vitals.Look("#111", "circle", "Good"), vitals.Look("#222", "x", "Breach"), vitals.Look("#333", "diamond", "?")]
ROWS = [
    vitals.Row("EQL → won", "22 %", 0.3, 0.1, 0.6, 0.47, LOOKS[0], "hover"),
    vitals.Row("<b>Cost</b>", "$421", -0.3, -0.4, -0.1, 0.0, LOOKS[1], "hover", [1.0]),
    vitals.Row("Pipeline", "no cost", None, None, None, 0.2, LOOKS[2], "hover"),
]
SCALE = vitals.Scale(-1.1, 1.1, [-1, 0, 1], ["½ as good", "reference", "2× as good"])
MONTHS = [date(2026, 1, 1), date(2026, 2, 1)]
SERIES = [
    ai_referrals.Series("Share of leads", [Estimate(0.1, 0.05, 0.2, 40), Estimate(None, None, None, 0)], ["a", "b"]),
    ai_referrals.Series("Share of EQLs", [Estimate(0.0, 0.0, 0.1, 9), Estimate(0.5, 0.1, 0.9, 2)], ["c", "d"], True),
]
FIGURES = {
    "lights": vitals.lights(ROWS, SCALE),
    "no lights": vitals.lights([], SCALE),
    "trend": ai_referrals.trend(MONTHS, SERIES),
    "no trend": ai_referrals.trend([], []),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_accepts_every_property(name: str) -> None:
    go.Figure(FIGURES[name].to_dict())


def test_each_light_has_a_word_and_a_mark_of_its_own() -> None:
    texts = [note["text"] for note in FIGURES["lights"].to_dict()["layout"]["annotations"]]
    assert all(look.word in texts for look in LOOKS)
    assert list(FIGURES["lights"].data[0].marker.symbol) == ["circle", "x"]


def test_whiskers_are_drawn_and_what_is_missing_is_said() -> None:
    dots = FIGURES["lights"].data[0]
    assert list(dots.x) == [0.3, -0.3]
    assert list(dots.error_x.array) == pytest.approx([0.3, 0.2])
    assert list(dots.error_x.arrayminus) == pytest.approx([0.2, 0.1])
    texts = [note["text"] for note in FIGURES["lights"].to_dict()["layout"]["annotations"]]
    assert "no cost" in texts and "<b>&lt;b&gt;Cost&lt;/b&gt;</b>  $421" in texts


def test_references_are_grey_and_dashed() -> None:
    shapes = FIGURES["lights"].to_dict()["layout"]["shapes"]
    assert [shape["type"] for shape in shapes] == ["rect", "line", "line", "line"]
    assert all(shape["line"]["dash"] == "dash" for shape in shapes)


def test_months_without_a_basis_are_left_out() -> None:
    assert list(FIGURES["trend"].data[0].x) == ["2026-01-01"]
    assert FIGURES["trend"].data[1].marker.symbol == "circle-open"
