"""Which partners does the simulated company have, and how good is each of them in truth?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from .arrays import Flags, Floats, Ints, dates, frame, keys, pick, weighted
from .options import DemoOptions, day_number, months_before, quarter_start
from .words import MANAGERS, PARTNER_FIRST, PARTNER_SECOND, REGION_WEIGHTS, REGIONS

TYPES = tuple(PARTNER_SECOND)
TYPE_WEIGHTS = (0.14, 0.20, 0.14, 0.16, 0.14, 0.10, 0.08, 0.04)
TIERS = ("gold", "silver", "bronze")
STATUSES = ("prospect", "active", "paused", "ended")
PROSPECT, ACTIVE, PAUSED, ENDED = range(4)
PAYS_COMMISSION = ("agency", "reseller", "referral")

SQL_EFFECT_SD, WIN_EFFECT_SD, AMOUNT_EFFECT_SD, DAYS_EFFECT_SD, INTENT_EFFECT_SD = 0.25, 0.4, 0.3, 0.15, 0.2


@dataclass(frozen=True, slots=True)
class Partners:
    """One entry a partner. Days count from 1970-01-01; effects are on the logit or the log."""

    name: pl.Series
    slug: pl.Series
    kind: Ints
    tier: Ints
    region: Ints
    manager: Ints
    status: Ints
    joined: Ints
    join_known: Flags
    ended: Ints
    volume: Floats
    three_leads: int
    intent_effect: Floats
    sql_effect: Floats
    win_effect: Floats
    amount_effect: Floats
    days_effect: Floats
    declares: Floats
    untagged: Floats
    commission: Floats

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def ids(self) -> pl.Series:
        """Keys, in order."""
        return keys("P", len(self), 4)


@dataclass(frozen=True, slots=True)
class _Roles:
    """Who plays which special part: places in the list of partners."""

    three_leads: int
    no_leads: int
    recent: int
    join_unknown: int
    paused: Ints
    ended: Ints
    prospects: Ints


def found_partners(options: DemoOptions) -> Partners:
    """The partners of the simulated company, with their true qualities."""
    stream, count = options.stream("partner"), options.partners
    roles = _roles(stream, count)
    status = np.full(count, ACTIVE)
    status[roles.paused], status[roles.ended], status[roles.prospects] = PAUSED, ENDED, PROSPECT
    kind = _kinds(stream, count)
    volume = _volume(stream, count, roles)
    joined, ended = _joined(stream, options, roles)
    tier = _tiers(stream, volume, status)
    untagged = stream.beta(1.2, 8.0, count)
    untagged[stream.choice(count, max(1, count // 20), replace=False)] = 0.7
    name = _names(stream, kind)
    return Partners(
        name=name,
        slug=name.str.to_lowercase().str.replace_all(r"[^a-z]+", "-"),
        kind=kind,
        tier=tier,
        region=weighted(stream, REGION_WEIGHTS, count),
        manager=stream.integers(0, len(MANAGERS), count),
        status=status,
        joined=joined,
        join_known=(np.arange(count) != roles.join_unknown) & (status != PROSPECT),
        ended=ended,
        volume=volume,
        three_leads=roles.three_leads,
        intent_effect=stream.normal(0, INTENT_EFFECT_SD, count),
        sql_effect=stream.normal(0, SQL_EFFECT_SD, count),
        win_effect=stream.normal(0, WIN_EFFECT_SD, count),
        amount_effect=stream.normal(0, AMOUNT_EFFECT_SD, count),
        days_effect=stream.normal(0, DAYS_EFFECT_SD, count),
        declares=stream.beta(0.6, 24.0, count),
        untagged=untagged,
        commission=np.where(np.isin(kind, [TYPES.index(t) for t in PAYS_COMMISSION]), 0.03, 0.0),
    )


def partner_table(partners: Partners) -> pl.DataFrame:
    """Rows of `partner`."""
    return frame(
        partner_id=partners.ids,
        name=partners.name,
        partner_type=pick(TYPES, partners.kind),
        tier=pick(TIERS, partners.tier),
        region=pick(REGIONS, partners.region),
        manager=pick(MANAGERS, partners.manager),
        status=pick(STATUSES, partners.status),
        joined_on=dates(partners.joined, partners.join_known),
        ended_on=dates(partners.ended, partners.status == ENDED),
    )


def alias_table(partners: Partners) -> pl.DataFrame:
    """Rows of `partner_alias`: by name, lead source, UTM source and domain."""
    name = partners.name.str.to_lowercase()
    kinds = {
        "name": name,
        "lead_source": pl.select(pl.lit("partner: ") + name).to_series(),
        "utm_source": partners.slug,
        "domain": pl.select(partners.slug + pl.lit(".example")).to_series(),
    }
    return pl.concat(
        frame(alias_kind=pl.repeat(kind, len(partners), eager=True), alias=alias, partner_id=partners.ids)
        for kind, alias in kinds.items()
    )


def _roles(stream: np.random.Generator, count: int) -> _Roles:
    order = stream.permutation(count)
    few = max(1, round(count * 0.05))
    cuts = np.cumsum([4, few, few, max(1, round(count * 0.035))])
    three, none, recent, unknown = (int(place) for place in order[:4])
    return _Roles(three, none, recent, unknown, *np.split(order[4 : cuts[-1]], cuts[1:3] - 4))


def _kinds(stream: np.random.Generator, count: int) -> Ints:
    kinds = np.concatenate([np.arange(len(TYPES)), weighted(stream, TYPE_WEIGHTS, count - len(TYPES))])
    return stream.permutation(kinds)


def _names(stream: np.random.Generator, kind: Ints) -> pl.Series:
    """Names without repetition: the first words in a new order, a second word by type, a numeral after a full round."""
    order = stream.permutation(len(PARTNER_FIRST))
    second = [PARTNER_SECOND[TYPES[k]] for k in kind]
    rounds = [i // len(order) for i in range(len(kind))]
    return pl.Series(
        [
            f"{PARTNER_FIRST[order[i % len(order)]]} {words[int(stream.integers(len(words)))]}" + _numeral(rounds[i])
            for i, words in enumerate(second)
        ]
    )


def _numeral(round_number: int) -> str:
    letters = ""
    while round_number:
        round_number, digit = divmod(round_number - 1, 26)
        letters = chr(65 + digit) + letters
    return f" {letters}" if letters else ""


def _volume(stream: np.random.Generator, count: int, roles: _Roles) -> Floats:
    volume = np.maximum(np.exp(stream.normal(0, 1.2, count)), 0.12)
    volume[roles.recent] = max(volume[roles.recent], 1.5)
    volume[[roles.three_leads, roles.no_leads, *roles.prospects]] = 0
    return volume


def _tiers(stream: np.random.Generator, volume: Floats, status: Ints) -> Ints:
    """Tier follows volume loosely; a prospect has none."""
    rank = np.argsort(np.argsort(-volume * np.exp(stream.normal(0, 0.8, len(volume))))) / len(volume)
    return np.where(status == PROSPECT, -1, np.searchsorted([0.2, 0.55], rank, side="right"))


def _joined(stream: np.random.Generator, options: DemoOptions, roles: _Roles) -> tuple[Ints, Ints]:
    count, start, end = options.partners, options.first_day, options.end_day
    latest = max(start + 30, end - 220)
    early = start - stream.integers(1, 900, count)
    joined = np.where(stream.random(count) < 0.6, early, stream.integers(start, latest, count))
    joined[[roles.three_leads, roles.no_leads, roles.join_unknown, *roles.ended]] = early[0]
    joined[roles.recent] = day_number(_last_full_quarter(options.until)) + stream.integers(20, 60)
    ended = np.full(count, 2**31 - 1)
    ended[roles.ended] = end - stream.integers(30, 30 * max(2, options.months // 3), len(roles.ended))
    return joined, ended


def _last_full_quarter(until: date) -> date:
    return quarter_start(months_before(quarter_start(until), 1))
