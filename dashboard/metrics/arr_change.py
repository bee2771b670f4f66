"""Why did ARR change? The difference of two periods, split among EQLs, conversions and contract value, to the cent.

ARR = EQLs × SQLs ÷ EQLs × won deals ÷ SQLs × ARR ÷ won deals, all of what happened in a period (flows, no cohort).
Each factor's part is its Shapley value: the mean, over all orders in which the factors can be changed one by one from
the former value to the present one, of what its own step changes. The parts sum to the difference exactly.
Source: Shorrocks 2013, doi:10.1007/s10888-011-9214-z; Shapley 1953, doi:10.1515/9781400881970-018.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import combinations
from math import factorial

import numpy as np

from dashboard.domain import Estimate
from dashboard.metrics.deal_value import GUESS_DEGREES, SPREAD_GUESS

DRAWS, SEED = 4000, 20250701
# Half a case is added to each count (Jeffreys' prior), spread over the four places in which its cases can lie.
JEFFREYS, PLACES = 0.5, 4
BOUNDS = (2.5, 97.5)
# Variance of ln ARR beyond which a draw says nothing more: e⁸ is a mean three thousand times the median.
WIDEST = 8.0


class Link(StrEnum):
    """The factors, in their order; `SQLS` and `WON_DEALS` stand for all before them where these cannot be told."""

    EQLS = "eqls"
    EQL_TO_SQL = "eql_to_sql"
    SQLS = "sqls"
    SQL_TO_WON = "sql_to_won"
    WON_DEALS = "won_deals"
    CONTRACT_VALUE = "contract_value"


# Which count a factor multiplies by, and which one it divides by.
COUNTED = {
    Link.EQLS: ("eqls", None),
    Link.EQL_TO_SQL: ("sqls", "eqls"),
    Link.SQLS: ("sqls", None),
    Link.SQL_TO_WON: ("won_deals", "sqls"),
    Link.WON_DEALS: ("won_deals", None),
}


@dataclass(frozen=True, slots=True)
class Flow:
    """What happened in a period: leads that became EQL or sales-qualified, deals won, and their ARR in cents.

    `arrs`, `log_arr`, `log_arr_sq`: deals with ARR > 0, Σ ln ARR and Σ (ln ARR)² over them, in the reporting currency.
    `both`: leads that became EQL and sales-qualified; `won_of_eqls`, `won_of_sqls`, `won_of_both`: won deals whose lead
    became EQL, sales-qualified, or both, all within the period: how far the counts are about the same leads.
    """

    eqls: int
    sqls: int
    won_deals: int
    arr_cents: int
    arrs: int = 0
    log_arr: float = 0.0
    log_arr_sq: float = 0.0
    both: int = 0
    won_of_eqls: int = 0
    won_of_sqls: int = 0
    won_of_both: int = 0

    @property
    def contract_cents(self) -> Fraction | None:
        """ARR ÷ won deals, deals without ARR included; None without a won deal."""
        return Fraction(self.arr_cents, self.won_deals) if self.won_deals else None


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor of the chain before and now; a rate, a count, or currency a deal (None: no won deal at all)."""

    link: Link
    before: float | None
    now: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of ARR in the reporting currency, and the part of each link of the chain, None for the others.

    Parts and difference are exact to the cent. Their 95 % intervals come from seeded draws; n is what both periods
    counted: EQLs for the first two links, SQLs for the third, won deals for the last.
    """

    before: Flow
    now: Flow
    difference: Estimate
    parts: Mapping[Link, Estimate | None]
    factors: Sequence[Factor]


def change(before: Flow, now: Flow, draws: int = DRAWS, seed: int = SEED) -> Change:
    """The difference now − before, split among the links that can be told."""
    links = chain(before, now)
    old, new = factors(before, now, links), factors(now, before, links)
    difference = now.arr_cents - before.arr_cents
    cents = largest_remainder(shapley(old, new), difference)
    bounds = _bounds(before, now, links, draws, seed)
    parts: dict[Link, Estimate | None] = dict.fromkeys(Link)
    for place, link in enumerate(links):
        parts[link] = Estimate(cents[place] / 100, *bounds[place], _cases(link, before, now))
    deals = before.won_deals + now.won_deals
    return Change(
        before,
        now,
        Estimate(difference / 100, *bounds[-1], deals),
        parts,
        [Factor(link, *_shown(link, a, b, deals)) for link, a, b in zip(links, old, new, strict=True)],
    )


def chain(before: Flow, now: Flow) -> tuple[Link, ...]:
    """The links that both periods can tell: a count of 0 in either has nothing that could be divided by it.

    Without SQLs nothing tells how EQLs became won deals, so that both are left out.
    """
    if not (before.sqls and now.sqls):
        return (Link.WON_DEALS, Link.CONTRACT_VALUE)
    if not (before.eqls and now.eqls):
        return (Link.SQLS, Link.SQL_TO_WON, Link.CONTRACT_VALUE)
    return (Link.EQLS, Link.EQL_TO_SQL, Link.SQL_TO_WON, Link.CONTRACT_VALUE)


def factors(own: Flow, other: Flow, links: Sequence[Link]) -> list[Fraction]:
    """The factors of a period; their product is its ARR in cents.

    Without a won deal the contract value is that of the other period, and 0 where neither has one.
    """
    found = []
    for link in links:
        if link is Link.CONTRACT_VALUE:
            found.append(next((v for v in (own.contract_cents, other.contract_cents) if v is not None), Fraction(0)))
        else:
            counted, basis = COUNTED[link]
            found.append(Fraction(getattr(own, counted), getattr(own, basis) if basis else 1))
    return found


def shapley(old: Sequence[Fraction], new: Sequence[Fraction]) -> list[Fraction]:
    """Each factor's Shapley value in the change of the product from `old` to `new`, exactly."""
    places = range(len(old))
    found = [Fraction(0)] * len(old)
    for place in places:
        others = [other for other in places if other != place]
        for size in range(len(others) + 1):
            weight = Fraction(factorial(size) * factorial(len(others) - size), factorial(len(old)))
            for changed in combinations(others, size):
                rest = Fraction(1)
                for other in others:
                    rest *= new[other] if other in changed else old[other]
                found[place] += weight * rest * (new[place] - old[place])
    return found


def largest_remainder(exact: Sequence[Fraction], total: int) -> list[int]:
    """Whole numbers next to the exact ones that sum to `total`, their exact sum; the largest remainders go up.

    Of equal remainders the earlier goes up.
    """
    floors = [value.numerator // value.denominator for value in exact]
    rising = sorted(range(len(exact)), key=lambda place: (floors[place] - exact[place], place))
    for place in rising[: total - sum(floors)]:
        floors[place] += 1
    return floors


def _shown(link: Link, before: Fraction, now: Fraction, deals: int) -> tuple[float | None, float | None]:
    if link is Link.CONTRACT_VALUE:
        return (float(before / 100), float(now / 100)) if deals else (None, None)
    return float(before), float(now)


def _cases(link: Link, before: Flow, now: Flow) -> int:
    counted, basis = COUNTED.get(link, ("won_deals", None))
    return int(getattr(before, basis or counted) + getattr(now, basis or counted))


def _bounds(
    before: Flow, now: Flow, links: Sequence[Link], draws: int, seed: int
) -> list[tuple[float | None, float | None]]:
    """95 % bounds of each part and, last, of the difference, in the reporting currency; None without a won deal."""
    if not (before.won_deals or now.won_deals):
        return [(None, None)] * (len(links) + 1)
    rng = np.random.default_rng(seed)
    counts = [_drawn_counts(flow, draws, rng) for flow in (before, now)]
    worth = _drawn_worth(before, now, draws, rng)
    old, new = (
        np.array([*(_drawn_factor(drawn, link) for link in links[:-1]), own])
        for drawn, own in zip(counts, worth, strict=True)
    )
    parts = shapley_draws(old, new)
    every = np.vstack([parts, parts.sum(axis=0)])
    low, high = np.percentile(every, BOUNDS, axis=1)
    return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def shapley_draws(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Shapley values of many draws at once: arrays of factors × draws."""
    size, step = len(old), new - old
    found = np.zeros_like(old)
    for place in range(size):
        # Sums over subsets of the others by their size, one factor after the other.
        sums = [np.ones(old.shape[1])]
        for other in (i for i in range(size) if i != place):
            kept = [total * old[other] for total in sums] + [np.zeros(old.shape[1])]
            taken = [np.zeros(old.shape[1])] + [total * new[other] for total in sums]
            sums = [a + b for a, b in zip(kept, taken, strict=True)]
        for count, total in enumerate(sums):
            found[place] += factorial(count) * factorial(size - 1 - count) / factorial(size) * total * step[place]
    return found


def _drawn_counts(flow: Flow, draws: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Draws of what EQLs, SQLs and won deals would be without chance, all being Poisson, Jeffreys' prior for each.

    Cases that several counts share are drawn once for all of them. Of one cohort, in which every SQL is one of the
    EQLs, the quotient is then a binomial rate's beta distribution; of cohorts that have nothing to do with each other
    it is that of two Poisson counts. Flows lie in between.
    """
    only_both = max(0, flow.both - flow.won_of_both)
    eql_won, sql_won = max(0, flow.won_of_eqls - flow.won_of_both), max(0, flow.won_of_sqls - flow.won_of_both)
    shares = {
        ("eqls",): flow.eqls - only_both - eql_won - flow.won_of_both,
        ("sqls",): flow.sqls - only_both - sql_won - flow.won_of_both,
        ("won_deals",): flow.won_deals - eql_won - sql_won - flow.won_of_both,
        ("eqls", "sqls"): only_both,
        ("eqls", "won_deals"): eql_won,
        ("sqls", "won_deals"): sql_won,
        ("eqls", "sqls", "won_deals"): flow.won_of_both,
    }
    found = {name: np.zeros(draws) for name in ("eqls", "sqls", "won_deals")}
    for names, cases in shares.items():
        drawn = rng.gamma(max(0, cases) + JEFFREYS / PLACES, 1.0, draws)
        for name in names:
            found[name] += drawn
    return found


def _drawn_factor(counts: Mapping[str, np.ndarray], link: Link) -> np.ndarray:
    counted, basis = COUNTED[link]
    return counts[counted] / counts[basis] if basis else counts[counted]


def _drawn_worth(before: Flow, now: Flow, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draws of the mean ARR of a won deal in both periods, deals being lognormal with one spread.

    The mean of n lognormal values is taken as lognormal itself with the same mean and variance (Fenton 1960,
    doi:10.1109/TCOM.1960.1097606); the spread is drawn from its scaled inverse χ².
    """
    squares, degrees = GUESS_DEGREES * SPREAD_GUESS, GUESS_DEGREES
    for flow in (before, now):
        if flow.arrs:
            squares += max(0.0, flow.log_arr_sq - flow.log_arr**2 / flow.arrs)
            degrees += flow.arrs - 1
    spread = np.minimum(squares / rng.chisquare(degrees, draws), WIDEST)
    drawn = [_worth_of(flow, spread, rng) for flow in (before, now)]
    old, new = drawn[0] if drawn[0] is not None else drawn[1], drawn[1] if drawn[1] is not None else drawn[0]
    assert old is not None and new is not None
    return old, new


def _worth_of(flow: Flow, spread: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    if flow.contract_cents is None:
        return None
    mean = float(flow.contract_cents) / 100
    if not flow.arrs:
        return np.full(spread.size, mean)
    variance = np.log1p(np.expm1(spread) / flow.arrs)
    return np.asarray(mean * np.exp(variance / 2 + np.sqrt(variance) * rng.standard_normal(spread.size)))
