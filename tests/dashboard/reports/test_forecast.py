"""Is the report's forecast made of the report's own ARR, and its back-test what would have been said then?"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from dashboard.metrics.performance import Performance, performance
from dashboard.period import current_quarter, parse_period
from dashboard.reports.forecast import forecast_section
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine, owner_engine
from data_access.reading import read_performance
from tests.strategies import random_company

pytestmark = pytest.mark.database
SETTINGS = Settings()
AS_OF = datetime(2026, 5, 20, 12, tzinfo=UTC)


def section(
    database: Database, as_of: datetime = AS_OF, settings: Settings = SETTINGS, period: str | None = None
) -> tuple[dict[str, Any], Performance]:
    engine = app_engine(database)
    own = parse_period(period, settings) if period else current_quarter(as_of, settings)
    window = Window(own, as_of, settings.time_zone, settings.currency)
    reading = read_performance(engine, window)
    result = performance(reading, window, settings)
    return forecast_section(engine, reading, result, settings), result


@pytest.fixture(scope="module")
def simulated(module_database: Database) -> Database:
    load(module_database, DemoOptions(leads=8_000, until=date(2026, 6, 1), months=30))
    return module_database


def test_it_is_plain_data_about_this_quarter_and_the_next(simulated: Database) -> None:
    found, result = section(simulated)
    assert json.loads(json.dumps(found)) == found
    assert [own["quarter"] for own in found["quarters"]] == ["2026-Q2", "2026-Q3"]
    assert found["population"] == "partner_sourced"
    assert found["by_stage"]
    assert found["last_day"] == "2026-05-20"
    this, following = found["quarters"]
    assert this["won_so_far"] == pytest.approx(result.partner_sourced.arr)
    assert this["won_deals_so_far"] == result.partner_sourced.won_deals
    assert following["won_so_far"] == 0
    assert found["open_deals"] == result.partner_sourced.open_deals == sum(own["deals"] for own in found["open_groups"])
    for place, own in enumerate(found["quarters"]):
        parts = own["won_so_far"] + own["open"]["value"] + own["new"]["value"]
        assert own["total"]["value"] == pytest.approx(parts)
        assert sum(group["expected_arr"][place] for group in found["open_groups"]) == pytest.approx(
            own["open"]["value"]
        )


def test_the_period_plays_no_part(simulated: Database) -> None:
    assert section(simulated)[0] == section(simulated, period="2025")[0]


def test_the_back_test_says_what_was_said_then_and_what_came(simulated: Database) -> None:
    found, _ = section(simulated)
    told = found["back_test"]
    assert [own["quarter"] for own in told["quarters"]] == [
        "2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1",
    ]  # fmt: skip
    assert told["held"] == sum(own["held"] is True for own in told["quarters"])
    for own in told["quarters"][2::3]:
        quarter = parse_period(own["quarter"], SETTINGS)
        then, _ = section(simulated, quarter.start)
        assert own["total"] == (then["quarters"][0]["total"] if then["quarters"] else None)
        assert own["learned_closed"] == then["learned_closed"]
        came = section(simulated, period=own["quarter"])[1]
        assert own["arr"] == pytest.approx(came.partner_sourced.arr)
        assert own["won_deals"] == came.partner_sourced.won_deals


def test_what_is_changed_later_changes_no_former_forecast(simulated: Database) -> None:
    """Deals that opened, closed or moved on later, and leads of later: none of them was known then."""
    instant = datetime(2025, 7, 1, tzinfo=UTC)
    before, _ = section(simulated, instant)
    with owner_engine(simulated).begin() as connection:
        for statement in (
            "UPDATE eql.deal SET amount = amount * 9, arr = arr * 9 WHERE opened_at > :at",
            "UPDATE eql.deal SET status = 'won' WHERE closed_at > :at",
            "DELETE FROM eql.deal_stage WHERE entered_at > :at",
            "UPDATE eql.fx_rate SET rate = rate * 2 WHERE day > :at",
            "UPDATE eql.deal SET deleted_at = :at + interval '1 day' WHERE closed_at > :at",
        ):
            connection.execute(text(statement), {"at": instant})
    assert section(simulated, instant)[0] == before
    load(simulated, DemoOptions(leads=8_000, until=date(2026, 6, 1), months=30))


@pytest.mark.parametrize("seed", range(4))
def test_random_companies(database: Database, seed: int) -> None:
    random = Random(seed)
    random_company(random, partners=random.randint(0, 4), kinds=30).write(owner_engine(database))
    settings = SETTINGS.model_copy(update={"time_zone": "Asia/Tokyo", "currency": "EUR"}) if seed % 2 else SETTINGS
    found, result = section(database, datetime(2025, 11, 20, 12, tzinfo=UTC), settings)
    assert json.loads(json.dumps(found)) == found
    whose = result.totals if found["population"] == "all" else result.partner_sourced
    assert found["open_deals"] == whose.open_deals
    for own in found["quarters"][:1]:
        assert own["won_so_far"] == pytest.approx(whose.arr)


def test_no_data(database: Database) -> None:
    found, _ = section(database)
    assert found["too_early"]
    assert (found["quarters"], found["open_groups"], found["back_test"]["told"]) == ([], [], 0)
    assert found["back_test"]["error"] is None


def test_another_fiscal_year(simulated: Database) -> None:
    found, _ = section(simulated, settings=replace_fiscal(SETTINGS, 2))
    assert found["quarters"][0]["start"] == "2026-05-01"
    assert found["back_test"]["quarters"][-1]["quarter"] == "2026-Q1"


def replace_fiscal(settings: Settings, month: int) -> Settings:
    return settings.model_copy(update={"fiscal_year_start": month})
