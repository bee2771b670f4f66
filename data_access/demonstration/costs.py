"""What do the programme and the channels cost? Rows of `cost`, all in whole hundreds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import polars as pl

from .arrays import Flags, Floats, Ints, dates, frame, keys, pick
from .deals import WON, Deals
from .options import DAY, DemoOptions, day_number, months_before, quarter_start
from .partners import PROSPECT, Partners
from .words import CHANNELS, REGIONS
from .world import World

OVERHEAD = (("seat", 1_700), ("tooling", 1_000), ("people", 7_800), ("other", 1_200))
CHANNEL_COST = (
    ("paid_search", "media", 128),
    ("paid_social", "media", 84),
    ("email", "tooling", 22),
    ("organic", "content", 24),
)
CONTENT = (600, 300, 150)  # a month, by tier

Row = tuple[str | None, str | None, str, date, date, float, str]


def cost_table(world: World, deals: Deals) -> pl.DataFrame:
    """Rows of `cost`: overhead, paid channels, and each partner's content, media and payouts."""
    stream = world.options.stream("cost")
    rows = [row for row in _rows(stream, world, deals) if row[5]]
    columns = list(zip(*rows, strict=True))
    names = ("partner_id", "channel", "category", "period_start", "period_end", "amount", "currency")
    return frame(
        cost_id=keys("K", len(rows), 6), **{n: pl.Series(list(c)) for n, c in zip(names, columns, strict=True)}
    )


def commission_table(world: World) -> pl.DataFrame:
    """Rows of `commission`: what partners that are paid one were promised, from the first day on."""
    promised = np.flatnonzero(world.partners.commission > 0)
    return frame(
        partner_id=pick(world.partners.ids, promised),
        valid_from=dates(np.full(len(promised), world.options.first_day)),
        rate=pl.Series(np.round(world.partners.commission[promised], 6)),
    )


def commissions(world: World, deals: Deals, first: date, last: date) -> Floats:
    """Per partner: agreed share of the ARR (USD) won between two days, both included; deleted deals earn none."""
    mine, day, value = won(world, deals)
    inside = (day >= day_number(first)) & (day <= day_number(last))
    arr = np.bincount(mine[inside], value[inside], len(world.partners))
    return np.asarray(arr * world.partners.commission)


def _rows(stream: np.random.Generator, world: World, deals: Deals) -> Iterator[Row]:
    options, partners = world.options, world.partners
    months = list(_months(options))
    size = options.leads / 40_000 * 24 / options.months
    brought = _leads_by_month(world, months)
    for number, (first, last) in enumerate(months):
        part = ((last - first).days + 1) / 30.4
        for category, amount in OVERHEAD:
            yield None, None, category, first, last, _hundreds(amount * part * size**0.5 * 1.01**number), "USD"
        for channel, category, each in CHANNEL_COST:
            currency = "EUR" if channel == "paid_social" else "USD"
            yield None, channel, category, first, last, _hundreds(each * brought[channel][number]), currency
        live = _live(partners, first, last)
        content = np.asarray(CONTENT)[partners.tier] * stream.lognormal(0, 0.5, len(partners)) * part * size
        media = stream.lognormal(6.3, 0.5, len(partners)) * (stream.random(len(partners)) < 0.1) * part * size
        for partner in np.flatnonzero(live):
            currency = "EUR" if REGIONS[partners.region[partner]] == "EMEA" else "USD"
            key = _key(partner)
            yield key, None, "content", first, last, _hundreds(content[partner]), currency
            yield key, None, "media", first, last, _hundreds(media[partner]), currency
    yield from _payouts(world, deals)
    yield _key(int(np.argmax(partners.volume))), None, "content", *months[-2], -500.0, "USD"


def _payouts(world: World, deals: Deals) -> Iterator[Row]:
    """Commissions a quarter; one quarter of one partner was paid twice."""
    paid_twice = True
    for first, last in quarters(world.options):
        last = min(last, world.options.until - timedelta(days=1))
        if first > last:
            continue
        for partner, owed in enumerate(commissions(world, deals, first, last)):
            amount = _hundreds(owed)
            if amount:
                yield _key(partner), None, "payout", first, last, amount * (1 + paid_twice), "USD"
                paid_twice = False


def _leads_by_month(world: World, months: list[tuple[date, date]]) -> dict[str, Ints]:
    """Leads of each channel that costs, per month."""
    edges = np.array([day_number(first) * DAY for first, _ in months] + [world.options.cutoff])
    month = np.searchsorted(edges, world.arrivals.created, side="right") - 1
    return {
        channel: np.bincount(month[world.arrivals.channel == CHANNELS.index(channel)], minlength=len(months))
        for channel, _, _ in CHANNEL_COST
    }


def won(world: World, deals: Deals) -> tuple[Ints, Ints, Floats]:
    """Partner, closing day and ARR in USD of partners' won deals."""
    lead = np.maximum(deals.lead, 0)
    counts = (deals.status == WON) & (deals.lead >= 0) & (world.arrivals.partner[lead] >= 0)
    counts &= (deals.deleted > world.options.cutoff) & ~world.dirt.is_test[lead]
    return world.arrivals.partner[lead[counts]], deals.closed[counts] // DAY, deals.usd_arr[counts]


def _months(options: DemoOptions) -> Iterator[tuple[date, date]]:
    """Calendar months of the window, both days included; the first and the last may be cut."""
    first = options.start
    while first < options.until:
        following = months_before(first.replace(day=1), -1)
        yield first, min(following, options.until) - timedelta(days=1)
        first = following


def quarters(options: DemoOptions) -> Iterator[tuple[date, date]]:
    """Whole calendar quarters that begin in the window, both days included; the last one may still run."""
    first = quarter_start(options.start)
    while first < options.until:
        following = months_before(first, -3)
        if first >= options.start:
            yield first, following - timedelta(days=1)
        first = following


def _live(partners: Partners, first: date, last: date) -> Flags:
    inside = (partners.joined <= day_number(last)) & (partners.ended >= day_number(first))
    return np.asarray(inside & (partners.status != PROSPECT))


def _key(partner: int | np.integer) -> str:
    return f"P{partner + 1:04d}"


def _hundreds(amount: float) -> float:
    return float(round(amount / 100) * 100)
