"""Are AI referrals recognised by one definition, and counted where they belong?"""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random

import polars as pl
import pytest
from sqlalchemy import text

from dashboard.metrics.ai_referrals import ai_referrals, months_of
from dashboard.metrics.performance import Selection, performance
from dashboard.period import parse_period
from dashboard.reports.ai_referrals import ai_referrals_section
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.ai_referrals import AI_CHANNELS, FROM_AI, TOOL_OF, UNNAMED, read_ai_referrals
from data_access.engine import Database, app_engine, owner_engine
from data_access.reading import read_performance
from data_access.score_sources import AI_OVERVIEWS, CLASSES
from tests.builders import Company

pytestmark = pytest.mark.database
SETTINGS = Settings()
WINDOW = Window(parse_period("2025-Q3", SETTINGS), datetime(2026, 6, 30, tzinfo=UTC))
MONTHS = months_of(WINDOW.period, WINDOW.as_of_day)


def found_in(database: Database, chosen: Selection | None = None):  # type: ignore[no-untyped-def]
    cells = read_ai_referrals(app_engine(database), WINDOW, MONTHS)
    return ai_referrals(cells, MONTHS, chosen or Selection())


def test_every_recognised_name_is_of_one_tool() -> None:
    assert set(TOOL_OF) == {name for names in CLASSES.values() for name in names}
    assert UNNAMED not in TOOL_OF.values()
    assert {name for name, tool in TOOL_OF.items() if tool == AI_OVERVIEWS} == set(CLASSES[AI_OVERVIEWS])


SEEN = [
    (" ChatGPT.com ", "direct", True), (None, "AI_Referral", True), ("google", " ai ", True),
    ("perplexity", None, True), ("google", "organic", False), (None, None, False), ("", "", False),
    ("email", "retail", False), ("'; drop table eql.lead; --", "direct", False),
]  # fmt: skip


def test_the_condition_is_true_or_false_and_never_null(module_database: Database) -> None:
    company = Company()
    for place, (source, channel, _) in enumerate(SEEN):
        company.add_lead(f"L{place}", utm_source=source, channel=channel)
    company.write(owner_engine(module_database), replace=True)
    with app_engine(module_database).connect() as connection:
        rows = connection.execute(text(f"SELECT {FROM_AI} FROM eql.lead l ORDER BY lead_id")).scalars().all()
    assert rows == [expected for *_, expected in SEEN]


def test_worked_by_hand(module_database: Database) -> None:
    """ChatGPT brings two leads, one of them an EQL and 1,000 of 4,000 ARR; an AI channel brings one to a partner."""
    company = Company()
    partner = company.add_partner("P1", name="Alder")
    company.add_alias(partner, "my-ai-partner", alias_kind="utm_source")
    won = company.add_lead("L1", utm_source="chatgpt.com", eql_at="2025-08-02 12:00", created_at="2025-07-10 12:00")
    company.add_deal(won, status="won", closed_at="2025-09-01 12:00", arr="1000", amount="1500")
    company.add_lead("L2", utm_source="ChatGPT")
    company.add_lead("L3", partner_id=partner, channel="ai_referral", eql_at="2025-07-20 12:00")
    other = company.add_lead("L4", partner_id=partner, channel="partner", eql_at="2025-07-20 12:00")
    company.add_deal(other, status="won", closed_at="2025-09-02 12:00", arr="3000", amount="500")
    # Not counted: a test lead, a deleted one, one of another quarter, and names that only look like AI.
    company.add_lead("L5", utm_source="perplexity.ai", is_test=True)
    company.add_lead("L6", utm_source="perplexity.ai", deleted_at="2025-08-01 12:00")
    company.add_lead("L7", utm_source="perplexity.ai", created_at="2025-05-10 12:00")
    company.add_lead("L8", utm_source="www.Bing-AI.com")
    company.add_lead("L9", utm_source="retail-email")
    company.add_lead("L10", utm_source="my-AI-partner")
    # A lead that was merged away: its deal belongs to the AI lead that remained.
    company.add_lead("L11", utm_source="google", merged_into="L2")
    company.add_deal("L11", opened_at="2025-08-05 12:00", amount="250")
    company.write(owner_engine(module_database), replace=True)
    found = found_in(module_database)
    assert (found.total.leads, found.total.eqls, found.total.won_deals, found.total.arr) == (3, 2, 1, 1000.0)
    assert (found.total.opened, found.total.pipeline) == (2, 1750.0)
    assert (found.share_of_eqls.value, found.share_of_eqls.n) == (2 / 3, 3)
    assert (found.share_of_arr.value, found.share_of_arr.n) == (0.25, 2)
    assert found.share_of_arr.low < 0.25 < found.share_of_arr.high
    assert list(found.sources) == ["ChatGPT", UNNAMED]
    assert (found.sources["ChatGPT"].leads, found.sources[UNNAMED].eqls) == (2, 1)
    assert found.names == [("", UNNAMED, 1), ("chatgpt", "ChatGPT", 1), ("chatgpt.com", "ChatGPT", 1)]
    assert found.lookalikes == [("www.bing-ai.com", 1)]
    by_partner = {own.partner_id: own for own in found.partners}
    assert by_partner["P1"].share_of_eqls.value == 0.5 and by_partner[None].brought.leads == 2
    assert [own.partner_id for own in found.partners] == ["P1", None]
    months = {own.month: own for own in found.months}
    assert len(months) == 13 and months[date(2025, 5, 1)].brought.leads == 1
    assert months[date(2025, 9, 1)].brought.arr == 1000.0


def test_filters_narrow(module_database: Database) -> None:
    """The company of the last test: channels narrow leads and deals, partners what is partner-sourced."""
    only = found_in(module_database, Selection(channels=frozenset(["ai_referral"])))
    assert (only.total.leads, only.everything.leads, only.everything.arr) == (1, 1, 0.0)
    nobody = found_in(module_database, Selection(partners=frozenset()))
    assert (nobody.total.leads, nobody.total.eqls) == (2, 1)


@pytest.mark.parametrize("seed", range(3))
def test_all_is_totals_and_sources_and_partners_and_months_sum_up(module_database: Database, seed: int) -> None:
    random, company = Random(seed), Company()
    partners = [company.add_partner(), company.add_partner(), None]
    for _ in range(300):
        month, day = random.randrange(7, 10), random.randrange(1, 28)
        at = f"2025-{month:02}-{day:02} 12:00"
        lead = company.add_lead(
            created_at=at, partner_id=random.choice(partners),
            channel=random.choice(["ai", "direct", *AI_CHANNELS, None]),
            utm_source=random.choice([*TOOL_OF, None, "google", "x-gpt"]), is_test=random.random() < 0.05,
            eql_at=at if random.random() < 0.4 else None,
        )  # fmt: skip
        if random.random() < 0.3:
            company.add_deal(
                lead, opened_at=at, status="won", closed_at="2025-09-29 12:00", arr=random.randrange(9_999)
            )
    company.add_deal(None, status="won", closed_at="2025-08-29 12:00", arr="500")
    company.write(owner_engine(module_database), replace=True)
    reading = read_performance(app_engine(module_database), WINDOW)
    result = performance(reading, WINDOW, SETTINGS)
    own = ai_referrals_section(app_engine(module_database), reading, result, SETTINGS)
    totals = result.totals
    assert own["all"] == {
        name: getattr(totals, name)
        for name in ("leads", "eqls_in_period", "won_deals", "arr", "opportunities_opened", "pipeline_created")
    }
    for part in ("sources", "partners", "months"):
        for name in ("leads", "eqls_in_period", "won_deals", "opportunities_opened"):
            assert sum(row[name] for row in own[part]) == own[name], (part, name)
        for name in ("arr", "pipeline_created"):
            assert sum(row[name] for row in own[part]) == pytest.approx(own[name]), (part, name)
    assert sum(row["leads"] for row in own["recognised"]) == own["leads"]


def test_nothing(database: Database) -> None:
    found = found_in(database)
    assert (found.total.leads, found.share_of_eqls.value, found.share_of_arr.value) == (0, None, None)
    assert not found.sources and not found.names and len(found.months) == 13
    cells = read_ai_referrals(app_engine(database), WINDOW, MONTHS)
    assert cells.deals.schema["arr_largest"] == pl.Float64


def test_months_end_with_the_period_or_today() -> None:
    running = parse_period("2026-Q4", SETTINGS)
    assert months_of(running, date(2026, 11, 23))[-1] == date(2026, 11, 1)
    assert months_of(running, date(2026, 11, 23))[0] == date(2025, 11, 1)
    assert MONTHS[-1] == date(2025, 9, 1)
    assert months_of(parse_period("2027-Q1", SETTINGS), date(2026, 11, 23))[-1] == date(2026, 11, 1)


def test_a_name_counts_where_a_lead_was_created(module_database: Database) -> None:
    """The second only became an EQL in the period."""
    company = Company()
    company.add_lead(utm_source="perplexity", created_at="2025-07-02 12:00")
    company.add_lead(utm_source="aio", created_at="2025-06-02 12:00", eql_at="2025-07-02 12:00")
    company.write(owner_engine(module_database), replace=True)
    found = found_in(module_database)
    assert (found.total.leads, found.total.eqls) == (1, 1)
    assert list(found.names) == [("perplexity", "Perplexity", 1)]


def test_a_period_longer_than_the_months_counts_whole(module_database: Database) -> None:
    """Two years: the lead of the first year is in the sums and in no month."""
    company = Company()
    for at in ("2023-02-10 12:00", "2024-12-10 12:00"):
        lead = company.add_lead(utm_source="chatgpt", created_at=at, eql_at=at)
        company.add_deal(lead, opened_at=at, amount="100")
    company.write(owner_engine(module_database), replace=True)
    window = Window(parse_period("2023-01-01..2025-01-01", SETTINGS), datetime(2026, 6, 30, tzinfo=UTC))
    months = months_of(window.period, window.as_of_day)
    found = ai_referrals(read_ai_referrals(app_engine(module_database), window, months), months)
    assert (found.total.leads, found.total.eqls, found.total.pipeline) == (2, 2, 200.0)
    assert sum(own.brought.leads for own in found.months) == 1


def test_months_begin_in_the_reporting_zone(module_database: Database) -> None:
    """23:30 UTC on 31 August is September in Berlin."""
    company = Company()
    company.add_lead(utm_source="chatgpt", created_at="2025-08-31 23:30")
    company.write(owner_engine(module_database), replace=True)
    zoned = Settings(time_zone="Europe/Berlin")
    window = Window(parse_period("2025-Q3", zoned), datetime(2026, 6, 30, tzinfo=UTC), "Europe/Berlin")
    found = ai_referrals(read_ai_referrals(app_engine(module_database), window, MONTHS), MONTHS)
    assert [own.month for own in found.months if own.brought.leads] == [date(2025, 9, 1)]
