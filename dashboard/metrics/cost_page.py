"""What did the programme cost, what did it return, and for whom is it time to pause or pivot?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from dashboard.domain import Estimate
from dashboard.metrics.cost_table import CostTable
from dashboard.metrics.gates import GateVerdict, PartnerGate, deal_sum, mean_size, multiple
from dashboard.metrics.money_intervals import DealSum, per_count
from dashboard.metrics.performance import Partner, Performance
from dashboard.metrics.pilots import Pilot
from dashboard.metrics.summary import Summary


@dataclass(frozen=True, slots=True)
class Return:
    """What a partner, or all of them, cost in the period and brought; quotients with 95 % intervals.

    Money in the reporting currency. Quotients are nothing where no cost above 0 is known.
    """

    cost: float | None
    eqls: int
    sqls: int
    cost_per_eql: Estimate
    cost_per_sql: Estimate
    pipeline: float
    multiple: Estimate
    incomplete: bool


@dataclass(frozen=True, slots=True)
class PartnerReturn:
    """A partner's return in the period, and where it stands at the gate of its own first full quarter."""

    partner: Partner
    direct: float
    overhead: float
    own: Return
    gate: PartnerGate


@dataclass(frozen=True, slots=True)
class CostPage:
    """Everything that the page "Costs and return" says; partners by cost, the dearest first.

    `table` and `unspread` (overhead that nobody bears) are of everybody, whatever is selected. `prospects` are the
    partners that `without_prospects` took out of `partners`.
    """

    programme: Return
    table: CostTable
    unspread: float
    partners: Sequence[PartnerReturn]
    pilots: Sequence[Pilot]
    prospects: Sequence[PartnerReturn] = ()

    def standing(self, verdict: GateVerdict) -> list[PartnerReturn]:
        """The partners of which the gate says so."""
        return [own for own in self.partners if own.gate.verdict is verdict]


def cost_page(
    result: Performance,
    sums: pl.DataFrame,
    table: CostTable,
    gates: Mapping[str, PartnerGate],
    found: Sequence[Pilot],
) -> CostPage:
    """The page from the performance of a period and what is read beside it; `sums` as `deal_sums` reads them."""
    mean = mean_size(sums)
    deals = {row["partner_id"]: deal_sum(row) for row in sums.iter_rows(named=True)}
    partners = [
        PartnerReturn(
            own.partner, own.direct_cost, own.overhead_cost,
            _return(own.summary, deals.get(own.partner.partner_id, DealSum()), mean), gates[own.partner.partner_id],
        )
        for own in result.partners
    ]  # fmt: skip
    partners.sort(key=lambda own: (-(own.own.cost or 0.0), own.partner.name, own.partner.partner_id))
    known = {own.partner.partner_id for own in partners}
    programme = _return(result.partner_sourced, _added([own for key, own in deals.items() if key in known]), mean)
    listed = [pilot for pilot in found if pilot.partner.partner_id in known]
    return CostPage(programme, table, result.cost.unspread, partners, listed)


def without_prospects(page: CostPage) -> CostPage:
    """The page without the partners that are prospects and never joined: there is no gate yet that they could stand at.

    What they cost and brought stays in the programme's sums.
    """
    gone = [own for own in page.partners if _is_prospect(own.partner)]
    return replace(page, partners=[own for own in page.partners if not _is_prospect(own.partner)], prospects=gone)


def _is_prospect(partner: Partner) -> bool:
    return partner.status == "prospect" and partner.joined_on is None


def _return(summary: Summary, deals: DealSum, mean: float | None) -> Return:
    cost, eqls, sqls = summary.programme_cost, summary.eqls_in_period, summary.sqls_in_period
    return Return(
        cost,
        eqls,
        sqls,
        per_count(cost or 0.0, eqls),
        per_count(cost or 0.0, sqls),
        summary.pipeline_created,
        multiple(deals, cost, mean),
        summary.incomplete,
    )


def _added(deals: Sequence[DealSum]) -> DealSum:
    return DealSum(
        sum(own.n for own in deals),
        sum(own.total for own in deals),
        sum(own.squares for own in deals),
        max((own.largest for own in deals), default=0.0),
    )
