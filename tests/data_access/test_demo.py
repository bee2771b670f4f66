"""Is the simulated company what it claims to be: the same for the same options, sound, and true to its own model?"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from dashboard import settings as settings_module
from dashboard.commands import demonstration
from dashboard.domain import UserError
from data_access.demo import Company, DemoOptions, Selection, generate, load
from data_access.demonstration.scorecard import SIGNALS
from data_access.demonstration.store import _csv
from data_access.engine import Database, owner_engine

ROOT = Path(__file__).resolve().parents[2]
UNTIL = date(2026, 7, 19)
SMALL = DemoOptions(leads=2_000, until=UNTIL)


def instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def fingerprint(company: Company) -> str:
    digest = hashlib.sha256()
    for name, table in company.tables.items():
        digest.update(name.encode() + _csv(table))
    return digest.hexdigest()


@pytest.fixture(scope="module")
def company() -> Company:
    return generate(DemoOptions(until=UNTIL))


# -- the same again ---------------------------------------------------------------------------------------------------


def test_equal_options_give_equal_rows_and_another_seed_gives_others():
    first, again = generate(SMALL), generate(SMALL)
    assert fingerprint(first) == fingerprint(again)
    assert first.truth.partners == again.truth.partners
    assert first.truth.leads.equals(again.truth.leads)
    assert fingerprint(first) != fingerprint(generate(DemoOptions(leads=2_000, until=UNTIL, seed=71)))


def test_another_process_gives_the_same_rows():
    code = (
        "from tests.data_access.test_demo import SMALL, fingerprint; from data_access.demo import generate;"
        "print(fingerprint(generate(SMALL)))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "POLARS_MAX_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == fingerprint(generate(SMALL))


@pytest.mark.parametrize("wrong", [{"leads": 10}, {"partners": 3}, {"months": 1}, {"seed": -1}])
def test_impossible_options_are_refused_with_a_sentence(wrong: dict[str, int]):
    with pytest.raises(UserError, match="between"):
        DemoOptions(**wrong)


# -- soundness --------------------------------------------------------------------------------------------------------


def check_sound(company: Company) -> None:
    """What holds in every simulated company, whatever its size."""
    options, tables = company.options, company.tables
    lead, deal = tables["lead"], tables["deal"]
    assert lead.height == options.leads == company.truth.leads.height
    assert lead["lead_id"].equals(company.truth.leads["lead_id"])
    for name, table in tables.items():
        assert (table["source"] == "simulated").all()
        for column, kind in table.schema.items():
            if kind == pl.Datetime("us", "UTC") and table[column].count():
                assert table[column].max() < instant(options.until), (name, column)
                assert table[column].min() >= instant(options.start), (name, column)
    stages = ("mql_at", "eql_at", "sql_at", "assigned_at", "first_contacted_at", "merged_at", "deleted_at")
    assert lead.filter(pl.any_horizontal(pl.col(stage) < pl.col("created_at") for stage in stages)).is_empty()
    for earlier, later in (("mql_at", "eql_at"), ("eql_at", "sql_at"), ("eql_at", "assigned_at")):
        assert lead.filter(pl.col(earlier) > pl.col(later)).is_empty(), (earlier, later)
    owned = lead.join(tables["asset"], left_on="first_asset_id", right_on="asset_id", suffix="_of_asset")
    assert owned.filter(pl.col("partner_id").ne_missing(pl.col("partner_id_of_asset"))).is_empty()
    assert owned.filter(pl.col("published_on") > pl.col("created_at").dt.date()).is_empty()
    brought = lead.join(tables["partner"], on="partner_id")
    assert brought.filter(pl.col("joined_on") > pl.col("created_at").dt.date()).is_empty()
    assert brought.filter(pl.col("ended_on") < pl.col("created_at").dt.date()).is_empty()
    assert deal["opened_at"].null_count() == 0
    assert deal.filter((pl.col("status") == "open") != pl.col("closed_at").is_null()).is_empty()
    assert deal.join(lead, on="lead_id").filter(pl.col("eql_at") == pl.col("opened_at")).is_empty()


def check_merges(lead: pl.DataFrame) -> None:
    """A merged-away lead repeats its survivor; neither is a test or deleted; chains have at most two steps."""
    merged = lead.filter(pl.col("merged_into").is_not_null())
    pairs = merged.join(lead, left_on="merged_into", right_on="lead_id", suffix="_left")
    assert pairs.height == merged.height
    for side in ("", "_left"):
        assert not pairs["is_test" + side].any()
        assert pairs["deleted_at" + side].count() == 0
    assert pairs.filter(pl.col("partner_id").ne_missing(pl.col("partner_id_left"))).is_empty()
    assert (pairs["email_domain"] == pairs["email_domain_left"]).all()
    assert (pairs["created_at"] > pairs["created_at_left"]).all()
    assert pairs.filter(pl.col("merged_at") > pl.col("merged_at_left")).is_empty()
    seconds = pairs.filter(pl.col("merged_into_left").is_not_null())
    thirds = seconds.join(lead, left_on="merged_into_left", right_on="lead_id", suffix="_end")
    assert thirds["merged_into_end"].count() == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    leads=st.integers(200, 3_000),
    partners=st.integers(12, 150),
    months=st.integers(6, 40),
    seed=st.integers(0, 2**63 - 1),
    until=st.dates(date(2004, 1, 1), date(2100, 12, 31)),
    below=st.sampled_from(Selection),
    inbound=st.booleans(),
)
def test_every_company_is_sound(leads, partners, months, seed, until, below, inbound):
    company = generate(DemoOptions(leads, seed, until, partners, months, below, inbound))
    check_sound(company)
    check_merges(company.tables["lead"])
    assert company.tables["lead"]["experiment"].any() <= (below is Selection.RANDOM)


def test_the_default_company_has_what_it_promises(company: Company):
    tables = company.tables
    check_sound(company)
    check_merges(tables["lead"])
    partner, lead, deal = tables["partner"], tables["lead"], tables["deal"]
    assert partner.height == partner["name"].n_unique() == 60
    assert partner["partner_type"].n_unique() == 8
    assert set(partner["tier"].drop_nulls()) == {"gold", "silver", "bronze"}
    assert set(partner["status"]) == {"prospect", "active", "paused", "ended"}
    assert partner.filter(status="active")["joined_on"].null_count() == 1
    assert date(2026, 4, 1) < partner["joined_on"].max() < date(2026, 6, 30)  # inside the last full quarter
    counts = partner.join(lead, on="partner_id", how="left").group_by("partner_id").agg(pl.col("lead_id").count())
    assert 3 in counts["lead_id"]
    active = partner.filter(status="active").join(counts, on="partner_id")
    assert (active["lead_id"] == 0).sum() == 1
    assert counts["lead_id"].max() > 10 * counts["lead_id"].median()  # heavy tail
    assets = tables["asset"].group_by("partner_id").len().filter(pl.col("partner_id").is_not_null())
    assert 3 <= assets["len"].min() <= assets["len"].max() <= 25
    assert set(tables["signal"]["signal"]) == set(SIGNALS)
    assert tables["cost"].filter(pl.col("amount") % 100 != 0).is_empty()
    assert (tables["fx_rate"]["day"].dt.weekday() <= 5).all()
    assert set(deal["status"]) == {"open", "won", "lost"}


def test_the_default_company_is_honestly_dirty(company: Company):
    lead, deal, touch = (company.tables[name] for name in ("lead", "deal", "touch"))
    full = deal.join(lead, on="lead_id", suffix="_of_lead")
    assert deal["lead_id"].null_count() == 10
    assert (deal["currency"] == "SEK").sum() == 3
    assert "SEK" not in set(company.tables["fx_rate"]["currency"])
    assert 1 <= deal.filter(pl.col("closed_at") < pl.col("opened_at")).height <= 5
    assert full["is_test"].sum() >= 1
    assert full["deleted_at_of_lead"].count() >= 1
    assert full["merged_into"].count() >= 1
    chained = lead.join(lead.select("lead_id", onward="merged_into"), left_on="merged_into", right_on="lead_id")
    assert chained["onward"].count() >= 1
    assert lead.filter(pl.col("sql_at").is_not_null() & pl.col("mql_at").is_null()).height > 20
    assert full.filter(pl.col("sql_at").is_null()).height > 5
    key = pl.struct("email_domain", "partner_id")
    known = lead.filter(
        pl.col("partner_id").is_not_null() & ~pl.col("email_domain").is_in(["gmail.com", "outlook.com"])
    )
    assert 0.005 < known.filter(key.is_duplicated()).height / 2 / lead.height < 0.03
    assert 0.05 < lead.filter(channel="partner")["utm_source"].null_count() / lead.height < 0.2
    assert touch.group_by("lead_id").agg(pl.col("partner_id").drop_nulls().n_unique())["partner_id"].max() >= 2
    assert {touch.group_by("lead_id").len()["len"].min(), touch.group_by("lead_id").len()["len"].max()} == {1, 8}


def test_levels_lie_in_the_stated_bands(company: Company):
    alive = company.tables["lead"].filter(
        ~pl.col("is_test") & pl.col("deleted_at").is_null() & pl.col("merged_into").is_null()
    )
    won = company.tables["deal"].filter(status="won")["lead_id"].drop_nulls().implode()
    alive = alive.with_columns(won=pl.col("lead_id").is_in(won))
    assert 0.43 < (alive["channel"] == "partner").mean() < 0.47
    mature = alive.filter(pl.col("created_at") < instant(date(2025, 10, 1)))
    eql = mature.filter(pl.col("eql_at").is_not_null())
    assert 0.30 < eql["sql_at"].count() / eql.height < 0.45
    assert 0.18 < eql["won"].mean() < 0.25
    organic = mature.filter(pl.col("eql_at").is_null() & pl.col("assigned_at").is_not_null(), channel="organic")
    assert 0.02 < organic["won"].mean() < 0.05
    below = alive.filter(pl.col("experiment"))
    assert 0.02 < below.height / alive.filter(pl.col("eql_at").is_null()).height < 0.04


# -- in the database --------------------------------------------------------------------------------------------------


def ask(database: Database, question: str) -> list[tuple[object, ...]]:
    with owner_engine(database).connect() as connection:
        return [tuple(row) for row in connection.execute(text(question))]


def run(database: Database, statement: str) -> None:
    with owner_engine(database).begin() as connection:
        connection.execute(text(statement))


def version(database: Database) -> int:
    return int(str(ask(database, "SELECT version FROM eql.data_version")[0][0]))


def keys_and_indexes(database: Database) -> list[tuple[object, ...]]:
    return ask(
        database,
        "SELECT conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint "
        "WHERE connamespace = 'eql'::regnamespace UNION ALL "
        "SELECT indexname, indexdef, true FROM pg_indexes WHERE schemaname = 'eql' ORDER BY 1, 2",
    )


@pytest.mark.database
def test_the_default_company_loads_quickly_and_entirely(database: Database, company: Company):
    before, number = keys_and_indexes(database), version(database)
    began = time.monotonic()
    truth = load(database, company.options)
    assert time.monotonic() - began < 10 * (1 + os.getloadavg()[0] / (os.cpu_count() or 1))
    assert truth.leads.equals(company.truth.leads)
    assert keys_and_indexes(database) == before
    assert version(database) > number
    for name, table in company.tables.items():
        assert ask(database, f"SELECT count(*), min(source), max(source) FROM eql.{name}") == [
            (table.height, "simulated", "simulated")
        ]
    sums = ask(database, "SELECT sum(amount), sum(arr) FROM eql.deal")[0]
    cents = company.tables["deal"].select((pl.col("amount", "arr") * 100).round().cast(pl.Int64).sum()).row(0)
    assert tuple(int(value * 100) for value in sums) == cents
    columns = "lead_id, created_at, eql_at, utm_source, crm_score, experiment"
    kept = ask(database, f"SELECT {columns} FROM eql.lead ORDER BY lead_id LIMIT 500")
    assert kept == company.tables["lead"].select(columns.split(", ")).head(500).rows()
    stacks = ask(database, "SELECT tech_stack FROM eql.account ORDER BY account_id LIMIT 500")
    assert [row[0] for row in stacks] == company.tables["account"]["tech_stack"].head(500).to_list()


@pytest.mark.database
def test_a_second_load_takes_the_place_of_the_first(database: Database):
    load(database, SMALL)
    told: list[tuple[str, int, int]] = []
    load(database, DemoOptions(leads=600, until=UNTIL, seed=5), lambda *step: told.append(step))
    assert ask(database, "SELECT count(*) FROM eql.lead") == [(600,)]
    assert ("lead", 600, 600) in told


FOREIGN = {
    "lead": "INSERT INTO eql.lead (lead_id, created_at, source) VALUES ('mine', now(), 'crm')",
    "partner": "INSERT INTO eql.partner (partner_id, name) VALUES ('mine', 'Mine')",
    "batch": "INSERT INTO eql.import_batch (mapping, mapping_sha256, source, files) VALUES ('m', 's', 'crm', '[]')",
}


@pytest.mark.database
@pytest.mark.parametrize("kind", FOREIGN)
def test_other_data_are_never_overwritten(database: Database, kind: str):
    load(database, DemoOptions(leads=300, until=UNTIL))
    run(database, FOREIGN[kind])
    number = version(database)
    with pytest.raises(UserError, match=r"database holds .* another"):
        load(database, SMALL)
    assert version(database) == number
    assert ask(database, "SELECT count(*) FROM eql.lead WHERE source = 'simulated'") == [(300,)]


@pytest.mark.database
def test_a_load_that_fails_leaves_everything_as_it_was(database: Database):
    load(database, DemoOptions(leads=300, until=UNTIL))
    before = keys_and_indexes(database)

    def fail(table: str, written: int, total: int) -> None:
        if table == "touch":
            raise RuntimeError("pulled the plug")

    with pytest.raises(RuntimeError, match="plug"):
        load(database, SMALL, fail)
    assert ask(database, "SELECT count(*) FROM eql.lead") == [(300,)]
    assert keys_and_indexes(database) == before


@pytest.mark.database
def test_the_command_loads_and_explains(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("DATABASE_URL", database.owner_url.render_as_string(hide_password=False))
    settings_module.settings.cache_clear()
    parser = argparse.ArgumentParser()
    demonstration.add_parser(parser.add_subparsers())
    try:
        words = "demo --leads 500 --partners 20 --until 2026-07-19 --seed 3"
        args = parser.parse_args(words.split())
        assert args.run(args) == 0
        assert "20 partners and 500 leads" in capsys.readouterr().out
        assert ask(database, "SELECT count(*) FROM eql.partner") == [(20,)]
        args = parser.parse_args(["demo", "--until", "19.7.2026"])
        with pytest.raises(UserError, match="YYYY-MM-DD"):
            args.run(args)
    finally:
        settings_module.settings.cache_clear()
