"""How many leads stand at each score, worked and not, and what became of them? What the histogram is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.scoring.cells import MEASURES, ScoreCells, Work
from dashboard.scoring.exact_sums import summands, summed
from dashboard.scoring.model import ScoringModel


@dataclass(frozen=True, slots=True, eq=False)
class ScoreTable:
    """Leads by score under a model. `counts`: shape (kinds of work, measures, scores), scores from 0 to all points.

    `counts` hold leads whose required gates but the score are open, `closed` all others. Money in cents.
    """

    model: ScoringModel
    counts: NDArray[np.int64]
    closed: NDArray[np.int64]

    @property
    def scores(self) -> NDArray[np.int64]:
        """Every score."""
        return np.arange(self.counts.shape[2])

    def measure(self, name: str, *works: Work) -> NDArray[np.int64]:
        """One of MEASURES by score, of these kinds of work (all where none is named), of leads with open gates."""
        kinds = list(works or Work)
        return np.asarray(self.counts[kinds, MEASURES.index(name)].sum(axis=0))

    @property
    def never(self) -> NDArray[np.int64]:
        """Leads never worked, by score."""
        return self.measure("leads", Work.NEVER)

    @property
    def worked(self) -> NDArray[np.int64]:
        """Worked leads, by score."""
        return self.measure("leads", *WORKED)

    @property
    def won(self) -> NDArray[np.int64]:
        """Worked leads that were won, by score."""
        return self.measure("won", *WORKED)


WORKED = (Work.WORKED, Work.EXPERIMENT, Work.BY_RESULT)


def score_table(cells: ScoreCells, model: ScoringModel) -> ScoreTable:
    """The cells' leads by score; the structure of the cells holds the model's questions."""
    scored, top = cells.scored(model), model.fit_total + model.intent_total
    rows = cells.kept.get(ScoreTable)
    if not isinstance(rows, np.ndarray):
        rows = cells.kept[ScoreTable] = summands(cells.by_work.reshape(len(Work) * len(MEASURES), -1).T)
    groups = np.minimum(scored.score, top) + np.where(scored.open, 0, top + 1)
    shape = (2, top + 1, len(Work), len(MEASURES))
    found = summed(rows, groups, shape[0] * shape[1]).reshape(shape).transpose(0, 2, 3, 1)
    return ScoreTable(model, found[0], found[1])
