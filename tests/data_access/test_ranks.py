"""Are the ranks of earlier periods those that a review of each of them would give, seen from the same moment?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from dashboard.metrics.performance import partners_of, performance
from dashboard.metrics.rank_history import rank_history
from dashboard.metrics.review import RankingMetric, quarterly_review
from dashboard.period import Period, parse_period, previous
from dashboard.settings import Overhead, Settings
from dashboard.window import Window
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine, owner_engine
from data_access.partners import partners
from data_access.ranks import read_rank_cells
from data_access.reading import read_performance
from tests.builders import Company

pytestmark = pytest.mark.database
SETTINGS = Settings()
AS_OF = datetime(2025, 10, 20, 9, tzinfo=UTC)


def periods_before(label: str, number: int) -> list[Period]:
    found = [parse_period(label, SETTINGS)]
    for _ in range(number):
        found.insert(0, previous(found[0], SETTINGS))
    return found[:-1]


def assert_same_as_reviews(database: Database, label: str, metric: RankingMetric, settings: Settings) -> None:
    engine = app_engine(database)
    periods = periods_before(label, 4)
    window = Window(parse_period(label, settings), AS_OF, settings.time_zone, settings.currency)
    everyone = partners_of(partners(engine))
    found = rank_history(read_rank_cells(engine, window, periods), everyone, metric, settings.overhead)
    ranked = 0
    for period, ranking in zip(periods, found, strict=True):
        seen = Window(period, AS_OF, settings.time_zone, settings.currency)
        reading = read_performance(engine, seen)
        review = quarterly_review(performance(reading, seen, settings), reading.cells.deals, metric)
        assert ranking == review.ranking, (period.label, metric)
        ranked += ranking.eligible
    assert ranked > 0


@pytest.fixture(scope="module")
def simulated(module_database: Database) -> Iterator[Database]:
    load(module_database, DemoOptions(leads=4_000, until=AS_OF.date(), seed=5))
    yield module_database


@pytest.mark.parametrize("metric", list(RankingMetric))
@pytest.mark.parametrize("overhead", [Overhead.BY_EQLS, Overhead.EQUALLY])
def test_ranks_before_are_those_of_their_own_reviews(
    simulated: Database, metric: RankingMetric, overhead: Overhead
) -> None:
    assert_same_as_reviews(simulated, "2025-Q3", metric, SETTINGS.model_copy(update={"overhead": overhead}))


@pytest.mark.parametrize("label", ["2025-07", "2024-11-15..2025-03-03"])
def test_so_are_those_of_other_periods(simulated: Database, label: str) -> None:
    assert_same_as_reviews(simulated, label, RankingMetric.PIPELINE_PER_REFERRING_PAGE, SETTINGS)


def test_decoys_change_no_rank(database: Database) -> None:
    """a: 300 ÷ 1 page; b: 500 ÷ 2 pages = 250; c has no page. The decoys would put b first."""
    company = Company()
    for key in "abc":
        company.add_partner(key)
    for key in ("a1", "b1", "b2"):
        company.add_asset(key[0], key)
    lead = company.add_lead(partner_id="a", created_at="2025-05-02", first_asset_id="a1")
    company.add_deal(lead, opened_at="2025-05-03", amount=300)
    for page, amount in (("b1", 500), ("b2", None)):
        lead = company.add_lead(partner_id="b", created_at="2024-08-01", first_asset_id=page)
        company.add_deal(lead, opened_at="2025-06-30 23:00", amount=amount)
    company.add_deal(company.add_lead(partner_id="c", created_at="2025-05-02"), opened_at="2025-05-03", amount=9_000)
    test = company.add_lead(partner_id="b", created_at="2025-05-02", is_test=True, first_asset_id="b1")
    company.add_deal(test, opened_at="2025-05-03", amount=10_000)
    company.add_deal(lead, opened_at="2025-05-03", amount=10_000, deleted_at="2025-06-01")
    company.add_deal(lead, opened_at="2025-07-01", amount=10_000)
    company.add_lead(partner_id="a", created_at="2024-06-30", first_asset_id="b1")
    company.write(owner_engine(database))
    engine = app_engine(database)
    window = Window(parse_period("2025-Q3", SETTINGS), AS_OF)
    cells = read_rank_cells(engine, window, periods_before("2025-Q3", 4))
    everyone = partners_of(partners(engine))
    last = rank_history(cells, everyone, RankingMetric.PIPELINE_PER_REFERRING_PAGE, Overhead.BY_EQLS)[-1]
    assert {key: place.rank for key, place in last.places.items()} == {"a": 1, "b": 2, "c": None}
