"""Does the report print what the page shows: every line by every rule, the weights, and the payouts?"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from dashboard.metrics.performance import performance
from dashboard.period import parse_period
from dashboard.reports.attribution import attribution_section
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.reading import read_performance
from tests.builders import Company
from tests.touched_companies import companies

pytestmark = pytest.mark.database

NOW = datetime(2025, 11, 15, 9, tzinfo=UTC)


def section(database: Database, company: Company) -> tuple[dict, dict]:
    company.write(owner_engine(database))
    engine, settings = app_engine(database), Settings()
    window = Window(parse_period("2025-Q3", settings), NOW)
    reading = read_performance(engine, window)
    result = performance(reading, window, settings)
    totals = {"arr": result.totals.arr, "pipeline": result.totals.pipeline_created}
    return json.loads(json.dumps(attribution_section(engine, reading, result, settings))), totals


def test_every_table_adds_up_to_the_report_s_totals(database: Database) -> None:
    company = companies(20, seed=6)
    for partner in [row["partner_id"] for row in company.rows["partner"]]:
        company.add_commission(partner, "0.1")
    found, totals = section(database, company)
    assert len(found["rules"]) == 8
    for base, total in totals.items():
        part = found[base]
        assert part["total"]["value"] == pytest.approx(total, abs=0.001)
        standings = [part[name] for name in ("sourced", "influenced", "untouched")]
        assert sum(each["deals"] for each in standings) == part["total"]["deals"] > 0
        for lines in part["lines"].values():
            for rule in found["rules"]:
                assert sum(line["credits"][rule] for line in lines) == pytest.approx(total, abs=0.001)
    learned = found["data_driven"]
    assert learned["paths"] >= learned["won_paths"] > 0
    assert all(0 <= each["low"] <= each["value"] <= each["high"] <= 1 for each in learned["removal_effects"].values())
    assert found["payouts"]["owed"] == pytest.approx(-found["payouts"]["difference"])
    assert found["payouts"]["quarters"] == ["2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3"]


def test_a_company_without_anything(database: Database) -> None:
    found, _ = section(database, Company())
    assert found["arr"]["total"] == {"deals": 0, "value": 0}
    assert found["arr"]["lines"] == {"partner": [], "asset": [], "channel": [], "campaign": []}
    assert found["data_driven"] == {"paths": 0, "won_paths": 0, "won": None, "removal_effects": {}}
    assert found["payouts"]["lines"] == []


def test_a_company_without_partners_and_touches(database: Database) -> None:
    company = Company()
    lead = company.add_lead(channel="organic")
    company.add_deal(lead, status="won", closed_at="2025-08-01", arr="70", amount="70")
    found, _ = section(database, company)
    lines = found["arr"]["lines"]["channel"]
    assert [(line["key"], line["touched"], line["credits"]["source"], line["credits"]["linear"]) for line in lines] == [
        ("organic", True, 70, 0),
        (None, False, 0, 70),
    ]
    assert found["arr"]["untouched"] == {"deals": 1, "value": 70}
