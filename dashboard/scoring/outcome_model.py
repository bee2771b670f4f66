"""What would have become of leads that sales never worked? A model of the worked ones, fitted once per data version.

Sales works whom the scorecard lets through, so below the threshold outcomes are missing, and not at random (Lakkaraju
et al. 2017, doi:10.1145/3097983.3098066). docs/what-if.md describes the method and how often its intervals were right.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dashboard.scoring.cells import ScoreCells, Work
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.outcome_features import Features, Floats
from dashboard.scoring.outcome_fit import Binomial, Cells, Gamma, Posterior, fit_posterior
from dashboard.scoring.support import Support, support_of

# A priori, leads that somebody chose below the threshold differ by so much on the logit.
CHOSEN_SD = 0.75
# One-sided test at 5 %: chosen leads win more often than their score explains.
ALARM = 1.645
# Fewer than so many flagged leads below the threshold are no experiment.
FEWEST_IN_EXPERIMENT = 50
# So large a share of the worked leads may lie below the threshold unflagged, by changed rules and late data.
STRAY_SHARE = 0.05
DISPERSION_ROUNDS = 3
LEAST_DISPERSION = 0.01


class Regime(StrEnum):
    """Who was worked that did not qualify: nobody; a random few, flagged as experiment; or some, by choice."""

    NOBODY = "nobody"
    RANDOM = "random"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Worked:
    """Leads that the model learns from: all of them, those that did not qualify by flag, and what came of them."""

    leads: int
    experiment: int
    chosen: int
    sqls: int
    won: int


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeModel:
    """Posteriors of the chance of an SQL and of a win (logit) and of a won lead's ARR (log cents).

    `groups`: place of each partner (or channel, where there is no partner) among the effects. `alarm`: how many
    standard errors chosen leads win more often than others like them, None where none were chosen; above 1.645
    representatives know something that the score does not. `amount` is None where nothing was won.
    """

    active: ScoringModel
    features: Features
    regime: Regime
    worked: Worked
    alarm: float | None
    groups: dict[tuple[str, str], int]
    win: Posterior
    sql: Posterior
    amount: Posterior | None
    dispersion: float | None
    support: Support

    @property
    def is_alarming(self) -> bool:
        """Whether leads chosen by hand win significantly more often than their score explains."""
        return self.alarm is not None and self.alarm > ALARM


def fit(training: ScoreCells, active: ScoringModel) -> OutcomeModel | None:
    """The model of the outcomes of worked leads; None where nobody worked a lead.

    `training`: cells of mature months only, that is of leads older than the 95th percentile of the days from lead to
    win (`training.days_to_won`); leads without partner only where the page asks about such leads.
    Learns from WORKED and EXPERIMENT, never from leads known by result alone.
    """
    used = ((training.work == Work.WORKED) | (training.work == Work.EXPERIMENT)) & (training.measure("leads") > 0)
    if not used.any():
        return None
    qualified = training.scored(active).qualified[training.code]
    chosen = used & ~qualified & (training.work == Work.WORKED)
    worked = _worked(training, used, chosen, used & ~qualified & ~chosen)
    features = Features(active)
    groups = _groups(training)
    cells = _cells(training, features, groups, used, chosen)
    win = _share(cells, training.measure("won")[used], features)
    sql = _share(cells, training.measure("sqls")[used], features)
    amount, dispersion = _amount(cells, training, used, features)
    alarm = _alarm(win, features.chosen) if worked.chosen else None
    return OutcomeModel(
        active, features, _regime(worked), worked, alarm, groups, win, sql, amount, dispersion,
        support_of(training, active),
    )  # fmt: skip


def group_of(partner_id: str | None, channel: str | None) -> tuple[str, str]:
    """Whose effect an owner's leads have: the partner's, else the channel's."""
    return ("channel", channel or "") if partner_id is None else ("partner", partner_id)


def _worked(
    training: ScoreCells, used: NDArray[np.bool_], chosen: NDArray[np.bool_], experiment: NDArray[np.bool_]
) -> Worked:
    leads = training.measure("leads")
    return Worked(
        int(leads[used].sum()),
        int(leads[experiment].sum()),
        int(leads[chosen].sum()),
        int(training.measure("sqls")[used].sum()),
        int(training.measure("won")[used].sum()),
    )


def _regime(worked: Worked) -> Regime:
    if worked.chosen > STRAY_SHARE * worked.leads:
        return Regime.CHOSEN
    return Regime.RANDOM if worked.experiment >= FEWEST_IN_EXPERIMENT else Regime.NOBODY


def _groups(training: ScoreCells) -> dict[tuple[str, str], int]:
    return {name: place for place, name in enumerate(dict.fromkeys(group_of(*owner) for owner in training.owners))}


def _cells(
    training: ScoreCells,
    features: Features,
    groups: dict[tuple[str, str], int],
    used: NDArray[np.bool_],
    chosen: NDArray[np.bool_],
) -> Cells:
    """Cells of the used leads: kinds told apart by whether they were chosen by hand."""
    twice = training.code[used].astype(np.int64) * 2 + chosen[used]
    present, kind = np.unique(twice, return_inverse=True)
    codes = present // 2
    design = features.design(training.structure, np.ascontiguousarray(training.digits[:, codes]))
    design = features.chosen_by_hand(design, present % 2 == 1)
    of_owner = np.array([groups[group_of(*owner)] for owner in training.owners], dtype=np.int64)
    n = training.measure("leads")[used].astype(np.float64)
    return Cells(design, kind.astype(np.int64), of_owner[training.owner[used]], len(groups), n, np.zeros_like(n))


def _alarm(win: Posterior, chosen: int) -> float:
    return float(win.beta[chosen] / np.sqrt(win.covariance[chosen, chosen]))


def _share(cells: Cells, have: NDArray[np.int64], features: Features) -> Posterior:
    k = np.minimum(have.astype(np.float64), cells.n)
    own = Cells(cells.design, cells.kind, cells.group, cells.groups, cells.n, k)
    return fit_posterior(Binomial(), own, features.prior(CHOSEN_SD))


def _amount(
    cells: Cells, training: ScoreCells, used: NDArray[np.bool_], features: Features
) -> tuple[Posterior | None, float | None]:
    """ARR of won leads by quasi-gamma regression, and its dispersion (variance ÷ mean² of one lead)."""
    won, arr = training.measure("won")[used].astype(np.float64), training.measure("arr")[used].astype(np.float64)
    paid = (won > 0) & (arr > 0)
    if not paid.any():
        return None, None
    own = Cells(cells.design, cells.kind[paid], cells.group[paid], cells.groups, won[paid], arr[paid])
    squares = training.arr_squares[used][paid]
    prior = features.amount_prior(float(np.log(own.k.sum() / own.n.sum())), CHOSEN_SD / 2)
    dispersion = _dispersion(np.full(len(own.n), own.k.sum() / own.n.sum()), own, squares)
    found = None
    for _ in range(DISPERSION_ROUNDS):
        found = fit_posterior(Gamma(dispersion), own, prior, start=found)
        dispersion = _dispersion(np.exp(own.eta(found.beta, found.effects)), own, squares)
    return found, dispersion


def _dispersion(mean: Floats, cells: Cells, squares: Floats) -> float:
    """Pearson's: mean of (ARR ÷ expected − 1)²."""
    deviation = squares / mean**2 - 2 * cells.k / mean + cells.n
    return max(float(deviation.sum() / cells.n.sum()), LEAST_DISPERSION)
