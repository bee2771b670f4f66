"""Does the report's part on velocity hold the same numbers as the report itself, and plain data only?"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from dashboard.metrics.performance import performance
from dashboard.period import parse_period
from dashboard.reports.velocity import velocity_section
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine
from data_access.reading import read_performance

pytestmark = pytest.mark.database
AS_OF = datetime(2025, 11, 20, 12, tzinfo=UTC)


def section(database: Database, period: str) -> tuple[dict, object]:
    own = Settings()
    window = Window(parse_period(period, own), AS_OF)
    reading = read_performance(app_engine(database), window)
    result = performance(reading, window, own)
    return velocity_section(app_engine(database), reading, result), result


def test_it_says_what_the_report_says(database: Database) -> None:
    load(database, DemoOptions(leads=5_000, until=AS_OF.date()))
    found, result = section(database, "2025")
    assert json.loads(json.dumps(found)) == found
    own, other = found["incidence"]["source"]
    for group, of in ((own, result.partner_sourced), (other, result.not_partner_sourced)):
        assert group["median_days_to_close"] == of.median_days_to_close
        assert group["plain_median_days_to_close"] == of.plain_median_days_to_close
        assert group["median_days_to_close_mature"] == of.median_days_to_close_mature
        assert group["won_by_day"]["90"]["value"] == of.eventual_win_rate[90].value
    lift = found["win_rate_lift"]["partner_sourced"]["raw"]
    expected = result.partner_sourced.win_rate.value / result.not_partner_sourced.win_rate.value
    assert lift["value"] == pytest.approx(expected)
    assert lift["n"] == result.partner_sourced.win_rate.n + result.not_partner_sourced.win_rate.n
    assert 0 < found["win_rate_lift"]["partner_sourced"]["standardised"]["support"] <= 1
    ratio = own["median_days_to_close"] / other["median_days_to_close"]
    assert found["speed_ratio"]["partner_sourced"]["raw"]["value"] == pytest.approx(ratio)
    worth = found["contract_value"]
    assert worth["with_partner"]["value"] == pytest.approx(result.partner_sourced.average_contract_value)
    assert worth["without_partner"]["value"] == pytest.approx(result.not_partner_sourced.average_contract_value)
    by_partner = {own["partner_id"]: own for own in found["sales_velocity"]}
    for partner in result.partners:
        assert by_partner[partner.partner.partner_id]["value"] == partner.summary.sales_velocity
    assert any(own["low"] is not None and own["low"] < own["value"] < own["high"] for own in found["sales_velocity"])


def test_empty_database(database: Database) -> None:
    found, _ = section(database, "2025-Q3")
    assert found["incidence"] == {split: [] for split in ("source", "eql", "type", "tier", "region", "channel")}
    assert found["sales_velocity"] == []
    assert found["speed_ratio"]["eql_before"]["standardised"]["value"] is None
    assert found["contract_value"]["difference"] == {"value": None, "low": None, "high": None, "n": 0}
