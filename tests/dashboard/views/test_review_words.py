"""Does the review say what its numbers say, for clear companies, tied ones and empty ones?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from dashboard.metrics.certainty import RankCertainty
from dashboard.metrics.performance import Partner, Performance
from dashboard.metrics.rank_history import ReviewResult
from dashboard.metrics.ranking import Group, Place, Reason
from dashboard.metrics.review import RankingMetric, ReviewRow, quarterly_review
from dashboard.metrics.suggestion import Suggested, Suggestion, Why
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.views import review_picture, review_words
from data_access.decisions import Decision
from tests.dashboard.metrics.test_review import FOUND, WHOLE, company

SETTINGS = Settings()


def result(whole: Performance = WHOLE, found=FOUND, needs_50: bool = False) -> ReviewResult:
    review = quarterly_review(whole, found, needs_50_eqls=needs_50)
    return ReviewResult(whole, review, (parse_period("2025-Q2", SETTINGS),), (review.ranking,), needs_50)


def test_first_sentence_of_a_clear_company() -> None:
    assert review_words.answer(result(), "Q3 2025") == (
        "2 of 10 partners are surely in the top fifth and 2 in the bottom fifth; no other place is in doubt."
    )
    names = {f"P{i}": f"*Name* {i}" for i in range(10)}
    assert review_words.names_of(result(), names) == (
        "**Double:** \\*Name\\* 9 and \\*Name\\* 8. **End:** \\*Name\\* 0 and \\*Name\\* 1."
    )


@pytest.mark.parametrize(
    ("count", "each", "said"),
    [
        (10, 0, "Too few deals in Q3 2025 to tell one partner from another: wait for data."),
        (1, 12, "Only 1 partner is ranked in Q3 2025: too few to speak of a best or a last fifth."),
        (4, 12, "Only 4 partners are ranked in Q3 2025: too few to speak of a best or a last fifth."),
    ],
)
def test_first_sentence_at_the_borders(count: int, each: int, said: str) -> None:
    whole, found = company(count, each) if each else _without_deals()
    assert review_words.answer(result(whole, found), "Q3 2025") == said


def _without_deals():
    whole, found = company(10, 1)
    return whole, found.clear()


def test_first_sentence_without_anybody_ranked() -> None:
    own = result()
    nobody = replace(own.review.ranking, eligible=0, group_size=0)
    empty = replace(own, review=replace(own.review, ranking=nobody))
    assert review_words.answer(empty, "Q3 2025") == "No partner can be ranked in Q3 2025."


def test_50_eqls_turn_actions_into_waiting() -> None:
    # Partner i has 10 (i + 1) EQLs: P0 and P1, the last two, have 10 and 20; P8 and P9 90 and 100.
    own = result(needs_50=True)
    assert review_words.counts(own)[Suggestion.END] == 0 and review_words.counts(own)[Suggestion.DOUBLE] == 2
    assert "none surely in the bottom fifth; for 2 more the data cannot tell yet" in review_words.answer(own, "Q3")
    assert "fewer than 50 EQLs" in review_words.reason(own.review.rows["P0"].suggested)


@pytest.mark.parametrize(
    ("share", "said"), [(0.8, "80 %"), (0.9999, "more than 99 %"), (0.001, "less than 1 %"), (None, "")]
)
def test_no_chance_is_called_certain(share: float | None, said: str) -> None:
    assert review_words.probability(share).replace("\u202f", " ") == said


@pytest.mark.parametrize("why", list(Why))
def test_every_suggestion_has_its_reason_in_one_sentence(why: Why) -> None:
    said = review_words.reason(Suggested(Suggestion.KEEP, why, None if why is Why.TOO_FEW_EVENTS else 0.63))
    assert said.endswith(".") and said[0].isupper() | said[0].isdigit() and said.count(". ") == 0


@pytest.mark.parametrize("metric", list(RankingMetric))
@pytest.mark.parametrize("why", list(Reason))
def test_everybody_who_is_not_ranked_hears_why(metric: RankingMetric, why: Reason) -> None:
    row = ReviewRow(Place(None, None, (why,)), None, None, None)
    assert len(review_words.reasons_against(row, metric)) > 5


def made(decision: str, **numbers: object) -> Decision:
    at = datetime(2025, 7, 9, tzinfo=UTC)
    return Decision(
        1, "P5", "2025-Q2", decision, None, None, {"metric": "pipeline_per_referring_page", **numbers}, "Ann", at
    )


@pytest.mark.parametrize(
    ("then", "interval", "said"),
    [
        (9, {"low": 8, "high": 10}, "Clearly better"),
        (1, {"low": 1, "high": 2}, "Clearly worse"),
        (6, {"low": 2, "high": 9}, "No change beyond chance"),
        (5, {"low": 4, "high": 6}, "As before"),
        (7, None, "too few deals"),
        (None, None, "then it was not ranked"),
    ],
)
def test_a_rank_has_moved_only_where_the_intervals_are_apart(then: int | None, interval: object, said: str) -> None:
    # P5 stands at rank 5 of 10 now; its interval is 4 to 6.
    own = result()
    row = own.review.rows["P5"]
    sure = RankCertainty(4, 6, 0.92, 0.0, 0.0, row.certainty.expected)
    rows = dict(own.review.rows) | {"P5": replace(row, place=Place(5, Group.MIDDLE, ()), certainty=sure)}
    own = replace(own, review=replace(own.review, rows=rows))
    partner = next(p for p in own.performance.partners if p.partner.partner_id == "P5")
    assert said in review_words.outcome(own, partner, made("double", rank=then, rank_interval=interval))


def test_an_ending_is_told_by_the_partner_not_by_its_rank() -> None:
    partner = next(p for p in result().performance.partners if p.partner.partner_id == "P5")
    assert "Not carried out: the partner is still active and cost $100" in review_words.outcome(
        result(), partner, made("end")
    )
    ended = replace(partner, partner=replace(partner.partner, status="ended"))
    assert review_words.outcome(result(), ended, made("end")) == "Carried out: the partner is ended."


@pytest.mark.parametrize(
    ("joined", "new"),
    [
        (date(2025, 3, 31), False),
        (date(2025, 4, 1), True),
        (date(2025, 9, 30), True),
        (date(2025, 10, 1), False),
        (None, False),
    ],
)
def test_new_is_who_joined_in_the_last_two_quarters(joined: date | None, new: bool) -> None:
    own = WHOLE.partners[0]
    own = replace(own, partner=Partner("x", "x", "other", None, None, None, "active", joined))
    found = review_words.badges(own, RankingMetric.ARR, parse_period("2025-Q3", SETTINGS))
    assert ("new partner" in found) is new


def test_conflicts_are_one_sentence_with_who_and_when() -> None:
    said = review_words.conflicts([made("end")], {"P5": "Acme"}, "UTC")
    assert said == (
        "Not saved, since somebody else was quicker: Acme (Ann decided “end” at 9 Jul 2025 00:00 UTC). "
        "Save again to replace that."
    )
    assert review_words.conflicts([], {}, "UTC") == ""


def test_a_period_that_runs_or_is_no_quarter_is_said_to_be() -> None:
    own = result()
    assert review_words.about_period(own) == ""
    window = replace(WHOLE.window, period=parse_period("2025-07", SETTINGS), as_of=datetime(2025, 7, 9, tzinfo=UTC))
    said = review_words.about_period(replace(own, performance=replace(WHOLE, window=window)))
    assert "not over" in said and "made for quarters" in said


def test_filters_say_what_they_do_not_change() -> None:
    assert review_words.listed(10, 10, ()) == ""
    assert review_words.listed(3, 10, ("paid",)) == (
        "3 of 10 partners listed; ranks and probabilities concern all partners. "
        "The channels chosen beside do not apply here."
    )


def test_picture_holds_every_listed_partner_best_first_with_its_interval() -> None:
    own = result()
    renamed = {"P0": "<b>", "P9": "nine", "P4": "x" * 200}
    partners = [
        replace(p, partner=replace(p.partner, name=renamed.get(p.partner.partner_id, "other")))
        for p in own.performance.partners
    ]
    rows = review_picture.rows_of(replace(own, performance=replace(own.performance, partners=partners)))
    (part,) = review_picture.halves([row for key, row in rows.items() if key in renamed])
    assert [(row.name[:4], row.rank) for row in part] == [("nine", 1), ("xxxx", 6), ("<b>", 10)]
    assert all(row.low <= row.high for row in part)
    assert "<b>" not in part[2].hover.replace("<b>&lt;b&gt;</b>", "")
    assert [len(half) for half in review_picture.halves(list(rows.values()) * 3)] == [15, 15]


def test_long_stretches_to_keep_are_folded_in_a_long_ranking() -> None:
    rows = [review_picture.Row(str(n), review_picture.Tone.KEEP, n, n, n) for n in range(3, 20)]
    ends = [
        review_picture.Row("t", review_picture.Tone.DOUBLE, 1),
        review_picture.Row("w", review_picture.Tone.WAIT, 2),
    ]
    assert [row.name for row in review_picture.folded([*ends, *rows])] == ["t", "w", "17 to keep, 3–19"]
