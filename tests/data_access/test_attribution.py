"""Do credits add up to the deal to the cent, and say what docs/attribution.md says?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

import polars as pl
import pytest
from sqlalchemy import text

from dashboard.metrics.attribution import Attribution, attribution_of, gaps
from dashboard.metrics.attribution_rules import DEFAULT, Base, KeyInfluence, Kind, Options, Rule, Until
from dashboard.metrics.markov import chain_of, removal_effects
from dashboard.metrics.performance import ALL, Selection, performance
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.attribution import IN_PERIOD, attribution_cells, credited, weight_parameters
from data_access.attribution_paths import SELECTED, path_parameters
from data_access.engine import Database, app_engine, owner_engine
from data_access.markov import transition_cells
from data_access.reading import read_performance
from tests.builders import Company
from tests.conftest import NewDatabase
from tests.reference.attribution_rows import (
    RowLine,
    attribution_rows,
    read_touches,
    transition_rows,
)
from tests.reference.rows_data import read_data
from tests.touched_companies import companies

pytestmark = pytest.mark.database

NOW = datetime(2025, 11, 15, 9, tzinfo=UTC)
Q3 = parse_period("2025-Q3", Settings())
COMPANIES = 1000
ASKED = [
    (DEFAULT, Window(Q3, NOW)),
    (
        Options(Until.CLOSE, KeyInfluence.EQL, 7.0),
        Window(parse_period("2025-Q3", Settings(time_zone="Asia/Kolkata")), NOW, "Asia/Kolkata", "EUR"),
    ),
    (
        Options(Until.CLOSE, KeyInfluence.LAST_PARTNER, 1.0),
        Window(
            parse_period("2025-06-20..2025-10-20", Settings(time_zone="America/New_York")),
            datetime(2025, 10, 1, 12, tzinfo=UTC),
            "America/New_York",
        ),
    ),
]


@pytest.fixture(scope="module")
def many(_new_database: NewDatabase) -> Iterator[Database]:
    with _new_database() as database:
        companies(COMPANIES).write(owner_engine(database))
        with owner_engine(database).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
        yield database


@cache
def weights_of(database: Database, window: Window, options: Options) -> dict[str, float]:
    return removal_effects(chain_of(transition_cells(app_engine(database), window, options))).weights


def cells(database: Database, window: Window, options: Options, selection: Selection = ALL) -> pl.DataFrame:
    weights = weights_of(database, window, options)
    return attribution_cells(app_engine(database), window, options, weights, selection)


@pytest.mark.parametrize(("options", "window"), ASKED)
def test_credits_of_each_deal_add_up_to_it(many: Database, options: Options, window: Window) -> None:
    weights = weights_of(many, window, options)
    sums = ", ".join(f"sum({rule.value}) - max(value)" for rule in Rule if rule is not Rule.SOURCE)
    parameters = window.parameters | path_parameters(options) | weight_parameters(options, weights)
    query = f"""WITH RECURSIVE {credited(f"{IN_PERIOD} AND {SELECTED}")}
                SELECT count(*), {sums} FROM credited GROUP BY deal_no, base"""
    least = f"""WITH RECURSIVE {credited(f"{IN_PERIOD} AND {SELECTED}")} SELECT min(least(
                {", ".join(rule.value for rule in Rule if rule is not Rule.SOURCE)})) FROM credited"""
    with app_engine(many).connect() as connection:
        found = connection.execute(text(query), parameters).fetchall()
        assert connection.execute(text(least), parameters).scalar_one() >= 0
    assert len(found) > COMPANIES
    assert max(row[0] for row in found) > 4  # some deals have many touches
    assert {tuple(row[1:]) for row in found} == {(0,) * 7}


@pytest.mark.parametrize(("options", "window"), ASKED)
def test_lines_are_those_of_a_plain_reading_of_the_docs(many: Database, options: Options, window: Window) -> None:
    settings = Settings(time_zone=window.zone, currency=window.currency)
    data = read_data(owner_engine(many), window, settings)
    touches = read_touches(owner_engine(many), data)
    weights = weights_of(many, window, options)
    found = cells(many, window, options)
    for base in Base:
        ours = attribution_of(found, base, options)
        theirs = attribution_rows(data, touches, base.value, options, weights)
        lines = {(line.kind.value, line.key, line.touched): line for line in ours.lines}
        assert lines.keys() == theirs.lines.keys()
        for place, line in lines.items():
            expected: RowLine = theirs.lines[place]
            assert {rule.value: cents for rule, cents in line.cents.items()} == expected.cents, place
            assert line.deals == len(expected.deals), place
            if line.sourced is not None:
                assert (line.sourced, line.influenced) == (expected.sourced, expected.influenced), place
        standings = {name: getattr(ours, name) for name in theirs.standings}
        assert {name: (each.deals, each.cents) for name, each in standings.items()} == theirs.standings
        assert ours.total.cents == theirs.total
        assert gaps(ours) == {}


@pytest.mark.parametrize(("options", "window"), ASKED)
def test_transitions_are_those_of_a_plain_reading_of_the_docs(many: Database, options: Options, window: Window) -> None:
    data = read_data(owner_engine(many), window, Settings(time_zone=window.zone, currency=window.currency))
    found = {(a, b): n for a, b, n in transition_cells(app_engine(many), window, options).iter_rows()}
    assert found == transition_rows(data, read_touches(owner_engine(many), data), window.curve_start, options)
    assert sum(n for (a, _), n in found.items() if a == "start") > COMPANIES / 4


@pytest.mark.parametrize(("options", "window"), ASKED)
def test_totals_are_those_of_the_cells_of_all_pages(many: Database, options: Options, window: Window) -> None:
    deals = read_performance(app_engine(many), window).cells.deals
    found = cells(many, window, options)
    arr, pipeline = (attribution_of(found, base, options).total for base in Base)
    assert (arr.cents, arr.deals) == (deals["arr_cents"].sum(), deals["won"].sum())
    assert (pipeline.cents, pipeline.deals) == (deals["pipeline_cents"].sum(), deals["opened"].sum())


@pytest.fixture(scope="module")
def few(_new_database: NewDatabase) -> Iterator[Database]:
    with _new_database() as database:
        companies(12, seed=2).write(owner_engine(database))
        yield database


CHOSEN = (
    ALL,
    Selection(partners=frozenset({"0003P0", "0007P1"})),
    Selection(channels=frozenset({"", "0011partner"})),
    Selection(partners=frozenset(), channels=frozenset({"0001organic", "0002partner"})),
)


@pytest.mark.parametrize("selection", CHOSEN)
def test_totals_are_those_of_the_other_pages(few: Database, selection: Selection) -> None:
    options, window = ASKED[0]
    totals = performance(read_performance(app_engine(few), window), window, Settings(), selection).totals
    found = cells(few, window, options, selection)
    for base, expected, deals in (
        (Base.ARR, totals.arr, totals.won_deals),
        (Base.PIPELINE, totals.pipeline_created, totals.opportunities_opened),
    ):
        result = attribution_of(found, base, options)
        assert (result.total.cents, result.total.deals) == (round(expected * 100), deals)
        assert gaps(result) == {}


# -- the example of docs/attribution.md -------------------------------------------------------------------------------


def one_deal(database: Database, company: Company, options: Options = DEFAULT, **weights: float) -> Attribution:
    company.write(owner_engine(database))
    states = {f"partner:{name}": weight for name, weight in weights.items()}
    window = Window(parse_period("2025-05", Settings()), NOW)
    return attribution_of(attribution_cells(app_engine(database), window, options, states), Base.PIPELINE, options)


def example(lead: dict[str, str | None] | None = None, deal: dict[str, str | None] | None = None) -> Company:
    company = Company()
    for name in "ABC":
        company.add_partner(name)
    key = company.add_lead(
        created_at="2025-05-01 08:00", **{"sql_at": "2025-05-20 10:00", "channel": "web", **(lead or {})}
    )
    for name, day in (("A", "01"), ("B", "16"), ("C", "31")):
        company.add_touch(key, occurred_at=f"2025-05-{day} 18:00", partner_id=name, channel="web")
    company.add_deal(key, **{"opened_at": "2025-05-31 09:00", "amount": "100.01", **(deal or {})})
    return company


def credits(found: Attribution, rule: Rule, kind: Kind = Kind.PARTNER) -> dict[str | None, int]:
    return {line.key: line.cents[rule] for line in found.of(kind)}


def test_the_worked_example(database: Database) -> None:
    found = one_deal(database, example(), A=0.5, B=0.25, C=0.25)
    assert credits(found, Rule.FIRST) == {"A": 10001, "B": 0, "C": 0, None: 0}
    assert credits(found, Rule.LAST) == {"A": 0, "B": 0, "C": 10001, None: 0}
    assert credits(found, Rule.LINEAR) == {"A": 3334, "B": 3334, "C": 3333, None: 0}
    assert credits(found, Rule.POSITION_A) == {"A": 4001, "B": 4000, "C": 2000, None: 0}
    assert credits(found, Rule.POSITION_B) == {"A": 4000, "B": 0, "C": 6001, None: 0}
    assert credits(found, Rule.TIME_DECAY) == {"A": 2266, "B": 3204, "C": 4531, None: 0}
    assert credits(found, Rule.DATA_DRIVEN) == {"A": 5001, "B": 2500, "C": 2500, None: 0}
    # The lead itself names no partner, so the deal is influenced, and the source's is nobody.
    assert credits(found, Rule.SOURCE) == {"A": 0, "B": 0, "C": 0, None: 10001}
    assert (found.sourced.deals, found.influenced.cents, found.untouched.deals) == (0, 10001, 0)
    assert {line.influenced for line in found.of(Kind.PARTNER) if line.key} == {10001}


def test_a_missing_role_leaves_its_share_to_the_others(database: Database) -> None:
    found = one_deal(database, example(lead={"sql_at": None}))
    assert credits(found, Rule.POSITION_A) == {"A": 6667, "B": 0, "C": 3334, None: 0}  # 6667⅓ and 3333⅔


def test_a_touch_in_two_roles_gets_both_shares(database: Database) -> None:
    found = one_deal(database, example(lead={"sql_at": "2025-05-02 10:00"}))
    assert credits(found, Rule.POSITION_A) == {"A": 8001, "B": 0, "C": 2000, None: 0}  # 8000.8 and 2000.2


def test_a_deal_without_a_touch_is_nobodys_but_by_source(database: Database) -> None:
    found = one_deal(database, example(lead={"partner_id": "B"}, deal={"opened_at": "2025-05-01 00:00"}))
    assert credits(found, Rule.LINEAR) == {"A": 10001, "B": 0}
    empty = example(lead={"partner_id": "B"})
    empty.rows["touch"].clear()
    with owner_engine(database).begin() as connection:
        for table in ("touch", "deal", "lead", "partner"):
            connection.execute(text(f"DELETE FROM eql.{table}"))
    found = one_deal(database, empty)
    assert [(line.key, line.touched) for line in found.of(Kind.PARTNER)] == [("B", True), (None, False)]
    assert credits(found, Rule.SOURCE) == {"B": 10001, None: 0}
    assert credits(found, Rule.LAST) == credits(found, Rule.DATA_DRIVEN) == {"B": 0, None: 10001}
    assert (found.sourced.cents, found.influenced.cents, found.untouched.cents) == (10001, 0, 0)


def test_enormous_deals_add_up_too(database: Database) -> None:
    found = one_deal(database, example(deal={"amount": "999999999999999.99"}), A=0.3, B=0.1, C=0.7)
    assert found.total.cents == 99_999_999_999_999_999
    assert gaps(found) == {}
    assert credits(found, Rule.LINEAR)["A"] == 33_333_333_333_333_333


def test_a_deal_without_a_rate_is_marked_and_in_no_sum(database: Database) -> None:
    found = one_deal(database, example(deal={"currency": "GBP"}))
    assert (found.total.deals, found.total.cents, found.unconverted, found.incomplete) == (1, 0, 1, True)
    assert {line.unconverted for line in found.of(Kind.PARTNER)} == {1}
