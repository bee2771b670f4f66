"""What do some leads come to, partner by partner? Only the cells of the profiles in question are looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.scoring.cells import MEASURES, ScoreCells, Work
from dashboard.scoring.exact_sums import summands, summed
from dashboard.scoring.profiles import Profiles

# Columns of `PartnerCells.outcomes`: of worked leads, then of all.
OUTCOMES = ("worked", "sqls", "won", "pipeline", "arr", "old", "old_won", "all_pipeline", "all_arr")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Rows of numbers, one a cell, ordered by profile; `starts` says where each profile begins."""

    starts: NDArray[np.int32]
    partner: NDArray[np.int32]
    rows: NDArray[np.float64] | NDArray[np.int64]

    def sums(self, profiles: NDArray[np.intp], kinds: NDArray[np.intp], shape: tuple[int, int]) -> NDArray[np.int64]:
        """Sums over some profiles, each being of a kind; shape (kinds, partners, numbers), `shape` the first two."""
        firsts = self.starts[profiles]
        lengths = self.starts[profiles + 1] - firsts
        cells = ranges(firsts, lengths)
        groups = self.partner[cells]
        groups += np.repeat((kinds * shape[1]).astype(np.int32), lengths)
        return summed(self.rows.take(cells, axis=0), groups, shape[0] * shape[1]).reshape(*shape, -1)


def ranges(firsts: NDArray[np.int32], lengths: NDArray[np.int32]) -> NDArray[np.int32]:
    """The whole numbers first … first + length − 1 of every pair, one after the other."""
    ends = np.cumsum(lengths)
    found = np.arange(int(ends[-1]) if len(ends) else 0, dtype=np.int32)
    found += np.repeat((firsts - ends + lengths).astype(np.int32), lengths)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class PartnerCells:
    """`leads` of all cells, and OUTCOMES of those that have any: most leads below the threshold were never worked.

    Partners are in the order of `ScoreCells.partners`, followed by all leads without one.
    """

    partners: int
    leads: Part
    outcomes: Part

    def leads_of(self, profiles: NDArray[np.intp], kinds: NDArray[np.intp], count: int) -> NDArray[np.int64]:
        """Leads of some profiles by kind and partner, shape (kinds, partners)."""
        return self.leads.sums(profiles, kinds, (count, self.partners))[:, :, 0]

    def outcomes_of(self, profiles: NDArray[np.intp], kinds: NDArray[np.intp], count: int) -> NDArray[np.int64]:
        """OUTCOMES of some profiles by kind and partner, shape (kinds, partners, outcomes)."""
        return self.outcomes.sums(profiles, kinds, (count, self.partners))


def partner_cells(cells: ScoreCells, profiles: Profiles) -> PartnerCells:
    """The cells by profile and partner; takes a pass over all of them."""
    codes = np.argsort(profiles.of, kind="stable")
    starts = cells.starts.astype(np.int32)
    order = ranges(starts[codes], np.diff(starts)[codes])
    profile = profiles.of[cells.code[order]]
    partner = cells.partner_of.astype(np.int32)[cells.owner[order]]
    own = dict(zip(MEASURES, cells.counts, strict=True))
    leads = Part(_starts(profile, profiles), partner, own["leads"][order].astype(np.float64)[:, None])
    observed = cells.work[order] != Work.NEVER
    some = np.flatnonzero(observed | (own["pipeline"][order] != 0) | (own["arr"][order] != 0))
    there, seen = order[some], observed[some]
    rows = [own["leads" if name == "worked" else name][there] * seen for name in OUTCOMES[:-2]]
    rows += [own["pipeline"][there], own["arr"][there]]
    outcomes = Part(_starts(profile[some], profiles), partner[some], summands(np.stack(rows, axis=1)))
    return PartnerCells(len(cells.partners) + 1, leads, outcomes)


def _starts(profile: NDArray[np.intp], profiles: Profiles) -> NDArray[np.int32]:
    return np.searchsorted(profile, np.arange(profiles.count + 1)).astype(np.int32)
