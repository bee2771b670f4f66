"""Does the CRM's score say what the scorecard says, and which field's loss on the way would explain the difference?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dashboard.domain import Estimate
from dashboard.metrics.intervals import rate
from dashboard.scoring.model import Criterion, Kind, ScoringModel
from dashboard.scoring.structure import Structure, asked, score_codes

NEAR = 0.5  # points; scores are whole numbers, and a CRM may keep them as decimals

# Which import may have brought a field late; the names of `data_access.crm_score.LATE`.
_TABLES = {"account": 1, "asset": 2, "partner": 4}


@dataclass(frozen=True, slots=True)
class FieldMismatch:
    """One line of the scorecard and the leads whose scores differ.

    `unknown` of them have no value here, `known` have one; the means are CRM score minus recomputed score, None where
    there are none. `late`: the field's row was imported after the lead's. `explained`: the CRM is lower by exactly the
    points of this line, as if the field had been lost; `alone`: and no other line gives just as many.
    """

    criterion: Criterion
    unknown: int
    unknown_mean: float | None
    known: int
    known_mean: float | None
    late: int
    explained: int
    alone: int


@dataclass(frozen=True, slots=True)
class CrmScores:
    """CRM scores against recomputed ones. `without`: leads for which the CRM holds none.

    `agree`: share of the others whose scores are equal. `differences`: (CRM minus recomputed, rounded; leads), by
    difference, equal ones among them. `mean`: of those that differ. `fields`: the most often explaining first.
    """

    leads: int
    without: int
    differing: int
    agree: Estimate
    mean: float | None
    differences: tuple[tuple[int, int], ...]
    fields: tuple[FieldMismatch, ...]


def crm_scores(cells: pl.DataFrame, structure: Structure, model: ScoringModel) -> CrmScores:
    """From cells code, crm_score, late, leads (`data_access.crm_score.crm_score_cells`) under a model."""
    scored = cells.filter(pl.col("crm_score").is_not_null() & pl.col("crm_score").is_finite())
    leads = scored["leads"].to_numpy().astype(np.int64)
    digits = structure.digits(scored["code"].to_numpy().astype(np.int64))
    ours = score_codes(structure, digits, model).score
    gap: NDArray[np.float64] = scored["crm_score"].to_numpy() - ours.astype(np.float64)
    differs = np.abs(gap) >= NEAR
    every, apart = int(leads.sum()), int(leads[differs].sum())
    found = _Differing(structure, digits[:, differs], gap[differs], leads[differs], scored["late"].to_numpy()[differs])
    return CrmScores(
        every,
        int(cells["leads"].sum()) - every,
        apart,
        rate(every - apart, every),
        _mean(gap[differs], leads[differs]),
        tuple(_counted(np.rint(gap).astype(np.int64), leads)),
        tuple(_fields(found, model)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Differing:
    """Cells whose CRM score is another one."""

    structure: Structure
    digits: NDArray[np.uint8]
    gap: NDArray[np.float64]
    leads: NDArray[np.int64]
    late: NDArray[np.int64]


def _fields(found: _Differing, model: ScoringModel) -> list[FieldMismatch]:
    lost = np.stack([_explains(found, each) for each in model.criteria]) if model.criteria else np.zeros((0, 0), bool)
    alone = lost.sum(axis=0) == 1
    rows = [_field(found, each, lost[place], alone) for place, each in enumerate(model.criteria)]
    return sorted(rows, key=lambda own: (-own.alone, -own.explained, -own.unknown, own.criterion.name))


def _explains(found: _Differing, criterion: Criterion) -> NDArray[np.bool_]:
    """Where the CRM lacks exactly the points that this line gives."""
    points = np.array([0, *(level.points for level in criterion.levels), 0])
    given = points[found.digits[found.structure.place(asked(criterion))]]
    return np.asarray((given > 0) & (np.abs(found.gap + given) < NEAR))


def _field(found: _Differing, criterion: Criterion, lost: NDArray[np.bool_], alone: NDArray[np.bool_]) -> FieldMismatch:
    answers = found.digits[found.structure.place(asked(criterion))]
    known = answers > 0 if criterion.kind is not Kind.SIGNAL else np.ones(len(answers), dtype=bool)
    bit = 0 if criterion.kind is Kind.SIGNAL else _TABLES.get(criterion.looks_at.split(".")[0], 0)
    return FieldMismatch(
        criterion,
        int(found.leads[~known].sum()),
        _mean(found.gap[~known], found.leads[~known]),
        int(found.leads[known].sum()),
        _mean(found.gap[known], found.leads[known]),
        int(found.leads[(found.late & bit) > 0].sum()),
        int(found.leads[lost].sum()),
        int(found.leads[lost & alone].sum()),
    )


def _mean(values: NDArray[np.float64], weights: NDArray[np.int64]) -> float | None:
    return float(np.average(values, weights=weights)) if weights.sum() else None


def _counted(values: NDArray[np.int64], weights: NDArray[np.int64]) -> list[tuple[int, int]]:
    different, places = np.unique(values, return_inverse=True)
    sums = np.zeros(len(different), dtype=np.int64)
    np.add.at(sums, places, weights)
    return list(zip(different.tolist(), sums.tolist(), strict=True))
