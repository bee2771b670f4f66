"""What do partners and the company itself publish, and who visits it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from .arrays import Floats, Ints, dates, frame, keys, masked, pick, weighted
from .options import DAY, DemoOptions
from .partners import PROSPECT, Partners
from .words import ASSET_TITLES, TOPICS

KINDS = tuple(ASSET_TITLES)
KIND_WEIGHTS = (0.24, 0.14, 0.12, 0.24, 0.12, 0.10, 0.04)
OWN_PAGES = 30
# A prospect offers this many pages, the last number excluded.
OFFERED = (4, 11)
OFFER_WEIGHTS = (0.40, 0.06, 0.06, 0.40, 0.05, 0.02, 0.01)
VISITS_PER_LEAD = 45
_ALWAYS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Offer:
    """One entry a page that a prospect offers; no lead comes from them, nor a visit."""

    partner: Ints
    kind: Ints
    rating: Floats
    topic: Ints

    def __len__(self) -> int:
        return len(self.partner)


@dataclass(frozen=True, slots=True)
class Assets:
    """One entry an asset, a partner's together: partner p has those from first[p] to first[p] + count[p].

    A partner's first asset is published before its first lead and is never retired. Own pages come last. What prospects
    offer is no asset yet and stands apart.
    """

    partner: Ints
    kind: Ints
    origin: Ints
    rating: Floats
    topic: Ints
    published: Ints
    refreshed: Ints
    retired: Ints
    share: Floats
    first: Ints
    count: Ints
    offer: Offer

    def __len__(self) -> int:
        return len(self.partner)

    @property
    def ids(self) -> pl.Series:
        """Keys, in order."""
        return keys("S", len(self), 5)


def publish_assets(options: DemoOptions, partners: Partners) -> Assets:
    """3 to 25 assets for each partner that is more than a prospect, and the company's own pages."""
    stream = options.stream("asset")
    wanted = np.clip(np.round(4 + 2.2 * np.sqrt(partners.volume) * stream.gamma(2.0, 0.6, len(partners))), 3, 25)
    count = np.append(np.where(partners.status == PROSPECT, 0, wanted).astype(np.int64), OWN_PAGES)
    first = np.append(0, np.cumsum(count)[:-1])
    owner = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(owner)) - first[owner]
    born = np.append(np.maximum(partners.joined, options.first_day - 400), options.first_day - 400)[owner]
    total = len(owner)
    left = np.append(partners.ended, _ALWAYS)[owner]
    last = np.minimum(left, options.end_day)
    published = np.where(place == 0, born, born + stream.integers(0, np.maximum(last - born, 1)))
    age = last - published
    refreshed = published + np.floor(age * stream.random(total)).astype(np.int64)
    gone = (place > 0) & (stream.random(total) < 0.08) & (age > 200)
    retired = np.where(gone, refreshed + np.floor((last - refreshed) * stream.random(total)), _ALWAYS)
    return Assets(
        partner=np.where(owner == len(partners), -1, owner),
        kind=np.where(owner == len(partners), 0, weighted(stream, KIND_WEIGHTS, total)),
        origin=np.where(stream.random(total) < 0.06, -1, (stream.random(total) > 0.6).astype(np.int64)),
        rating=np.where(stream.random(total) < 0.1, np.nan, np.round(stream.beta(3, 2.5, total) * 100)),
        topic=stream.integers(0, len(TOPICS), total),
        published=published,
        refreshed=np.where((age > 60) & (stream.random(total) < 0.6), refreshed, -1),
        retired=np.minimum(retired, left).astype(np.int64),
        share=_shares(stream, first, count, place),
        first=first,
        count=count,
        offer=_offer(options, partners),
    )


def _offer(options: DemoOptions, partners: Partners) -> Offer:
    """Pages of prospects, from random numbers of their own; four of five are articles and other pages."""
    stream = options.stream("offer")
    owner = np.flatnonzero(partners.status == PROSPECT)
    owner = np.repeat(owner, stream.integers(*OFFERED, len(owner)))
    total = len(owner)
    rating = np.round(stream.beta(3, 2.5, total) * 100)
    return Offer(
        partner=owner,
        kind=weighted(stream, OFFER_WEIGHTS, total),
        rating=np.where(stream.random(total) < 0.05, np.nan, rating),
        topic=stream.integers(0, len(TOPICS), total),
    )


def first_assets(stream: np.random.Generator, assets: Assets, owner: Ints, day: Ints) -> Ints:
    """An asset of each owner (number of partners = the company), by share; where that one is not out, its first."""
    total = np.cumsum(assets.share)
    before = np.where(assets.first[owner] > 0, total[assets.first[owner] - 1], 0.0)
    drawn = np.searchsorted(total, before + stream.random(len(owner)) * 0.999999, side="right")
    drawn = np.clip(drawn, assets.first[owner], assets.first[owner] + np.maximum(assets.count[owner], 1) - 1)
    live = (assets.published[drawn] <= day) & (assets.retired[drawn] > day)
    return np.where(live, drawn, assets.first[owner])


def asset_table(assets: Assets, partners: Partners) -> pl.DataFrame:
    """Rows of `asset`: those that are out, and behind them what prospects offer, of which no day is known."""
    known = ~np.isnan(assets.rating)
    out = frame(
        asset_id=assets.ids,
        **_described(assets, partners, 1),
        domain_rating=masked(pl.Series(np.nan_to_num(assets.rating)), known),
        published_on=dates(assets.published),
        refreshed_on=dates(assets.refreshed, assets.refreshed >= 0),
        retired_on=dates(assets.retired, assets.retired < min(_ALWAYS, 10**6)),
    )
    return pl.concat([out, _offer_table(assets, partners).select(out.columns)])


def _offer_table(assets: Assets, partners: Partners) -> pl.DataFrame:
    offer, day = assets.offer, np.zeros(len(assets.offer), dtype=np.int64)
    never = dates(day, np.zeros(len(offer), dtype=bool))
    return frame(
        asset_id=keys("S", len(assets) + len(offer), 5).tail(len(offer)),
        **_described(offer, partners, len(assets) + 1),
        domain_rating=masked(pl.Series(np.nan_to_num(offer.rating)), ~np.isnan(offer.rating)),
        published_on=never,
        refreshed_on=never,
        retired_on=never,
    )


def _described(assets: Assets | Offer, partners: Partners, number: int) -> dict[str, pl.Series]:
    """Whose they are and what they are called; `number` is the first one's."""
    kind, topic = pick(tuple(ASSET_TITLES.values()), assets.kind), pick(TOPICS, assets.topic)
    site = pick(partners.slug, assets.partner).fill_null("www")
    path = pl.Series(np.arange(number, number + len(assets))).cast(pl.String)
    origin = assets.origin if isinstance(assets, Assets) else np.full(len(assets), -1)
    return {
        "partner_id": pick(partners.ids, assets.partner),
        "kind": pick(KINDS, assets.kind),
        "origin": pick(("new", "syndicated"), origin),
        "title": pl.select(kind + pl.lit(": ") + topic).to_series(),
        "url": pl.select(pl.lit("https://") + site + pl.lit(".example/") + path).to_series(),
    }


def traffic_table(options: DemoOptions, assets: Assets, asset: Ints, created: Ints) -> pl.DataFrame:
    """Rows of `traffic`: visits per asset and day around the leads that came of them; days without a visit have none.

    `asset` and `created` (seconds) are those of all leads; asset -1 is none.
    """
    stream, start = options.stream("traffic"), options.first_day
    days = options.end_day - start
    brought = np.bincount(asset[asset >= 0], minlength=len(assets))
    day = start + np.arange(days)
    live = (day >= assets.published[:, None]) & (day < assets.retired[:, None])
    weekday = np.where((day - 4) % 7 < 5, 1.25, 0.4)
    level = (0.15 + brought * stream.gamma(3, VISITS_PER_LEAD / 3, len(assets))) / np.maximum(live.sum(axis=1), 1)
    visits = stream.poisson(level[:, None] * weekday * live)
    cell = asset[asset >= 0] * days + (created[asset >= 0] // DAY - start)
    visits += np.bincount(cell, minlength=visits.size).reshape(visits.shape)
    where, when = np.nonzero(visits)
    return frame(
        asset_id=pick(assets.ids, where),
        day=dates(start + when),
        sessions=pl.Series(visits[where, when]),
    )


def _shares(stream: np.random.Generator, first: Ints, count: Ints, place: Ints) -> Floats:
    """Each asset's share of its owner's leads: a few bring most."""
    weight = stream.gamma(0.8, 1.0, len(place)) / (1 + place) ** 0.3 + 1e-3
    owner = np.repeat(np.arange(len(count)), count)
    return np.asarray(weight / np.bincount(owner, weight, len(count))[owner])
