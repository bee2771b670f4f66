"""Over which stretches do the trends of a period run, whose cells are in them, and what did a month cost?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from dashboard import period as periods
from dashboard.domain import Stage
from dashboard.metrics.cost import overhead_shares, programme_cost
from dashboard.metrics.performance import Partner, Performance, Selection
from dashboard.metrics.trend import TrendCells, bucket_starts
from dashboard.metrics.trend import trend as trend_of
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views.known import Known

QUARTERS_SHOWN = 8
WEEKS_SHOWN = 53
MONTHS_SHOWN = 13


@dataclass(frozen=True, slots=True)
class Span:
    """The stretches that the trends of a period show: 53 weeks, 13 months and eight quarters up to its end."""

    end: date
    monday: date
    month: date
    quarters: tuple[Period, ...]

    @property
    def first(self) -> date:
        """The first day that any week or month needs."""
        return min(self.monday, self.month)


def span_of(period: Period, today: date) -> Span:
    """The stretches of a period as seen on a day."""
    end = min(period.end.date(), max(today + timedelta(days=1), period.start.date() + timedelta(days=1)))
    last = end - timedelta(days=1)
    quarters = [periods.quarter_of(period.end - timedelta(days=1), settings())]
    while len(quarters) < QUARTERS_SHOWN:
        quarters.insert(0, periods.previous(quarters[0], settings()))
    return Span(
        end,
        last - timedelta(days=last.weekday() + 7 * (WEEKS_SHOWN - 1)),
        periods.add_months(last, 1 - MONTHS_SHOWN),
        tuple(quarters),
    )


def sourced(chosen: Selection, everybody: bool) -> pl.Expr:
    """The cells of everybody, or of the chosen partners; their visits carry no channel and stay whatever is chosen."""
    if everybody:
        return chosen.condition()
    condition = pl.col("partner_id").is_not_null() & Selection(chosen.partners).condition()
    if chosen.channels is None:
        return condition
    return condition & (pl.col("channel").is_in(list(chosen.channels)) | pl.col("channel").is_null())


def known_of(cells: TrendCells, everything: Performance, partners: Sequence[Partner], span: Span) -> Known:
    """What occurs in the cells of a span and in the numbers of everybody in its period."""
    found = (
        trend_of(cells, bucket_starts(span.month, span.end, weekly=False), "month")
        .drop("month")
        .sum()
        .row(0, named=True)
    )
    numbers = everything.totals
    owners = pl.concat([cells.leads["partner_id"], cells.money["partner_id"]])
    return Known(
        partners=bool(partners) and (owners.is_empty() or owners.count() > 0),
        eqls=Stage.EQL in everything.stages_present,
        sqls=Stage.SQL in everything.stages_present,
        lead_wins=Stage.WON in everything.stages_present,
        won=bool(found["won"] or numbers.won_deals),
        lost=bool(numbers.lost_deals),
        open_deals=bool(numbers.open_deals),
        arr=bool(found["arr"] or numbers.arr),
        pipeline=bool(found["pipeline_created"] or numbers.pipeline_created or numbers.open_pipeline),
        costs=bool(numbers.programme_cost) or bool(cells.costs["cost"].sum()),
        sessions=bool(found["sessions"]),
        dated_deals=not cells.money.is_empty(),
    )


def spent(month: date, cells: TrendCells, partners: Sequence[Partner], chosen: Selection) -> float:
    """The programme's cost of a month; for chosen partners their direct cost and their share of the overhead."""
    eqls = cells.leads.filter((pl.col("month") == month) & pl.col("partner_id").is_not_null())
    shares = overhead_shares(
        settings().overhead,
        dict(eqls.group_by("partner_id").agg(pl.col("eqls").sum()).iter_rows()),
        _sharing(partners, periods.add_months(month, 1)),
        [partner.partner_id for partner in partners],
    )
    cost = programme_cost(cells.costs.filter(pl.col("month") == month).with_columns(unconverted=pl.lit(0)), shares)
    return cost.total if chosen.partners is None else sum(cost.of_partner(key) for key in chosen.partners)


def _sharing(partners: Sequence[Partner], end: date) -> list[str]:
    return [p.partner_id for p in partners if p.status == "active" and p.joined_on and p.joined_on < end]


def tiers_of(partners: Sequence[Partner]) -> dict[str, str | None]:
    """The tier of each partner, and that of the leads of nobody, so that no quarter is without a row."""
    return {p.partner_id: p.tier for p in partners} or {"": None}
