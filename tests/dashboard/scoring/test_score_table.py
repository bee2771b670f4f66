"""Does the histogram of scores hold every lead once, at its own score?"""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from dashboard.scoring.cells import MEASURES, Work
from dashboard.scoring.score_table import score_table
from dashboard.scoring.scorecard_file import default_model, parse
from dashboard.scoring.structure import structure_of
from dashboard.scoring.what_if import what_if
from tests.dashboard.scoring.lead_facts import Card, Lead, cells_of, points_of, random_leads, score_if_open
from tests.scorecards import random_card


def random_case(seed: int) -> tuple[Card, list[Lead]]:
    random = Random(seed)
    return random_card(random) | {"window_days": 90}, random_leads(random, 150)


@pytest.mark.parametrize("seed", range(20))
def test_every_lead_stands_at_its_score(seed: int) -> None:
    card, leads = random_case(seed)
    model = parse(card)
    table = score_table(cells_of(structure_of(model), leads), model)
    expected: Counter[tuple[int, int, bool]] = Counter()
    arr: Counter[tuple[int, int, bool]] = Counter()
    for lead in leads:
        key = (
            lead.work,
            points_of(lead, card, "fit") + points_of(lead, card, "intent"),
            score_if_open(lead, card) is not None,
        )
        expected[key] += 1
        arr[key] += lead.arr
    for work in Work:
        for score in table.scores.tolist():
            for part, is_open in ((table.counts, True), (table.closed, False)):
                assert part[work, MEASURES.index("leads"), score] == expected[(work, score, is_open)]
                assert part[work, MEASURES.index("arr"), score] == arr[(work, score, is_open)]


@pytest.mark.parametrize("seed", range(5))
def test_it_agrees_with_the_curves(seed: int) -> None:
    card, leads = random_case(seed)
    model = parse(card)
    cells = cells_of(structure_of(model), leads)
    table, curves = score_table(cells, model), what_if(cells, model, model).curves
    assert table.measure("leads")[::-1].cumsum()[::-1].tolist() == curves.qualified.tolist()
    assert table.never[::-1].cumsum()[::-1].tolist() == curves.never.tolist()
    assert table.worked[::-1].cumsum()[::-1].tolist() == curves.worked.tolist()
    assert table.won[::-1].cumsum()[::-1].tolist() == curves.won.tolist()


def test_no_leads() -> None:
    model = default_model()
    table = score_table(cells_of(structure_of(model), []), model)
    assert table.scores.tolist() == list(range(101))
    assert table.counts.sum() == table.closed.sum() == 0
