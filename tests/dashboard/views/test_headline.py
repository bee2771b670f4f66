"""Does the first line say what the numbers say, and no more?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashboard.metrics.intervals import rate
from dashboard.period import Period
from dashboard.views import headline
from dashboard.views.comparison import Versus
from dashboard.views.headline import Setting, Subject
from tests.dashboard.summaries import summary

Q3 = Setting("Q3 2026", over=True, begun=True, currency="USD")
RUNNING = Setting("Q4 2026", over=False, begun=True, currency="USD")
SPAN = Period("2026-Q2", datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
Q2 = Versus(SPAN, "Q2 2026", "Q2 2026")


def said(now, before=None, setting=Q3, subject=Subject()) -> str:  # noqa: B008
    return headline.arr(subject, setting, now, before, Q2 if before else None).replace("\u202f", " ")


def test_a_sure_rise_is_told_with_its_size_and_its_main_reason() -> None:
    # 400 won of 800 decided against 200 of 400, the same size a deal: twice as much, all of it from more decisions
    now = summary(leads=9, arr=4_000_000.0, won_deals=400, lost_deals=400)
    before = summary(leads=9, arr=2_000_000.0, won_deals=200, lost_deals=200)
    assert said(now, before) == (
        "Partners brought $4.0 M ARR in Q3 2026, 100 % more than in Q2 2026, "
        "mainly because more deals were decided (800 instead of 400)."
    )


def test_the_reason_is_the_factor_that_explains_most() -> None:
    now = summary(leads=9, arr=1_000_000.0, won_deals=400, lost_deals=400)
    before = summary(leads=9, arr=2_000_000.0, won_deals=400, lost_deals=400)
    assert (
        "50 % less than in Q2 2026, mainly because the won deals were smaller ($2.5 k a deal instead of $5.0 k)"
        in said(now, before)
    )
    now = summary(leads=9, arr=6_000_000.0, won_deals=600, lost_deals=200)
    before = summary(leads=9, arr=2_000_000.0, won_deals=200, lost_deals=600)
    assert "mainly because a larger share of them was won (75 % instead of 25 %)" in said(now, before)


def test_no_reason_where_none_explains_half() -> None:
    # ln 8 = 3 × ln 2: each of the three factors doubled, each makes a third
    now = summary(leads=9, arr=8_000_000.0, won_deals=800, lost_deals=800)
    before = summary(leads=9, arr=1_000_000.0, won_deals=200, lost_deals=600)
    assert "mainly" not in said(now, before)


def test_a_large_difference_that_can_be_chance_is_told_with_its_size() -> None:
    now, before = (
        summary(leads=9, arr=425e3, won_deals=45, lost_deals=9),
        summary(leads=9, arr=265e3, won_deals=37, lost_deals=9),
    )
    # ln(425/265) = 0.472 < 1.96 × √(2/45 + 2/37) = 0.615; 425/265 = 1.604
    assert said(now, before) == (
        "Partners brought $425 k ARR in Q3 2026, 60 % more than in Q2 2026 ($265 k); "
        "with 45 and 37 won deals that can be chance."
    )
    # ln(63/137) = −0.777, within 1.96 × √(2/5 + 2/12) = 1.475
    few = summary(leads=9, arr=63e3, won_deals=5), summary(leads=9, arr=137e3, won_deals=12)
    assert "54 % less than in Q2 2026 ($137 k); with 5 and 12 won deals that can be chance." in said(*few)
    # ln 12 = 2.485, within 1.96 × √(2/1 + 2/1) = 3.92
    one = summary(leads=9, arr=120e3, won_deals=1), summary(leads=9, arr=10e3, won_deals=1)
    assert "12× as much as in Q2 2026 ($10.0 k); with 1 and 1 won deals that can be chance." in said(*one)


@pytest.mark.parametrize(
    ("now", "words", "sure", "deals"),
    [
        (114.0, "about as much as in", False, ""),
        (116.0, "16 % more than in", False, "10 and 10 won deals"),
        (86.0, "about as much as in", False, ""),
        (84.0, "16 % less than in", False, "10 and 10 won deals"),
        (500.0, "400 % more than in", True, ""),  # ln 5 = 1.609 > 1.96 × √(2/10 + 2/10) = 1.240
    ],
)
def test_only_small_differences_are_about_as_much(now: float, words: str, sure: bool, deals: str) -> None:
    found = headline.compared(now, 10, 100.0, 10)
    assert (found.words.replace("\u202f", " "), found.sure, found.deals) == (words, sure, deals)
    assert bool(found.chance) == bool(deals)


def test_a_small_difference_beyond_chance_keeps_its_size() -> None:
    # ln 1.1 = 0.0953 > 1.96 × √(2/4000 + 2/4000) = 0.062
    assert headline.compared(110.0, 4000, 100.0, 4000).words.replace("\u202f", " ") == "10 % more than in"


@pytest.mark.parametrize(
    ("now", "setting", "sentence"),
    [
        (summary(), Q3, "Partners brought no leads and no deals in Q3 2026."),
        (
            summary(leads=5, lost_deals=2),
            Q3,
            "Partners brought no ARR in Q3 2026: none of the 2 decided deals was won.",
        ),
        (
            summary(leads=5, open_deals=1),
            RUNNING,
            "Partners have brought no ARR in Q4 2026 so far: no deal was decided; 1 deal is open.",
        ),
        (summary(leads=5), Q3, "Partners brought no ARR in Q3 2026: there were no deals to decide."),
        (
            summary(leads=8000, won_deals=842),
            Q3,
            "Partners won 842 deals in Q3 2026; the data hold no ARR for them.",
        ),
        (
            summary(leads=5, arr=12e3, won_deals=1),
            RUNNING,
            "Partners have brought $12.0 k ARR in Q4 2026 so far, from 1 won deal.",
        ),
    ],
)
def test_without_a_comparison(now, setting: Setting, sentence: str) -> None:
    assert said(now, setting=setting) == sentence


def test_after_nothing_there_is_no_percentage() -> None:
    text = said(summary(leads=5, arr=12e3, won_deals=1), summary(leads=3))
    assert text == "Partners brought $12.0 k ARR in Q3 2026, after none in Q2 2026."


def test_a_period_to_come() -> None:
    assert said(summary(), setting=Setting("Q1 2027", False, False, "USD")) == "Q1 2027 has not begun yet."


def test_one_partner_in_the_singular() -> None:
    text = said(summary(leads=5, arr=12e3, won_deals=1), setting=RUNNING, subject=Subject("Acme", singular=True))
    assert text.startswith("Acme has brought")


def test_young_leads_are_not_judged() -> None:
    text = headline.eqls(Q3, summary(won_of_eqls=(30, 259), mature=False), None, None).replace("\u202f", " ")
    assert text == (
        "Of the 259 EQLs among the leads of Q3 2026, 11.6 % are won so far; how many will be is too early to say."
    )


def test_conversion_is_compared_by_newcombe() -> None:
    now = summary(won_of_eqls=(60, 200))
    assert "more than the 10.0 % of Q2 2026" in headline.eqls(Q3, now, summary(won_of_eqls=(20, 200)), Q2).replace(
        "\u202f", " "
    )
    assert "about as many as the 28.0 % of Q2 2026" in headline.eqls(
        Q3, now, summary(won_of_eqls=(56, 200)), Q2
    ).replace("\u202f", " ")


def test_nothing_is_said_about_eqls_where_there_are_none() -> None:
    assert headline.eqls(Q3, summary(), None, None) == ""


def leads_said(now, kind="", setting=Q3, **more) -> str:
    return headline.leads(headline.Whose(kind), setting, now, **more).replace("\u202f", " ")


def converted(won: int, leads: int, **more):
    found = summary(leads=leads, won=won, **more)
    found.step_conversion["lead_to_won"] = rate(won, leads)
    return found


def test_without_arr_the_leads_are_the_answer() -> None:
    # Wilson for 131 of 1 000 at 95 %: (0.131 + 0.00192 ± 1.96 × √(0.131 × 0.869/1000 + 0.00000096)) / 1.00384
    assert leads_said(converted(131, 1000, won_deals=719, mature=None)) == (
        "131 of 1 000 leads created in Q3 2026 are won so far (13.1 %, 11–15 %); 719 deals were won in that time."
    )
    assert leads_said(converted(1, 9, won_deals=1, lost_deals=4), "partner-sourced") == (
        "1 of 9 partner-sourced leads created in Q3 2026 is won (11.1 %, 2–43 %); "
        "1 partner-sourced deal was won and 4 lost in that time."
    )


def test_whose_leads() -> None:
    acme, chosen = headline.Whose(owner="Acme"), headline.Whose(owner="the chosen partners")
    assert acme.several(1200, "lead") == "Acme’s 1\u202f200 leads" and acme.no("deal") == "no deal of Acme"
    assert chosen.several(1, "lead") == "the chosen partners’ 1 lead"
    said = headline.leads(acme, Q3, summary(leads=6, won_deals=2)).replace("\u202f", " ")
    assert said == "Acme’s 6 leads were created in Q3 2026; 2 deals were won in that time."
    assert headline.leads(chosen, Q3, summary(lost_deals=1)).startswith("No lead of the chosen partners was created")


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (summary(), "There is no lead and no deal in Q3 2026."),
        (summary(lost_deals=3), "No lead was created in Q3 2026; 0 deals were won and 3 lost in that time."),
        (
            summary(leads=6, open_deals=44),
            "6 leads were created in Q3 2026; no deal closed in that time, 44 are open now.",
        ),
    ],
)
def test_leads_without_conversion(now, sentence: str) -> None:
    assert leads_said(now) == sentence


def test_deals_without_dates_are_not_said_to_be_undecided() -> None:
    text = leads_said(converted(36, 53), dated=False)
    assert text.endswith("; when is not in the data: their deals carry no dates.") and "closed" not in text


def test_leads_are_compared_by_newcombe_unless_young() -> None:
    then = converted(20, 200)
    assert "larger share than the 10.0" in headline.leads_against(Q3, converted(60, 200), then, Q2)
    assert "about as large a share" in headline.leads_against(Q3, converted(22, 200), then, Q2)
    assert "too early" in headline.leads_against(Q3, converted(60, 200, mature=False), then, Q2)
    assert headline.leads_against(Q3, summary(), then, Q2) == ""
