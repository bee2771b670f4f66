"""What do the weeks, months and quarters up to a period's end look like, and what do the data hold at all?"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.answers import answer, current, engine
from dashboard.frames.performance import (
    choices,
    lead_delays,
    performance_of_selection,
    period_frames,
    read_ahead,
    selection,
    today,
    window,
)
from dashboard.metrics.performance import ALL, Selection
from dashboard.metrics.trend import TrendCells, bucket_starts, monthly_rates, partner_pipeline, quarterly_arr, target_of
from dashboard.metrics.trend import trend as trend_of
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.stretches import Span, known_of, sourced, span_of, spent, tiers_of
from dashboard.views.known import Known
from data_access import trend as trend_reads
from data_access.engine import DatabaseUnavailable
from data_access.leads import names_partners

if TYPE_CHECKING:
    from dashboard.filters import Filters


def prepare(period: Period, *others: Period) -> None:
    """Reads at once what the Overview will ask about a period and about others that it compares with."""

    def compute(engine: Engine, instant: datetime) -> None:
        cells = [partial(period_frames, each) for each in (period, *others)]
        read_ahead(lead_delays, partial(all_cells, span_of(period, today())), *cells)

    with suppress(DatabaseUnavailable):
        answer(("prepared", period, others), compute)


def known(period: Period) -> Known:
    """What the data of the 13 months up to the period's end hold at all, whatever the filters choose."""
    span = span_of(period, today())
    return answer(
        ("known", period, span),
        lambda engine, instant: known_of(
            all_cells(span), performance_of_selection(period, ALL), choices().partners, span
        ),
    )


def all_cells(span: Span) -> TrendCells:
    """The cells of all trends, of everybody."""

    def compute(engine: Engine, instant: datetime) -> TrendCells:
        seen = window(periods.between(span.first, span.end, settings()), instant)
        return trend_reads.read_trend(engine, seen, span.quarters[0].start, span.quarters[-1].end)

    return current(("trend", span), compute)


def _trend_cells(span: Span, chosen: Selection, everybody: bool) -> TrendCells:
    return all_cells(span).where(sourced(chosen, everybody))


def of_everybody(period: Period, filters: Filters) -> bool:
    """Whether the trends are about all leads and deals: no partner is chosen, and the data name none."""

    def compute(engine: Engine, instant: datetime) -> bool:
        # A lead of the period that carries a partner is found at once; the rest takes the cells of two years.
        return names_partners(engine, window(period, instant)) or known(period).partners

    return filters.partner_ids(choices()) is None and not answer(("names partners", period), compute)


def trend(period: Period, filters: Filters) -> pl.DataFrame:
    """Traffic, leads, EQLs, sales-qualified leads, wins and money: 53 weeks up to the period's end.

    Partner-sourced, or of everybody where the data name no partner, as in `months` and the quarters.
    Columns: week (Monday), sessions, leads, eqls, sqls, won, arr, pipeline_created, open_pipeline.
    """
    span, chosen, everybody = span_of(period, today()), selection(filters), of_everybody(period, filters)

    def compute(engine: Engine, instant: datetime) -> pl.DataFrame:
        cells = _trend_cells(span, chosen, everybody)
        return trend_of(cells, bucket_starts(span.monday, span.end, weekly=True), "week")

    return answer(("weeks", span, chosen, everybody), compute)


def partner_weeks(period: Period, filters: Filters) -> Mapping[str, pl.DataFrame]:
    """Pipeline created in each of the 53 weeks up to the period's end, by partner: columns week, pipeline_created."""
    span, chosen = span_of(period, today()), selection(filters)
    starts = bucket_starts(span.monday, span.end, weekly=True)
    ids = [p.partner_id for p in choices().partners]

    def compute(engine: Engine, instant: datetime) -> dict[str, pl.DataFrame]:
        return partner_pipeline(_trend_cells(span, chosen, False), starts, ids)

    return answer(("partner weeks", span, chosen), compute)


def months(period: Period, filters: Filters) -> pl.DataFrame:
    """The 13 months up to the period's end: the columns of `trend` with `month`, and the monthly rates beside."""
    span, chosen, everybody = span_of(period, today()), selection(filters), of_everybody(period, filters)
    return answer(("months", span, chosen, everybody), lambda engine, instant: _months(span, chosen, everybody))


def _months(span: Span, chosen: Selection, everybody: bool) -> pl.DataFrame:
    cells, starts = _trend_cells(span, chosen, everybody), bucket_starts(span.month, span.end, weekly=False)
    cost = {month: spent(month, all_cells(span), choices().partners, chosen) for month in starts}
    return monthly_rates(trend_of(cells, starts, "month"), cells, cost)


def quarters(period: Period, filters: Filters) -> pl.DataFrame:
    """ARR by quarter and tier for the eight quarters up to the period's, with the quarter's target.

    Columns: quarter_label, quarter_start, tier, arr, target (null where none is set).
    """
    span, chosen, everybody = span_of(period, today()), selection(filters), of_everybody(period, filters)
    return answer(("quarters", span, chosen, everybody), lambda engine, _: _quarters(span, chosen, everybody))


def _quarters(span: Span, chosen: Selection, everybody: bool) -> pl.DataFrame:
    table = quarterly_arr(_trend_cells(span, chosen, everybody).arr, tiers_of(choices().partners), span.quarters)
    return _with_targets(table, "arr", span, chosen)


def won_quarters(period: Period, filters: Filters) -> pl.DataFrame:
    """Won deals by quarter and tier, as `quarters`, for data without ARR.

    Columns: quarter_label, quarter_start, tier, won, target (null where none is set).
    """
    span, chosen, everybody = span_of(period, today()), selection(filters), of_everybody(period, filters)
    # The months of a trend are 13; the eight quarters need more.
    whole = replace(span, month=span.quarters[0].start.date())
    return answer(("won quarters", span, chosen, everybody), lambda engine, _: _won_quarters(whole, chosen, everybody))


def _won_quarters(span: Span, chosen: Selection, everybody: bool) -> pl.DataFrame:
    won = _trend_cells(span, chosen, everybody).money.filter(pl.col("month").is_not_null())
    # Counted as cents of one deal each, the same sum serves.
    deals = won.select("partner_id", "month", arr_cents=pl.col("won") * 100)
    table = quarterly_arr(deals, tiers_of(choices().partners), span.quarters).rename({"arr": "won"})
    return _with_targets(table, "won", span, chosen)


def _with_targets(table: pl.DataFrame, metric: str, span: Span, chosen: Selection) -> pl.DataFrame:
    goals = trend_reads.targets(engine())
    goal = {quarter.label: target_of(goals, metric, quarter, chosen.partners) for quarter in span.quarters}
    return table.with_columns(target=pl.Series([goal[label] for label in table["quarter_label"]], dtype=pl.Float64))
