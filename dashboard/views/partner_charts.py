"""Which rows do the charts of a partner's page draw, and what do they say in words?"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import wording
from dashboard.charts.partner import Curve, FunnelRow, StandingRow
from dashboard.domain import Estimate, Stage
from dashboard.metrics.partner_page import Funnel, PartnerPage
from dashboard.metrics.partner_standing import Compared, Measure
from dashboard.metrics.survival import IncidenceCurve, at_risk_at, band, incidence_at

DAYS_SHOWN = 365
AT_RISK_DAYS = (0, 90, 180, 270, 360)
MEASURES = {
    Measure.WIN_RATE: "Win rate",
    Measure.EQL_TO_SQL: "EQL → SQL",
    Measure.PIPELINE_PER_EQL: "Pipeline per EQL",
    Measure.DAYS_TO_CLOSE: "Days to close",
    Measure.PIPELINE_PER_PAGE: "Pipeline per page",
}
STAGES = {
    Stage.LEAD: "Lead",
    Stage.MQL: "MQL",
    Stage.EQL: "EQL",
    Stage.SQL: "SQL",
    Stage.OPPORTUNITY: "Deal",
    Stage.WON: "Won",
}


def value(row: Compared, currency: str) -> str:
    """The partner's own raw value of a measure."""
    return _worded(row.measure, row.own.value, currency)


def median(row: Compared, currency: str) -> str:
    """The median of its peers."""
    return _worded(row.measure, row.median, currency)


def _worded(measure: Measure, number: float | None, currency: str) -> str:
    if measure in {Measure.WIN_RATE, Measure.EQL_TO_SQL}:
        return wording.rate(number, 0)
    return wording.days(number) if measure is Measure.DAYS_TO_CLOSE else wording.money(number, currency)


def standings(rows: Sequence[Compared], currency: str) -> list[StandingRow]:
    """The lines of the comparison, also those that nothing can be said about."""
    return [
        StandingRow(
            MEASURES[row.measure],
            value(row, currency),
            median(row, currency),
            *shares(row),
            row.standing.among,
        )
        for row in rows
    ]


def shares(row: Compared) -> tuple[float | None, float | None, float | None]:
    """Percentile and bounds from 0 to 100."""
    found = row.standing
    percentile, low, high = (
        None if share is None else 100 * share for share in (found.percentile, found.low, found.high)
    )
    return percentile, low, high


def standings_in_words(rows: Sequence[Compared]) -> str:
    """The comparison for ears."""
    said = []
    for row in rows:
        share, low, high = shares(row)
        if share is None:
            said.append(f"{MEASURES[row.measure]}: too little to compare")
            continue
        bounds = f" ({low:.0f} to {high:.0f})" if low is not None and high is not None else ""
        said.append(f"{MEASURES[row.measure]}: better than {share:.0f} % of the others{bounds}")
    return ". ".join(said)


def best_and_worst(rows: Sequence[Compared]) -> str:
    """Where it is surely above or below the middle, in one sentence; that nothing is sure, where it is not."""
    above = [MEASURES[r.measure].lower() for r in rows if r.standing.low is not None and r.standing.low > 0.5]
    below = [MEASURES[r.measure].lower() for r in rows if r.standing.high is not None and r.standing.high < 0.5]
    said = []
    if above:
        said.append(f"Surely above the middle in {wording.enumeration([_named(n) for n in above])}")
    if below:
        said.append(f"{'surely' if said else 'Surely'} below it in {wording.enumeration([_named(n) for n in below])}")
    if said:
        return " and ".join(said)
    return "In nothing surely above or below the middle"


def _named(text: str) -> str:
    return text.replace("eql", "EQL").replace("sql", "SQL")


def funnel(found: Funnel) -> list[FunnelRow]:
    """The steps side by side; the first on top."""
    return [
        FunnelRow(f"{STAGES[step.first]} → {STAGES[step.second]}", step.own, step.peers, step.immature)
        for step in found.steps
    ]


def counts_in_words(found: Funnel) -> str:
    """The stages with their counts: `Lead 120 → EQL 30 → SQL 12 → Deal 10 → Won 3`."""
    return " → ".join(f"{STAGES[stage]} {wording.count(number)}" for stage, number in found.counts.items())


def funnel_in_words(rows: Sequence[FunnelRow]) -> str:
    """The steps for ears."""
    return ". ".join(
        f"{row.step}: {wording.rate(row.own.value)} ({_basis(row.own)}) against {wording.rate(row.peers.value)}"
        + (", too early to say" if row.immature else "")
        for row in rows
    )


def _basis(estimate: Estimate) -> str:
    bounds = wording.interval(estimate)
    return f"{bounds}, n = {wording.count(estimate.n)}" if bounds else f"n = {wording.count(estimate.n)}"


def curve(found: IncidenceCurve) -> Curve:
    """A cumulative-won curve up to a year, a point a change, with its band, from day 0."""
    low, high = band(found)
    inside = int((found.days <= DAYS_SHOWN).sum())
    if not found.n:
        return Curve([], [], [], [], [], 0)
    days, share = [0, *found.days[:inside].tolist()], [0.0, *found.incidence[:inside].tolist()]
    lows, highs = [0.0, *low[:inside].tolist()], [0.0, *high[:inside].tolist()]
    # The last step reaches on as long as somebody was at risk.
    end = min(DAYS_SHOWN, int(found.days[-1]))
    return Curve(
        [*days, end],
        [*share, share[-1]],
        [*lows, lows[-1]],
        [*highs, highs[-1]],
        at_risk_at(found, AT_RISK_DAYS).tolist(),
        found.n,
    )


def curves_in_words(page: PartnerPage) -> str:
    """Both curves for ears, at 90 and 180 days."""
    if not page.curve.n:
        return "No deal opened in the 24 months up to the period's end."
    own, others = ([wording.rate(incidence_at(c, d), 0) for d in (90, 180)] for c in (page.curve, page.peer_curve))
    return f"Won within 90 days: {own[0]} against {others[0]}; within 180 days: {own[1]} against {others[1]}."


def speed_title(page: PartnerPage) -> str:
    """What the curves say, at 180 days: whether the bands are apart."""
    if not page.curve.n:
        return "No deal to follow"
    apart = _apart(page.curve, page.peer_curve, 180)
    if apart is None:
        return "No clear difference from the others after 180 days"
    return f"{'More' if apart else 'Fewer'} of its deals are won after 180 days than of the others"


def _apart(own: IncidenceCurve, others: IncidenceCurve, day: int) -> bool | None:
    if not own.n or not others.n:
        return None
    bounds = []
    for curve in (own, others):
        low, high = band(curve)
        place = int((curve.days <= day).sum())
        bounds.append((float(low[place - 1]), float(high[place - 1])) if place else (0.0, 1.0))
    if bounds[0][0] > bounds[1][1]:
        return True
    return False if bounds[0][1] < bounds[1][0] else None
