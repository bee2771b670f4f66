"""Can Plotly draw the forecast's charts, and is what is estimated told apart from what was seen?"""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from dashboard.charts import forecast as charts
from dashboard.charts import theme

SAID = ("$1", "$2", "$3", "$6")
PAST = charts.Bar("Q1<br>2026", "Q1 2026", 5.0, 0.0, 0.0, None, None, SAID, "$5")
RUNNING = charts.Bar("Q2<br>2026", "Q2 2026", 1.0, 2.0, 3.0, 4.0, 9.0, SAID, "$6")
AXIS = charts.Axis([0, 5, 10], ["$0", "$5", "$10"])


def outcome(held: bool | None, low: float | None = 2.0, naive: float | None = 4.0) -> charts.Outcome:
    value, high = (None, None) if low is None else (3.0, 5.0)
    return charts.Outcome("Q1", "Q1 2026", low, value, high, 6.0 if held is False else 4.0, held, naive, SAID[:3])


def checked(figure: go.Figure) -> go.Figure:
    """Built once more, with Plotly's own checks of every property."""
    return go.Figure(figure.to_plotly_json())


def test_estimates_are_lighter_and_hatched() -> None:
    figure = checked(charts.coming([PAST, RUNNING], AXIS))
    won, opened, new = figure.data[:3]
    assert won.marker.opacity == 1
    assert won.marker.pattern.shape is None
    for estimated in (opened, new):
        assert estimated.marker.opacity <= theme.ESTIMATED_MARK_OPACITY
        assert estimated.marker.pattern.shape
    assert (list(won.y), list(opened.y), list(new.y)) == ([5, 1], [0, 2], [0, 3])


def test_only_what_is_forecast_has_an_interval() -> None:
    figure = checked(charts.coming([PAST, RUNNING], AXIS))
    spans = [trace for trace in figure.data if trace.type == "scatter"]
    assert [(list(span.x), list(span.y)) for span in spans] == [([1, 1], [4, 9])]


def test_what_came_is_marked_by_whether_it_was_within() -> None:
    figure = checked(charts.tested([outcome(True), outcome(False), outcome(None, None, None)], AXIS))
    by_name = {trace.name: trace for trace in figure.data}
    assert list(by_name["Came, as forecast"].x) == [0, 2]
    assert list(by_name["Came, outside"].x) == [1]
    assert by_name["Came, outside"].marker.color == theme.BREACH
    assert list(by_name["As the quarter before"].x) == [0, 1]
    assert len([trace for trace in figure.data if trace.mode == "lines"]) == 2


@pytest.mark.parametrize("drawn", [[], [PAST], [RUNNING]])
def test_few_quarters(drawn: list[charts.Bar]) -> None:
    checked(charts.coming(drawn, AXIS))


def test_nothing_was_forecast() -> None:
    assert [trace.name for trace in checked(charts.tested([outcome(None, None, None)], AXIS)).data] == [
        "Came, as forecast"
    ]
