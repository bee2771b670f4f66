"""What became of the leads, and what would have become of those that nobody worked?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import NEVER, Flags, Floats, Ints, chance, weighted
from .arrivals import Arrivals
from .conversion import AMOUNT, ARR_SHARES, DAYS, DEAL_SHARE, Chances
from .office_hours import after_hours, on_workday
from .options import DAY, DemoOptions
from .partners import Partners
from .worked import Desk

SHORTEST_DAYS = 3


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Per lead, worked or not: what it becomes if worked. Money in USD; moments for worked leads, else NEVER.

    Moments may lie after the day at which the company is looked at: such deals are still open, or not there yet.
    """

    reaches_sql: Flags
    reaches_deal: Flags
    wins: Flags
    amount: Floats
    arr: Floats
    sql_at: Ints
    opened: Ints
    closed: Ints


def become(options: DemoOptions, arrivals: Arrivals, partners: Partners, odds: Chances, desk: Desk) -> Outcomes:
    """Outcomes of all leads, drawn once; working a lead only uncovers them."""
    stream, count = options.stream("outcome"), len(arrivals)
    reaches_sql = chance(stream, odds.sql, count)
    reaches_deal = reaches_sql & chance(stream, DEAL_SHARE, count)
    wins = reaches_deal & chance(stream, np.where(desk.inside, odds.win_inside, odds.win_outside), count)
    amount = _cents(np.exp(odds.amount_log_mean + stream.normal(0, AMOUNT.sigma, count)))
    share = np.asarray(list(ARR_SHARES))[weighted(stream, list(ARR_SHARES.values()), count)]
    days = _days(stream, arrivals, partners, wins)
    sql_at, opened, closed = (np.full(count, NEVER) for _ in range(3))
    sql = np.flatnonzero(desk.worked & reaches_sql)
    sql_at[sql] = after_hours(desk.contacted[sql], np.exp(stream.normal(np.log(36), 0.7, len(sql))))
    deal = np.flatnonzero(desk.worked & reaches_deal)
    opened[deal] = after_hours(sql_at[deal], 0.5 + stream.exponential(20.0, len(deal)))
    closed[deal] = on_workday(opened[deal] + (days[deal] * DAY).astype(np.int64), stream)
    return Outcomes(reaches_sql, reaches_deal, wins, amount, _cents(amount * share), sql_at, opened, closed)


def days_log_median(sourced: Flags, wins: Flags) -> Floats:
    """ln of the median days to close, without the partner's effect."""
    won = np.where(sourced, DAYS.won_median_sourced, DAYS.won_median)
    lost = np.where(sourced, DAYS.lost_median_sourced, DAYS.lost_median)
    return np.asarray(np.log(np.where(wins, won, lost)))


def _cents(amount: Floats) -> Floats:
    return np.asarray(np.round(amount, 2), dtype=np.float64)


def _days(stream: np.random.Generator, arrivals: Arrivals, partners: Partners, wins: Flags) -> Floats:
    effect = np.where(arrivals.sourced, partners.days_effect[np.maximum(arrivals.partner, 0)], 0.0)
    sigma = np.where(wins, DAYS.won_sigma, DAYS.lost_sigma)
    log_days = days_log_median(arrivals.sourced, wins) + effect + sigma * stream.normal(0, 1, len(wins))
    return np.maximum(np.exp(log_days), SHORTEST_DAYS)
