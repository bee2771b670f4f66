"""Whom to double, whom to end, and of whom do the data say too little? The quarterly review of a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl

from dashboard.metrics.certainty import (
    Certainty,
    Consequences,
    RankCertainty,
    rank_certainty,
    win_rate_certainty,
    wrong_share,
)
from dashboard.metrics.deal_value import Evidence
from dashboard.metrics.performance import PartnerPerformance, Performance
from dashboard.metrics.ranking import Group, Place, Ranking, rank, reasons_against
from dashboard.metrics.suggestion import Suggested, suggest
from dashboard.metrics.summary import Summary


class RankingMetric(StrEnum):
    """What partners can be ranked by."""

    PIPELINE_PER_REFERRING_PAGE = "pipeline_per_referring_page"
    PIPELINE_CREATED = "pipeline_created"
    PIPELINE_MULTIPLE = "pipeline_multiple"
    ARR = "arr"
    WIN_RATE = "win_rate"
    COST_PER_EQL = "cost_per_eql"

    @property
    def ascending(self) -> bool:
        """Whether little is good."""
        return self is RankingMetric.COST_PER_EQL

    def of(self, summary: Summary) -> float | None:
        """The partner's number; None where there is nothing to divide by, or a cost that is not above 0."""
        if self is RankingMetric.WIN_RATE:
            return summary.win_rate.value
        cost = summary.programme_cost
        if self in {RankingMetric.PIPELINE_MULTIPLE, RankingMetric.COST_PER_EQL} and (cost is None or cost <= 0):
            return None
        value: float | None = getattr(summary, self.value)
        return value


# Columns of the deal cells: how many, Σ ln and Σ ln² of what is summed.
AMOUNTS = ("amounts", "log_amount", "log_amount_sq")
ARRS = ("arrs", "log_arr", "log_arr_sq")


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A partner in the review; certainty and suggestion are None where it is not ranked.

    Certainty is also None for everybody where fewer than five events are known; the suggestion is then to wait.
    """

    place: Place
    value: float | None
    certainty: RankCertainty | None
    suggested: Suggested | None


@dataclass(frozen=True, slots=True)
class Review:
    """The ranking by one metric, how sure it is, and what comes of acting on it; rows by partner_id."""

    metric: RankingMetric
    ranking: Ranking
    rows: Mapping[str, ReviewRow]
    certainty: Certainty | None
    consequences: Consequences | None

    @property
    def group_names(self) -> dict[Group, list[str]]:
        """Who sits in which group by the table, best first."""
        return {group: self.ranking.members(group) for group in Group}


def quarterly_review(
    performance: Performance,
    deals: pl.DataFrame,
    metric: RankingMetric = RankingMetric.PIPELINE_PER_REFERRING_PAGE,
    needs_50_eqls: bool = False,
) -> Review:
    """The review of all partners of a period.

    `performance` is that of everybody (no selection: a rank must not depend on who looks); `deals` are the deal cells
    of the same reading, `Reading.cells.deals`, of which deals without a lead or partner are left out.
    """
    everyone = {p.partner.partner_id: p for p in performance.partners}
    begin = performance.window.period.start.date()
    values = {partner: metric.of(own.summary) for partner, own in everyone.items()}
    reasons = {
        partner: reasons_against(own.partner.status, own.partner.joined_on, begin, values[partner])
        for partner, own in everyone.items()
    }
    ranking = rank(values, reasons, metric.ascending)
    ranked = [own for partner, own in everyone.items() if ranking.places[partner].rank is not None]
    certainty = certainty_of(metric, ranked, deals)
    rows = {}
    for partner, own in everyone.items():
        place = ranking.places[partner]
        sure = certainty.partners.get(partner) if certainty else None
        suggested = suggest(place, sure, own.summary.eqls_in_period, needs_50_eqls)
        rows[partner] = ReviewRow(place, values[partner], sure, suggested)
    ranks = {partner: place.rank for partner, place in ranking.places.items() if place.rank is not None}
    consequences = wrong_share(certainty, ranks) if certainty else None
    return Review(metric, ranking, rows, certainty, consequences)


def certainty_of(metric: RankingMetric, ranked: Sequence[PartnerPerformance], deals: pl.DataFrame) -> Certainty | None:
    """Certainty of the ranks of these partners; None where there is too little of everything."""
    names = tuple(p.partner.partner_id for p in ranked)
    if metric is RankingMetric.WIN_RATE:
        wins = np.array([p.summary.won_deals for p in ranked], dtype=int)
        lost = np.array([p.summary.lost_deals for p in ranked], dtype=int)
        return win_rate_certainty(names, wins, wins + lost)
    return rank_certainty(evidence_of(metric, ranked, deals), ascending=metric.ascending)


def evidence_of(metric: RankingMetric, ranked: Sequence[PartnerPerformance], deals: pl.DataFrame) -> Evidence:
    """Leads, events, amounts and the denominator of each partner, for every metric but the win rate."""
    names = tuple(p.partner.partner_id for p in ranked)
    leads = np.array([p.summary.leads for p in ranked], dtype=float)
    if metric is RankingMetric.COST_PER_EQL:
        eqls = np.array([p.summary.eqls_in_period for p in ranked], dtype=float)
        return Evidence(names, leads, eqls, None, None, _denominator(metric, ranked))
    count, log_sum, squares = _sums(deals, names, ARRS if metric is RankingMetric.ARR else AMOUNTS)
    return Evidence(names, leads, count, log_sum, squares, _denominator(metric, ranked))


def _denominator(metric: RankingMetric, ranked: Sequence[PartnerPerformance]) -> np.ndarray:
    if metric is RankingMetric.PIPELINE_PER_REFERRING_PAGE:
        return np.array([p.summary.referring_pages_12_months for p in ranked], dtype=float)
    if metric in {RankingMetric.PIPELINE_MULTIPLE, RankingMetric.COST_PER_EQL}:
        return np.array([p.summary.programme_cost for p in ranked], dtype=float)
    return np.ones(len(ranked))


def _sums(deals: pl.DataFrame, names: Sequence[str], columns: Sequence[str]) -> tuple[np.ndarray, ...]:
    """The columns' sums over each named partner's deals that have a lead, in the order of the names."""
    own = deals.filter(pl.col("has_lead") & pl.col("partner_id").is_in(list(names)))
    summed = own.group_by("partner_id").agg(pl.col(*columns).sum())
    wanted = pl.DataFrame({"partner_id": names}, schema={"partner_id": pl.String})
    joined = wanted.join(summed, on="partner_id", how="left", maintain_order="left").fill_null(0)
    return tuple(joined[column].to_numpy().astype(float) for column in columns)
