"""Which scorecards were tried before this one, and which came after it, before somebody went back?"""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.scoring.model import ScoringModel

LONGEST = 50  # steps back


@dataclass(frozen=True, slots=True)
class Step:
    """A scorecard and what made it: the slider, preset or file that was used; empty where nobody says."""

    model: ScoringModel
    origin: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """The present scorecard with the steps before it, oldest first, and those that were undone, newest last."""

    present: Step
    past: tuple[Step, ...] = field(default=())
    undone: tuple[Step, ...] = field(default=())

    def put(self, model: ScoringModel, origin: str = "") -> History:
        """The history with a new present; what was undone is gone. Nothing happens where the model is the same."""
        if model == self.present.model:
            return self
        return History(Step(model, origin), (*self.past, self.present)[-LONGEST:])

    def undo(self) -> History:
        """One step back; the same history where there is none."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (*self.undone, self.present))

    def redo(self) -> History:
        """One step forward again; the same history where there is none."""
        if not self.undone:
            return self
        return History(self.undone[-1], (*self.past, self.present), self.undone[:-1])

    def before(self, origin: str) -> ScoringModel:
        """The scorecard before the unbroken run of steps of this origin that ends at the present.

        A slider that is moved again and again starts from it each time, so that rounding never adds up.
        """
        steps = [*self.past, self.present]
        while len(steps) > 1 and steps[-1].origin == origin:
            steps.pop()
        return steps[-1].model
