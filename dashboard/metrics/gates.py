"""Did each partner's pipeline cover its cost five times in its own first full quarter, whichever quarter that was?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime
from enum import StrEnum

import polars as pl

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.cost import overhead_shares
from dashboard.metrics.gate import GATE, first_full_quarter
from dashboard.metrics.money_intervals import DealSum, poisson, sum_per_cost
from dashboard.metrics.performance import Partner
from dashboard.period import Period, add_months, quarter_of
from dashboard.settings import Overhead, Settings


class GateVerdict(StrEnum):
    """What the gate says of a partner."""

    CONTINUE = "continue"
    PAUSE_OR_PIVOT = "pause or pivot"
    TOO_EARLY = "too early"


class TooEarly(StrEnum):
    """Why the gate cannot say yet."""

    QUARTER_NOT_OVER = "quarter_not_over"
    NO_COST = "no_cost"
    JOIN_DATE_UNKNOWN = "join_date_unknown"


@dataclass(frozen=True, slots=True)
class FirstQuarter:
    """The first full quarter of a partner."""

    partner_id: str
    quarter: Period


@dataclass(frozen=True, slots=True)
class GateCells:
    """Cells of several quarters; `quarter` in the frames is their place in `quarters`.

    `deals`: pipeline_cents, amounts, squares, largest, unconverted of each partner in its own first full quarter;
    `eqls` and `costs` (partner_id None: overhead) of everybody in each of the quarters.
    """

    quarters: tuple[Period, ...]
    deals: pl.DataFrame
    eqls: pl.DataFrame
    costs: pl.DataFrame


@dataclass(frozen=True, slots=True)
class PartnerGate:
    """A partner at the gate. Money in the reporting currency; so far, where the quarter is not over.

    `multiple` has a 95 % interval (n: deals worth something); `sure` tells whether all of it lies on one side of the
    gate. `reason` says why a verdict is `too early`. `incomplete`: some money could not be converted.
    """

    partner_id: str
    quarter: Period | None
    pipeline: float | None
    direct: float | None
    overhead: float | None
    multiple: Estimate
    verdict: GateVerdict
    reason: TooEarly | None
    incomplete: bool

    @property
    def cost(self) -> float | None:
        """Direct cost and share of the overhead."""
        return None if self.direct is None or self.overhead is None else self.direct + self.overhead

    @property
    def sure(self) -> bool:
        """Whether chance alone could not have put the multiple on the other side of the gate (95 %)."""
        low, high = self.multiple.low, self.multiple.high
        if self.verdict is GateVerdict.TOO_EARLY:
            return False
        return (low is not None and low >= GATE) or (high is not None and high < GATE)


def first_quarters(partners: Sequence[Partner], settings: Settings) -> list[FirstQuarter]:
    """The first full quarter of every partner whose day of joining is known."""
    found = []
    for partner in partners:
        # Dates at the ends of the calendar stand for "never" and "always"; no quarter can be told from them.
        if partner.joined_on is not None and MINYEAR < partner.joined_on.year < MAXYEAR:
            quarter = quarter_of(partner.joined_on, settings)
            following = quarter_of(add_months(quarter.start.date(), 3), settings)
            found.append(FirstQuarter(partner.partner_id, first_full_quarter(partner.joined_on, quarter, following)))
    return found


def partner_gates(
    cells: GateCells, partners: Sequence[Partner], as_of: datetime, settings: Settings
) -> dict[str, PartnerGate]:
    """Every partner's gate, by partner_id."""
    firsts = {own.partner_id: own.quarter for own in first_quarters(partners, settings)}
    deals = {row["partner_id"]: row for row in cells.deals.iter_rows(named=True)}
    mean = mean_size(cells.deals)
    costs = [_costs(cells, number, partners, settings.overhead) for number in range(len(cells.quarters))]
    place = {quarter: number for number, quarter in enumerate(cells.quarters)}
    found = {}
    for partner in partners:
        quarter = firsts.get(partner.partner_id)
        if quarter is None:
            found[partner.partner_id] = _unknown(partner.partner_id)
            continue
        cost = costs[place[quarter]].get(partner.partner_id, _Cost())
        found[partner.partner_id] = _gate(partner.partner_id, quarter, deals.get(partner.partner_id), cost, mean, as_of)
    return found


def verdict_of(value: float | None, over: bool) -> tuple[GateVerdict, TooEarly | None]:
    """The verdict on a multiple (None: no cost above 0 is known), given whether its quarter is over."""
    if not over:
        return GateVerdict.TOO_EARLY, TooEarly.QUARTER_NOT_OVER
    if value is None:
        return GateVerdict.TOO_EARLY, TooEarly.NO_COST
    return (GateVerdict.CONTINUE if value >= GATE else GateVerdict.PAUSE_OR_PIVOT), None


def deal_sum(deals: Mapping[str, float] | None) -> DealSum:
    """The sum of a partner's deals from its cells pipeline_cents, amounts, squares, largest; None: it has none."""
    if deals is None:
        return DealSum()
    return DealSum(int(deals["amounts"]), deals["pipeline_cents"] / 100, deals["squares"], deals["largest"])


def mean_size(deals: pl.DataFrame) -> float | None:
    """The mean amount of all deals in such cells; None where no deal has one."""
    number = int(deals["amounts"].sum())
    return float(deals["pipeline_cents"].sum()) / 100 / number if number else None


def multiple(deals: DealSum, cost: float | None, mean: float | None) -> Estimate:
    """Pipeline ÷ cost with a 95 % interval, n = deals with an amount above 0; nothing without a cost above 0.

    The interval is that of the vitals (Fay & Feuer). Without any deal the value is 0 and the upper bound that of as
    many deals of the mean size as may be expected (Garwood) where none is seen.
    """
    if cost is None or cost <= 0:
        return NOTHING
    if deals.total <= 0:
        return Estimate(0.0, 0.0, None if mean is None else poisson(0)[1] * mean / cost, deals.n)
    return sum_per_cost(deals, cost)


def _unknown(partner_id: str) -> PartnerGate:
    return PartnerGate(
        partner_id, None, None, None, None, NOTHING, GateVerdict.TOO_EARLY, TooEarly.JOIN_DATE_UNKNOWN, False
    )


@dataclass(frozen=True, slots=True)
class _Cost:
    """What a partner cost in a quarter; `unconverted` where a row of its own or of the overhead has no rate."""

    direct: float = 0.0
    overhead: float = 0.0
    unconverted: bool = False


def _gate(
    partner_id: str,
    quarter: Period,
    deals: Mapping[str, float] | None,
    cost: _Cost,
    mean: float | None,
    as_of: datetime,
) -> PartnerGate:
    pipeline = deals["pipeline_cents"] / 100 if deals else 0.0
    found = multiple(deal_sum(deals), cost.direct + cost.overhead, mean)
    verdict, reason = verdict_of(found.value, as_of >= quarter.end)
    lacking = cost.unconverted or bool(deals and deals["unconverted"])
    return PartnerGate(partner_id, quarter, pipeline, cost.direct, cost.overhead, found, verdict, reason, lacking)


def _costs(cells: GateCells, number: int, partners: Sequence[Partner], how: Overhead) -> dict[str, _Cost]:
    """Direct cost and share of the overhead of every partner in one quarter, as for any period."""
    end = cells.quarters[number].end.date()
    eqls = dict(cells.eqls.filter(pl.col("quarter") == number).select("partner_id", "eqls").iter_rows())
    sharing = [p.partner_id for p in partners if p.status == "active" and p.joined_on and p.joined_on < end]
    shares = overhead_shares(how, eqls, sharing, [p.partner_id for p in partners])
    rows = cells.costs.filter(pl.col("quarter") == number)
    own = {partner: (cost, lacking > 0) for _, partner, cost, lacking in rows.iter_rows()}
    overhead, overhead_lacking = own.get(None, (0.0, False))
    found = {}
    for partner in partners:
        direct, lacking = own.get(partner.partner_id, (0.0, False))
        share = shares[partner.partner_id]
        found[partner.partner_id] = _Cost(direct, overhead * share, lacking or (overhead_lacking and share > 0))
    return found
