"""Which leads are tests, deleted or merged away?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import NEVER, Flags, Ints, chance
from .arrivals import Arrivals
from .options import DAY, DemoOptions
from .outcomes import Outcomes
from .partners import Partners
from .worked import Desk

TEST_SHARE, DELETED_SHARE, MERGED_SHARE = 0.002, 0.004, 0.6
MERGED_WITH_DEAL = 4


@dataclass(frozen=True, slots=True)
class Dirt:
    """Per lead: test, deleted, merged away. A merged-away lead and its survivor are neither tests nor deleted.

    `merged_into` is -1 for none; `merged_at` is NEVER also where the merge carries no date.
    """

    is_test: Flags
    deleted_at: Ints
    merged_into: Ints
    merged_at: Ints


def soil(
    options: DemoOptions, arrivals: Arrivals, partners: Partners, desk: Desk, outcomes: Outcomes, last: Ints
) -> Dirt:
    """Flags and moments; `last` is each lead's last recorded event in seconds since 1970."""
    stream, count = options.stream("dirt"), len(arrivals)
    plain = ~arrivals.same_domain & (arrivals.partner != partners.three_leads)
    has_deal = outcomes.closed < options.cutoff
    is_test = plain & (chance(stream, TEST_SHARE, count) | _one(stream, plain & has_deal & arrivals.sourced))
    deletable = plain & ~is_test
    deleted = deletable & (chance(stream, DELETED_SHARE, count) | _one(stream, deletable & has_deal))
    deleted_at = last + stream.integers(DAY, 40 * DAY, count)
    merged_into, merged_at = _merges(stream, options, arrivals, desk, has_deal, last)
    return Dirt(is_test, np.where(deleted & (deleted_at < options.cutoff), deleted_at, NEVER), merged_into, merged_at)


def _merges(
    stream: np.random.Generator, options: DemoOptions, arrivals: Arrivals, desk: Desk, has_deal: Flags, last: Ints
) -> tuple[Ints, Ints]:
    """Most duplicates that nobody worked are merged into the earlier lead, and a few that brought a deal."""
    count, repeats = len(arrivals), arrivals.duplicate_of >= 0
    merged = repeats & ~desk.worked & chance(stream, MERGED_SHARE, count)
    merged[np.flatnonzero(repeats & has_deal)[:MERGED_WITH_DEAL]] = True
    at = last + stream.integers(DAY, 14 * DAY, count)
    into = np.maximum(arrivals.duplicate_of, 0)
    # A chain is merged from its end: the later lead first, then the one that it went into.
    at[into[merged]] = np.maximum(at[into[merged]], at[merged] + DAY)
    merged &= at < options.cutoff
    chained = np.zeros(count, dtype=bool)
    chained[into[merged]] = True
    undated = merged & ~chained & ~merged[into] & chance(stream, 0.2, count)
    return np.where(merged, arrivals.duplicate_of, -1), np.where(merged & ~undated, at, NEVER)


def _one(stream: np.random.Generator, candidates: Flags) -> Flags:
    """One of the candidates, if there are any."""
    flags = np.zeros(len(candidates), dtype=bool)
    places = np.flatnonzero(candidates)
    if len(places):
        flags[places[int(stream.integers(len(places)))]] = True
    return flags
