"""Which leads are these? The sentence above the list, its columns, and the same as CSV; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from dashboard import wording
from dashboard.domain import Stage
from dashboard.metrics.performance import Partner
from dashboard.metrics.qualification import waterfall_gates
from dashboard.reports.lead_csv import exactly, lead_csv
from dashboard.scoring.model import Gate, ScoringModel
from dashboard.views.lead_link import Asked
from data_access.lead_list import LeadQuery

GATE_NAMES = {
    Gate.OVERLAP: "account overlap",
    Gate.ICP: "ICP match",
    Gate.ECOSYSTEM: "ecosystem signal",
    Gate.BUYING: "buying signal",
    Gate.TRIGGERS: "intent triggers",
    Gate.SCORE: "score threshold",
    Gate.CONFIRMED: "confirmation by both sides",
    Gate.RECORDED: "EQL in the CRM",
}
_REACHED = {
    Stage.MQL: ("became an MQL", "became MQLs"),
    Stage.EQL: ("became an EQL", "became EQLs"),
    Stage.SQL: ("became sales-qualified", "became sales-qualified"),
    Stage.OPPORTUNITY: ("has a deal", "have a deal"),
    Stage.WON: ("was won", "were won"),
}
_MISSING = {
    Stage.MQL: ("is no MQL", "are no MQLs"),
    Stage.EQL: ("is no EQL", "are no EQLs"),
    Stage.SQL: ("is not sales-qualified", "are not sales-qualified"),
    Stage.OPPORTUNITY: ("has no deal", "have no deal"),
    Stage.WON: ("is not won", "are not won"),
}
_GROUPS = {
    "type": "partner type",
    "tier": "tier",
    "region": "partner region",
    "channel": "channel",
    "asset_kind": "kind of first page",
    "asset": "first page",
}

# Columns of the list on screen and in the export, and what they are called.
COLUMNS = {
    "lead_id": "Lead",
    "company": "Company",
    "partner": "Partner",
    "channel": "Channel",
    "first_asset": "First page",
    "created_at": "Created",
    "mql_at": "MQL",
    "eql_at": "EQL",
    "sql_at": "SQL",
    "deal_stage": "Deal stage",
    "outcome": "Outcome",
    "amount": "Amount",
    "score": "Score",
    "missing": "What is missing",
    "region": "Region",
    "product_line": "Product line",
    "owner": "Owner",
    "disqualified_reason": "Disqualified",
}
_OUTCOMES = {"won": "won", "open": "open", "lost": "lost", "undated": "closed, no date"}


def names(query: LeadQuery, partners: Sequence[Partner], rows: pl.DataFrame) -> dict[str, str]:
    """What people call the partner (key `of`) and the first page (key `asset`) that a query names."""
    called: dict[str, str] = {}
    for partner in partners:
        if partner.partner_id == query.of:
            called["of"] = partner.name
    if query.group == "asset" and rows.height and rows["first_asset"][0]:
        called["asset"] = rows["first_asset"][0]
    return called


def sentence(asked: Asked, count: int, called: dict[str, str], gates: Sequence[Gate], fiscal_year_start: int) -> str:
    """Which leads these are, and how many: `187 leads of Q3 2026 became EQLs and are not won.`

    `called` as `names` gives it; `gates` are those of the waterfall.
    """
    number = wording.several(count, "lead") if count else "No lead"
    period = wording.period_name(asked.period.label, fiscal_year_start)
    about = _about(asked.query, called)
    return f"{number} of {period}{about} {wording.enumeration(_clauses(asked.query, gates, count > 1))}."


def _about(query: LeadQuery, called: dict[str, str]) -> str:
    parts = []
    if query.of is not None:
        parts.append(f"of {wording.plain(called.get('of', query.of))}")
    if query.group:
        value = called.get(query.group, query.group_value) if query.group == "asset" else query.group_value
        parts.append(f"with the {_GROUPS[query.group]} {_quoted(value)}")
    if query.attribute:
        parts.append(f"with the {wording.label(query.attribute).lower()} {_quoted(query.attribute_value)}")
    return "".join(f" {part}" for part in parts)


def _quoted(value: str) -> str:
    return f"“{wording.plain(wording.label(value) if '_' in value else value)}”" if value else "“Not set”"


def _clauses(query: LeadQuery, gates: Sequence[Gate], many: bool) -> list[str]:
    clauses = [_REACHED[query.reached][many]] if query.reached in _REACHED else []
    if query.signal:
        clauses.append(f"showed the signal {_quoted(query.signal)} before sales took over")
    clauses += _gates(query, {str(gate.name).lower() for gate in gates}, many)
    clauses += [_MISSING[query.missing][many]] if query.missing else []
    return clauses or ["came through partners" if query.sourced else "came in"]


def _gates(query: LeadQuery, waterfall: set[str], many: bool) -> list[str]:
    passes, only = list(query.passes), ""
    if len(query.fails) == 1 and waterfall - set(passes) == set(query.fails):
        passes, only = [gate for gate in passes if gate not in waterfall], "only "
    said = []
    for gates, verb in (
        (passes, "pass" if many else "passes"),
        (query.fails, f"fail{'' if many else 's'} {only}".strip()),
    ):
        if gates:
            said.append(f"{verb} {wording.enumeration([gate_name(gate) for gate in gates])}")
    return said


def gate_name(gate: str) -> str:
    """What a gate of a link is called in a sentence."""
    return "the scoring model" if gate == "model" else f"“{GATE_NAMES[Gate[gate.upper()]]}”"


def listed(rows: pl.DataFrame, model: ScoringModel) -> pl.DataFrame:
    """Rows of the list as people read them: codes as words, money in whole units, what is missing in one line."""
    return rows.with_columns(
        pl.col("outcome").replace(_OUTCOMES),
        (pl.col("amount_cents") / 100).alias("amount"),
        _missing(model).alias("missing"),
    ).select(list(COLUMNS))


def _missing(model: ScoringModel) -> pl.Expr:
    """Gates of the waterfall that the lead fails, and an unknown company; empty where nothing is missing."""
    lacks = [
        pl.when((pl.col("gates") & gate.value) == 0).then(pl.lit(GATE_NAMES[gate])) for gate in waterfall_gates(model)
    ]
    lacks.append(pl.when(pl.col("company").is_null()).then(pl.lit("company unknown")))
    return pl.concat_list(lacks).list.drop_nulls().list.join(", ")


def as_csv(batches: Iterable[pl.DataFrame], model: ScoringModel) -> bytes:
    """The whole list as CSV with a byte order mark; instants in UTC, money to the cent, formulas made harmless."""
    ready = (
        rows.with_columns(exactly("amount_cents").alias("amount"), _missing(model).alias("missing")) for rows in batches
    )
    return lead_csv(ready, list(COLUMNS))
