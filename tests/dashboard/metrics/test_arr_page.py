"""Do quarters, months, groups and the largest partners add up, and stand against the right targets?"""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.metrics.arr_page import (
    ArrPage,
    Asked,
    GroupBy,
    Source,
    Tally,
    arr_page,
    calendar_of,
    groups,
)
from dashboard.metrics.performance import ALL, Partner, Selection
from dashboard.period import parse_period, previous
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.arr_cells import ARR_SCHEMA, FLOW_SCHEMA

AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
TARGETS = {"metric": pl.String, "period_start": pl.Date, "period_end": pl.Date, "partner_id": pl.String, "value": float}
PARTNERS = [
    Partner(f"P{n}", f"Partner {n}", ("agency", "integration")[n % 2], ("gold", None)[n % 2], "EMEA" if n < 4 else None,
            None, "active" if n != 7 else "ended", date(2024, 1, 1))
    for n in range(8)
]  # fmt: skip


USUAL = Settings()
SUMS = pl.col("arr_cents", "won", "unconverted").sum()


def cells(rows: list[dict]) -> pl.DataFrame:
    empty = {name: None if kind in (pl.String, pl.Date) else 0 for name, kind in ARR_SCHEMA.items()}
    empty |= {"in_period": False, "in_compared": False, "has_lead": True}
    return pl.DataFrame([empty | row for row in rows], schema=ARR_SCHEMA, orient="row")


def flows(**counts: int) -> pl.DataFrame:
    rows = [{"partner_id": "P1", "channel": "partner", **counts}] if counts else []
    return pl.DataFrame(rows, schema=FLOW_SCHEMA, orient="row")


def targets(*rows: tuple[str, str, float]) -> pl.DataFrame:
    told = [("arr", date.fromisoformat(a), date.fromisoformat(b), None, value) for a, b, value in rows]
    return pl.DataFrame(told, schema=TARGETS, orient="row")


def page(
    rows: list[dict],
    period: str = "2026-Q3",
    goals: pl.DataFrame | None = None,
    selection: Selection = ALL,
    settings_: Settings | None = None,
    everybody: bool = False,
    compared: bool = True,
) -> ArrPage:
    config = settings_ or USUAL
    looked_at = parse_period(period, config)
    before = previous(looked_at, config) if compared else None
    return arr_page(
        cells(rows),
        (flows(eqls=8, sqls=4, both=3), flows(eqls=6, sqls=3, both=0)),
        targets() if goals is None else goals,
        PARTNERS,
        calendar_of(looked_at, config),
        Asked(Window(looked_at, AS_OF), before, selection, everybody),
    )


@st.composite
def won(draw: st.DrawFn) -> list[dict]:
    """Cells of the two years to Q3 2026: any partner or none, any product line, some without a lead."""
    random, rows = Random(draw(st.integers(0, 10**9))), []
    for _ in range(draw(st.integers(0, 30))):
        month = date(random.choice([2024, 2025, 2026]), random.randint(1, 12), 1)
        has_lead = random.random() < 0.9
        number = random.randint(1, 4)
        rows.append(
            {
                "month": month,
                "in_period": date(2026, 7, 1) <= month < date(2026, 10, 1),
                "in_compared": date(2026, 4, 1) <= month < date(2026, 7, 1),
                "partner_id": random.choice([None, "P0", "P1", "P2", "P3", "P5", "P6", "P7"]) if has_lead else None,
                "channel": random.choice([None, "partner", "paid"]) if has_lead else None,
                "product_line": random.choice([None, "Core", "=1+1"]) if has_lead else None,
                "has_lead": has_lead,
                "won": number,
                "arr_cents": random.choice([0, 1, 33, 100_001, 7_654_321]),
                "unconverted": random.choice([0, 0, 0, 1]),
            }
        )
    return rows


@settings(max_examples=1000)
@given(won())
def test_groups_quarters_and_months_sum_to_the_totals(rows: list[dict]) -> None:
    frame, found = cells(rows), page(rows, compared=False)
    total, before = (frame.filter(which).select(SUMS).row(0) for which in ("in_period", "in_compared"))
    for by in GroupBy:
        lines = groups(frame, by, PARTNERS, compared=True)
        assert sum((line.now for line in lines), Tally()) == Tally(*total)
        assert sum((line.before for line in lines), Tally()) == Tally(*before)
    assert found.quarters[-1].total == Tally(*total) == sum(found.sources.values(), Tally())
    for quarter in found.quarters:
        months = [own.total for own in found.months if own.quarter == quarter.period]
        assert len(months) == 3 and sum(months, Tally()) == quarter.total


@settings(max_examples=100)
@given(won())
def test_parts_of_the_change_sum_to_the_difference_of_the_groups(rows: list[dict]) -> None:
    found = page(rows)
    assert found.change is not None and found.before is not None
    parts = [part.value for part in found.change.parts.values() if part is not None]
    difference = found.sources[Source.PARTNER].arr_cents - found.before[Source.PARTNER].arr_cents
    assert sum(round(part * 100) for part in parts) == difference
    own = [line for line in found.groups[GroupBy.REGION] if line.source is Source.PARTNER]
    assert sum(line.now.arr_cents - line.before.arr_cents for line in own) == difference


def test_calendar_has_eight_quarters_their_months_and_what_leads_up_to_the_first() -> None:
    config = Settings(fiscal_year_start=2)
    calendar = calendar_of(parse_period("2026-05", config), config)
    assert [q.label for q in calendar.quarters] == [
        "2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2",
    ]  # fmt: skip
    assert [q.label for q in calendar.leading] == ["2024-Q1", "2024-Q2"]
    assert [m.label for m, _ in calendar.months][:2] == ["2024-08", "2024-09"] and len(calendar.months) == 24
    assert [q.label for q in calendar.year_of(calendar.quarters[3])] == ["2025-Q1", "2025-Q2"]


def test_cumulative_begins_anew_each_fiscal_year() -> None:
    rows = [
        {"month": date(2025, month, 1), "partner_id": "P1", "won": 1, "arr_cents": 100 * month}
        for month in range(1, 13)
    ] + [{"month": date(2026, 1, 1), "partner_id": "P1", "won": 1, "arr_cents": 5}]
    found = {own.period.label: own for own in page(rows).quarters}
    assert [found[f"2025-Q{n}"].cumulative for n in (1, 2, 3, 4)] == [6, 21, 45, 78]
    assert found["2026-Q1"].cumulative == 0.05 == found["2026-Q2"].cumulative
    months = {own.period.label: own for own in page(rows).months}
    assert months["2025-02"].cumulative == 3 and months["2025-12"].cumulative == 78


def test_cumulative_target_wants_every_quarter() -> None:
    goals = targets(("2025-01-01", "2025-03-31", 10), ("2025-04-01", "2025-06-30", 20), ("2026-04-01", "2026-06-30", 7))
    found = {own.period.label: own for own in page([], goals=goals).quarters}
    assert found["2025-Q1"].cumulative_target == 10 and found["2025-Q2"].cumulative_target == 30
    assert found["2025-Q3"].cumulative_target is None and found["2026-Q2"].cumulative_target is None
    assert found["2026-Q2"].target == 7


def test_a_quarters_target_is_never_split_among_months() -> None:
    goals = targets(("2026-07-01", "2026-09-30", 90), ("2026-08-01", "2026-08-31", 31))
    months = {own.period.label: own for own in page([], goals=goals).months}
    assert [months[f"2026-0{n}"].target for n in (7, 8, 9)] == [None, 31, None]
    assert [months[f"2026-0{n}"].quarter_target for n in (7, 8, 9)] == [90, 90, 90]
    assert months["2026-08"].cumulative_target is None


def test_targets_of_months_make_a_quarters() -> None:
    goals = targets(("2026-07-01", "2026-07-31", 1), ("2026-08-01", "2026-08-31", 2), ("2026-09-01", "2026-09-30", 4))
    assert page([], goals=goals).quarters[-1].target == 7


def test_no_target_is_set_for_a_channel() -> None:
    goals = targets(("2026-07-01", "2026-09-30", 90))
    assert page([], goals=goals, selection=Selection(None, frozenset({"paid"}))).quarters[-1].target is None


def row(partner: str | None, cents: int, **more: object) -> dict:
    base = {"month": date(2026, 8, 1), "in_period": True, "partner_id": partner, "won": 1, "arr_cents": cents}
    return base | {"channel": "partner"} | more


def test_groups_are_the_partners_and_direct_business_has_a_line_of_its_own() -> None:
    rows = [row("P0", 500), row("P1", 300), row(None, 200, product_line="Core"), row(None, 100, has_lead=False)]
    lines = page(rows).groups[GroupBy.TIER]
    assert [(line.source, line.name, line.now.arr_cents) for line in lines] == [
        (Source.PARTNER, "gold", 500),
        (Source.PARTNER, None, 300),
        (Source.DIRECT, None, 200),
        (Source.UNATTRIBUTED, None, 100),
    ]
    products = page(rows).groups[GroupBy.PRODUCT_LINE]
    assert [(line.source, line.name) for line in products] == [
        (Source.PARTNER, None),
        (Source.DIRECT, "Core"),
        (Source.UNATTRIBUTED, None),
    ]


def test_sources_are_always_three() -> None:
    assert [line.source for line in page([]).groups[GroupBy.SOURCE]] == list(Source)
    assert page([]).groups[GroupBy.TIER] == ()


def test_five_largest_ties_by_key() -> None:
    found = page([row(f"P{n}", 100) for n in (6, 5, 4, 3, 2, 1)] + [row(None, 999)]).top_five
    assert [own.partner.partner_id for own in found.largest] == ["P1", "P2", "P3", "P4", "P5"]
    assert found.share == pytest.approx(5 / 6) and found.arr == 5
    assert (found.partners, found.expected) == (7, pytest.approx(5 / 7)), "P7 has ended and brought nothing"


def test_a_partner_that_ended_but_brought_arr_takes_part() -> None:
    assert page([row("P7", 100)]).top_five.partners == 8


def test_no_partner_arr_no_share() -> None:
    found = page([row(None, 999), row("P1", 0)]).top_five
    assert found.share is None and found.largest == [] and found.arr == 0


def test_choice_of_partners_keeps_direct_business_and_drops_deals_of_nobody() -> None:
    rows = [row("P0", 500), row("P1", 300), row(None, 200), row(None, 100, has_lead=False)]
    found = page(rows, selection=Selection(frozenset({"P1"})))
    assert [found.sources[source].arr_cents for source in Source] == [300, 200, 0]
    assert found.change.now.arr_cents == 300
    assert found.top_five.partners == 1


def test_everybody_counts_all() -> None:
    rows = [row(None, 200), row(None, 100, has_lead=False)]
    found = page(rows, everybody=True)
    assert found.own.arr_cents == 300 == found.change.now.arr_cents
    assert found.quarters[-1].cumulative == 3


def test_stretches_know_whether_they_have_begun() -> None:
    found = page([], period="2026-Q4")
    assert (found.quarters[-1].begun, found.quarters[-1].over) == (True, False)
    assert [own.begun for own in found.months[-3:]] == [True, True, False]


def test_unconverted_deals_mark_what_they_belong_to() -> None:
    found = page([row("P1", 0, unconverted=1), row(None, 5)])
    assert found.quarters[-1].total.incomplete and found.sources[Source.PARTNER].incomplete
    assert not found.sources[Source.DIRECT].incomplete
