"""Is every partner judged by its own first full quarter, as if that were the period that is looked at?"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard.metrics.gates import GateVerdict, TooEarly, first_quarters, partner_gates
from dashboard.metrics.performance import Partner, performance
from dashboard.settings import Overhead, Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.gates import gate_cells
from data_access.reading import read_performance
from tests.builders import Company

pytestmark = pytest.mark.database
AS_OF = datetime(2026, 2, 10, 9, tzinfo=UTC)


def company() -> Company:
    """20 partners that joined over two years, with leads, deals and costs at random, some of it unconverted."""
    rng, made = random.Random(5), Company()
    for number in range(20):
        joined = date(2024, 1, 1) + timedelta(rng.randrange(800)) if number else date(2025, 4, 1)
        made.add_partner(f"P{number}", joined_on=joined if number != 7 else None)
    for number in range(1_500):
        partner = f"P{rng.randrange(20)}"
        at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(rng.randrange(800), hours=rng.randrange(24))
        eql = at + timedelta(rng.randrange(40)) if rng.random() < 0.5 else None
        lead = made.add_lead(partner_id=rng.choice([partner, partner, None]), created_at=at, eql_at=eql,
                             is_test=number % 50 == 0)  # fmt: skip
        if rng.random() < 0.3:
            made.add_deal(lead, opened_at=at + timedelta(5), amount=str(rng.randrange(0, 30_000)),
                          currency=rng.choice(["USD", "USD", "USD", "XXX"]))  # fmt: skip
    for _ in range(300):
        start = date(2024, 1, 1) + timedelta(rng.randrange(780))
        made.add_cost(rng.choice([None, f"P{rng.randrange(12)}"]), channel=rng.choice([None, None, "paid"]),
                      period_start=start, period_end=start + timedelta(rng.randrange(60)),
                      amount=str(rng.randrange(-100, 3_000)), currency=rng.choice(["USD", "USD", "EUR"]))  # fmt: skip
        made.rows["fx_rate"] = [row for row in made.rows["fx_rate"] if row["day"] != start]
        if rng.random() < 0.9:
            made.add_rate("EUR", start, "1.1")
    return made


@pytest.mark.parametrize("how", list(Overhead))
def test_the_gate_is_the_performance_of_that_quarter(database: Database, how: Overhead) -> None:
    company().write(owner_engine(database))
    engine, settings = app_engine(database), Settings(overhead=how)
    now = Window(first_quarters([_partner(date(2026, 1, 1))], settings)[0].quarter, AS_OF)
    partners = [own.partner for own in performance(read_performance(engine, now), now, settings).partners]
    firsts = first_quarters(partners, settings)
    gates = partner_gates(gate_cells(engine, now, firsts), partners, AS_OF, settings)
    assert len(gates) == 20 and len(firsts) == 19
    judged = 0
    for first in firsts:
        window = Window(first.quarter, AS_OF)
        result = performance(read_performance(engine, window), window, settings)
        (whole,) = [own for own in result.partners if own.partner.partner_id == first.partner_id]
        gate = gates[first.partner_id]
        assert gate.quarter == first.quarter and whole.gate.applies
        assert gate.pipeline == whole.summary.pipeline_created
        assert gate.cost == pytest.approx(whole.summary.programme_cost)
        assert gate.overhead == pytest.approx(whole.overhead_cost)
        if gate.cost > 0:
            assert gate.multiple.value == pytest.approx(whole.summary.pipeline_multiple)
            said = None if gate.verdict is GateVerdict.TOO_EARLY else gate.verdict.value
            assert said == (whole.gate.verdict.value if whole.gate.verdict else None)
            judged += said is not None
        else:
            assert gate.verdict is GateVerdict.TOO_EARLY and gate.multiple.value is None
    assert judged >= 5
    assert gates["P7"].reason is TooEarly.JOIN_DATE_UNKNOWN and gates["P7"].quarter is None


def _partner(joined: date) -> Partner:
    return Partner("X", "X", "other", None, None, None, "active", joined)


def test_nobody_joined(database: Database) -> None:
    settings = Settings()
    window = Window(first_quarters([_partner(date(2026, 1, 1))], settings)[0].quarter, AS_OF)
    cells = gate_cells(app_engine(database), window, [])
    assert cells.quarters == () and partner_gates(cells, [], AS_OF, settings) == {}


def test_worked_example(database: Database) -> None:
    # 3 EQLs of A and 1 of B: A bears 75 of 100 overhead beside its own 25; its pipeline of 500 is 5 times that.
    made = Company()
    made.add_partner("A", joined_on="2025-07-01")
    made.add_partner("B", joined_on="2025-05-20")
    for partner, number, amount in (("A", 3, "500"), ("B", 1, "100")):
        for place in range(number):
            lead = made.add_lead(partner_id=partner, eql_at="2025-07-16")
            if not place:
                made.add_deal(lead, amount=amount)
    made.add_cost(period_start="2025-07-01", period_end="2025-09-30", amount="100")
    made.add_cost("A", amount="25")
    made.write(owner_engine(database))
    partners = [Partner(key, key, "other", None, None, None, "active", day)
                for key, day in (("A", date(2025, 7, 1)), ("B", date(2025, 5, 20)))]  # fmt: skip
    window = Window(first_quarters(partners, Settings())[0].quarter, AS_OF)
    cells = gate_cells(app_engine(database), window, first_quarters(partners, Settings()))
    found = partner_gates(cells, partners, AS_OF, Settings())
    assert (found["A"].cost, found["A"].multiple.value, found["A"].verdict) == (100, 5, GateVerdict.CONTINUE)
    assert (found["B"].cost, found["B"].multiple.value, found["B"].verdict) == (25, 4, GateVerdict.PAUSE_OR_PIVOT)
    early = partner_gates(cells, partners, datetime(2025, 9, 30, 23, tzinfo=UTC), Settings())
    assert {own.reason for own in early.values()} == {TooEarly.QUARTER_NOT_OVER}
