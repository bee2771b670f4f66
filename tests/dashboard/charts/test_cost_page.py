"""Are the pictures of gates, costs and pilots valid figures, with names that cannot smuggle in markup?"""

from __future__ import annotations

from dataclasses import replace
from math import log10

import plotly.graph_objects as go
import pytest

from dashboard.charts.cost_page import (
    LEAST,
    MOST,
    GateGap,
    GateRow,
    Look,
    PilotRow,
    SpentRow,
    gates,
    spent,
    timeline,
)
from dashboard.domain import Estimate

ODD = "<b>bold</b> & " + "x" * 200


def row(value: float, low: float, high: float | None, look: Look = Look.PASSED) -> GateRow:
    return GateRow("P", ODD, Estimate(value, low, high, 3), look, ["said"])


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [row(0.0, 0.0, None, Look.DOUBTFUL)],
        [row(0.0, 0.0, 4.0, Look.FAILED), GateGap("… 3 more partners"), row(1e6, 7.0, 1e9)],
        [row(3.0, 1.0, 9.0, Look.EARLY)] * 14,
    ],
)
def test_gates_are_a_valid_figure_within_the_axis(lines: list[GateRow | GateGap]) -> None:
    figure = gates(lines, 5.0)
    go.Figure(figure.to_dict())  # with all of Plotly's checks
    places = [x for trace in figure.data for x in trace.x]
    assert all(log10(LEAST) <= x <= log10(MOST) for x in places)
    assert len(places) == sum(isinstance(line, GateRow) for line in lines)
    assert figure.layout.shapes[0].x0 == pytest.approx(log10(5))
    assert "<b>bold" not in "".join(figure.layout.yaxis.ticktext or ())


def test_a_dot_has_the_colour_of_its_verdict() -> None:
    figure = gates([row(1.0, 0.1, 3.0, Look.FAILED), row(9.0, 6.0, 12.0)], 5.0)
    assert [trace.marker.color for trace in figure.data if len(trace.x)] == [Look.PASSED.value, Look.FAILED.value]
    (failed,) = [trace for trace in figure.data if trace.marker.color == Look.FAILED.value]
    assert list(failed.y) == [1] and failed.customdata[0][1] == "P"


def test_an_incomplete_multiple_has_an_asterisk_that_is_explained() -> None:
    whole, lacking = row(1.0, 0.1, 3.0), replace(row(2.0, 0.1, 3.0), incomplete=True)
    said = [note.text for note in gates([whole, lacking], 5.0).layout.annotations]
    assert said == ["gate 5×", "1.0×", "2.0× *", "* incomplete"]
    assert not any("*" in note.text for note in gates([whole], 5.0).layout.annotations)


def test_what_is_left_out_is_said_beside_the_gate_not_across_it() -> None:
    figure = gates([row(0.0, 0.0, 4.0), GateGap("… 8 more partners"), row(9.0, 6.0, 12.0)], 5.0)
    assert figure.layout.yaxis.ticktext[1] == "<i>… 8 more partners</i>"
    assert not any("more" in note.text for note in figure.layout.annotations)


def test_costs_stack_and_refunds_go_to_the_left() -> None:
    rows = [SpentRow("Media", [1.0, 2.0, 30.0]), SpentRow(ODD, [-5.0, 0.0, 0.0])]
    figure = spent(rows, ["Of one partner", "Overhead", "Channels"], "USD", [0.0, 20.0])
    go.Figure(figure.to_dict())
    assert [list(trace.x) for trace in figure.data] == [[1.0, -5.0], [2.0, 0.0], [30.0, 0.0]]
    assert figure.layout.annotations[0].text == "$33"
    go.Figure(spent([], ["a", "b", "c"], "USD", []).to_dict())


def test_the_timeline_shows_where_each_pilot_is() -> None:
    rows = [PilotRow(ODD, 28, 84, 40.0, "10 of 50 EQLs", "said"), PilotRow("B", 28, 42, None, "50 of 50 EQLs", "said")]
    figure = timeline(rows)
    go.Figure(figure.to_dict())
    integration, sample, today = figure.data
    assert list(integration.x) == [28, 28] and list(sample.x) == [56, 14] and list(sample.base) == [28, 28]
    assert (list(today.x), list(today.y)) == ([40.0], [1])
    assert list(figure.layout.xaxis.ticktext) == ["0", "4", "8", "12 weeks"]
    go.Figure(timeline([]).to_dict())
