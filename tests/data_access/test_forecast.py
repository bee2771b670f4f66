"""Does the forecast read what was known at an instant, all of it, and nothing that happened later?"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import text

from dashboard.metrics.forecast_cells import ForecastCells
from dashboard.metrics.performance import Selection
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.forecast import forecast_cells
from tests.builders import Company
from tests.calibration.forecast_worlds import EPOCH, NEVER, World, number, restless, seen

pytestmark = pytest.mark.database
PERIOD = parse_period("2025-Q3", Settings())
AS_OF = datetime(2025, 7, 1, tzinfo=UTC)


def read(database: Database, as_of: datetime = AS_OF, chosen: Selection | None = None, **more: str) -> ForecastCells:
    return forecast_cells(app_engine(database), Window(PERIOD, as_of, **more), chosen or Selection())


def test_worked_by_hand(module_database: Database) -> None:
    """One won deal, one lost, one open in its second stage; one of nobody's leads, which is not partner-sourced."""
    company = Company()
    partner = company.add_partner("P1")
    lead = company.add_lead("L1", partner_id=partner, channel="partner", created_at="2025-01-01 12:00")
    company.add_deal(
        lead, "D1", opened_at="2025-01-10 09:00", status="won", closed_at="2025-02-09 18:00", amount="500", arr="400"
    )
    company.add_stage("D1", "talk", "2025-01-10 09:00")
    company.add_stage("D1", "offer", "2025-01-15 10:00")
    company.add_stage("D1", "price", "2025-01-15 17:00")
    company.add_stage("D1", "won", "2025-02-09 18:00")
    company.add_deal(lead, "D2", opened_at="2025-05-20 09:00", status="lost", closed_at="2025-07-02 09:00")
    company.add_deal(lead, "D3", opened_at="2025-06-01 23:30", amount="300", arr="250")
    company.add_stage("D3", "talk", "2025-06-03 09:00")
    company.add_stage("D3", "offer", "2025-07-01 09:00")
    company.add_deal(company.add_lead("L2"), "D4", opened_at="2025-06-01 12:00")
    company.write(owner_engine(module_database), replace=True)
    found = read(module_database)
    assert found.last_day == date(2025, 6, 30)
    assert found.known.row(0, named=True) == {"deals": 3, "closed": 1, "staged": 2, "everybody": False}
    assert sorted(found.moves.iter_rows(), key=str) == sorted(
        [
            (None, "talk", "move", 0, 1), ("talk", "price", "move", 5, 1), ("price", None, "won", 30, 1),
            (None, None, "open", 41, 1), (None, "talk", "move", 2, 1), ("talk", None, "open", 29, 1),
        ],
        key=str,
    )  # fmt: skip
    opened = {row["stage"]: row for row in found.open.iter_rows(named=True)}
    assert opened[None]["age"] == 41
    assert (opened["talk"]["age"], opened["talk"]["deals"], opened["talk"]["arr_cents"]) == (29, 1, 25_000)
    assert opened["talk"]["arr_2"] == 62_500
    assert found.arr_between(date(2025, 1, 1), date(2025, 4, 1)) == 40_000
    assert found.won.select("won", "valued", "arr_cents", "both_arr_cents", "both_amount_cents").row(0) == (
        1, 1, 40_000, 40_000, 50_000,
    )  # fmt: skip


def test_money_in_another_currency_takes_the_newest_rate(module_database: Database) -> None:
    company = Company()
    lead = company.add_lead(partner_id=company.add_partner())
    company.add_rate("EUR", "2025-06-02", "1.10")
    company.add_rate("EUR", "2025-06-10", "1.20")
    company.add_rate("EUR", "2025-07-05", "9")
    company.add_deal(lead, opened_at="2025-06-02 12:00", amount="100", arr="80", currency="EUR")
    company.add_deal(lead, opened_at="2025-06-02 12:00", amount="100", currency="EUR")
    company.add_deal(lead, opened_at="2025-06-02 12:00", amount="100", currency="SEK")
    company.write(owner_engine(module_database), replace=True)
    row = read(module_database).open.row(0, named=True)
    assert (row["deals"], row["with_arr"], row["arr_cents"]) == (3, 1, 9_600)
    assert (row["with_amount"], row["amount_cents"], row["unconverted"]) == (1, 12_000, 1)


def test_days_are_those_of_the_reporting_zone(module_database: Database) -> None:
    company = Company()
    lead = company.add_lead(partner_id=company.add_partner())
    company.add_deal(lead, opened_at="2025-06-10 23:30")
    company.write(owner_engine(module_database), replace=True)
    assert read(module_database).open["age"].to_list() == [20]
    # In Tokyo the deal opened on the 11th, and at this instant the 1st of July has begun.
    found = read(module_database, zone="Asia/Tokyo")
    assert (found.last_day, found.open["age"].to_list()) == (date(2025, 7, 1), [20])
    assert found.arrivals["day"].to_list() == [date(2025, 6, 11)]


def test_where_nobody_names_partners_all_deals_are_meant(module_database: Database) -> None:
    company = Company()
    company.add_deal(company.add_lead(), opened_at="2025-06-10 12:00")
    company.add_deal(None, opened_at="2025-06-11 12:00")
    company.write(owner_engine(module_database), replace=True)
    found = read(module_database)
    assert found.known["everybody"].to_list() == [True]
    assert found.open["deals"].sum() == 2


@pytest.mark.parametrize(
    ("lead", "deal"),
    [
        ({"is_test": True}, {}),
        ({}, {"opened_at": "2025-07-02 12:00"}),
        ({}, {"deleted_at": "2025-06-20 12:00"}),
    ],
)
def test_a_deal_that_is_not_seen_names_no_partner(
    module_database: Database, lead: dict[str, Any], deal: dict[str, str]
) -> None:
    company = Company()
    company.add_deal(company.add_lead(), opened_at="2025-06-10 12:00")
    sourced = company.add_lead(partner_id=company.add_partner(), **lead)
    company.add_deal(sourced, **{"opened_at": "2025-06-11 12:00"} | deal)
    company.write(owner_engine(module_database), replace=True)
    found = read(module_database)
    assert found.known["everybody"].to_list() == [True]
    assert found.open["deals"].sum() == 1


def test_a_merged_lead_names_the_partner_of_the_one_that_stays(module_database: Database) -> None:
    company = Company()
    stays = company.add_lead(partner_id=company.add_partner())
    gone = company.add_lead(merged_into=stays, merged_at="2025-06-20 12:00")
    company.add_deal(gone, opened_at="2025-06-10 12:00")
    company.add_deal(company.add_lead(), opened_at="2025-06-10 12:00")
    company.write(owner_engine(module_database), replace=True)
    found = read(module_database)
    assert (found.known["everybody"].to_list(), found.open["deals"].sum()) == ([False], 1)
    before = read(module_database, datetime(2025, 6, 15, tzinfo=UTC))
    assert (before.known["everybody"].to_list(), before.open["deals"].sum()) == ([True], 2)


def test_old_deals_count_where_they_play_a_part(module_database: Database) -> None:
    """Chances are learned from 24 months, ARR is remembered for 39, and an open deal may be of any age."""
    company = Company()
    lead = company.add_lead(partner_id=company.add_partner(), created_at="2020-01-01")
    company.add_deal(lead, opened_at="2020-07-01 12:00", arr="7")
    company.add_deal(lead, opened_at="2020-07-01 12:00", status="lost", closed_at="2021-07-01 12:00")
    company.add_deal(lead, opened_at="2020-07-01 12:00", status="won", closed_at="2022-05-01 12:00", arr="11")
    company.add_deal(lead, opened_at="2020-07-01 12:00", status="won", closed_at="2022-05-02 12:00", arr="13")
    company.write(owner_engine(module_database), replace=True)
    found = read(module_database, datetime(2025, 8, 2, tzinfo=UTC))
    assert found.known["deals"].to_list() == [0]
    assert found.open.select("age", "arr_cents").rows() == [(1857, 700)]
    assert found.months.select("month", "arr_cents").rows() == [(date(2022, 5, 1), 1_300)]
    assert found.won.is_empty()


def test_a_forecast_may_take_longer_than_a_page_s_other_reads(module_database: Database) -> None:
    company = Company()
    company.add_deal(company.add_lead(partner_id=company.add_partner()), opened_at="2025-06-10 12:00")
    company.write(owner_engine(module_database), replace=True)
    hurried = app_engine(module_database, statement_timeout_ms=700)
    with owner_engine(module_database).connect() as connection, ThreadPoolExecutor(1) as pool:
        connection.execute(text("LOCK TABLE eql.deal IN ACCESS EXCLUSIVE MODE"))
        asked = pool.submit(forecast_cells, hurried, Window(PERIOD, AS_OF))
        with pytest.raises(TimeoutError):
            asked.result(timeout=1.2)
        connection.rollback()
        assert asked.result().open["deals"].sum() == 1


def test_partners_and_channels_narrow_what_is_forecast_not_what_is_learned(module_database: Database) -> None:
    company = Company()
    for partner, channel in (("P1", "a"), ("P2", "b"), ("P2", None)):
        company.add_partner(partner) if partner not in [row["partner_id"] for row in company.rows["partner"]] else None
        lead = company.add_lead(partner_id=partner, channel=channel)
        company.add_deal(lead, opened_at="2025-06-10 12:00")
        company.add_deal(lead, opened_at="2025-05-10 12:00", status="won", closed_at="2025-06-01 12:00", arr="10")
    company.write(owner_engine(module_database), replace=True)
    for chosen, expected in (
        (Selection(), 3),
        (Selection(frozenset({"P2"})), 2),
        (Selection(None, frozenset({"", "a"})), 2),
        (Selection(frozenset({"P2"}), frozenset({"b"})), 1),
        (Selection(frozenset()), 0),
    ):
        found = read(module_database, chosen=chosen)
        assert found.open["deals"].sum() == expected
        assert found.months["won"].sum() == expected
        assert found.arrivals["deals"].sum() == 2 * expected
        assert found.known["deals"].to_list() == [6]


def test_the_two_largest_of_each_kind_are_told(module_database: Database) -> None:
    company = Company()
    lead = company.add_lead(partner_id=company.add_partner(), created_at="2024-01-01")
    for closed, arr in (("2025-06-01", "10"), ("2025-06-02", "10"), ("2025-06-03", "7"), ("2025-06-04", None)):
        company.add_deal(lead, opened_at="2025-05-10 12:00", status="won", closed_at=f"{closed} 12:00", arr=arr)
    company.add_deal(lead, opened_at="2023-09-10 12:00", status="won", closed_at="2023-10-01 12:00", arr="90")
    company.write(owner_engine(module_database), replace=True)
    rows = read(module_database).won.sort("recent").select("recent", "valued", "largest_cents", "second_cents").rows()
    assert rows == [(False, 1, 9_000, None), (True, 3, 1_000, 1_000)]


def test_no_data_at_all(database: Database) -> None:
    found = read(database)
    assert found.known.row(0, named=True) == {"deals": 0, "closed": 0, "staged": 0, "everybody": True}
    assert found.moves.is_empty()
    assert found.open.is_empty()


# -- nothing that happens later ---------------------------------------------------------------------------------------


def _moment(day: Random) -> datetime:
    return datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=day.randrange(365 * 24 * 60))


def _eventful(seed: int) -> Company:
    """Deals, stages, merged, deleted and test leads, deleted deals, rates: all through 2025."""
    random, company = Random(seed), Company()
    partners = [company.add_partner() for _ in range(3)]
    for place in range(40):
        created = _moment(random)
        merged = f"L{random.randrange(1, place + 1):03d}" if place and random.random() < 0.2 else None
        company.add_lead(
            created_at=created,
            partner_id=random.choice([*partners, None]),
            is_test=random.random() < 0.05,
            deleted_at=created + timedelta(days=random.randrange(1, 90)) if random.random() < 0.1 else None,
            merged_into=merged,
            merged_at=created + timedelta(days=random.randrange(1, 90)) if merged else None,
        )
    for _ in range(90):
        opened = _moment(random)
        closed = opened + timedelta(days=random.randrange(-2, 120)) if random.random() < 0.7 else None
        deal = company.add_deal(
            f"L{random.randrange(1, 41):03d}",
            opened_at=opened,
            status=random.choice(["won", "lost"]) if closed else "open",
            closed_at=closed,
            amount=str(random.randrange(1, 900)),
            arr=str(random.randrange(1, 900)) if random.random() < 0.7 else None,
            currency=random.choice(["USD", "USD", "EUR"]),
            deleted_at=opened + timedelta(days=random.randrange(1, 150)) if random.random() < 0.1 else None,
        )
        at = opened
        for stage in ("a", "b", "c"):
            if random.random() < 0.7:
                company.add_stage(deal, stage, at)
            at += timedelta(hours=random.randrange(1, 900))
    for week in range(52):
        day = date(2025, 1, 1) + timedelta(days=7 * week)
        company.add_rate("EUR", day, str(1 + week / 100))
    return company


def _known_at(company: Company, at: datetime) -> Company:
    """The company as a file of that instant would tell it."""
    early = Company()
    early.rows["partner"] = company.rows["partner"]
    early.rows["lead"] = [_forgetful(row, at, "deleted_at", "merged_at") for row in company.rows["lead"]
                          if row["created_at"] <= at]  # fmt: skip
    there = {row["lead_id"] for row in early.rows["lead"]}
    for row in early.rows["lead"]:
        if row["merged_at"] is None or row["merged_into"] not in there:
            row["merged_into"] = row["merged_at"] = None
    early.rows["deal"] = [
        _forgetful(row, at, "deleted_at", "closed_at") for row in company.rows["deal"]
        if row["opened_at"] <= at or (row["closed_at"] or row["opened_at"]) <= at
    ]  # fmt: skip
    for row in early.rows["deal"]:
        row["status"] = row["status"] if row["closed_at"] else "open"
    deals = {row["deal_id"] for row in early.rows["deal"]}
    early.rows["deal_stage"] = [
        row for row in company.rows["deal_stage"] if row["entered_at"] <= at and row["deal_id"] in deals
    ]
    early.rows["fx_rate"] = [row for row in company.rows["fx_rate"] if row["day"] <= at.date()]
    return early


def _forgetful(row: dict[str, Any], at: datetime, *names: str) -> dict[str, Any]:
    return row | {name: row[name] if row[name] is not None and row[name] <= at else None for name in names}


@pytest.mark.parametrize("seed", range(6))
def test_what_happens_later_changes_nothing(module_database: Database, seed: int) -> None:
    company = _eventful(seed)
    # Whoever came as a lead later cannot have had a deal before.
    created = {row["lead_id"]: row["created_at"] for row in company.rows["lead"]}
    for row in company.rows["deal"]:
        row["lead_id"] = row["lead_id"] if created[row["lead_id"]] <= row["opened_at"] else None
    for row in company.rows["lead"]:
        if row["merged_into"] and created[row["merged_into"]] > row["merged_at"]:
            row["merged_into"] = row["merged_at"] = None
    instants = [datetime(2025, month, 1, tzinfo=UTC) for month in (4, 7, 10)]
    company.write(owner_engine(module_database), replace=True)
    whole = [read(module_database, at) for at in instants]
    for at, found in zip(instants, whole, strict=True):
        _known_at(company, at).write(owner_engine(module_database), replace=True)
        _equal(found, read(module_database, at))
        assert found.known["deals"].sum() > 0


def _equal(left: ForecastCells, right: ForecastCells) -> None:
    assert left.last_day == right.last_day
    for field in fields(ForecastCells):
        if field.name != "last_day":
            frames = [getattr(side, field.name) for side in (left, right)]
            order = frames[0].columns[:5]
            assert_frame_equal(*(frame.sort(order, nulls_last=True) for frame in frames))


# -- the same as from the deals themselves ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world() -> World:
    return next(own for own in map(restless, range(40)) if own.staged and 200 < len(own.opened) < 900)


@pytest.fixture
def written(module_database: Database, world: World) -> Iterator[Database]:
    """The deals of a simulated world in the database."""
    company, random = Company(), Random(5)
    lead = company.add_lead(partner_id=company.add_partner(), created_at="2020-01-01")

    def at(day: int, hour: int = 0) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(day), hours=hour)

    for place in range(len(world.opened)):
        closed, opened = int(world.closed[place]), int(world.opened[place])
        over = closed < world.end_day
        deal = company.add_deal(
            lead,
            opened_at=at(opened, random.randrange(8)),
            status=("won" if world.won[place] else "lost") if over else "open",
            closed_at=at(closed, 20) if over else None,
            arr=f"{world.arr[place]:.2f}",
            amount=f"{world.arr[place]:.2f}",
        )
        company.add_stage(deal, "discovery", at(opened, 8))
        for number_, (stage, day) in enumerate(zip(("proposal", "negotiation"), world.stages[place], strict=True)):
            if day < NEVER and day < world.end_day:
                company.add_stage(deal, stage, at(int(day), 10 + 2 * number_))
    company.write(owner_engine(module_database), replace=True)
    yield module_database


@pytest.mark.parametrize("day", [date(2025, 7, 1), date(2025, 10, 1)])
def test_the_same_as_counted_from_rows(written: Database, world: World, day: date) -> None:
    found = read(written, datetime(day.year, day.month, day.day, tzinfo=UTC))
    counted = seen(_rounded(world), number(day))
    assert found.last_day == counted.last_day == EPOCH + timedelta(number(day) - 1)
    for name in ("moves", "arrivals", "known"):
        frames = [getattr(side, name) for side in (found, counted)]
        keys = frames[0].columns
        assert_frame_equal(*(frame.select(keys).sort(keys, nulls_last=True) for frame in frames), check_dtypes=False)
    opened = [side.open.sort("stage", "age").select("stage", "age", "deals", "arr_cents") for side in (found, counted)]
    assert_frame_equal(*opened, check_dtypes=False)
    assert (
        found.months.sort("month")["arr_cents"].to_list()[-12:]
        == (counted.months.sort("month")["arr_cents"].to_list()[-12:])
    )


def _rounded(world: World) -> World:
    """Amounts in whole cents, as a database holds them."""
    rounded = np.round(world.arr, 2)
    return World(
        world.opened, world.stages, world.closed, world.won, rounded, world.first_day, world.end_day, world.staged
    )


def test_schemas_do_not_depend_on_the_data(database: Database, written: Database) -> None:
    empty, full = read(database), read(written)
    for field in fields(ForecastCells):
        if field.name != "last_day":
            assert getattr(empty, field.name).schema == getattr(full, field.name).schema
    assert isinstance(full.moves, pl.DataFrame)
