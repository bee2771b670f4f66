"""What did each channel bring and spend, AI referrals apart, in the period and in the quarters before? Cells of money.

AI referrals here are leads without a partner for which `ai_referrals.FROM_AI` holds: a lead with a partner stays its
partner's, so that every lead belongs to one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.cells import Cells
from dashboard.metrics.channel_value import MoneyCells
from dashboard.period import Period
from dashboard.window import Window
from data_access.ai_referrals import AI_CHANNELS, FROM_AI
from data_access.costs import cost_cells
from data_access.deals import CURVE, CURVE_AGES, DEALS
from data_access.engine import read_frame
from data_access.leads import AGE_SCHEMA, COHORT, MOMENT_SCHEMA
from data_access.live import DEAL, LIVE_LEAD
from data_access.questions import Question, Schema, ask_together

# The leads that came so and matter to the period: dates are compared first, for looking names up costs far more.
_CAME = f"""came AS MATERIALIZED (
    SELECT l.partner_id, l.channel, l.created_at, l.mql_at, l.eql_at, l.sql_at FROM eql.lead l
    WHERE l.partner_id IS NULL
      AND (l.created_at >= :start AND l.created_at < :end OR l.eql_at >= :start AND l.eql_at < :end
           OR l.sql_at >= :start AND l.sql_at < :end)
      AND {FROM_AI} AND {LIVE_LEAD}
)"""
_STAGES = """coalesce(l.mql_at <= :as_of, false) AS mql, coalesce(l.eql_at <= :as_of, false) AS eql,
           coalesce(l.sql_at <= :as_of, false) AS sql"""

# All leads of the cohort, as if none had a deal; those that have one are asked for with the deals.
_COHORT = Question(
    f"""
    SELECT l.partner_id, l.channel, {_STAGES}, false AS opportunity, false AS won, count(*) AS leads,
           0::bigint AS pipeline_cents
    FROM came l WHERE l.created_at >= :start AND l.created_at < :end GROUP BY 1, 2, 3, 4, 5
    """,
    COHORT.schema,
)
_AGES = Question(
    """
    SELECT l.partner_id, l.channel, :as_of_day - (l.created_at AT TIME ZONE :zone)::date AS age_days,
           count(*) AS leads
    FROM came l WHERE l.created_at >= :start AND l.created_at < :end GROUP BY 1, 2, 3
    """,
    AGE_SCHEMA,
)
_MOMENTS = Question(
    """
    SELECT l.partner_id, l.channel,
           count(*) FILTER (WHERE l.eql_at >= :start AND l.eql_at < :end AND l.eql_at <= :as_of) AS eqls,
           count(*) FILTER (WHERE l.sql_at >= :start AND l.sql_at < :end AND l.sql_at <= :as_of) AS sqls
    FROM came l GROUP BY 1, 2
    """,
    MOMENT_SCHEMA,
)

# The deals of leads without a partner, with what only their lead tells.
_NAMED = f"""
named AS MATERIALIZED (
    SELECT f.*, {FROM_AI} AS ai, nullif(btrim(l.utm_campaign), '') AS campaign
    FROM fact f JOIN eql.lead l ON l.lead_id = f.owner_id WHERE f.partner_id IS NULL
), of_ai AS MATERIALIZED (SELECT * FROM named WHERE ai)"""
# What is asked about all deals elsewhere, asked about those of AI referrals.
_OF_AI = "WITH fact AS (SELECT * FROM of_ai)"
_WITH_DEALS = Question(
    f"""
    {_OF_AI} SELECT l.partner_id, l.channel, {_STAGES}, true AS opportunity, d.won, count(*) AS leads,
           coalesce(sum(d.pipeline_cents), 0)::bigint AS pipeline_cents
    FROM (SELECT owner_id, bool_or(outcome = 'won') AS won, sum(opening_cents) AS pipeline_cents FROM fact
          WHERE live AND created_at >= :start AND created_at < :end GROUP BY 1) AS d
         JOIN eql.lead l ON l.lead_id = d.owner_id GROUP BY 1, 2, 3, 4, 5, 6, 7
    """,
    COHORT.schema,
)

# Of each measure: its deals; in cents the sum; of values in whole units squares, logarithms and squares of these.
_VALUES = ("count", "known", "cents", "squares", "logs", "log", "log_sq")
_NAMES = {
    "won": ("won", "arrs", "arr_cents", "arr_2", "arr_logs", "log_arr", "log_arr_sq"),
    "opened": ("opened", "pipelines", "pipeline_cents", "pipeline_2", "pipeline_logs", "log_pipeline",
               "log_pipeline_sq"),
}  # fmt: skip
_FLOATS = ("squares", "log", "log_sq")
_SUMS: Schema = {
    name: pl.Float64 if value in _FLOATS else pl.Int64
    for names in _NAMES.values()
    for value, name in zip(_VALUES, names, strict=True)
    if name != "pipelines"
}


def _of(measure: str, moment: str, cents: str, condition: str) -> str:
    """Deals won, or opened, by place among the quarters and whether in the period, with sums of their worth."""
    sums = ", ".join(_columns(measure, cents))
    placed = f"""
    SELECT width_bucket({moment}, CAST(:begins AS timestamptz[])) AS place,
           {moment} >= :start AND {moment} < :end AS in_period, partner_id, channel"""
    wanted = f"{moment} >= :earliest AND {moment} < :latest AND {condition}"
    campaign = f"CASE WHEN {moment} >= :start AND {moment} < :end THEN campaign END"
    return f"""
    {placed}, false AS ai, NULL AS campaign, {sums} FROM fact WHERE partner_id IS NOT NULL AND {wanted}
    GROUP BY 1, 2, 3, 4
    UNION ALL {placed}, ai, {campaign}, {sums} FROM named WHERE {wanted} GROUP BY 1, 2, 3, 4, 5, 6"""


def _columns(measure: str, cents: str) -> Iterator[str]:
    """The columns of both measures, zeros for the other one."""
    worth, positive = f"({cents} / 100.0::float8)", f"FILTER (WHERE {cents} > 0)"
    own = (
        "count(*)", f"count({cents})", f"coalesce(sum({cents}), 0)", f"coalesce(sum({worth} ^ 2), 0)",
        f"count(*) {positive}", f"coalesce(sum(ln({worth})) {positive}, 0)",
        f"coalesce(sum(ln({worth}) ^ 2) {positive}, 0)",
    )  # fmt: skip
    for name, columns in _NAMES.items():
        yield from (f"{value if measure == name else '0'} AS {to}" for value, to in zip(own, columns, strict=True))


def _total(name: str, kind: type[pl.DataType] | pl.DataType) -> str:
    return f"sum({name})::{'float8' if kind == pl.Float64 else 'bigint'} AS {name}"


# In one pass for all: the place is 0 before the quarters and their number + 1 after them, the campaign only told in the
# period. Quarters follow one another, so that where one begins the one before ends.
_MONEY = Question(
    f"""
    SELECT place::bigint AS place, in_period, partner_id, channel, ai, campaign,
           {", ".join(_total(name, kind) for name, kind in _SUMS.items())}
    FROM ({_of("won", "closed_at", "arr_cents", "outcome = 'won'")}
          UNION ALL {_of("opened", "opened_at", "opening_cents", "true")}) AS moment
    GROUP BY 1, 2, 3, 4, 5, 6
    """,
    {
        "place": pl.Int64, "in_period": pl.Boolean, "partner_id": pl.String, "channel": pl.String, "ai": pl.Boolean,
        "campaign": pl.String, **_SUMS,
    },
)  # fmt: skip

CAMPAIGN_SCHEMA: Schema = {"channel": pl.String, "campaign": pl.String, "leads": pl.Int64}

_CAMPAIGN_LEADS = f"""
SELECT l.channel, nullif(btrim(l.utm_campaign), '') AS campaign, count(*) AS leads
FROM eql.lead l
WHERE l.created_at >= :start AND l.created_at < :end AND l.partner_id IS NULL AND l.channel IS NOT NULL
  AND NOT {FROM_AI} AND {LIVE_LEAD} GROUP BY 1, 2
"""

# A channel is paid where a cost of category media names it and no partner, with at least a day in the period.
_PAID = """
SELECT DISTINCT channel FROM eql.cost
WHERE channel IS NOT NULL AND partner_id IS NULL AND category = 'media'
  AND period_end >= :first_day AND period_start < :end_day AND period_start <= :as_of_day ORDER BY 1
"""


def read_channels(engine: Engine, window: Window, quarters: Sequence[Period]) -> tuple[Cells, MoneyCells]:
    """The cells of AI referrals without a partner, as `reading.read_period` reads those of all, and the money.

    Money: deals won and opened in the period by partner, channel, AI and campaign, and by quarter with its costs;
    `quarters` follow one another, the oldest first. In cents of the reporting currency: ARR at the rate of the closing
    day, pipeline at that of the opening day; sums of squares and logarithms are of whole units. Costs as
    `costs.cost_cells`. Raises what `read_frame` raises.
    """
    deals = {"money": _MONEY, "with_deals": _WITH_DEALS}
    deals |= {name: replace(asked, sql=f"{_OF_AI} {asked.sql}") for name, asked in _ASKED_OF_ALL.items()}
    params = window.parameters | {
        "begins": [*(quarter.start for quarter in quarters), quarters[-1].end],
        "earliest": min(window.period.start, quarters[0].start),
        "latest": max(window.period.end, quarters[-1].end),
    }
    with ThreadPoolExecutor(2) as pool:
        beside = pool.submit(_beside, engine, window, quarters)
        found = ask_together(engine, f"{DEAL}, {_NAMED}", deals, params)
        came, leads, paid, costs = beside.result()
    cohort = _with_deals(came.pop("cohort"), found.pop("with_deals"))
    period, by_quarter = _parted(found.pop("money"), quarters)
    named = costs["channel"].drop_nulls().unique().to_list()
    for_ai = frozenset(name for name in named if name.strip().lower() in AI_CHANNELS)
    money = MoneyCells(period, by_quarter, costs, leads, frozenset(paid["channel"].to_list()), for_ai)
    return Cells(cohort=cohort, **came, **found), money


_ASKED_OF_ALL = {"deals": DEALS, "curve": CURVE, "curve_ages": CURVE_AGES}


def _with_deals(cohort: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The cohort, those of its leads that have deals counted once: with them."""
    no = pl.lit(False)
    taken = found.with_columns(opportunity=no, won=no, leads=-pl.col("leads"), pipeline_cents=pl.lit(0, pl.Int64))
    keys = [name for name in cohort.columns if name not in ("leads", "pipeline_cents")]
    every = pl.concat([cohort, found, taken]).group_by(keys).agg(pl.col("leads", "pipeline_cents").sum())
    return every.filter(pl.col("leads") != 0).select(cohort.columns)


def _parted(cells: pl.DataFrame, quarters: Sequence[Period]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cells of the period, by campaign, and those of the quarters, by quarter."""
    labels = pl.DataFrame({"place": range(1, len(quarters) + 1), "quarter": [quarter.label for quarter in quarters]})
    own = cells.join(labels.cast({"place": pl.Int64}), on="place", how="left")
    whose = ["partner_id", "channel", "ai"]

    def summed(some: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
        return some.group_by(keys, maintain_order=True).agg(pl.col(list(_SUMS)).sum())

    period = summed(own.filter("in_period"), [*whose, "campaign"])
    return period, summed(own.drop_nulls("quarter"), ["quarter", *whose])


def _beside(
    engine: Engine, window: Window, quarters: Sequence[Period]
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    came = ask_together(engine, _CAME, {"cohort": _COHORT, "ages": _AGES, "moments": _MOMENTS}, window.parameters)
    leads = read_frame(engine, _CAMPAIGN_LEADS, window.parameters, CAMPAIGN_SCHEMA)
    paid = read_frame(engine, _PAID, window.parameters, {"channel": pl.String})
    costs = [
        cost_cells(engine, replace(window, period=quarter)).with_columns(quarter=pl.lit(quarter.label))
        for quarter in quarters
    ]
    return came, leads, paid, pl.concat(costs)
