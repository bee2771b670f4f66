"""How likely is an open deal to be won soon, given its age and its stage? Multi-state Aalen–Johansen from day counts.

Stages are transient states, won and lost absorbing ones; time is a deal's age in calendar days. Each day's transitions
between the state at the end of the day before and that at its end make one matrix, and their product gives the chances.
With a single state this is the cumulative incidence of won with lost competing, conditional on being open.
Source: Aalen & Johansen 1978; Andersen, Borgan, Gill & Keiding 1993, ch. IV.4; Putter, Fiocco & Geskus 2007,
doi:10.1002/sim.2712.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.domain import Outcome

WEEK = 7
# For so many weeks of one deal in a state the pooled rate of a transition counts, where hazards are drawn.
PRIOR_WEEKS = 0.5
# What is added to the number of pooled transitions: none seen does not mean none possible.
PRIOR_EVENTS = 0.5

State = str | None


@dataclass(frozen=True, slots=True)
class StageCounts:
    """Transitions by day: `moved[day, i, j]` from state i to state j (j over the stages, then won, then lost).

    `at_risk[day, i]`: deals that were in state i when the day began. `states[0]` is None, in which every deal begins:
    no stage recorded yet.
    """

    states: tuple[State, ...]
    moved: np.ndarray
    at_risk: np.ndarray

    @property
    def days(self) -> int:
        """Days that the counts reach."""
        return len(self.at_risk)

    def place(self, stage: State) -> int:
        """The number of a state; an unknown one counts as none recorded."""
        return self.states.index(stage) if stage in self.states else 0


def stage_counts(moves: pl.DataFrame, by_stage: bool) -> StageCounts:
    """Counts from cells stage, following, outcome, day, deals; without `by_stage` every open deal is in one state."""
    if not by_stage:
        moves = moves.filter(pl.col("outcome") != "move").with_columns(stage=pl.lit(None, pl.String))
    names = pl.concat([moves["stage"], moves["following"]]).drop_nulls().unique().sort().to_list()
    states: tuple[State, ...] = (None, *names)
    width, transient = int(moves["day"].max() or 0) + 1 if moves.height else 0, len(states)  # type: ignore[arg-type]
    moved, left = np.zeros((width, transient, transient + 2)), np.zeros((width, transient))
    place = {name: number for number, name in enumerate(states)}
    ends = {Outcome.WON.value: transient, Outcome.LOST.value: transient + 1}
    for stage, following, outcome, day, deals in moves.select(
        "stage", "following", "outcome", "day", "deals"
    ).iter_rows():
        left[day, place[stage]] += deals
        if outcome != Outcome.OPEN.value:
            moved[day, place[stage], ends.get(outcome, place.get(following, 0))] += deals
    entered = moved.sum(axis=1)[:, :transient]
    present = entered.cumsum(axis=0) - left.cumsum(axis=0)
    # A deal is in its first state before its first day.
    start = np.zeros(transient)
    start[0] = left.sum() - entered.sum()
    before = np.vstack([np.zeros((1, transient)), present[:-1]]) if width else present
    return StageCounts(states, moved, before + start)


def hazards(counts: StageCounts) -> np.ndarray:
    """The matrices I + dA of the days, over the stages and won: [day, from, to]."""
    transient = len(counts.states)
    some = np.where(counts.at_risk > 0, counts.at_risk, 1)[:, :, None]
    share = counts.moved / some
    own = np.eye(transient)
    matrices = np.zeros((counts.days, transient, transient + 1))
    matrices[:, :, :transient] = share[:, :, :transient] + own * (1 - share.sum(axis=2))[:, :, None]
    matrices[:, :, transient] = share[:, :, transient]
    return matrices


def chances(matrices: np.ndarray, ages: np.ndarray, horizon: int) -> np.ndarray:
    """Chance to be won on the `horizon` days (steps) after each age, by age and state: [age, state].

    `matrices[step, from, to]`, with draws as further dimensions before these three. An age of −1 is a deal that opens
    tomorrow. After the last step seen nothing happens any more.
    """
    transient = matrices.shape[-2]
    won = np.zeros((*matrices.shape[:-3], len(ages), transient))
    last = matrices.shape[-3] - 1
    for step in range(horizon, 0, -1):
        day = ages + step
        seen = (day <= last) & (day >= 0)
        own = matrices[..., np.clip(day, 0, last), :, :]
        moved = (own[..., :transient] @ won[..., None])[..., 0] + own[..., transient]
        won = np.where(seen[:, None], moved, won)
    return won


def from_opening(matrices: np.ndarray, steps: int) -> np.ndarray:
    """Chance of a deal that opens now to be won within 0 … `steps` days (or steps): [step], draws before it."""
    transient = matrices.shape[-2]
    state = np.zeros((*matrices.shape[:-3], 1, transient))
    state[..., 0] = 1.0
    won = [np.zeros(matrices.shape[:-3])]
    for step in range(steps):
        if step < matrices.shape[-3]:
            moved = state @ matrices[..., step, :, :]
            won.append(won[-1] + moved[..., 0, transient])
            state = moved[..., :transient]
        else:
            won.append(won[-1])
    return np.stack(won, axis=-1)


def drawn_weeks(counts: StageCounts, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Weekly matrices from drawn hazards, [draw, week, from, to]: how unsure the curve is.

    Each rate is a gamma around its weekly counts, with `PRIOR_WEEKS` of the transition's pooled rate. In weeks in which
    no deal was at risk nothing happens, as in the estimate itself.
    """
    moved, at_risk = _by_week(counts)
    transient = len(counts.states)
    possible = moved.sum(axis=0) > 0
    possible[:, transient:] = True
    pooled = (moved.sum(axis=0) + PRIOR_EVENTS * possible) / np.maximum(at_risk.sum(axis=0), 1.0)[:, None]
    shape = (moved + PRIOR_WEEKS * pooled * possible) * (at_risk > 0)[..., None]
    rate = rng.gamma(np.broadcast_to(shape, (draws, *shape.shape))) / (at_risk + PRIOR_WEEKS)[..., None]
    return _weekly(rate, transient)


def expected_weeks(counts: StageCounts) -> np.ndarray:
    """The weekly matrices that the drawn ones scatter around, without the prior: [week, from, to]."""
    moved, at_risk = _by_week(counts)
    rate = np.divide(moved, at_risk[..., None], out=np.zeros_like(moved), where=at_risk[..., None] > 0)
    return _weekly(rate, len(counts.states))


def _by_week(counts: StageCounts) -> tuple[np.ndarray, np.ndarray]:
    """Transitions of each week of a deal's life, and the weeks that deals spent in the states."""
    weeks, transient = -(-counts.days // WEEK), len(counts.states)
    padded = weeks * WEEK - counts.days
    moved = np.pad(counts.moved, ((0, padded), (0, 0), (0, 0))).reshape(weeks, WEEK, transient, transient + 2)
    at_risk = np.pad(counts.at_risk, ((0, padded), (0, 0))).reshape(weeks, WEEK, transient)
    return moved.sum(axis=1), at_risk.sum(axis=1) / WEEK


def _weekly(rate: np.ndarray, transient: int) -> np.ndarray:
    """Transition matrices of a week from rates a week, at most one move in it."""
    out = rate.sum(axis=-1)
    leaving = -np.expm1(-out)
    share = rate * np.divide(leaving, out, out=np.zeros_like(out), where=out > 0)[..., None]
    matrices = share[..., : transient + 1].copy()
    matrices[..., :transient] += np.eye(transient) * (1 - leaving)[..., None]
    return np.asarray(matrices)
