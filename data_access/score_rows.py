"""Which code does each lead have, did sales work it, and what became of it? SQL that gives one row a lead.

Signals and deals are gathered for all leads at once, by hashing, where many leads are asked for, and looked up by their
index where few are. The rules are those of `live` and of `scoring_sql`, and so are the bound parameters.

* `work` is a `dashboard.scoring.cells.Work`. A source that never says when a lead was assigned or contacted records no
  sales work; its leads are known to be worked only by what came of them.
* A lead is won where a deal is, else open where one is, else lost; a deal closed without a date is none of these.
* `pipeline`: amounts of all its deals opened by `as_of`, at the rate of the opening day; `arr`: of its won deals, at
  that of the closing day; in cents. Unconverted amounts are in no sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.scoring.cells import Work
from dashboard.scoring.model import Gate, Group, ScoringModel
from dashboard.scoring.structure import Flag, Question, Structure
from data_access.live import LIVE_LEAD, deals_where
from data_access.scoring_sql import JOINS, LevelSql, gates_sql, known_sql, points_sql, tables_of

# Which leads `l` are asked for. `todo`: text[], some lead ids; their signals and deals are those of `_OF_TODO`.
ALL = "true"
COHORT = f"l.created_at >= :start AND l.created_at < :end AND {LIVE_LEAD}"
SOURCED = f"{COHORT} AND l.partner_id IS NOT NULL"
TODO = "l.lead_id = ANY (CAST(:todo AS text[]))"
_OF_TODO = """(
    SELECT unnest(CAST(:todo AS text[]))
    UNION ALL SELECT o.lead_id FROM merged o WHERE o.end_id = ANY (CAST(:todo AS text[])))"""

_CHOSEN = f"chosen AS MATERIALIZED (SELECT l.* FROM eql.lead l WHERE {TODO})"

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
    g.occurred_at < coalesce(least(l.assigned_at, l.first_contacted_at, l.sql_at, dealt.opened_at), 'infinity')
    AND g.occurred_at - l.created_at BETWEEN make_interval(days => -CAST(:window_days AS int))
                                         AND make_interval(days => :window_days)
    AND g.signal = ANY (CAST(:signals AS text[]))"""

_WORK = f"""CASE WHEN l.assigned_at <= :as_of OR l.first_contacted_at <= :as_of
                THEN CASE WHEN l.experiment THEN {Work.EXPERIMENT:d} ELSE {Work.WORKED:d} END
                WHEN (l.sql_at <= :as_of OR dealt.owner_id IS NOT NULL)
                     AND l.source NOT IN (SELECT r.source FROM recording r WHERE r.source IS NOT NULL)
                THEN {Work.BY_RESULT:d} ELSE {Work.NEVER:d} END"""

_OUTCOME = """
    coalesce(l.sql_at <= :as_of, false)::int AS sqls, coalesce(dealt.won, false)::int AS won,
    coalesce(dealt.lost AND NOT dealt.won AND NOT dealt.open, false)::int AS lost,
    coalesce(dealt.open AND NOT dealt.won, false)::int AS open,
    coalesce(dealt.pipeline, 0) AS pipeline, coalesce(dealt.arr, 0) AS arr"""

_COUNTED_COLUMNS = ("work", "sqls", "won", "lost", "open", "pipeline", "arr", "fit", "intent", "gates", "known")

# Dated events of a lead itself that a row depends on; of deals likewise.
_OF_LEAD = (
    "l.created_at", "l.deleted_at", "l.merged_at", "l.partner_confirmed_at", "l.vendor_confirmed_at", "l.eql_at",
    "l.sql_at", "l.assigned_at", "l.first_contacted_at",
)  # fmt: skip
_OF_DEAL = ("d.opened_at", "d.closed_at", "d.deleted_at")


@dataclass(frozen=True, slots=True)
class RowSql:
    """Queries to follow WITH RECURSIVE, the last one being `scored`, and their bound parameters."""

    sql: str
    parameters: Mapping[str, object]


def lead_rows(structure: Structure, leads: str, window_days: int) -> RowSql:
    """One row for each lead that a condition on `l` (COHORT, SOURCED or TODO) chooses.

    `scored`: lead_id, partner_id, channel, created_at, work (int), sqls, won, lost, open (0 or 1), pipeline, arr
    (bigint, cents), code (bigint). `window_days`: how far from the lead's creation signals count.
    """
    compiler = LevelSql(window_days)
    inner = _answered(compiler, structure, leads)
    seen = _seen(compiler, leads)
    sql = f"""
{deals_where(leads)}, {_chosen(leads)}{RECORDING}, {_DEALT}, {seen},
scored AS (SELECT x.*, {_code(structure)} AS code FROM ({inner}) AS x)"""
    return RowSql(sql, {**compiler.parameters, "signals": _signals(compiler)})


def rollup_rows(structure: Structure, model: ScoringModel, leads: str) -> RowSql:
    """One row for each lead that ALL or TODO chooses, whether or not it counts, as `eql.lead_score` holds it.

    The columns of `lead_rows` (`code` null where the lead does not count), and live, month (date, in the reporting
    zone), fit, intent, gates, known, last_change, next_change.
    """
    compiler = LevelSql(model.window_days)
    further = f""", {LIVE_LEAD} AS live, {_past(_OF_LEAD)} AS lead_last, {_ahead(_OF_LEAD)} AS lead_next,
        moves.last AS deal_last, moves.next AS deal_next, seen.last AS signal_last, seen.next AS signal_next"""
    inner = _answered(compiler, structure, leads, further, "LEFT JOIN moves ON moves.owner_id = l.lead_id")
    seen = _seen(compiler, leads, with_coming=True)
    deals = f"s.lead_id IN {_OF_TODO}" if leads == TODO else "true"
    # What a lead that does not count has, changes with its own dates alone: nothing of it is kept.
    counted = ", ".join(f"CASE WHEN live THEN {name} ELSE 0 END AS {name}" for name in _COUNTED_COLUMNS)
    answers: dict[Question, str] = {question: f"d{place}" for place, question in enumerate(structure.questions)}
    sql = f"""
{deals_where(deals)}, {_chosen(leads)}{RECORDING}, {_DEALT}, {seen}, {_moves(leads)},
scored AS (
    SELECT lead_id, partner_id, channel, created_at, date_trunc('month', created_at AT TIME ZONE :zone)::date AS month,
           CASE WHEN live THEN {_code(structure)} END AS code, {counted},
           coalesce(greatest(lead_last, CASE WHEN live THEN greatest(deal_last, signal_last) END), 'epoch')
               AS last_change,
           least(lead_next, CASE WHEN live THEN least(deal_next, signal_next) END) AS next_change
    FROM (SELECT x.*, {all_gates_sql(model, answers)}
          FROM (SELECT x.*, {scores_sql(model, answers)} FROM ({inner}) AS x OFFSET 0) AS x) AS x
)"""
    return RowSql(sql, {**compiler.parameters, "signals": _signals(compiler)})


def scores_sql(model: ScoringModel, answers: Mapping[Question, str]) -> str:
    """fit, intent and known, from expressions that answer the structure's questions."""
    fit, intent = points_sql(model, Group.FIT, answers), points_sql(model, Group.INTENT, answers)
    return f"{fit} AS fit, {intent} AS intent, {known_sql(model, answers)} AS known"


def all_gates_sql(model: ScoringModel, answers: Mapping[Question, str]) -> str:
    """gates, RECORDED among them, from the same and the columns fit and intent."""
    recorded = f"CASE WHEN {answers[Flag(Gate.RECORDED)]} > 0 THEN {Gate.RECORDED:d} ELSE 0 END"
    return f"{gates_sql(model, answers, 'fit', 'fit + intent')} + {recorded} AS gates"


def answers_of_code(structure: Structure) -> dict[Question, str]:
    """Expressions that take each answer out of a column `code`."""
    digits = zip(structure.questions, structure.weights, structure.sizes, strict=True)
    return {question: f"(code / {weight:d} % {size:d})" for question, weight, size in digits}


def _code(structure: Structure) -> str:
    return " + ".join(f"d{place}::bigint * {weight:d}" for place, weight in enumerate(structure.weights))


def _signals(compiler: LevelSql) -> list[str]:
    return sorted({signal for signal, _ in compiler.counts})


def _answered(compiler: LevelSql, structure: Structure, leads: str, further: str = "", joins: str = "") -> str:
    """Leads with the answers d0, d1 … to all questions, each worked out once."""
    digits = ", ".join(f"{compiler.digit(question)} AS d{place}" for place, question in enumerate(structure.questions))
    tables = " ".join(JOINS[name] for name in sorted(tables_of(structure.questions)))
    return f"""
    SELECT l.lead_id, l.partner_id, l.channel, l.created_at, {_WORK} AS work, {_OUTCOME}, {digits}{further}
    FROM {_table(leads)} {tables}
    LEFT JOIN dealt ON dealt.owner_id = l.lead_id LEFT JOIN seen ON seen.lead_id = l.lead_id {joins}
    WHERE {leads if leads != TODO else ALL} OFFSET 0"""


def _chosen(leads: str) -> str:
    """The few leads asked for as a query of their own, from which their signals are looked up."""
    return f"{_CHOSEN}, " if leads == TODO else ""


def _seen(compiler: LevelSql, leads: str, *, with_coming: bool = False) -> str:
    """The signals that count, counted by lead: its own and those of leads merged into it.

    `with_coming`: with those that lie ahead, nameless, so that only `next` knows of them.
    """
    counts = compiler.seen().replace("l.created_at", "g.created_at")
    until, name = "g.occurred_at <= :as_of AND ", "g.signal"
    if with_coming:
        counts += """, max(g.occurred_at) FILTER (WHERE g.signal IS NOT NULL) AS last,
                     min(g.occurred_at) FILTER (WHERE g.signal IS NULL) AS next"""
        until, name = "", "CASE WHEN g.occurred_at <= :as_of THEN g.signal END AS signal"
    return f"""
seen AS (
    SELECT g.lead_id, {counts}
    FROM (
        SELECT l.lead_id, l.created_at, {name}, g.occurred_at
        FROM {_table(leads)} JOIN eql.signal g ON g.lead_id = l.lead_id LEFT JOIN dealt ON dealt.owner_id = l.lead_id
        WHERE {leads if leads != TODO else ALL} AND {until}{_COUNTED}
        UNION ALL
        SELECT l.lead_id, l.created_at, {name}, g.occurred_at
        FROM merged m JOIN {_table(leads)} ON l.lead_id = m.end_id JOIN eql.signal g ON g.lead_id = m.lead_id
        LEFT JOIN dealt ON dealt.owner_id = l.lead_id
        WHERE NOT m.is_test AND {leads if leads != TODO else ALL} AND {until}{_COUNTED}
    ) AS g
    GROUP BY g.lead_id
)"""


def _moves(leads: str) -> str:
    """When something last happened to each lead's deals, and when it next will."""
    of = f" AND d.lead_id IN {_OF_TODO}" if leads == TODO else ""
    return f"""
moves AS (
    SELECT coalesce(m.end_id, d.lead_id) AS owner_id, max({_past(_OF_DEAL)}) AS last, min({_ahead(_OF_DEAL)}) AS next
    FROM eql.deal d LEFT JOIN merged m ON m.lead_id = d.lead_id WHERE d.lead_id IS NOT NULL{of} GROUP BY 1
)"""


def _table(leads: str) -> str:
    """Few leads are looked up once."""
    return "chosen l" if leads == TODO else "eql.lead l"


def _past(columns: tuple[str, ...]) -> str:
    return f"greatest({', '.join(f'CASE WHEN {column} <= :as_of THEN {column} END' for column in columns)})"


def _ahead(columns: tuple[str, ...]) -> str:
    return f"least({', '.join(f'CASE WHEN {column} > :as_of THEN {column} END' for column in columns)})"
