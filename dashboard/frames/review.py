"""Whom to double, whom to end? The questions of the quarterly review, and the decisions that it records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import polars as pl
from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.answers import answer, current, engine
from dashboard.answers import data_version as version_now
from dashboard.charts.ranks import Row
from dashboard.frames.performance import (
    choices,
    lead_delays,
    performance_of_selection,
    period_frames,
    read_ahead,
    reading,
    window,
)
from dashboard.metrics.performance import ALL
from dashboard.metrics.rank_history import RankCells, ReviewResult, periods_before, rank_history
from dashboard.metrics.review import RankingMetric, quarterly_review
from dashboard.period import Period
from dashboard.reports import review as reports
from dashboard.settings import settings
from dashboard.views import review_picture, review_table
from data_access import decisions as decision_reads
from data_access import pages_of as page_reads
from data_access.decisions import Decision, Draft, Saved
from data_access.ranks import read_rank_cells


def review(period: Period, metric: RankingMetric, needs_50_eqls: bool = False) -> ReviewResult:
    """The review of all partners in a period, with the rankings of the periods before, the earliest first."""

    def compute(engine: Engine, instant: datetime) -> ReviewResult:
        read_ahead(lead_delays, partial(period_frames, period), partial(_rank_cells, period))
        everybody = performance_of_selection(period, ALL)
        found = quarterly_review(everybody, reading(period).cells.deals, metric, needs_50_eqls)
        cells = _rank_cells(period)
        history = rank_history(cells, choices().partners, metric, settings().overhead)
        return ReviewResult(everybody, found, cells.periods, tuple(history), needs_50_eqls)

    return answer(("review", period, metric, needs_50_eqls), compute)


def _rank_cells(period: Period) -> RankCells:
    return current(
        ("rank cells", period),
        lambda engine, instant: read_rank_cells(engine, window(period, instant), periods_before(period, settings())),
    )


def table(period: Period, metric: RankingMetric, needs_50_eqls: bool = False) -> pl.DataFrame:
    """The numbers of every ranked partner, best first, as `review_table.numbers` has them."""

    def compute(engine: Engine, instant: datetime) -> pl.DataFrame:
        result = review(period, metric, needs_50_eqls)
        return review_table.numbers(result, reports.lines(result, list(result.review.rows), {}))

    return answer(("review table", period, metric, needs_50_eqls), compute)


def picture(period: Period, metric: RankingMetric, needs_50_eqls: bool = False) -> Mapping[str, Row]:
    """The row of every ranked partner in the picture of the ranks, best first."""
    return answer(
        ("review picture", period, metric, needs_50_eqls),
        lambda engine, instant: review_picture.rows_of(review(period, metric, needs_50_eqls)),
    )


def referring_pages(period: Period) -> pl.DataFrame:
    """The pages behind every partner, as `pages_of.referring_pages` has them."""
    return answer(
        ("referring pages", period),
        lambda engine, instant: page_reads.referring_pages(engine, window(period, instant)),
    )


def decisions(*reviewed: Period) -> dict[str, dict[str, Decision]]:
    """The last decision on each partner, by period label: read afresh, since another person may just have saved.

    DatabaseUnavailable where nobody answers.
    """
    return decision_reads.last_decisions(engine(), *(period.label for period in reviewed))


def save(period: Period, drafts: Sequence[Draft], author: str) -> Saved:
    """Records decisions on a period; raises as `decisions.save` does."""
    return decision_reads.save(engine(), period.label, drafts, author)


def undo(period: Period, made: Sequence[Decision], former: Mapping[str, Decision], author: str) -> Saved:
    """Takes decisions back; raises as `decisions.save` does."""
    return decision_reads.undo(engine(), period.label, made, former, author)


def data_version() -> int:
    """The number of the data version that the answers are of."""
    return version_now().number


def named(label: str) -> Period:
    """The period of that label."""
    return periods.parse_period(label, settings())
