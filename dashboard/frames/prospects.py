"""Which backlink prospects first? The questions of the tab "Prospects"."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from dashboard.answers import answer
from dashboard.frames.performance import window
from dashboard.metrics.prospects import Prospects, learning_window, pages_of
from dashboard.metrics.prospects import prospects as prospects_of
from dashboard.period import Period
from data_access import content as reads


def prospects(period: Period) -> Prospects:
    """The pages of all prospects, judged by existing partners' pages over the 12 months up to the period's end."""

    def compute(engine: Engine, instant: datetime) -> Prospects:
        seen = learning_window(window(period, instant))
        return prospects_of(pages_of(reads.asset_cells(engine, seen)), reads.prospect_pages(engine, seen))

    return answer(("prospects", period), compute)
