"""Do report, document and decision say the same about a partner, and does everything fit into JSON?"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from dashboard.metrics.performance import performance
from dashboard.metrics.review import RankingMetric
from dashboard.period import parse_period
from dashboard.reports.review import (
    numbers_of,
    read_review,
    read_review_document,
    review_document,
    review_of,
    review_section,
)
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.decisions import Draft, last_decisions, save
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine
from data_access.reading import read_performance

pytestmark = pytest.mark.database
SETTINGS = Settings()
AS_OF = datetime(2025, 10, 20, 9, tzinfo=UTC)
QUARTER = parse_period("2025-Q3", SETTINGS)


@pytest.fixture(scope="module")
def simulated(module_database: Database) -> Database:
    load(module_database, DemoOptions(leads=4_000, until=AS_OF.date(), seed=9))
    return module_database


@pytest.mark.parametrize("metric", list(RankingMetric))
def test_section_document_and_decision_agree(simulated: Database, metric: RankingMetric) -> None:
    result = read_review(app_engine(simulated), QUARTER, AS_OF, SETTINGS, metric)
    section = json.loads(json.dumps(review_section(result), allow_nan=False))
    assert section["ranking"]["metric"] == metric.value
    assert section["ranking"]["periods_before"] == ["2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2"]
    document = review_document(result, SETTINGS, {}, {})
    assert len(document.rows) == result.review.ranking.eligible > 10
    assert [line.rank for line in document.rows] == sorted(line.rank for line in document.rows if line.rank)
    for line in document.rows:
        own = section["partners"][line.partner_id]
        kept = json.loads(json.dumps(numbers_of(result, line.partner_id, 7), allow_nan=False))
        assert own["last_rank"] == line.last_rank == own["ranks_before"][-1]
        assert own["rank_interval"] == kept["rank_interval"]
        assert (own["rank_interval"]["low"], own["rank_interval"]["high"]) == (line.rank_low, line.rank_high)
        assert own["p_bottom"] == kept["p_bottom"] == line.p_bottom
        assert kept["rank"] == line.rank and kept["arr"] == line.arr and own["ranking_value"] == kept["value"]
        assert own["reason"] == line.reason
    assert len(document.rows) + len(document.unranked) == len(section["partners"])


def test_a_reading_that_is_there_already_gives_the_same(simulated: Database) -> None:
    engine = app_engine(simulated)
    window = Window(QUARTER, AS_OF, SETTINGS.time_zone, SETTINGS.currency)
    reading = read_performance(engine, window)
    found = review_of(engine, performance(reading, window, SETTINGS), reading, SETTINGS)
    assert review_section(found) == review_section(read_review(engine, QUARTER, AS_OF, SETTINGS))


def test_document_holds_decisions_budget_and_what_became_of_the_last_ones(simulated: Database) -> None:
    engine = app_engine(simulated)
    result = read_review(engine, QUARTER, AS_OF, SETTINGS)
    cost = {own.partner.partner_id: own.direct_cost for own in result.performance.partners}
    rows = [line for line in review_document(result, SETTINGS, {}, {}).rows if cost[line.partner_id] > 0]
    first, second = rows[0].partner_id, rows[1].partner_id
    numbers = numbers_of(result, first, 1)
    save(engine, "2025-Q3", [Draft(first, "double", None, None, numbers, None),
                             Draft(second, "end", None, "=cmd()", numbers, None)], "Ann")  # fmt: skip
    save(engine, "2025-Q2", [Draft(first, "keep", 10.0, "steady", numbers, None)], "Bo")
    document = read_review_document(engine, QUARTER, AS_OF, SETTINGS)
    shown = {line.partner_id: line for line in document.rows}
    assert (shown[first].decision, shown[second].decision, shown[second].note) == ("Double", "End", "=cmd()")
    assert shown[first].budget == pytest.approx(2 * cost[first]) and shown[second].budget == 0.0
    assert document.budget.freed == pytest.approx(cost[second])
    assert document.budget.needed == pytest.approx(cost[first])
    assert document.budget.balance == pytest.approx(cost[second] - cost[first])
    (past,) = document.last_decisions
    assert (past.by, past.decided) == (
        "Bo",
        "Keep, budget $10: “steady”",
    ) and past.outcome == f"As before: rank {rows[0].rank}."
    assert last_decisions(engine, "2025-Q3")["2025-Q3"][first].numbers["data_version"] == 1
