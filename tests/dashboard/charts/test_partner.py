"""Do the partner's pictures draw what they are given, with nothing, with names that bite, with too little?"""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.charts.partner import Curve, FunnelRow, StandingRow, funnel, standings, won_over_time
from dashboard.domain import NOTHING, Estimate

KNOWN = StandingRow("Win rate", "74 %", "55 %", 90.0, 25.0, 100.0, 7)
PLAIN = StandingRow("Pipeline per EQL", "$10", "$15", 14.0, None, None, 7)
NONE = StandingRow("EQL → SQL", "–", "–", None, None, None, 0)


def checked(figure: go.Figure) -> go.Figure:
    """Built once more with Plotly's own checks on."""
    return go.Figure(figure.to_plotly_json())


def test_standings_with_whiskers_without_and_with_nothing() -> None:
    found = checked(standings([KNOWN, PLAIN, NONE]))
    dots = found.data[0]
    assert list(dots.x) == [90.0, 14.0]
    assert list(dots.error_x.array) == [10.0, 0.0] and list(dots.error_x.arrayminus) == [65.0, 0.0]
    assert "no interval" in dots.customdata[1]
    assert [note.text for note in found.layout.annotations] == ["too little to compare"]
    assert found.layout.shapes[0].x0 == 50 and found.layout.shapes[0].line.dash == "dash"


def test_funnel_marks_what_is_too_early() -> None:
    rows = [FunnelRow("Lead → EQL", Estimate(0.5, 0.4, 0.6, 80), Estimate(0.3, 0.28, 0.32, 900), False),
            FunnelRow("EQL → Won", Estimate(0.1, 0.05, 0.2, 40), NOTHING, True)]  # fmt: skip
    found = checked(funnel(rows, "<i>others</i>"))
    own, others = found.data
    assert list(own.x) == [0.5, 0.1] and list(own.marker.symbol) == ["circle", "circle-open"]
    assert list(others.x) == [0.3] and others.name == "&lt;i&gt;others&lt;/i&gt;"
    assert "too early to say" in found.layout.yaxis.ticktext[1]


def test_curves_step_and_say_who_is_at_risk() -> None:
    own = Curve([0, 10, 30], [0.0, 0.2, 0.2], [0.0, 0.1, 0.1], [0.0, 0.4, 0.4], [9, 3], 9)
    found = checked(won_over_time(own, Curve([], [], [], [], [], 0), "the others", (0, 90)))
    assert [trace.line.shape for trace in found.data] == ["hv"] * 3
    assert list(found.layout.xaxis.ticktext) == ["0<br>9<br>–", "90<br>3<br>–"]


def test_nothing_at_all() -> None:
    empty = Curve([], [], [], [], [], 0)
    assert len(checked(won_over_time(empty, empty, "nobody", ())).data) == 0
    assert len(checked(standings([])).data[0].x or ()) == 0
    assert len(checked(funnel([], "nobody")).data) == 2
