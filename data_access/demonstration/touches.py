"""What did each lead meet on its way? One contact, more where it went far; several partners may have a share."""

from __future__ import annotations

import numpy as np
import polars as pl

from .arrays import Flags, Floats, Ints, chance, frame, instants, keys, pick, weighted
from .assets import first_assets
from .options import DAY
from .words import CHANNELS
from .world import World

FIRST_RECORDED = 0.8
OTHER_CHANNELS = (0.0, 0.12, 0.10, 0.28, 0.22, 0.22, 0.06)


def touch_table(world: World, lead_ids: pl.Series) -> pl.DataFrame:
    """Rows of `touch`: none or one for most leads, 1 to 3 for marketing-qualified, 2 to 8 for worked or EQL."""
    stream, arrivals = world.options.stream("touch"), world.arrivals
    number = _numbers(stream, world)
    lead = np.repeat(np.arange(len(arrivals)), number)
    ordinal = np.arange(len(lead)) - np.repeat(np.cumsum(number) - number, number)
    at = _moments(stream, world, lead, ordinal)
    partner = np.where(ordinal == 0, arrivals.partner[lead], _partners(stream, world, lead, at))
    asset = _assets(stream, world, lead, ordinal, partner, at)
    channel = np.where(partner >= 0, CHANNELS.index("partner"), weighted(stream, OTHER_CHANNELS, len(lead)))
    channel = np.where(ordinal == 0, arrivals.channel[lead], channel)
    return frame(
        touch_id=keys("T", len(lead), 8),
        lead_id=pick(lead_ids, lead),
        partner_id=pick(world.partners.ids, partner),
        asset_id=pick(world.assets.ids, asset),
        channel=pick(CHANNELS, channel),
        occurred_at=instants(at),
    )


def _numbers(stream: np.random.Generator, world: World) -> Ints:
    count = len(world.arrivals)
    far = world.desk.worked | world.desk.eql
    number = chance(stream, FIRST_RECORDED, count).astype(np.int64)
    number = np.where(world.scores.marketing_qualified, stream.integers(1, 4, count), number)
    return np.where(far, 2 + stream.binomial(6, 0.4, count), number)


def _moments(stream: np.random.Generator, world: World, lead: Ints, ordinal: Ints) -> Ints:
    """The first at the lead's arrival, the others, in order, up to a little after its last recorded event."""
    created = world.arrivals.created[lead]
    end = np.minimum(np.maximum(world.last[lead], created + 5 * DAY), world.options.cutoff - 1)
    spread = np.where(ordinal == 0, 0.0, stream.random(len(lead)))
    at = created + (spread * (end - created)).astype(np.int64)
    return at[np.lexsort((at, lead))]


def _partners(stream: np.random.Generator, world: World, lead: Ints, at: Ints) -> Ints:
    """Partner of a later touch: mostly the lead's own, sometimes another one, none for our own channels."""
    own = world.arrivals.partner[lead]
    other = weighted(stream, world.partners.volume, len(lead))
    draw = stream.random(len(lead))
    chosen = np.where(draw < 0.55, own, np.where(draw < 0.75, other, -1))
    chosen = np.where(own < 0, np.where(draw < 0.12, other, -1), chosen)
    return np.where(_present(world, chosen, at), chosen, -1)


def _present(world: World, partner: Ints, at: Ints) -> Flags:
    day, place = at // DAY, np.maximum(partner, 0)
    return (partner >= 0) & (day >= world.partners.joined[place]) & (day <= world.partners.ended[place])


def _assets(stream: np.random.Generator, world: World, lead: Ints, ordinal: Ints, partner: Ints, at: Ints) -> Ints:
    """The lead's first asset at the first touch; later one of the toucher's, or none where only people met."""
    owner = np.where(partner >= 0, partner, len(world.partners))
    asset = first_assets(stream, world.assets, owner, at // DAY)
    shown: Floats = np.where(partner >= 0, 0.85, 0.4)
    asset = np.where(stream.random(len(lead)) < shown, asset, -1)
    return np.where(ordinal == 0, world.arrivals.asset[lead], asset)
