"""Do the frames become the right bars, lines and movers?"""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import Stage
from dashboard.metrics.intervals import rate
from dashboard.views import movers, overview
from dashboard.views.known import Known
from tests.dashboard.summaries import summary

WEEKS = pl.DataFrame(
    {
        "week": [date(2026, 9, 7) + timedelta(days=7 * i) for i in range(5)],  # the last one begins on 5 October
        "sessions": [10, 20, 30, 40, 50],
        "eqls": [1, 2, 3, 4, 5],
        "sqls": [1, 1, 1, 1, 1],
        "won": [0, 0, 1, 0, 2],
        "arr": [0.0, 0.0, 1500.0, 0.0, 2500.0],
        "pipeline_created": [1.0, 2.0, 4.0, 8.0, 16.0],
    }
)


def performances(**pipelines: tuple[float, int]) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(
            partner=SimpleNamespace(partner_id=key, name=f"Partner {key}"),
            summary=summary(pipeline_created=pipeline, opportunities_opened=deals, eqls_in_period=deals),
        )
        for key, (pipeline, deals) in pipelines.items()
    ]


def test_the_week_that_a_past_period_cuts_is_left_out() -> None:
    kept = overview.whole_weeks(WEEKS, date(2026, 10, 8), over=True)
    assert kept["week"].to_list()[-1] == date(2026, 9, 28)
    assert overview.whole_weeks(WEEKS, date(2026, 10, 8), over=False).height == 5


def test_four_weeks_are_counted_back_from_the_end() -> None:
    days, sums = overview.four_weeks(WEEKS)
    assert (days, sums) == ([date(2026, 9, 14)], [2.0 + 4 + 8 + 16])


def test_panels_speak_of_the_last_full_week() -> None:
    shown = overview.panels(WEEKS, "USD", running=True)
    assert [panel.title for panel in shown] == ["Sessions", "EQLs", "SQLs", "Won deals", "ARR"]
    assert shown[0].latest == "40 in the last full week"
    assert overview.panels(WEEKS, "USD", running=False)[4].latest == "$2.5\u202fk in the last full week"


def test_quarters_begin_with_the_first_that_says_something() -> None:
    frame = pl.DataFrame(
        {
            "quarter_label": ["2026-Q1", "2026-Q1", "2026-Q2", "2026-Q2", "2026-Q3", "2026-Q3"],
            "tier": ["gold", None] * 3,
            "arr": [0.0, 0.0, 5.0, 7.0, 0.0, 0.0],
            "target": [None, None, 10.0, 10.0, None, None],
        }
    )
    bars, tiers = overview.quarters(frame, over=False, fiscal=1)
    assert tiers == ["Gold", "No tier"]  # those without a tier on top, whatever they brought
    assert [(bar.label, bar.values, bar.target, bar.running) for bar in bars] == [
        ("Q2 2026", (5.0, 7.0), 10.0, False),
        ("Q3 2026", (0.0, 0.0), None, True),
    ]
    assert "Q3 2026 so far: $0, no target set" in overview.quarters_in_words(bars, "USD")


def test_partners_come_first_then_the_largest_other_channels() -> None:
    own = summary(leads=50)
    own.step_conversion["eql_to_won"] = rate(8, 40)  # type: ignore[index]
    other = [
        SimpleNamespace(channel=name, summary=summary(leads=leads))
        for name, leads in (("email", 5), ("paid_search", 90), (None, 0))
    ]
    for one in other:
        one.summary.step_conversion["lead_to_won"] = rate(1, max(one.summary.leads, 1))
    rows = overview.conversions(own, other)  # type: ignore[arg-type]
    assert [(row.group, row.basis, row.partner) for row in rows] == [
        ("Partners", "EQL → won", True),
        ("Paid search", "lead → won", False),
        ("Email", "lead → won", False),
    ]
    assert rows[0].reference == (0.18, 0.25) and rows[1].reference is None  # a reference of MQLs is none of leads


def test_young_leads_are_marked() -> None:
    assert overview.young(summary(mature=False)) and not overview.young(summary(mature=True))
    assert summary().maturity[Stage.WON].mature is True


def test_movers_rise_first_and_fall_last() -> None:
    now = performances(a=(50.0, 5), b=(10.0, 1), c=(900.0, 90), d=(5.0, 1), new=(7.0, 1))
    before = performances(a=(20.0, 4), b=(90.0, 9), c=(300.0, 30), d=(5.0, 1))
    moved = movers.movers(now, before)  # type: ignore[arg-type]
    assert [(m.partner_id, m.change) for m in moved] == [("c", 600.0), ("a", 30.0), ("b", -80.0)]
    # ln 3 = 1.099 > 1.96 × √(2/90 + 2/30) = 0.584 for c; ln 2.5 = 0.916 < 1.96 × √(2/5 + 2/4) = 1.859 for a
    assert [m.sure for m in moved] == [True, False, False]


def test_since_finds_the_step() -> None:
    days = [date(2026, month, 1) for month in range(1, 9)]
    assert movers.since(days, [1, 1, 1, 1, 9, 9, 9, 9], rises=True) == date(2026, 5, 1)
    assert movers.since(days, [9, 9, 2, 2, 2, 2, 2, 2], rises=False) == date(2026, 3, 1)
    assert movers.since(days, [3] * 8, rises=True) is None
    assert movers.since(days[:3], [1, 2, 3], rises=True) is None


def test_the_trend_shows_what_occurs() -> None:
    bare = Known(sessions=False, eqls=False, sqls=False, arr=False)
    assert [title for title, _, _ in overview.measures(bare)] == ["Leads", "Won deals", "Pipeline created"]
    assert overview.trend_title(bare) == "Do leads, wins and pipeline move together?"
    assert overview.trend_title(Known()) == "Do traffic, EQLs, SQLs, wins and ARR move together?"
    only = Known(sessions=False, eqls=False, sqls=False, won=False, arr=False, pipeline=False)
    assert overview.trend_title(only) == "How many leads came each week?"


@given(st.lists(st.floats(-1e9, 1e9).map(lambda value: round(value, 4)), max_size=6), st.integers(2, 6), st.booleans())
def test_ticks_are_few_round_and_reach_the_largest(values: list[float], most: int, whole: bool) -> None:
    marks = overview.ticks(values, most, whole)
    assert 0.0 in marks and len(marks) <= most + 3 and len(marks) >= 2
    assert marks[-1] >= max([0.0, *values]) * (1 - 1e-9) and marks[0] <= min([0.0, *values]) * (1 - 1e-9)
    assert not whole or all(mark == round(mark) for mark in marks)


def test_ticks_of_small_counts_are_whole() -> None:
    assert overview.ticks([0.0, 1.0], 3, whole=True) == [0.0, 1.0]
    assert overview.ticks([], 3, whole=True) == [0.0, 1.0]
    assert overview.ticks([0.0, 900_000.0], 3, whole=False) == [0.0, 500_000.0, 1_000_000.0]


def test_all_channels_are_compared_by_one_step_the_best_first() -> None:
    every = [SimpleNamespace(channel=f"c{n}", summary=summary(leads=100 + n, mqls=0)) for n in range(14)]
    every += [SimpleNamespace(channel=None, summary=summary(leads=500, mqls=9))]
    for n, one in enumerate(every):
        one.summary.step_conversion["lead_to_won"] = rate(n * 5, one.summary.leads)
    rows = overview.all_conversions(every)  # type: ignore[arg-type]
    assert len(rows) == 12 and {row.basis for row in rows} == {"lead → won"}
    values = [row.estimate.value or 0.0 for row in rows]
    assert values == sorted(values, reverse=True)
    assert "No channel" in [row.group for row in rows] and "C0" not in [row.group for row in rows]


def test_won_deals_take_the_place_of_arr() -> None:
    frame = pl.DataFrame(
        {"quarter_label": ["2026-Q2", "2026-Q3"], "tier": [None, None], "won": [3.0, 333.0], "target": [None, None]},
        schema_overrides={"tier": pl.String, "target": pl.Float64},
    )
    bars, tiers = overview.quarters(frame, True, 1, "won", "All deals")
    assert (tiers, [bar.total for bar in bars]) == (["All deals"], [3.0, 333.0])
    assert overview.quarters_title(bars, "deals") == "How many deals were won in each quarter?"
    assert overview.quarters_in_words(bars, None).startswith("Won deals in Q3 2026: 333, no target set")
    assert overview.quarter_ticks(bars, whole=True) == [0.0, 100.0, 200.0, 300.0, 400.0]
