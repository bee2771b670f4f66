"""How many leads of each kind are there, and what became of them? Cells by owner, code and sales work, in arrays.

Everything on the what-if page is computed from these; statistics need cells, not rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.scoring.model import ScoringModel
from dashboard.scoring.structure import CodeScores, Structure, score_codes


class Work(IntEnum):
    """Whether sales worked a lead: not at all; assigned or contacted; so, but drawn at random below the threshold; or

    known only by what came of it (sales-qualified, or a deal), where the lead's source records no sales work at all.
    """

    NEVER = 0
    WORKED = 1
    EXPERIMENT = 2
    BY_RESULT = 3


class Owner(NamedTuple):
    """Whose leads these are; None where the data name nobody."""

    partner_id: str | None
    channel: str | None


# One column each of `ScoreCells.counts`. Money in cents of the reporting currency. `old`: created more than 180 days
# before `as_of`; `old_won` of them won.
MEASURES = ("leads", "sqls", "won", "lost", "open", "pipeline", "arr", "old", "old_won")


@dataclass(frozen=True, slots=True, eq=False)
class ScoreCells:
    """Cells, ordered by code and then by owner.

    Per cell: `owner` (place in `owners`), `code` (place in `codes`), `work` (a `Work`), `counts` (int64, shape
    (measures, cells) in the order of MEASURES), `arr_squares` (float64: the squared ARR of won leads, cents²).
    `digits` are the answers behind `codes`, shape (questions, codes).
    """

    structure: Structure
    owners: tuple[Owner, ...]
    codes: NDArray[np.int64]
    digits: NDArray[np.uint8]
    owner: NDArray[np.int32]
    code: NDArray[np.int32]
    work: NDArray[np.uint8]
    counts: NDArray[np.int64]
    arr_squares: NDArray[np.float64]

    def measure(self, name: str) -> NDArray[np.int64]:
        """One measure of every cell."""
        return np.asarray(self.counts[MEASURES.index(name)])

    def scored(self, model: ScoringModel) -> CodeScores:
        """What a model says of each code."""
        return score_codes(self.structure, self.digits, model)

    def of_owners(self, wanted: NDArray[np.bool_]) -> ScoreCells:
        """Only the cells of some owners (one flag an owner); owners and codes keep their places."""
        kept = wanted[self.owner]
        return ScoreCells(
            self.structure,
            self.owners,
            self.codes,
            self.digits,
            self.owner[kept],
            self.code[kept],
            self.work[kept],
            np.ascontiguousarray(self.counts[:, kept]),
            self.arr_squares[kept],
        )


def score_cells(
    structure: Structure,
    owners: tuple[Owner, ...],
    owner: NDArray[np.int32],
    code: NDArray[np.int64],
    work: NDArray[np.uint8],
    counts: NDArray[np.int64],
    arr_squares: NDArray[np.float64],
) -> ScoreCells:
    """Cells in any order, `code` being the code itself, put in order."""
    codes, places = np.unique(code, return_inverse=True)
    order = np.lexsort((owner, places))
    return ScoreCells(
        structure,
        owners,
        codes,
        structure.digits(codes),
        owner[order],
        places[order].astype(np.int32),
        work[order],
        np.ascontiguousarray(counts[:, order]),
        arr_squares[order],
    )
