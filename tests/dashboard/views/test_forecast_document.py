"""Do the files say of the forecast what the screen says, with every row as wide as its columns?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.charts.theme import name as shown
from dashboard.filters import Filters
from dashboard.frames import forecast as asked
from dashboard.period import add_months
from dashboard.reports.figures import written
from dashboard.reports.page_document import PageTable
from dashboard.views import forecast_document
from data_access.engine import Database, owner_engine
from tests.builders import Company

FILTERS = Filters("2025-Q3")
STAGE = '<b>talk</b> =1+1 "ü"'
pytestmark = pytest.mark.database


def tables() -> dict[str, PageTable]:
    return {table.name: table for table in forecast_document.tables(FILTERS.period, FILTERS)}


def steady(deals: int) -> Company:
    """A deal every ten days up to yesterday, each won after 50 days with an ARR of 1,000; the last ones still open."""
    company, now = Company(), datetime.now(UTC).replace(hour=12)
    lead = company.add_lead(partner_id=company.add_partner(), created_at="2020-01-01")
    for place in range(deals):
        opened = now - timedelta(days=1 + 10 * place)
        over = place >= 5
        deal = company.add_deal(
            lead, opened_at=opened, arr="1000", amount="1000", status="won" if over else "open",
            closed_at=opened + timedelta(days=50) if over else None,
        )  # fmt: skip
        company.add_stage(deal, STAGE, opened)
    return company


@pytest.fixture
def full(served: Database) -> dict[str, PageTable]:
    steady(70).write(owner_engine(served))
    return tables()


def test_rows_fit_their_columns_and_names_are_unique(full: dict[str, PageTable]) -> None:
    assert list(full) == ["forecast", "forecast_test", "forecast_open"]
    for table in full.values():
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
        assert table.rows
        assert all(len(row) == len(names) for row in table.rows)


def test_parts_add_up_within_their_intervals(full: dict[str, PageTable]) -> None:
    found = asked.forecast(FILTERS)
    for row, own in zip(full["forecast"].rows, found.quarters, strict=True):
        quarter, won, *amounts = row
        opened, new, total = amounts[:3], amounts[3:6], amounts[6:]
        assert (quarter, won) == (own.label, own.won_so_far)
        assert total[0] == pytest.approx(won + opened[0] + new[0])
        for value, low, high in (opened, new, total):
            assert low <= value <= high
    # Five deals of 1,000 are open, and all of them are won within 50 days.
    assert sum(row[2] for row in full["forecast"].rows) == pytest.approx(5_000)


def test_open_deals_add_up_to_what_is_expected_of_them(full: dict[str, PageTable]) -> None:
    columns = [column.name for column in full["forecast_open"].columns]
    rows = [dict(zip(columns, row, strict=True)) for row in full["forecast_open"].rows]
    assert sum(row["deals"] for row in rows) == 5
    assert sum(row["arr"] for row in rows) == 5_000
    assert {row["stage"] for row in rows} == {STAGE}
    for row in full["forecast"].rows:
        assert sum(own[f"expected_{row[0]}"] for own in rows) == pytest.approx(row[2])


def test_expected_wins_are_not_rounded_away_beside_their_money(full: dict[str, PageTable]) -> None:
    table, found = full["forecast_open"], asked.forecast(FILTERS)
    names = [column.name for column in table.columns]
    for row, own in zip(table.rows, found.groups, strict=True):
        for quarter, wins in zip(found.quarters, own.wins, strict=True):
            place = names.index(f"wins_{quarter.label}")
            assert row[place] == pytest.approx(wins, abs=0.05)
            assert bool(row[place]) == bool(wins)
            assert float(written(row[place], table.columns[place].kind, "USD")) == row[place]


@pytest.mark.parametrize(("wins", "told"), [(0.0, 0.0), (0.034, 0.03), (0.097, 0.1), (0.26, 0.3), (12.34, 12.3)])
def test_expected_wins_have_a_digit(wins: float, told: float) -> None:
    assert forecast_document.few(wins) == told


def test_the_test_tells_what_came_and_whether_it_held(full: dict[str, PageTable]) -> None:
    rows, tested = full["forecast_test"].rows, asked.back_test(FILTERS)
    assert len(rows) == 6
    for row, own in zip(rows, tested.quarters, strict=True):
        quarter, value, low, high, came, held, before = row
        assert (quarter, came, before) == (own.label, own.arr, own.last)
        assert came == 1_000 * own.won_deals
        if held == "too early":
            assert (value, low, high) == (None, None, None)
        else:
            assert (held == "yes") == (low <= came <= high)
    assert {row[5] for row in rows} > {"too early"}, "some quarters had too few deals, later ones had enough"
    assert [row[6] for row in rows[1:]] == [row[4] for row in rows[:-1]]


def test_pictures_show_the_same_quarters(full: dict[str, PageTable]) -> None:
    pictures = {picture.name: picture for picture in forecast_document.pictures(FILTERS.period, FILTERS)}
    assert list(pictures) == ["forecast", "forecast_test"]
    tested = asked.back_test(FILTERS)
    assert pictures["forecast_test"].basis == f"{tested.held} of {tested.told} held"
    for picture in pictures.values():
        assert picture.alt
        assert picture.figure["data"]
        assert shown(STAGE) not in str(picture.figure)


@pytest.mark.parametrize("deals", [0, 12])
def test_too_early_leaves_the_test_alone(served: Database, deals: int) -> None:
    steady(deals).write(owner_engine(served))
    found = tables()
    assert list(found) == ["forecast_test"]
    assert {row[5] for row in found["forecast_test"].rows} == {"too early"}
    assert forecast_document.pictures(FILTERS.period, FILTERS) == []


def test_what_is_won_so_far_is_of_the_quarter_that_runs(full: dict[str, PageTable]) -> None:
    found = asked.forecast(FILTERS)
    this, following = found.quarters
    assert full["forecast"].rows[1][1] == 0
    assert add_months(this.start, 3) == following.start
    assert full["forecast"].rows[0][1] == 1_000 * this.won_deals
