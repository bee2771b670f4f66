"""Does the picture of AI referrals show every month whole, and is it drawn where nothing is known?"""

from __future__ import annotations

from datetime import date

import plotly.graph_objects as go
import pytest

from dashboard.charts.ai_referrals import Series, trend
from dashboard.domain import Estimate

MONTHS = [date(2026, 8, 1), date(2026, 9, 1)]
NOTHING = Estimate(None, None, None, 0)


def test_a_share_of_nothing_is_a_whole_dot_above_the_edge() -> None:
    figure = trend(MONTHS, [Series("Share of EQLs", [Estimate(0.0, 0.0, 0.04, 90), NOTHING], ["a", "b"], hollow=True)])
    go.Figure(figure.to_dict())  # with all of Plotly's checks
    low, high = figure.layout.yaxis.range
    assert low < 0.0 and high == pytest.approx(0.042)
    assert list(figure.data[0].y) == [0.0]


def test_months_of_which_nothing_is_known_are_left_out() -> None:
    figure = trend(MONTHS, [Series("Share of leads", [NOTHING, NOTHING], ["a", "b"])])
    go.Figure(figure.to_dict())
    assert not list(figure.data[0].y) and figure.layout.yaxis.range[1] == 1.0
