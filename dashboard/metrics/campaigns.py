"""Which partners made more ARR than the largest paid campaign, and by how much?

A paid channel has costs of category media and no partner. A campaign is a channel and a `utm_campaign`; its spend is
its channel's cost × its share of the channel's leads, for costs name channels and not campaigns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.channel_value import MoneyCells, Pool, Worth, quotient, sum_per, worth
from dashboard.metrics.intervals import ratio
from dashboard.metrics.performance import HAS_PARTNER, Selection
from dashboard.metrics.reallocation import together

# So many of the first partners are taken together.
TOGETHER = 5


@dataclass(frozen=True, slots=True)
class Campaign:
    """A paid campaign of the period: leads, its estimated spend, won deals and ARR; `name` None: leads without one.

    `share` and `spend` are None where the channel brought no lead in the period.
    """

    channel: str
    name: str | None
    leads: int
    share: float | None
    spend: float | None
    won_deals: int
    arr: float


@dataclass(frozen=True, slots=True)
class Rival:
    """A partner beside the campaign: its ARR with the interval of what was to be expected, and how many times the
    campaign's that is (only a lower bound where the campaign won nothing)."""

    partner_id: str
    arr: Estimate
    won_deals: int
    times: Estimate

    @property
    def surely(self) -> bool:
        """Whether even the lower bound lies above the campaign's ARR."""
        return self.times.low is not None and self.times.low > 1


@dataclass(frozen=True, slots=True)
class Rivalry:
    """All campaigns by spend, the largest named one, partners with more ARR than it, and the first k together.

    `largest` is None where no paid channel has leads of a named campaign; `largest_arr` has its ARR with the interval.
    `together[k - 1]`: the ARR of the first k partners ÷ the campaign's.
    """

    campaigns: tuple[Campaign, ...]
    largest: Campaign | None
    largest_arr: Estimate
    above: tuple[Rival, ...]
    together: tuple[Estimate, ...]


def campaigns(cells: MoneyCells, costs: Mapping[str, float]) -> tuple[Campaign, ...]:
    """The campaigns of the paid channels, the largest spend first (then ARR, then names); `costs` by channel."""
    paid = cells.campaign_leads.filter(pl.col("channel").is_in(list(cells.paid)))
    own = cells.period.filter(~HAS_PARTNER & ~pl.col("ai") & pl.col("channel").is_in(list(cells.paid)))
    totals = dict(paid.group_by("channel").agg(pl.col("leads").sum()).iter_rows())
    leads = {
        (channel, name): number for channel, name, number in paid.select("channel", "campaign", "leads").iter_rows()
    }
    money = own.group_by("channel", "campaign").agg(pl.col("won", "arr_cents").sum()).filter(pl.col("won") > 0)
    won = {(channel, name): (deals, cents) for channel, name, deals, cents in money.iter_rows()}
    found = []
    for channel, name in {*leads, *won}:
        number, total = leads.get((channel, name), 0), totals.get(channel, 0)
        share = ratio(number, total)
        spend = None if share is None else costs.get(channel, 0.0) * share
        deals, cents = won.get((channel, name), (0, 0))
        found.append(Campaign(channel, name, number, share, spend, deals, cents / 100))
    return tuple(sorted(found, key=lambda c: (-(c.spend or 0.0), -c.arr, c.channel, c.name or "")))


def rivalry(cells: MoneyCells, costs: Mapping[str, float], pool: Pool, selection: Selection) -> Rivalry:
    """Partners of the selection against the largest paid campaign of its channels."""
    every = tuple(c for c in campaigns(cells, costs) if selection.channels is None or c.channel in selection.channels)
    largest = next((c for c in every if c.name is not None and (c.spend or 0.0) > 0), None)
    if largest is None:
        return Rivalry(every, None, NOTHING, (), ())
    named = (pl.col("channel") == largest.channel) & (pl.col("campaign") == largest.name)
    rival = worth(cells.period.filter(~HAS_PARTNER & ~pl.col("ai") & named), "arr")
    own = _by_partner(cells.period.filter(selection.of_partners()))
    above = [(key, won, deals) for key, won, deals in own if won.total > rival.total]
    rivals = [Rival(key, sum_per(won, pool, 1.0), deals, quotient(won, rival, pool)) for key, won, deals in above]
    sums = [together([won for _, won, _ in own[:k]]) for k in range(1, min(TOGETHER, len(own)) + 1)]
    times = tuple(quotient(won, rival, pool) for won in sums)
    return Rivalry(every, largest, sum_per(rival, pool, 1.0), tuple(rivals), times)


def _by_partner(cells: pl.DataFrame) -> list[tuple[str, Worth, int]]:
    """Partners with ARR in the period, the most first (ties by id), with their worth and won deals."""
    parts = cells.filter(HAS_PARTNER).partition_by("partner_id", as_dict=True)
    found = [(str(key), worth(part, "arr"), int(part["won"].sum())) for (key,), part in parts.items()]
    return sorted((own for own in found if own[1].total > 0), key=lambda own: (-own[1].total, own[0]))
