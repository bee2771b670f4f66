"""Leads on a scorecard of two criteria with five levels each, so that a test can say who has which score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dashboard.scoring.cells import MEASURES, Owner, ScoreCells, Work, score_cells
from dashboard.scoring.expected import UNKNOWN, Continuation, Expected, Part, Range
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.scorecard_file import parse
from dashboard.scoring.structure import structure_of
from dashboard.scoring.what_if import WhatIf, what_if
from dashboard.views.what_if_numbers import Basis, Desk

SIZES = (10, 100, 1_000, 10_000, 100_000)
ACTIVE: ScoringModel = parse(
    {
        "format": 1,
        "name": "Toy",
        "threshold": 70,
        "min_triggers": 0,
        "trigger_signals": ["demo", "webinar"],
        "required_gates": [],
        "criteria": [
            {"name": "size", "group": "fit", "field": "account.employees", "levels": [
                {"name": f"below {size}", "points": 10 * place, "below": size,
                 **({"from": SIZES[place - 1]} if place else {})}
                for place, size in enumerate(SIZES)
            ]},
            {"name": "demo", "group": "intent", "signal": "demo", "levels": [
                {"name": f"{times} times", "points": 15 * times, "at_least": times} for times in (4, 3, 2, 1)
            ]},
        ],
    }
)  # fmt: skip


@dataclass(frozen=True)
class Leads:
    """So many leads of a score (fit 0–40 in tens, intent 0–60 in fifteens), worked or not, and what came of them."""

    score: tuple[int, int]
    number: int
    work: Work = Work.NEVER
    won: int = 0
    sqls: int = 0
    arr: int = 0  # cents
    pipeline: int = 0  # cents
    open: int = 0
    old: int = 0
    old_won: int = 0
    owner: int = 0


OWNERS = (Owner("A", "partner"), Owner("B", "partner"))


def cells_of(leads: Sequence[Leads], *models: ScoringModel) -> ScoreCells:
    """The leads as cells."""
    structure = structure_of(ACTIVE, *models)
    size, demo = (structure.place(question) for question in structure.questions[:2])
    digits = np.zeros((len(structure.questions), len(leads)), np.uint8)
    for place, own in enumerate(leads):
        fit, intent = own.score
        digits[size, place] = fit // 10 + 1
        digits[demo, place] = 5 - intent // 15 if intent else 5
        for triggers, question in enumerate(structure.questions):
            if type(question).__name__ == "HowMany":
                digits[triggers, place] = 2 if intent else 0
    counts = np.array(
        [[own.number, own.sqls, own.won, 0, own.open, own.pipeline, own.arr, own.old, own.old_won] for own in leads],
        np.int64,
    ).T.reshape(len(MEASURES), -1)
    return score_cells(
        structure, OWNERS, np.array([own.owner for own in leads], np.int32), structure.codes(digits),
        np.array([own.work for own in leads], np.uint8), counts, np.zeros(len(leads)),
    )  # fmt: skip


def found_of(leads: Sequence[Leads], model: ScoringModel | None = None, **changes: object) -> WhatIf:
    """The what-if of a scenario: another model, or the active one with changed fields."""
    model = model or replace(ACTIVE, **changes)
    return what_if(cells_of(leads, model), model, ACTIVE)


def estimated(
    found: WhatIf, wins: tuple[float, float, float], *, leads: int, dropped: int = 0, supported: float = 1.0
) -> WhatIf:
    """The same with an estimate of the change in wins; refused where less than half is supported."""
    between = Range(*wins)
    refused = supported < 0.5
    nobody = np.zeros(len(OWNERS))
    shown = UNKNOWN if refused else between
    sides = (Part(number, between, between, UNKNOWN) for number in (leads, dropped))
    continued = Continuation(between, between, UNKNOWN, nobody, nobody, *sides, 0.0)
    change = Expected(
        leads=leads, dropped=dropped, wins=shown, sqls=shown, arr=shown, supported=supported, refused=refused,
        bound=41.4, bound_arr=None, wins_by_owner=None if refused else nobody,
        arr_by_owner=None if refused else nobody, continued=continued,
    )  # fmt: skip
    return replace(found, expected_change=change)


def basis(**changes: object) -> Basis:
    """A quarter of 13 weeks and a sales desk that works 100 leads a week."""
    return replace(Basis("Q3 2026", 13.0, "USD", Desk(5, 20.0, 50.0), 6_500.0), **changes)  # type: ignore[arg-type]
