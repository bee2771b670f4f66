"""What do AI assistants and AI overviews bring? The question about AI referrals."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from dashboard.answers import answer, current
from dashboard.frames.performance import selection, today, window
from dashboard.metrics.ai_referrals import AiCells, AiReferrals, months_of
from dashboard.metrics.ai_referrals import ai_referrals as ai_referrals_of
from dashboard.period import Period
from data_access.ai_referrals import read_ai_referrals

if TYPE_CHECKING:
    from dashboard.filters import Filters


def ai_referrals(period: Period, filters: Filters) -> AiReferrals:
    """AI referrals of a period for what the filters choose, with the 13 months up to its end."""
    chosen, months = selection(filters), months_of(period, today())

    def compute(engine: Engine, instant: datetime) -> AiReferrals:
        return ai_referrals_of(_cells(period, months), months, chosen)

    return answer(("AI referrals", period, chosen, months), compute)


def _cells(period: Period, months: tuple[date, ...]) -> AiCells:
    return current(
        ("AI cells", period, months),
        lambda engine, instant: read_ai_referrals(engine, window(period, instant), months),
    )
