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
Places = NDArray[np.int64]

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


# Questions share a block while so many different sets of answers to them are possible, and so many are seen.
POSSIBLE, SEEN = 2**16, 1024


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Neighbouring columns and the rows that they can hold: a lead has one row of each block.

    Sums over leads become sums over rows: leads are counted by row, and only the rows are multiplied.
    """

    columns: slice
    table: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Columns of codes, by block: `places[b][code]` is the row of `blocks[b].table` that the code has."""

    blocks: tuple[Block, ...]
    places: tuple[Places, ...]

    def predictor(self, beta: Floats) -> Floats:
        """Columns times coefficients, by code."""
        parts = [
            (block.table @ beta[block.columns])[place] for block, place in zip(self.blocks, self.places, strict=True)
        ]
        return np.asarray(np.sum(parts, axis=0))

    def of(self, codes: Places) -> Design:
        """The design of some codes, in this order."""
        return Design(self.blocks, tuple(place[codes] for place in self.places))

    def dense(self) -> Floats:
        """All columns of all codes, written out."""
        return np.hstack([block.table[place] for block, place in zip(self.blocks, self.places, strict=True)])


@dataclass(frozen=True)
class Features:
    """The columns under one active model: 1, score, bends, whether chosen by hand; then the answers, by question.

    `unit` is what 10 points of 100 are on the model's scale.
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
    def chosen(self) -> int:
        """The column that tells leads chosen by hand."""
        return 3 + BENDS_BELOW + BENDS_ABOVE

    @property
    def count(self) -> int:
        """How many columns there are."""
        return self.chosen + 1 + sum(self.sizes)

    def prior(self, chosen_sd: float) -> tuple[Floats, Floats]:
        """Mean and precision a priori of the coefficients of a chance, on the logit."""
        mean, deviation = np.zeros(self.count), np.full(self.count, ANSWER_SD)
        mean[1] = SLOPE_MEAN
        deviation[:2] = INTERCEPT_SD, SLOPE_SD
        # 20 points below the threshold, the bends on the way count 2, 1.5, 1 and 0.5 units.
        reached = np.array([2.0, 1.5, 1.0, 0.5])
        deviation[2 : self.chosen] = BEND_SD / sqrt(float(reached @ reached))
        deviation[self.chosen] = chosen_sd
        return mean, deviation**-2

    def amount_prior(self, intercept: float, chosen_sd: float) -> tuple[Floats, Floats]:
        """The same of the log of a won lead's ARR: no rise supposed, answers half as far apart, hardly any bend."""
        mean, deviation = np.zeros(self.count), np.full(self.count, AMOUNT_ANSWER_SD)
        mean[0], deviation[:2] = intercept, (INTERCEPT_SD, AMOUNT_SLOPE_SD)
        deviation[2 : self.chosen] = AMOUNT_BEND_SD
        deviation[self.chosen] = chosen_sd
        return mean, deviation**-2

    def design(self, structure: Structure, digits: NDArray[np.uint8]) -> Design:
        """The columns of codes that were not chosen by hand."""
        score = score_codes(structure, digits, self.active).score.astype(np.int64)
        blocks, places = [Block(slice(0, self.chosen + 1), self._score_table())], [score]
        column, waiting = self.chosen + 1, [structure.place(question) for question in self.questions]
        sizes = list(self.sizes)
        while waiting:
            taken, place, answers = _block(digits, waiting, sizes)
            table = _one_hot(answers, sizes[:taken])
            blocks.append(Block(slice(column, column + table.shape[1]), table))
            places.append(place)
            column, waiting, sizes = column + table.shape[1], waiting[taken:], sizes[taken:]
        return Design(tuple(blocks), tuple(places))

    def chosen_by_hand(self, design: Design, chosen: NDArray[np.bool_]) -> Design:
        """The design with the leads that were chosen told from the others (one flag a code)."""
        return Design(design.blocks, (design.places[0] + (self.top + 1) * chosen, *design.places[1:]))

    def _score_table(self) -> Floats:
        """Rows: scores 0 … top of leads not chosen by hand, then of those chosen."""
        away = (np.arange(self.top + 1) - self.active.threshold) / self.unit
        bends = STEP * 10 * np.arange(BENDS_BELOW + 1), STEP * 10 * np.arange(1, BENDS_ABOVE + 1)
        below = np.maximum(-bends[0] - away[:, None], 0.0)
        above = np.maximum(away[:, None] - bends[1], 0.0)
        plain = np.column_stack([np.ones(len(away)), away, below, above, np.zeros(len(away))])
        chosen = plain.copy()
        chosen[:, -1] = 1.0
        return np.vstack([plain, chosen])


def _block(digits: NDArray[np.uint8], rows: list[int], sizes: list[int]) -> tuple[int, Places, Places]:
    """So many questions that fit into one block, each code's place among the answers seen, and these answers."""
    key, possible, taken = np.zeros(digits.shape[1], np.int64), 1, 0
    seen: NDArray[np.bool_] = np.ones(1, np.bool_)
    for row, size in zip(rows, sizes, strict=True):
        if taken and possible * size > POSSIBLE:
            break
        longer = key * size + digits[row]
        found = np.asarray(np.bincount(longer, minlength=possible * size) > 0)
        if taken and np.count_nonzero(found) > SEEN:
            break
        key, possible, taken, seen = longer, possible * size, taken + 1, found
    answers = np.flatnonzero(seen)
    rank = np.zeros(possible, np.int64)
    rank[answers] = np.arange(len(answers))
    return taken, rank[key], answers


def _one_hot(answers: Places, sizes: list[int]) -> Floats:
    """A column for every answer to every question; `answers` are the questions' digits in one number."""
    parts = []
    for size in reversed(sizes):
        answers, digit = np.divmod(answers, size)
        parts.append(np.eye(size)[digit])
    return np.hstack(parts[::-1])
