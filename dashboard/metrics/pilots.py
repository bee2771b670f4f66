"""How far is each new partner's pilot, and how many EQLs will it have brought when its sample ends?

Expected EQLs are gamma-Poisson: a partner's EQLs per day are constant through its sample, partners' rates are gamma
distributed, and mean and spread of these (ln mean and α^-½ flat) are integrated out on a grid over all samples seen.
Source: Gelman 2006, doi:10.1214/06-BA117A; Kass & Steffey 1989, doi:10.1080/01621459.1989.10478825.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from scipy.special import gammaln

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.performance import Partner
from dashboard.window import Window

RECENT_DAYS = 180
INTEGRATION_DAYS = 28
SAMPLE_DAYS = 56
WANTED_EQLS = 50
# With fewer samples than these nothing can be said about how partners differ.
FEWEST_SAMPLES = 3
DRAWS, SEED = 4096, 20250701
GRID = (40, 24)
# ln of the mean is looked for so far from that of all samples together.
WIDE = 4.0
OVERDISPERSION = (0.02, 2.0)


class Phase(StrEnum):
    """Where a pilot stands."""

    INTEGRATION = "integration"
    SAMPLE = "sample"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class PilotCells:
    """`days`: partner_id, day since joining, eqls; `first_day`: the first day of which the data know a lead."""

    days: pl.DataFrame
    first_day: date | None


@dataclass(frozen=True, slots=True)
class Pilot:
    """A partner's pilot at `as_of`.

    `sample_from` … `sample_to`: the sample's first day and the day after its last. `days_left` of the phase, 0 once it
    is over. `eqls_before`: EQLs of the integration phase; `eqls`: those of the sample so far. `reached_on`: the day of
    the 50th, which ends the sample. `expected`: EQLs of the whole sample if its 56 days run out, with a 95 % interval
    (n: samples that it was learnt from); `chance`: to reach 50 in them. Both are None once the pilot is over.
    """

    partner: Partner
    joined_on: date
    phase: Phase
    sample_from: date
    sample_to: date
    days_left: int
    eqls_before: int
    eqls: int
    reached_on: date | None
    expected: Estimate
    chance: float | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one sample: its EQLs and the share of its 56 days that has passed."""

    eqls: int
    share: float


def pilots(cells: PilotCells, partners: Sequence[Partner], window: Window) -> list[Pilot]:
    """The pilots of partners that joined in the 180 days up to `as_of`, the youngest first."""
    by_day = _by_day(cells.days)
    today = window.as_of_day
    recent = [p for p in partners if p.joined_on and today - timedelta(RECENT_DAYS) <= p.joined_on <= today]
    samples = {
        p.partner_id: seen
        for p in partners
        if (seen := _sample(by_day.get(p.partner_id, {}), p.joined_on, cells.first_day, window)) is not None
    }
    pool = rate_pool(list(samples.values()))
    found = [_pilot(p, by_day.get(p.partner_id, {}), window, pool, len(samples)) for p in recent]
    return sorted(found, key=lambda own: (-own.joined_on.toordinal(), own.partner.name, own.partner.partner_id))


def _by_day(days: pl.DataFrame) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for partner, day, eqls in days.select("partner_id", "day", "eqls").iter_rows():
        found.setdefault(partner, {})[day] = eqls
    return found


def _passed(joined_on: date, window: Window) -> float:
    """The share of the sample that has passed at `as_of`."""
    zone = ZoneInfo(window.zone)
    start = datetime.combine(joined_on + timedelta(INTEGRATION_DAYS), time(), zone)
    days = (window.as_of.astimezone(zone) - start).total_seconds() / 86_400
    return min(1.0, max(0.0, days / SAMPLE_DAYS))


def _sample(days: Mapping[int, int], joined_on: date | None, first_day: date | None, window: Window) -> Seen | None:
    """What a partner's sample tells; None where it has not begun, or began before the data."""
    if joined_on is None or first_day is None or joined_on.year < first_day.year - 1:
        return None
    share = _passed(joined_on, window)
    if share == 0 or joined_on + timedelta(INTEGRATION_DAYS) < first_day:
        return None
    return Seen(sum(number for day, number in days.items() if day >= INTEGRATION_DAYS), share)


def _pilot(partner: Partner, days: Mapping[int, int], window: Window, pool: Pool | None, samples: int) -> Pilot:
    assert partner.joined_on is not None
    joined, today = partner.joined_on, window.as_of_day
    start, end = joined + timedelta(INTEGRATION_DAYS), joined + timedelta(INTEGRATION_DAYS + SAMPLE_DAYS)
    before = sum(number for day, number in days.items() if day < INTEGRATION_DAYS)
    eqls = sum(number for day, number in days.items() if day >= INTEGRATION_DAYS)
    reached = _reached(days)
    reached_on = joined + timedelta(reached) if reached is not None else None
    phase = Phase.INTEGRATION if today < start else Phase.SAMPLE if today < end and reached is None else Phase.OVER
    left = {Phase.INTEGRATION: (start - today).days, Phase.SAMPLE: (end - today).days, Phase.OVER: 0}[phase]
    expected, chance = NOTHING, None
    if phase is not Phase.OVER:
        expected, chance = foreseen(Seen(eqls, _passed(joined, window)), pool, samples)
    return Pilot(partner, joined, phase, start, end, left, before, eqls, reached_on, expected, chance)


def _reached(days: Mapping[int, int]) -> int | None:
    """The day since joining on which the sample's 50th EQL came."""
    total = 0
    for day in sorted(day for day in days if day >= INTEGRATION_DAYS):
        total += days[day]
        if total >= WANTED_EQLS:
            return day
    return None


@dataclass(frozen=True, slots=True)
class Pool:
    """Draws of what partners' rates have in common: mean EQLs of a whole sample, and the shape α of the gamma."""

    mean: np.ndarray
    shape: np.ndarray


def rate_pool(samples: Sequence[Seen]) -> Pool | None:
    """Mean and spread of the samples' rates, drawn from their posterior; None where fewer than 3 samples are seen."""
    eqls = np.array([own.eqls for own in samples], dtype=float)
    share = np.array([own.share for own in samples])
    if len(samples) < FEWEST_SAMPLES or eqls.sum() == 0:
        return None
    centre = float(np.log(eqls.sum() / share.sum()))
    log_mean = np.linspace(centre - WIDE, centre + WIDE, GRID[0])
    unlikeness = np.linspace(*OVERDISPERSION, GRID[1])
    alpha = unlikeness[None, :, None] ** -2.0
    beta = alpha / np.exp(log_mean)[:, None, None]
    log_density = (
        gammaln(alpha + eqls) - gammaln(alpha) + alpha * np.log(beta) - (alpha + eqls) * np.log(beta + share)
    ).sum(axis=2)
    weight = np.exp(log_density - log_density.max()).ravel()
    rng = np.random.default_rng(SEED)
    drawn = rng.choice(weight.size, DRAWS, p=weight / weight.sum())
    step = log_mean[1] - log_mean[0]
    mean = np.exp(log_mean[drawn // GRID[1]] + step * rng.uniform(-0.5, 0.5, DRAWS))
    return Pool(mean, unlikeness[drawn % GRID[1]] ** -2.0)


def foreseen(seen: Seen, pool: Pool | None, samples: int) -> tuple[Estimate, float | None]:
    """EQLs of a whole sample, given what is seen of it, and the chance to reach 50; nothing where nothing is known.

    Without a pool the sample speaks for itself (Jeffreys' prior), once it has begun.
    """
    if pool is None and seen.share == 0:
        return NOTHING, None
    rng = np.random.default_rng(SEED)
    shape = np.full(DRAWS, 0.5) if pool is None else pool.shape
    passed = seen.share if pool is None else pool.shape / pool.mean + seen.share
    rate = rng.gamma(shape + seen.eqls, 1.0, DRAWS) / passed
    total = seen.eqls + rng.poisson(np.minimum(rate * (1 - seen.share), 1e9))
    low, high = np.quantile(total, [0.025, 0.975], method="inverted_cdf")
    return Estimate(float(total.mean()), float(low), float(high), samples), float((total >= WANTED_EQLS).mean())
