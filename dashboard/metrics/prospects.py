"""Which backlink prospects first: what may each page be expected to bring, and does that beat its domain rating?

Definitions and measured coverage: docs/content.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.stats import rankdata

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.prospect_model import Array, Model, Pages, fit
from dashboard.metrics.summary import QUARTER_DAYS
from dashboard.period import Period
from dashboard.window import Window

# A page that was not out for a quarter tells little about one.
LEAST_DAYS = 91
CONTENT = 0.90
DRAWS, SEED = 2000, 20250704
FOLDS, FOLD_DRAWS, RESAMPLES = 5, 400, 500
# Folds learn from each other's pages, so that what a model scores varies more than pages drawn again tell: its variance
# is 1/k + test ÷ training of a fold's where the drawing again sees 1/k. Nadeau & Bengio 2003,
# doi:10.1023/A:1024068626366.
WIDER = (1 + FOLDS / (FOLDS - 1)) ** 0.5
# A prospect's page is told for a year.
AHEAD_QUARTERS = 4.0


@dataclass(frozen=True, slots=True)
class Prospect:
    """A page of a prospect; money per quarter in the reporting currency.

    `expected`: expected pipeline with the 90 % interval of what such a page brings, averaged over a year, n = pages
    that taught it. `rank`: by expected pipeline with its 90 % interval; `rank_by_rating`: None where it has no rating.
    `beyond`: its rating lies outside those of existing pages; `kind_pages`: existing pages of its kind.
    """

    asset_id: str
    partner_id: str
    kind: str
    domain_rating: float | None
    expected: Estimate
    p_nothing: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    rank_by_rating: int | None
    beyond: bool
    kind_pages: int


@dataclass(frozen=True, slots=True)
class Effect:
    """How many times as much: value with its 95 % interval."""

    key: str
    times: Estimate


@dataclass(frozen=True, slots=True)
class BackTest:
    """Pages of partners that the model had not seen: `pages` of `partners`.

    `inside`: share of pages whose pipeline lay in its 90 % interval, with the 95 % interval of partners drawn again.
    `model`, `rating`, `gain`: Spearman's rank correlation of the order by expected pipeline and of that by domain
    rating with what the pages brought (mean over folds), and their difference, each with such an interval, n = pages
    with a rating.
    """

    pages: int
    partners: int
    inside: Estimate
    model: Estimate
    rating: Estimate
    gain: Estimate


@dataclass(frozen=True, slots=True)
class Prospects:
    """The pages of prospects, the best first; what taught them; None for `back_test` and effects where too little."""

    pages: Sequence[Prospect]
    taught_by: int
    partners: int
    deals: int
    ratings: tuple[float, float] | None
    rating_effect: Effect | None
    kind_effects: Sequence[Effect]
    back_test: BackTest | None


def learning_window(window: Window) -> Window:
    """The 12 months up to the period's end: long enough for deals to come of most pages."""
    start, end = window.pages_start, window.period.end
    return replace(window, period=Period(f"{start.date()}..{end.date()}", start, end))


def pages_of(cells: pl.DataFrame) -> Pages:
    """Pages of existing partners from the rows of `asset_cells` over 12 months: those that were out for a quarter."""
    own = cells.filter(
        pl.col("partner_id").is_not_null() & ~pl.col("prospect") & (pl.col("days_live") >= LEAST_DAYS)
    ).sort("partner_id", "asset_id")
    return Pages(
        kind=np.array(own["kind"].to_list(), dtype=object),
        rating=own["domain_rating"].fill_null(np.nan).to_numpy().astype(float),
        partner=np.array(own["partner_id"].to_list(), dtype=object),
        quarters=own["days_live"].to_numpy() / QUARTER_DAYS,
        deals=own["amounts"].to_numpy().astype(float),
        log_sum=own["log_amount"].to_numpy().astype(float),
        log_square_sum=own["log_amount_sq"].to_numpy().astype(float),
        worth=own["pipeline_cents"].to_numpy() / 100,
    )


def prospects(pages: Pages, offered: pl.DataFrame, seed: int = SEED) -> Prospects:
    """From the pages of existing partners and the rows of `prospect_pages`."""
    model = fit(pages, DRAWS, seed)
    known = pages.rating[~np.isnan(pages.rating)]
    seen = (float(known.min()), float(known.max())) if len(known) else None
    return Prospects(
        pages=_ranked(pages, offered, model, seen, seed),
        taught_by=len(pages),
        partners=len(np.unique(pages.partner)),
        deals=int(pages.deals.sum()),
        ratings=seen,
        rating_effect=_rating_effect(model, pages) if model else None,
        kind_effects=_kind_effects(model, pages) if model else [],
        back_test=back_test(pages, seed) if model else None,
    )


def _ranked(
    pages: Pages, offered: pl.DataFrame, model: Model | None, seen: tuple[float, float] | None, seed: int
) -> list[Prospect]:
    if offered.is_empty():
        return []
    kind = np.array(offered["kind"].to_list(), dtype=object)
    rating = offered["domain_rating"].fill_null(np.nan).to_numpy().astype(float)
    judged = _judged(model, kind, rating, len(pages), seed) if model else [_UNJUDGED] * len(kind)
    by_rating = _places(rating)
    found = [
        Prospect(
            asset_id=row["asset_id"],
            partner_id=row["partner_id"],
            kind=row["kind"],
            domain_rating=row["domain_rating"],
            expected=own.expected,
            p_nothing=own.p_nothing,
            rank=own.rank,
            rank_low=own.low,
            rank_high=own.high,
            rank_by_rating=place,
            beyond=bool(seen and not np.isnan(value) and not seen[0] <= value <= seen[1]),
            kind_pages=int((pages.kind == row["kind"]).sum()),
        )
        for row, own, place, value in zip(offered.iter_rows(named=True), judged, by_rating, rating, strict=True)
    ]
    return sorted(found, key=lambda page: (page.rank or 0, page.rank_by_rating or len(found) + 1, page.asset_id))


@dataclass(frozen=True, slots=True)
class _Judged:
    expected: Estimate
    p_nothing: float | None
    rank: int | None
    low: int | None
    high: int | None


_UNJUDGED = _Judged(NOTHING, None, None, None, None)


def _judged(model: Model, kind: Array, rating: Array, taught_by: int, seed: int) -> list[_Judged]:
    """Pages of one kind and rating are drawn as one: of whom the same is known, the same is said."""
    keys = [(str(name), None if np.isnan(value) else float(value)) for name, value in zip(kind, rating, strict=True)]
    distinct = sorted(set(keys), key=str)
    place = np.array([distinct.index(key) for key in keys])
    kinds = np.array([name for name, _ in distinct], dtype=object)
    ratings = np.array([np.nan if value is None else value for _, value in distinct])
    drawn = model.expected(kinds, ratings)
    rng = np.random.default_rng(seed + 1)
    brought = model.brought(kinds, ratings, np.full(len(distinct), AHEAD_QUARTERS), rng)
    middle, (low, high) = np.median(drawn, axis=0), shortest(brought)
    ranks = rankdata(-np.round(drawn[:, place], 6), method="min", axis=1)
    bounds = np.quantile(ranks, [0.05, 0.95], axis=0, method="nearest").astype(int)
    ranked = rankdata(-np.round(middle[place], 6), method="min").astype(int)
    nothing = (brought == 0).mean(axis=0)
    return [
        _Judged(
            Estimate(float(middle[own]), float(low[own]), float(high[own]), taught_by),
            float(nothing[own]),
            int(ranked[page]),
            int(bounds[0, page]),
            int(bounds[1, page]),
        )
        for page, own in enumerate(place)
    ]


def shortest(drawn: Array, content: float = CONTENT) -> tuple[Array, Array]:
    """The shortest range that holds that share of the draws, by column; where many are 0 it begins there."""
    ordered = np.sort(drawn, axis=0)
    inside = int(np.ceil(content * len(ordered)))
    width = ordered[inside - 1 :] - ordered[: len(ordered) - inside + 1]
    first = width.argmin(axis=0)
    columns = np.arange(ordered.shape[1])
    return ordered[first, columns], ordered[first + inside - 1, columns]


def _places(rating: Array) -> list[int | None]:
    """Rank by domain rating, the highest first, equal ratings sharing the better place; None without one."""
    known = ~np.isnan(rating)
    places: list[int | None] = [None] * len(rating)
    for index, place in zip(np.flatnonzero(known), rankdata(-rating[known], method="min"), strict=True):
        places[index] = int(place)
    return places


def _rating_effect(model: Model, pages: Pages) -> Effect:
    """Ten points of domain rating more: how many times as much pipeline?"""
    slope = (model.rate.effects[:, -2] + model.value.effects[:, -2]) * 10 / model.scale.spread
    return Effect("10 points", _times(slope, int((~np.isnan(pages.rating)).sum())))


def _kind_effects(model: Model, pages: Pages) -> list[Effect]:
    """Each kind against the mean of all kinds: how many times as much pipeline?"""
    own = model.rate.effects[:, 1:-2] + model.value.effects[:, 1:-2]
    gap = own - own.mean(axis=1, keepdims=True)
    counts = [int((pages.kind == name).sum()) for name in model.scale.kinds]
    return [Effect(name, _times(gap[:, i], counts[i])) for i, name in enumerate(model.scale.kinds)]


def _times(log_effect: Array, n: int) -> Estimate:
    low, middle, high = np.exp(np.quantile(log_effect, [0.025, 0.5, 0.975])).tolist()
    return Estimate(middle, low, high, n)


# -- the back test ------------------------------------------------------------------------------------------------


def back_test(pages: Pages, seed: int = SEED, folds: int = FOLDS) -> BackTest | None:
    """Each partner's pages predicted from those of the other four fifths of the partners; None where too little is
    left to learn from."""
    rng = np.random.default_rng(seed + 2)
    names, of = np.unique(pages.partner, return_inverse=True)
    fold = rng.permutation(len(names))[of.reshape(-1)] % folds
    expected, inside = np.full(len(pages), np.nan), np.zeros(len(pages), dtype=bool)
    for own in range(folds):
        held = np.flatnonzero(fold == own)
        model = fit(pages.where(np.flatnonzero(fold != own)), FOLD_DRAWS, seed + own)
        if model is None:
            return None
        if len(held):
            asked = pages.where(held)
            expected[held] = np.median(model.expected(asked.kind, asked.rating), axis=0)
            low, high = shortest(model.brought(asked.kind, asked.rating, asked.quarters, rng))
            real = asked.worth / asked.quarters
            inside[held] = (real >= low) & (real <= high)
    return _scored(pages, of.reshape(-1), fold, expected, inside, rng)


def _scored(pages: Pages, of: Array, fold: Array, expected: Array, inside: Array, rng: np.random.Generator) -> BackTest:
    """Orders are compared within a fold: between folds, what is left out when it is high makes its forecast low."""
    real = pages.worth / pages.quarters
    rated = np.flatnonzero(~np.isnan(pages.rating))
    folds = [rated[fold[rated] == own] for own in np.unique(fold[rated])]
    once = np.ones(len(pages))
    model, rating = (_agreement(order, real, folds, once) for order in (expected, pages.rating))
    again = np.array([_again(of, fold, rng) for _ in range(RESAMPLES)])
    models = np.array([_agreement(expected, real, folds, weight) for weight in again])
    ratings = np.array([_agreement(pages.rating, real, folds, weight) for weight in again])
    gain = model - rating
    held = again @ inside / again.sum(axis=1)
    return BackTest(
        pages=len(pages),
        partners=int(of.max()) + 1,
        inside=_estimate(float(inside.mean()), held, len(pages)),
        model=_estimate(model, model + WIDER * (models - model), len(rated)),
        rating=_estimate(rating, ratings, len(rated)),
        gain=_estimate(gain, gain + WIDER * (models - ratings - gain), len(rated)),
    )


def _again(of: Array, fold: Array, rng: np.random.Generator) -> Array:
    """How often each page is there when the partners of each fold are drawn again."""
    home = np.zeros(int(of.max()) + 1, dtype=int)
    home[of] = fold
    times = np.zeros(len(home))
    for own in np.unique(home):
        members = np.flatnonzero(home == own)
        times += np.bincount(rng.choice(members, len(members)), minlength=len(home))
    return np.asarray(times[of])


def _agreement(order: Array, real: Array, folds: Sequence[Array], weight: Array) -> float:
    """Mean over folds of the rank correlation, each weighing as many pages as it has."""
    found = [(float(weight[own].sum()), _spearman(order[own], real[own], weight[own])) for own in folds]
    total = sum(size for size, _ in found)
    return sum(size * value for size, value in found) / total if total else 0.0


def _spearman(first: Array, second: Array, weight: Array) -> float:
    """Spearman's correlation of ranks, ties at their mean rank, each row there `weight` times; 0 where one of both does
    not vary."""
    if weight.sum() < 2:
        return 0.0
    a, b = (_weighted_ranks(own, weight) for own in (first, second))
    size = float(np.sqrt((weight @ a**2) * (weight @ b**2)))
    return float(weight @ (a * b)) / size if size > 0 else 0.0


def _weighted_ranks(values: Array, weight: Array) -> Array:
    """Mean ranks less their mean."""
    _, place = np.unique(values, return_inverse=True)
    each = np.bincount(place.reshape(-1), weight)
    rank = (np.cumsum(each) - each / 2)[place.reshape(-1)]
    return np.asarray(rank - weight @ rank / weight.sum())


def _estimate(value: float, again: Array, n: int) -> Estimate:
    low, high = np.quantile(again, [0.025, 0.975]).tolist()
    return Estimate(value, low, high, n)
