"""How sure is a partner's place in the ranking, and how often would one be wrong to act on it?

Ranks are those of the expected value, given the leads and pages (or cost) of the period as they were: the luck of
conversion and of deal size must not decide. docs/ranking.md has the method, its sources and its measured errors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from dashboard.domain import Estimate
from dashboard.metrics.deal_value import Evidence, log_values
from dashboard.metrics.posterior import DrawnRanks, alike, drawn_ranks, levelled, pool_draws
from dashboard.metrics.win_rate import log_odds

# Fewer events in all than these say nothing about anybody.
FEWEST_EVENTS = 5
# A suggestion to act wants this probability.
SURE = 0.8
DRAWS, SEED = 4096, 20250701


@dataclass(frozen=True, slots=True)
class RankCertainty:
    """Where a partner's true rank lies (1 is best): `low` to `high` with probability `content` (at least 0.9).

    `p_top`, `p_bottom`: probabilities to belong truly to the best and the last `group_size` partners.
    `expected`: posterior median of the value with its 90 % interval, n = events.
    """

    low: int
    high: int
    content: float
    p_top: float
    p_bottom: float
    expected: Estimate


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure each partner's place is; `group_size` is ⌊0.2 × partners⌋, the size of an outer group."""

    partners: Mapping[str, RankCertainty]
    group_size: int


@dataclass(frozen=True, slots=True)
class Consequence:
    """What comes of acting on a list of partners as if they were an outer fifth, by the posterior itself.

    `wrong`: the share of the `named` partners that is expected not to belong there; None where nobody is named.
    `found`: the share of those who do belong there that the list is expected to hold; None where the group is empty.
    """

    named: int
    wrong: float | None
    found: float | None


@dataclass(frozen=True, slots=True)
class Consequences:
    """Acting on the table's outer fifths, beside acting on a probability of `SURE` and more."""

    bottom_of_table: Consequence
    surely_bottom: Consequence
    top_of_table: Consequence
    surely_top: Consequence


def rank_certainty(
    evidence: Evidence, *, ascending: bool = False, draws: int = DRAWS, seed: int = SEED
) -> Certainty | None:
    """Certainty of the ranks by exposure × rate × mean amount ÷ denominator; None where fewer than 5 events are known.

    `ascending`: the metric is the inverse, such as cost per EQL, and its least value ranks first.
    """
    if evidence.events.sum() < FEWEST_EVENTS:
        return None
    rng = np.random.default_rng(seed)
    values = log_values(evidence, rng, pool_draws(len(evidence.partners)))
    same = alike(*evidence.columns())
    found = levelled(drawn_ranks(values, _outer(evidence.partners), draws, seed), same)
    value = np.exp(-found.log_value[:, ::-1] if ascending else found.log_value)
    if not ascending:
        value[evidence.counted_exposure() == 0] = 0.0
    return _certainty(evidence.partners, found, value, evidence.events)


def win_rate_certainty(
    partners: Iterable[str], wins: np.ndarray, closed: np.ndarray, *, draws: int = DRAWS, seed: int = SEED
) -> Certainty | None:
    """Certainty of the ranks by win rate, wins ÷ closed deals (> 0 each); None where fewer than 5 deals have closed."""
    names = tuple(partners)
    if closed.sum() < FEWEST_EVENTS:
        return None
    odds = log_odds(wins, closed, np.random.default_rng(seed), pool_draws(len(names)))
    found = levelled(drawn_ranks(odds, _outer(names), draws, seed), alike(wins, closed))
    return _certainty(names, found, expit(found.log_value), closed)


def wrong_share(certainty: Certainty, ranks: Mapping[str, int]) -> Consequences:
    """What comes of acting on the outer fifths of the table, and what of acting on those that are sure.

    `ranks` are the table's, equal values sharing the better one (`Place.rank`); they name ⌊0.2 × partners⌋ for each
    fifth, and where equal values reach beyond it the lot decides among them.
    """
    p_top = {partner: own.p_top for partner, own in certainty.partners.items()}
    p_bottom = {partner: own.p_bottom for partner, own in certainty.partners.items()}
    size = certainty.group_size
    equal = Counter(ranks.values())
    least = len(ranks) - size
    top = {name: min(max(size + 1 - rank, 0) / equal[rank], 1.0) for name, rank in ranks.items()}
    bottom = {name: min(max(rank - 1 + equal[rank] - least, 0) / equal[rank], 1.0) for name, rank in ranks.items()}
    return Consequences(
        _consequence(bottom, p_bottom, size),
        _consequence(_sure(p_bottom), p_bottom, size),
        _consequence(top, p_top, size),
        _consequence(_sure(p_top), p_top, size),
    )


def _outer(partners: tuple[str, ...]) -> int:
    return len(partners) * 2 // 10


def _certainty(partners: tuple[str, ...], found: DrawnRanks, value: np.ndarray, n: np.ndarray) -> Certainty:
    columns = (found.low, found.high, found.content, found.top, found.bottom, value, n.astype(int))
    rows = zip(partners, *(column.tolist() for column in columns), strict=True)
    return Certainty(
        {
            partner: RankCertainty(low, high, content, top, bottom, Estimate(own[1], own[0], own[2], cases))
            for partner, low, high, content, top, bottom, own, cases in rows
        },
        _outer(partners),
    )


def _sure(chances: Mapping[str, float]) -> dict[str, float]:
    return {partner: 1.0 for partner, chance in chances.items() if chance >= SURE}


def _consequence(named: Mapping[str, float], chances: Mapping[str, float], group: int) -> Consequence:
    """`named`: the probability of each partner to be named; a partner belongs to the group with its chance."""
    count = round(sum(named.values()))
    right = sum(weight * chances[partner] for partner, weight in named.items())
    return Consequence(count, 1 - right / count if count else None, right / group if group else None)
