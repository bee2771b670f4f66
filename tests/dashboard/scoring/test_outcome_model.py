"""Which regime is it, who is left out, and what if there is nearly nothing to learn from?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.scoring.cells import MEASURES, Owner, ScoreCells, Work, score_cells
from dashboard.scoring.expected import expected_of
from dashboard.scoring.outcome_model import OutcomeModel, Regime, fit
from tests.calibration.outcomes_worlds import Setting, Who, World, scorecard, world

SMALL = {"leads": 6000, "partners": 8}


def simulated(who: Who, **changes: float) -> World:
    return world(Setting(who, **(SMALL | changes)), np.random.default_rng(11))


def fitted(one: World) -> OutcomeModel:
    model = fit(one.cells, one.model)
    assert model is not None
    return model


def with_work(cells: ScoreCells, work: np.ndarray) -> ScoreCells:
    return replace(cells, work=work.astype(np.uint8))


@pytest.mark.parametrize(
    ("who", "regime"), ((Who.NOBODY, Regime.NOBODY), (Who.RANDOM, Regime.RANDOM), (Who.HUNCH, Regime.CHOSEN))
)
def test_regime_is_seen(who: Who, regime: Regime) -> None:
    assert fitted(simulated(who)).regime is regime


def test_unflagged_work_below_the_threshold_is_a_choice_even_if_it_was_random() -> None:
    one = simulated(Who.RANDOM)
    unflagged = np.where(one.cells.work == Work.EXPERIMENT, Work.WORKED, one.cells.work)
    model = fit(with_work(one.cells, unflagged), one.model)
    assert model is not None and model.regime is Regime.CHOSEN and model.alarm is not None


def test_a_few_strays_do_not_make_a_choice() -> None:
    one = simulated(Who.NOBODY)
    closed = np.flatnonzero(~one.scores.qualified[one.cells.code] & (one.cells.measure("leads") == 1))
    work = one.cells.work.copy()
    work[closed[:20]] = Work.WORKED
    model = fit(with_work(one.cells, work), one.model)
    assert model is not None and model.regime is Regime.NOBODY and model.worked.chosen == 20


def test_leads_known_by_result_teach_nothing() -> None:
    one = simulated(Who.NOBODY)
    before = fitted(one)
    extra = np.flatnonzero(one.cells.work == Work.NEVER)[:500]
    work, counts = one.cells.work.copy(), one.cells.counts.copy()
    work[extra] = Work.BY_RESULT
    counts[MEASURES.index("won"), extra] = counts[0, extra]
    after = fit(replace(one.cells, work=work, counts=counts), one.model)
    assert after is not None
    assert after.worked == before.worked
    assert after.win.beta == pytest.approx(before.win.beta)


def test_nobody_worked_gives_no_model() -> None:
    one = simulated(Who.NOBODY)
    assert fit(with_work(one.cells, np.zeros(len(one.cells.work))), one.model) is None


def empty(one: World) -> ScoreCells:
    nothing = np.empty(0, np.int64)
    return score_cells(
        one.cells.structure, (), nothing.astype(np.int32), nothing, nothing.astype(np.uint8),
        np.empty((len(MEASURES), 0), np.int64), np.empty(0),
    )  # fmt: skip


def test_no_leads_at_all() -> None:
    one = simulated(Who.RANDOM)
    assert fit(empty(one), one.model) is None
    found = expected_of(fitted(one), empty(one), np.empty(0))
    assert (found.leads, found.wins.value, found.supported, found.refused) == (0, 0.0, None, False)


@pytest.mark.parametrize("share", (0.0, 1.0))
def test_all_lost_and_all_won(share: float) -> None:
    one = simulated(Who.RANDOM)
    counts = one.cells.counts.copy()
    for name in ("won", "sqls"):
        counts[MEASURES.index(name)] = counts[0] * (one.cells.work != Work.NEVER) * share
    counts[MEASURES.index("arr")] = counts[MEASURES.index("won")] * 100
    cells = replace(one.cells, counts=counts, arr_squares=counts[MEASURES.index("won")] * 1e4)
    model = fit(cells, one.model)
    assert model is not None and (model.amount is None) == (share == 0.0)
    signs = one.scores.score.astype(float) >= 50
    found = expected_of(model, cells, signs.astype(float)).continued
    assert found.wins.value is not None and found.wins.low is not None and found.wins.high is not None
    asked = float(signs @ (one.cells.by_work[Work.NEVER][0]))
    assert 0 <= found.wins.low <= found.wins.value <= found.wins.high <= asked
    assert found.wins.value / asked == pytest.approx(share, abs=0.05)
    if share:
        assert found.arr.value == pytest.approx(100 * found.wins.value, rel=0.05)


def test_one_partner() -> None:
    one = simulated(Who.RANDOM, partners=1)
    model = fitted(one)
    assert len(model.groups) == 1
    assert expected_of(model, one.cells, one.scores.qualified.astype(float)).wins.value is not None


def test_a_partner_unseen_in_training_gets_the_mean_of_all_with_their_spread() -> None:
    one = simulated(Who.RANDOM)
    model = fitted(one)
    strangers = replace(one.cells, owners=tuple(Owner(f"X{n}", "partner") for n in range(len(one.cells.owners))))
    signs = (one.scores.score >= 60).astype(float)
    known, unknown = (expected_of(model, cells, signs).continued.wins for cells in (one.cells, strangers))
    assert known.value is not None and unknown.value is not None
    assert unknown.value == pytest.approx(known.value, rel=0.3)
    assert unknown.high - unknown.low > known.high - known.low  # type: ignore[operator]


def test_a_channel_stands_in_for_a_partner() -> None:
    one = simulated(Who.RANDOM)
    direct = replace(one.cells, owners=tuple(Owner(None, "direct") for _ in one.cells.owners))
    model = fit(direct, one.model)
    assert model is not None and model.groups == {("channel", "direct"): 0}


def test_another_scale_and_threshold_give_the_same_answer() -> None:
    """Ten times the points and ten times the threshold is the same scorecard."""
    one = simulated(Who.RANDOM)
    grown = replace(
        scorecard(700), fit_total=400, intent_total=600,
        criteria=tuple(
            replace(each, levels=tuple(replace(level, points=level.points * 10) for level in each.levels))
            for each in one.model.criteria
        ),
    )  # fmt: skip
    signs = (one.scores.score >= 60).astype(float)
    plain = expected_of(fitted(one), one.cells, signs)
    large = fit(one.cells, grown)
    assert large is not None
    found = expected_of(large, one.cells, signs)
    assert found.continued.wins.value == pytest.approx(plain.continued.wins.value, rel=1e-4)
    assert found.supported == pytest.approx(plain.supported)
