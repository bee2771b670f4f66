"""What do never-worked leads bring together, and how far may that be off? Totals with their gradients, code by code.

A total is a sum over codes; its variance needs the sum's gradient in the common coefficients and in every partner's
effect. Both are sums over codes as well, so a move of a slider only adds up what is prepared here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky
from scipy.special import expit

from dashboard.scoring.cells import ScoreCells, Work
from dashboard.scoring.outcome_features import Design, Floats, Places
from dashboard.scoring.outcome_fit import Posterior, tally
from dashboard.scoring.outcome_model import OutcomeModel, group_of


@dataclass(frozen=True, slots=True, eq=False)
class Where:
    """Never-worked cells, ordered by code: code, owner, group, leads; groups in all; and the design of the codes.

    `starts`: where the cells of each code begin, and after the last code where they end.
    """

    code: Places
    owner: Places
    group: Places
    leads: Floats
    groups: int
    design: Design
    codes: int
    owners: int
    starts: Places


@dataclass(frozen=True, slots=True, eq=False)
class Gradient:
    """Gradient of a total's cells in their linear predictor, and the posterior that the predictor comes from.

    `slope`: by code; `cell_slope`: by cell; groups unseen in training stand at the end of `precision` and `pull`.
    """

    posterior: Posterior
    where: Where
    cell_slope: Floats
    slope: Floats
    precision: Floats
    pull: Floats

    def whitened(self, some: Chosen) -> tuple[Floats, Floats]:
        """The gradient of Σ weight × code, in the coefficients (partners eliminated) and in the groups' effects."""
        summed, blocks = some.weights * self.slope[some.codes], self.where.design.blocks
        parts = zip(blocks, some.places, strict=True)
        common = np.concatenate([tally(place, summed, len(block.table)) @ block.table for block, place in parts])
        own = tally(some.groups, some.cell_weights * self.cell_slope[some.cells], len(self.precision))
        return common - (own / self.precision) @ self.pull, own

    def whitened_from_top(self, at: Reach) -> tuple[Floats, Floats]:
        """The same for every threshold that is a present score, shapes (present scores, …)."""
        summed, groups, scores = self.slope[at.codes], len(self.precision), len(at.present)
        common = []
        for block, place in zip(self.where.design.blocks, at.places, strict=True):
            rows = len(block.table)
            common.append(tally(place, summed, scores * rows).reshape(scores, rows) @ block.table)
        own = tally(at.groups, self.cell_slope[at.cells], scores * groups).reshape(scores, groups)
        found = np.hstack(common) - (own / self.precision) @ self.pull
        return from_top(found), from_top(own)

    def draws(self, totals: tuple[Floats, Floats], random: np.random.Generator, count: int) -> Floats:
        """Normal deviations of totals from their means, together, shape (count, totals)."""
        common, own = totals
        root = cholesky(self.posterior.covariance, lower=True)
        found = random.standard_normal((count, len(root))) @ (common @ root).T
        return np.asarray(found + random.standard_normal((count, own.shape[1])) @ (own / np.sqrt(self.precision)).T)

    def covariance(self, a: tuple[Floats, Floats], b: tuple[Floats, Floats]) -> Floats:
        """Covariance of two totals by their gradients, row by row."""
        common = ((a[0] @ self.posterior.covariance) * b[0]).sum(axis=-1)
        return np.asarray(common + (a[1] * b[1] / self.precision).sum(axis=-1))


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Some codes with weights above 0, their rows in every block, and their never-worked cells with groups."""

    codes: Places
    weights: Floats
    places: tuple[Places, ...]
    cells: Places
    cell_weights: Floats
    groups: Places

    def __len__(self) -> int:
        return len(self.cells)


def chosen(where: Where, weights: Floats) -> Chosen:
    """The never-worked leads of the codes whose weight is above 0."""
    codes = np.flatnonzero((weights > 0) & (where.starts[1:] > where.starts[:-1]))
    firsts = where.starts[codes]
    lengths = where.starts[codes + 1] - firsts
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    cells = np.arange(total) + np.repeat(firsts - ends + lengths, lengths)
    own = weights[codes]
    places = tuple(place[codes] for place in where.design.places)
    return Chosen(codes, own, places, cells, np.repeat(own, lengths), where.group[cells])


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Which of `count` thresholds each code reaches: codes that reach any, with their scores.

    `present`: the scores that occur. `places`, `groups`: place among them × rows of every block, × groups of `cells`.
    """

    count: int
    codes: Places
    score: Places
    present: Places
    places: tuple[Places, ...]
    cells: Places
    groups: Places

    def everywhere(self, values: Floats) -> Floats:
        """Values at the present scores (last axis), given to all thresholds: at each, those of the next such score."""
        nothing = np.zeros((*values.shape[:-1], 1))
        after = np.searchsorted(self.present, np.arange(self.count))
        return np.asarray(np.concatenate([values, nothing], axis=-1)[..., after])


def reach(where: Where, score: Places, count: int) -> Reach:
    """`score`: by code, −1 for codes that reach no threshold."""
    codes = np.flatnonzero((score >= 0) & (where.starts[1:] > where.starts[:-1]))
    own = score[codes]
    present = np.flatnonzero(np.bincount(own, minlength=count))
    rank = np.full(count + 1, -1)
    rank[present] = np.arange(len(present))
    both = zip(where.design.blocks, where.design.places, strict=True)
    places = tuple(rank[own] * len(block.table) + place[codes] for block, place in both)
    by_cell = rank[score[where.code]]
    cells = np.flatnonzero(by_cell >= 0)
    groups = by_cell[cells] * where.groups + where.group[cells]
    return Reach(count, codes, own, present, places, cells, groups)


def from_top(values: Floats) -> Floats:
    """Sums over all scores from each score on."""
    return np.asarray(values[::-1].cumsum(axis=0)[::-1])


class Total(NamedTuple):
    """A total's mean by code and by cell, and its gradients: more than one where it is a product."""

    by_code: Floats
    by_cell: Floats
    gradients: tuple[Gradient, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Prospects:
    """The never-worked leads of some cells under an outcome model: all that does not depend on what is asked.

    By code: `leads`, whether `supported`, and `at_most`, the bound of the win rate.
    """

    outcomes: OutcomeModel
    cells: ScoreCells
    where: Where
    leads: Floats
    supported: NDArray[np.bool_]
    at_most: Floats
    win: Total
    sql: Total
    arr: Total | None


def prospects(outcomes: OutcomeModel, cells: ScoreCells) -> Prospects:
    """Prepares cells for questions; their structure must hold the active model's questions."""
    never = (cells.work == Work.NEVER) & (cells.measure("leads") > 0)
    where = _where(outcomes, cells, never)
    scores = cells.scored(outcomes.active)
    supported, at_most = outcomes.support.of(scores.score, scores.open)
    leads = tally(where.code, where.leads, where.codes)
    win = _chance(outcomes.win, where)
    win_total = _total(where, win.mean, ((outcomes.win, win.slope),))
    sql = _chance(outcomes.sql, where)
    sql_total = _total(where, sql.mean, ((outcomes.sql, sql.slope),))
    arr_total = None
    if outcomes.amount is not None:
        amount = _amount(outcomes.amount, where)
        arr = where.leads * win.each * amount
        arr_total = _total(where, arr, ((outcomes.win, win.slope * amount), (outcomes.amount, arr)))
    return Prospects(outcomes, cells, where, leads, supported, at_most, win_total, sql_total, arr_total)


def _where(outcomes: OutcomeModel, cells: ScoreCells, never: NDArray[np.bool_]) -> Where:
    design = outcomes.features.design(cells.structure, cells.digits)
    places = dict(outcomes.groups)
    of_owner = np.array([places.setdefault(group_of(*owner), len(places)) for owner in cells.owners], dtype=np.int64)
    owner, code = cells.owner[never].astype(np.int64), cells.code[never].astype(np.int64)
    return Where(
        code, owner, of_owner[owner] if len(of_owner) else owner,
        cells.measure("leads")[never].astype(np.float64), len(places), design,
        len(cells.codes), len(cells.owners), np.searchsorted(code, np.arange(len(cells.codes) + 1)).astype(np.int64),
    )  # fmt: skip


class _Chances(NamedTuple):
    each: Floats
    mean: Floats
    slope: Floats


def _predictor(posterior: Posterior, where: Where) -> tuple[Floats, Floats]:
    """Linear predictor of each cell and what the group's effect still varies by."""
    unseen = where.groups - len(posterior.effects)
    effects = np.append(posterior.effects, np.zeros(unseen))
    variance = 1.0 / _precision(posterior, where.groups)
    return where.design.predictor(posterior.beta)[where.code] + effects[where.group], variance[where.group]


def _precision(posterior: Posterior, groups: int) -> Floats:
    return np.append(posterior.precision, np.full(groups - len(posterior.precision), posterior.spread**-2))


def _chance(posterior: Posterior, where: Where) -> _Chances:
    """Chance of each never-worked lead, averaged over its partner's effect, and the slope of the cell's sum."""
    eta, variance = _predictor(posterior, where)
    # Mean of a logistic of a normal variable, by the probit with the same slope (MacKay 1992).
    shrunk = 1.0 / np.sqrt(1.0 + np.pi / 8 * variance)
    p = expit(eta)
    jensen = np.clip(1.0 + 0.5 * variance * (1 - p) * (1 - 2 * p), shrunk, 1.0 + variance)
    each = np.minimum(p * jensen, 1.0)
    return _Chances(each, where.leads * each, where.leads * each * (1 - each))


def _amount(posterior: Posterior, where: Where) -> Floats:
    eta, variance = _predictor(posterior, where)
    return np.exp(eta + variance / 2)


def _total(where: Where, mean: Floats, parts: tuple[tuple[Posterior, Floats], ...]) -> Total:
    gradients = tuple(_gradient(where, posterior, slope) for posterior, slope in parts)
    return Total(tally(where.code, mean, where.codes), mean, gradients)


def _gradient(where: Where, posterior: Posterior, slope: Floats) -> Gradient:
    by_code = tally(where.code, slope, where.codes)
    pull = np.vstack([posterior.pull, np.zeros((where.groups - len(posterior.pull), posterior.pull.shape[1]))])
    precision = _precision(posterior, where.groups)
    return Gradient(posterior, where, slope, by_code, precision, pull)
