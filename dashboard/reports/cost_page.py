"""What did the programme cost, on what, and what did it return? A part of the report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine

from dashboard.metrics.cells import Reading
from dashboard.metrics.cost_page import CostPage, PartnerReturn, Return, cost_page
from dashboard.metrics.cost_table import CATEGORIES, CostKind, CostTable, Share, cost_table
from dashboard.metrics.gate import GATE
from dashboard.metrics.gates import PartnerGate, first_quarters, partner_gates
from dashboard.metrics.performance import Performance
from dashboard.metrics.pilots import Pilot, pilots
from dashboard.settings import Settings
from data_access.cost_page import deal_sums
from data_access.cost_table import category_cells
from data_access.gates import gate_cells
from data_access.pilots import pilot_cells


def costs_section(engine: Engine, reading: Reading, result: Performance, settings: Settings) -> dict[str, Any]:
    """What the page "Costs and return" says of a period, as plain data; docs/costs.md defines every key.

    `reading` and `result` are those of the report: all partners and channels. Money is in the reporting currency; an
    uncertain value is {value, low, high, n}, None where there is nothing to divide by.
    """
    window = result.window
    partners = [own.partner for own in result.partners]
    table = cost_table(category_cells(engine, window))
    cells = gate_cells(engine, window, first_quarters(partners, settings))
    gates = partner_gates(cells, partners, window.as_of, settings)
    found = pilots(pilot_cells(engine, window), partners, window)
    return as_section(cost_page(result, deal_sums(engine, window), table, gates, found))


def as_section(page: CostPage) -> dict[str, Any]:
    """The page's results under the names of the glossary."""
    return {
        "gate": GATE,
        "programme": _return(page.programme),
        "categories": [_category(page.table, category) for category in CATEGORIES],
        "totals": {
            **{kind.value: _share(page.table.of_kind(kind)) for kind in CostKind},
            "programme_cost": _share(page.table.programme),
            "total": _share(page.table.total),
            "overhead_unspread": page.unspread,
        },
        "partners": [_partner(own) for own in page.partners],
        "pilots": [_pilot(own) for own in page.pilots],
    }


def _share(own: Share) -> dict[str, Any]:
    return asdict(own)


def _category(table: CostTable, category: str) -> dict[str, Any]:
    kinds = {kind.value: _share(table.cell(category, kind)) for kind in CostKind}
    return {"category": category, **kinds, "total": _share(table.of_category(category))}


def _return(own: Return) -> dict[str, Any]:
    return {
        "cost": own.cost,
        "eqls_in_period": own.eqls,
        "sqls_in_period": own.sqls,
        "cost_per_eql": asdict(own.cost_per_eql),
        "cost_per_sql": asdict(own.cost_per_sql),
        "pipeline_created": own.pipeline,
        "pipeline_multiple": asdict(own.multiple),
        "incomplete": own.incomplete,
    }


def _partner(own: PartnerReturn) -> dict[str, Any]:
    names = {"partner_id": own.partner.partner_id, "name": own.partner.name}
    costs = {"direct": own.direct, "overhead": own.overhead}
    return names | costs | _return(own.own) | {"gate": _gate(own.gate)}


def _gate(own: PartnerGate) -> dict[str, Any]:
    return {
        "first_full_quarter": own.quarter.label if own.quarter else None,
        "pipeline_created": own.pipeline,
        "direct": own.direct,
        "overhead": own.overhead,
        "cost": own.cost,
        "pipeline_multiple": asdict(own.multiple),
        "verdict": own.verdict.value,
        "reason": own.reason.value if own.reason else None,
        "sure": own.sure,
        "incomplete": own.incomplete,
    }


def _pilot(own: Pilot) -> dict[str, Any]:
    return {
        "partner_id": own.partner.partner_id,
        "name": own.partner.name,
        "joined_on": own.joined_on.isoformat(),
        "phase": own.phase.value,
        "sample_from": own.sample_from.isoformat(),
        "sample_to": own.sample_to.isoformat(),
        "days_left": own.days_left,
        "eqls_before_sample": own.eqls_before,
        "eqls": own.eqls,
        "reached_on": own.reached_on.isoformat() if own.reached_on else None,
        "expected_eqls": asdict(own.expected),
        "chance_of_50": own.chance,
    }
