"""What must be known of a lead to score it under a model, or under several? The answers as one whole number, its code.

Every criterion is one digit of the code, and so is everything that a gate asks. Points, thresholds and the choice of
gates are no part of it: moving them scores codes anew, not leads. Only another border of a level makes another code.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.domain import UserError
from dashboard.scoring.model import Criterion, Gate, Group, Kind, ScoringModel

MOST_CODES = 2**62  # a code is a bigint
MOST_KNOWN = 4096


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Was one of these signals seen? 0 or 1."""

    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HowMany:
    """How many different ones of these signals were seen?"""

    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """Does the lead itself pass this gate (CONFIRMED by both sides, RECORDED as EQL)? 0 or 1."""

    gate: Gate


Question = Criterion | AnyOf | HowMany | Flag


@dataclass(frozen=True)
class Structure:
    """Questions to a lead; the answers make its code, the first question being its lowest digit.

    The answer to a criterion: 0 where the value is unknown (a signal never is), k at its k-th level, one more than
    there are levels where the value is known and meets none. Signals count within `window_days` of the lead's creation.
    """

    questions: tuple[Question, ...]
    window_days: int = 90

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """How many answers each question has."""
        return tuple(_size(question) for question in self.questions)

    @cached_property
    def weights(self) -> tuple[int, ...]:
        """What each digit counts: code = Σ digit × weight."""
        weights = [1]
        for size in self.sizes:
            weights.append(weights[-1] * size)
        return tuple(weights[:-1])

    @cached_property
    def identity(self) -> str:
        """A name for this structure; cells made for another one cannot be read with it."""
        return hashlib.sha256(repr((self.questions, self.window_days)).encode()).hexdigest()[:32]

    def place(self, question: Question) -> int:
        """Which digit answers a question; KeyError for one that is not asked."""
        return self._places[question]

    def answering(self, criterion: Criterion) -> int:
        """Which digit answers a criterion of a model; KeyError for one that is not asked."""
        # Criteria that a slider has not touched are the same objects; to compare them costs more than to score by them.
        # What is kept lives on, so that no other object can come to the same number.
        known = self._answering.get(id(criterion))
        if known is None:
            if len(self._answering) > MOST_KNOWN:
                self._answering.clear()
            known = self._answering[id(criterion)] = (criterion, self.place(asked(criterion)))
        return known[1]

    @cached_property
    def _answering(self) -> dict[int, tuple[Criterion, int]]:
        return {}

    @cached_property
    def _places(self) -> dict[Question, int]:
        return {question: place for place, question in enumerate(self.questions)}

    def digits(self, codes: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The answers behind codes, shape (questions, codes): a question's answers lie side by side."""
        found = np.empty((len(self.questions), len(codes)), dtype=np.uint8)
        rest = codes.copy()
        for place, size in enumerate(self.sizes):
            rest, found[place] = np.divmod(rest, size)
        return found

    def codes(self, digits: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The codes of answers of shape (questions, leads)."""
        weights = np.array(self.weights, dtype=np.int64)
        return np.asarray(weights @ digits.astype(np.int64), dtype=np.int64)


def structure_of(*models: ScoringModel) -> Structure:
    """All that these models ask, each question once.

    UserError: more different leads than a code can tell apart; or windows of different length, for then “seen” does not
    mean the same to all.
    """
    windows = sorted({model.window_days for model in models})
    if len(windows) > 1:
        raise UserError(
            f"One scoring model counts signals within {windows[0]} days of a lead's creation, another within "
            f"{windows[-1]}: give both the same “window_days” to compare them."
        )
    found: dict[Question, None] = {}
    for model in models:
        found |= dict.fromkeys(asked(criterion) for criterion in model.criteria)
    for model in models:
        found |= dict.fromkeys(_of_gates(model))
    found |= dict.fromkeys((Flag(Gate.CONFIRMED), Flag(Gate.RECORDED)))
    structure = Structure(tuple(found), *windows)
    if structure.weights[-1] * structure.sizes[-1] > MOST_CODES or max(structure.sizes) > 250:
        longest = max((c for model in models for c in model.criteria), key=lambda criterion: len(criterion.levels))
        raise UserError(
            "The scoring model tells more kinds of leads apart than can be counted: take criteria out, or levels from "
            f"“{longest.name}”, which has {len(longest.levels)}."
        )
    return structure


@lru_cache(maxsize=4096)
def asked(criterion: Criterion) -> Criterion:
    """A criterion without what does not matter to the answer: names, points, group."""
    levels = tuple(replace(level, name="", points=0) for level in criterion.levels)
    return replace(criterion, name="", group=Group.FIT, levels=levels)


def of_gate(model: ScoringModel, gate: Gate) -> Question:
    """The question behind a gate of a model: OVERLAP, ECOSYSTEM, BUYING, TRIGGERS, CONFIRMED or RECORDED."""
    signals = {Gate.OVERLAP: model.overlap, Gate.ECOSYSTEM: model.ecosystem, Gate.BUYING: model.buying}
    if gate in signals:
        return AnyOf(tuple(sorted(set(signals[gate]))))
    return HowMany(tuple(sorted(set(model.triggers)))) if gate is Gate.TRIGGERS else Flag(gate)


def _of_gates(model: ScoringModel) -> list[Question]:
    return [of_gate(model, gate) for gate in (Gate.OVERLAP, Gate.ECOSYSTEM, Gate.BUYING, Gate.TRIGGERS)]


def _size(question: Question) -> int:
    if isinstance(question, Criterion):
        return len(question.levels) + 2
    return len(question.signals) + 1 if isinstance(question, HowMany) else 2


@dataclass(frozen=True, slots=True, eq=False)
class CodeScores:
    """What a model says of each code: points of both groups, criteria with a known value, and gates passed.

    `gates`: bits of `Gate` but for SCORE, which depends on the threshold. All arrays have one entry a code.
    """

    model: ScoringModel
    fit: NDArray[np.int16]
    intent: NDArray[np.int16]
    known: NDArray[np.int16]
    gates: NDArray[np.uint8]

    @property
    def score(self) -> NDArray[np.int16]:
        """Points of fit and intent together."""
        return self.fit + self.intent

    @property
    def open(self) -> NDArray[np.bool_]:
        """Whether every required gate but the score is passed."""
        needed = int(self.model.required & ~Gate.SCORE)
        return np.asarray((self.gates & needed) == needed)

    @property
    def qualified(self) -> NDArray[np.bool_]:
        """Whether the lead qualifies; a score on the threshold does."""
        return np.asarray(self.open & (self.score >= self.model.threshold))


def score_codes(structure: Structure, digits: NDArray[np.uint8], model: ScoringModel) -> CodeScores:
    """A model applied to the answers of codes (`Structure.digits`), each of its questions being in the structure."""
    said = said_of(structure, digits, frozenset(range(len(structure.questions))), model)
    return CodeScores(model, said.fit, said.intent, said.known, said.gates | icp(said.fit, model))


class Said(NamedTuple):
    """What a model says of answers to some questions; as in `CodeScores`, without the gate ICP."""

    fit: NDArray[np.int16]
    intent: NDArray[np.int16]
    known: NDArray[np.int16]
    gates: NDArray[np.uint8]


def said_of(structure: Structure, digits: NDArray[np.uint8], places: frozenset[int], model: ScoringModel) -> Said:
    """A model's points, known values and gates as far as they depend on the questions at `places`."""
    known, gates = np.zeros(digits.shape[1], np.int16), np.zeros(digits.shape[1], np.uint8)
    for criterion in model.criteria:
        place = structure.answering(criterion)
        if place in places:
            known += 1 if criterion.kind is Kind.SIGNAL else digits[place] > 0
    for gate in (Gate.OVERLAP, Gate.ECOSYSTEM, Gate.BUYING, Gate.TRIGGERS, Gate.CONFIRMED, Gate.RECORDED):
        place = structure.place(of_gate(model, gate))
        if place in places:
            least = model.min_triggers if gate is Gate.TRIGGERS else 1
            gates |= (digits[place] >= least).astype(np.uint8) * np.uint8(gate)
    return Said(*points_of(structure, digits, places, model), known, gates)


def points_of(
    structure: Structure, digits: NDArray[np.uint8], places: frozenset[int], model: ScoringModel
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """A model's points of fit and of intent as far as they depend on the questions at `places`."""
    points = {Group.FIT: np.zeros(digits.shape[1], np.int16), Group.INTENT: np.zeros(digits.shape[1], np.int16)}
    for criterion in model.criteria:
        place = structure.answering(criterion)
        if place in places:
            points[criterion.group] += _points(criterion)[digits[place]]
    return points[Group.FIT], points[Group.INTENT]


def icp(fit: NDArray[np.int16], model: ScoringModel) -> NDArray[np.uint8]:
    """The gate ICP, by points of fit."""
    return np.where(fit >= model.icp_at_least, int(Gate.ICP), 0).astype(np.uint8)


def _points(criterion: Criterion) -> NDArray[np.int16]:
    """Points by answer: none where unknown, those of the levels in their order, none where no level is met."""
    return np.array([0, *(level.points for level in criterion.levels), 0], dtype=np.int16)
