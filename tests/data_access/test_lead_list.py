"""Does the list hold exactly the leads that the numbers count, in order, page by page, with what is true of each?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest

from dashboard.domain import Stage
from dashboard.period import parse_period
from dashboard.scoring.scorecard_file import default_model, parse
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.lead_list import LeadQuery, Place, all_leads, count_in_cells, count_leads, page_of_leads
from data_access.leads import COHORT
from data_access.live import DEAL
from data_access.qualification import GATE_SCHEMA, gate_cells
from data_access.questions import ask_together
from tests.builders import Company
from tests.reference.qualified import Judged, judge
from tests.scorecards import random_card, signalling_company

pytestmark = pytest.mark.database
QUARTER = parse_period("2025-Q3", Settings())
AS_OF = datetime(2025, 11, 5, 12, tzinfo=UTC)
SEEN = Window(QUARTER, AS_OF)
MODEL = default_model()


def keys(rows: pl.DataFrame) -> list[str]:
    return rows["lead_id"].to_list()


def reached(lead: Judged, stage: Stage) -> bool:
    if stage is Stage.LEAD:
        return True
    if stage is Stage.OPPORTUNITY:
        return bool(lead.deals)
    if stage is Stage.WON:
        return any(deal["status"] == "won" and deal["closed_at"] and deal["closed_at"] <= AS_OF for deal in lead.deals)
    return lead.row.get(f"{stage}_at") is not None and lead.row[f"{stage}_at"] <= AS_OF


def meets(lead: Judged, query: LeadQuery, tables: dict[str, list[dict[str, Any]]], required: set[str]) -> bool:
    row = lead.row
    partner = next((each for each in tables["partner"] if each["partner_id"] == row["partner_id"]), {})
    account = next((each for each in tables["account"] if each["account_id"] == row["account_id"]), {})
    asset = next((each for each in tables["asset"] if each["asset_id"] == row["first_asset_id"]), {})
    grouped = {"type": partner.get("partner_type"), "channel": row["channel"], "asset_kind": asset.get("kind"),
               "asset": row["first_asset_id"]}  # fmt: skip
    gates = lead.gates | ({"model"} if required <= lead.gates else set())
    low, high = query.size or (0, None)
    staff = account.get("employees")
    sized = staff is None if query.size is None else staff is not None and low <= staff <= (high or 10**9)
    return all(
        (
            not query.sourced or row["partner_id"],
            query.partners is None or row["partner_id"] is None or row["partner_id"] in query.partners,
            query.channels is None or row["channel"] in query.channels,
            query.reached is None or reached(lead, query.reached),
            query.missing is None or not reached(lead, query.missing),
            query.of is None or row["partner_id"] == query.of,
            query.group is None or (grouped[query.group] or "") == query.group_value,
            query.attribute != "industry" or (account.get("industry") or "").strip() == query.attribute_value,
            query.attribute != "size" or sized,
            query.attribute != "tech_stack" or query.attribute_value in (account.get("tech_stack") or []),
            query.signal is None or query.signal in lead.signals,
            all(gate in gates for gate in query.passes),
            not any(gate in gates for gate in query.fails),
        )
    )


QUERIES = [
    LeadQuery(sourced=False),
    LeadQuery(),
    LeadQuery(partners=frozenset({"P001", "P002"}), channels=frozenset({"direct", None})),
    LeadQuery(sourced=False, partners=frozenset({"P001"}), channels=frozenset({"email"})),
    LeadQuery(sourced=False, partners=frozenset()),
    *(LeadQuery(sourced=False, reached=stage) for stage in Stage),
    *(LeadQuery(sourced=False, missing=stage) for stage in list(Stage)[1:]),
    LeadQuery(sourced=False, reached=Stage.EQL, missing=Stage.WON, of="P001"),
    LeadQuery(sourced=False, group="type", group_value="other"),
    LeadQuery(sourced=False, group="channel", group_value=""),
    LeadQuery(
        sourced=False, group="asset_kind", group_value="webinar", attribute="industry", attribute_value="Software"
    ),
    LeadQuery(sourced=False, group="asset", group_value="S001"),
    LeadQuery(sourced=False, attribute="industry", attribute_value=""),
    LeadQuery(sourced=False, attribute="industry", attribute_value="Media"),
    LeadQuery(sourced=False, attribute="size", size=(50, 199)),
    LeadQuery(sourced=False, attribute="size", size=(200, None)),
    LeadQuery(sourced=False, attribute="size"),
    LeadQuery(sourced=False, attribute="tech_stack", attribute_value="crm"),
    LeadQuery(sourced=False, signal="demo_request"),
    LeadQuery(sourced=False, fails=("model",)),
    LeadQuery(sourced=False, passes=("model",), fails=("recorded",)),
    LeadQuery(sourced=False, passes=("recorded", "overlap")),
    LeadQuery(sourced=False, fails=("score", "buying"), missing=Stage.OPPORTUNITY),
]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_list_and_count_are_what_the_rows_say(module_database: Database, seed: int) -> None:
    random = Random(seed)
    company = signalling_company(random).write(owner_engine(module_database), replace=True)
    card, engine = random_card(random), app_engine(module_database)
    required = {"triggers", "score", *card["required_gates"]}
    leads = judge(company.rows, card, QUARTER.start, QUARTER.end, AS_OF)
    leads.sort(key=lambda lead: (-lead.row["created_at"].timestamp(), lead.row["lead_id"]))
    assert len(leads) > 10, "a company that says something"
    for query in QUERIES:
        expected = [lead.row["lead_id"] for lead in leads if meets(lead, query, company.rows, required)]
        rows = page_of_leads(engine, SEEN, query, parse(card), limit=1000)
        assert keys(rows) == expected, query
        assert count_leads(engine, SEEN, query, parse(card)) == len(expected), query
        told = count_in_cells(gate_cells(engine, SEEN, parse(card), sourced=query.sourced), query, parse(card))
        assert told in (None, len(expected)), query
        by_key = {lead.row["lead_id"]: lead for lead in leads}
        for row in rows.iter_rows(named=True):
            lead = by_key[row["lead_id"]]
            assert row["score"] == lead.fit + lead.intent
            assert row["gates"] == lead.bits - (128 if "recorded" in lead.gates else 0)
            assert (row["outcome"] == "won") == reached(lead, Stage.WON)
            assert (row["outcome"] is not None) == bool(lead.deals)


def test_cells_tell_what_the_waterfall_links_to() -> None:
    empty = pl.DataFrame(schema=dict(GATE_SCHEMA))
    told = [count_in_cells(empty, query, MODEL) for query in QUERIES if query.fails or query.passes]
    assert told == [0, 0, 0, None], "all but the one that asks for deals"


def test_amounts_are_those_of_the_cells(module_database: Database) -> None:
    """The sum of the list's amounts is the pipeline of the cohort's cells, cent by cent, currencies and all."""
    for seed in (4, 5, 6):
        company = signalling_company(Random(seed), kinds=40).write(owner_engine(module_database), replace=True)
        engine = app_engine(module_database)
        rows = page_of_leads(engine, SEEN, LeadQuery(sourced=False), MODEL, limit=10_000)
        cells = ask_together(engine, DEAL, {"cohort": COHORT}, SEEN.parameters)["cohort"]
        assert rows.height == cells["leads"].sum()
        assert rows["amount_cents"].sum() == cells["pipeline_cents"].sum()
        assert {deal["currency"] for deal in company.rows["deal"]} > {"USD"}


def test_pages_go_forth_and_back_without_losing_or_doubling_a_lead(database: Database) -> None:
    company = Company()
    created = datetime(2025, 8, 1, tzinfo=UTC)
    for number in range(25):  # five instants, five leads at each: the key decides
        company.add_lead(f"L{number:02d}", created_at=created + timedelta(hours=number % 5))
    company.write(owner_engine(database))
    engine, query = app_engine(database), LeadQuery(sourced=False)
    whole = keys(page_of_leads(engine, SEEN, query, MODEL, limit=100))
    assert whole[:5] == ["L04", "L09", "L14", "L19", "L24"] and len(whole) == 25
    forth, back, after = [], [], None
    while not (page := page_of_leads(engine, SEEN, query, MODEL, after=after, limit=7)).is_empty():
        forth.append(keys(page))
        after = Place(page["created_at"][-1], page["lead_id"][-1])
    assert [key for page in forth for key in page] == whole and [len(page) for page in forth] == [7, 7, 7, 4]
    before = Place(page_of_leads(engine, SEEN, query, MODEL, limit=100)["created_at"][-1], "L20")
    while not (page := page_of_leads(engine, SEEN, query, MODEL, before=before, limit=7)).is_empty():
        back = [*keys(page), *back]
        before = Place(page["created_at"][0], page["lead_id"][0])
    assert back == whole[: whole.index("L20")]
    batches = list(all_leads(engine, SEEN, query, MODEL, most=23, batch=10))
    assert [batch.height for batch in batches] == [10, 10, 3]
    assert [key for batch in batches for key in keys(batch)] == whole[:23]


def test_what_is_said_of_a_lead(database: Database) -> None:
    company = Company()
    partner = company.add_partner("P1", name="Lumen")
    account = company.add_account(name="Acme <b>")
    asset = company.add_asset(partner, title="Guide")
    lead = company.add_lead(
        "L1", created_at="2025-08-01", partner_id=partner, account_id=account, first_asset_id=asset,
        mql_at="2025-08-02", eql_at="2025-12-24", disqualified_at="2025-12-24", disqualified_reason="later",
    )  # fmt: skip
    company.add_deal(lead, opened_at="2025-08-05", amount="100.10", currency="EUR", stage="proposal")
    company.add_deal(lead, opened_at="2025-08-04", amount="50", currency="GBP", status="lost", closed_at="2025-08-20")
    company.add_rate("EUR", "2025-08-01", "1.5")
    company.write(owner_engine(database))
    row = page_of_leads(app_engine(database), SEEN, LeadQuery(), MODEL).row(0, named=True)
    said = {name: row[name] for name in ("company", "partner", "first_asset", "deal_stage", "outcome", "amount_cents")}
    assert said == {
        "company": "Acme <b>", "partner": "Lumen", "first_asset": "Guide", "deal_stage": "proposal", "outcome": "open",
        "amount_cents": 15015,  # 100.10 EUR × 1.5; the pounds have no rate
    }  # fmt: skip
    assert row["unconverted"] == 1
    assert row["mql_at"] == datetime(2025, 8, 2, tzinfo=UTC) and row["eql_at"] is None, "it lies after as_of"
    assert row["disqualified_reason"] is None


def test_an_empty_database_has_an_empty_list(database: Database) -> None:
    engine = app_engine(database)
    assert page_of_leads(engine, SEEN, LeadQuery(), MODEL).is_empty()
    assert count_leads(engine, SEEN, LeadQuery(fails=("icp",)), MODEL) == 0
    assert list(all_leads(engine, SEEN, LeadQuery(), MODEL, most=10)) == []
