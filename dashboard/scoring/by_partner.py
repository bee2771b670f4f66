"""What do some codes hold, partner by partner? Only the cells of these codes are looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.scoring.cells import MEASURES, ScoreCells, Work
from dashboard.scoring.exact_sums import Summands, summands

# Rows of `PartnerCells.outcomes`: of worked leads, then of all.
OUTCOMES = ("worked", "sqls", "won", "pipeline", "arr", "old", "old_won", "all_pipeline", "all_arr")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Rows of numbers by cell, in the order of codes; `starts` says where each code begins."""

    starts: NDArray[np.intp]
    partner: NDArray[np.intp]
    rows: Summands

    def sums(self, codes: NDArray[np.intp], kinds: NDArray[np.intp], shape: tuple[int, int]) -> NDArray[np.int64]:
        """Sums over these codes, each being of a kind; shape (rows, kinds, partners), `shape` being the last two."""
        firsts = self.starts[codes]
        lengths = self.starts[codes + 1] - firsts
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        cells = np.arange(total) + np.repeat(firsts - ends + lengths, lengths)
        places = np.repeat(kinds * shape[1], lengths) + self.partner[cells]
        chosen = Summands(self.rows.rows[:, cells], {row: high[cells] for row, high in self.rows.high.items()})
        return chosen.by(places, shape[0] * shape[1]).reshape(-1, *shape)


@dataclass(frozen=True, slots=True, eq=False)
class PartnerCells:
    """`leads` by cell, and OUTCOMES of the cells that have any: most leads below the threshold were never worked.

    Partners are in the order of `ScoreCells.partners`, followed by all leads without one.
    """

    partners: int
    leads: Part
    outcomes: Part

    def leads_of(self, codes: NDArray[np.intp], kinds: NDArray[np.intp], count: int) -> NDArray[np.int64]:
        """Leads of some codes by kind of code and partner, shape (kinds, partners)."""
        return np.asarray(self.leads.sums(codes, kinds, (count, self.partners))[0])

    def outcomes_of(self, codes: NDArray[np.intp], kinds: NDArray[np.intp], count: int) -> NDArray[np.int64]:
        """OUTCOMES of some codes by kind of code and partner, shape (outcomes, kinds, partners)."""
        return self.outcomes.sums(codes, kinds, (count, self.partners))


def partner_cells(cells: ScoreCells) -> PartnerCells:
    """The cells by partner; takes a pass over all of them."""
    partner = cells.partner_of[cells.owner]
    leads = Part(cells.starts, partner, summands(cells.counts[:1]))
    own = dict(zip(MEASURES, cells.counts, strict=True))
    observed = cells.work != Work.NEVER
    some = np.flatnonzero(observed | (own["pipeline"] != 0) | (own["arr"] != 0))
    seen = observed[some]
    rows = [own["leads" if name == "worked" else name][some] * seen for name in OUTCOMES[:-2]]
    rows += [own["pipeline"][some], own["arr"][some]]
    outcomes = Part(np.searchsorted(some, cells.starts), partner[some], summands(np.stack(rows)))
    return PartnerCells(len(cells.partners) + 1, leads, outcomes)
