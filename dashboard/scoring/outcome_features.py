"""What of a lead may tell whether it will be won? Its answers and its active score, as columns of a regression.

A column for every answer to every question of the active model, and for the score: a line and bends, so that the curve
may turn where the scorecard's points do not say so. Bends stand every 5 points, counted from the active threshold, on a
scale of 100 points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from dashboard.scoring.model import Gate, ScoringModel
from dashboard.scoring.structure import Question, Structure, asked, of_gate, score_codes

Floats = NDArray[np.float64]

# Bends at the threshold and so many steps below it, and so many above it; one step is 5 points of 100.
BENDS_BELOW, BENDS_ABOVE = 7, 4
STEP = 0.05
# A priori, on the logit: intercept, rise over 10 points of 100, one answer, and all bends together 20 points below.
INTERCEPT_SD = 5.0
SLOPE_MEAN, SLOPE_SD = 0.6, 0.5
ANSWER_SD = 0.8
BEND_SD = 0.4
AMOUNT_SLOPE_SD, AMOUNT_BEND_SD, AMOUNT_ANSWER_SD = 0.3, 0.03, 0.4
# The answers to these gates are asked too: they tell what no criterion may ask, as whether the use case is clear.
GATES = (Gate.ECOSYSTEM, Gate.BUYING)


@dataclass(frozen=True)
class Features:
    """The columns under one active model: 1, score, bends, answers; the last tells leads chosen by hand (0 or 1).

    `unit` is what 10 points of 100 are on the model's scale. Columns carry no meaning outside this class.
    """

    active: ScoringModel

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Whose answers have a column each."""
        found: dict[Question, None] = dict.fromkeys(asked(criterion) for criterion in self.active.criteria)
        found |= dict.fromkeys(of_gate(self.active, gate) for gate in GATES)
        return tuple(found)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """How many answers each question has."""
        return Structure(self.questions).sizes

    @property
    def top(self) -> int:
        """The most points that a lead can have."""
        return self.active.fit_total + self.active.intent_total

    @property
    def unit(self) -> float:
        """So many points of the model are 10 points of 100."""
        return max(self.top, 1) / 10

    @property
    def curve(self) -> int:
        """How many columns stand for the intercept and the score."""
        return 3 + BENDS_BELOW + BENDS_ABOVE

    @property
    def count(self) -> int:
        """How many columns there are."""
        return self.curve + sum(self.sizes) + 1

    def prior(self, chosen_sd: float) -> tuple[Floats, Floats]:
        """Mean and precision of every column's coefficient a priori."""
        mean, deviation = np.zeros(self.count), np.full(self.count, ANSWER_SD)
        mean[1] = SLOPE_MEAN
        deviation[:2] = INTERCEPT_SD, SLOPE_SD
        # 20 points below the threshold, the bends on the way count 2, 1.5, 1 and 0.5 units.
        reached = np.array([2.0, 1.5, 1.0, 0.5])
        deviation[2 : self.curve] = BEND_SD / sqrt(float(reached @ reached))
        deviation[-1] = chosen_sd
        return mean, deviation**-2

    def amount_prior(self, intercept: float) -> tuple[Floats, Floats]:
        """The same for the log of a won lead's ARR: no rise supposed, answers half as far apart, hardly any bend."""
        mean, deviation = np.zeros(self.count), np.full(self.count, AMOUNT_ANSWER_SD)
        mean[0], deviation[:2] = intercept, (INTERCEPT_SD, AMOUNT_SLOPE_SD)
        deviation[2 : self.curve] = AMOUNT_BEND_SD
        return mean, deviation**-2

    def kinds(self, structure: Structure, digits: NDArray[np.uint8]) -> Kinds:
        """The different kinds of leads behind codes, each with its columns."""
        places = [structure.place(question) for question in self.questions]
        weights = np.cumprod([1, *self.sizes[:-1]], dtype=np.int64)
        key = np.zeros(digits.shape[1], dtype=np.int64)
        for place, weight in zip(places, weights, strict=True):
            key += digits[place] * weight
        _, first, kind = np.unique(key, return_index=True, return_inverse=True)
        mine = digits[:, first]
        score = score_codes(structure, mine, self.active).score.astype(np.float64)
        return Kinds(self._columns(score, mine[places]), kind.astype(np.int64))

    def _columns(self, score: Floats, answers: NDArray[np.uint8]) -> Floats:
        rows = np.zeros((len(score), self.count))
        away = (score - self.active.threshold) / self.unit
        rows[:, 0], rows[:, 1] = 1.0, away
        bend = STEP * 10
        for number in range(BENDS_BELOW + 1):
            rows[:, 2 + number] = np.maximum(-bend * number - away, 0.0)
        for number in range(1, BENDS_ABOVE + 1):
            rows[:, 2 + BENDS_BELOW + number] = np.maximum(away - bend * number, 0.0)
        lead, place = np.arange(len(score)), self.curve
        for size, own in zip(self.sizes, answers, strict=True):
            rows[lead, place + own] = 1.0
            place += size
        return rows


@dataclass(frozen=True, slots=True, eq=False)
class Kinds:
    """`rows`: columns of each kind of lead, shape (kinds, columns); `kind`: the kind of each code."""

    rows: Floats
    kind: NDArray[np.int64]
