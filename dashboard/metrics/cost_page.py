"""What did the programme cost, what did it return, and for whom is it time to pause or pivot?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from dashboard.domain import Estimate
from dashboard.metrics.cost_table import CostTable, cost_per, multiple, sizes
from dashboard.metrics.gates import GateVerdict, PartnerGate
from dashboard.metrics.performance import HAS_PARTNER, Partner, Performance
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

    `table` and `unspread` (overhead that nobody bears) are of everybody, whatever is selected.
    """

    programme: Return
    table: CostTable
    unspread: float
    partners: Sequence[PartnerReturn]
    pilots: Sequence[Pilot]

    def standing(self, verdict: GateVerdict) -> list[PartnerReturn]:
        """The partners of which the gate says so."""
        return [own for own in self.partners if own.gate.verdict is verdict]


def cost_page(
    result: Performance,
    deals: pl.DataFrame,
    table: CostTable,
    gates: Mapping[str, PartnerGate],
    found: Sequence[Pilot],
) -> CostPage:
    """The page from the performance of a period, the deal cells of the same reading, and what is read beside."""
    ids = [own.partner.partner_id for own in result.partners]
    own_deals = deals.filter(HAS_PARTNER & pl.col("has_lead"))
    every = own_deals.group_by("partner_id").agg(
        pl.col("amounts", "log_amount", "log_amount_sq").sum(), pipeline=pl.col("pipeline_cents").sum() / 100
    )
    pool = sizes(every)
    amounts = dict(every.select("partner_id", "amounts").iter_rows())

    def returned(summary: Summary, number: int) -> Return:
        cost = summary.programme_cost
        return Return(
            cost, summary.eqls_in_period, summary.sqls_in_period,
            cost_per(cost, summary.eqls_in_period), cost_per(cost, summary.sqls_in_period),
            summary.pipeline_created, multiple(summary.pipeline_created, cost, number, pool), summary.incomplete,
        )  # fmt: skip

    partners = [
        PartnerReturn(
            own.partner, own.direct_cost, own.overhead_cost,
            returned(own.summary, amounts.get(own.partner.partner_id, 0)), gates[own.partner.partner_id],
        )
        for own in result.partners
    ]  # fmt: skip
    partners.sort(key=lambda own: (-(own.own.cost or 0.0), own.partner.name, own.partner.partner_id))
    programme = returned(result.partner_sourced, sum(amounts.get(key, 0) for key in ids))
    known = {own.partner.partner_id for own in partners}
    listed = [pilot for pilot in found if pilot.partner.partner_id in known]
    return CostPage(programme, table, result.cost.unspread, partners, listed)
