"""Does the page's first line say what the numbers carry, and do the pictures keep names apart and harmless?"""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts import comparison, forest, incidence
from dashboard.domain import Estimate
from dashboard.metrics.intervals import Difference, Ratio, rate
from dashboard.metrics.performance import Partner, PartnerPerformance
from dashboard.metrics.speed import MedianRatio
from dashboard.metrics.standardise import Standardised, StandardisedSpeed
from dashboard.metrics.survival import EventualWinRate
from dashboard.metrics.velocity import MARKS, ContractValue, Group, Incidence, Lift, Role, Split
from dashboard.metrics.win_rate import Prior, shrunken_win_rates
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.views import velocity, velocity_lift
from dashboard.views.comparison import Versus
from dashboard.views.headline import Setting, Subject
from dashboard.views.velocity_tables import csv
from tests.dashboard.summaries import summary

WHEN = Setting("Q3 2026", True, True, "USD")
VERSUS = Versus(parse_period("2026-Q2", Settings()), "Q2 2026", "Q2 2026")
ODD_NAMES = ("<img src=x onerror=alert(1)>", "=1+1", "شركة الشركاء", "🤝 & Söhne", "x" * 200)


def said(text: str) -> str:
    return text.replace("\u202f", " ")


def partners(*counts: tuple[int, int], names: tuple[str, ...] = ()) -> tuple[list[PartnerPerformance], Prior]:
    """Partners with (won, lost) deals; names P0, P1 … where none are given."""
    pool = shrunken_win_rates([won for won, _ in counts], [won + lost for won, lost in counts])
    found = []
    for i, ((won, lost), drawn) in enumerate(zip(counts, pool.estimates, strict=True)):
        name = names[i] if i < len(names) else f"P{i}"
        partner = Partner(f"id{i}", name, "other", None, None, None, "active", None)
        found.append(PartnerPerformance(partner, summary(won_deals=won, lost_deals=lost), drawn, 0, 0, None, None))
    return found, pool.prior


@pytest.mark.parametrize(
    ("own", "other", "sentence"),
    [
        ((60, 40), (30, 70), "Partners won 60.0 % of the 100 deals that closed in Q3 2026 (50–69 %), "
         "more often than other leads (30.0 %)."),
        ((3, 7), (60, 40), "Partners won 30.0 % of the 10 deals that closed in Q3 2026 (11–60 %), "
         "about as often as other leads (60.0 %): the difference can be chance."),
        ((5, 5), (0, 0), "Partners won 50.0 % of the 10 deals that closed in Q3 2026 (24–76 %)."),
        ((0, 0), (5, 5), "No deal of partners was won or lost in Q3 2026; 0 deals are open now."),
    ],
)  # fmt: skip
def test_first_line(own: tuple[int, int], other: tuple[int, int], sentence: str) -> None:
    mine, theirs = (summary(won_deals=won, lost_deals=lost) for won, lost in (own, other))
    assert said(velocity.answer(Subject(), WHEN, mine, theirs, True, False)) == sentence


def test_first_line_where_nothing_is_ever_lost() -> None:
    own = summary(won_deals=12)
    assert velocity.answer(Subject(), WHEN, own, None, False, True) == (
        "12 deals were won in Q3 2026; how often deals are won cannot be told: the data hold no lost deals."
    )
    not_begun = Setting("Q1 2030", False, False, "USD")
    assert velocity.answer(Subject(), not_begun, own, None, True, False) == "Q1 2030 has not begun yet."


def test_second_line_says_how_fast_and_since_when() -> None:
    own = summary(won_deals=60, lost_deals=40, median_days_to_close=52.0, median_days_to_close_mature=False)
    before = summary(won_deals=55, lost_deals=45)
    other = summary(median_days_to_close=77.0)
    assert said(velocity.second(own, other, before, VERSUS, "Sure.")) == (
        "Half of the deals that get won are won within 52 days (other leads: 77 days); deals still open can lengthen "
        "that. In Q2 2026 it was 55.0 %: no change beyond chance. Sure."
    )
    assert velocity.second(summary(), None, None, None, "") == ""


def test_certainty_counts_who_differs_from_the_pool() -> None:
    found, prior = partners((95, 5), (5, 95), (50, 50), (2, 2))
    assert said(velocity.certainty(found, prior)) == (
        "Of 4 partners, 1 won clearly more often and 1 won clearly less often than the pool; "
        "for the other 2 the data cannot tell."
    )
    tied, even = partners((4, 4), (4, 4), (4, 4))
    assert velocity.certainty(tied, even) == "None of 3 partners with closed deals clearly differs from the pool."
    alone, none = partners((4, 4))
    assert velocity.certainty(alone, none) == ""


def test_forest_is_sorted_by_the_shrunken_rate_and_leaves_out_the_middle() -> None:
    found, prior = partners(*((i, 60 - i) for i in range(60)), (0, 0))
    lines = velocity.forest_lines(found, prior, None)
    rows = [line for line in lines if isinstance(line, forest.Row)]
    assert len(rows) == 2 * velocity.EACH_END
    values = [row.shrunken.value for row in rows]
    assert values == sorted(values, reverse=True)
    assert [line.text for line in lines if isinstance(line, forest.Gap)] == ["… 36 more partners"]
    assert [p.partner.name for p in velocity.without_closed(found)] == ["P60"]


@pytest.mark.parametrize(("key", "gaps"), [("id30", 2), ("id47", 1), ("id59", 1), ("gone", 1)])
def test_a_partner_that_is_looked_for_is_marked_wherever_it_ranks(key: str, gaps: int) -> None:
    found, prior = partners(*((i, 60 - i) for i in range(60)))
    lines = velocity.forest_lines(found, prior, key)
    assert [line.key for line in lines if isinstance(line, forest.Row) and line.marked] == [key] * (key != "gone")
    assert sum(isinstance(line, forest.Gap) for line in lines) == gaps


def test_two_partners_are_drawn_raw() -> None:
    found, prior = partners((3, 1), (1, 3))
    lines = velocity.forest_lines(found, prior, None)
    assert [line.shrunken for line in lines] == [None, None] and velocity.pooled(prior) is None
    figure = forest.forest(lines, None, "pool")
    assert len(figure.data[1].x) == 0 and not figure.layout.shapes


def test_forest_draws_intervals_pool_and_keys() -> None:
    found, prior = partners((30, 10), (10, 30), (5, 5), names=ODD_NAMES)
    lines, pool = velocity.forest_lines(found, prior, None), velocity.pooled(prior)
    figure = forest.forest(lines, pool, "pool")
    go.Figure(figure.to_dict())  # with Plotly's own checks
    raw, shrunken = figure.data
    assert list(raw.x) == [0.75, 0.5, 0.25]
    assert raw.error_x.array[0] == pytest.approx(rate(30, 40).high - 0.75)
    assert all(abs(s - 0.5) <= abs(r - 0.5) for s, r in zip(shrunken.x, raw.x, strict=True))
    assert [text[1] for text in shrunken.customdata] == ["id0", "id2", "id1"]
    (line,) = figure.layout.shapes
    assert (line.x0, line.line.dash) == (pool, "dash")
    assert "<img" not in json.dumps(figure.to_dict(), default=str)


def a_curve(group: Group, end: float, n: int = 100) -> Incidence:
    days = np.array([10, 90, 200])
    value = np.array([end / 3, end / 2, end])
    eventual = {day: EventualWinRate(end, end * 0.9, min(1.0, end * 1.1), n, 5) for day in (90, 180)}
    eventual[365] = EventualWinRate(None, None, None, n, 0)
    at_risk = dict.fromkeys(MARKS, 7)
    return Incidence(group, n, days, value, value * 0.9, value * 1.1, at_risk, eventual, 60.0, False, 55.5)


def test_curves_are_drawn_with_bands_and_numbers_at_risk() -> None:
    found = [a_curve(Group(Role.OWN), 0.5), a_curve(Group(Role.OTHER), 0.3)]
    curves = velocity.curves(found, Split.SOURCE)
    figure = incidence.cumulative(curves, MARKS, velocity.top(found))
    go.Figure(figure.to_dict())
    assert [curve.name for curve in curves] == ["Partner-sourced", "Other leads"]
    assert [trace.fill for trace in figure.data[:4]] == ["toself", None, "toself", None]
    assert list(figure.data[1].x) == [0, 10, 90, 200]
    assert list(figure.data[4].text) == ["7"] * 4 and list(figure.data[4].x) == list(MARKS)
    table = velocity.group_table(found, Split.SOURCE)
    assert [said(str(cell)) for cell in table["Median days to close"]] == ["≥ 60 days"] * 2
    assert said(str(table["Won by day 180"][0])) == "50.0 % (45.0–55.0 %)" and table["Won by day 365"] == ["–", "–"]
    assert "too early to say by day 365" in velocity.incidence_in_words(found, Split.SOURCE)


def test_no_group_of_many_looks_like_another() -> None:
    groups = [*(Group(Role.ONE, f"tier {i}") for i in range(5)), Group(Role.REST)]
    curves = velocity.curves([a_curve(group, 0.5) for group in groups], Split.TIER)
    assert len({(curve.colour, curve.dotted) for curve in curves}) == 6
    assert curves[-1].name == "All others"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_labels_stand_apart_and_in_order(values: list[float]) -> None:
    placed = velocity._apart(values, 0.1, 1.05)
    order = sorted(range(len(values)), key=lambda i: (values[i], placed[i]))
    gaps = [placed[b] - placed[a] for a, b in pairwise(order)]
    assert all(gap >= 0.1 - 1e-9 for gap in gaps) and min(placed) >= 0
    if len(values) == 1:
        assert placed[0] == pytest.approx(values[0]) or values[0] > 0.9


def a_lift(split: Split, value: float | None, low: float | None = None, high: float | None = None) -> Lift:
    medians = MedianRatio(value, low, high, 30, 40, 41.0, 60.0, 2000)
    nobody = Estimate(0.5, 0.4, 0.6, 30)
    ratio, difference = Ratio(value, low, high, 30, 40), Difference(0.1, 0.0, 0.2, 30, 40)
    rates = Standardised(nobody, nobody, ratio, difference, nobody, nobody, ratio, difference, 0.9, 3, 4)
    return Lift(split, rates, StandardisedSpeed(medians, medians, 0.9, 3, 4))


def test_lifts_in_words() -> None:
    clear, vague, none = a_lift(Split.SOURCE, 0.68, 0.6, 0.8), a_lift(Split.EQL, 1.1, 0.8, 1.4), a_lift(Split.EQL, None)
    assert said(velocity_lift.faster([clear])) == (
        "Partner-sourced deals take 32 % fewer days than comparable deals of other leads."
    )
    assert said(velocity_lift.oftener([clear, vague])) == (
        "Partner-sourced deals are won 32 % less often than comparable deals of other leads. Deals of leads that were "
        "EQLs first are won about as often as comparable deals of leads that were not: the difference can be chance."
    )
    assert "too few to be compared" in velocity_lift.faster([none])


def test_ratios_are_drawn_beside_labelled_references() -> None:
    lifts = [a_lift(Split.SOURCE, 0.68, 0.6, 0.8), a_lift(Split.EQL, None)]
    rows = velocity_lift.speed_rows(lifts)
    figure = comparison.ratios(rows, velocity_lift.ticks(rows), ("fewer days", "more days"))
    go.Figure(figure.to_dict())
    assert [row.basis for row in rows if row.reference] == ["30–40 % faster", "30–50 % faster", "three times as fast"]
    standard, raw = figure.data
    assert list(standard.x) == list(raw.x) == [pytest.approx(np.log(0.68))]
    one, *references = figure.layout.shapes
    assert (one.x0, one.line.dash) == (0, "dash") and len(references) == 3
    assert all(shape.line.dash == "dash" for shape in references)
    assert "too few to tell" in [note.text for note in figure.layout.annotations]
    ticks = [place for place, _ in velocity_lift.ticks(rows)]
    assert min(ticks) <= np.log(1 / 3) and max(ticks) >= np.log(2) and ticks == sorted(ticks)
    assert not any(row.reference for row in velocity_lift.speed_rows([a_lift(Split.EQL, 0.7, 0.6, 0.8)]))
    assert len(velocity_lift.rate_rows(lifts)) == 4


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (Difference(2_000.0, 500.0, 3_500.0, 9, 9), "$2.0 k more ARR"),
        (Difference(-2_000.0, -3_500.0, -500.0, 9, 9), "$2.0 k less ARR"),
        (Difference(2_000.0, -500.0, 4_500.0, 9, 9), "can be chance"),
        (Difference(None, None, None, 0, 9), "nothing to compare"),
    ],
)
def test_contract_value_in_words(difference: Difference, words: str) -> None:
    found = ContractValue(Estimate(5_000.0, 4_000.0, 6_000.0, 9), Estimate(None, None, None, 0), difference)
    assert words in said(velocity_lift.worth(found, "USD"))
    cards = velocity_lift.worth_cards(found, "USD")
    assert [said(card.value) for card in cards][:2] == ["$5.0 k", "–"]


def test_velocity_names_the_driver_that_moved_most() -> None:
    found, _ = partners((30, 10), (10, 30))
    now = summary(won_deals=30, lost_deals=10, opportunities_opened=50, mean_won_amount=100.0,
                  median_days_to_close=40.0, sales_velocity=93.75)  # fmt: skip
    then = summary(won_deals=30, lost_deals=10, opportunities_opened=45, mean_won_amount=100.0,
                   median_days_to_close=80.0, sales_velocity=42.2)  # fmt: skip
    own = [PartnerPerformance(found[0].partner, now, Estimate(0.7, 0.6, 0.8, 40), 0, 0, None, None), found[1]]
    certain = {"id0": Estimate(93.75, 70.0, 120.0, 30), "id1": Estimate(None, None, None, 10)}
    ordered = velocity_lift.by_velocity(own[::-1])
    assert [p.partner.partner_id for p in ordered] == ["id0", "id1"]
    columns = velocity_lift.velocity_columns(ordered, {"id0": then}, certain, "USD")
    assert [said(str(columns[name][0])) for name in ("Change", "Mainly", "95 % interval")] == [
        "+122 %", "median 80 days → 40 days", "$70 to $120",
    ]  # fmt: skip
    assert (columns["A day"][1], columns["Mainly"][1], columns["Median days"][1]) == (None, "", "–")
    assert said(velocity_lift.fastest(own, certain, "USD")) == "P0 earns most: $94 a day ($70 to $120)."
    assert "no sales velocity" in velocity_lift.fastest(own[1:], certain, "USD")


def test_downloaded_names_are_no_formulas() -> None:
    written = csv(pl.DataFrame({"Partner": ["=1+1", "شركة"], "Won": [1, None]})).decode("utf-8-sig")
    assert written == "Partner,Won\n'=1+1,1\nشركة,\n"
