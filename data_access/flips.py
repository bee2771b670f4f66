"""Which leads would a scenario gain or drop, and which below the threshold could be worked to learn more? Rows, paged.

What flips is known from codes alone, so the rows are those behind the cells of the what-if, counted the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl
from sqlalchemy import Engine

from dashboard.scoring.structure import Structure
from dashboard.window import Window
from data_access.lead_list import Place
from data_access.patient_reads import read_patiently
from data_access.questions import Schema
from data_access.score_rows import COHORT, SOURCED, TODO, lead_rows
from data_access.scoring_sql import BEGINNING, COUNTED_SIGNAL, DEALT, JOINS, OWN_IN_ORDER, LevelSql, tables_of

PAGE = 50
BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Flips:
    """Which leads are meant: those of a window whose code, under `structure`, is one of `codes`.

    `sourced`: only leads with a partner. `partners`, `channels`: those of the filters, None for all of them; None
    in `channels` is "no channel known".
    """

    structure: Structure
    codes: tuple[int, ...]
    sourced: bool
    partners: frozenset[str] | None = None
    channels: frozenset[str | None] | None = None


SCHEMA: Schema = MappingProxyType(
    {
        "lead_id": pl.String,
        "company": pl.String,
        "partner": pl.String,
        "channel": pl.String,
        "created_at": pl.Datetime("us", "UTC"),
        "code": pl.Int64,
        "work": pl.Int64,
        "sqls": pl.Int64,
        "won": pl.Int64,
        "open": pl.Int64,
        "lost": pl.Int64,
        "pipeline": pl.Int64,
        "arr": pl.Int64,
        "owner": pl.String,
        "email_domain": pl.String,
        "experiment": pl.Boolean,
    }
)
_ROWS = """
SELECT f.lead_id, a.name AS company, p.name AS partner, f.channel, f.created_at, f.code, f.work, f.sqls, f.won, f.open,
       f.lost, f.pipeline, f.arr, l.owner, l.email_domain, l.experiment
FROM found f JOIN eql.lead l USING (lead_id)
LEFT JOIN eql.account a USING (account_id) LEFT JOIN eql.partner p ON p.partner_id = f.partner_id
"""
_BEYOND = " AND f.created_at <= :place_at AND (f.created_at < :place_at OR f.lead_id > :place_id)"
_ORDER = "ORDER BY f.created_at DESC, f.lead_id"
# Still to be had: nobody has worked it, nobody has ruled it out, it has no deal.
_UNTOUCHED = """
    f.work = 0 AND f.sqls + f.won + f.open + f.lost = 0
    AND NOT EXISTS (SELECT FROM eql.lead x WHERE x.lead_id = f.lead_id AND x.disqualified_at <= :as_of)"""


def page_of_flips(
    engine: Engine, window: Window, flips: Flips, *, after: Place | None = None, limit: int = PAGE
) -> pl.DataFrame:
    """Up to `limit` of these leads, newest first, that follow `after`.

    `work` is a `dashboard.scoring.cells.Work`; sqls, won, open and lost are 0 or 1; pipeline and arr in cents of the
    reporting currency, as the cells sum them. Raises what `read_patiently` raises.
    """
    leads = _next_leads(engine, window, flips, after, limit)
    if not leads:
        return pl.DataFrame(schema=dict(SCHEMA))
    found = "found AS (SELECT f.* FROM scored f)"
    return _read(engine, window, flips, found, f"{_ROWS} {_ORDER}", {"todo": leads}, leads=TODO)


def _next_leads(engine: Engine, window: Window, flips: Flips, after: Place | None, limit: int) -> list[str]:
    """The keys of a page: leads are scored one by one in the order of the list until there are enough."""
    compiler = LevelSql(flips.structure.window_days)
    questions = zip(flips.structure.questions, flips.structure.weights, strict=True)
    terms = " + ".join(f"({compiler.digit(question)})::bigint * {weight:d}" for question, weight in questions)
    tables = " ".join(JOINS[name] for name in sorted(tables_of(flips.structure.questions)))
    condition, params = _matching(flips)
    if after:
        condition += _BEYOND
        params |= {"place_at": after.created_at, "place_id": after.lead_id}
    sql = f"""
    WITH RECURSIVE {BEGINNING}
    SELECT f.lead_id
    FROM eql.lead l {tables} {OWN_IN_ORDER} {DEALT}
    CROSS JOIN LATERAL (SELECT {compiler.seen()} FROM eql.signal g WHERE {COUNTED_SIGNAL}) AS seen
    CROSS JOIN LATERAL (
        SELECT l.lead_id, l.created_at, l.partner_id, l.channel, {terms} AS code OFFSET 0
    ) AS f
    WHERE {SOURCED if flips.sourced else COHORT} AND {condition}
    ORDER BY l.created_at DESC, l.lead_id LIMIT :limit"""
    values = {**window.parameters, **compiler.parameters, **params, "limit": limit}
    return _asked(engine, sql, values, {"lead_id": pl.String})["lead_id"].to_list()


def all_flips(engine: Engine, window: Window, flips: Flips, batch: int = BATCH) -> Iterator[pl.DataFrame]:
    """All of them in batches, newest first; each batch is cut from a pass over all leads of the period."""
    condition, params = _matching(flips)
    params["limit"] = batch
    beyond = ""
    while True:
        found = f"found AS (SELECT f.* FROM scored f WHERE {condition}{beyond} {_ORDER} LIMIT :limit)"
        rows = _read(engine, window, flips, found, f"{_ROWS} {_ORDER}", params)
        if rows.height:
            yield rows
        if rows.height < batch:
            return
        beyond = _BEYOND
        params |= {"place_at": rows["created_at"][-1], "place_id": rows["lead_id"][-1]}


def count_untouched(engine: Engine, window: Window, flips: Flips) -> int:
    """How many of these leads nobody has worked or ruled out yet."""
    sql, params = _matching(flips)
    counted = f"found AS (SELECT count(*) AS leads FROM scored f WHERE {sql} AND {_UNTOUCHED})"
    found = _read(engine, window, flips, counted, "SELECT leads FROM found", params, {"leads": pl.Int64})
    return int(found["leads"][0])


def drawn_at_random(engine: Engine, window: Window, flips: Flips, share: float, seed: str) -> pl.DataFrame:
    """A share (0 to 1, rounded up to whole leads) of these leads that nobody has worked yet, in the order drawn.

    Which ones, depends on the leads' keys and the seed alone: the same leads and seed give the same draw on any server.
    """
    sql, params = _matching(flips)
    found = f"""
    found AS (
        SELECT * FROM (
            SELECT f.*, row_number() OVER (ORDER BY md5(:seed || f.lead_id), f.lead_id) AS draw, count(*) OVER () AS n
            FROM scored f WHERE {sql} AND {_UNTOUCHED}
        ) AS drawn WHERE draw <= ceil(CAST(:share AS numeric) * n)
    )"""
    return _read(engine, window, flips, found, f"{_ROWS} ORDER BY f.draw", params | {"seed": seed, "share": str(share)})


def _matching(flips: Flips) -> tuple[str, dict[str, object]]:
    """A condition on `scored f`, and its bound parameters."""
    conditions = ["f.code = ANY (CAST(:codes AS bigint[]))"]
    values: dict[str, object] = {"codes": list(flips.codes)}
    if flips.partners is not None:
        conditions.append("f.partner_id = ANY (CAST(:partners AS text[]))")
        values["partners"] = sorted(flips.partners)
    if flips.channels is not None:
        nobody = " OR f.channel IS NULL" if None in flips.channels else ""
        conditions.append(f"(f.channel = ANY (CAST(:channels AS text[])){nobody})")
        values["channels"] = sorted(name for name in flips.channels if name is not None)
    return " AND ".join(conditions), values


def _read(
    engine: Engine,
    window: Window,
    flips: Flips,
    found: str,
    select: str,
    params: Mapping[str, object],
    schema: Schema = SCHEMA,
    leads: str | None = None,
) -> pl.DataFrame:
    rows = lead_rows(flips.structure, leads or (SOURCED if flips.sourced else COHORT), flips.structure.window_days)
    values = {**window.parameters, **rows.parameters, **params}
    return _asked(engine, f"WITH RECURSIVE {rows.sql}, {found} {select}", values, schema)


def _asked(engine: Engine, sql: str, values: Mapping[str, object], schema: Schema) -> pl.DataFrame:
    too_slow = "The database took too long over these leads: narrow the period, or try again."
    return read_patiently(engine, sql, values, schema, too_slow)
