"""Does the first line of the what-if page say what the numbers say, by plain rules?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.scoring.cells import Work
from dashboard.scoring.model import Gate
from dashboard.views import what_if_words as words
from tests.dashboard.views.toy_scores import ACTIVE, Leads, basis, cells_of, estimated, found_of

# 40 + 45 = 85: 1,000 worked of which 200 won; 40 + 30 = 70 counts in; 20 + 45 = 65: never worked but for four.
LEADS = (
    Leads((40, 45), 1_000, Work.WORKED, won=200, arr=2_000_000_00, old=500, old_won=100),
    Leads((40, 30), 188, Work.WORKED, won=10, arr=50_000_00),
    Leads((20, 45), 210),
    Leads((20, 45), 4, Work.EXPERIMENT, won=1),
    Leads((10, 0), 500),
)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_more_leads_and_wins_with_their_interval() -> None:
    found = estimated(found_of(LEADS, threshold=65), (21.0, 8.0, 36.0), leads=210)
    # 214 of 1,188 more: 18 %. 21 wins estimated and 1 seen: 22, of which 21 ÷ 22 = 95 % estimated.
    # 1,402 leads ÷ 13 weeks ÷ 100 a week = 108 %.
    assert plain(words.answer(found, basis())) == (
        "At 65 instead of 70: 214 more EQLs (+18 %), about 22 more wins (9 to 37), of which 95 % estimated; "
        "sales load 108 % of capacity."
    )


def test_refusal_gives_no_number_but_the_bound() -> None:
    found = estimated(found_of(LEADS[:3], threshold=65), (21.0, 8.0, 36.0), leads=210, supported=0.2)
    said = plain(words.answer(found, basis()))
    assert said.endswith(
        "No lead below 70 that comes in was ever worked: the data cannot say how many would be won; at most 41 wins."
    )
    assert "about" not in said and "estimated" not in said
    some = estimated(found_of(LEADS, threshold=65), (21.0, 8.0, 36.0), leads=210, supported=0.2)
    assert "Of the leads that come in only 4 were ever worked" in plain(words.answer(some, basis()))
    assert "Worked leads support 20 % of the answer" in plain(words.second(some, basis()))


def test_fewer_leads_forgo_what_was_seen() -> None:
    found = found_of(LEADS, threshold=75)
    assert plain(words.answer(found, basis())) == (
        "At 75 instead of 70: 188 fewer EQLs (−16 %), 10 fewer wins seen; sales load 77 % of capacity."
    )
    assert "10 wins and $50.0 k ARR, seen" in plain(words.second(found, basis()))


def test_an_interval_across_zero_is_about_as_many() -> None:
    found = estimated(found_of(LEADS, threshold=65), (-0.5, -9.0, 8.0), leads=210, dropped=30)
    assert "about as many wins (8 fewer to 9 more)" in plain(words.answer(found, basis()))


def test_nothing_changes() -> None:
    assert plain(words.answer(found_of(LEADS), basis())).startswith(
        "Nothing is changed: the active scorecard qualifies 1 188 of 1 902 leads of Q3 2026, 210 wins seen so far"
    )
    same = found_of(LEADS, threshold=66)
    assert "exactly the same leads qualify" in words.answer(same, basis())


def test_no_lead_and_nobody_qualified() -> None:
    assert words.answer(found_of(()), basis()) == (
        "No lead came in during Q3 2026, so no scorecard can be tried on it."
    )
    nobody = found_of(LEADS[4:], threshold=65)
    assert words.answer(nobody, basis()) == "No lead of Q3 2026 qualifies, neither now nor in this scenario."


def test_why_nobody_qualifies() -> None:
    assert "None of the signals" in words.nobody(cells_of(LEADS[4:]), ACTIVE)
    strict = replace(ACTIVE, threshold=95, requires=Gate.CONFIRMED)
    said = plain(words.nobody(cells_of(LEADS), strict))
    assert said == ("Of 1 902 leads, 0 have both sides’ confirmation and 0 have 95 points; none has all of it.")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"threshold": 65}, "At 65 instead of 70"),
        ({"min_triggers": 1}, "With these gates"),
        ({"requires": Gate.CONFIRMED, "threshold": 60}, "With these gates at 60 instead of 70"),
        ({"fit_total": 45}, "With these points"),
        ({"fit_total": 45, "min_triggers": 1, "threshold": 60}, "With this scorecard at 60 instead of 70"),
    ],
)
def test_what_is_changed(changes: dict[str, object], said: str) -> None:
    assert words.against(replace(ACTIVE, **changes), ACTIVE) == said


def test_leads_that_are_swapped_are_named() -> None:
    swapped = replace(
        ACTIVE,
        criteria=(
            replace(ACTIVE.criteria[0], levels=tuple(replace(own, points=0) for own in ACTIVE.criteria[0].levels)),
            ACTIVE.criteria[1],
        ),
        threshold=45,
    )
    found = found_of(LEADS, swapped)
    # With intent alone, from 45 on: 85 and 65 qualify, 70 = 40 + 30 does not. 214 come in, 188 fall out.
    said = plain(words.answer(found, basis()))
    assert "26 more EQLs (+2 %) (214 come in, 188 fall out)" in said


def test_young_cohorts_are_marked() -> None:
    assert words.early(found_of(LEADS), basis(young=0.0)) == ""
    assert words.early(found_of(LEADS), basis(young=0.8)).startswith("Too early to say")


def test_advice_counts_leads_that_do_not_qualify() -> None:
    # 710 leads do not qualify and were never worked; 5 % are 36, over 13 weeks about 3 a week.
    assert "36 of 710 in Q3 2026 (about 3 leads a week)" in plain(words.advice(found_of(LEADS), basis(), None))
    assert words.advice(found_of(LEADS[:2]), basis(), None) == ""
