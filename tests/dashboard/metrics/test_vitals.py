"""Do the lights follow their one rule, and are young cohorts passed over?"""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import Estimate
from dashboard.metrics.performance import Selection, performance
from dashboard.metrics.vitals import (
    FEWEST,
    Better,
    Labelled,
    State,
    VitalCells,
    cohort_rate,
    light,
    references,
    rule,
    vitals,
)
from dashboard.metrics.vitals_stretches import stretches_of
from dashboard.settings import Settings
from tests.calibration.vitals import won_rates
from tests.dashboard.metrics.synthetic import COSTS, MOMENTS, WINDOW, frame, random_reading

SETTINGS = Settings()
AT = stretches_of(WINDOW, SETTINGS)
RANGE = Labelled(0.18, 0.25, "reference")
COST = Labelled(220, 350, "reference")


@pytest.mark.parametrize(
    ("low", "high", "reference", "better", "state"),
    [
        (0.18, 0.24, RANGE, Better.MORE, State.GOOD),
        (0.30, 0.40, RANGE, Better.MORE, State.GOOD),  # better than the reference is no breach
        (0.17, 0.30, RANGE, Better.MORE, State.ATTENTION),
        (0.10, 0.18, RANGE, Better.MORE, State.ATTENTION),
        (0.10, 0.179, RANGE, Better.MORE, State.BREACH),
        (100, 350, COST, Better.LESS, State.GOOD),
        (340, 360, COST, Better.LESS, State.ATTENTION),
        (350, 400, COST, Better.LESS, State.ATTENTION),
        (351, 400, COST, Better.LESS, State.BREACH),
    ],
)
def test_one_rule(low: float, high: float, reference: Labelled, better: Better, state: State) -> None:
    middle = (low + high) / 2
    assert light(Estimate(middle, low, high, FEWEST), reference, better) is state
    assert light(Estimate(middle, low, high, FEWEST - 1), reference, better) is State.TOO_LITTLE
    assert light(Estimate(middle, None, high, 500), reference, better) is State.TOO_LITTLE
    assert light(Estimate(middle, low, high, FEWEST), None, better) is None


@given(st.floats(-5, 5), st.floats(0, 5), st.floats(0, 5), st.floats(-5, 5))
def test_a_light_and_its_mirror_agree(value: float, below: float, above: float, limit: float) -> None:
    """Less of something is more of its negative."""
    estimate = Estimate(value, value - below, value + above, 99)
    mirrored = Estimate(-value, -value - above, -value + below, 99)
    one, other = Labelled(limit, limit, ""), Labelled(-limit, -limit, "")
    assert light(estimate, one, Better.MORE) is light(mirrored, other, Better.LESS)


def test_the_rule_names_its_number() -> None:
    assert "at least 0.18" in rule(RANGE, Better.MORE) and "at most 350" in rule(COST, Better.LESS)
    assert "20 cases" in rule(COST, Better.LESS)


def cohort(quarter: str, leads: int, older: int, eqls: int, won: int) -> dict[str, object]:
    return {"quarter": quarter, "leads": leads, "older_won": older, "eqls": eqls, "eqls_won": won}


def test_young_quarters_are_passed_over_not_read_as_a_drop() -> None:
    rows = [cohort("2025-Q3", 100, 0, 40, 1), cohort("2025-Q2", 100, 89, 40, 5), cohort("2025-Q1", 100, 90, 40, 8)]
    found = cohort_rate("eql_to_won", pl.DataFrame(rows), AT, "won")
    assert (found.of, found.estimate.value, found.estimate.n) == ("2025-Q1", 0.2, 40)
    assert found.too_young == ("2025-Q3", "2025-Q2")


def test_where_no_quarter_is_mature_there_is_no_value() -> None:
    found = cohort_rate("eql_to_won", pl.DataFrame([cohort("2025-Q3", 100, 0, 40, 1)]), AT, "won")
    assert (found.of, found.estimate.value, found.too_young) == (None, None, ("2025-Q3",))


def test_the_mature_quarter_holds_the_truth_and_the_last_would_not() -> None:
    mature, last, short = won_rates(300, 60.0, 150, 1)
    assert mature >= 0.88 and last < 0.5 and 0 < short < 0.15


def test_references_in_dollars_hold_for_dollars() -> None:
    assert "cost_per_eql" in references(SETTINGS)
    foreign = references(Settings(currency="BRL"))
    assert "cost_per_eql" not in foreign and "eql_to_won" in foreign
    own = references(Settings(currency="BRL", reference_cost_per_eql="1000..1500"))
    assert own["cost_per_eql"] == Labelled(1000, 1500, "reference") and "cost_per_sql" not in own


SUMS = {
    "stretch": pl.String,
    "partner_id": pl.String,
    "won": pl.Int64,
    "amounts": pl.Int64,
    "unconverted": pl.Int64,
    "pipeline_cents": pl.Int64,
    "squares": pl.Float64,
    "largest": pl.Float64,
    "first_on": pl.Date,
}
COHORTS = dict.fromkeys(("quarter", "partner_id"), pl.String) | dict.fromkeys(
    ("leads", "older_sql", "older_won", "eqls", "eqls_sql", "eqls_won"), pl.Int64
)


def deals(stretch: str, first: date, partner: str = "P001", **numbers: object) -> dict[str, object]:
    return {"stretch": stretch, "partner_id": partner, "won": 0, "first_on": first} | numbers


def extra(rows: list[dict[str, object]]) -> VitalCells:
    costs = [{"partner_id": "P001", "cost": 500.0, "unconverted": 0}, {"partner_id": "P002", "cost": 100.0}]
    return VitalCells(
        pl.DataFrame(schema=COHORTS),
        pl.DataFrame(rows, schema=SUMS),
        frame(COSTS, costs),
        frame(MOMENTS, []),
    )


ROWS = [
    deals("period", date(2025, 7, 2), amounts=30, pipeline_cents=3_000_000, squares=3e7, largest=1000.0),
    deals("earlier", date(2025, 1, 2), won=25, amounts=0, pipeline_cents=0, squares=0.0, largest=0.0),
    deals("year", date(2024, 10, 3), amounts=40, pipeline_cents=4_000_000, squares=4e7, largest=1000.0),
    deals("year_before", date(2023, 10, 3), amounts=20, pipeline_cents=2_000_000, squares=2e7, largest=1000.0),
]


def test_vitals_agree_with_the_numbers_of_the_period() -> None:
    read = random_reading(12, 3_000, seed=8)
    whole = performance(read, WINDOW, SETTINGS)
    found = {v.name: v for v in vitals(read, whole, extra(ROWS), AT, SETTINGS)}
    own = whole.partner_sourced
    assert found["cost_per_eql"].estimate.value == pytest.approx(own.cost_per_eql)
    assert found["cost_per_sql"].estimate.value == pytest.approx(own.cost_per_sql)
    assert found["cac"].estimate.value == pytest.approx(own.programme_cost / own.won_deals)
    assert found["cac"].state is None and found["cac"].reference is None
    change = own.programme_cost / own.won_deals / (600 / 25) - 1
    assert found["cac_change"].estimate.value == pytest.approx(change)
    assert found["pipeline_multiple"].estimate.value == pytest.approx(30_000 / own.programme_cost)
    assert found["pipeline_growth"].estimate.value == pytest.approx(2.0)
    assert list(found) == [
        "eql_to_won", "speed", "eql_to_sql", "cost_per_eql", "cost_per_sql", "cac", "cac_change", "pipeline_multiple",
        "pipeline_growth",
    ]  # fmt: skip


def test_partners_narrow_and_nothing_else_does() -> None:
    read = random_reading(12, 3_000, seed=8)
    chosen = Selection(frozenset(["P001"]))
    found = performance(read, WINDOW, SETTINGS, chosen)
    rows = [*ROWS, deals("earlier", date(2025, 1, 5), "P002", won=75)]
    change = {v.name: v for v in vitals(read, found, extra(rows), AT, SETTINGS, chosen)}["cac_change"]
    own = found.partner_sourced
    assert change.estimate.value == pytest.approx(own.programme_cost / own.won_deals / (500 / 25) - 1)


def test_only_what_belongs_to_a_vital_makes_it_incomplete() -> None:
    read = random_reading(3, 300, seed=8)
    whole = performance(read, WINDOW, SETTINGS)

    def marked(stretch: str) -> set[str]:
        rows = [row | {"unconverted": int(row["stretch"] == stretch)} for row in ROWS]
        return {vital.name for vital in vitals(read, whole, extra(rows), AT, SETTINGS) if vital.incomplete}

    assert marked("period") == {"pipeline_multiple"}
    assert marked("year") == marked("year_before") == {"pipeline_growth"}
    assert marked("earlier") == set()


def test_a_year_before_the_data_begin_is_no_year_to_compare_with() -> None:
    read = random_reading(3, 300, seed=8)
    whole = performance(read, WINDOW, SETTINGS)
    late = [row | {"first_on": date(2023, 11, 1)} if row["stretch"] == "year_before" else row for row in ROWS]
    found = {v.name: v for v in vitals(read, whole, extra(late), AT, SETTINGS)}["pipeline_growth"]
    assert (found.estimate.value, found.estimate.n, found.state) == (None, 20, State.TOO_LITTLE)


def test_without_costs_nothing_costs_nothing() -> None:
    read = random_reading(3, 300, seed=8)
    bare = type(read)(**{name: getattr(read, name) for name in read.__dataclass_fields__} | {"costs": frame(COSTS, [])})
    cells = VitalCells(pl.DataFrame(schema=COHORTS), pl.DataFrame(schema=SUMS), frame(COSTS, []), frame(MOMENTS, []))
    for vital in vitals(bare, performance(bare, WINDOW, SETTINGS), cells, AT, SETTINGS):
        if vital.name not in ("speed",):
            assert (vital.estimate.value, vital.state in (None, State.TOO_LITTLE)) == (None, True)


def test_stretches_are_those_of_the_window() -> None:
    assert AT.period == WINDOW.period and WINDOW.as_of == datetime(2025, 11, 5, 12, tzinfo=UTC)
