"""What would leads bring of which everything is known? Small companies scored by the model that comes with the program.

A lead's chance to win is logistic in its levels; it is worked when it qualifies, or by a random draw below. Nothing
here is shared with what estimates those chances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.scoring.cells import MEASURES, Owner, ScoreCells, Work, score_cells
from dashboard.scoring.model import Criterion, Gate, Kind, ScoringModel
from dashboard.scoring.scorecard_file import default_model
from dashboard.scoring.structure import AnyOf, Flag, HowMany, Structure, structure_of

NOBODY = (Owner(None, None),)


@dataclass(frozen=True)
class World:
    """Effects of the levels on the logit, by criterion; `base`: the logit of a lead without any."""

    model: ScoringModel
    structure: Structure
    effects: dict[str, np.ndarray]
    base: float
    seen: float
    below: float

    def chance(self, digits: np.ndarray) -> np.ndarray:
        """The chance to win of leads with these answers, if worked."""
        line = np.full(digits.shape[1], self.base)
        for place, question in enumerate(self.structure.questions):
            if isinstance(question, Criterion):
                line += self.effects[question.looks_at][digits[place]]
        return 1 / (1 + np.exp(-line))

    def digits(self, leads: int, rng: np.random.Generator) -> np.ndarray:
        """Answers of random leads: a known level mostly, signals with a chance that goes with a lead's interest."""
        interest = rng.normal(0, 0.8, leads)
        seen: dict[str, np.ndarray] = {}
        found = np.zeros((len(self.structure.questions), leads), dtype=np.uint8)
        for place, question in enumerate(self.structure.questions):
            if isinstance(question, Criterion) and question.kind is Kind.SIGNAL:
                here = rng.random(leads) < 1 / (1 + np.exp(-interest - self.seen))
                seen[question.looks_at] = here
                found[place] = np.where(here, 1, 2)
            elif isinstance(question, Criterion):
                known = rng.random(leads) < 0.95
                found[place] = np.where(known, rng.integers(1, len(question.levels) + 1, leads), 0)
        for place, question in enumerate(self.structure.questions):
            if isinstance(question, AnyOf):
                found[place] = np.any([seen[name] for name in question.signals if name in seen] or [[False]], axis=0)
            elif isinstance(question, HowMany):
                found[place] = np.sum([seen[name] for name in question.signals if name in seen], axis=0)
            elif isinstance(question, Flag):
                found[place] = 0
        return found

    def cells(self, leads: int, rng: np.random.Generator) -> ScoreCells:
        """Cells of so many random leads."""
        digits = self.digits(leads, rng)
        codes, place = np.unique(self.structure.codes(digits), return_inverse=True)
        own = self.structure.digits(codes)
        scored = score_cells(
            self.structure, NOBODY, np.zeros(len(codes), np.int32), codes, np.zeros(len(codes), np.uint8),
            np.zeros((len(MEASURES), len(codes)), np.int64), np.zeros(len(codes)),
        ).scored(self.model)  # fmt: skip
        random_few = rng.random(leads) < self.below
        work = np.where(scored.qualified[place], Work.WORKED, np.where(random_few, Work.EXPERIMENT, Work.NEVER))
        won = (rng.random(leads) < self.chance(own)[place]) & (work != Work.NEVER)
        both, cell = np.unique(place * 4 + work, return_inverse=True)
        counts = np.zeros((len(MEASURES), len(both)), np.int64)
        counts[MEASURES.index("leads")] = np.bincount(cell, minlength=len(both))
        counts[MEASURES.index("won")] = np.bincount(cell, won, len(both))
        return score_cells(
            self.structure, NOBODY, np.zeros(len(both), np.int32), codes[both // 4], (both % 4).astype(np.uint8),
            counts, np.zeros(len(both)),
        )  # fmt: skip


def world(
    seed: int,
    *,
    slope: float = 0.05,
    own: float = 0.0,
    base: float = -5.0,
    seen: float = 0.0,
    below: float = 0.05,
    model: ScoringModel | None = None,
) -> World:
    """A world in which a point adds `slope` to the logit, and each level an effect of its own with sd `own`."""
    rng = np.random.default_rng(seed)
    card = model or default_model()
    effects = {
        criterion.looks_at: np.array(
            [0.0, *(slope * level.points + rng.normal(0, own) for level in criterion.levels), 0.0]
        )
        for criterion in card.criteria
    }
    assert not card.requires & Gate.CONFIRMED
    return World(card, structure_of(card), effects, base, seen, below)
