"""Where does a partner stand among others of its type, measure by measure, and how sure is that?

Standings are shares of the others surpassed, from the posterior of each partner's true value (rates and amounts, as in
the quarterly review) or from bootstrapped medians (days), with 90 % intervals.
Source: Goldstein & Spiegelhalter 1996, doi:10.2307/2983325.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import median

import numpy as np
import polars as pl
from scipy.stats import rankdata

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.cells import Cells
from dashboard.metrics.certainty import Certainty, rank_certainty, win_rate_certainty
from dashboard.metrics.deal_value import Evidence
from dashboard.metrics.percentile_rank import Standing
from dashboard.metrics.performance import PartnerPerformance
from dashboard.metrics.review import AMOUNTS, RankingMetric, evidence_of
from dashboard.metrics.speed import bootstrap_medians
from dashboard.metrics.survival import DayCounts, day_counts

FEWEST_OF_TYPE = 5
# A resampled median of fewer won deals than these hardly moves, which would look like certainty.
FEWEST_WON = 5
DRAWS, SEED = 200, 20_251_122
# A share among some dozens of partners moves in steps; more rankings than these do not move it.
RANKINGS = 1_024


class Measure(StrEnum):
    """What partners are compared by; more is better but for days."""

    WIN_RATE = "win_rate"
    EQL_TO_SQL = "eql_to_sql"
    PIPELINE_PER_EQL = "pipeline_per_eql"
    DAYS_TO_CLOSE = "median_days_to_close"
    PIPELINE_PER_PAGE = "pipeline_per_referring_page"

    def of(self, own: PartnerPerformance) -> Estimate:
        """The partner's raw value in the period; rates with their interval and n."""
        if self is Measure.WIN_RATE:
            return own.summary.win_rate
        if self is Measure.EQL_TO_SQL:
            return own.summary.step_conversion.get("eql_to_sql", NOTHING)
        return Estimate(getattr(own.summary, self.value), None, None, 0)


@dataclass(frozen=True, slots=True)
class Peers:
    """Whom a partner is compared with: the others of its type, or all others where the type has fewer than five."""

    partner_type: str
    of_type: bool
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure: the partner's raw value, the median of its peers that have one, and where it stands among them."""

    measure: Measure
    own: Estimate
    median: float | None
    standing: Standing


def took_part(own: PartnerPerformance, end: date) -> bool:
    """Whether a partner counts as a peer: active and joined before the period's end, or it brought something in it."""
    s = own.summary
    active = own.partner.status == "active" and own.partner.joined_on is not None and own.partner.joined_on < end
    return active or bool(s.leads or s.eqls_in_period or s.opportunities_opened or s.won_deals or s.lost_deals)


def peers_of(own: PartnerPerformance, everyone: Sequence[PartnerPerformance], end: date) -> Peers:
    """The others of the partner's type that took part; all others where there are fewer than five, itself included."""
    others = [p.partner for p in everyone if p.partner.partner_id != own.partner.partner_id and took_part(p, end)]
    like = [p.partner_id for p in others if p.partner_type == own.partner.partner_type]
    of_type = len(like) + 1 >= FEWEST_OF_TYPE
    return Peers(own.partner.partner_type, of_type, tuple(like if of_type else (p.partner_id for p in others)))


def median_of(values: Sequence[float | None]) -> float | None:
    """The median of the values that are known; None where none is."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


def compared(
    own: PartnerPerformance, peers: Sequence[PartnerPerformance], standings: Mapping[Measure, Mapping[str, Standing]]
) -> list[Compared]:
    """Every measure of one partner beside its peers; `standings` of the group that they make up together."""
    rows = []
    for measure in Measure:
        others = [measure.of(p).value for p in peers]
        known = sum(value is not None for value in others)
        found = standings[measure].get(own.partner.partner_id, Standing(None, None, None, known))
        rows.append(Compared(measure, measure.of(own), median_of(others), found))
    return rows


def group_standings(group: Sequence[PartnerPerformance], cells: Cells) -> dict[Measure, dict[str, Standing]]:
    """Where each member of a group stands among the others, by measure and partner; left out: who has no value.

    `cells` are those of the period, of all partners.
    """
    return {
        Measure.WIN_RATE: _rates(group, Measure.WIN_RATE),
        Measure.EQL_TO_SQL: _rates(group, Measure.EQL_TO_SQL),
        Measure.PIPELINE_PER_EQL: _per_eql(group, cells),
        Measure.DAYS_TO_CLOSE: _days(group, cells.curve),
        Measure.PIPELINE_PER_PAGE: _per_page(group, cells.deals),
    }


def _rates(group: Sequence[PartnerPerformance], measure: Measure) -> dict[str, Standing]:
    known = {p.partner.partner_id: measure.of(p) for p in group if measure.of(p).value is not None}
    n = np.array([own.n for own in known.values()], dtype=int)
    k = np.array([round((own.value or 0.0) * own.n) for own in known.values()], dtype=int)
    return _standings(
        {key: own.value or 0.0 for key, own in known.items()}, win_rate_certainty(known, k, n, draws=RANKINGS)
    )


def _per_page(group: Sequence[PartnerPerformance], deals: pl.DataFrame) -> dict[str, Standing]:
    metric = RankingMetric.PIPELINE_PER_REFERRING_PAGE
    known = [p for p in group if metric.of(p.summary) is not None]
    values = {p.partner.partner_id: metric.of(p.summary) or 0.0 for p in known}
    return _standings(values, rank_certainty(evidence_of(metric, known, deals), draws=RANKINGS) if known else None)


def _per_eql(group: Sequence[PartnerPerformance], cells: Cells) -> dict[str, Standing]:
    known = [p for p in group if p.summary.pipeline_per_eql is not None]
    values = {p.partner.partner_id: p.summary.pipeline_per_eql or 0.0 for p in known}
    return _standings(values, rank_certainty(_eql_evidence(known, cells), draws=RANKINGS) if known else None)


def _eql_evidence(known: Sequence[PartnerPerformance], cells: Cells) -> Evidence:
    """Deals per EQL of the cohort × size of a deal, the sizes being those of all deals that the partner opened."""
    names = tuple(p.partner.partner_id for p in known)
    eqls = np.array([p.summary.eqls for p in known], dtype=float)
    dealt = cells.cohort.filter(pl.col("eql") & pl.col("opportunity")).select("partner_id", dealt=pl.col("leads"))
    (with_deal,) = _sums(dealt, names, ("dealt",))
    amounts, log_sum, squares = _sums(cells.deals.filter(pl.col("has_lead")), names, AMOUNTS)
    # A deal whose partner has none of known size cannot be valued.
    events = np.where(amounts > 0, with_deal, 0.0)
    share = np.divide(events, amounts, out=np.zeros_like(events), where=amounts > 0)
    return Evidence(names, eqls, events, log_sum * share, squares * share, eqls)


def _sums(cells: pl.DataFrame, names: Sequence[str], columns: Sequence[str]) -> list[np.ndarray]:
    """The columns summed by partner, in the order of the names."""
    sums = cells.group_by("partner_id").agg(pl.col(*columns).sum())
    wanted = pl.DataFrame({"partner_id": names}, schema={"partner_id": pl.String})
    table = wanted.join(sums, on="partner_id", how="left", maintain_order="left").fill_null(0)
    return [table[name].to_numpy().astype(float) for name in columns]


def _days(group: Sequence[PartnerPerformance], curve: pl.DataFrame) -> dict[str, Standing]:
    timed = [p.partner.partner_id for p in group if p.summary.median_days_to_close is not None]
    parts = curve.filter(pl.col("has_lead") & pl.col("partner_id").is_in(timed)).partition_by(
        "partner_id", as_dict=True, maintain_order=True
    )
    every = {str(key): day_counts(part) for (key,), part in sorted(parts.items())}
    counts: dict[str, DayCounts] = {key: own for key, own in every.items() if own.won.sum() >= FEWEST_WON}
    if len(counts) < 2:
        return {}
    rng = np.random.default_rng(SEED)
    drawn = np.column_stack([bootstrap_medians(own, DRAWS, rng) for own in counts.values()])
    # A resample without a won deal waits longer than any other.
    shares = (rankdata(-np.nan_to_num(drawn, nan=np.inf), axis=1) - 1) / (len(counts) - 1)
    low, high = np.quantile(shares, [0.05, 0.95], axis=0)
    among = len(counts) - 1
    return {
        key: Standing(float(shares[:, i].mean()), float(low[i]), float(high[i]), among) for i, key in enumerate(counts)
    }


def _standings(values: Mapping[str, float], certainty: Certainty | None) -> dict[str, Standing]:
    """By the posterior where there is one: its median ranks the partners, its rank interval bounds the share.

    Where fewer than five events are known the plain share stands alone.
    """
    among = len(values) - 1
    if among < 1:
        return {}
    known = dict(values)
    bounds: dict[str, tuple[float | None, float | None]] = dict.fromkeys(values, (None, None))
    if certainty is not None:
        for key, sure in certainty.partners.items():
            known[key] = sure.expected.value if sure.expected.value is not None else known[key]
            bounds[key] = ((among + 1 - sure.high) / among, (among + 1 - sure.low) / among)
    shares = (rankdata(list(known.values())) - 1) / among
    return {
        key: Standing(_within(float(share), *bounds[key]), *bounds[key], among)
        for key, share in zip(known, shares, strict=True)
    }


def _within(value: float, low: float | None, high: float | None) -> float:
    return value if low is None or high is None else min(max(value, low), high)
