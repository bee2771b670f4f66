"""Where did each partner stand in the periods before? The same ranking as the review's, from far fewer cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from dashboard.metrics.cost import overhead_shares, programme_cost
from dashboard.metrics.intervals import ratio
from dashboard.metrics.performance import Partner, Performance
from dashboard.metrics.ranking import Ranking, rank, reasons_against
from dashboard.metrics.review import RankingMetric, Review
from dashboard.period import Period, previous
from dashboard.settings import Overhead, Settings

# So many periods before the reviewed one are ranked too.
PERIODS_BEFORE = 4


@dataclass(frozen=True, slots=True)
class RankCells:
    """Cells of adjoining periods, the earliest first; `period` in the frames is their number from 1.

    `deals`: partner_id, period, pipeline_cents, won, lost, arr_cents; `pages` (of the 12 months up to the period's end)
    and `eqls`: partner_id, period and the number; `costs`: one frame a period, as `cost_cells` reads them.
    """

    periods: tuple[Period, ...]
    deals: pl.DataFrame
    pages: pl.DataFrame
    eqls: pl.DataFrame
    costs: tuple[pl.DataFrame, ...]


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """The review of everybody in a period, and the rankings of the periods before, the earliest first."""

    performance: Performance
    review: Review
    periods_before: tuple[Period, ...]
    rankings_before: tuple[Ranking, ...]
    needs_50_eqls: bool = False

    def ranks_before(self, partner_id: str) -> list[int | None]:
        """The partner's ranks in the periods before, the earliest first; None where it was not ranked."""
        places = [ranking.places.get(partner_id) for ranking in self.rankings_before]
        return [place.rank if place else None for place in places]


@dataclass(frozen=True, slots=True)
class _Counts:
    """What one partner brought in one period; money in cents, cost in currency."""

    pipeline_cents: int = 0
    won: int = 0
    lost: int = 0
    arr_cents: int = 0
    pages: int = 0
    eqls: int = 0
    cost: float = 0.0

    def value(self, metric: RankingMetric) -> float | None:
        """The metric, divided as `Summary` divides, so that equal quotients are equal and tie."""
        cost = self.cost if self.cost > 0 else None
        return {
            RankingMetric.PIPELINE_PER_REFERRING_PAGE: ratio(self.pipeline_cents, 100 * self.pages),
            RankingMetric.PIPELINE_CREATED: self.pipeline_cents / 100,
            RankingMetric.PIPELINE_MULTIPLE: ratio(self.pipeline_cents / 100, cost),
            RankingMetric.ARR: self.arr_cents / 100,
            RankingMetric.WIN_RATE: ratio(self.won, self.won + self.lost),
            RankingMetric.COST_PER_EQL: None if cost is None else ratio(cost, self.eqls),
        }[metric]


def periods_before(period: Period, settings: Settings) -> list[Period]:
    """The periods of the same length before this one, the earliest first."""
    found = [period]
    for _ in range(PERIODS_BEFORE):
        found.insert(0, previous(found[0], settings))
    return found[:-1]


def rank_history(
    cells: RankCells, partners: Sequence[Partner], metric: RankingMetric, overhead: Overhead
) -> list[Ranking]:
    """The ranking of each of the periods, the earliest first; who may be ranked, the partner as it is now tells."""
    rankings = []
    for number, period in enumerate(cells.periods, start=1):
        counts = _counts(cells, number, partners, overhead)
        values = {p.partner_id: counts[p.partner_id].value(metric) for p in partners}
        begin = period.start.date()
        reasons = {p.partner_id: reasons_against(p.status, p.joined_on, begin, values[p.partner_id]) for p in partners}
        rankings.append(rank(values, reasons, metric.ascending))
    return rankings


def _counts(cells: RankCells, number: int, partners: Sequence[Partner], overhead: Overhead) -> dict[str, _Counts]:
    own: dict[str, dict[str, int]] = {}
    for frame in (cells.deals, cells.pages, cells.eqls):
        for row in frame.filter(pl.col("period") == number).drop("period").iter_rows(named=True):
            own.setdefault(row.pop("partner_id"), {}).update(row)
    cost = _costs(cells, number, partners, overhead)
    return {p.partner_id: _Counts(**own.get(p.partner_id, {}), cost=cost[p.partner_id]) for p in partners}


def _costs(cells: RankCells, number: int, partners: Sequence[Partner], overhead: Overhead) -> Mapping[str, float]:
    """Direct cost and share of the overhead, as for the period that is reviewed."""
    period = cells.periods[number - 1]
    end = period.end.date()
    eqls = dict(cells.eqls.filter(pl.col("period") == number).select("partner_id", "eqls").iter_rows())
    sharing = [p.partner_id for p in partners if p.status == "active" and p.joined_on and p.joined_on < end]
    shares = overhead_shares(overhead, eqls, sharing, [p.partner_id for p in partners])
    cost = programme_cost(cells.costs[number - 1], shares)
    return {p.partner_id: cost.of_partner(p.partner_id) for p in partners}
