"""What do some leads come to, partner by partner? Only the cells of the profiles in question are looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from dashboard.scoring.cells import MEASURES, ScoreCells, Work
from dashboard.scoring.exact_sums import summands, summed
from dashboard.scoring.profiles import Profiles

# Columns of `PartnerCells.rows`: of worked leads, then of all.
OUTCOMES = ("worked", "sqls", "won", "pipeline", "arr", "old", "old_won", "all_pipeline", "all_arr")


@dataclass(frozen=True, slots=True, eq=False)
class PartnerCells:
    """Cells by profile and partner: `leads` of all, and OUTCOMES of those that have any, at `places` in `rows`.

    Most leads below the threshold were never worked and have none. Partners are in the order of `ScoreCells.partners`,
    followed by all leads without one. Both tables have a row a profile; several cells may share an entry.
    """

    partners: int
    leads: csr_array
    places: csr_array
    rows: NDArray[np.float64] | NDArray[np.int64]

    def leads_of(self, profiles: NDArray[np.intp], kinds: NDArray[np.intp], count: int) -> NDArray[np.int64]:
        """Leads of some profiles by kind and partner, shape (kinds, partners)."""
        of_kind = (kinds[:, None] == np.arange(count)).astype(np.float64)
        return np.asarray((self.leads[profiles].T @ of_kind).T, dtype=np.int64)

    def outcomes_of(self, profiles: NDArray[np.intp], kinds: NDArray[np.intp], count: int) -> NDArray[np.int64]:
        """OUTCOMES of some profiles by kind and partner, shape (kinds, partners, outcomes)."""
        chosen = self.places[profiles]
        groups = chosen.indices + np.repeat((kinds * self.partners).astype(np.int32), np.diff(chosen.indptr))
        found = summed(self.rows.take(chosen.data, axis=0), groups, count * self.partners)
        return found.reshape(count, self.partners, -1)


def partner_cells(cells: ScoreCells, profiles: Profiles) -> PartnerCells:
    """The cells by profile and partner; takes a pass over all of them."""
    order = _by_profile(cells, profiles)
    profile, partner = profiles.of[cells.code[order]], cells.partner_of.astype(np.int32)[cells.owner[order]]
    count = len(cells.partners) + 1
    own = dict(zip(MEASURES, cells.counts, strict=True))
    leads = own["leads"][order].astype(np.float64)
    observed = cells.work[order] != Work.NEVER
    some = np.flatnonzero(observed | (own["pipeline"][order] != 0) | (own["arr"][order] != 0))
    there, seen = order[some], observed[some]
    rows = [own["leads" if name == "worked" else name][there] * seen for name in OUTCOMES[:-2]]
    rows += [own["pipeline"][there], own["arr"][there]]
    return PartnerCells(
        count,
        _table(leads, profile, partner, (profiles.count, count)),
        _table(np.arange(len(some), dtype=np.int32), profile[some], partner[some], (profiles.count, count)),
        summands(np.stack(rows, axis=1)),
    )


def _by_profile(cells: ScoreCells, profiles: Profiles) -> NDArray[np.intp]:
    """The cells in the order of their profiles: those of a code stay together, so only codes are sorted."""
    codes = np.argsort(profiles.of, kind="stable")
    lengths = np.diff(cells.starts)[codes]
    ends = np.cumsum(lengths)
    return np.asarray(np.arange(len(cells.code)) + np.repeat(cells.starts[codes] - ends + lengths, lengths))


def _table(
    values: NDArray[np.float64] | NDArray[np.int32],
    profile: NDArray[np.intp],
    partner: NDArray[np.int32],
    shape: tuple[int, int],
) -> csr_array:
    starts = np.searchsorted(profile, np.arange(shape[0] + 1)).astype(np.int32)
    return csr_array((values, partner, starts), shape=shape)
