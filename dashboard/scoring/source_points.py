"""Does each source bring the wins that its points promise? Points carried against conversion, source by source.

What points promise is the conversion of all *other* sources' worked leads with the same scores: a logistic curve in the
score. A source that converts less carries too many points, one that converts more too few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.discovery import benjamini_hochberg
from dashboard.metrics.intervals import Z95, combined, rate, wilson
from dashboard.scoring.cells import ScoreCells, Work
from dashboard.scoring.logistic_fit import LogisticFit, logistic_fit
from dashboard.scoring.model import ScoringModel

# Worked leads of a score, by source. `source` null: not known. `leads` counts all of them, worked or not.
COLUMNS = ("source", "score", "leads", "worked", "won")
FALSE_DISCOVERY_RATE = 0.05
FEWEST = 20  # worked leads; with fewer a source is listed and not judged


class Carries(StrEnum):
    """What a source's conversion says of its points."""

    TOO_MUCH = "too much"
    TOO_LITTLE = "too little"
    FITTING = "no difference seen"
    TOO_FEW = "too few"


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """Conversion of the worked leads with scores from `low` to `high`, both included."""

    low: int
    high: int
    conversion: Estimate


@dataclass(frozen=True, slots=True)
class SourcePoints:
    """One source: mean points of its leads and of its worked ones, their conversion, and what their points promise.

    `promised`: what other sources' leads with the same scores convert at. `gap`: conversion − promised, as shares,
    n the worked leads; its interval holds what is not known about either. `q`: adjusted over all sources judged.
    `points_too_many`: how many points fewer would promise what came; negative: more. None where `verdict` finds no
    difference or points promise nothing.
    """

    source: str | None
    leads: int
    points: float
    worked: int
    points_of_worked: float | None
    conversion: Estimate
    promised: Estimate
    gap: Estimate
    q: float | None
    verdict: Carries
    points_too_many: Estimate
    ranges: tuple[ScoreRange, ...]


def source_cells(model: ScoringModel, apart: pl.DataFrame, *parts: ScoreCells) -> pl.DataFrame:
    """Cells with `COLUMNS`: channels are sources, but leads of `apart` are those of the source that it names.

    `parts` hold different leads, counted by the same questions. `apart` are some of those leads: source, channel, code
    (the code itself), work, leads, won. Leads known only by their result count as leads and not as worked.
    """
    own = [_by_channel(cells) for cells in parts]
    taken = apart.select(pl.col("channel").alias("source"), "code", "work", -pl.col("leads"), -pl.col("won"))
    scores = [pl.DataFrame({"code": c.codes, "score": c.scored(model).score.astype(np.int64)}) for c in parts]
    known = pl.col("work").is_in([int(Work.WORKED), int(Work.EXPERIMENT)])
    summed = (
        pl.concat([*own, taken, apart.select(taken.columns)])
        .join(pl.concat(scores).unique(), on="code")
        .group_by("source", "score")
        .agg(
            pl.col("leads").sum(),
            pl.col("leads").filter(known).sum().alias("worked"),
            pl.col("won").filter(known).sum(),
        )
    )
    return summed.filter(pl.col("leads") > 0).sort("source", "score").select(COLUMNS)


def _by_channel(cells: ScoreCells) -> pl.DataFrame:
    channels = pl.Series([owner.channel for owner in cells.owners], dtype=pl.String)
    return pl.DataFrame(
        {
            "source": channels.gather(cells.owner.astype(np.int64)),
            "code": cells.codes[cells.code],
            "work": cells.work.astype(np.int64),
            "leads": cells.measure("leads"),
            "won": cells.measure("won"),
        }
    )


def source_points(cells: pl.DataFrame, borders: Sequence[int], top: int = 100) -> tuple[SourcePoints, ...]:
    """Every source, the one with most leads first, from cells with `COLUMNS`; `borders`: scores at which ranges begin.

    A difference counts as seen at a false discovery rate of 5 % over all sources with at least `FEWEST` worked leads.
    """
    found, p = [], []
    for source in cells.select("source").unique().to_series().to_list():
        own = cells.filter(pl.col("source").eq_missing(source))
        one, chance = _source(source, own, cells.filter(pl.col("source").ne_missing(source)), borders, top)
        found.append(one)
        p.append(chance)
    judged = [
        replace(one, q=q, verdict=_verdict(one, q), points_too_many=one.points_too_many if _seen(q) else NOTHING)
        for one, q in zip(found, benjamini_hochberg(p), strict=True)
    ]
    return tuple(sorted(judged, key=lambda one: (-one.leads, one.source or "")))


def _source(
    source: str | None, own: pl.DataFrame, others: pl.DataFrame, borders: Sequence[int], top: int
) -> tuple[SourcePoints, float | None]:
    """What is known of a source, not judged yet, and the p-value of "it converts as its points promise"."""
    score, leads, worked, won = (own[name].to_numpy() for name in COLUMNS[1:])
    count, wins = int(worked.sum()), int(won.sum())
    curve = _curve(others) if count >= FEWEST else None
    conversion, promised, gap, p, too_many = rate(wins, count), NOTHING, NOTHING, None, NOTHING
    if curve is not None:
        mean, error = _promise(curve, score, worked)
        promised = Estimate(mean, *_bounds(mean, error), count)
        gap = _gap(wins, count, promised)
        p = _p(wins, curve, score, worked, error)
        too_many = _points_too_many(curve, score, worked, won)
    ranges = tuple(_range(own, low, high) for low, high in _ranges(borders, top))
    return SourcePoints(
        source, int(leads.sum()), float(leads @ score / leads.sum()), count,
        float(worked @ score / count) if count else None, conversion, promised, gap, None, Carries.TOO_FEW, too_many,
        ranges,
    ), p  # fmt: skip


def _curve(others: pl.DataFrame) -> LogisticFit | None:
    """Conversion by score of the other sources' worked leads; None where they tell none."""
    score, _, worked, won = (others[name].to_numpy() for name in COLUMNS[1:])
    columns = np.column_stack([np.ones(len(score)), score / 10])[worked > 0]
    return logistic_fit(columns, won[worked > 0], worked[worked > 0])


def _promise(curve: LogisticFit, score: NDArray[np.int64], worked: NDArray[np.int64]) -> tuple[float, float]:
    """Mean chance of the leads under the curve, and its standard error by the delta method."""
    columns = np.column_stack([np.ones(len(score)), score / 10])
    chance, count = expit(columns @ curve.coefficients), worked.sum()
    slope = (worked * chance * (1 - chance)) @ columns / count
    return float(worked @ chance / count), sqrt(slope @ curve.covariance @ slope)


def _bounds(mean: float, error: float) -> tuple[float, float]:
    """The interval on the logit, so that it stays between 0 and 1."""
    line, half = np.log(mean / (1 - mean)), Z95 * error / (mean * (1 - mean))
    return float(expit(line - half)), float(expit(line + half))


def _gap(wins: int, count: int, promised: Estimate) -> Estimate:
    """Conversion − promise from both intervals (MOVER, as `intervals.combined`)."""
    assert promised.value is not None and promised.low is not None and promised.high is not None
    bounds = combined(wins / count, wilson(wins, count), promised.value, (promised.low, promised.high))
    return Estimate(*bounds, count)


def _p(wins: int, curve: LogisticFit, score: NDArray[np.int64], worked: NDArray[np.int64], error: float) -> float:
    """Two-sided: wins against those promised, with the chance of each lead and the error of the curve."""
    chance, count = expit(curve.coefficients[0] + curve.coefficients[1] * score / 10), worked.sum()
    variance = float(worked @ (chance * (1 - chance))) + (count * error) ** 2
    return float(2 * ndtr(-abs(wins - float(worked @ chance)) / sqrt(variance)))


def _points_too_many(
    curve: LogisticFit, score: NDArray[np.int64], worked: NDArray[np.int64], won: NDArray[np.int64]
) -> Estimate:
    """By how many points the curve must be moved to promise what came; delta method over curve and source.

    No value where the source's leads are all won or none, or where the curve does not surely rise with points.
    """
    slope = curve.coefficients[1]
    if slope <= Z95 * sqrt(curve.covariance[1, 1]):
        return NOTHING
    lines = curve.coefficients[0] + slope * score / 10
    shift = logistic_fit(np.ones((len(score), 1)), won, worked, lines)
    if shift is None:
        return NOTHING
    own = float(shift.coefficients[0])
    chance = expit(lines + own)
    weight = worked * chance * (1 - chance)
    # The shift answers a change of the curve's intercept by −1, of its slope by minus the leads' mean score.
    answers = np.array([-1.0, -float(weight @ (score / 10) / weight.sum())])
    value = -10 * own / float(slope)
    gradient = -10 / slope * answers - np.array([0.0, value / slope])
    variance = gradient @ curve.covariance @ gradient + (10 / slope) ** 2 * shift.covariance[0, 0]
    half = Z95 * sqrt(variance)
    return Estimate(value, value - half, value + half, int(worked.sum()))


def _ranges(borders: Sequence[int], top: int) -> list[tuple[int, int]]:
    starts = sorted({0, *(border for border in borders if 0 < border <= top)})
    return [(low, high - 1) for low, high in zip(starts, [*starts[1:], top + 1], strict=True)]


def _range(own: pl.DataFrame, low: int, high: int) -> ScoreRange:
    inside = own.filter(pl.col("score").is_between(low, high))
    return ScoreRange(low, high, rate(int(inside["won"].sum()), int(inside["worked"].sum())))


def _seen(q: float | None) -> bool:
    return q is not None and q <= FALSE_DISCOVERY_RATE


def _verdict(one: SourcePoints, q: float | None) -> Carries:
    if q is None:
        return Carries.TOO_FEW
    if not _seen(q):
        return Carries.FITTING
    return Carries.TOO_MUCH if (one.gap.value or 0.0) < 0 else Carries.TOO_LITTLE
