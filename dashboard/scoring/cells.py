"""How many leads of each kind are there, and what became of them? Cells by owner, code and sales work, in arrays.

Everything on the what-if page is computed from these; statistics need cells, not rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.scoring.halves import Halves, halves
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.structure import CodeScores, Structure


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

# One row each of `ScoreCells.totals`: leads with those never worked and those worked, outcomes of worked leads, and the
# money of all leads.
TOTALS = (
    "leads", "never", "worked", "sqls", "won", "lost", "open", "pipeline", "arr", "old", "old_won", "all_pipeline",
    "all_arr",
)  # fmt: skip

MOST_SCORED = 8


@dataclass(frozen=True, eq=False)
class ScoreCells:
    """Cells, ordered by code and then by owner. What is derived from them is computed once and kept with them.

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

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """Where the cells of each code begin, and after the last code where they end."""
        return np.searchsorted(self.code, np.arange(len(self.codes) + 1)).astype(np.intp)

    @cached_property
    def by_work(self) -> NDArray[np.int64]:
        """Sums by code, shape (kinds of work, measures, codes)."""
        found = np.zeros((len(MEASURES), len(Work) * len(self.codes)), np.int64)
        groups = self.work.astype(np.intp) * len(self.codes) + self.code
        for own, counts in zip(found, self.counts, strict=True):
            some = np.flatnonzero(counts)  # few cells have any outcome
            np.add.at(own, groups[some], counts[some])
        return found.reshape(len(MEASURES), len(Work), -1).transpose(1, 0, 2)

    @cached_property
    def totals(self) -> NDArray[np.int64]:
        """Sums by code, shape (rows of TOTALS, codes)."""
        everyone = self.by_work.sum(axis=0)
        observed = everyone - self.by_work[Work.NEVER]
        own = dict(zip(MEASURES, observed, strict=True))
        own["worked"], own["leads"] = own["leads"], everyone[MEASURES.index("leads")]
        own["never"] = own["leads"] - own["worked"]
        own |= {f"all_{name}": everyone[MEASURES.index(name)] for name in ("pipeline", "arr")}
        return np.stack([own[name] for name in TOTALS])

    @cached_property
    def partners(self) -> tuple[str, ...]:
        """Every partner among the owners, in order."""
        return tuple(sorted({owner.partner_id for owner in self.owners if owner.partner_id is not None}))

    @cached_property
    def partner_of(self) -> NDArray[np.intp]:
        """The place of each owner's partner in `partners`; one beyond the last where there is none."""
        places: dict[str | None, int] = {partner: place for place, partner in enumerate(self.partners)}
        return np.array([places.get(owner.partner_id, len(places)) for owner in self.owners], dtype=np.intp)

    @cached_property
    def kept(self) -> dict[object, object]:
        """What others derived from these cells and would derive again."""
        return {}

    @cached_property
    def halves(self) -> Halves:
        """The codes as pairs of answers, for scoring them fast."""
        return halves(self.structure, self.digits)

    def scored(self, model: ScoringModel) -> CodeScores:
        """What a model says of each code; the last few answers are kept."""
        found = self._scored.get(model)
        if found is None:
            if len(self._scored) >= MOST_SCORED:
                self._scored.clear()
            found = self._scored[model] = self.halves.scored(model)
        return found

    @cached_property
    def _scored(self) -> dict[ScoringModel, CodeScores]:
        return {}

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
