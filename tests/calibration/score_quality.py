"""Do the intervals and verdicts about the score keep what they promise, on companies of which everything is known?

`python -m tests.calibration.score_quality [worlds]`
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.domain import Estimate
from dashboard.scoring.calibration import calibration
from dashboard.scoring.cells import ScoreCells
from dashboard.scoring.discrimination import auc, auc_difference, worked_outcomes
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.reweighting import Verdict, suggest
from dashboard.scoring.source_points import Carries, source_points
from tests.dashboard.scoring.quality_worlds import World, world

WORLDS = 300
TRUTH_LEADS = 100_000
# Leads of the older stretch, the newer half as many; own effects of levels (0: today's points are right).
SIZES, OWN = (8_000, 40_000), (0.0, 0.2, 0.5)


def holds(found: Estimate, truth: float) -> bool | None:
    """Whether the interval holds the truth; None where there is none."""
    if found.low is None or found.high is None:
        return None
    return found.low <= truth <= found.high


def share(answers: list[bool | None]) -> float:
    """Share of the intervals given that held the truth."""
    given = [own for own in answers if own is not None]
    return float(np.mean(given)) if given else float("nan")


def true_auc(own: World, cells: ScoreCells, model: ScoringModel) -> float:
    """The AUC over endlessly many worked leads like these: chances instead of outcomes, every pair counted once."""
    outcomes = worked_outcomes(cells)
    leads, chance = outcomes.won + outcomes.others, own.chance(cells.digits)
    score = cells.scored(model).score
    won, others = (np.bincount(score, leads * weight, 101) for weight in (chance, 1 - chance))
    below = np.cumsum(others) - others / 2
    return float(won @ below / won.sum() / others.sum())


@dataclass(frozen=True)
class Reweighted:
    """Of many worlds: coverage of AUC and difference (newer, and for contrast older leads), verdicts, true gain."""

    auc: float
    newer: float
    older: float
    verdicts: dict[str, float]
    false_better: float
    true_gain: float


def reweighted(leads: int, effects: float, worlds: int, seed: int) -> Reweighted:
    """Fits on `leads`, judges on half as many."""
    held: dict[str, list[bool | None]] = {"auc": [], "newer": [], "older": []}
    verdicts, false, gains = [], 0, []
    for number in range(worlds):
        own = world(seed * 10_000 + number, own=effects)
        rng = np.random.default_rng([seed, number, leads])
        older, newer = own.cells(leads, rng), own.cells(leads // 2, rng)
        found = suggest(older, newer, own.model)
        verdicts.append(found.verdict)
        if found.model is None or found.auc is None:
            continue
        many = own.cells(TRUTH_LEADS, rng)
        today, then = (true_auc(own, many, model) for model in (own.model, found.model))
        gains.append(then - today)
        false += found.verdict is Verdict.BETTER and then <= today
        held["auc"].append(holds(found.auc.first, today))
        held["newer"].append(holds(found.auc.difference, then - today))
        known = worked_outcomes(older)
        scores = (older.scored(own.model).score, older.scored(found.model).score)
        held["older"].append(holds(auc_difference(*scores, known.won, known.others).difference, then - today))
    shares = {verdict.value: float(np.mean([own is verdict for own in verdicts])) for verdict in Verdict}
    return Reweighted(
        share(held["auc"]), share(held["newer"]), share(held["older"]), shares, false / worlds,
        float(np.mean(gains)) if gains else float("nan"),
    )  # fmt: skip


def small_auc(leads: int, separation: float, worlds: int, seed: int) -> float:
    """Coverage of one AUC with few leads, a fifth of them won, normal scores rounded to whole points."""
    rng = np.random.default_rng([seed, leads])

    def drawn(count: int) -> tuple[np.ndarray, np.ndarray]:
        won = rng.random(count) < 0.2
        return np.round(50 + 12 * rng.normal(size=count) + 12 * separation * won), won.astype(np.int64)

    score, won = drawn(400_000)
    truth = auc(score, won, 1 - won).value or 0.0
    answers = []
    for _ in range(worlds):
        score, won = drawn(leads)
        answers.append(holds(auc(score, won, 1 - won), truth))
    return share(answers)


def recalibrated(leads: int, worlds: int, seed: int) -> tuple[float, float, float]:
    """True chances as predictions: coverage of the shift 0 and the slope 1, share of bands called off."""
    shift, slope, off = [], [], []
    for number in range(worlds):
        own, rng = world(seed * 10_000 + number, own=0.3), np.random.default_rng([seed, number])
        cells = own.cells(leads, rng)
        outcomes = worked_outcomes(cells)
        every = outcomes.won + outcomes.others
        found = calibration(cells.scored(own.model).score, outcomes.won, every, own.chance(cells.digits))
        shift.append(holds(found.shift, 0.0))
        slope.append(holds(found.slope, 1.0))
        off += [band.off for band in found.bands]
    return share(shift), share(slope), float(np.mean(off))


def sources(leads: int, less: float, worlds: int, seed: int) -> dict[str, float]:
    """Nine sources, one of which wins by `less` on the logit less: how often it and others are called so.

    `points`: coverage of the points too many (20 a unit of logit), where they were given.
    """
    rng = np.random.default_rng([seed, leads, int(10 * less)])
    found_it, blamed, points = [], [], []
    for _ in range(worlds):
        source = rng.choice(9, leads, p=[0.04, 0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.03, 0.03])
        score = np.clip(np.round(rng.normal(55, 15, leads) - 5 * (source == 0)), 0, 100).astype(int)
        won = rng.random(leads) < 1 / (1 + np.exp(4.5 - score / 20 + less * (source == 0)))
        rows = pl.DataFrame({"source": [str(own) for own in source], "score": score, "won": won.astype(int)})
        table = rows.group_by("source", "score").agg(leads=pl.len(), worked=pl.len(), won=pl.col("won").sum())
        table = table.with_columns(pl.col("leads", "worked").cast(pl.Int64))
        answer = {own.source: own for own in source_points(table, (70,))}
        found_it.append(answer["0"].verdict is Carries.TOO_MUCH)
        others = [own.verdict for name, own in answer.items() if name != "0" or less == 0]
        blamed.append(any(own in (Carries.TOO_MUCH, Carries.TOO_LITTLE) for own in others))
        points.append(holds(answer["0"].points_too_many, 20 * less))
    return {"found": float(np.mean(found_it)), "others blamed": float(np.mean(blamed)), "points": share(points)}


def lines(worlds: int) -> Iterator[str]:
    """Everything, a line each."""
    yield f"# {worlds} worlds each, ten times as many for one AUC"
    for count in (30, 60, 200, 1000):
        for separation in (0.0, 0.5, 2.0):
            yield f"AUC of {count} leads, separation {separation}: {small_auc(count, separation, 10 * worlds, 8):.3f}"
    for less in (0.0, 0.5, 1.0):
        for leads in (3_000, 20_000):
            yield f"sources, {leads:,} worked leads, one of them −{less} logit: {sources(leads, less, worlds, 10)}"
    yield f"shift, slope, bands off (true chances): {recalibrated(20_000, worlds, 9)}"
    for leads in SIZES:
        for effects in OWN:
            yield f"reweighting {leads:,} leads, own effects {effects}: {reweighted(leads, effects, worlds, 7)}"


if __name__ == "__main__":
    for line in lines(int(sys.argv[1]) if len(sys.argv) > 1 else WORLDS):
        print(line, flush=True)
