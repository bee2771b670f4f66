"""How are very many codes scored at once? What is known of the company and what it did are scored separately.

There are far fewer different companies, and far fewer different sets of signals, than pairs of both. A model is applied
to each of the two lists; a code's points are the sum of two numbers looked up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.scoring.model import Criterion, Kind, ScoringModel
from dashboard.scoring.structure import CodeScores, Said, Structure, icp, points_of, said_of

Points = tuple[NDArray[np.int16], NDArray[np.int16]]


@dataclass(frozen=True, slots=True, eq=False)
class Half:
    """Different answers to the questions at `places`, shape (questions, answers), and which of them each code has."""

    places: frozenset[int]
    digits: NDArray[np.uint8]
    of: NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """Codes as pairs: `fields` answers the criteria that look at fields, `signals` everything else."""

    structure: Structure
    fields: Half
    signals: Half

    def said(self, model: ScoringModel) -> tuple[Said, Said]:
        """The model applied to both halves."""
        fields, signals = self.fields, self.signals
        return (
            said_of(self.structure, fields.digits, fields.places, model),
            said_of(self.structure, signals.digits, signals.places, model),
        )

    def points(self, model: ScoringModel) -> tuple[Points, Points]:
        """The model's points in both halves, of fit and of intent each."""
        fields, signals = self.fields, self.signals
        return (
            points_of(self.structure, fields.digits, fields.places, model),
            points_of(self.structure, signals.digits, signals.places, model),
        )

    def scored(self, model: ScoringModel) -> CodeScores:
        """The model applied to every code, as `score_codes` does."""
        fields, signals = self.said(model)
        a, b = self.fields.of, self.signals.of
        fit = fields.fit[a] + signals.fit[b]
        intent, known = fields.intent[a] + signals.intent[b], fields.known[a] + signals.known[b]
        return CodeScores(model, fit, intent, known, signals.gates[b] | icp(fit, model))


def halves(structure: Structure, digits: NDArray[np.uint8]) -> Halves:
    """Codes by their answers, shape (questions, codes), in two halves."""
    of_fields = frozenset(
        place
        for place, question in enumerate(structure.questions)
        if isinstance(question, Criterion) and question.kind is not Kind.SIGNAL
    )
    others = frozenset(range(len(structure.questions))) - of_fields
    return Halves(structure, _half(structure, digits, of_fields), _half(structure, digits, others))


def _half(structure: Structure, digits: NDArray[np.uint8], places: frozenset[int]) -> Half:
    key = np.zeros(digits.shape[1], np.int64)
    for place in places:
        key += digits[place].astype(np.int64) * structure.weights[place]
    different, of = np.unique(key, return_inverse=True)
    return Half(places, structure.digits(different), of)
