"""Do the strata's cells hold what counting row by row finds, whatever hangs on test, merged or deleted leads?"""

from __future__ import annotations

from collections import Counter
from random import Random
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from dashboard.metrics.performance import ALL, Selection
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.strata import SIZE_BOUNDS, Strata, strata_cells
from tests.builders import Company
from tests.reference.counted import Deal, count_rows, read_tables
from tests.reference.question import Question
from tests.strategies import Asked, companies, questions

pytestmark = pytest.mark.database
SIZES = (None, 0, 1, 49, 50, 199, 200, 999, 1_000, 4_999, 5_000, 2_000_000)
CHOICES = (
    ALL,
    Selection(partners=frozenset({"P001"})),
    Selection(channels=frozenset({"direct"})),
    Selection(frozenset({"P002", "P003"}), frozenset({"email", "direct"})),
    Selection(partners=frozenset()),
)


def of_many_kinds(company: Company, random: Random) -> Company:
    """The company with accounts, regions and product lines for its leads, some of them unknown."""
    accounts = [company.add_account(employees=size) for size in SIZES]
    for lead in company.rows["lead"]:
        lead["account_id"] = random.choice([*accounts, None])
        lead["region"] = random.choice(["EMEA", "APAC", None])
        lead["product_line"] = random.choice(["Core", "", None])
    return company


def counted(database: Database, window: Window, selection: Selection) -> tuple[Counter, Counter]:
    """Deals of the curve and closed deals by the cells' columns, from whole tables."""
    engine = owner_engine(database)
    period = window.period
    question = Question(
        period.start, period.end, window.as_of, period.label, ZoneInfo(window.zone), window.currency, 1, "none"
    )
    with engine.connect() as connection:
        sizes = dict(connection.execute(text("SELECT account_id, employees FROM eql.account")).fetchall())
    curve: Counter = Counter()
    closed: Counter = Counter()
    for deal in count_rows(read_tables(engine), question).deals:
        if deal.lead is None or not chosen(deal, selection):
            continue
        key = kind(deal, sizes)
        opened = deal.opened_at is not None and window.curve_start <= deal.opened_at < period.end
        if opened and deal.outcome != "undated":
            curve[(*key, deal.outcome, deal.days)] += 1
        if deal.outcome in ("won", "lost") and period.start <= deal.closed_at < period.end:
            closed[key, "closed"] += 1
            closed[key, "won"] += deal.outcome == "won"
    return curve, closed


def chosen(deal: Deal, selection: Selection) -> bool:
    row = deal.lead.row
    own = selection.partners is None or row["partner_id"] is None or row["partner_id"] in selection.partners
    return own and (selection.channels is None or row["channel"] in selection.channels)


def kind(deal: Deal, sizes: dict) -> tuple:
    row = deal.lead.row
    employees = sizes.get(row["account_id"])
    band = None if employees is None else sum(employees >= bound for bound in SIZE_BOUNDS)
    first = row["eql_at"] is not None and deal.opened_at is not None and row["eql_at"] < deal.opened_at
    return row["partner_id"] is not None, first, band, row["region"] or None, row["product_line"] or None


def cells(found: Strata) -> tuple[Counter, Counter]:
    curve: Counter = Counter()
    closed: Counter = Counter()
    for *key, deals in found.curve.iter_rows():
        curve[tuple(key)] += deals
    for *key, won, number in found.closed.iter_rows():
        closed[tuple(key), "won"] += won
        closed[tuple(key), "closed"] += number
    return curve, closed


@given(companies(), questions(), st.sampled_from(CHOICES), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_cells_are_what_counting_rows_finds(
    module_database: Database, company: Company, asked: Asked, selection: Selection, random: Random
) -> None:
    of_many_kinds(company, random).write(owner_engine(module_database), replace=True)
    own = Settings(**asked.settings)
    window = Window(parse_period(asked.period, own), asked.as_of, own.time_zone, own.currency)
    found = strata_cells(app_engine(module_database), window, selection)
    curve, closed = counted(module_database, window, selection)
    assert (+cells(found)[0], +cells(found)[1]) == (+curve, +closed)


def test_decoys_count_nowhere(database: Database) -> None:
    company = Company()
    partner = company.add_partner("P001")
    account = company.add_account(employees=200)
    kept = company.add_lead(partner_id=partner, account_id=account, region="EMEA", eql_at="2025-07-16")
    won = {"opened_at": "2025-07-20 12:00", "status": "won"}
    company.add_deal(kept, closed_at="2025-08-01 12:00", **won)
    company.add_deal(kept, closed_at="2025-12-01 12:00", **won)  # closed after `as_of`: still open
    company.add_deal(kept, closed_at="2025-08-01 12:00", deleted_at="2025-09-01", **won)
    company.add_deal(kept, closed_at=None, **won)  # won, nobody knows when
    company.add_deal(None, closed_at="2025-08-01 12:00", **won)
    test = company.add_lead(partner_id=partner, account_id=account, is_test=True)
    company.add_deal(test, closed_at="2025-08-01 12:00", **won)
    merged = company.add_lead(region="APAC", merged_into=kept, merged_at="2025-07-19")
    company.add_deal(merged, opened_at="2025-07-21 12:00", status="lost", closed_at="2025-07-31 12:00")
    company.write(owner_engine(database))
    own = Settings()
    asked = Window(parse_period("2025-Q3", own), parse_period("2025-Q4", own).start)
    found = strata_cells(app_engine(database), asked)
    key = (True, True, 2, "EMEA", None)  # the merged lead's deal is of the kind of the lead that it became
    assert sorted(found.curve.rows()) == [
        (*key, "lost", 10, 1),  # 21 to 31 July
        (*key, "open", 73, 1),  # 20 July to 1 October
        (*key, "won", 12, 1),  # 20 July to 1 August
    ]
    assert found.closed.rows() == [(*key, 1, 2)]
    assert found.curve["deals"].dtype == pl.Int64
