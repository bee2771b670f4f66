"""Does a move follow its curve, keep the sum of money, and stay silent where nothing was seen?"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import period as periods
from dashboard.metrics.channel_value import MoneyCells, Pool
from dashboard.metrics.reallocation import (
    History,
    Move,
    Place,
    Refusal,
    Where,
    best,
    dispersion,
    histories,
    move,
    overlap,
    spending_quarters,
)
from dashboard.settings import Settings
from tests.calibration.channels import worth_of

POOLS = {"arr": Pool(10.0, 0.5), "pipeline": Pool(11.0, 0.5)}


def place(number: int, spends: list[float], deals: int = 3, value: float = 20_000.0) -> History:
    parts = tuple(worth_of(np.full(deals, value)) for _ in spends)
    return History(Place(Where.CHANNEL, str(number)), tuple(spends), parts, parts, min(4, len(spends)))


def known(*own: History) -> dict[str, History]:
    return {history.place.code: history for history in own}


def test_a_move_by_hand() -> None:
    # A and B spend 100 a quarter and bring 3 × 20,000; c = 4 × 60,000 ÷ (4 × 100^0.5) = 6,000.
    # Moving 36: A 6,000 × (√64 − √100) = −12,000; B 6,000 × (√136 − √100) = 6,000 × 1.661904 = 9,971.42.
    spends = [50.0, 150.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0]
    found = move(known(place(1, spends), place(2, spends)), POOLS, "channel:1", "channel:2", 36.0, 0.5)
    assert isinstance(found, Move)
    assert (found.source.arr_before.value, found.source.arr_after.value) == pytest.approx((60_000, 48_000))
    assert found.target.arr_after.value == pytest.approx(69_971.42, abs=0.01)
    assert found.arr.value == pytest.approx(-2_028.58, abs=0.01)
    assert found.arr.low is not None and found.arr.high is not None and found.arr.low < -2_028 < found.arr.high
    assert found.arr.n == 24  # twelve deals of the last four quarters on each side


def test_returns_that_do_not_diminish_leave_equal_places_as_they_are() -> None:
    spends = [50.0, 150.0, 100.0, 100.0, 100.0, 100.0]
    found = move(known(place(1, spends), place(2, spends)), POOLS, "channel:1", "channel:2", 30.0, 1.0)
    assert isinstance(found, Move) and found.arr.value == pytest.approx(0, abs=1e-6)


amounts = st.floats(1, 1e6)


@settings(max_examples=1000)
@given(
    st.lists(amounts, min_size=1, max_size=8),
    st.lists(amounts, min_size=1, max_size=8),
    st.floats(0, 1),
    st.floats(0.2, 1.0),
)
def test_no_money_is_made_or_lost_and_nothing_said_outside_what_was_seen(
    a: list[float], b: list[float], share: float, elasticity: float
) -> None:
    both = known(place(1, a), place(2, b))
    source, target = both.values()
    amount = share * source.spend
    found = move(both, POOLS, "channel:1", "channel:2", amount, elasticity, draws=20)
    inside = all(
        own.seen[0] <= spend <= own.seen[1]
        for own, spend in ((source, source.spend - amount), (target, target.spend + amount))
    )
    assert isinstance(found, Move) is inside
    if isinstance(found, Refusal):
        assert not found.seen[0] <= found.spend <= found.seen[1]
        return
    before = found.source.spend_before + found.target.spend_before
    assert found.source.spend_after + found.target.spend_after == pytest.approx(before, rel=1e-12)
    change = sum((s.arr_after.value or 0) - (s.arr_before.value or 0) for s in (found.source, found.target))
    assert found.arr.value == pytest.approx(change, abs=1e-4)


def test_the_programme_and_its_partner_are_not_moved_between() -> None:
    programme = History(Place(Where.PROGRAMME), (100.0,), (worth_of(np.array([])),), (worth_of(np.array([])),), 1)
    partner = History(Place(Where.PARTNER, "P1"), (50.0,), programme.arr, programme.pipeline, 1)
    assert overlap(programme.place, partner.place)
    with pytest.raises(ValueError, match="nothing in common"):
        move(known(programme, partner), POOLS, "programme:", "partner:P1", 1.0, 0.7)


def test_dispersion_is_that_of_counts_about_their_curve() -> None:
    # 2 and 6 deals for equal spends, 4 expected each: χ² = 4 ÷ 4 + 4 ÷ 4 = 2, one degree of freedom.
    parts = (worth_of(np.full(2, 1.0)), worth_of(np.full(6, 1.0)))
    history = History(Place(Where.CHANNEL, "a"), (10.0, 10.0), parts, parts, 2)
    assert dispersion([history], "arr", 0.7) == pytest.approx(2.0)
    assert dispersion([place(1, [10.0, 10.0])], "arr", 0.7) == 1.0
    assert dispersion([], "arr", 0.7) == 1.0


def test_the_best_place_and_how_surely() -> None:
    good, poor = place(1, [100.0] * 4, deals=40), place(2, [100.0] * 4, deals=4)
    found = best(known(poor, good), POOLS["arr"])
    assert [own.place.key if isinstance(own, History) else own[0].key for own in found.places] == ["1", "2"]
    assert found.chance is not None and found.chance > 0.99
    assert best(known(good), POOLS["arr"]).chance is None and best({}, POOLS["arr"]).places == ()
    even = best(known(place(1, [100.0] * 4), place(2, [100.0] * 4)), POOLS["arr"])
    assert even.chance is not None and 0.3 < even.chance < 0.7


def test_quarters_are_over_and_none_after_the_period() -> None:
    own = Settings()
    seen = datetime(2026, 11, 22, tzinfo=UTC)
    running = spending_quarters(periods.parse_period("2026-Q4", own), seen, own)
    assert [running[0].label, running[-1].label, len(running)] == ["2024-Q4", "2026-Q3", 8]
    assert spending_quarters(periods.parse_period("2025", own), seen, own)[-1].label == "2025-Q4"
    assert spending_quarters(periods.parse_period("2031", own), seen, own)[-1].label == "2026-Q3"


def test_histories_take_spend_and_deals_of_each_place() -> None:
    own = Settings()
    quarters = spending_quarters(periods.parse_period("2026-Q3", own), datetime(2026, 11, 22, tzinfo=UTC), own)
    costs = pl.DataFrame(
        {
            # What names a partner and a channel is the partner's, and no place of the channel's own.
            "quarter": ["2026-Q3", "2026-Q3", "2026-Q3", "2026-Q2", "2025-Q1", "2024-Q4"],
            "partner_id": ["P1", "P1", None, None, None, None],
            "channel": [None, "partner", None, "paid", "paid", "old"],
            "cost": [6.0, 4.0, 5.0, 70.0, 30.0, 9.0],
            "unconverted": [0] * 6,
        }
    )
    names = ("arr", "pipeline")
    deals = pl.DataFrame(
        {
            "quarter": ["2026-Q3", "2026-Q2", "2026-Q2"],
            "partner_id": ["P1", None, None],
            "channel": ["paid", "paid", "paid"],
            "ai": [False, False, True],
            **{f"{name}_cents": [100, 200, 400] for name in names},
            **{f"{name}_logs": [1, 1, 1] for name in names},
            **{f"{name}_2": [1.0, 4.0, 16.0] for name in names},
            **{f"log_{name}": [0.0, 0.7, 1.4] for name in names},
            **{f"log_{name}_sq": [0.0, 0.5, 1.9] for name in names},
        }
    )
    found = histories(MoneyCells(deals, deals, costs, deals, frozenset()), quarters, ["P1", "P2"])
    assert list(found) == ["programme:", "channel:paid", "partner:P1"]  # on `old` nothing was spent lately
    assert found["programme:"].spends == (15.0,) and found["partner:P1"].spends == (10.0,)
    paid = found["channel:paid"]
    assert paid.spends == (30.0, 70.0) and paid.seen == (30.0, 70.0) and paid.learned == 1 and paid.spend == 70.0
    assert [own.total for own in paid.arr] == [0.0, 2.0]  # neither the partner's deal nor the one that came through AI
