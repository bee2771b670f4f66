"""How do the leads look in the CRM? Rows of `lead`, with what real exports lack: fields, tags, whole stages."""

from __future__ import annotations

import numpy as np
import polars as pl

from .accounts import account_names, domains
from .arrays import NEVER, Ints, chance, frame, instants, keys, masked, pick
from .arrivals import Arrivals
from .options import DAY
from .partners import Partners
from .scorecard import FIT_POINTS
from .words import ALL_REPRESENTATIVES, CHANNELS, DISQUALIFIED, FREE_MAIL, PRODUCTS, REGIONS
from .worked import Queue
from .world import World

SOURCES = ("", "google", "linkedin", "", "", "newsletter", "chatgpt.com")
MEDIA = ("referral", "cpc", "paid_social", "organic", "", "email", "referral")
AI_SOURCES = ("chatgpt.com", "perplexity.ai", "ai_overview")


def lead_table(world: World) -> pl.DataFrame:
    """Rows of `lead`, in order of arrival."""
    stream, arrivals, dirt = world.options.stream("lead"), world.arrivals, world.dirt
    count = len(arrivals)
    ids = keys("L", count)
    account = np.where(chance(stream, 0.012, count), -1, arrivals.account)
    channel = np.where(chance(stream, 0.004, count), -1, arrivals.channel)
    region = np.where(chance(stream, 0.02, count), -1, arrivals.region)
    below = (world.desk.queue == Queue.BELOW) & world.happened(world.desk.assigned)
    columns = {
        "lead_id": ids,
        "account_id": pick(world.accounts.ids, account),
        "partner_id": pick(world.partners.ids, arrivals.partner),
        "first_asset_id": pick(world.assets.ids, arrivals.asset),
        "channel": pick(CHANNELS, channel),
        **_tags(stream, arrivals, world.partners),
        "email_domain": _mail(stream, world),
        "region": pick(REGIONS, region),
        "product_line": pick(PRODUCTS, np.where(chance(stream, 0.03, count), -1, arrivals.account % len(PRODUCTS))),
        "owner": _owner(stream, world),
        "crm_score": _crm_score(stream, world),
        "created_at": instants(arrivals.created),
        **_stages(stream, world),
        **_endings(stream, world),
        "is_test": pl.Series(dirt.is_test),
        "deleted_at": instants(dirt.deleted_at),
        "merged_into": pick(ids, dirt.merged_into),
        "merged_at": instants(dirt.merged_at),
        "experiment": pl.Series(below & world.options.is_experiment),
    }
    return frame(**columns)


def _tags(stream: np.random.Generator, arrivals: Arrivals, partners: Partners) -> dict[str, pl.Series]:
    """UTM tags; some partners forget them, and some AI answers hide among direct visits."""
    count, channel = len(arrivals), arrivals.channel
    owner = np.maximum(arrivals.partner, 0)
    bare = stream.random(count) < np.where(arrivals.sourced, partners.untagged[owner], 0.08)
    bare |= (channel == CHANNELS.index("direct")) | (
        (channel == CHANNELS.index("organic")) & (stream.random(count) < 0.7)
    )
    ai = channel == CHANNELS.index("ai_referral")
    hidden = (channel == CHANNELS.index("direct")) & chance(stream, 0.02, count)
    words = pl.concat([partners.slug, pl.Series(SOURCES), pl.Series(AI_SOURCES)])
    place = np.where(arrivals.sourced, owner, len(partners) + channel)
    place = np.where(ai | hidden, len(partners) + len(SOURCES) + stream.integers(0, 3, count), place)
    shown = (~bare | ai | hidden) & (place != len(partners) + CHANNELS.index("organic"))
    wrong_medium = arrivals.sourced & chance(stream, 0.04, count)
    medium = np.where(shown, np.where(wrong_medium, CHANNELS.index("email"), channel), -1)
    medium[hidden] = CHANNELS.index("ai_referral")
    campaign = 4 * (arrivals.created // (91 * DAY) % 8) + stream.integers(0, 4, count)
    campaigns = [f"{name}-{number}" for number in range(1, 9) for name in ("launch", "guide", "webinar", "evergreen")]
    return {
        "utm_source": pick(words, np.where(shown, place, -1)),
        "utm_medium": pick(MEDIA, medium),
        "utm_campaign": pick(campaigns, np.where(shown & chance(stream, 0.85, count), campaign, -1)),
    }


def _mail(stream: np.random.Generator, world: World) -> pl.Series:
    """The account's domain; free mail for some, except for duplicates, which must be recognisable."""
    arrivals, count = world.arrivals, len(world.arrivals)
    domain = pick(domains(world.accounts, account_names(world.accounts)), arrivals.account)
    free = pick(FREE_MAIL, stream.integers(0, len(FREE_MAIL), count))
    uses_free = ~arrivals.same_domain & chance(stream, 0.06, count)
    domain = pl.select(pl.when(pl.Series(uses_free)).then(free).otherwise(domain)).to_series()
    return masked(domain, arrivals.same_domain | chance(stream, 0.985, count))


def _owner(stream: np.random.Generator, world: World) -> pl.Series:
    known = world.happened(world.desk.assigned) & chance(stream, 0.985, len(world.arrivals))
    return pick(ALL_REPRESENTATIVES, np.where(known, world.desk.representative, -1))


def _crm_score(stream: np.random.Generator, world: World) -> pl.Series:
    """The score that the CRM holds: right for most; for some the sync lost the company's size, for some everything."""
    account, count = world.arrivals.account, len(world.arrivals)
    size = np.asarray(FIT_POINTS["company_size"])[world.accounts.level["company_size"]]
    size = np.where(world.accounts.known["company_size"], size, 0)[account]
    lost = chance(stream, 0.07, count)
    score = (world.scores.score - np.where(lost, size, 0)).astype(np.float64)
    return masked(pl.Series(score), chance(stream, 0.96, count))


def _stages(stream: np.random.Generator, world: World) -> dict[str, pl.Series]:
    """Stage times up to the cutoff; some stages were skipped, some confirmations and dates were never entered."""
    arrivals, desk, count = world.arrivals, world.desk, len(world.arrivals)

    def seen(at: Ints, kept: float = 1.0) -> pl.Series:
        return instants(at, world.happened(at) & chance(stream, kept, count))

    referred = np.where(arrivals.sourced, arrivals.created + stream.integers(0, 600, count), NEVER)
    return {
        "referral_at": seen(referred, 0.87),
        "partner_confirmed_at": seen(desk.partner_confirmed, 0.9),
        "vendor_confirmed_at": seen(desk.vendor_confirmed, 0.95),
        "mql_at": seen(desk.mql_at, 0.97),
        "eql_at": seen(desk.eql_at),
        "sql_at": seen(world.outcomes.sql_at, 0.985),
        "assigned_at": seen(desk.assigned),
        "first_contacted_at": seen(desk.contacted, 0.98),
    }


def _endings(stream: np.random.Generator, world: World) -> dict[str, pl.Series]:
    """Disqualification (of worked leads that came to nothing, and of some others) and the last activity."""
    desk, count, cutoff = world.desk, len(world.arrivals), world.options.cutoff
    begins = np.where(desk.worked, desk.contacted, world.arrivals.created)
    after = np.minimum(begins, cutoff) + stream.integers(DAY, 25 * DAY, count)
    share = np.where(desk.worked, 0.7, np.where(desk.eql, 0.0, 0.06))
    out = ~(desk.worked & world.outcomes.reaches_sql) & chance(stream, share, count) & (after < cutoff)
    reason = stream.integers(0, len(DISQUALIFIED), count)
    quiet = np.minimum(world.last + (stream.exponential(6, count) * DAY).astype(np.int64), cutoff - 1)
    active = np.maximum(quiet, np.where(out, after, 0))
    return {
        "disqualified_at": instants(after, out),
        "disqualified_reason": pick(DISQUALIFIED, np.where(out & chance(stream, 0.9, count), reason, -1)),
        "last_activity_at": instants(active, chance(stream, 0.97, count)),
    }
