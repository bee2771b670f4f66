"""Where do the leads stand under the active model? What every scenario is compared with, computed once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dashboard.scoring.by_partner import PartnerCells, partner_cells
from dashboard.scoring.cells import ScoreCells
from dashboard.scoring.expected import Expected
from dashboard.scoring.model import Gate, ScoringModel
from dashboard.scoring.profiles import BOTH, Profiles, profiles_for
from dashboard.scoring.structure import of_gate


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The active model's side. `qualified` by profile; `counts`: ROWS of all qualified leads.

    By partner: qualified `leads`, those of them with two triggers (`both`), recorded EQLs and those of them with two,
    and OUTCOMES of qualified leads. `expected` keeps what qualified leads never worked would have brought.
    """

    active: ScoringModel
    profiles: Profiles
    qualified: NDArray[np.bool_]
    counts: NDArray[np.int64]
    partner_cells: PartnerCells
    leads: NDArray[np.int64]
    both: NDArray[np.int64]
    recorded: NDArray[np.int64]
    recorded_both: NDArray[np.int64]
    outcomes: NDArray[np.int64]
    expected: dict[object, Expected] = field(default_factory=dict)


def standing(cells: ScoreCells, active: ScoringModel, model: ScoringModel) -> Standing:
    """The active model's side, of profiles that tell both models' leads apart; kept with the cells."""
    profiles = profiles_for(cells, active, model)
    found = profiles.standings.get(active)
    if not isinstance(found, Standing):
        found = profiles.standings[active] = _standing(cells, active, profiles)
    return found


def _standing(cells: ScoreCells, active: ScoringModel, profiles: Profiles) -> Standing:
    qualified, both = profiles.scored(active).qualified, profiles.both(active)
    by_partner = partner_cells(cells, profiles)
    own = np.flatnonzero(qualified)
    leads = by_partner.leads_of(own, both[own].astype(np.intp), 2)
    recorded = _recorded(cells, active)
    return Standing(
        active,
        profiles,
        qualified,
        np.append(profiles.totals[:, own].sum(axis=1), profiles.totals[0, own] @ both[own]),
        by_partner,
        leads.sum(axis=0),
        leads[1],
        recorded.sum(axis=0),
        recorded[1],
        by_partner.outcomes_of(own, np.zeros_like(own), 1)[0],
    )


def _recorded(cells: ScoreCells, active: ScoringModel) -> NDArray[np.int64]:
    """Leads that the CRM calls EQLs, without and with two triggers of the model, by partner."""
    structure, count = cells.structure, len(cells.partners) + 1
    both = cells.digits[structure.place(of_gate(active, Gate.TRIGGERS))] >= BOTH
    recorded = cells.digits[structure.place(of_gate(active, Gate.RECORDED))] > 0
    own = np.flatnonzero(recorded[cells.code])
    groups = both[cells.code[own]] * count + cells.partner_of[cells.owner[own]]
    found = np.bincount(groups, cells.measure("leads")[own], 2 * count)
    return found.astype(np.int64).reshape(2, count)
