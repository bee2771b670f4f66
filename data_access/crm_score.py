"""Which score does the CRM hold for leads of each kind? Cells by code, CRM score and what was imported later."""

from __future__ import annotations

from types import MappingProxyType

import polars as pl
from sqlalchemy import Engine

from dashboard.scoring.structure import Structure
from dashboard.window import Window
from data_access.patient_reads import read_patiently
from data_access.questions import Schema
from data_access.score_rows import COHORT, SOURCED, lead_rows

# Bits of `late`, by the table whose row came in a later import than the lead's own.
LATE = MappingProxyType({"account": 1, "asset": 2, "partner": 4})
SCHEMA: Schema = MappingProxyType(
    {
        "partner_id": pl.String,
        "channel": pl.String,
        "code": pl.Int64,
        "crm_score": pl.Float64,
        "late": pl.Int64,
        "leads": pl.Int64,
    }
)
_LATER = " + ".join(
    f"CASE WHEN {alias}.batch_id > l.batch_id THEN {LATE[table]:d} ELSE 0 END"
    for table, alias in (("account", "a"), ("asset", "s"), ("partner", "p"))
)
_CELLS = f"""
SELECT f.partner_id, f.channel, f.code, l.crm_score, {_LATER} AS late, count(*) AS leads
FROM scored f JOIN eql.lead l USING (lead_id)
LEFT JOIN eql.account a ON a.account_id = l.account_id LEFT JOIN eql.asset s ON s.asset_id = l.first_asset_id
LEFT JOIN eql.partner p ON p.partner_id = l.partner_id
GROUP BY 1, 2, 3, 4, 5
"""


def crm_score_cells(engine: Engine, window: Window, structure: Structure, *, sourced: bool) -> pl.DataFrame:
    """Live leads created in the window's period by partner, channel, code, CRM score and `late` (bits of LATE).

    `crm_score` is null where the CRM holds none. A row came late where its import batch is newer than the lead's.
    Raises what `read_patiently` raises.
    """
    rows = lead_rows(structure, SOURCED if sourced else COHORT, structure.window_days)
    values = {**window.parameters, **rows.parameters}
    sql = f"WITH RECURSIVE {rows.sql} {_CELLS}"
    too_slow = "The CRM's scores could not be read in time: narrow the period, or try again."
    return read_patiently(engine, sql, values, SCHEMA, too_slow)
