"""What would come of moving money from one channel or partner to another, if returns diminish as assumed?

Yield of a quarter = c × spend^e. The exponent e is the viewer's assumption; c is what the last four quarters tell of
it, with its uncertainty. Nothing is said outside the spends that the last eight quarters have seen: there the curve
would be the assumption alone. An association, not an effect: spend was not varied at random.
Source: constant elasticity of response, Hanssens, Parsons & Schultz 2001, Market Response Models, 2nd ed., chapter 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
import polars as pl

from dashboard import period as periods
from dashboard.domain import Estimate
from dashboard.metrics.channel_value import DRAWS, SEED, MoneyCells, Pool, Worth, sum_draws, worth
from dashboard.metrics.performance import HAS_PARTNER
from dashboard.period import Period
from dashboard.settings import Settings

QUARTERS, LEARNED = 8, 4
ELASTICITY, LEAST_ELASTICITY, MOST_ELASTICITY = 0.7, 0.2, 1.0
# A quarter without these counts as one without spending: what is left of roundings.
_CENT = 0.005


class Where(StrEnum):
    """What money can be spent on."""

    PROGRAMME = "programme"
    CHANNEL = "channel"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Place:
    """Something that money is spent on; `key` is the channel's name or the partner's id, empty for the programme."""

    where: Where
    key: str = ""

    @property
    def code(self) -> str:
        """Its text in links."""
        return f"{self.where.value}:{self.key}"


@dataclass(frozen=True, slots=True)
class History:
    """Spend, ARR and pipeline of a place in each quarter in which money was spent on it, oldest first.

    `learned`: how many of the last of these lie in the four last quarters.
    """

    place: Place
    spends: tuple[float, ...]
    arr: tuple[Worth, ...]
    pipeline: tuple[Worth, ...]
    learned: int

    @property
    def spend(self) -> float:
        """Mean spend of a quarter over the last four, where any was spent."""
        return float(np.mean(self.spends[-self.learned :]))

    @property
    def seen(self) -> tuple[float, float]:
        """The least and the most that a quarter has seen."""
        return min(self.spends), max(self.spends)


@dataclass(frozen=True, slots=True)
class Side:
    """One place before and after the move, a quarter: spends as they are, ARR and pipeline expected."""

    place: Place
    spend_before: float
    spend_after: float
    arr_before: Estimate
    arr_after: Estimate
    pipeline_before: Estimate
    pipeline_after: Estimate


@dataclass(frozen=True, slots=True)
class Move:
    """What a move would bring a quarter; `arr` and `pipeline` are the changes of both places together."""

    source: Side
    target: Side
    amount: float
    elasticity: float
    arr: Estimate
    pipeline: Estimate


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no number is given: the place whose new spend lies outside what was seen, that spend and the range."""

    place: Place
    spend: float
    seen: tuple[float, float]


def spending_quarters(period: Period, as_of: datetime, settings: Settings) -> tuple[Period, ...]:
    """The last eight quarters that were over at `as_of`, none after the quarter in which the period ends."""
    last = periods.quarter_of(period.end - timedelta(seconds=1), settings)
    while last.end > as_of:
        last = periods.previous(min(last, periods.quarter_of(as_of, settings), key=lambda q: q.end), settings)
    found = [last]
    while len(found) < QUARTERS:
        found.insert(0, periods.previous(found[0], settings))
    return tuple(found)


def histories(cells: MoneyCells, quarters: Sequence[Period], partners: Sequence[str]) -> dict[str, History]:
    """What was spent on and came of each channel, each of `partners` and the programme, by the place's code.

    A channel's yield is that of leads without a partner, AI referrals left out unless the channel stands for them; a
    partner's spend its direct cost; the programme's all direct costs and overhead. Places on which nothing was spent in
    the last four quarters are left out.
    """
    labels = [quarter.label for quarter in quarters]
    costs = cells.costs.with_columns(pl.col("cost").cast(pl.Float64))
    places = [Place(Where.PROGRAMME)]
    own = costs.filter(~HAS_PARTNER)["channel"].drop_nulls().unique()
    places += [Place(Where.CHANNEL, name) for name in sorted(own.to_list())]
    spending = set(costs["partner_id"].drop_nulls().to_list())
    places += [Place(Where.PARTNER, key) for key in partners if key in spending]
    found = [_history(place, costs, cells.quarters.filter(_deals_of(place, cells.for_ai)), labels) for place in places]
    return {history.place.code: history for history in found if history}


def learning_pool(cells: MoneyCells, quarters: Sequence[Period], measure: str) -> Pool:
    """What deals of the last four quarters are worth in general; the same whatever period is looked at."""
    labels = [quarter.label for quarter in quarters[-LEARNED:]]
    return Pool.of(worth(cells.quarters.filter(pl.col("quarter").is_in(labels)), measure))


def _history(place: Place, costs: pl.DataFrame, deals: pl.DataFrame, labels: Sequence[str]) -> History | None:
    """From all costs and the place's own deals."""
    spent = dict(costs.filter(_cost_of(place)).group_by("quarter").agg(pl.col("cost").sum()).iter_rows())
    paid = [label for label in labels if spent.get(label, 0.0) > _CENT]
    learned = sum(label in paid for label in labels[-LEARNED:])
    if not learned:
        return None
    own = deals.partition_by("quarter", as_dict=True)
    cells = [own.get((label,), deals.clear()) for label in paid]
    return History(
        place,
        tuple(float(spent[label]) for label in paid),
        tuple(worth(part, "arr") for part in cells),
        tuple(worth(part, "pipeline") for part in cells),
        learned,
    )


def _cost_of(place: Place) -> pl.Expr:
    if place.where is Where.CHANNEL:  # a row that names a partner too is the programme's, and counts once
        return ~HAS_PARTNER & (pl.col("channel") == place.key)
    if place.where is Where.PARTNER:
        return pl.col("partner_id") == place.key
    return HAS_PARTNER | pl.col("channel").is_null()


def _deals_of(place: Place, for_ai: frozenset[str]) -> pl.Expr:
    if place.where is Where.CHANNEL:
        # What is paid for AI referrals brings nothing else.
        counted = pl.lit(True) if place.key in for_ai else ~pl.col("ai")
        return ~HAS_PARTNER & (pl.col("channel") == place.key) & counted
    return pl.col("partner_id") == place.key if place.where is Where.PARTNER else HAS_PARTNER


@dataclass(frozen=True, slots=True)
class Best:
    """Places (programme and channels) by ARR per unit of cost in the last four quarters, the best first.

    `chance`: the probability that the first truly is the best; None where fewer than two can be compared.
    """

    places: tuple[tuple[Place, Estimate], ...]
    chance: float | None


def best(known: Mapping[str, History], pool: Pool) -> Best:
    """Where money came with most ARR; with one exponent for all places, the next unit brings most there, too."""
    rng, wide = np.random.default_rng(SEED), dispersion(list(known.values()), "arr", 1.0)
    found = []
    for history in (own for own in known.values() if own.place.where is not Where.PARTNER):
        own, spend = together(history.arr[-history.learned :]), sum(history.spends[-history.learned :])
        drawn = sum_draws(own, pool, rng, wide) / spend
        found.append((history.place, _estimate(own.total / spend, drawn, own.deals), drawn))
    found.sort(key=lambda row: (-(row[1].value or 0.0), row[0].code))
    if len(found) < 2:
        return Best(tuple(row[:2] for row in found), None)
    first = np.all([found[0][2] >= row[2] for row in found[1:]], axis=0)
    return Best(tuple(row[:2] for row in found), float(first.mean()))


def dispersion(known: Sequence[History], measure: str, elasticity: float) -> float:
    """How much more the counts of quarters vary about c × spend^e than Poisson's would: Pearson's χ² ÷ degrees, ≥ 1."""
    squares, degrees = 0.0, 0
    for history in known:
        counts = np.array([part.deals for part in getattr(history, measure)], dtype=float)
        curve = np.array(history.spends) ** elasticity
        if counts.sum() == 0 or counts.size < 2:
            continue
        expected = counts.sum() * curve / curve.sum()
        squares += float(((counts - expected) ** 2 / expected).sum())
        degrees += counts.size - 1
    return max(1.0, squares / degrees) if degrees else 1.0


def move(
    known: Mapping[str, History], pools: Mapping[str, Pool], source: str, target: str, amount: float,
    elasticity: float, draws: int = DRAWS,
) -> Move | Refusal:  # fmt: skip
    """Moves `amount` a quarter from one place to another; a refusal where a new spend was never seen.

    `pools` by measure (`arr`, `pipeline`). Raises ValueError where both are one place, or one a part of the other.
    """
    a, b = known[source], known[target]
    if a.place == b.place or overlap(a.place, b.place):
        raise ValueError("A move needs two places that have nothing in common.")
    for history, spend in ((a, a.spend - amount), (b, b.spend + amount)):
        if not history.seen[0] <= spend <= history.seen[1]:
            return Refusal(history.place, spend, history.seen)
    rng = np.random.default_rng(SEED)
    spends = ((a, a.spend - amount), (b, b.spend + amount))
    found = {
        measure: [_yields(h, spend, measure, pools[measure], elasticity, known, rng, draws) for h, spend in spends]
        for measure in ("arr", "pipeline")
    }
    sides = [
        Side(history.place, history.spend, spend, *(e for m in ("arr", "pipeline") for e in found[m][number].both()))
        for number, (history, spend) in enumerate(spends)
    ]
    changes = [found[measure][0].change_with(found[measure][1]) for measure in ("arr", "pipeline")]
    return Move(sides[0], sides[1], amount, elasticity, changes[0], changes[1])


def overlap(a: Place, b: Place) -> bool:
    """Whether one is a part of the other: every partner belongs to the programme."""
    return {a.where, b.where} == {Where.PROGRAMME, Where.PARTNER}


@dataclass(frozen=True, slots=True)
class _Yield:
    """Yield of a quarter before and after, as seen and in draws."""

    value: tuple[float, float]
    drawn: tuple[np.ndarray, np.ndarray]
    n: int

    def both(self) -> tuple[Estimate, Estimate]:
        return self._estimate(0), self._estimate(1)

    def _estimate(self, which: int) -> Estimate:
        return _estimate(self.value[which], self.drawn[which], self.n)

    def change_with(self, other: _Yield) -> Estimate:
        value = sum(side.value[1] - side.value[0] for side in (self, other))
        drawn = np.sum([side.drawn[1] - side.drawn[0] for side in (self, other)], axis=0)
        return _estimate(value, drawn, self.n + other.n)


def _estimate(value: float, drawn: np.ndarray, n: int) -> Estimate:
    low, high = (float(bound) for bound in np.quantile(drawn, [0.025, 0.975]))
    return Estimate(float(value), min(low, float(value)), max(high, float(value)), n)


def _yields(
    history: History, spend: float, measure: str, pool: Pool, elasticity: float, known: Mapping[str, History],
    rng: np.random.Generator, draws: int,
) -> _Yield:  # fmt: skip
    parts: Sequence[Worth] = getattr(history, measure)[-history.learned :]
    own = together(parts)
    curve = float(np.sum(np.array(history.spends[-history.learned :]) ** elasticity))
    scale = np.array([history.spend, spend]) ** elasticity / curve
    drawn = sum_draws(own, pool, rng, dispersion(list(known.values()), measure, elasticity), draws)
    return _Yield((own.total * scale[0], own.total * scale[1]), (drawn * scale[0], drawn * scale[1]), own.deals)


def together(parts: Sequence[Worth]) -> Worth:
    """The sum of several worths."""
    return Worth(
        sum(p.deals for p in parts), sum(p.total for p in parts), sum(p.squares for p in parts),
        sum(p.logs for p in parts), sum(p.log_squares for p in parts),
    )  # fmt: skip
