"""What is known of one lead, and which of its signals count? Read with the same SQL that scores all leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlalchemy import Engine

from dashboard.domain import UserError
from dashboard.scoring.model import FIELDS
from dashboard.scoring.structure import Structure
from data_access.engine import read_frame
from data_access.lead_list import Place
from data_access.live import LIVE_LEAD
from data_access.questions import Schema
from data_access.scoring_sql import BEGINNING, COLUMNS, COUNTED_SIGNAL, DEALT, JOINS, MEMBERS, OWN, LevelSql, tables_of

PAGE = 20
MOST_SIGNALS = 500


class Fate(StrEnum):
    """Whether a signal counts, and if not, why."""

    COUNTS = "counts"
    AFTER_HAND_OVER = "after the hand-over"
    OUTSIDE_WINDOW = "outside the window"


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """A lead as it stands at `as_of`. Instants are UTC.

    `handed_over_at`: the first of assignment, first contact, SQL and first deal, `handed_over_by` which of these
    (`assigned_at`, `first_contacted_at`, `sql_at`, `opened_at`); both None where sales has it not. `fields`: the value
    of each of the model's possible fields as text, None where it is unknown.
    """

    lead_id: str
    company: str | None
    partner: str | None
    partner_id: str | None
    channel: str | None
    email_domain: str | None
    created_at: datetime
    crm_score: float | None
    experiment: bool
    eql_at: datetime | None
    sql_at: datetime | None
    won: bool
    handed_over_at: datetime | None
    handed_over_by: str | None
    fields: Mapping[str, str | None]


FOUND_SCHEMA: Schema = {
    "lead_id": pl.String,
    "company": pl.String,
    "email_domain": pl.String,
    "partner": pl.String,
    "created_at": pl.Datetime("us", "UTC"),
}
SIGNAL_SCHEMA: Schema = {
    "signal": pl.String,
    "occurred_at": pl.Datetime("us", "UTC"),
    "days": pl.Float64,
    "counts": pl.Boolean,
    "too_late": pl.Boolean,
}

# Each way to name a lead has a read of its own, since one condition over all of them could use no index.
_FIND = f"""
WITH named AS (
    SELECT lead_id FROM eql.lead WHERE lead_id = :wanted
    UNION SELECT lead_id FROM eql.lead WHERE lower(email_domain) = lower(:domain)
    UNION SELECT l.lead_id FROM eql.account a JOIN eql.lead l USING (account_id)
          WHERE starts_with(lower(a.name), lower(:wanted))
)
SELECT l.lead_id, a.name AS company, l.email_domain, p.name AS partner, l.created_at
FROM named JOIN eql.lead l USING (lead_id)
LEFT JOIN eql.account a USING (account_id) LEFT JOIN eql.partner p ON p.partner_id = l.partner_id
WHERE {LIVE_LEAD}
  AND (CAST(:place_at AS timestamptz) IS NULL
       OR (l.created_at <= :place_at AND (l.created_at < :place_at OR l.lead_id > :place_id)))
ORDER BY l.created_at DESC, l.lead_id LIMIT :limit
"""
_ENDED = """
SELECT is_test, deleted_at <= :as_of AS deleted, CASE WHEN merged_at IS NULL OR merged_at <= :as_of THEN merged_into
END AS merged_into, created_at > :as_of AS later FROM eql.lead WHERE lead_id = :lead
"""
_HANDED_OVER = "least(l.assigned_at, l.first_contacted_at, l.sql_at, dealt.opened_at)"
_FACTS = f"""
WITH RECURSIVE {BEGINNING}
SELECT l.lead_id, a.name AS company, p.name AS partner, l.partner_id, l.channel, l.email_domain, l.created_at,
       l.crm_score, l.experiment, CASE WHEN l.eql_at <= :as_of THEN l.eql_at END AS eql_at,
       CASE WHEN l.sql_at <= :as_of THEN l.sql_at END AS sql_at, dealt.won,
       CASE WHEN handed.at <= :as_of THEN handed.at END AS handed_over_at,
       CASE WHEN handed.at > :as_of THEN NULL WHEN handed.at = l.assigned_at THEN 'assigned_at'
            WHEN handed.at = l.first_contacted_at THEN 'first_contacted_at' WHEN handed.at = l.sql_at THEN 'sql_at'
            WHEN handed.at = dealt.opened_at THEN 'opened_at' END AS handed_over_by,
       {", ".join(f"{column}::text AS {name.replace('.', '_')}" for name, column in COLUMNS.items())}
FROM eql.lead l {OWN} {" ".join(JOINS.values())} {DEALT}
CROSS JOIN LATERAL (SELECT {_HANDED_OVER} AS at) AS handed
WHERE l.lead_id = :lead AND {LIVE_LEAD}
"""
_SIGNALS = f"""
WITH RECURSIVE {BEGINNING}
SELECT g.signal, g.occurred_at, extract(epoch FROM g.occurred_at - l.created_at)::float8 / 86400 AS days,
       ({COUNTED_SIGNAL}) AS counts, coalesce(g.occurred_at >= {_HANDED_OVER}, false) AS too_late
FROM eql.lead l {OWN} {DEALT}
JOIN eql.signal g ON g.lead_id = ANY ({MEMBERS}) AND g.occurred_at <= :as_of
WHERE l.lead_id = :lead AND {LIVE_LEAD}
ORDER BY g.occurred_at, g.signal LIMIT :limit
"""


def find_leads(
    engine: Engine, as_of: datetime, wanted: str, *, after: Place | None = None, limit: int = PAGE
) -> pl.DataFrame:
    """Up to `limit` live leads whose key, e-mail domain or beginning of the company's name is `wanted`, newest first.

    An e-mail address stands for its domain. Case does not matter but in keys.
    """
    text = wanted.replace("\x00", "").strip()
    values: dict[str, object] = {
        "wanted": text,
        "domain": text.rpartition("@")[2],
        "as_of": as_of,
        "place_at": after.created_at if after else None,
        "place_id": after.lead_id if after else None,
        "limit": limit,
    }
    return read_frame(engine, _FIND, values, FOUND_SCHEMA) if text else pl.DataFrame(schema=FOUND_SCHEMA)


def lead_facts(engine: Engine, as_of: datetime, lead_id: str) -> LeadFacts:
    """What is known of a live lead; UserError where there is none, or it was merged into another."""
    fields = {name.replace(".", "_"): name for name in FIELDS}
    found = read_frame(engine, _FACTS, {"lead": lead_id, "as_of": as_of}, _FACTS_SCHEMA)
    if found.is_empty():
        raise UserError(_why_not(engine, as_of, lead_id))
    row: dict[str, Any] = found.row(0, named=True)
    own = {name: row[name] for name in LeadFacts.__slots__ if name != "fields"}
    return LeadFacts(**own, fields={name: _value(row[column]) for column, name in fields.items()})


def _value(text: str | None) -> str | None:
    return text if text and text.strip() else None


def _why_not(engine: Engine, as_of: datetime, lead_id: str) -> str:
    schema: Schema = {
        "is_test": pl.Boolean, "deleted": pl.Boolean, "merged_into": pl.String, "later": pl.Boolean,
    }  # fmt: skip
    found = read_frame(engine, _ENDED, {"lead": lead_id, "as_of": as_of}, schema)
    if found.is_empty() or found["later"][0]:
        return f"There is no lead {lead_id}."
    is_test, deleted, merged_into, _ = found.row(0)
    if merged_into:
        return f"Lead {lead_id} was merged into {merged_into}: look that one up."
    reason = "is a test" if is_test else "was deleted" if deleted else "is not counted"
    return f"Lead {lead_id} {reason}: no score is kept of it."


def lead_signals(engine: Engine, as_of: datetime, lead_id: str, window_days: int) -> pl.DataFrame:
    """The lead's signals in order, at most MOST_SIGNALS, those of leads merged into it among them.

    `days` from the lead's creation (before it: negative), `fate` a `Fate` under a model with this window.
    """
    values = {"lead": lead_id, "as_of": as_of, "window_days": window_days, "limit": MOST_SIGNALS}
    found = read_frame(engine, _SIGNALS, values, SIGNAL_SCHEMA)
    fate = (
        pl.when("counts").then(pl.lit(Fate.COUNTS.value))
        .when("too_late").then(pl.lit(Fate.AFTER_HAND_OVER.value))
        .otherwise(pl.lit(Fate.OUTSIDE_WINDOW.value))
    )  # fmt: skip
    return found.select("signal", "occurred_at", "days", fate.alias("fate"))


def lead_digits(
    engine: Engine, as_of: datetime, lead_id: str, structure: Structure, window_days: int
) -> NDArray[np.uint8]:
    """A live lead's answers to the questions of a structure, in their order, as the cells' codes hold them."""
    compiler = LevelSql(window_days)
    digits = [f"{compiler.digit(question)} AS d{place}" for place, question in enumerate(structure.questions)]
    joins = " ".join(JOINS[name] for name in sorted(tables_of(structure.questions)))
    sql = f"""
    WITH RECURSIVE {BEGINNING}
    SELECT {", ".join(digits)}
    FROM eql.lead l {OWN} {joins} {DEALT}
    CROSS JOIN LATERAL (SELECT {compiler.seen()} FROM eql.signal g WHERE {COUNTED_SIGNAL}) AS seen
    WHERE l.lead_id = :lead AND {LIVE_LEAD}"""
    schema: Schema = {f"d{place}": pl.Int64 for place in range(len(structure.questions))}
    found = read_frame(engine, sql, compiler.parameters | {"lead": lead_id, "as_of": as_of}, schema)
    if found.is_empty():
        raise UserError(_why_not(engine, as_of, lead_id))
    return np.array(found.row(0), dtype=np.uint8)


_FACTS_SCHEMA: Schema = {
    "lead_id": pl.String,
    "company": pl.String,
    "partner": pl.String,
    "partner_id": pl.String,
    "channel": pl.String,
    "email_domain": pl.String,
    "created_at": pl.Datetime("us", "UTC"),
    "crm_score": pl.Float64,
    "experiment": pl.Boolean,
    "eql_at": pl.Datetime("us", "UTC"),
    "sql_at": pl.Datetime("us", "UTC"),
    "won": pl.Boolean,
    "handed_over_at": pl.Datetime("us", "UTC"),
    "handed_over_by": pl.String,
    **{name.replace(".", "_"): pl.String() for name in COLUMNS},
}
