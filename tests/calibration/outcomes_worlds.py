"""Which companies could there be, of whom it is known what never-worked leads would have brought?

Leads have a code of a scorecard, a partner, and a hidden quality that the score does not see. The logit of a win rises
with the score, bends by chance, differs by answer and partner, and moves with the hidden quality where a world says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy.special import expit

from dashboard.scoring.cells import Owner, ScoreCells, Work, score_cells
from dashboard.scoring.model import Criterion, Gate, Group, Kind, Level, ScoringModel
from dashboard.scoring.structure import CodeScores, Structure, score_codes, structure_of


class Who(StrEnum):
    """Whom sales works below the threshold."""

    NOBODY = "nobody"
    RANDOM = "random"
    HUNCH = "hunch"


@dataclass(frozen=True)
class Setting:
    """A kind of world. Sizes are standard deviations on the logit; `random`: the share worked below the threshold.

    `bend`: how far the curve leaves the line 20 points below the threshold; `hidden`: how much a lead's hidden quality
    moves its logit, `hunch`: how much it moves whether a representative works it below the threshold.
    """

    who: Who
    leads: int = 50_000
    partners: int = 60
    rate: float = 0.15
    rise: float = 0.6
    answers: float = 0.25
    bend: float = 0.25
    spread: float = 0.4
    random: float = 0.05
    hidden: float = 0.0
    hunch: float = 1.0


FIT = {"size": (0, 6, 12, 9), "industry": (8, 5, 2, 0), "stack": (12, 7, 0), "use": (8, 5, 2, 0)}
SIGNALS = {"pricing": 8, "demo": 12, "click": 6, "install": 12, "webinar": 4, "referral": 12, "budget": 6}
SHARES = {
    "size": (0.3, 0.3, 0.2, 0.2),
    "industry": (0.45, 0.25, 0.15, 0.15),
    "stack": (0.3, 0.5, 0.2),
    "use": (0.5, 0.2, 0.2, 0.1),
}
BASE = (1.2, 0.5, 0.9, 0.2, -0.3, 0.6, 0.1)
UNKNOWN = 0.06


def scorecard(threshold: int = 70) -> ScoringModel:
    """40 points of fit by four fields, 60 of intent by seven signals; no gates but two triggers."""
    fields = ("account.employees", "account.industry", "account.region", "account.use_case")
    fit = [
        Criterion(
            name, Group.FIT, Kind.TEXT, field,
            tuple(Level(f"{name} {n}", points, any_of=(f"{name} {n}",)) for n, points in enumerate(all_points)),
        )
        for field, (name, all_points) in zip(fields, FIT.items(), strict=True)
    ]  # fmt: skip
    intent = [
        Criterion(name, Group.INTENT, Kind.SIGNAL, name, (Level("seen", points, at_least=1),))
        for name, points in SIGNALS.items()
    ]
    return ScoringModel(
        "simulated", (*fit, *intent), threshold=threshold, triggers=tuple(SIGNALS), ecosystem=("install",),
        buying=("demo",), overlap=("overlap",), requires=Gate(0),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class World:
    """All leads, and the truth by code: expected wins, SQLs and ARR of never-worked leads, and ARR of all."""

    model: ScoringModel
    cells: ScoreCells
    scores: CodeScores
    wins: np.ndarray
    sqls: np.ndarray
    arr: np.ndarray
    all_arr: np.ndarray

    def qualified(self, model: ScoringModel) -> np.ndarray:
        """Which codes qualify under a model."""
        return self.cells.scored(model).qualified


def world(setting: Setting, rng: np.random.Generator) -> World:
    """One company of a kind."""
    model = scorecard()
    structure = structure_of(model)
    digits = _digits(structure, setting, rng)
    codes, place = np.unique(structure.codes(digits), return_inverse=True)
    unique = structure.digits(codes)
    scores = score_codes(structure, unique, model)
    partner = rng.choice(setting.partners, setting.leads, p=rng.dirichlet(np.full(setting.partners, 1.0)))
    hidden = rng.normal(0, 1, setting.leads)
    win, sql, amount = _chances(setting, scores, unique, partner, place, hidden, rng)
    work = _worked(setting, scores.qualified[place], hidden, rng)
    has_sql = (work != Work.NEVER) & (rng.random(setting.leads) < sql)
    won = has_sql & (rng.random(setting.leads) < win / sql)
    arr = np.where(won, np.rint(amount * rng.lognormal(-0.125, 0.5, setting.leads) * 100), 0).astype(np.int64)
    return counted(model, structure, digits, partner, work, has_sql, won, arr, (win, sql, win * amount * 100))


def counted(
    model: ScoringModel,
    structure: Structure,
    digits: np.ndarray,
    partner: np.ndarray,
    work: np.ndarray,
    has_sql: np.ndarray,
    won: np.ndarray,
    arr: np.ndarray,
    chances: tuple[np.ndarray, ...],
) -> World:
    """The world of these leads; `chances`: of a win, of an SQL, and expected ARR in cents, of every lead if worked."""
    code = structure.codes(digits)
    cells = _cells(structure, int(partner.max()) + 1, partner, code, work, has_sql, won, arr)
    never = work == Work.NEVER
    place = np.searchsorted(cells.codes, code[never])
    truth = [np.bincount(place, what[never], len(cells.codes)) for what in chances]
    everyone = np.bincount(np.searchsorted(cells.codes, code), chances[2], len(cells.codes))
    return World(model, cells, cells.scored(model), *truth, everyone)


def _digits(structure, setting: Setting, rng: np.random.Generator) -> np.ndarray:
    """Answers of all leads: fields by their shares, some unknown; signals by a common intent."""
    count = setting.leads
    digits = np.zeros((len(structure.questions), count), np.uint8)
    for row, shares in enumerate(SHARES.values()):
        level = rng.choice(len(shares), count, p=shares) + 1
        digits[row] = np.where(rng.random(count) < UNKNOWN, 0, level)
    intent = rng.normal(0, 1, count)
    seen = rng.random((7, count)) < expit(np.array(BASE)[:, None] + intent)
    digits[4:11] = np.where(seen, 1, 2)
    for place, question in enumerate(structure.questions[11:], 11):
        signals = getattr(question, "signals", None)
        if signals:
            rows = [4 + list(SIGNALS).index(signal) for signal in signals if signal in SIGNALS]
            digits[place] = (digits[rows] == 1).sum(axis=0) if rows else 0
    return digits


def _chances(setting, scores, unique, partner, place, hidden, rng) -> tuple[np.ndarray, ...]:
    """Chance of a win and of an SQL, and mean amount, of every lead."""
    score = scores.score.astype(float)
    away = (score - 70) / 10
    by_code = np.log(setting.rate / (1 - setting.rate)) + setting.rise * away + _curve(setting, score, rng)
    for row in range(11):
        by_code += rng.normal(0, setting.answers, 12)[unique[row]]
    win = by_code[place] + rng.normal(0, setting.spread, setting.partners)[partner] + setting.hidden * hidden
    more = 1.2 + 0.5 * rng.random() - 0.1 * away[place] + rng.normal(0, 0.2, setting.partners)[partner]
    amount = 20_000 * np.exp(
        rng.normal(0.015, 0.01) * (scores.fit - 25) + rng.normal(0, 0.005) * (scores.intent - 35)
        + rng.normal(0, 0.15, 12)[unique[0]]
    )[place] * np.exp(rng.normal(0, 0.15, setting.partners))[partner]  # fmt: skip
    return expit(win), expit(win + more), amount


def _curve(setting: Setting, score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A smooth random curve that leaves the line by `bend` (standard deviation) 20 points below the threshold."""
    grid = np.arange(101.0)
    kinks = np.cumsum(np.cumsum(rng.normal(0, 1, 101)[::-1]))[::-1]  # twice integrated noise, from the top down
    line = np.polyfit(grid[70:95], kinks[70:95], 1)
    bent = kinks - np.polyval(line, grid)
    # Standard deviation of `bent` 20 points below, over many draws of this very construction.
    return setting.bend * (bent / BENT_SD)[score.astype(int)]


def _bent_sd() -> float:
    rng = np.random.default_rng(0)
    grid = np.arange(101.0)
    found = []
    for _ in range(2000):
        kinks = np.cumsum(np.cumsum(rng.normal(0, 1, 101)[::-1]))[::-1]
        found.append((kinks - np.polyval(np.polyfit(grid[70:95], kinks[70:95], 1), grid))[50])
    return float(np.std(found))


BENT_SD = _bent_sd()


def _worked(setting: Setting, qualified: np.ndarray, hidden: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    draw = rng.random(len(qualified))
    work = np.where(qualified & (draw < 0.97), Work.WORKED, Work.NEVER).astype(np.uint8)
    if setting.who is Who.RANDOM:
        work[~qualified & (draw < setting.random)] = Work.EXPERIMENT
    if setting.who is Who.HUNCH:
        feeling = setting.hunch * hidden + rng.normal(0, 1, len(hidden))
        work[~qualified & (draw < expit(-3.0 + feeling))] = Work.WORKED
    return work


def _cells(structure, partners, partner, code, work, has_sql, won, arr) -> ScoreCells:
    worked = work != Work.NEVER
    key, at = np.unique(np.stack([partner, code, work]), axis=1, return_inverse=True)
    lost = worked & ~won

    def total(what: np.ndarray) -> np.ndarray:
        return np.rint(np.bincount(at.ravel(), what.astype(float), key.shape[1])).astype(np.int64)

    zero = np.zeros(key.shape[1], np.int64)
    counts = np.stack([total(np.ones(len(code))), total(has_sql), total(won), total(lost), zero, zero, total(arr),
                       total(np.ones(len(code))), total(won)])  # fmt: skip
    squares = np.bincount(at.ravel(), arr.astype(float) ** 2, key.shape[1])
    owners = tuple(Owner(f"P{number}", "partner") for number in range(partners))
    return score_cells(structure, owners, key[0].astype(np.int32), key[1].astype(np.int64), key[2].astype(np.uint8),
                       counts, squares)  # fmt: skip


def with_threshold(model: ScoringModel, threshold: int) -> ScoringModel:
    """The same scorecard with another threshold."""
    return replace(model, threshold=threshold)
