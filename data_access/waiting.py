"""How many days did each step of the funnel take, by the month in which it was made? Day histograms per step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import polars as pl
from sqlalchemy import Engine

from dashboard.domain import Stage
from dashboard.metrics.performance import Selection
from dashboard.window import Window
from data_access.funnel import CHOSEN, OUTCOME, chosen
from data_access.live import LIVE_LEAD
from data_access.questions import Question, ask_together

# Where the moment of each stage stands; those of deals are reached by joining `outcome`.
MOMENT: Mapping[Stage, str] = MappingProxyType(
    {
        Stage.LEAD: "l.created_at",
        Stage.MQL: "l.mql_at",
        Stage.EQL: "l.eql_at",
        Stage.SQL: "l.sql_at",
        Stage.OPPORTUNITY: "d.opportunity_at",
        Stage.WON: "d.won_at",
    }
)
OF_DEALS = frozenset({Stage.OPPORTUNITY, Stage.WON})

_RAW: dict[str, type[pl.DataType]] = {
    "step": pl.String,
    "bucket": pl.Int64,
    "inside": pl.Boolean,
    "days": pl.Int64,
    "leads": pl.Int64,
}
WAITING_SCHEMA: dict[str, type[pl.DataType]] = {
    "step": pl.String,
    "month": pl.Date,
    "inside": pl.Boolean,
    "days": pl.Int64,
    "leads": pl.Int64,
}


def waiting_cells(
    engine: Engine,
    window: Window,
    months: Sequence[datetime],
    pairs: Sequence[tuple[Stage, Stage]],
    selection: Selection,
    everybody: bool,
) -> pl.DataFrame:
    """Calendar days between two stages, for the chosen live leads that had reached both by `as_of`.

    Counted by the moment at which the later stage was reached, whenever the lead was created: `inside` the window's
    period or not, and `month`, the one of the ascending `months` (moments at which they begin) in which it lies; null
    before the first. Days are those of the reporting time zone and can be negative. `step` is `k_to_l`.
    """
    if not pairs:
        return pl.DataFrame(schema=WAITING_SCHEMA)
    parameters = window.parameters | chosen(selection, everybody)
    parameters |= {"months": list(months), "first": min(months[0], window.period.start)}
    sql = " UNION ALL ".join(f"({_step(*pair)})" for pair in pairs)
    raw = ask_together(engine, OUTCOME, {"cells": Question(sql, _RAW)}, parameters)["cells"]
    days = pl.Series([None, *(month.date() for month in months)], dtype=pl.Date)
    month = days.gather(raw["bucket"].cast(pl.UInt32)).alias("month")
    return raw.with_columns(month).select(*WAITING_SCHEMA)


def _step(earlier: Stage, later: Stage) -> str:
    """One step from the index that serves it: a scan of all leads for all steps takes twice as long."""
    begin, end = MOMENT[earlier], MOMENT[later]
    if later in OF_DEALS:
        source = "outcome d JOIN eql.lead l ON l.lead_id = d.owner_id"
    elif earlier in OF_DEALS:
        source = "eql.lead l JOIN outcome d ON d.owner_id = l.lead_id"
    else:
        source = "eql.lead l"
    return f"""
        SELECT '{earlier}_to_{later}' AS step, width_bucket({end}, CAST(:months AS timestamptz[])) AS bucket,
               {end} >= :start AS inside,
               ({end} AT TIME ZONE :zone)::date - ({begin} AT TIME ZONE :zone)::date AS days, count(*) AS leads
        FROM {source}
        WHERE {end} >= :first AND {end} < :end AND {end} <= :as_of AND {begin} <= :as_of AND {LIVE_LEAD} AND {CHOSEN}
        GROUP BY 2, 3, 4"""
