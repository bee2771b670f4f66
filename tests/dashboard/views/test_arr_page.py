"""Do the ARR page's sentences, bars and steps say what the numbers carry, and no more?"""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import plotly.graph_objects as go
import pytest

from dashboard.charts import arr_page as charts
from dashboard.charts import theme
from dashboard.metrics.arr_change import Flow, change
from dashboard.metrics.arr_page import ArrPage, GroupBy
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.views import arr_document
from dashboard.views import arr_page as view
from dashboard.views import arr_page_words as words
from dashboard.views.comparison import Versus
from dashboard.views.headline import Setting, Subject
from tests.dashboard.metrics.test_arr_page import page, row, targets

WHEN = Setting("Q3 2026", True, True, "USD")
SO_FAR = replace(WHEN, over=False)
VERSUS = Versus(parse_period("2026-Q2", Settings()), "Q2 2026", "Q2 2026")
PARTNERS, ONE = Subject(), Subject("Acme", singular=True)
FLOWS = ("EQLs", "SQLs per EQL", "Won deals per SQL", "ARR per won deal")
ODD = ("<img src=x onerror=alert(1)>", "=1+1", "شركة الشركاء", "🤝 & Söhne", "x" * 200)


def said(text: str) -> str:
    return text.replace("\u202f", " ").replace("−", "-")


def then(cents: int, deals: int) -> dict:
    when = {"month": date(2026, 5, 1), "in_period": False, "in_compared": True}
    return row("P1", cents, won=deals, **sizes(deals), **when)


def sizes(deals: int) -> dict:
    return {"arrs": deals, "log_arr": 8.0 * deals, "log_arr_sq": 64.0 * deals}


def of(cents: int, deals: int, before: tuple[int, int] = (0, 0), **more: object) -> ArrPage:
    rows = [row("P1", cents, won=deals, **sizes(deals))] if deals else []
    return page([*rows, *([then(*before)] if before[1] else [])], **more)


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        (of(0, 0), "Partners brought no ARR in Q3 2026: no deal was won."),
        (of(0, 3), "3 deals were won in Q3 2026; the data hold no ARR for them."),
        (of(120_000_000, 40), "Partners brought $1.2 M ARR in Q3 2026, after none in Q2 2026."),
        (of(120_000_000, 40, (110_000_000, 40)),
         "Partners brought $1.2 M ARR in Q3 2026, about as much as in Q2 2026 ($1.1 M)."),
        (of(6_300_000, 5, (13_700_000, 12)),
         "Partners brought $63.0 k ARR in Q3 2026, 54 % less than in Q2 2026 ($137 k); "
         "with 5 and 12 won deals that can be chance."),
        (of(320_000_000, 400, (100_000_000, 390)),
         "Partners brought $3.2 M ARR in Q3 2026, 220 % more than in Q2 2026."),
        (of(100_000_000, 400, (320_000_000, 390)),
         "Partners brought $1.0 M ARR in Q3 2026, 69 % less than in Q2 2026."),
    ],
)  # fmt: skip
def test_first_line(shown: ArrPage, sentence: str) -> None:
    assert said(words.headline(PARTNERS, WHEN, shown, VERSUS)).split(", mainly")[0].rstrip(".") == sentence.rstrip(".")


def test_first_line_of_one_partner_while_the_period_runs() -> None:
    assert said(words.headline(ONE, SO_FAR, of(500_000, 2), None)) == "Acme has brought $5.0 k ARR in Q3 2026 so far."
    assert words.headline(ONE, replace(WHEN, begun=False), of(0, 0), VERSUS) == "Q3 2026 has not begun yet."


def test_everybody_is_no_partner() -> None:
    shown = page([row(None, 700_000)], everybody=True)
    assert said(words.headline(PARTNERS, WHEN, shown, None)) == "$7.0 k ARR was won in Q3 2026."
    assert words.question(PARTNERS, True) == "What came in?"
    assert words.question(PARTNERS, False) == "What did partners bring?"
    assert words.question(ONE, False) == "What did Acme bring?"


def test_the_reason_is_named_where_it_is_most_and_more_than_chance() -> None:
    more = change(Flow(400, 200, 100, 10_000_000), Flow(800, 400, 200, 20_000_000))
    assert said(words.reason(more, "USD")) == ", mainly because more EQLs came in (800 instead of 400)"
    few = change(Flow(4, 2, 1, 100_000), Flow(8, 4, 2, 200_000))
    assert words.reason(few, "USD") == ""
    even = change(Flow(400, 200, 100, 10_000_000), Flow(560, 392, 275, 27_500_000))
    assert words.reason(even, "USD") == "", "no part alone makes up half of it"


def test_reasons_follow_the_direction() -> None:
    less = change(Flow(800, 400, 200, 20_000_000), Flow(400, 200, 100, 10_000_000))
    assert said(words.reason(less, "USD")) == ", mainly because fewer EQLs came in (400 instead of 800)"


def test_growth_says_what_moved_beyond_chance() -> None:
    shown = replace(
        of(20_000_000, 200, (10_000_000, 100)),
        change=change(Flow(400, 200, 100, 10_000_000), Flow(400, 400, 200, 20_000_000)),
    )
    told = said(words.growth(WHEN, shown, VERSUS))
    assert told.startswith("Yes: 100 % more than in Q2 2026 ($100 k). Beyond chance: more SQLs came in per EQL (")
    assert "(1.00 instead of 0.50), worth +$100 k" in told


def test_growth_within_chance_says_so_with_the_numbers() -> None:
    told = said(words.growth(WHEN, of(1_200_000, 4, (1_000_000, 3)), VERSUS))
    assert told.startswith("20 % more than in Q2 2026 ($10.0 k), with 4 and 3 won deals. ")
    assert "That can be chance, and so can the largest part: more EQLs came in (8 instead of 6), worth +$3.2 k." in told
    told = said(words.growth(WHEN, of(1_100_000, 4, (1_000_000, 3)), VERSUS))
    assert told.startswith("About as much as in Q2 2026 ($10.0 k, +10 %). That can be chance, and so can the largest ")


def test_growth_within_chance_of_which_a_part_is_not() -> None:
    # The same leads brought twice as many SQLs, of which half as many were won, in deals of the same size.
    moved = change(Flow(400, 200, 30, 3_000_000), Flow(400, 400, 30, 3_000_000))
    told = said(words.growth(WHEN, replace(of(3_000_000, 30, (3_000_000, 30)), change=moved), VERSUS))
    assert told.startswith(
        "About as much as in Q2 2026 ($30.0 k, ±0 %). In total that can be chance, but not that "
        "more SQLs came in per EQL (1.00 instead of 0.50), worth +"
    )
    assert ", nor that fewer deals were won per SQL (0.075 instead of 0.15), worth -" in told
    assert "Beyond chance" not in told


def test_growth_without_anything_to_compare() -> None:
    assert words.growth(WHEN, of(100, 1), None).startswith("Nothing is compared")
    assert said(words.growth(WHEN, of(100, 1), VERSUS)) == "There was no ARR in Q2 2026 to compare with."
    assert said(words.growth(WHEN, of(0, 0, (10_000_000, 1)), VERSUS)) == "It fell to nothing from $100 k in Q2 2026."
    assert said(words.growth(WHEN, of(0, 30, (0, 3)), VERSUS)) == "30 deals were won, 3 in Q2 2026."
    assert said(words.growth(WHEN, of(0, 4, (0, 3)), VERSUS)) == "4 deals were won, about as many as the 3 in Q2 2026."


def test_first_answer_has_share_and_target() -> None:
    goals = targets(("2026-07-01", "2026-09-30", 20_000))
    shown = page([row("P1", 1_500_000, won=3), row(None, 500_000)], goals=goals)
    assert said(words.what(WHEN, shown)) == (
        "$15.0 k ARR from 3 won deals: 75 % of all new ARR and 75 % of the target of $20.0 k."
    )
    assert "all new ARR" not in words.what(WHEN, shown, narrowed=True)
    assert words.what(WHEN, of(0, 0)) == "Nothing: no deal was won."


def test_a_month_has_no_quarters_target() -> None:
    goals = targets(("2026-07-01", "2026-09-30", 20_000))
    assert "target" not in words.what(WHEN, page([row("P1", 100)], period="2026-08", goals=goals))
    told = words.ignored(page([], period="2026-08"), False, False)
    assert told == "The last bar is the whole of Q3 2026."
    assert words.ignored(page([]), False, False) == ""


def test_quotients_of_flows_have_one_unit_below_and_above_one() -> None:
    moved = change(Flow(10, 20, 10, 100), Flow(10, 15, 30, 300))
    told = [words.moved(factor, "USD") for factor in moved.factors]
    assert said(told[1]) == "fewer SQLs came in per EQL (1.50 instead of 2.00)"
    assert said(told[2]) == "more deals were won per SQL (2.00 instead of 0.50)"
    rare = change(Flow(1000, 13, 10, 100), Flow(10, 1500, 30, 300)).factors[1]
    assert said(words.moved(rare, "USD")) == "more SQLs came in per EQL (150 instead of 0.013)"


def test_steps_lead_from_then_to_now() -> None:
    moved = change(Flow(400, 200, 100, 10_000_000), Flow(800, 300, 200, 30_000_000))
    steps = view.steps(moved, "Q2 2026", "Q3 2026", "USD")
    assert [step.name for step in steps] == ["Q2 2026", *FLOWS, "Q3 2026"]
    assert steps[0].end == 100_000 and steps[-1].end == 300_000
    assert all(a.end == pytest.approx(b.start) for a, b in itertools.pairwise(steps[:-1]))
    assert steps[-2].end == pytest.approx(300_000)
    assert all(step.low <= step.end <= step.high for step in steps[1:-1])


def test_table_of_the_change_ends_with_the_difference() -> None:
    moved = change(Flow(0, 0, 0, 0), Flow(8, 4, 2, 300))
    columns = view.change_columns(moved, "Q2 2026", "Q3 2026", "USD")
    assert columns["Part"] == ["Won deals", "ARR per won deal", "Difference"]
    assert columns["Worth"] == [3.0, 0.0, 3.0]


def test_exported_change_has_raw_numbers_in_columns_of_their_unit() -> None:
    moved = change(Flow(400, 200, 100, 10_000_000), Flow(800, 300, 200, 30_000_000))
    shown = replace(of(30_000_000, 200, (10_000_000, 100)), change=moved)
    table = next(own for own in arr_document.tables(shown, VERSUS) if own.name == "change")
    names = [column.name for column in table.columns]
    rows = {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in table.rows}
    assert list(rows) == [*FLOWS, "Difference"]
    pairs = {
        name: {unit: (row[f"{unit}_before"], row[f"{unit}_now"]) for unit in ("number", "quotient", "amount")}
        for name, row in rows.items()
    }
    nothing = (None, None)
    assert pairs == {
        "EQLs": {"number": (400, 800), "quotient": nothing, "amount": nothing},
        "SQLs per EQL": {"number": nothing, "quotient": (0.5, 0.375), "amount": nothing},
        "Won deals per SQL": {"number": nothing, "quotient": (0.5, pytest.approx(2 / 3)), "amount": nothing},
        "ARR per won deal": {"number": nothing, "quotient": nothing, "amount": (1000, 1500)},
        "Difference": {"number": nothing, "quotient": nothing, "amount": (100_000, 300_000)},
    }
    assert sum(row["worth"] for row in rows.values()) == 2 * rows["Difference"]["worth"] == 400_000


def test_bars_begin_with_the_first_deal_and_end_with_what_has_begun() -> None:
    shown = page([row("P1", 100, month=date(2026, 8, 1))], period="2026-Q4")
    assert [own.title for own in view.bars(shown, view.QUARTERS, False, "USD", 1)] == ["Q3 2026", "Q4 2026 so far"]
    months = view.bars(shown, view.MONTHS, False, "USD", 1)
    assert [own.title for own in months] == ["August 2026", "September 2026", "October 2026", "November 2026 so far"]
    assert [own.label for own in months] == ["", "", "Oct<br>2026", ""]
    assert months[-1].running and not months[0].running


def test_won_deals_stand_for_arr_that_nobody_knows() -> None:
    shown = page([row(None, 0, won=7)], everybody=True)
    assert view.counts(shown) and view.question(shown, view.QUARTERS, False) == "How many won deals came in?"
    assert view.bars(shown, view.QUARTERS, False, "USD", 1)[-1].values == (7.0,)
    rows = view.group_columns(shown.groups[GroupBy.SOURCE], GroupBy.SOURCE, "Q2 2026", counted=True)
    assert not any(name.startswith("ARR") for name in rows)


@pytest.mark.parametrize("name", ODD)
def test_names_are_no_markup(name: str) -> None:
    shown = page([row("P1", 100, product_line=name), row(None, 50, product_line=name)])
    rows = view.group_rows(shown.groups[GroupBy.PRODUCT_LINE], GroupBy.PRODUCT_LINE, "USD", counted=False)
    figure = charts.ranked(rows, "Q2 2026")
    drawn = go.Figure(figure.to_dict()).to_json()
    assert len(rows) == 2 and "<img" not in drawn and "u003cimg" not in drawn


def test_plotly_accepts_every_property() -> None:
    goals = targets(("2026-07-01", "2026-09-30", 20_000))
    shown = page([row("P1", 1_500_000), row(None, 5), row(None, 7, has_lead=False), then(500, 2)], goals=goals)
    for by, cumulative in itertools.product((view.QUARTERS, view.MONTHS), (False, True)):
        drawn = view.bars(shown, by, cumulative, "USD", 1)
        figure = charts.by_stretch(drawn, view.series(shown, cumulative), view.axis(drawn, "USD", False))
        assert go.Figure(figure.to_dict()).data[0].type == "bar"
    go.Figure(charts.waterfall(view.steps(shown.change, "a", "b", "USD")).to_dict())
    go.Figure(charts.ranked(view.partner_rows(shown.top_five.largest, "USD"), "").to_dict())
    go.Figure(charts.by_stretch([], view.series(shown, False), view.axis([], "USD", False)).to_dict())


def test_targets_are_steps_with_gaps() -> None:
    goals = targets(("2026-07-01", "2026-09-30", 20_000))
    shown = page([then(500, 2), row("P1", 100)], goals=goals)
    drawn = view.bars(shown, view.QUARTERS, False, "USD", 1)
    figure = charts.by_stretch(drawn, view.series(shown, False), charts.Axis([0], ["0"]))
    assert said(figure.data[0].hovertext[-1]) == (
        "<b>Q3 2026</b><br>Partner-sourced: $1.00<br>Direct business: $0.00<br>Target: $20 000.00"
    )
    step = next(trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines")
    assert list(step.y) == [None, None, 20_000, 20_000] and step.line.dash == "dash"


def test_every_quarter_says_its_value_where_no_line_crosses_it() -> None:
    goals = targets(("2026-07-01", "2026-09-30", 20_000))
    months = [(2024, 11), (2025, 2), (2025, 5), (2025, 8), (2025, 11), (2026, 2), (2026, 5), (2026, 8)]
    shown = page([row("P1", 450_000_000, month=date(*month, 1)) for month in months], goals=goals)
    drawn = view.bars(shown, view.QUARTERS, False, "USD", 1)
    figure = charts.by_stretch(drawn, view.series(shown, False), charts.Axis([0], ["0"]))
    assert len(drawn) == 8 and not figure.layout.annotations
    assert [said(text) for text in figure.layout.xaxis.ticktext][::7] == [
        f"Q4<br>2024<br>{theme.value('$4.5 M')}",
        f"Q3<br>2026<br>{theme.value('$4.5 M')}",
    ]
    wide = [own.note for own in view.bars(shown, view.QUARTERS, False, "SEK", 1)]
    assert [bool(note) for note in wide] == [False, True] * 4  # as many as fit on a phone, the last always
    assert not any(own.note for own in view.bars(shown, view.MONTHS, False, "USD", 1))


def test_a_fall_is_hollow_and_a_rise_is_filled() -> None:
    moved = change(Flow(400, 200, 100, 10_000_000), Flow(800, 200, 100, 10_000_000))
    figure = charts.waterfall(view.steps(moved, "a", "b", "USD"))
    rise, fall = figure.data[1], figure.data[2]
    assert rise.marker.color != fall.marker.color and fall.marker.line.width == 1
    assert fall.base[0] + fall.x[0] == pytest.approx(rise.base[0] + rise.x[0])


def test_concentration() -> None:
    told = said(view.concentration(page([row(f"P{n}", 100) for n in range(6)]), "USD"))
    assert told == (
        "The five largest partners brought $5.00, 83 % of partner-sourced ARR. Were all 7 equal, five would bring 71 %."
    )
    # 2 ÷ 7: as many partners are compared as brought something.
    assert said(view.concentration(page([row("P1", 300), row("P2", 200)]), "USD")) == (
        "The two largest partners brought $5.00, 100 % of partner-sourced ARR. Were all 7 equal, two would bring 29 %."
    )
    alone = said(view.concentration(page([row("P1", 300)]), "USD"))
    assert alone.endswith("Were all 7 equal, one would bring 14 %.")
    assert view.concentration(page([]), "USD") == "No partner brought ARR in this period."
    assert said(view.concentration(of(500, 1), "USD", narrowed=True)).startswith(
        "One partner brought $5.00, 100 % of the"
    )


def test_question_is_about_a_target_only_where_one_is_drawn() -> None:
    shown = page([row("P1", 100)], goals=targets(("2026-07-01", "2026-09-30", 20_000)))
    assert view.question(shown, view.QUARTERS, False) == "Is ARR on target?"
    assert view.question(shown, view.MONTHS, False) == "How much ARR came in?"
    yearly = page([row("P1", 100)], goals=targets(*((f"2026-0{m}-01", f"2026-0{m + 2}-30", 5) for m in (1, 4, 7))))
    assert view.question(yearly, view.QUARTERS, False) == "Is ARR on target?"


def test_marks_of_neighbours_do_not_touch() -> None:
    marks = charts.ranked([charts.Row("A", 2.0, 1.0, "", "", theme.PARTNER)] * 2, "Q2 2026").data[1]
    assert 1.4 * marks.marker.size < charts.ROW
