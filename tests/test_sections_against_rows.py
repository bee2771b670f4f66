"""Do the newer sections of the report agree with a second computation from rows, written from the documents alone?"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, text

from data_access.demo import DemoOptions, load
from data_access.engine import Database, owner_engine
from data_access.importers.loading import Request, import_files
from tests.builders import Company
from tests.reference import rows_review as review
from tests.reference.curves import speed_ratio
from tests.reference.rows_compare import Seen, compare, differences, look, same
from tests.reference.rows_decoys import mislead, random_card
from tests.reference.rows_partner import rows_partner
from tests.reference.rows_simulation import chances_of, places, simulate, simulate_rates
from tests.reference.rows_standing import raw_values, took_part
from tests.reference.rows_velocity import (
    curve_of,
    is_sourced,
    koopman,
    rows_velocity_bounds,
    was_eql,
)
from tests.strategies import Asked, random_company, random_question

LONG_AGO, LATER, AHEAD = (datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2025, 2027))
SIMULATED = [
    Asked("2025-Q3", datetime(2025, 11, 1, tzinfo=UTC), {}),
    Asked(
        "2024",
        datetime(2025, 6, 11, 9, tzinfo=UTC),
        {"time_zone": "America/New_York", "currency": "EUR", "fiscal_year_start": 2},
    ),
]
OLIST = Asked("2018-Q1", datetime(2018, 12, 1, tzinfo=UTC), {"currency": "BRL"})
SALVIRT = Asked("2015-01-01..2030-01-01", datetime(2030, 6, 1, tzinfo=UTC), {})

# Companies


def _publish(engine: Engine, random: Random, cards: int) -> None:
    """Scorecards of the company's own: the newest published one holds, unless it is not published yet."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM eql.scoring_model"))
        for _ in range(cards):
            connection.execute(
                text(
                    "INSERT INTO eql.scoring_model (name, definition, author, published_at)"
                    " VALUES ('Card', CAST(:card AS jsonb), 'somebody', :published)"
                ),
                {
                    "card": json.dumps(random_card(random)),
                    "published": random.choice([LONG_AGO, LONG_AGO, LATER, AHEAD, None]),
                },
            )


@pytest.mark.database
@pytest.mark.parametrize("seed", range(10))
def test_random_companies(module_database: Database, seed: int) -> None:
    random, engine = Random(seed), owner_engine(module_database)
    partners, kinds = random.choice([(0, 8), (2, 5), (5, 25), (15, 60)])
    mislead(random_company(random, partners=partners, kinds=kinds), random).write(engine, replace=True)
    _publish(engine, random, seed % 4)
    assert compare(look(module_database, random_question(random))) == []


def _untouched(database: Database, company: Company) -> int:
    company.write(owner_engine(database))
    seen = look(database, Asked("2025-Q3", datetime(2025, 11, 1, tzinfo=UTC), {}))
    assert rows_partner(seen.data)["P001"]["gaps"]["untouched"] == {"count": 1, "of": 1}
    return seen.partners["P001"]["gaps"]["untouched"]["count"]


@pytest.mark.database
def test_a_lead_whose_deal_was_deleted_is_untouched(database: Database) -> None:
    company = Company()
    company.add_deal(company.add_lead(partner_id=company.add_partner()), deleted_at="2025-08-01")
    assert _untouched(database, company) == 1


@pytest.mark.database
def test_a_lead_that_got_a_deal_by_a_merge_is_not_untouched(database: Database) -> None:
    company = Company()
    lead = company.add_lead(partner_id=company.add_partner())
    company.add_deal(company.add_lead(merged_into=lead))
    company.write(owner_engine(database))
    seen = look(database, Asked("2025-Q3", datetime(2025, 11, 1, tzinfo=UTC), {}))
    assert seen.partners["P001"]["opportunities"] == 1
    assert seen.partners["P001"]["gaps"]["untouched"]["count"] == 0


@pytest.mark.database
def test_a_company_without_rows(database: Database) -> None:
    assert compare(look(database, Asked("2025-Q3", datetime(2025, 11, 1, tzinfo=UTC), {}))) == []


@pytest.fixture(scope="module")
def simulated(_new_database: Callable) -> Iterator[Database]:
    """A simulated company of 6,000 leads, the same in every run."""
    with _new_database() as database:
        load(database, DemoOptions(leads=6_000, until=date(2025, 11, 1)))
        yield database


@pytest.fixture(scope="module")
def last_quarter(simulated: Database) -> Seen:
    """The simulated company's last quarter."""
    return look(simulated, SIMULATED[0])


@pytest.fixture(scope="module")
def fiscal_year(simulated: Database) -> Seen:
    """A year that began in February, seen in New York and counted in euros."""
    return look(simulated, SIMULATED[1])


@pytest.mark.slow
@pytest.mark.database
def test_the_simulated_company(last_quarter: Seen) -> None:
    assert compare(last_quarter) == []


@pytest.mark.slow
@pytest.mark.database
def test_the_simulated_company_amid_its_data_in_euros(fiscal_year: Seen) -> None:
    assert compare(fiscal_year) == []


@pytest.mark.slow
@pytest.mark.database
@pytest.mark.parametrize(("folder", "asked"), [("olist", OLIST), ("salvirt", SALVIRT)])
def test_companies_of_others(database: Database, shared_data: Path, folder: str, asked: Asked) -> None:
    import_files(owner_engine(database), Request((shared_data / folder,), None), "UTC")
    seen = look(database, asked)
    assert seen.product["totals"]["leads"] > 100
    assert compare(seen) == []


# What is drawn at random


@pytest.mark.slow
@pytest.mark.database
def test_chances_of_the_review_against_a_slow_simulation(last_quarter: Seen) -> None:
    data, partners = last_quarter.data, last_quarter.partners
    ranked = list(review.eligible(data, review.page_values(data)))
    draws = simulate([review.page_cases(data, key) for key in ranked])
    ranks = places(draws)
    tops, bottoms = chances_of(ranks, len(ranked) // 5)
    lows, highs = np.quantile(ranks, [0.05, 0.95], axis=0)
    # Amounts are skewed over the draws: their middle is what both name.
    middles = np.exp(np.median(draws, axis=0))
    for place, key in enumerate(ranked):
        own, interval = partners[key], partners[key]["rank_interval"]
        assert abs(own["p_top"] - tops[place]) <= 0.06, key
        assert abs(own["p_bottom"] - bottoms[place]) <= 0.06, key
        held = (interval["low"] <= ranks[:, place]) & (ranks[:, place] <= interval["high"])
        assert abs(interval["content"] - held.mean()) <= 0.05 and interval["content"] >= 0.9, key
        assert abs(interval["low"] - lows[place]) <= 4 and abs(interval["high"] - highs[place]) <= 4, key
        assert math.isclose(own["expected"]["value"], middles[place], rel_tol=0.25), key


@pytest.mark.slow
@pytest.mark.database
@pytest.mark.parametrize("kind", ["agency", "content"])
def test_standings_against_a_slow_simulation(last_quarter: Seen, kind: str) -> None:
    data, partners = last_quarter.data, last_quarter.partners
    values, everyone = raw_values(last_quarter.product), took_part(data)
    for measure in ("eql_to_sql", "pipeline_per_referring_page"):
        group = [key for key in everyone if values[measure][key] is not None]
        group = [key for key in group if data.partners[key]["partner_type"] == kind]
        rates = [partners[key]["step_conversion"]["eql_to_sql"] for key in group]
        if measure == "eql_to_sql":
            draws = simulate_rates([(round(rate["value"] * rate["n"]), rate["n"]) for rate in rates])
        else:
            draws = simulate([review.page_cases(data, key) for key in group])
        # Rates and amounts on one scale; what lies nearer than this may stand either way round.
        middles = np.median(np.log(np.maximum(draws, 1e-12)) if measure == "eql_to_sql" else draws, axis=0)
        others, near = len(group) - 1, 0.15
        bounds = (len(group) - np.quantile(places(draws), [0.95, 0.05], axis=0)) / others
        assert len(group) >= 5
        for place, key in enumerate(group):
            own = partners[key]["standings"][measure]
            if own["low"] is not None:
                below, above = (middles < middles[place] - near).sum(), (middles > middles[place] + near).sum()
                assert (
                    below <= own["percentile"] * others + 1e-9 and own["percentile"] * others <= others - above + 1e-9
                )
                assert abs(own["low"] - bounds[0, place]) <= 2.1 / others, (measure, key)
                assert abs(own["high"] - bounds[1, place]) <= 2.1 / others, (measure, key)


@pytest.mark.slow
@pytest.mark.database
def test_partners_with_the_same_numbers_stand_in_the_same_place(last_quarter: Seen) -> None:
    found: dict[Any, set[float]] = {}
    for own in last_quarter.partners.values():
        rate, standing = own["step_conversion"]["eql_to_sql"], own["standings"]["eql_to_sql"]
        if standing["low"] is not None and own["compared_with"]["of_type"]:
            same = own["compared_with"]["partner_type"], rate["n"], rate["value"]
            found.setdefault(same, set()).add(standing["percentile"])
    assert all(len(places) == 1 for places in found.values())


@pytest.mark.slow
@pytest.mark.database
def test_bounds_of_speed_and_of_sales_velocity(fiscal_year: Seen) -> None:
    velocity, curve = fiscal_year.product["velocity"], curve_of(fiscal_year.data)
    for name, side in (("partner_sourced", is_sourced), ("eql_before", was_eql)):
        cases = {own: [(deal.days, deal.outcome) for deal in curve if side(deal) == own] for own in (True, False)}
        rows, product = speed_ratio(cases[True], cases[False]), velocity["speed_ratio"][name]["raw"]
        for bound in ("low", "high"):
            lowest, highest = rows[f"{bound}_between"]
            assert lowest * 0.95 <= product[bound] <= highest * 1.05
    bounded = 0
    for own in velocity["sales_velocity"]:
        partner = fiscal_year.partners[own["partner_id"]]
        assert same(own["value"], partner["sales_velocity"]) and own["n"] == partner["won_deals"]
        if own["low"] is not None:
            low, high = rows_velocity_bounds(fiscal_year.data, own["partner_id"])
            assert math.isclose(own["low"], low, rel_tol=0.25) and math.isclose(own["high"], high, rel_tol=0.25)
            assert own["n"] >= 5
            bounded += 1
    assert bounded


# The tools of this comparison


def test_a_difference_of_one_lead_of_a_share_and_of_a_line_is_seen() -> None:
    rows = {"leads": 7, "steps": [{"gate": "icp", "rate": {"value": 0.5, "n": 2}}]}
    assert not list(differences(rows, rows))
    assert list(differences(rows | {"leads": 8}, rows)) == [".leads: product 8, rows 7"]
    assert list(differences(rows | {"steps": []}, rows))
    assert list(differences({"value": None}, {"value": 0.0})) and list(differences({"value": 0}, {"value": False}))
    assert list(differences({"value": 0.5001}, {"value": 0.5}))
    months = [{"month": "2025-07", "leads": 3}, {"month": "2025-08", "leads": 1}]
    assert not list(differences({"months": months}, {"months": {"2025-08": {"leads": 1}, "2025-07": {"leads": 3}}}))
    assert list(differences({"months": months}, {"months": {"2025-07": {"leads": 3}}}))


def test_koopmans_interval_where_all_or_none_succeed() -> None:
    assert koopman(0.0, 5, 0.0, 5)["value"] is None
    assert koopman(0.5, 4, 0.0, 5)["high"] is None
    both = koopman(1.0, 4, 1.0, 4)
    assert both["value"] == 1 and math.isclose(both["low"] * both["high"], 1, rel_tol=1e-6)
    assert both["low"] < 0.6 < 1.6 < both["high"]


def test_the_slow_simulation_puts_no_partner_first_where_all_are_alike() -> None:
    alike = [review.Cases(40, 4, (7.0, 7.5, 8.0, 8.5), 3)] * 10
    tops, bottoms = chances_of(places(simulate(alike)), 2)
    assert tops.sum() == pytest.approx(2) and np.abs(tops - 0.2).max() < 0.04 and np.abs(bottoms - 0.2).max() < 0.04
