"""What is known at an instant of the deals to come: how deals went on, what is open, how many open, what they bring?

Everything is as it was seen at the window's `as_of`, so the same read serves a forecast of today and one that is made
as if today were years ago. The period of the window plays no part.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.forecast_cells import ForecastCells
from dashboard.metrics.performance import ALL, Selection
from dashboard.period import months_before
from dashboard.window import Window
from data_access.live import deals_where
from data_access.patient_reads import read_patiently
from data_access.questions import Question, ask_together

LEARNED_MONTHS = 24
# ARR of former quarters, for forecasts that only look at these.
REMEMBERED_MONTHS = 39

# Deals of the kind that is forecast are partner-sourced ones; where no deal seen names a partner, all.
_POPULATION = """
population AS MATERIALIZED (
    SELECT NOT EXISTS (
        SELECT FROM eql.deal d LEFT JOIN merged m ON m.lead_id = d.lead_id
        JOIN eql.lead o ON o.lead_id = coalesce(m.end_id, d.lead_id)
        WHERE coalesce(d.opened_at, d.closed_at) <= :as_of AND (d.deleted_at IS NULL OR d.deleted_at > :as_of)
          AND NOT coalesce(m.is_test, false) AND NOT o.is_test AND o.partner_id IS NOT NULL
    ) AS everybody
)"""

# Only deals that play a part: looking up leads and converting money is what takes the time.
_PLAYS_A_PART = """(l.partner_id IS NOT NULL OR (SELECT everybody FROM population))
      AND (s.outcome = 'open' OR s.opened_at >= :learned_start OR s.closed_at > :remembered_start)"""

# `own`: the chosen. `days`: calendar days until the deal closed, or that an open one has lasted; `learned`: what
# chances are learned from. A deal's stages are sorted by its number, which is quicker than by its name.
_KIND = """
newest_rate AS (
    SELECT DISTINCT ON (currency) currency, rate FROM eql.fx_rate
    WHERE base = :currency AND day <= :as_of_day ORDER BY currency, day DESC
), kind AS MATERIALIZED (
    SELECT f.*, f.opened_at >= :learned_start AND f.outcome <> 'undated' AND f.opened_on IS NOT NULL
                AND (f.outcome = 'open' OR f.closed_on >= f.opened_on) AS learned,
           (:every_partner OR coalesce(f.partner_id = ANY(:partners), false))
               AND (:every_channel OR coalesce(f.channel, '') = ANY(:channels)) AS own,
           CASE WHEN f.currency = :currency THEN 1 ELSE n.rate END AS rate_now,
           CASE WHEN f.outcome = 'open' THEN greatest(0, :last_day - f.opened_on)
                ELSE f.closed_on - f.opened_on END AS days,
           row_number() OVER () AS number
    FROM fact f LEFT JOIN newest_rate n ON n.currency = f.currency
), stage_seen AS MATERIALIZED (
    SELECT k.number, k.learned, s.stage, s.entered_at,
           least(k.days, greatest(0, (s.entered_at AT TIME ZONE :zone)::date - k.opened_on)) AS day,
           k.outcome, k.days
    FROM eql.deal_stage s JOIN kind k USING (deal_id)
    WHERE s.entered_at <= :as_of AND (k.learned OR k.outcome = 'open')
), entered AS (
    SELECT DISTINCT ON (number, day) number, learned, day, stage
    FROM stage_seen WHERE outcome = 'open' OR day < days
    ORDER BY number, day, entered_at DESC
), step AS MATERIALIZED (
    SELECT number, learned, day, stage, lag(stage) OVER deal AS former, lead(day) OVER deal IS NULL AS last
    FROM entered WINDOW deal AS (PARTITION BY number ORDER BY day)
), course AS MATERIALIZED (
    SELECT k.*, s.stage FROM kind k LEFT JOIN step s ON s.number = k.number AND s.last
)"""

_BEFORE = f"{deals_where(_PLAYS_A_PART)}, {_POPULATION}, {_KIND}"

# How learned deals went on: at `day` of a deal's life it left `stage` (null: none recorded yet) for stage `following`
# ('move'), or for good ('won', 'lost'), or it was last seen there ('open').
_MOVES = Question(
    """
    SELECT stage, following, outcome, day, count(*) AS deals FROM (
        SELECT s.former AS stage, s.stage AS following, 'move' AS outcome, s.day
        FROM step s WHERE s.learned AND s.former IS DISTINCT FROM s.stage
        UNION ALL
        SELECT stage, NULL, outcome, days FROM course WHERE learned
    ) AS m GROUP BY 1, 2, 3, 4
    """,
    {
        "stage": pl.String,
        "following": pl.String,
        "outcome": pl.String,
        "day": pl.Int64,
        "deals": pl.Int64,
    },
)

_KNOWN = Question(
    """
    SELECT count(*) AS deals, count(*) FILTER (WHERE outcome <> 'open') AS closed,
           (SELECT count(DISTINCT number) FROM stage_seen WHERE learned) AS staged,
           (SELECT everybody FROM population) AS everybody
    FROM kind WHERE learned
    """,
    {"deals": pl.Int64, "closed": pl.Int64, "staged": pl.Int64, "everybody": pl.Boolean},
)

# Squares in the reporting currency, as floats: cents squared would not fit.
_OPEN = Question(
    """
    SELECT stage, age, count(*) AS deals, count(arr) AS with_arr, coalesce(sum(arr), 0)::bigint AS arr_cents,
           coalesce(sum((arr / 100.0::float8) ^ 2), 0) AS arr_2,
           count(amount) FILTER (WHERE arr IS NULL) AS with_amount,
           coalesce(sum(amount) FILTER (WHERE arr IS NULL), 0)::bigint AS amount_cents,
           coalesce(sum((amount / 100.0::float8) ^ 2) FILTER (WHERE arr IS NULL), 0) AS amount_2,
           count(*) FILTER (WHERE unconverted) AS unconverted
    FROM (
        SELECT stage, CASE WHEN opened_on IS NOT NULL THEN days END AS age,
               eql.to_cents(c.arr * rate_now) AS arr, eql.to_cents(c.amount * rate_now) AS amount,
               coalesce(c.arr, c.amount) IS NOT NULL AND rate_now IS NULL AS unconverted
        FROM course c WHERE own AND outcome = 'open'
    ) AS o GROUP BY 1, 2
    """,
    {
        "stage": pl.String,
        "age": pl.Int64,
        "deals": pl.Int64,
        "with_arr": pl.Int64,
        "arr_cents": pl.Int64,
        "arr_2": pl.Float64,
        "with_amount": pl.Int64,
        "amount_cents": pl.Int64,
        "amount_2": pl.Float64,
        "unconverted": pl.Int64,
    },
)

_ARRIVALS = Question(
    """
    SELECT opened_on AS day, count(*) AS deals FROM kind
    WHERE own AND opened_at >= :learned_start AND opened_on IS NOT NULL GROUP BY 1
    """,
    {"day": pl.Date, "deals": pl.Int64},
)

# Won deals of the last 24 months. `valued`: with converted ARR; `both`: with converted ARR and amount.
_WON = Question(
    """
    SELECT own, closed_at > :year_start AS recent, count(*) AS won, count(arr_cents) AS valued,
           coalesce(sum(arr_cents), 0)::bigint AS arr_cents,
           coalesce(sum((arr_cents / 100.0::float8) ^ 2), 0) AS arr_2,
           max(arr_cents) AS largest_cents,
           (array_agg(arr_cents ORDER BY arr_cents DESC) FILTER (WHERE arr_cents IS NOT NULL))[2] AS second_cents,
           coalesce(sum(arr_cents) FILTER (WHERE closing_cents > 0), 0)::bigint AS both_arr_cents,
           coalesce(sum(closing_cents) FILTER (WHERE arr_cents IS NOT NULL AND closing_cents > 0), 0)::bigint
               AS both_amount_cents
    FROM kind WHERE outcome = 'won' AND closed_at > :learned_start GROUP BY 1, 2
    """,
    {
        "own": pl.Boolean,
        "recent": pl.Boolean,
        "won": pl.Int64,
        "valued": pl.Int64,
        "arr_cents": pl.Int64,
        "arr_2": pl.Float64,
        "largest_cents": pl.Int64,
        "second_cents": pl.Int64,
        "both_arr_cents": pl.Int64,
        "both_amount_cents": pl.Int64,
    },
)

_MONTHS = Question(
    """
    SELECT date_trunc('month', closed_on::timestamp)::date AS month, count(*) AS won,
           coalesce(sum(arr_cents), 0)::bigint AS arr_cents,
           count(*) FILTER (WHERE arr IS NOT NULL AND closing_rate IS NULL) AS unconverted
    FROM kind WHERE own AND outcome = 'won' AND closed_at > :remembered_start GROUP BY 1
    """,
    {"month": pl.Date, "won": pl.Int64, "arr_cents": pl.Int64, "unconverted": pl.Int64},
)

_TOO_SLOW = "The database took too long over the deals of the forecast: try again later."
_QUESTIONS = {
    "moves": _MOVES, "known": _KNOWN, "open": _OPEN, "arrivals": _ARRIVALS, "won": _WON, "months": _MONTHS,
}  # fmt: skip


def forecast_cells(engine: Engine, window: Window, selection: Selection = ALL) -> ForecastCells:
    """What a forecast that is made at the window's `as_of` may know, for what is selected.

    Money in cents of the reporting currency: won deals at the rate of the closing day, open ones at the newest rate
    by `as_of`. Days are calendar days in the reporting time zone.
    QueryTooSlow: it took more than two minutes; DatabaseUnavailable: the server is away.
    """
    local = window.as_of.astimezone(ZoneInfo(window.zone))
    last_day = (local - timedelta(microseconds=1)).date()
    parameters = window.parameters | {
        "every_partner": selection.partners is None,
        "partners": sorted(selection.partners or ()),
        "every_channel": selection.channels is None,
        "channels": sorted(selection.channels or ()),
        "learned_start": months_before(local, LEARNED_MONTHS),
        "remembered_start": months_before(local, REMEMBERED_MONTHS),
        "last_day": last_day,
    }
    found = ask_together(engine, _BEFORE, _QUESTIONS, parameters, read=partial(read_patiently, too_slow=_TOO_SLOW))
    return ForecastCells(last_day, **found)
