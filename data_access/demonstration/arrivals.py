"""Which leads come in, when, from where, and which of them are duplicates?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .accounts import Accounts
from .arrays import Flags, Floats, Ints, chance, weighted
from .assets import Assets, first_assets
from .options import DAY, DemoOptions
from .partners import ACTIVE, PAUSED, Partners
from .words import CHANNELS, REGIONS

PARTNER_CHANNEL = 0
CHANNEL_SHARES = (0.45, 0.14, 0.10, 0.16, 0.08, 0.045, 0.025)
YEARLY_GROWTH = (0.45, 0.10, 0.15, 0.20, 0.10, 0.05, 1.60)  # on the log
WEEKDAY = (1.15, 1.20, 1.20, 1.10, 0.95, 0.25, 0.25)
MONTH = (1.02, 1.03, 1.06, 1.00, 1.00, 0.97, 0.88, 0.80, 1.10, 1.14, 1.10, 0.74)
DUPLICATE_SHARE = 0.01
BUSY_HOUR = (11, 17, 5)  # UTC, by region
NO_ASSET_SHARE = (0.05, 0.55, 0.60, 0.04, 0.50, 0.50, 0.15)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """One entry a lead, in order of arrival; -1 is none. `duplicate_of` is the earlier lead that it repeats."""

    created: Ints
    channel: Ints
    partner: Ints
    account: Ints
    region: Ints
    asset: Ints
    duplicate_of: Ints
    same_domain: Flags

    def __len__(self) -> int:
        return len(self.created)

    @property
    def sourced(self) -> Flags:
        """Whether a partner brought the lead."""
        return self.partner >= 0


def arrive(options: DemoOptions, partners: Partners, accounts: Accounts, assets: Assets) -> Arrivals:
    """All leads of the window, duplicates included."""
    stream = options.stream("arrival")
    repeats = round(options.leads * DUPLICATE_SHARE)
    channel, partner, day = _who_when(stream, options, partners, options.leads - repeats)
    region = _regions(stream, accounts, partners, partner)
    created = np.minimum(day * DAY + _seconds(stream, region), (day + 1) * DAY - 1)
    account = _accounts(stream, accounts, region)
    main, chained = options.leads - repeats, repeats // 30
    original = _originals(stream, options, partners, partner, created, repeats - chained)
    created = np.concatenate([created, created[original] + _days_later(stream, len(original))])
    again = main + stream.choice(np.flatnonzero(created[main:] < options.cutoff - 30 * DAY), chained, replace=False)
    created = np.concatenate([created, created[again] + _days_later(stream, chained)])
    source = np.concatenate([np.full(main, -1), original, again])
    root = np.concatenate([np.arange(main), original, original[again - main]])
    channel, partner, account, region = (x[root] for x in (channel, partner, account, region))
    owner = np.where(partner >= 0, partner, len(partners))
    asset = first_assets(stream, assets, owner, created // DAY)
    asset[chance(stream, np.asarray(NO_ASSET_SHARE)[channel], len(asset))] = -1
    order = np.argsort(created, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return Arrivals(
        created=created[order],
        channel=channel[order],
        partner=partner[order],
        account=account[order],
        region=region[order],
        asset=asset[order],
        duplicate_of=np.where(source >= 0, place[source], -1)[order],
        same_domain=(source >= 0)[order] | _repeated(source, len(order))[order],
    )


def _who_when(
    stream: np.random.Generator, options: DemoOptions, partners: Partners, count: int
) -> tuple[Ints, Ints, Ints]:
    """Channel, partner and day of each lead; the shares of the channels are exact."""
    size = np.floor(np.asarray(CHANNEL_SHARES) * count).astype(np.int64)
    size[PARTNER_CHANNEL] += count - size.sum()
    day = options.first_day + np.arange(options.end_day - options.first_day)
    rhythm = _rhythm(day)
    cells = _presence(partners, day) * _intensity(rhythm, day, PARTNER_CHANNEL)
    three = _three_days(stream, cells[partners.three_leads] > 0, day)
    cells *= partners.volume[:, None]
    drawn = stream.multinomial(size[PARTNER_CHANNEL] - len(three), (cells / cells.sum()).ravel())
    at = np.repeat(np.arange(cells.size), drawn)
    partner = [np.append(at // len(day), np.full(len(three), partners.three_leads))]
    days, channel = [np.append(day[at % len(day)], three)], [np.zeros(size[0], dtype=np.int64)]
    for number in range(1, len(CHANNELS)):
        days.append(day[weighted(stream, _intensity(rhythm, day, number), int(size[number]))])
        partner.append(np.full(size[number], -1))
        channel.append(np.full(size[number], number))
    return np.concatenate(channel), np.concatenate(partner), np.concatenate(days)


def _rhythm(day: Ints) -> Floats:
    weekday = np.asarray(WEEKDAY)[(day - 4) % 7]
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    return np.asarray(weekday * np.asarray(MONTH)[month])


def _intensity(rhythm: Floats, day: Ints, channel: int) -> Floats:
    return np.asarray(rhythm * np.exp(YEARLY_GROWTH[channel] * (day - day[0]) / 365.25))


def _presence(partners: Partners, day: Ints) -> Floats:
    """How present each partner is on each day: none outside the partnership, a ramp of 90 days, little when paused."""
    since = day - partners.joined[:, None]
    present = np.where((since >= 0) & (day <= partners.ended[:, None]), np.minimum(1.0, 0.3 + since / 130), 0.0)
    present[partners.status == PAUSED] *= np.where(day > day[-1] - 75, 0.1, 1.0)
    return np.asarray(present)


def _three_days(stream: np.random.Generator, open_days: Flags, day: Ints) -> Ints:
    return np.asarray(stream.choice(day[open_days], 3, replace=False))


def _regions(stream: np.random.Generator, accounts: Accounts, partners: Partners, partner: Ints) -> Ints:
    """A partner's leads come mostly from its own region."""
    anywhere = accounts.region[stream.integers(0, len(accounts), len(partner))]
    at_home = (partner >= 0) & chance(stream, 0.6, len(partner))
    return np.where(at_home, partners.region[np.maximum(partner, 0)], anywhere)


def _accounts(stream: np.random.Generator, accounts: Accounts, region: Ints) -> Ints:
    count = np.bincount(accounts.region, minlength=len(REGIONS))
    first = np.append(0, np.cumsum(count)[:-1])
    return np.asarray(first[region] + np.floor(stream.random(len(region)) * count[region]).astype(np.int64))


def _seconds(stream: np.random.Generator, region: Ints) -> Ints:
    """Second of the day: four of five near the region's busy hour, the others at any time."""
    near = stream.normal(np.asarray(BUSY_HOUR)[region], 3.0) % 24
    hour = np.where(stream.random(len(region)) < 0.8, near, stream.random(len(region)) * 24)
    return np.asarray(hour * 3600).astype(np.int64)


def _originals(
    stream: np.random.Generator, options: DemoOptions, partners: Partners, partner: Ints, created: Ints, count: int
) -> Ints:
    """The leads that come in twice: old enough, of nobody or of an active partner with more than three leads."""
    steady = (partners.status == ACTIVE) & (np.arange(len(partners)) != partners.three_leads)
    allowed = (partner < 0) | steady[np.maximum(partner, 0)]
    allowed &= created < options.cutoff - 30 * DAY
    return np.asarray(stream.choice(np.flatnonzero(allowed), count, replace=False))


def _days_later(stream: np.random.Generator, count: int) -> Ints:
    return np.asarray(stream.integers(DAY // 2, 20 * DAY, count))


def _repeated(source: Ints, count: int) -> Flags:
    flags = np.zeros(count, dtype=bool)
    flags[source[source >= 0]] = True
    return flags
