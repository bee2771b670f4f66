"""Which codes can no model tell apart? They are counted together once, and scored as one.

Whether the CRM calls a lead an EQL and whether its company overlaps never decide, a confirmation only where a model
requires it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dashboard.scoring.cells import TOTALS, ScoreCells
from dashboard.scoring.exact_sums import summands
from dashboard.scoring.halves import Halves, halves
from dashboard.scoring.model import Criterion, Gate, ScoringModel
from dashboard.scoring.structure import CodeScores, Flag, Question, of_gate

BOTH = 2  # different triggers that the both-trigger share asks for, whatever the model requires
# What is counted of profiles.
ROWS = (*TOTALS, "both_triggers")
# Gates that ask for signals and that a model may require.
ASKED = (Gate.ECOSYSTEM, Gate.BUYING, Gate.TRIGGERS)
MOST_VIEWS = 8


@dataclass(frozen=True, slots=True, eq=False)
class OpenView:
    """The profiles at `places`, whose gates are open: their entries in both halves, and ROWS, ready for `summed`.

    `everyone`: ROWS of all profiles, open or not.
    """

    places: NDArray[np.intp]
    fields: NDArray[np.intp]
    signals: NDArray[np.intp]
    rows: NDArray[np.float64] | NDArray[np.int64]
    everyone: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """Groups of codes that no model tells apart; `of` names each code's profile, `totals` are TOTALS by profile.

    `views`, `standings` and `triggers` keep what was derived for a choice of gates, an active model, a list of signals.
    """

    halves: Halves
    of: NDArray[np.intp]
    totals: NDArray[np.int64]
    views: dict[object, OpenView] = field(default_factory=dict)
    standings: dict[ScoringModel, object] = field(default_factory=dict)
    triggers: dict[Question, NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.totals.shape[1])

    def scored(self, model: ScoringModel) -> CodeScores:
        """What a model says of each profile."""
        return self.halves.scored(model)

    def both(self, model: ScoringModel) -> NDArray[np.bool_]:
        """Whether the leads of each profile have two different triggers of the model."""
        question = of_gate(model, Gate.TRIGGERS)
        if question not in self.triggers:
            signals = self.halves.signals
            self.triggers[question] = (signals.digits[self.halves.structure.place(question)] >= BOTH)[signals.of]
        return self.triggers[question]

    def open_to(self, model: ScoringModel) -> OpenView:
        """The profiles that pass the model's gates but ICP, which depends on points."""
        key = (model.requires & ~Gate.ICP, model.min_triggers, *(of_gate(model, gate) for gate in ASKED))
        view = self.views.get(key)
        if view is None:
            if len(self.views) >= MOST_VIEWS:
                self.views.clear()
            view = self.views[key] = self._view(model)
        return view

    def _view(self, model: ScoringModel) -> OpenView:
        needed = int(model.required & ~(Gate.SCORE | Gate.ICP))
        fields, signals = self.halves.fields, self.halves.signals
        _, said = self.halves.said(model)
        places = np.flatnonzero(((said.gates & needed) == needed)[signals.of])
        rows = np.vstack([self.totals, np.where(self.both(model), self.totals[0], 0)])
        return OpenView(places, fields.of[places], signals.of[places], summands(rows[:, places].T), rows.sum(axis=1))


def profiles_for(cells: ScoreCells, *models: ScoringModel) -> Profiles:
    """The profiles that these models may tell apart; kept with the cells."""
    gates: set[Question] = {of_gate(model, gate) for model in models for gate in ASKED}
    if any(Gate.CONFIRMED in model.requires for model in models):
        gates.add(Flag(Gate.CONFIRMED))
    key = frozenset(gates)
    found = cells.kept.get(key)
    if not isinstance(found, Profiles):
        found = cells.kept[key] = _profiles(cells, gates)
    return found


def _profiles(cells: ScoreCells, gates: set[Question]) -> Profiles:
    structure = cells.structure
    asked = np.array([isinstance(question, Criterion) or question in gates for question in structure.questions])
    codes, of = np.unique(structure.codes(cells.digits * asked[:, None]), return_inverse=True)
    order = np.argsort(of, kind="stable")
    firsts = np.searchsorted(of[order], np.arange(len(codes)))
    totals = np.add.reduceat(cells.totals[:, order], firsts, axis=1) if len(codes) else cells.totals
    return Profiles(halves(structure, structure.digits(codes)), of, totals)
