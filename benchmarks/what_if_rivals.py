"""The same what-if by pandas over rows, by SQL over rows and by SQL over the rollup's cells: what cells are beside."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from dashboard.scoring.model import Gate, ScoringModel
from dashboard.scoring.structure import Structure, of_gate

# Outcomes of worked leads, summed by partner and by score.
SUMS = ("worked", "sqls", "won", "lost", "open", "old", "old_won", "pipeline", "arr")


def with_pandas(rows: pd.DataFrame, structure: Structure, model: ScoringModel) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A rerun over rows as one writes it: columns mapped to points, added up, compared with the threshold, grouped.

    By partner: qualified and gained leads and outcomes; by score: leads at or above it and their outcomes.
    """
    score = pd.Series(0, index=rows.index)
    for place, points in _points(structure, model):
        score += rows[f"d{place}"].map(dict(enumerate(points)))
    is_open = pd.Series(True, index=rows.index)
    for place, least in _gates(structure, model):
        is_open &= rows[f"d{place}"] >= least
    qualified = rows[is_open & (score >= model.threshold)]
    groups = qualified.groupby("partner")
    by_partner = groups[list(SUMS)].sum()
    by_partner["leads"] = groups.size()
    by_partner["gained"] = (~qualified.was).groupby(qualified.partner).sum()
    opened = rows[is_open].groupby(score[is_open])
    by_score = opened[list(SUMS)].sum()
    by_score["leads"] = opened.size()
    return by_partner, by_score[::-1].cumsum()


def sql_over_rows(structure: Structure, model: ScoringModel) -> str:
    """One query over a table `lead` with a column for each digit."""
    return _sql("lead", lambda place: f"d{place}", "count(*)", structure, model)


def sql_over_cells(structure: Structure, model: ScoringModel) -> str:
    """One query over a table `cell` with codes, whose digits are worked out by division."""
    return _sql(
        "cell",
        lambda place: f"((code / {structure.weights[place]}) % {structure.sizes[place]})",
        "sum(leads)",
        structure,
        model,
    )


def _sql(table: str, digit: Callable[[int], str], count: str, structure: Structure, model: ScoringModel) -> str:
    """Rows: partner or score, leads, gained leads (by partner only), outcomes. The table is read once."""
    score = " + ".join(
        f"CASE {digit(place)} {' '.join(f'WHEN {answer} THEN {each}' for answer, each in enumerate(points))} END"
        for place, points in _points(structure, model)
    )
    opened = " AND ".join(f"{digit(place)} >= {least}" for place, least in _gates(structure, model))
    sums = ", ".join(f"sum({name}) AS {name}" for name in SUMS)
    return f"""
WITH summed AS (
    SELECT partner, {score} AS score, was, {count} AS leads, {sums} FROM {table} WHERE {opened} GROUP BY 1, 2, 3
)
SELECT partner, NULL AS score, sum(leads), coalesce(sum(leads) FILTER (WHERE NOT was), 0), {sums}
FROM summed WHERE score >= {model.threshold} GROUP BY partner
UNION ALL
SELECT NULL, score, sum(leads), NULL, {sums} FROM summed GROUP BY score"""  # noqa: S608 (names and whole numbers of our own models)


def _points(structure: Structure, model: ScoringModel) -> list[tuple[int, list[int]]]:
    """Per criterion: which digit answers it, and the points of each answer."""
    return [
        (structure.answering(criterion), [0, *(level.points for level in criterion.levels), 0])
        for criterion in model.criteria
    ]


def _gates(structure: Structure, model: ScoringModel) -> list[tuple[int, int]]:
    """Which digit must be how large at least for the gates to be open."""
    gates = [gate for gate in (Gate.ECOSYSTEM, Gate.BUYING, Gate.CONFIRMED) if gate in model.requires]
    needed = [(structure.place(of_gate(model, gate)), 1) for gate in gates]
    return [*needed, (structure.place(of_gate(model, Gate.TRIGGERS)), model.min_triggers)]
