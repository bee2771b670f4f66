"""Does the review rank, say how sure it is and suggest, by every metric and at the borders?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from dashboard.domain import Estimate
from dashboard.metrics.performance import Performance, performance
from dashboard.metrics.ranking import Group, Reason
from dashboard.metrics.review import RankingMetric, Review, evidence_of, quarterly_review
from dashboard.metrics.suggestion import Suggestion, Why
from dashboard.settings import Settings
from tests.dashboard.metrics.synthetic import DEALS, WINDOW, Rows, cells, frame, random_reading, reading

LOGS = {"amounts": pl.Int64, "log_amount": pl.Float64, "log_amount_sq": pl.Float64}
LOGS |= {"arrs": pl.Int64, "log_arr": pl.Float64, "log_arr_sq": pl.Float64}


def deal_cells(rows: Rows) -> pl.DataFrame:
    return frame(dict(DEALS) | LOGS, rows)


def deals(partner: str, amounts: list[float], **more: Any) -> dict[str, Any]:
    """The deal cell of a partner that opened deals of these amounts and won every second one at that ARR."""
    logs, won = np.log(amounts), np.log(amounts[::2])
    row = {"partner_id": partner, "opened": len(amounts), "pipeline_cents": round(100 * sum(amounts))}
    row |= {"amounts": len(amounts), "log_amount": logs.sum(), "log_amount_sq": (logs**2).sum()}
    row |= {"won": won.size, "lost": len(amounts) - won.size, "arr_cents": round(100 * np.exp(won).sum())}
    return row | {"arrs": won.size, "log_arr": won.sum(), "log_arr_sq": (won**2).sum()} | more


def company(count: int = 10, each: int = 12) -> tuple[Performance, pl.DataFrame]:
    """Partner i of `count` opens `each` deals of 1,000 × 3^i from 100 leads on one page; the last is ever the best."""
    names = [f"P{i}" for i in range(count)]
    rows = [deals(name, [1000.0 * 3**i] * each) for i, name in enumerate(names)]
    # Neither counts: a deal without a lead, and one of no partner.
    rows += [deals("P0", [1e9] * 50, has_lead=False), deals(None, [1e9] * 50)]
    own = reading(
        cells(
            cohort=[{"partner_id": name, "leads": 100} for name in names],
            moments=[{"partner_id": name, "eqls": 10 * (i + 1)} for i, name in enumerate(names)],
        ),
        [{"partner_id": name} for name in names],
        pages=[{"partner_id": name, "pages": 1, "pages_12_months": 1} for name in names],
        costs=[{"partner_id": name, "cost": 100.0} for name in names],
    )
    found = deal_cells(rows)
    counted = replace(own, cells=replace(own.cells, deals=found.select(*DEALS)))
    return performance(counted, WINDOW, Settings()), found


WHOLE, FOUND = company()


def by_suggestion(review: Review, suggestion: Suggestion) -> list[str]:
    return [name for name, row in review.rows.items() if row.suggested and row.suggested.suggestion is suggestion]


def test_the_far_ends_of_a_clear_company_are_doubled_and_ended() -> None:
    # Two of ten make a fifth; each partner's deals are worth three times those of the one before.
    review = quarterly_review(WHOLE, FOUND)
    assert by_suggestion(review, Suggestion.END) == ["P0", "P1"]
    assert by_suggestion(review, Suggestion.DOUBLE) == ["P8", "P9"]
    assert len(by_suggestion(review, Suggestion.KEEP)) == 6
    assert review.group_names[Group.TOP] == ["P9", "P8"]
    assert review.group_names[Group.BOTTOM] == ["P1", "P0"]
    assert review.consequences.surely_bottom.named == 2
    assert review.consequences.bottom_of_table.wrong == pytest.approx(review.consequences.surely_bottom.wrong)
    assert review.consequences.bottom_of_table.found == pytest.approx(1 - review.consequences.bottom_of_table.wrong)


def test_the_default_ranking_is_that_of_the_report() -> None:
    for partners, leads, seed in ((25, 5000, 4), (7, 300, 1), (3, 50, 2)):
        own = random_reading(partners, leads, seed)
        whole = performance(own, WINDOW, Settings())
        found = with_logs(own.cells.deals)
        assert quarterly_review(whole, found).ranking == whole.ranking


def with_logs(counted: pl.DataFrame) -> pl.DataFrame:
    """Cells with the columns of logarithms, as if a partner's deals were all of one size."""
    size = (pl.col("pipeline_cents") / pl.col("opened") / 100).log()
    known = pl.col("pipeline_cents") > 0
    return counted.with_columns(
        amounts=pl.when(known).then("opened").otherwise(0),
        log_amount=pl.when(known).then(size * pl.col("opened")).otherwise(0.0),
        log_amount_sq=pl.when(known).then(size**2 * pl.col("opened")).otherwise(0.0),
        arrs=pl.col("won"),
        log_arr=8.0 * pl.col("won"),
        log_arr_sq=64.0 * pl.col("won"),
    )


@pytest.mark.parametrize("metric", RankingMetric)
def test_every_metric_ranks_all_who_have_a_value(metric: RankingMetric) -> None:
    own = random_reading(25, 5000, seed=4)
    whole = performance(own, WINDOW, Settings())
    review = quarterly_review(whole, with_logs(own.cells.deals), metric)
    values = {p.partner.partner_id: metric.of(p.summary) for p in whole.partners}
    assert review.ranking.eligible == sum(value is not None for value in values.values()) > 20
    best = min if metric.ascending else max
    known = {name: value for name, value in values.items() if value is not None}
    assert review.rows[best(known, key=known.__getitem__)].place.rank == 1
    chances = [row.certainty for row in review.rows.values() if row.certainty]
    assert sum(c.p_top for c in chances) == pytest.approx(review.ranking.group_size)
    assert sum(c.p_bottom for c in chances) == pytest.approx(review.ranking.group_size)


def test_what_each_metric_rests_on() -> None:
    ranked = [p for p in WHOLE.partners if p.partner.partner_id in {"P0", "P3"}]
    pages = evidence_of(RankingMetric.PIPELINE_PER_REFERRING_PAGE, ranked, FOUND)
    assert pages.partners == ("P0", "P3")
    assert (pages.exposure.tolist(), pages.events.tolist()) == ([100, 100], [12, 12])
    assert pages.log_sum == pytest.approx([12 * np.log(1000), 12 * np.log(27000)])
    assert pages.log_square_sum == pytest.approx([12 * np.log(1000) ** 2, 12 * np.log(27000) ** 2])
    assert pages.denominator.tolist() == [1, 1]
    assert evidence_of(RankingMetric.PIPELINE_MULTIPLE, ranked, FOUND).denominator.tolist() == [100, 100]
    assert evidence_of(RankingMetric.ARR, ranked, FOUND).events.tolist() == [6, 6]
    cost = evidence_of(RankingMetric.COST_PER_EQL, ranked, FOUND)
    assert (cost.events.tolist(), cost.log_sum, cost.denominator.tolist()) == ([10, 40], None, [100, 100])


def test_cheap_eqls_rank_first() -> None:
    # 100 of cost over 100 EQLs for P9 and over 10 for P0: 1 and 10 an EQL.
    review = quarterly_review(WHOLE, FOUND, RankingMetric.COST_PER_EQL)
    assert (review.rows["P9"].value, review.rows["P0"].value) == (1.0, 10.0)
    assert (review.rows["P9"].place.rank, review.rows["P0"].place.rank) == (1, 10)
    expected = review.rows["P0"].certainty.expected
    # Drawn towards the others, who are cheaper.
    assert expected.low < expected.value < 10 < expected.high
    assert by_suggestion(review, Suggestion.END) == ["P0", "P1"]
    assert by_suggestion(review, Suggestion.DOUBLE) == ["P9"]


def test_a_cost_that_is_not_above_nothing_is_no_value() -> None:
    refunded = replace(WHOLE.partners[0].summary, programme_cost=-5.0, pipeline_multiple=-100.0)
    assert RankingMetric.PIPELINE_MULTIPLE.of(refunded) is None
    assert RankingMetric.COST_PER_EQL.of(refunded) is None
    assert RankingMetric.ARR.of(refunded) == refunded.arr


def test_who_is_not_ranked_moves_nobody() -> None:
    ended = [
        replace(p, partner=replace(p.partner, status="ended")) if p.partner.partner_id == "P9" else p
        for p in WHOLE.partners
    ]
    review = quarterly_review(replace(WHOLE, partners=ended), FOUND)
    row = review.rows["P9"]
    assert (row.place.reasons, row.certainty, row.suggested) == ((Reason.NOT_ACTIVE,), None, None)
    assert "P9" not in review.certainty.partners
    assert review.ranking.group_size == 1
    assert by_suggestion(review, Suggestion.DOUBLE) == ["P8"]


def test_four_deals_are_too_few_for_anybody() -> None:
    whole, found = company(count=10, each=1)
    few = found.filter(pl.col("partner_id").is_in(["P0", "P1", "P2", "P3"]) | pl.col("partner_id").is_null())
    review = quarterly_review(whole, few)
    assert review.certainty is None
    assert review.consequences is None
    assert {(r.suggested.suggestion, r.suggested.why) for r in review.rows.values()} == {
        (Suggestion.WAIT, Why.TOO_FEW_EVENTS)
    }


@pytest.mark.parametrize("metric", RankingMetric)
def test_a_company_without_partners(metric: RankingMetric) -> None:
    whole = performance(reading(cells(), []), WINDOW, Settings())
    review = quarterly_review(whole, deal_cells([]), metric)
    assert (review.rows, review.certainty, review.ranking.eligible) == ({}, None, 0)


@pytest.mark.parametrize("metric", RankingMetric)
@pytest.mark.parametrize("count", [1, 2, 4])
def test_with_so_few_partners_there_is_no_outer_fifth(metric: RankingMetric, count: int) -> None:
    review = quarterly_review(*company(count), metric)
    assert len(by_suggestion(review, Suggestion.KEEP)) == count
    for row in review.rows.values():
        assert 1 <= row.certainty.low <= row.certainty.high <= count
        assert isinstance(row.certainty.expected, Estimate)
    assert review.consequences.bottom_of_table.wrong is None
    assert review.consequences.surely_bottom.found is None


def test_fifty_eqls_may_be_asked_for() -> None:
    # P0 has 10 EQLs, P9 has 100.
    review = quarterly_review(WHOLE, FOUND, needs_50_eqls=True)
    assert review.rows["P0"].suggested.why is Why.TOO_FEW_EQLS
    assert review.rows["P9"].suggested.suggestion is Suggestion.DOUBLE
