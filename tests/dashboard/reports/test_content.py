"""Does the report tell of content and prospects what the totals tell, and as plain data?"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from dashboard.metrics.performance import performance
from dashboard.period import parse_period
from dashboard.reports.content import content_section
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine
from data_access.reading import read_performance

pytestmark = pytest.mark.database
SETTINGS = Settings()
WINDOW = Window(parse_period("2025-Q3", SETTINGS), datetime(2025, 11, 20, tzinfo=UTC))


def test_section_of_the_simulated_company(database: Database) -> None:
    load(database, DemoOptions(leads=4_000, until=WINDOW.as_of.date(), seed=5))
    engine = app_engine(database)
    reading = read_performance(engine, WINDOW)
    result = performance(reading, WINDOW, SETTINGS)
    found = json.loads(json.dumps(content_section(engine, reading, result, SETTINGS)))
    rest = [found[name] for name in ("without_asset", "of_prospects", "without_lead")]
    for grouping in ("origin", "kinds", "ages"):
        for name in ("leads", "eqls_in_period", "won_deals", "pipeline_created", "arr"):
            total = sum(line[name] for line in (*found[grouping], *rest))
            assert total == pytest.approx(getattr(result.totals, name), abs=0.005)
    names = {partner.partner.partner_id for partner in result.partners if partner.partner.status == "prospect"}
    offered = found["prospects"]["pages"]
    assert {page["partner_id"] for page in offered} == names
    assert [page["rank"] for page in offered] == sorted(page["rank"] for page in offered)
    assert all(page["expected"]["low"] <= page["expected"]["value"] for page in offered)
    assert found["prospects"]["back_test"]["partners"] > 5
    silent = [asset["p_silence_given_past"] for asset in found["silent"]["assets"]]
    assert silent == sorted(silent)


def test_section_without_any_row(database: Database) -> None:
    engine = app_engine(database)
    reading = read_performance(engine, WINDOW)
    found = content_section(engine, reading, performance(reading, WINDOW, SETTINGS), SETTINGS)
    assert found["all"]["assets"] == 0
    assert found["all"]["eqls_per_asset"] is None
    assert found["prospects"]["pages"] == []
