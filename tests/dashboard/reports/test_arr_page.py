"""Does the report's part on ARR hold the report's own totals, plain data only, and sums to the cent?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random

import pytest

from dashboard.metrics.performance import Performance, performance
from dashboard.period import parse_period, previous
from dashboard.reports.arr_page import arr_section
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine, owner_engine
from data_access.reading import read_performance
from tests.reference.rows_decoys import mislead
from tests.strategies import random_company

pytestmark = pytest.mark.database
AS_OF = datetime(2025, 11, 20, 12, tzinfo=UTC)
SOURCES = ("partner_sourced", "direct", "unattributed")


def section(database: Database, period: str, settings: Settings) -> tuple[dict, Performance, Performance]:
    engine = app_engine(database)
    found = []
    own = parse_period(period, settings)
    for each in (own, previous(own, settings)):
        window = Window(each, AS_OF, settings.time_zone, settings.currency)
        reading = read_performance(engine, window)
        found.append((reading, performance(reading, window, settings)))
    (reading, result), (_, before) = found
    return arr_section(engine, reading, result, settings), result, before


def check(found: dict, result: Performance, before: Performance) -> None:
    """What must hold of every company and period."""
    assert json.loads(json.dumps(found)) == found
    own = dict(zip(SOURCES, (result.partner_sourced, result.not_partner_sourced, result.unattributed), strict=True))
    then = dict(zip(SOURCES, (before.partner_sourced, before.not_partner_sourced, before.unattributed), strict=True))
    for lines in found["groups"].values():
        for source in SOURCES:
            mine = [line for line in lines if line["source"] == source]
            assert cents(sum(line["arr"] for line in mine)) == cents(own[source].arr)
            assert sum(line["won_deals"] for line in mine) == own[source].won_deals
            assert cents(sum(line["before"]["arr"] for line in mine)) == cents(then[source].arr)
    change = found["change"]
    assert (change["now"]["eqls_in_period"], change["now"]["sqls_in_period"]) == (
        result.partner_sourced.eqls_in_period,
        result.partner_sourced.sqls_in_period,
    )
    assert change["before"]["eqls_in_period"] == before.partner_sourced.eqls_in_period
    parts = [part["value"] for part in change["parts"].values() if part]
    assert sum(map(cents, parts)) == cents(change["difference"]["value"])
    assert cents(change["difference"]["value"]) == cents(own["partner_sourced"].arr) - cents(
        then["partner_sourced"].arr
    )
    for number, quarter in enumerate(found["quarters"]):
        months = found["months"][3 * number : 3 * number + 3]
        assert {month["quarter"] for month in months} == {quarter["label"]}
        for key in (*SOURCES, "total"):
            assert cents(sum(month[key] for month in months)) == cents(quarter[key])
        assert months[-1]["cumulative"] == quarter["cumulative"]
        assert months[-1]["cumulative_target"] == quarter["cumulative_target"]


def cents(value: float) -> int:
    return round(value * 100)


def test_simulated_company(database: Database) -> None:
    load(database, DemoOptions(leads=6_000, until=AS_OF.date()))
    found, result, before = section(database, "2025-Q3", Settings())
    check(found, result, before)
    last = found["quarters"][-1]
    assert last["label"] == "2025-Q3" and last["over"] and last["target"]
    assert cents(last["partner_sourced"]) == cents(result.partner_sourced.arr) > 0
    partners = {own.partner.partner_id: own.summary.arr for own in result.partners}
    assert [own["arr"] for own in found["top_five"]["partners"]] == sorted(partners.values(), reverse=True)[:5]
    assert found["top_five"]["share"] == pytest.approx(found["top_five"]["arr"] / result.partner_sourced.arr)
    assert all(part is None or part["low"] < part["high"] for part in found["change"]["parts"].values())


@pytest.mark.parametrize("seed", range(6))
def test_random_companies(module_database: Database, seed: int) -> None:
    random = Random(seed)
    company = mislead(random_company(random, partners=random.choice([0, 2, 12]), kinds=20), random)
    company.write(owner_engine(module_database), replace=True)
    settings = Settings(
        time_zone=random.choice(["UTC", "Asia/Kolkata"]),
        currency=random.choice(["USD", "EUR"]),
        fiscal_year_start=random.choice([1, 2, 4]),
    )
    for period in ("2025-Q3", "2025", "2025-07", "2025-03-15..2025-08-31"):
        check(*section(module_database, period, settings))


def test_empty_database(database: Database) -> None:
    found, *_ = section(database, "2025-Q3", Settings())
    assert found["top_five"]["share"] is None and found["top_five"]["expected_share"] is None
    assert found["groups"]["tier"] == [] and len(found["groups"]["source"]) == 3
    assert found["change"]["parts"]["won_deals"] == {"value": 0.0, "low": None, "high": None, "n": 0}
