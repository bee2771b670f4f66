"""Does the product's report agree with one computed from rows by the contract's text, key by key?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, binomtest, ecdf

from dashboard.period import parse_period
from dashboard.reports.document import report_document
from dashboard.settings import Settings
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine, owner_engine
from tests.builders import Company
from tests.reference.curves import eventual_win_rate, incidence_steps, incidence_variance, median_days, wilson
from tests.reference.rows_report import rows_report
from tests.reference.shrinkage import pool_win_rates
from tests.strategies import Asked, busy_companies, companies, questions

SUMS = {"arr", "pipeline_created", "open_pipeline", "programme_cost", "direct_cost", "overhead_cost"}
MOMENTS = {"as_of", "start", "end"}
KEYED = {"partners": "partner_id", "channels": "channel"}
# The contract names these without saying what they are.
UNDEFINED = {"prior.alpha", "prior.beta", "prior.boundary"}


def differences(product: Any, reference: Any, path: str = "") -> Iterator[str]:
    """Where two reports part ways; counts and sums exact, estimates 1e-6, fitted 1e-4, simulated 5 %."""
    name = path.rpartition(".")[2]
    if path in UNDEFINED:
        return
    if name == "speed_ratio":
        yield from _speed_differences(product, reference, path)
    elif isinstance(reference, dict):
        for key, value in reference.items():
            if key not in product:
                yield f"{path}.{key} is missing"
            else:
                yield from differences(product[key], value, f"{path}.{key}" if path else key)
    elif path in KEYED:
        yield from _listed_differences(product, reference, path, KEYED[path])
    elif not _same(product, reference, path):
        yield f"{path}: product {product!r}, rows {reference!r}"


def _listed_differences(product: list, reference: list, path: str, key: str) -> Iterator[str]:
    ours, theirs = ({item[key]: item for item in items} for items in (product, reference))
    if ours.keys() != theirs.keys() or len(ours) != len(product):
        yield f"{path}: product has {sorted(map(str, ours))}, rows {sorted(map(str, theirs))}"
    for name in ours.keys() & theirs.keys():
        yield from differences(ours[name], theirs[name], f"{path}[{name}]")


def _speed_differences(product: dict, reference: dict, path: str) -> Iterator[str]:
    """The interval is drawn: it may lie within 5 %, or where another seed would put it."""
    exact = ("value", "n", "n_eql", "n_other", "median_eql", "median_other")
    for key in exact:
        if not _same(product[key], reference[key], f"{path}.{key}"):
            yield f"{path}.{key}: product {product[key]!r}, rows {reference[key]!r}"
    draws = reference.get("usable_draws")
    if draws is not None and 0.93 < draws / 2000 < 0.97:
        return  # whether the bounds are given is then itself a matter of the draw
    for key in ("low", "high"):
        ours, theirs = product[key], reference[key]
        near = ours == theirs if ours is None or theirs is None else math.isclose(ours, theirs, rel_tol=0.05)
        low, high = reference.get(f"{key}_between", (math.inf, -math.inf))
        if not near and not (ours is not None and low - 1e-9 <= ours <= high + 1e-9):
            yield f"{path}.{key}: product {ours!r}, rows {theirs!r}"


def _same(product: Any, reference: Any, path: str) -> bool:
    name = path.rpartition(".")[2]
    if product is None or reference is None or isinstance(reference, bool):
        return product is reference
    if isinstance(reference, list):
        return sorted(product) == sorted(reference)
    if name in MOMENTS and path in ("as_of", f"period.{name}"):
        return datetime.fromisoformat(product) == datetime.fromisoformat(reference)
    if isinstance(reference, str):
        return product == reference
    if isinstance(reference, int):
        return product == reference
    if name in SUMS:
        return abs(product - reference) < 0.005
    tolerance = 1e-4 if "shrunken_win_rate" in path else 1e-6
    return math.isclose(product, reference, rel_tol=tolerance, abs_tol=tolerance)


def compare(database: Database, asked: Asked) -> list[str]:
    chosen = Settings(**asked.settings)
    period = parse_period(asked.period, chosen)
    product = report_document(app_engine(database), period, asked.as_of, chosen)
    reference = rows_report(
        owner_engine(database), period.start, period.end, asked.as_of, label=period.label, **asked.settings
    )
    return list(differences(product, reference))


@pytest.mark.database
@given(company=companies(), asked=questions())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_small_random_companies(module_database: Database, company: Company, asked: Asked) -> None:
    company.write(owner_engine(module_database), replace=True)
    assert compare(module_database, asked) == []


@pytest.mark.slow
@pytest.mark.database
@given(company=busy_companies(), asked=questions())
@settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
def test_busy_random_companies(module_database: Database, company: Company, asked: Asked) -> None:
    company.write(owner_engine(module_database), replace=True)
    assert compare(module_database, asked) == []


@pytest.mark.database
def test_a_company_without_rows(database: Database) -> None:
    assert compare(database, Asked("2025-Q3", datetime(2025, 11, 1, tzinfo=UTC), {})) == []


def _on_the_borders() -> Company:
    """Three partners in their first full quarter: a multiple of 5, one a cent below, and one that joins too late."""
    company = Company()
    for key, amount, joined_on in (
        ("five", "500.00", "2025-07-01"),
        ("below", "499.99", "2025-04-02"),
        ("late", "500.00", "2025-10-01"),
    ):
        partner = company.add_partner(key, joined_on=joined_on)
        lead = company.add_lead(partner_id=partner, first_asset_id=company.add_asset(partner))
        company.add_deal(lead, amount=amount)
        company.add_cost(partner, amount="70")
    # 60 over the two that joined before the end: 30 each, so that 500 / (70 + 30) = 5.
    company.add_cost(None, amount="60")
    return company


@pytest.mark.database
def test_a_company_on_the_borders(database: Database) -> None:
    _on_the_borders().write(owner_engine(database))
    asked = Asked("2025-Q3", datetime(2025, 10, 1, tzinfo=UTC), {"overhead": "equally"})
    period = parse_period(asked.period, Settings(**asked.settings))
    rows = rows_report(owner_engine(database), period.start, period.end, asked.as_of, label="Q3", overhead="equally")
    seen = {item["partner_id"]: item for item in rows["partners"]}
    assert [seen[key]["overhead_cost"] for key in ("five", "below", "late")] == [30, 30, 0]
    assert [seen[key]["gate"]["verdict"] for key in ("five", "below", "late")] == ["continue", "pause or pivot", None]
    assert [seen[key]["reasons"] for key in ("five", "below", "late")] == [[], [], ["joined_too_late"]]
    assert compare(database, asked) == []


def _just_enough() -> Company:
    """50 and 49 EQLs, 20 sales-qualified leads and 19 MQLs, a deal closed the day before it opened and one that day."""
    company = Company()
    for partner, eqls in ((company.add_partner("fifty"), 50), (company.add_partner("fewer"), 49)):
        for number in range(eqls):
            sql_at = "2025-07-20" if partner == "fifty" and number < 20 else None
            mql_at = "2025-07-20" if partner == "fifty" and number < 19 else None
            company.add_lead(partner_id=partner, eql_at="2025-07-18", sql_at=sql_at, mql_at=mql_at)
    for closed_at in ("2025-08-09 23:00", "2025-08-10 01:00"):
        company.add_deal("L001", opened_at="2025-08-10 12:00", status="won", closed_at=closed_at)
    return company


@pytest.mark.database
def test_a_company_with_just_enough_and_one_too_few(database: Database) -> None:
    _just_enough().write(owner_engine(database))
    asked = Asked("2025-Q3", datetime(2025, 10, 1, tzinfo=UTC), {})
    period = parse_period(asked.period, Settings())
    rows = rows_report(owner_engine(database), period.start, period.end, asked.as_of, label="Q3")
    seen = {item["partner_id"]: item for item in rows["partners"]}
    assert (seen["fifty"]["too_few_eqls"], seen["fewer"]["too_few_eqls"]) == (False, True)
    assert (rows["totals"]["maturity"]["sql"]["p90_days"], rows["totals"]["maturity"]["mql"]["p90_days"]) == (5, None)
    assert (rows["totals"]["negative_durations"], rows["totals"]["plain_median_days_to_close"]) == (1, 0)
    assert compare(database, asked) == []


@pytest.fixture(scope="module")
def simulated(_new_database: Callable) -> Iterator[Database]:
    """A simulated company of 6,000 leads, the same in every run."""
    with _new_database() as database:
        load(database, DemoOptions(leads=6_000, until=date(2025, 11, 1)))
        yield database


@pytest.mark.slow
@pytest.mark.database
@pytest.mark.parametrize(
    "asked",
    [
        Asked("2025-Q3", datetime(2025, 11, 1, tzinfo=UTC), {}),
        Asked("2024", datetime(2025, 11, 1, tzinfo=UTC), {"time_zone": "Asia/Kolkata", "overhead": "none"}),
        Asked(
            "2025-Q2",
            datetime(2025, 6, 11, 9, tzinfo=UTC),
            {"time_zone": "America/New_York", "currency": "EUR", "fiscal_year_start": 2, "overhead": "equally"},
        ),
    ],
    ids=["last quarter", "a year, long after", "amid a fiscal quarter, in euros"],
)
def test_the_simulated_company(simulated: Database, asked: Asked) -> None:
    assert compare(simulated, asked) == []


def test_a_difference_of_one_cent_and_of_one_lead_is_seen() -> None:
    ours = {"leads": 7, "arr": 100.01, "win_rate": {"value": 0.5, "n": 2}}
    assert not list(differences(ours, ours))
    assert list(differences(ours | {"leads": 8}, ours)) == ["leads: product 8, rows 7"]
    assert list(differences(ours | {"arr": 100.02}, ours)) == ["arr: product 100.02, rows 100.01"]
    assert list(differences(ours | {"win_rate": {"value": None, "n": 2}}, ours))


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_against_scipy(counts: tuple[int, int]) -> None:
    interval = binomtest(*counts).proportion_ci(0.95, method="wilson")
    ours = wilson(*counts)
    assert math.isclose(ours["low"], interval.low, abs_tol=1e-9)
    assert math.isclose(ours["high"], interval.high, abs_tol=1e-9)


waiting_times = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["won", "open"])), min_size=2, max_size=40)


@given(waiting_times.filter(lambda cases: any(outcome == "won" for _, outcome in cases)))
def test_curve_without_losses_against_kaplan_meier_of_scipy(cases: list[tuple[int, str]]) -> None:
    won = [day for day, outcome in cases if outcome == "won"]
    survival = ecdf(CensoredData(uncensored=won, right=[day for day, outcome in cases if outcome == "open"])).sf
    steps = incidence_steps(cases)
    assert [1 - step.incidence for step in steps] == pytest.approx(list(survival.evaluate([s.day for s in steps])))


@given(waiting_times)
def test_variance_without_losses_against_greenwood(cases: list[tuple[int, str]]) -> None:
    steps = incidence_steps(cases)
    for position, step in enumerate(steps):
        if step.incidence < 1 - 1e-9:
            upto = steps[: position + 1]
            assert math.isclose(incidence_variance(upto), _greenwood(upto), abs_tol=1e-12)


def _greenwood(steps: list) -> float:
    terms = sum(step.won / (step.at_risk * (step.at_risk - step.won)) for step in steps)
    return (1 - steps[-1].incidence) ** 2 * terms


def test_curve_with_losses_by_hand() -> None:
    # Day 1: 4 at risk, one won  -> F = 1/4,                 S = 3/4
    # Day 2: 3 at risk, one lost -> F = 1/4,                 S = 3/4 · 2/3 = 1/2
    # Day 3: one open leaves;  day 4: 1 at risk, won -> F = 1/4 + 1/2 = 3/4, S = 0
    cases = [(1, "won"), (2, "lost"), (3, "open"), (4, "won")]
    assert [step.incidence for step in incidence_steps(cases)] == [0.25, 0.25, 0.25, 0.75]
    assert median_days(cases) == 4  # half of 3/4 is reached only there
    assert eventual_win_rate(cases, 5)["value"] is None  # nobody was watched so long, and one is open
    assert eventual_win_rate([(1, "won"), (2, "lost")], 5)["value"] == 0.5  # nobody is open: it stays so
    # Variance on day 2: Σ (F−F_j)² … = 0, (1)² · 3 · 1 / 4³ = 3/64
    assert math.isclose(incidence_variance(incidence_steps(cases)[:2]), 3 / 64)


def test_pooled_win_rates_lie_between_partner_and_pool() -> None:
    counts = [(1, 20), (10, 20), (19, 20)]
    pool = pool_win_rates(counts)
    assert pool is not None and pool_win_rates(counts[:2]) is None
    for won, closed in counts:
        estimate = pool.estimate(won, closed)
        assert abs(estimate["value"] - 0.5) <= abs(won / closed - 0.5) + 1e-9
        assert estimate["low"] < estimate["value"] < estimate["high"]
