"""How far did leads of each kind get: by industry, size, country … and with which signals before the hand-over?"""

from __future__ import annotations

from itertools import pairwise
from types import MappingProxyType

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.performance import Selection
from dashboard.window import Window
from data_access.funnel import CHOSEN, LATER, OUTCOME, chosen
from data_access.live import LIVE_LEAD
from data_access.questions import Question, ask_together
from data_access.strata import SIZE_BOUNDS

# Values of an attribute beyond the commonest are gathered into one row.
MOST_VALUES = 12
OTHERS = "(all others)"
# A signal says something about a lead while it lies within so many days of the lead's creation.
SIGNAL_DAYS = 90
TECH_KNOWN = "tech_stack_known"

_FIRST, _LAST = SIZE_BOUNDS[0], SIZE_BOUNDS[-1]
_SIZE = f"""CASE width_bucket(c.employees, ARRAY[{", ".join(map(str, SIZE_BOUNDS))}])
    WHEN 0 THEN '0-{_FIRST - 1}' {
    " ".join(
        f"WHEN {place} THEN '{low}-{high - 1}'" for place, (low, high) in enumerate(pairwise(SIZE_BOUNDS), start=1)
    )
} WHEN {len(SIZE_BOUNDS)} THEN '{_LAST}+' END"""

# Attributes of which a lead has one value at most, and where it stands.
ATTRIBUTES = MappingProxyType(
    {
        "industry": "c.industry",
        "size": _SIZE,
        "country": "c.country",
        "account_region": "c.region",
        "region": "l.region",
        "product_line": "l.product_line",
        "use_case": "c.use_case",
        "channel": "l.channel",
        "asset_kind": "a.kind",
    }
)

_HANDED = "least(l.assigned_at, l.first_contacted_at, l.sql_at, d.opportunity_at)"
_REACHED = """
    coalesce(l.mql_at <= :as_of, false) AS mql, coalesce(l.eql_at <= :as_of, false) AS eql,
    coalesce(l.sql_at <= :as_of, false) AS sql, d.owner_id IS NOT NULL AS opportunity, d.won_at IS NOT NULL AS won
"""
_COHORT = f"l.created_at >= :start AND l.created_at < :end AND {LIVE_LEAD} AND {CHOSEN}"
_COUNTS = "count(*) AS leads, " + ", ".join(f"count(*) FILTER (WHERE {stage}) AS {stage}" for stage in LATER)
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in ("leads", *LATER))

CELL_SCHEMA: dict[str, type[pl.DataType]] = {"attribute": pl.String, "value": pl.String, "leads": pl.Int64} | {
    stage.value: pl.Int64 for stage in LATER
}


def _attribute_of_set() -> str:
    """Each grouping set holds one attribute: its bit alone is 0 in GROUPING, the first attribute's the highest."""
    number, names = len(ATTRIBUTES), list(ATTRIBUTES)
    cases = (f"WHEN {2**number - 1 - 2 ** (number - 1 - place)} THEN '{name}'" for place, name in enumerate(names))
    return f"CASE GROUPING({', '.join(names)}) {' '.join(cases)} END"


_BASE = f"""
{OUTCOME}, base AS MATERIALIZED (
    SELECT {", ".join(f"{place} AS {name}" for name, place in ATTRIBUTES.items())}, c.tech_stack,
           coalesce(l.referral_at <= :as_of AND (l.referral_at < {_HANDED}) IS NOT FALSE, false) AS referral, {_REACHED}
    FROM eql.lead l LEFT JOIN outcome d ON d.owner_id = l.lead_id
    LEFT JOIN eql.account c ON c.account_id = l.account_id LEFT JOIN eql.asset a ON a.asset_id = l.first_asset_id
    WHERE {_COHORT}
)"""

# Blanks are trimmed after the counting: there are far fewer values than leads.
_VALUES = f"""
SELECT attribute, CASE WHEN place <= {MOST_VALUES} THEN value ELSE '{OTHERS}' END AS value, {_SUMS}
FROM (
    SELECT attribute, value, {_SUMS},
           row_number() OVER (PARTITION BY attribute ORDER BY sum(leads) DESC, value) AS place
    FROM (
        SELECT {_attribute_of_set()} AS attribute, trim(coalesce({", ".join(ATTRIBUTES)})) AS value, {_COUNTS}
        FROM base GROUP BY GROUPING SETS ({", ".join(f"({name})" for name in ATTRIBUTES)})
    ) AS each WHERE value <> '' GROUP BY 1, 2
) AS placed GROUP BY 1, 2
"""

# Leads have few different stacks: these are counted first and taken apart then.
_TAGS = f"""
(SELECT 'tech_stack' AS attribute, t.tag AS value, {_SUMS}
 FROM (SELECT tech_stack, {_COUNTS} FROM base WHERE tech_stack IS NOT NULL GROUP BY 1) AS stack,
      LATERAL (SELECT DISTINCT trim(tag) AS tag FROM unnest(stack.tech_stack) AS tag WHERE trim(tag) <> '') AS t
 GROUP BY 2 ORDER BY leads DESC, 2 LIMIT {MOST_VALUES})
UNION ALL SELECT '{TECH_KNOWN}', 'yes', {_COUNTS} FROM base WHERE tech_stack IS NOT NULL
UNION ALL SELECT 'referral', 'yes', {_COUNTS} FROM base WHERE referral HAVING count(*) > 0
UNION ALL SELECT 'all', '', {_COUNTS} FROM base
"""

_SEEN = f"""
    g.occurred_at <= :as_of AND (g.occurred_at < b.handed_at) IS NOT FALSE
    AND g.occurred_at BETWEEN b.created_at - make_interval(days => {SIGNAL_DAYS})
                          AND b.created_at + make_interval(days => {SIGNAL_DAYS})
"""
_WHOSE = ", ".join(("b.place", "g.signal", *(f"b.{stage}" for stage in LATER)))

# The signals of merged-away leads belong to the lead that remained.
_SIGNALS = f"""
SELECT 'signal' AS attribute, signal AS value, {_COUNTS}
FROM (
    SELECT {_WHOSE} FROM asked b JOIN eql.signal g ON g.lead_id = b.lead_id WHERE {_SEEN}
    UNION
    SELECT {_WHOSE} FROM merged m JOIN asked b ON b.lead_id = m.end_id AND NOT m.is_test
    JOIN eql.signal g ON g.lead_id = m.lead_id WHERE {_SEEN}
) AS seen GROUP BY 2 ORDER BY leads DESC, 2 LIMIT {MOST_VALUES}
"""

_ASKED = f"""
{OUTCOME}, asked AS MATERIALIZED (
    SELECT l.lead_id, row_number() OVER () AS place, l.created_at, {_HANDED} AS handed_at, {_REACHED}
    FROM eql.lead l LEFT JOIN outcome d ON d.owner_id = l.lead_id WHERE {_COHORT}
)"""


def attribute_cells(engine: Engine, window: Window, selection: Selection, everybody: bool) -> pl.DataFrame:
    """The chosen live leads created in the period by what they are, and how many of each reached every stage.

    One row for each attribute and value (at most MOST_VALUES an attribute, the rest as OTHERS; what is not known has
    no row). A lead has several values of `tech_stack`; `tech_stack_known` counts the leads whose stack is known,
    `referral` those referred before the hand-over to sales, and `all` everybody.
    """
    parameters = window.parameters | chosen(selection, everybody)
    questions = {"values": Question(_VALUES, CELL_SCHEMA), "tags": Question(_TAGS, CELL_SCHEMA)}
    found = ask_together(engine, _BASE, questions, parameters)
    return pl.concat([found["values"], found["tags"]])


def signal_cells(engine: Engine, window: Window, selection: Selection, everybody: bool) -> pl.DataFrame:
    """The same by signal: leads with the signal before their hand-over and within SIGNAL_DAYS of their creation.

    The hand-over is the first of `assigned_at`, `first_contacted_at`, `sql_at` and the opening of the first deal.
    """
    parameters = window.parameters | chosen(selection, everybody)
    return ask_together(engine, _ASKED, {"signals": Question(_SIGNALS, CELL_SCHEMA)}, parameters)["signals"]
