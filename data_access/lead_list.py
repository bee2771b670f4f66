"""Which leads stand behind a number? Rows, a page at a time, under the same rules as the cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import polars as pl
from sqlalchemy import Engine

from dashboard.domain import Stage
from dashboard.scoring.model import Gate, ScoringModel
from dashboard.window import Window
from data_access.engine import read_frame
from data_access.live import LIVE_LEAD
from data_access.questions import Schema
from data_access.scoring_sql import BEGINNING, COUNTED_SIGNAL, DEALT, JOINS, MEMBERS, OWN, OWN_IN_ORDER, lead_score

PAGE = 100
BATCH = 5_000

# What a link may cut by, and where it stands. Empty text in the link stands for a missing value.
GROUPS = MappingProxyType(
    {
        "type": ("partner", "p.partner_type"),
        "tier": ("partner", "p.tier"),
        "region": ("partner", "p.region"),
        "channel": ("lead", "l.channel"),
        "asset_kind": ("asset", "s.kind"),
        "asset": ("lead", "l.first_asset_id"),
    }
)
ATTRIBUTES = MappingProxyType(
    {
        "industry": ("account", "a.industry"),
        "size": ("account", "a.employees"),
        "country": ("account", "a.country"),
        "use_case": ("account", "a.use_case"),
        "tech_stack": ("account", "a.tech_stack"),
        "account_region": ("account", "a.region"),
        "region": ("lead", "l.region"),
        "product_line": ("lead", "l.product_line"),
        "owner": ("lead", "l.owner"),
        "utm_source": ("lead", "l.utm_source"),
        "utm_medium": ("lead", "l.utm_medium"),
        "utm_campaign": ("lead", "l.utm_campaign"),
        "disqualified_reason": ("lead", "l.disqualified_reason"),
    }
)
# What a link may call a gate: those of the model, `model` (all that it requires), `recorded` (the CRM's own EQL).
GATES = (*(gate.name.lower() for gate in Gate if gate.name), "model")
REACHED = MappingProxyType(
    {
        Stage.LEAD: "true",
        Stage.MQL: "coalesce(l.mql_at <= :as_of, false)",
        Stage.EQL: "coalesce(l.eql_at <= :as_of, false)",
        Stage.SQL: "coalesce(l.sql_at <= :as_of, false)",
        Stage.OPPORTUNITY: "dealt.opportunity",
        Stage.WON: "dealt.won",
    }
)


@dataclass(frozen=True, slots=True)
class LeadQuery:
    """What the leads of a cohort have in common. None leaves a condition out; an empty text means a missing value.

    `sourced`: only leads with a partner. `partners` and `channels` are those of the filters: partners narrow what is
    partner-sourced, None in `channels` is "no channel known". `size` is a range of employees, both ends included (None:
    open). `fails` and `passes` name entries of `GATES`.
    """

    sourced: bool = True
    partners: frozenset[str] | None = None
    channels: frozenset[str | None] | None = None
    reached: Stage | None = None
    missing: Stage | None = None
    of: str | None = None
    group: str | None = None
    group_value: str = ""
    attribute: str | None = None
    attribute_value: str = ""
    size: tuple[int, int | None] | None = None
    signal: str | None = None
    fails: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()

    @property
    def scored(self) -> bool:
        """Whether a condition asks for the signals before the hand-over."""
        return bool(self.signal or self.fails or self.passes)

    @property
    def asks_for_deals(self) -> bool:
        """Whether a condition asks for the lead's deals."""
        return self.scored or {self.reached, self.missing} & {Stage.OPPORTUNITY, Stage.WON} != set()


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the list: newest first, by key within one instant."""

    created_at: datetime
    lead_id: str


LIST_SCHEMA: Schema = MappingProxyType(
    {
        "lead_id": pl.String,
        "company": pl.String,
        "partner": pl.String,
        "channel": pl.String,
        "first_asset": pl.String,
        "created_at": pl.Datetime("us", "UTC"),
        "mql_at": pl.Datetime("us", "UTC"),
        "eql_at": pl.Datetime("us", "UTC"),
        "sql_at": pl.Datetime("us", "UTC"),
        "deal_stage": pl.String,
        "outcome": pl.String,
        "amount_cents": pl.Int64,
        "unconverted": pl.Int64,
        "region": pl.String,
        "product_line": pl.String,
        "owner": pl.String,
        "disqualified_reason": pl.String,
        "score": pl.Int64,
        "gates": pl.Int64,
    }
)

# A lead's outcome: won where any deal is, else open, else lost. Amounts at the rate of the opening day, ≤ 7 days old.
_DEALS = f"""
CROSS JOIN LATERAL (
    SELECT (array_agg(d.stage ORDER BY d.opened_at DESC NULLS LAST, d.deal_id))[1] AS deal_stage,
           CASE WHEN bool_or(d.outcome = 'won') THEN 'won' WHEN bool_or(d.outcome = 'open') THEN 'open'
                WHEN bool_or(d.outcome = 'lost') THEN 'lost' WHEN count(*) > 0 THEN 'undated' END AS outcome,
           sum(eql.to_cents(d.amount * d.rate))::bigint AS amount_cents,
           count(*) FILTER (WHERE d.amount IS NOT NULL AND d.rate IS NULL) AS unconverted
    FROM (
        SELECT d.deal_id, d.stage, d.opened_at, d.amount,
               CASE WHEN d.status = 'open' OR d.closed_at > :as_of THEN 'open'
                    WHEN d.closed_at IS NULL THEN 'undated' ELSE d.status END AS outcome,
               CASE WHEN d.opened_at IS NULL THEN NULL WHEN d.currency = :currency THEN 1 ELSE (
                   SELECT r.rate FROM eql.fx_rate r
                   WHERE r.base = :currency AND r.currency = d.currency
                     AND r.day <= (d.opened_at AT TIME ZONE :zone)::date
                     AND r.day >= (d.opened_at AT TIME ZONE :zone)::date - 7
                   ORDER BY r.day DESC LIMIT 1) END AS rate
        FROM eql.deal d
        WHERE d.lead_id = ANY ({MEMBERS}) AND coalesce(d.opened_at, d.closed_at) <= :as_of
          AND (d.deleted_at IS NULL OR d.deleted_at > :as_of)
    ) AS d
) AS deal
"""


def _until_as_of(stage: str) -> str:
    return f"CASE WHEN l.{stage}_at <= :as_of THEN l.{stage}_at END AS {stage}_at"


_ROWS = f"""
SELECT l.lead_id, a.name AS company, p.name AS partner, l.channel, s.title AS first_asset, l.created_at,
       {", ".join(_until_as_of(stage) for stage in ("mql", "eql", "sql"))},
       deal.deal_stage, deal.outcome, deal.amount_cents, deal.unconverted, l.region, l.product_line, l.owner,
       CASE WHEN l.disqualified_at <= :as_of OR l.disqualified_at IS NULL THEN l.disqualified_reason
       END AS disqualified_reason,
       score.fit + score.intent AS score, gate.gates
FROM chosen JOIN eql.lead l USING (lead_id) {OWN} {" ".join(JOINS.values())} {DEALT} {_DEALS}
"""


def count_leads(engine: Engine, window: Window, query: LeadQuery, model: ScoringModel) -> int:
    """How many live leads created in the window's period meet the query."""
    found = _matching(query, model, OWN)
    sql = f"WITH RECURSIVE {BEGINNING} SELECT count(*) AS leads {found.sql}"
    leads = read_frame(engine, sql, found.parameters | window.parameters, {"leads": pl.Int64})
    return int(leads["leads"][0])


def count_in_cells(cells: pl.DataFrame, query: LeadQuery, model: ScoringModel) -> int | None:
    """The same number from cells that `gate_cells` read; None where they do not tell the leads of the query apart."""
    stages = {query.reached, query.missing} - {None, Stage.LEAD, Stage.EQL}
    if stages or query.group or query.attribute or query.signal or query.missing is Stage.LEAD:
        return None
    partner, channel = pl.col("partner_id"), pl.col("channel")
    conditions = [partner.is_not_null()] if query.sourced else []
    if query.partners is not None:
        conditions.append(partner.is_null() | partner.is_in(sorted(query.partners)))
    if query.channels is not None:
        named = channel.is_in(sorted(name for name in query.channels if name is not None)).fill_null(False)
        conditions.append(named | channel.is_null() if None in query.channels else named)
    if query.of is not None:
        conditions.append(partner == query.of)
    recorded = ("recorded",)
    passes = query.passes + recorded * (query.reached is Stage.EQL)
    fails = query.fails + recorded * (query.missing is Stage.EQL)
    conditions += [_passes(name, model) for name in passes] + [~_passes(name, model) for name in fails]
    return int(cells.filter(conditions or pl.lit(True))["leads"].sum())


def _passes(name: str, model: ScoringModel) -> pl.Expr:
    bits = int(_bits(name, model))
    return (pl.col("gates") & bits) == bits


def _bits(name: str, model: ScoringModel) -> Gate:
    return model.required if name == "model" else Gate[name.upper()]


def page_of_leads(
    engine: Engine,
    window: Window,
    query: LeadQuery,
    model: ScoringModel,
    *,
    after: Place | None = None,
    before: Place | None = None,
    limit: int = PAGE,
) -> pl.DataFrame:
    """Up to `limit` leads, newest first: those that follow `after`, or the last ones that precede `before`.

    Stages that lie after `as_of` are empty. `amount_cents`: the lead's deals opened up to `as_of`, in cents of the
    reporting currency at the rates of their opening days; `unconverted` of them have none. `gates`: bits of
    `dashboard.scoring.model.Gate` that the lead passes.
    """
    found, score = _matching(query, model, OWN_IN_ORDER), lead_score(model)
    params = found.parameters | dict(score.parameters) | window.parameters | {"limit": limit}
    beyond, order = "", "l.created_at DESC, l.lead_id"
    if before:
        beyond = " AND l.created_at >= :place_at AND (l.created_at > :place_at OR l.lead_id < :place_id)"
        order = "l.created_at, l.lead_id DESC"
    elif after:
        beyond = " AND l.created_at <= :place_at AND (l.created_at < :place_at OR l.lead_id > :place_id)"
    if place := before or after:
        params |= {"place_at": place.created_at, "place_id": place.lead_id}
    chosen = f"chosen AS MATERIALIZED (SELECT l.lead_id {found.sql}{beyond} ORDER BY {order} LIMIT :limit)"
    whole = f"WITH RECURSIVE {BEGINNING}, {chosen} {_ROWS} {score.laterals} ORDER BY l.created_at DESC, l.lead_id"
    return read_frame(engine, whole, params, LIST_SCHEMA)


def all_leads(
    engine: Engine, window: Window, query: LeadQuery, model: ScoringModel, most: int, batch: int = BATCH
) -> Iterator[pl.DataFrame]:
    """The leads in batches, newest first, at most `most` of them."""
    after, left = None, most
    while left > 0:
        rows = page_of_leads(engine, window, query, model, after=after, limit=min(batch, left))
        if rows.is_empty():
            return
        yield rows
        left -= rows.height
        after = Place(rows["created_at"][-1], rows["lead_id"][-1])


@dataclass(frozen=True, slots=True)
class _Matching:
    """`FROM … WHERE …` of the leads `l` that meet a query, and its bound parameters."""

    sql: str
    parameters: dict[str, object]


def _matching(query: LeadQuery, model: ScoringModel, own: str) -> _Matching:
    score, cuts = lead_score(model), _Cuts()
    _cut_by_filters(query, cuts)
    _cut_by_link(query, cuts)
    _cut_by_gates(query, model, cuts)
    laterals = [own, DEALT] if query.asks_for_deals else []
    if query.fails or query.passes:
        cuts.tables |= score.tables
        laterals.append(score.laterals)
    sql = f"""
    FROM eql.lead l {" ".join(JOINS[name] for name in sorted(cuts.tables))} {" ".join(laterals)}
    WHERE l.created_at >= :start AND l.created_at < :end AND {LIVE_LEAD}
    {"".join(f" AND {condition}" for condition in cuts.conditions)}"""
    return _Matching(sql, dict(score.parameters) | cuts.parameters)


class _Cuts:
    """Conditions on the leads, the tables that they need, and their bound values."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.tables: set[str] = set()
        self.parameters: dict[str, object] = {}

    def bind(self, value: object) -> str:
        name = f"cut_{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def add(self, condition: str, table: str = "lead") -> None:
        self.conditions.append(condition)
        self.tables |= {table} - {"lead"}


def _cut_by_filters(query: LeadQuery, cuts: _Cuts) -> None:
    if query.sourced:
        cuts.add("l.partner_id IS NOT NULL")
    if query.partners is not None:
        chosen = cuts.bind(sorted(query.partners))
        cuts.add(f"(l.partner_id IS NULL OR l.partner_id = ANY (CAST({chosen} AS text[])))")
    if query.channels is not None:
        named = cuts.bind(sorted(name for name in query.channels if name is not None))
        cuts.add(
            f"(l.channel = ANY (CAST({named} AS text[])){' OR l.channel IS NULL' if None in query.channels else ''})"
        )


def _cut_by_link(query: LeadQuery, cuts: _Cuts) -> None:
    if query.reached:
        cuts.add(REACHED[query.reached])
    if query.missing:
        cuts.add(f"NOT {REACHED[query.missing]}")
    if query.of is not None:
        cuts.add(f"l.partner_id = {cuts.bind(query.of)}")
    if query.group:
        table, column = GROUPS[query.group]
        cuts.add(_equals(cuts, column, query.group_value), table)
    if query.attribute:
        table, column = ATTRIBUTES[query.attribute]
        cuts.add(_has_attribute(cuts, query, column), table)
    if query.signal:
        signal = cuts.bind(query.signal)
        cuts.add(f"EXISTS (SELECT FROM eql.signal g WHERE g.signal = {signal} AND {COUNTED_SIGNAL})")


def _equals(cuts: _Cuts, column: str, value: str) -> str:
    return f"{column} = {cuts.bind(value)}" if value else f"coalesce({column}, '') = ''"


def _has_attribute(cuts: _Cuts, query: LeadQuery, column: str) -> str:
    if query.attribute == "size":
        if query.size is None:
            return f"{column} IS NULL"
        low, high = query.size
        return f"{column} >= {cuts.bind(low)}" + ("" if high is None else f" AND {column} <= {cuts.bind(high)}")
    if query.attribute == "tech_stack":
        if not query.attribute_value:
            return f"{column} IS NULL"
        return f"EXISTS (SELECT FROM unnest({column}) AS tag WHERE btrim(tag) = {cuts.bind(query.attribute_value)})"
    return _equals(cuts, f"btrim({column})", query.attribute_value)


def _cut_by_gates(query: LeadQuery, model: ScoringModel, cuts: _Cuts) -> None:
    for names, sign in ((query.passes, ""), (query.fails, "NOT ")):
        for name in names:
            if name == "recorded":
                cuts.add(f"{sign}{REACHED[Stage.EQL]}")
            else:
                bits = cuts.bind(int(_bits(name, model)))
                cuts.add(f"{sign}((gate.gates & {bits}) = {bits})")
