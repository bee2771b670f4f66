"""Which rows and columns do the tables of the page "Costs and return" have? Raw numbers, with intervals in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from dashboard import wording
from dashboard.glossary import term
from dashboard.metrics.cost_page import PartnerReturn
from dashboard.metrics.cost_table import CATEGORIES, CostKind, CostTable, Share
from dashboard.metrics.pilots import WANTED_EQLS, Phase, Pilot
from dashboard.views import cost_page as words

EXACTLY = "%,.2f"  # an amount to the cent
PHASES = {Phase.INTEGRATION: "Integration", Phase.SAMPLE: "Sample", Phase.OVER: "Over"}


def returns(partners: Sequence[PartnerReturn], currency: str, fiscal: int) -> Mapping[str, list[Any]]:
    """A partner a row, in the order given."""
    own = [p.own for p in partners]
    gates = [p.gate for p in partners]
    return {
        "Partner": [p.partner.name for p in partners],
        "Gate": [words.verdict_in_short(gate) for gate in gates],
        "Cost": [each.cost for each in own],
        "Pipeline": [each.pipeline for each in own],
        "÷ cost": [each.multiple.value for each in own],
        "95 % of it": [words.bounds(each.multiple) for each in own],
        "EQLs": [each.eqls for each in own],
        "Cost per EQL": [each.cost_per_eql.value for each in own],
        "95 % per EQL": [words.money_bounds(each.cost_per_eql, currency) for each in own],
        "SQLs": [each.sqls for each in own],
        "Cost per SQL": [each.cost_per_sql.value for each in own],
        "95 % per SQL": [words.money_bounds(each.cost_per_sql, currency) for each in own],
        "Direct": [p.direct for p in partners],
        "Overhead": [p.overhead for p in partners],
        "First full quarter": [
            wording.period_name(gate.quarter.label, fiscal) if gate.quarter else wording.NOTHING for gate in gates
        ],
        "÷ cost then": [gate.multiple.value for gate in gates],
        "95 % then": [words.bounds(gate.multiple) for gate in gates],
        "Mind": ["Incomplete" if p.own.incomplete or p.gate.incomplete else "" for p in partners],
    }


def return_config(currency: str) -> dict[str, Any]:
    """How the columns of `returns` are explained and written."""
    column, sign = st.column_config, wording.symbol(currency).strip()
    return {
        "Gate": column.TextColumn(help=term("gate").help, width="medium"),
        "Cost": column.NumberColumn(f"Cost {sign}", help=term("programme_cost").help, format=EXACTLY),
        "Pipeline": column.NumberColumn(f"Pipeline {sign}", help=term("pipeline_created").help, format=EXACTLY),
        "÷ cost": column.NumberColumn(format="%.1f×", help=term("pipeline_multiple").help),
        "95 % of it": column.TextColumn("95 %", help=term("gate_interval").help),
        "EQLs": column.NumberColumn(format="localized", help=term("eql").help),
        "Cost per EQL": column.NumberColumn(f"Cost per EQL {sign}", help=term("cost_per_eql").help, format=EXACTLY),
        "95 % per EQL": column.TextColumn("95 %"),
        "SQLs": column.NumberColumn(format="localized", help=term("sql_stage").help),
        "Cost per SQL": column.NumberColumn(f"Cost per SQL {sign}", help=term("cost_per_sql").help, format=EXACTLY),
        "95 % per SQL": column.TextColumn("95 %"),
        "Direct": column.NumberColumn(f"Direct {sign}", help=term("direct_cost").help, format=EXACTLY),
        "Overhead": column.NumberColumn(f"Overhead {sign}", help=term("cost_kind").help, format=EXACTLY),
        "÷ cost then": column.NumberColumn(format="%.1f×", help=term("gate").help),
        "95 % then": column.TextColumn("95 %"),
        "Mind": column.TextColumn(help=term("incomplete").help),
    }


def categories(table: CostTable) -> Mapping[str, list[Any]]:
    """Categories by who bears them, with the sums of both; the last row holds the sums."""
    lines = [c for c in CATEGORIES if table.of_category(c).rows]
    columns: dict[str, list[Any]] = {"Category": [*map(wording.label, lines), "All"]}
    for kind in CostKind:
        shares = [table.cell(category, kind) for category in lines]
        columns[words.KINDS[kind]] = [share.cost for share in (*shares, table.of_kind(kind))]
    totals = [*(table.of_category(category) for category in lines), table.total]
    columns["All"] = [share.cost for share in totals]
    columns["Rows"] = [share.rows for share in totals]
    if table.total.unconverted:
        columns["No rate"] = [_lacking(share) for share in totals]
    return columns


def _lacking(share: Share) -> str:
    return wording.several(share.unconverted, "row") if share.unconverted else ""


def category_config(currency: str) -> dict[str, Any]:
    """How the columns of `categories` are explained and written."""
    column, sign = st.column_config, wording.symbol(currency).strip()
    named = {name: column.NumberColumn(f"{name} {sign}", format=EXACTLY) for name in (*words.KINDS.values(), "All")}
    return {
        "Category": column.TextColumn(pinned=True, help=term("cost_category").help),
        **named,
        "Rows": column.NumberColumn(format="localized", help="Rows with days in the period."),
        "No rate": column.TextColumn(help=term("incomplete").help),
    }


def pilots(found: Sequence[Pilot]) -> Mapping[str, list[Any]]:
    """A pilot a row, the youngest first."""
    return {
        "Partner": [own.partner.name for own in found],
        "Phase": [PHASES[own.phase] for own in found],
        "Days left": [own.days_left if own.phase is not Phase.OVER else None for own in found],
        "EQLs of 50": [min(1.0, own.eqls / WANTED_EQLS) for own in found],
        "EQLs": [own.eqls for own in found],
        "Expected": [_expected(own) for own in found],
        "Chance of 50": [None if own.chance is None else 100 * own.chance for own in found],
        "Joined": [own.joined_on for own in found],
        "Sample": [_days(own.sample_from, own.sample_to) for own in found],
        "Ended by": [_ended(own) for own in found],
        "EQLs before": [own.eqls_before for own in found],
    }


def _expected(own: Pilot) -> str:
    if own.expected.value is None:
        return wording.NOTHING
    low, high = wording.count(own.expected.low), wording.count(own.expected.high)
    return f"{wording.count(own.expected.value)} ({low}–{high})"


def _days(first: date, end: date) -> str:
    return f"{first.day} {first:%b} – {end.day} {end:%b}"


def _ended(own: Pilot) -> str:
    if own.phase is not Phase.OVER:
        return ""
    return f"50 EQLs, {own.reached_on.day} {own.reached_on:%b}" if own.reached_on else "eight weeks"


def pilot_config() -> dict[str, Any]:
    """How the columns of `pilots` are explained and written."""
    column = st.column_config
    return {
        "Days left": column.NumberColumn(format="localized", help="Of the phase that runs."),
        "EQLs of 50": column.ProgressColumn(format="percent", help=term("pilot").help, color="blue"),
        "EQLs": column.NumberColumn(format="localized", help="EQLs of the sample so far."),
        "Expected": column.TextColumn(help=term("pilot_eqls").help),
        "Chance of 50": column.NumberColumn(format="%.0f %%", help=term("chance_of_50").help),
        "Joined": column.DateColumn(format="D MMM YYYY"),
        "EQLs before": column.NumberColumn(format="localized", help="EQLs of the four weeks of integration."),
    }
