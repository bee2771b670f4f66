"""Which deals are in the CRM? Those of worked leads, a few without a lead, and a few that are wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from .accounts import account_names
from .arrays import NEVER, Flags, Floats, Ints, chance, dates, frame, instants, keys, pick
from .deal_stage import STAGES, Course, walk
from .options import DAY
from .rates import Rates
from .words import ALL_REPRESENTATIVES, LOST, PRODUCTS
from .world import World

UNATTRIBUTED = 10
REOPENED_SHARE = 0.015
BACKWARDS = 4
NO_CURRENCY = 2
CURRENCIES = ("USD", "EUR", "SEK")
WITHOUT_RATE = 2
STATUSES = ("open", "won", "lost")
OPEN, WON, LOST_DEAL = range(3)
SEK_PER_USD = 10.4


@dataclass(frozen=True, slots=True)
class Deals:
    """One entry a deal; lead and currency -1 are none; moments in seconds since 1970, `closed` NEVER while open.

    `ends` and `wins` are when and how the deal closes in the end, whether or not that was seen.
    """

    lead: Ints
    account: Ints
    representative: Ints
    opened: Ints
    closed: Ints
    status: Ints
    usd: Floats
    usd_arr: Floats
    currency: Ints
    deleted: Ints
    ends: Ints
    wins: Flags


def strike_deals(world: World) -> Deals:
    """All deals that were opened before the company is looked at."""
    stream = world.options.stream("deal")
    deals = _join(_of_leads(world), _reopened(stream, world), _unattributed(stream, world))
    order = np.argsort(deals.opened, kind="stable")
    deals = _pick(deals, order)
    return _spoil(stream, world, deals)


def course_of(world: World, deals: Deals) -> Course:
    """The stages that the deals went through."""
    return walk(world.options, deals.opened, deals.closed, deals.ends, deals.wins)


def deal_table(world: World, deals: Deals, course: Course, rates: Rates, lead_ids: pl.Series) -> pl.DataFrame:
    """Rows of `deal`, in order of opening."""
    stream, count = world.options.stream("deal table"), len(deals.lead)
    per_unit = np.choose(np.maximum(deals.currency, 0), [np.ones(count), rates.at(deals.opened), 1 / SEK_PER_USD])
    name = pick(account_names(world.accounts), deals.account)
    product = pick(PRODUCTS, deals.account % len(PRODUCTS))
    expected = deals.opened // DAY + 30 + stream.integers(0, 90, count)
    reason = np.where(
        (deals.status == LOST_DEAL) & chance(stream, 0.85, count), stream.integers(0, len(LOST), count), -1
    )
    return frame(
        deal_id=keys("D", count),
        lead_id=pick(lead_ids, deals.lead),
        account_id=pick(world.accounts.ids, np.where(chance(stream, 0.02, count), -1, deals.account)),
        name=pl.select(name + pl.lit(" – ") + product).to_series(),
        opened_at=instants(deals.opened),
        stage=pick(STAGES, course.last(count)),
        status=pick(STATUSES, deals.status),
        amount=pl.Series(np.round(deals.usd / per_unit, 2)),
        arr=pl.Series(np.round(deals.usd_arr / per_unit, 2)),
        currency=pick(CURRENCIES, deals.currency),
        closed_at=instants(deals.closed),
        expected_close_on=dates(expected, chance(stream, 0.93, count)),
        owner=pick(ALL_REPRESENTATIVES, np.where(chance(stream, 0.01, count), -1, deals.representative)),
        lost_reason=pick(LOST, reason),
        deleted_at=instants(deals.deleted),
    )


def _of_leads(world: World) -> Deals:
    outcomes = world.outcomes
    lead = np.flatnonzero(world.happened(outcomes.opened))
    return _deals(
        world,
        lead=lead,
        account=world.arrivals.account[lead],
        representative=world.desk.representative[lead],
        opened=outcomes.opened[lead],
        closed=outcomes.closed[lead],
        wins=outcomes.wins[lead],
        usd=outcomes.amount[lead],
        usd_arr=outcomes.arr[lead],
    )


def _reopened(stream: np.random.Generator, world: World) -> Deals:
    """A second try at a few lost leads; it is lost again or still open."""
    outcomes = world.outcomes
    lost = world.happened(outcomes.closed) & ~outcomes.wins
    lead = np.flatnonzero(lost & chance(stream, REOPENED_SHARE, len(lost)))
    opened = outcomes.closed[lead] + stream.integers(20, 90, len(lead)) * DAY
    lead, opened = lead[opened < world.options.cutoff], opened[opened < world.options.cutoff]
    return _deals(
        world,
        lead=lead,
        account=world.arrivals.account[lead],
        representative=world.desk.representative[lead],
        opened=opened,
        closed=opened + stream.integers(20, 150, len(lead)) * DAY,
        wins=np.zeros(len(lead), dtype=bool),
        usd=outcomes.amount[lead],
        usd_arr=outcomes.arr[lead],
    )


def _unattributed(stream: np.random.Generator, world: World) -> Deals:
    """Deals that nobody tied to a lead."""
    days = world.options.end_day - world.options.first_day
    day = world.options.first_day + stream.integers(0, days - 1, UNATTRIBUTED)
    opened = (day - np.maximum((day - 4) % 7 - 4, 0)) * DAY + 13 * 3600
    usd = np.asarray(np.round(np.exp(stream.normal(10.0, 0.6, UNATTRIBUTED)), 2), dtype=np.float64)
    return _deals(
        world,
        lead=np.full(UNATTRIBUTED, -1),
        account=stream.integers(0, len(world.accounts), UNATTRIBUTED),
        representative=stream.integers(0, len(ALL_REPRESENTATIVES), UNATTRIBUTED),
        opened=np.maximum(opened, world.options.first_day * DAY),
        closed=opened + stream.integers(20, 120, UNATTRIBUTED) * DAY,
        wins=np.arange(UNATTRIBUTED) % 2 == 0,
        usd=usd,
        usd_arr=usd,
    )


def _deals(
    world: World,
    *,
    lead: Ints,
    account: Ints,
    representative: Ints,
    opened: Ints,
    closed: Ints,
    wins: Flags,
    usd: Floats,
    usd_arr: Floats,
) -> Deals:
    """Deals as they stand when the company is looked at: what closes later is open."""
    done = world.happened(closed)
    return Deals(
        lead=lead,
        account=account,
        representative=representative,
        opened=opened,
        closed=np.where(done, closed, NEVER),
        status=np.where(done, np.where(wins, WON, LOST_DEAL), OPEN),
        usd=usd,
        usd_arr=usd_arr,
        currency=world.accounts.uses_euro[account].astype(np.int64),
        deleted=np.full(len(lead), NEVER),
        ends=closed,
        wins=wins,
    )


def _spoil(stream: np.random.Generator, world: World, deals: Deals) -> Deals:
    """Some close before they open, some are in a currency without rate or without currency, some are deleted."""
    closed, currency = deals.closed.copy(), deals.currency.copy()
    order = stream.permutation(np.flatnonzero(deals.lead >= 0))
    for place, status in enumerate((WON, LOST_DEAL, OPEN)):
        currency[order[deals.status[order] == status][:1]] = WITHOUT_RATE
        if place < NO_CURRENCY:
            currency[order[deals.status[order] == status][1:2]] = -1
    rest = order[(currency[order] >= 0) & (currency[order] < WITHOUT_RATE)]
    backwards = rest[deals.status[rest] != OPEN][:BACKWARDS]
    closed[backwards] = deals.opened[backwards] - stream.integers(1, 4, len(backwards)) * DAY
    later = deals.opened + stream.integers(DAY, 120 * DAY, len(closed))
    deleted = chance(stream, 0.004, len(closed)) & (later < world.options.cutoff) & (deals.lead >= 0)
    return replace(deals, closed=closed, currency=currency, deleted=np.where(deleted, later, NEVER))


def _join(*parts: Deals) -> Deals:
    return Deals(*(np.concatenate([getattr(part, name) for part in parts]) for name in Deals.__slots__))


def _pick(deals: Deals, places: Ints) -> Deals:
    return Deals(*(getattr(deals, name)[places] for name in Deals.__slots__))
