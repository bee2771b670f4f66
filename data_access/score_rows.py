"""Which code does each lead have, did sales work it, and what became of it? SQL that gives one row a lead.

Signals and deals are gathered for all leads at once, by hashing, where many leads are asked for, and looked up by their
index where few are. The rules are those of `live` and of `scoring_sql`; bound parameters: those of `live`, and
`recent_from` (timestamptz: leads created before it are older than 180 days).

* `work` is a `dashboard.scoring.cells.Work`. A source that never says when a lead was assigned or contacted records no
  sales work; its leads are known to be worked only by what came of them.
* A lead is won where a deal is, else open where one is, else lost; a deal closed without a date is none of these.
* `pipeline`: amounts of all its deals opened by `as_of`, at the rate of the opening day; `arr`: of its won deals, at
  that of the closing day; in cents. Unconverted amounts are in no sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.scoring.cells import Work
from dashboard.scoring.structure import Structure
from data_access.live import LIVE_LEAD, deals_where
from data_access.scoring_sql import JOINS, LevelSql, tables_of

OLD_DAYS = 180

# Which leads `l` are asked for. `todo`: text[], a few thousand lead ids; their deals are those of their members.
ALL = "true"
COHORT = f"l.created_at >= :start AND l.created_at < :end AND {LIVE_LEAD}"
SOURCED = f"{COHORT} AND l.partner_id IS NOT NULL"
TODO = "l.lead_id = ANY (CAST(:todo AS text[]))"
_TODO_DEALS = """
    s.lead_id IN (SELECT unnest(CAST(:todo AS text[]))
                  UNION ALL SELECT o.lead_id FROM merged o WHERE o.end_id = ANY (CAST(:todo AS text[])))"""

# Sources that say of any lead when sales took it up: a few steps through an index.
RECORDING = """
recording AS (
    SELECT min(source) AS source FROM eql.lead WHERE assigned_at IS NOT NULL OR first_contacted_at IS NOT NULL
    UNION ALL
    SELECT (SELECT min(l.source) FROM eql.lead l
            WHERE (l.assigned_at IS NOT NULL OR l.first_contacted_at IS NOT NULL) AND l.source > r.source)
    FROM recording r WHERE r.source IS NOT NULL
)"""

_DEALT = """
dealt AS (
    SELECT owner_id, min(opened_at) AS opened_at, bool_or(outcome = 'won') AS won, bool_or(outcome = 'open') AS open,
           bool_or(outcome = 'lost') AS lost, coalesce(sum(opening_cents), 0)::bigint AS pipeline,
           coalesce(sum(arr_cents) FILTER (WHERE outcome = 'won'), 0)::bigint AS arr
    FROM fact WHERE owner_id IS NOT NULL GROUP BY owner_id
)"""

_COUNTED = """
    g.occurred_at <= :as_of
    AND g.occurred_at < coalesce(least(l.assigned_at, l.first_contacted_at, l.sql_at, dealt.opened_at), 'infinity')
    AND g.occurred_at BETWEEN l.created_at - make_interval(days => :window_days)
                          AND l.created_at + make_interval(days => :window_days)
    AND g.signal = ANY (CAST(:signals AS text[]))"""

_WORK = f"""CASE WHEN l.assigned_at <= :as_of OR l.first_contacted_at <= :as_of
                THEN CASE WHEN l.experiment THEN {Work.EXPERIMENT:d} ELSE {Work.WORKED:d} END
                WHEN (l.sql_at <= :as_of OR dealt.owner_id IS NOT NULL)
                     AND l.source NOT IN (SELECT r.source FROM recording r WHERE r.source IS NOT NULL)
                THEN {Work.BY_RESULT:d} ELSE {Work.NEVER:d} END"""


@dataclass(frozen=True, slots=True)
class RowSql:
    """Queries to follow WITH RECURSIVE, the last one being `scored`, and their bound parameters.

    `scored`: lead_id, partner_id, channel, created_at, live (bool), code (bigint), work (int), sqls, won, open, lost
    (0 or 1), pipeline, arr (bigint, cents).
    """

    sql: str
    parameters: Mapping[str, object]


def window_days(structure: Structure) -> int:
    """How many days around a lead's creation signals count."""
    return int(getattr(structure, "window_days", 90))


def recent_from(as_of: datetime) -> datetime:
    """Leads created before this moment are more than 180 days old."""
    return as_of - timedelta(days=OLD_DAYS)


def lead_rows(structure: Structure, leads: str) -> RowSql:
    """One row for each lead that a condition on `l` (ALL, COHORT, SOURCED or TODO) chooses."""
    compiler = LevelSql(window_days(structure))
    digits = [compiler.digit(question) for question in structure.questions]
    terms = [f"({digit})::bigint * {weight:d}" for digit, weight in zip(digits, structure.weights, strict=True)]
    tables = " ".join(JOINS[name] for name in sorted(tables_of(structure.questions)))
    sql = f"""
{deals_where(_TODO_DEALS if leads == TODO else leads)}, {RECORDING}, {_DEALT}, {_seen(compiler, leads)},
scored AS (
    SELECT l.lead_id, l.partner_id, l.channel, l.created_at, {LIVE_LEAD} AS live, {" + ".join(terms)} AS code,
           {_WORK} AS work, coalesce(l.sql_at <= :as_of, false)::int AS sqls,
           coalesce(dealt.won, false)::int AS won,
           coalesce(dealt.open AND NOT dealt.won, false)::int AS open,
           coalesce(dealt.lost AND NOT dealt.won AND NOT dealt.open, false)::int AS lost,
           coalesce(dealt.pipeline, 0) AS pipeline, coalesce(dealt.arr, 0) AS arr
    FROM eql.lead l {tables}
    LEFT JOIN dealt ON dealt.owner_id = l.lead_id LEFT JOIN seen ON seen.lead_id = l.lead_id
    WHERE {leads}
)"""
    signals = sorted({signal for signal, _ in compiler.counts})
    return RowSql(sql, {**compiler.parameters, "signals": signals})


def _seen(compiler: LevelSql, leads: str) -> str:
    """The signals that count, counted by lead: its own and those of leads merged into it."""
    counts = compiler.seen().replace("l.created_at", "g.created_at")
    return f"""
seen AS (
    SELECT g.lead_id, {counts}
    FROM (
        SELECT l.lead_id, l.created_at, g.signal, g.occurred_at
        FROM eql.lead l JOIN eql.signal g ON g.lead_id = l.lead_id LEFT JOIN dealt ON dealt.owner_id = l.lead_id
        WHERE {leads} AND {_COUNTED}
        UNION ALL
        SELECT l.lead_id, l.created_at, g.signal, g.occurred_at
        FROM merged m JOIN eql.lead l ON l.lead_id = m.end_id JOIN eql.signal g ON g.lead_id = m.lead_id
        LEFT JOIN dealt ON dealt.owner_id = l.lead_id
        WHERE NOT m.is_test AND {leads} AND {_COUNTED}
    ) AS g
    GROUP BY g.lead_id
)"""
