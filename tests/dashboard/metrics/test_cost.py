"""Does every euro of cost land on somebody, once?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.cost import overhead_shares, programme_cost
from dashboard.settings import Overhead
from tests.dashboard.metrics.synthetic import COSTS, frame

NAMES = [f"P{i}" for i in range(6)]
EQLS = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 40))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "partner_id": st.sampled_from([None, *NAMES]),
            "channel": st.sampled_from([None, "email", "events"]),
            "cost": st.integers(-500, 5000).map(float),
        }
    ),
    max_size=20,
)


def test_worked_example() -> None:
    """Overhead 900 over A with 2 and B with 1 EQLs: 600 and 300. A's direct cost 100, of which 40 also name email.

    Email's own 500 are no programme cost: total 100 + 900; the channel email cost 40 + 500.
    """
    costs = frame(
        COSTS,
        [
            {"partner_id": "A", "cost": 60.0},
            {"partner_id": "A", "channel": "email", "cost": 40.0},
            {"cost": 900.0},
            {"channel": "email", "cost": 500.0},
        ],
    )
    found = programme_cost(costs, overhead_shares(Overhead.BY_EQLS, {"A": 2, "B": 1}, [], ["A", "B", "C"]))
    assert found.of_partner("A") == 700
    assert found.of_partner("B") == 300
    assert found.of_partner("C") == 0
    assert (found.total, found.unspread) == (1000, 0)
    assert found.channels == {"email": 540}


def test_equally_among_those_who_share() -> None:
    assert overhead_shares(Overhead.EQUALLY, {"A": 9}, ["B", "C"], ["A", "B", "C"]) == {"A": 0, "B": 0.5, "C": 0.5}


@pytest.mark.parametrize(
    ("how", "sharing"), [(Overhead.BY_EQLS, NAMES), (Overhead.EQUALLY, []), (Overhead.NONE, NAMES)]
)
def test_overhead_that_nobody_can_bear_stays_unspread(how: Overhead, sharing: list[str]) -> None:
    found = programme_cost(frame(COSTS, [{"cost": 900.0}]), overhead_shares(how, {}, sharing, NAMES))
    assert (found.total, found.unspread) == (900, 900)
    assert not any(found.overhead.values())


def test_what_could_not_be_converted_is_told_apart() -> None:
    costs = [{"partner_id": "A", "unconverted": 1}, {"channel": "email", "unconverted": 2}, {"partner_id": "B"}]
    found = programme_cost(frame(COSTS, costs), {})
    assert found.unconverted_partners == {"A"}
    assert found.unconverted_channels == {"email"}
    assert found.unconverted
    assert not programme_cost(frame(COSTS, costs[1:]), {}).unconverted


@given(st.sampled_from(Overhead), EQLS, st.sets(st.sampled_from(NAMES)))
def test_shares_sum_to_one_or_to_nothing(how: Overhead, eqls: dict[str, int], sharing: set[str]) -> None:
    total = sum(overhead_shares(how, eqls, sorted(sharing), NAMES).values())
    assert total == pytest.approx(1) or total == 0


@given(ROWS, EQLS)
def test_total_is_what_partners_bear_and_what_is_unspread(rows: list[dict], eqls: dict[str, int]) -> None:
    found = programme_cost(frame(COSTS, rows), overhead_shares(Overhead.BY_EQLS, eqls, [], NAMES))
    borne = sum(found.of_partner(name) for name in NAMES)
    assert found.total == pytest.approx(borne + found.unspread, abs=1e-6)
    assert found.total == pytest.approx(sum(r["cost"] for r in rows if r["partner_id"] or not r["channel"]), abs=1e-6)
