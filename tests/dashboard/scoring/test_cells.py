"""Are cells put in order without losing any, and are their sums those of a loop?"""

from __future__ import annotations

from collections import Counter
from random import Random

import numpy as np
import pytest

from dashboard.scoring.cells import MEASURES, TOTALS, Owner, ScoreCells, Work, score_cells
from dashboard.scoring.exact_sums import summands, summed
from dashboard.scoring.scorecard_file import default_model, parse
from dashboard.scoring.structure import score_codes, structure_of
from tests.dashboard.scoring.lead_facts import cells_of, random_leads
from tests.scorecards import random_card

OWNERS = (Owner("P2", "a"), Owner(None, "a"), Owner("P1", "a"), Owner("P2", "b"))


def random_cells(seed: int) -> ScoreCells:
    random = Random(seed)
    model = parse(random_card(random) | {"window_days": 90})
    return cells_of(structure_of(model), random_leads(random, 200))


def test_cells_are_ordered_by_code_and_owner() -> None:
    """Codes 7, 3, 7 of owners 1, 2, 0 become 3 of owner 2, then 7 of owners 0 and 1."""
    counts = np.arange(27, dtype=np.int64).reshape(9, 3)
    cells = score_cells(
        structure_of(default_model()),
        OWNERS,
        np.array([1, 2, 0], np.int32),
        np.array([7, 3, 7]),
        np.array([0, 1, 2], np.uint8),
        counts,
        np.array([0.5, 1.5, 2.5]),
    )
    assert cells.codes.tolist() == [3, 7]
    assert (cells.code.tolist(), cells.owner.tolist(), cells.work.tolist()) == ([0, 1, 1], [2, 0, 1], [1, 2, 0])
    assert cells.counts.tolist() == counts[:, [1, 2, 0]].tolist()
    assert cells.arr_squares.tolist() == [1.5, 2.5, 0.5]
    assert cells.starts.tolist() == [0, 1, 3]
    assert (cells.partners, cells.partner_of.tolist()) == (("P1", "P2"), [1, 2, 0, 1])


@pytest.mark.parametrize("seed", range(10))
def test_sums_by_code_are_those_of_a_loop(seed: int) -> None:
    cells = random_cells(seed)
    expected: Counter[tuple[int, str, int]] = Counter()
    totals: Counter[tuple[str, int]] = Counter()
    for place in range(len(cells.code)):
        code, work = int(cells.code[place]), int(cells.work[place])
        own = dict(zip(MEASURES, cells.counts[:, place].tolist(), strict=True))
        for name, number in own.items():
            expected[(work, name, code)] += number
            totals[(name, code)] += number if work != Work.NEVER or name == "leads" else 0
        totals[("never" if work == Work.NEVER else "worked", code)] += own["leads"]
        for name in ("pipeline", "arr"):
            totals[(f"all_{name}", code)] += own[name]
    for code in range(len(cells.codes)):
        for work in Work:
            assert cells.by_work[work, :, code].tolist() == [expected[(work, name, code)] for name in MEASURES]
        assert cells.totals[:, code].tolist() == [totals[(name, code)] for name in TOTALS]


def test_cells_of_some_owners() -> None:
    cells = random_cells(3)
    wanted = np.array([owner.partner_id == "P3" for owner in cells.owners])
    own = cells.of_owners(wanted)
    assert own.counts.sum(axis=1).tolist() == cells.counts[:, wanted[cells.owner]].sum(axis=1).tolist()
    assert {cells.owners[place].partner_id for place in own.owner.tolist()} == {"P3"}
    assert own.totals.sum(axis=1).tolist() == [own.totals[row].sum() for row in range(len(TOTALS))]
    assert own.totals[0].sum() < cells.totals[0].sum() == 200


def test_scores_are_those_of_the_codes_and_kept() -> None:
    random = Random(9)
    cards = [random_card(random) | {"window_days": 90} for _ in range(2)]
    models = [parse(card | {"icp_at_least": points}) for card in cards for points in range(6)]
    cells = cells_of(structure_of(*models), random_leads(random, 100))
    for _ in range(2):
        for model in models:
            found = cells.scored(model)
            assert found.model == model
            whole = score_codes(cells.structure, cells.digits, model)
            assert (found.score == whole.score).all() and (found.gates == whole.gates).all()
    assert cells.scored(models[-1]) is cells.scored(models[-1])


def test_sums_by_group_beyond_what_floats_can_hold() -> None:
    """2^53 + 1 is no float; beside it stands a column that floats hold well, and a group without rows."""
    rows = summands(np.array([[2**53, 1], [1, 2], [2**62, 3]]))
    assert rows.dtype == np.int64
    assert summed(rows, np.array([0, 0, 2]), 4).tolist() == [[2**53 + 1, 3], [0, 0], [2**62, 3], [0, 0]]


def test_sums_that_floats_hold_are_summed_as_floats() -> None:
    rng = np.random.default_rng(1)
    numbers, groups = rng.integers(0, 2**40, (500, 3)), rng.integers(0, 7, 500)
    rows = summands(numbers)
    assert rows.dtype == np.float64
    expected = [numbers[groups == group].sum(axis=0).tolist() for group in range(7)]
    assert summed(rows, groups, 7).tolist() == expected


def test_credits_do_not_hide_large_sums() -> None:
    """Two large numbers that cancel each other leave the one cent between them."""
    rows = summands(np.array([[2**60], [1], [-(2**60)]]))
    assert summed(rows, np.zeros(3, np.int64), 1).tolist() == [[1]]


def test_no_rows_at_all() -> None:
    assert summed(summands(np.zeros((0, 2), np.int64)), np.zeros(0, np.int64), 2).tolist() == [[0, 0], [0, 0]]
