"""Does the Funnel page say the answer first, mark what is too early, and stay readable with many groups?"""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from dashboard.charts.waiting import Bin, Median
from dashboard.domain import Stage
from dashboard.metrics.association import associations
from dashboard.metrics.funnel_groups import By, CohortCells, Funnel, compare, funnel, main_steps
from dashboard.metrics.performance import Partner
from dashboard.metrics.waiting import waiting
from dashboard.views import funnel as words
from dashboard.views import funnel_association, funnel_tables, funnel_time
from dashboard.views.headline import Whose
from tests.dashboard.metrics.synthetic import AGES, COHORT, frame

PRESENT = tuple(Stage)
P90 = {Stage.MQL: 10.0, Stage.EQL: 20.0, Stage.SQL: 30.0, Stage.OPPORTUNITY: 40.0, Stage.WON: 129.4}
STEP = (Stage.LEAD, Stage.EQL)


def made(rows: list[dict], age: int = 400, present: tuple[Stage, ...] = PRESENT) -> Funnel:
    leads = sum(row["leads"] for row in rows)
    ages = [{"age_days": age, "leads": leads}] if leads else []
    return funnel(CohortCells(frame(COHORT, rows), frame(AGES, ages)), present, P90)


# 1,000 leads; 500 MQLs; 240 EQLs; 120 SQLs; 100 with a deal; 60 won. MQL→EQL 48 %, EQL→SQL 50 %, others higher.
REACHED = dict.fromkeys(("mql", "eql", "sql", "opportunity", "won"), True)
ROWS = [
    {"leads": 500},
    {"leads": 260, "mql": True},
    {"leads": 120, "mql": True, "eql": True},
    {"leads": 20, "mql": True, "eql": True, "sql": True},
    {"leads": 40} | REACHED | {"won": False},
    {"leads": 60} | REACHED,
]


def test_first_sentence() -> None:
    said = words.answer(Whose("partner-sourced"), "Q3 2026", True, made(ROWS), PRESENT).replace("\u202f", " ")
    assert said.startswith("Of 1 000 partner-sourced leads of Q3 2026, 24.0 % became EQLs and 6.0 % were won; ")
    assert "the narrowest steps are MQL → EQL (48.0 % go on)" in said  # 43.6 to 52.4 % holds its neighbours too


def test_one_narrow_step_is_named_alone() -> None:
    rows = [{"leads": 900}, {"leads": 100} | REACHED]
    said = words.answer(Whose(), "Q3 2026", True, made(rows), PRESENT).replace("\u202f", " ")
    assert said.endswith("the narrowest step is lead → MQL, where 10.0 % go on.")


def test_young_cohorts_are_said_never_read_as_a_drop() -> None:
    young = made(ROWS, age=60)
    said = words.answer(Whose(), "Q3 2026", True, young, PRESENT)
    assert "are won so far" in said
    warned = words.too_early(young, PRESENT)
    assert warned.startswith("Too early for won: ") and "129\u202fdays" in warned and "drop" in warned
    assert words.too_early(made(ROWS), PRESENT) == ""
    assert [bar.young for bar in words.bars(young, PRESENT, of_first=False)] == [False] * 5 + [True]


@pytest.mark.parametrize(
    ("begun", "rows", "present", "expected"),
    [
        (False, [], PRESENT, "Q3 2026 has not begun yet."),
        (True, [], PRESENT, "No lead of Acme was created in Q3 2026."),
        (
            True,
            [{"leads": 1}],
            PRESENT[:1],
            "Acme’s 1 lead was created in Q3 2026; none of the data's leads got further.",
        ),
    ],
)
def test_nothing_to_say(begun: bool, rows: list[dict], present: tuple[Stage, ...], expected: str) -> None:
    assert words.answer(Whose(owner="Acme"), "Q3 2026", begun, made(rows, present=present), present) == expected


def test_bars_measure_against_the_stage_before_or_the_first() -> None:
    rows = [{"leads": 8}, {"leads": 1, "mql": True, "eql": True}, {"leads": 1, "eql": True}]
    previous = words.bars(made(rows, present=PRESENT[:3]), PRESENT[:3], of_first=False)
    assert [(bar.count, bar.through) for bar in previous] == [(10, 10), (1, 1), (2, 1)]  # one EQL was no MQL
    assert previous[2].share.value == 1.0 and previous[2].share.n == 1
    first = words.bars(made(rows, present=PRESENT[:3]), PRESENT[:3], of_first=True)
    assert first[2].share.value == 0.2 and first[2].of == "leads"
    assert "EQLs: 2, 100.0" in words.bars_in_words(previous)


def many(number: int) -> dict:
    """`number` groups, the first the best: group i of 100 leads with 100 − i EQLs; the last has only five leads."""
    groups = {f"g{i:03}": made([{"leads": i}, {"leads": 100 - i, "eql": True}]) for i in range(1, number)}
    return groups | {"few": made([{"leads": 5, "eql": True}])}


def test_few_groups_are_all_shown_the_small_one_marked() -> None:
    found = many(10)
    shown, gap, left_out = words.dots(found, {key: key for key in found}, STEP)
    assert [dot.key for dot in shown][:2] == ["few", "g001"] and len(shown) == 10
    assert [dot.small for dot in shown] == [True] + [False] * 9
    assert (gap, left_out) == (None, 0)


def test_of_many_groups_the_ends_with_enough_leads() -> None:
    found = many(60)
    shown, gap, left_out = words.dots(found, {key: key for key in found}, STEP)
    assert [dot.key for dot in shown] == [*(f"g{i:03}" for i in range(1, 8)), *(f"g{i:03}" for i in range(53, 60))]
    assert (gap, left_out) == (7, 46)
    wanted, _, _ = words.dots(found, {key: key for key in found}, STEP, only=["g030", "few"])
    assert [dot.key for dot in wanted] == ["few", "g030"]


def test_names() -> None:
    partners = [Partner(key, "Acme", "agency", None, None, None, "active", None) for key in ("P1", "P2")]
    found = {"P1": None, "P2": None, None: None}
    assert words.names_of(By.PARTNER, found, partners) == {"P1": "Acme (P1)", "P2": "Acme (P2)", None: "No partner"}
    assert words.names_of(By.CHANNEL, {"paid_search": None, None: None}, []) == {
        "paid_search": "Paid search", None: "Not set",
    }  # fmt: skip


def test_comparison_in_a_sentence() -> None:
    a, b = made([{"leads": 40}, {"leads": 60, "eql": True}]), made([{"leads": 80}, {"leads": 20, "eql": True}])
    said = words.compared("Acme", "all the rest", compare(a, b, [STEP])).replace("\u202f", " ")
    assert (
        said == "Acme differs from all the rest by more than chance at lead → EQL: 60.0 % against 20.0 % (+40.0 pts)."
    )
    assert words.compared("Acme", "Bolt", compare(a, a, [STEP])) == (
        "Acme and Bolt differ at no step by more than chance could make."
    )


def test_months_compare_the_first_and_last_that_can_be_judged() -> None:
    low, high = made([{"leads": 90}, {"leads": 10, "eql": True}]), made([{"leads": 50}, {"leads": 50, "eql": True}])
    young = made([{"leads": 99}, {"leads": 1, "eql": True}], age=5)
    found = {date(2026, 7, 1): low, date(2026, 8, 1): high, date(2026, 9, 1): young}
    shown = words.months(found, STEP, date(2026, 6, 1), date(2026, 10, 1))
    assert [month.first.month for month in shown] == [7, 8, 9]  # June had no leads
    said = words.months_in_words(shown, STEP).replace("\u202f", " ")
    assert said == (
        "lead → EQL of the leads of August 2026 (50.0 %) is higher than that of July 2026 (10.0 %). "
        "The last month is too early to judge."
    )
    assert words.months_in_words([], STEP) == "No lead of these 13 months got far enough for lead → EQL."


DAYS = pl.DataFrame(
    {
        "step": ["lead_to_eql"] * 4,
        "month": [date(2026, 7, 1), date(2026, 7, 1), None, date(2026, 8, 1)],
        "inside": [True, True, False, True],
        "days": [3, -2, 90, 83],
        "leads": [6, 2, 5, 1],
    }
)


def test_days_of_a_step_in_the_period() -> None:
    found = funnel_time.by_step(DAYS, [STEP])[STEP]
    assert (found.n, found.negative, found.median) == (7, 2, 3.0)
    said = funnel_time.answer(STEP, found, "Q3 2026").replace("\u202f", " ")
    assert said.startswith("lead → EQL took a median of 3 days") and "2 leads with the later date first are" in said
    assert funnel_time.answer(STEP, waiting([], []), "Q3 2026") == "Nobody made the step lead → EQL in Q3 2026."


def test_bins_have_a_round_width_and_hold_everybody() -> None:
    bins = funnel_time.bins(DAYS, STEP)
    assert bins[0] == Bin(0, 4, 6) and bins[-1] == Bin(80, 84, 1) and len(bins) == 17
    assert sum(each.leads for each in bins) == 7  # neither the negative ones nor those outside the period
    assert funnel_time.bins(DAYS.clear(), STEP) == []


def test_medians_by_month_and_whether_they_moved() -> None:
    shown = funnel_time.months(DAYS, STEP, date(2026, 8, 1))
    assert [(month.month.month, month.median, month.running) for month in shown] == [(7, 3.0, False), (8, 83.0, True)]
    assert funnel_time.changed(shown, STEP).startswith("Too few leads")
    year = [Median(date(2025, 9, 1), 10, 9, 11, 50, False), Median(date(2026, 8, 1), 14, 12, 16, 50, False)]
    assert "took longer than in September 2025: 14" in funnel_time.changed(year, STEP)


def test_associations_in_a_sentence_and_as_links() -> None:
    cells = pl.DataFrame(
        {
            "attribute": ["signal", "industry", "industry", "channel"],
            "value": ["demo_request", "*Retail*", "Software", "(all others)"],
            "leads": [100, 50, 150, 150],
            "converted": [60, 10, 70, 70],
        }
    )
    found = associations(cells, 200, 80, flags=("signal",))
    said = funnel_association.answer(found, Stage.WON)
    assert "leads with Signal\\: Demo request" in said and "are won more often" in said
    assert "Association, not effect." in said and "*Retail*" not in said  # names are made safe
    assert funnel_association.links(found)["Signal: Demo request"] == {"signal": "demo_request"}
    assert funnel_association.links(found)["Industry: Software"] == {"attribute": "industry", "value": "Software"}
    assert not any("all others" in title.casefold() for title in funnel_association.links(found))
    assert funnel_association.answer([], Stage.WON).startswith("Too few leads")


def test_csv_holds_every_step_and_runs_no_formula() -> None:
    found = {"=1+1": made(ROWS), None: made([])}
    text = funnel_tables.groups_csv(By.CHANNEL, found, {"=1+1": "=1+1", None: "Not set"}, PRESENT).decode("utf-8-sig")
    header, first, second = text.splitlines()
    assert header.startswith("group,key,name,lead,mql,eql,sql,opportunity,won,lead_to_mql,lead_to_mql_low")
    assert first.startswith("channel,'=1+1,'=1+1,1000,500,240,120,100,60,0.5,")
    assert second.startswith("channel,,Not set,0,0,0,0,0,0,,,,0")
    assert {f"{k}_to_{to}" for k, to in main_steps(PRESENT)} <= set(header.split(","))
