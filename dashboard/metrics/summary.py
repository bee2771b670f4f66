"""Every number of a period for one group: a partner, a channel, or all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.domain import Estimate, Stage
from dashboard.metrics.cells import Group
from dashboard.metrics.funnel import counts_of, rates_of, reached_both
from dashboard.metrics.intervals import rate, ratio
from dashboard.metrics.maturity import Maturity, curve_is_mature, maturity
from dashboard.metrics.survival import (
    HORIZONS,
    EventualWinRate,
    day_counts,
    eventual_win_rate,
    incidence_curve,
    median_days,
    plain_median_days,
)

FEWEST_EQLS = 50
# A quarter has 91.25 days: velocity is stated per day of a quarter, whatever the length of the period.
QUARTER_DAYS = 91.25


@dataclass(frozen=True, slots=True)
class Norms:
    """What all groups are measured by: the stages in the data and the 90th percentiles of the times to reach them."""

    stages: Sequence[Stage]
    p90_days: Mapping[Stage, float | None]
    p90_closing: float | None
    period_days: int


@dataclass(frozen=True, slots=True)
class Charge:
    """What the group cost and through how many pages it came; None where that has no meaning for the group."""

    cost: float | None
    referring_pages: int | None
    referring_pages_12_months: int | None
    page_pipeline: float | None = None
    unconverted: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of docs/metrics.md by their names; money in the reporting currency, times in calendar days."""

    leads: int
    mqls: int
    eqls: int
    sqls: int
    opportunities: int
    won: int
    step_conversion: Mapping[str, Estimate]
    win_rate: Estimate
    eventual_win_rate: Mapping[int, EventualWinRate]
    median_days_to_close: float | None
    median_days_to_close_mature: bool | None
    plain_median_days_to_close: float | None
    negative_durations: int
    opportunities_opened: int
    won_deals: int
    lost_deals: int
    open_deals: int
    sales_velocity: float | None
    mean_won_amount: float | None
    arr: float
    average_contract_value: float | None
    pipeline_created: float
    open_pipeline: float
    pipeline_per_eql: float | None
    referring_pages: int | None
    referring_pages_12_months: int | None
    pipeline_per_referring_page: float | None
    eqls_in_period: int
    sqls_in_period: int
    programme_cost: float | None
    cost_per_eql: float | None
    cost_per_sql: float | None
    pipeline_multiple: float | None
    maturity: Mapping[Stage, Maturity]
    too_few_eqls: bool
    incomplete: bool


def summarise(cells: Group, norms: Norms, charge: Charge) -> Summary:
    """All numbers of one group from its cells."""
    both = reached_both(cells.cohort)
    counts = counts_of(both)
    deals = {name: int(number) for name, number in cells.deals.items()}
    curve_counts = day_counts(cells.curve)
    curve = incidence_curve(curve_counts)
    median = median_days(curve)
    win_rate = rate(deals["won"], deals["won"] + deals["lost"])
    mean_won_amount = _each(deals["won_amount_cents"], deals["won_with_amount"])
    pipeline = deals["pipeline_cents"] / 100
    eql_pipeline_cents = int(cells.cohort["pipeline_cents"][cells.cohort["eql"]].sum())
    eqls, sqls = int(cells.moments["eqls"].sum()), int(cells.moments["sqls"].sum())
    ages, page_pipeline = cells.curve_ages, charge.page_pipeline
    return Summary(
        leads=counts[Stage.LEAD],
        mqls=counts[Stage.MQL],
        eqls=counts[Stage.EQL],
        sqls=counts[Stage.SQL],
        opportunities=counts[Stage.OPPORTUNITY],
        won=counts[Stage.WON],
        step_conversion=rates_of(both, norms.stages),
        win_rate=win_rate,
        eventual_win_rate={day: eventual_win_rate(curve, day) for day in HORIZONS},
        median_days_to_close=median,
        median_days_to_close_mature=curve_is_mature(ages["age_days"], ages["deals"], norms.p90_closing),
        plain_median_days_to_close=plain_median_days(curve_counts),
        negative_durations=_negative(cells),
        opportunities_opened=deals["opened"],
        won_deals=deals["won"],
        lost_deals=deals["lost"],
        open_deals=deals["open"],
        sales_velocity=_velocity(deals["opened"], win_rate.value, mean_won_amount, median, norms.period_days),
        mean_won_amount=mean_won_amount,
        arr=deals["arr_cents"] / 100,
        average_contract_value=_each(deals["arr_cents"], deals["won_with_arr"]),
        pipeline_created=pipeline,
        open_pipeline=deals["open_pipeline_cents"] / 100,
        pipeline_per_eql=_each(eql_pipeline_cents, counts[Stage.EQL]),
        referring_pages=charge.referring_pages,
        referring_pages_12_months=charge.referring_pages_12_months,
        pipeline_per_referring_page=_each(
            deals["pipeline_cents"] if page_pipeline is None else round(page_pipeline * 100),
            charge.referring_pages_12_months,
        ),
        eqls_in_period=eqls,
        sqls_in_period=sqls,
        programme_cost=charge.cost,
        cost_per_eql=ratio(charge.cost, eqls),
        cost_per_sql=ratio(charge.cost, sqls),
        pipeline_multiple=ratio(pipeline, charge.cost),
        maturity=maturity(cells.ages, norms.p90_days),
        too_few_eqls=eqls < FEWEST_EQLS,
        incomplete=deals["unconverted"] > 0 or charge.unconverted,
    )


def _each(cents: int, n: int | None) -> float | None:
    """Currency per case, rounded once, so that equal quotients are equal floats and tie in a ranking."""
    return ratio(cents, None if n is None else 100 * n)


def _negative(cells: Group) -> int:
    """Closed deals of the curve that closed on a day before they opened."""
    return int(cells.curve["deals"][cells.curve["days"] < 0].sum())


def _velocity(
    opened: int, win_rate: float | None, amount: float | None, median: float | None, period_days: int
) -> float | None:
    """Opportunities × win rate × mean won amount ÷ median days to close, scaled to a quarter; currency per day."""
    if win_rate is None or amount is None or not median:
        return None
    return float(np.prod([opened, win_rate, amount])) / median * (QUARTER_DAYS / period_days)
