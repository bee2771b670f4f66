"""Do bands hold the leads they say, and do shift and slope see predictions that are off?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from dashboard.domain import NOTHING
from dashboard.metrics.intervals import rate
from dashboard.scoring.calibration import calibration, pooled, predicted_chances
from dashboard.scoring.discrimination import worked_outcomes
from dashboard.scoring.outcome_model import fit
from tests.dashboard.scoring.quality_worlds import world


def test_worked_by_hand() -> None:
    """120 leads at 72 (30 won), 60 at 78 (30 won), 20 at 90 (15 won); 0.3 predicted for all.

    90 has fewer than 50 leads, so it goes with 75–89 to 75–100: 80 leads, 45 won. Below: 70–74 with 30 of 120.
    75 of 200 were won, 60 predicted. The shift is logit(75/200) − logit(0.3) = −0.511 + 0.847 = 0.336.
    """
    score, leads, won = np.array([72, 78, 90]), np.array([120, 60, 20]), np.array([30, 30, 15])
    found = calibration(score, won, leads, np.full(3, 0.3))
    assert [(band.low, band.high, band.won) for band in found.bands] == [(70, 74, 30), (75, 100, 45)]
    assert [band.observed for band in found.bands] == [rate(30, 120), rate(45, 80)]
    assert [band.off for band in found.bands] == [False, True]
    assert (found.leads, found.won, found.expected) == (200, 75, pytest.approx(60))
    assert found.shift.value == pytest.approx(np.log(75 / 125) - np.log(3 / 7))
    assert found.slope == NOTHING  # predictions that do not differ have none


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 80)), max_size=40))
def test_every_lead_is_in_one_band(drawn: list[tuple[int, int]]) -> None:
    score, leads = (np.array([own[place] for own in drawn], dtype=np.int64) for place in (0, 1))
    won = leads // 3
    found = calibration(score, won, leads, None)
    assert sum(band.observed.n for band in found.bands) == found.leads == leads.sum()
    assert sum(band.won for band in found.bands) == won.sum()
    for lower, upper in zip(found.bands, found.bands[1:], strict=False):
        assert lower.high < upper.low
    for band in found.bands:
        assert band.low % 5 == 0 and band.predicted is None and not band.off
        assert band.observed.n >= 50 or len(found.bands) == 1


def test_shift_and_slope_find_what_was_done_to_the_predictions() -> None:
    """Outcomes exactly as chances say; predicted logits twice as far out, and 0.5 too high: slope ½, intercept off."""
    line = np.linspace(-2, 1, 31)
    leads = np.full(31, 10**7)
    won = np.round(leads * expit(line)).astype(np.int64)
    found = calibration(np.arange(31), won, leads, expit(2 * line + 0.5))
    assert found.slope.value == pytest.approx(0.5, abs=1e-3)
    right = calibration(np.arange(31), won, leads, expit(line))
    assert (right.slope.value, right.shift.value) == (pytest.approx(1, abs=1e-3), pytest.approx(0, abs=1e-3))
    assert not any(band.off for band in right.bands)


def test_nothing_to_predict() -> None:
    nobody = np.zeros(0, np.int64)
    found = calibration(nobody, nobody, nobody, np.zeros(0))
    assert (found.bands, found.leads, found.expected, found.slope) == ((), 0, None, NOTHING)
    assert pooled(nobody, nobody) is None and pooled(np.array([1, 2]), np.array([4, 8])) == 0.25


def test_a_model_of_older_leads_predicts_newer_ones() -> None:
    rng = np.random.default_rng(7)
    own = world(7, own=0.2)
    older, newer = own.cells(30_000, rng), own.cells(30_000, rng)
    outcomes = worked_outcomes(newer)
    fitted = fit(older, own.model)
    assert fitted is not None
    chance, leads = predicted_chances(fitted, newer), outcomes.won + outcomes.others
    truth = own.chance(newer.digits)
    seen = leads > 0
    assert (chance[~seen] == 0).all() and (chance[seen] > 0).all()
    assert np.average(np.abs(chance - truth)[seen], weights=leads[seen]) < 0.05
    found = calibration(newer.scored(own.model).score, outcomes.won, leads, chance)
    # A model knows its own leads a little too well: its predictions for others spread a little too far.
    assert found.slope.value is not None and 0.6 < found.slope.value < 1.1
    assert found.expected == pytest.approx(found.won, rel=0.08)
