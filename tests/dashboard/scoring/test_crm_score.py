"""Is it said right how often the CRM's score is another one, and which field's loss would explain it?"""

from __future__ import annotations

import numpy as np
import polars as pl

from dashboard.scoring.crm_score import crm_scores
from dashboard.scoring.scorecard_file import parse
from dashboard.scoring.structure import structure_of

MODEL = parse(
    {
        "name": "Three lines",
        "threshold": 10,
        "min_triggers": 0,
        "required_gates": [],
        "criteria": [
            {"name": "size", "group": "fit", "field": "account.employees", "levels": [
                {"name": "small", "points": 4, "below": 50}, {"name": "large", "points": 12, "from": 50}]},
            {"name": "industry", "group": "fit", "field": "account.industry", "levels": [
                {"name": "core", "points": 8, "any_of": ["software"]}]},
            {"name": "demo", "group": "intent", "signal": "demo_request", "levels": [
                {"name": "seen", "points": 12, "at_least": 1}]},
        ],
    }
)  # fmt: skip
STRUCTURE = structure_of(MODEL)


def cells(*rows: tuple[int, int, int, float | None, int, int]) -> pl.DataFrame:
    """Rows of size, industry and demo as answers, CRM score, late bits, leads."""
    digits = np.zeros((len(STRUCTURE.questions), len(rows)), dtype=np.uint8)
    for place, row in enumerate(rows):
        digits[:3, place] = row[:3]
    return pl.DataFrame(
        {
            "code": STRUCTURE.codes(digits),
            "crm_score": [row[3] for row in rows],
            "late": [row[4] for row in rows],
            "leads": [row[5] for row in rows],
        },
        schema_overrides={"crm_score": pl.Float64, "late": pl.Int64, "leads": pl.Int64},
    )


def test_worked_example() -> None:
    # Answers: size 1 small (4), 2 large (12), 0 unknown; industry 1 core (8), 2 another (0); demo 1 seen (12), 2 not.
    found = crm_scores(
        cells(
            (2, 1, 2, 20.0, 0, 50),  # 12 + 8 = 20: equal
            (2, 1, 2, 20.4, 0, 10),  # a decimal, equal all the same
            (2, 1, 2, 8.0, 1, 6),  # 12 too few: exactly the size, which was imported late
            (2, 1, 1, 20.0, 0, 3),  # 32 against 20: 12 too few, the size or the demo
            (1, 1, 2, 4.0, 0, 2),  # 12 against 4: 8 too few, the industry
            (0, 2, 1, 20.0, 0, 4),  # 12 against 20: 8 too many; the size is unknown here
            (1, 1, 2, None, 0, 25),  # no score in the CRM
        ),
        STRUCTURE,
        MODEL,
    )
    assert (found.leads, found.without, found.differing) == (75, 25, 15)
    assert found.agree.value == 60 / 75 and found.agree.n == 75
    # (6 × −12 + 3 × −12 + 2 × −8 + 4 × 8) ÷ 15 = −92 ÷ 15
    assert found.mean is not None and abs(found.mean + 92 / 15) < 1e-12
    assert found.differences == ((-12, 9), (-8, 2), (0, 60), (8, 4))
    size, industry, demo = found.fields
    assert [own.criterion.name for own in found.fields] == ["size", "industry", "demo"]
    assert (size.alone, size.explained, size.unknown, size.unknown_mean, size.known, size.late) == (6, 9, 4, 8.0, 11, 6)
    assert size.known_mean is not None and abs(size.known_mean + 124 / 11) < 1e-12
    assert (industry.alone, industry.explained, industry.unknown, industry.unknown_mean, industry.late) == (
        2,
        2,
        0,
        None,
        6,
    )
    assert (demo.alone, demo.explained, demo.known, demo.late) == (0, 3, 15, 0)


def test_nothing_to_compare() -> None:
    nothing = crm_scores(cells(), STRUCTURE, MODEL)
    assert (nothing.leads, nothing.without, nothing.agree.value, nothing.mean, nothing.differences) == (
        0,
        0,
        None,
        None,
        (),
    )
    without = crm_scores(cells((1, 1, 1, None, 0, 7), (1, 1, 1, float("nan"), 0, 1)), STRUCTURE, MODEL)
    assert (without.leads, without.without, without.differing) == (0, 8, 0)
