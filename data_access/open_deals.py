"""Which deals of a partner are in progress, how old are they, and what are they worth?"""

from __future__ import annotations

import polars as pl
from sqlalchemy import Engine

from dashboard.window import Window
from data_access.live import DEAL, deals_where
from data_access.questions import Question, ask_together

DEALS_SHOWN = 50

# `fact` is worked out whole before anything is asked of it, so one partner must be named inside it.
DEAL_OF_PARTNER = deals_where("l.partner_id = :partner_id")

# Open deals by age in calendar days. An age is unknown where the opening day is, and its worth then too.
AGES = Question(
    """
    SELECT partner_id, :as_of_day - opened_on AS age_days, count(*) AS deals,
           coalesce(sum(opening_cents), 0)::bigint AS pipeline_cents
    FROM fact WHERE outcome = 'open' AND partner_id IS NOT NULL GROUP BY 1, 2
    """,
    {"partner_id": pl.String, "age_days": pl.Int64, "deals": pl.Int64, "pipeline_cents": pl.Int64},
)

LIST = Question(
    """
    SELECT f.deal_id, d.name, d.stage, d.owner, f.opening_cents AS pipeline_cents,
           f.opened_on, :as_of_day - f.opened_on AS age_days, d.expected_close_on
    FROM fact f JOIN eql.deal d USING (deal_id) WHERE f.outcome = 'open'
    ORDER BY f.opened_on NULLS FIRST, f.opened_at, f.deal_id LIMIT :limit
    """,
    {
        "deal_id": pl.String,
        "name": pl.String,
        "stage": pl.String,
        "owner": pl.String,
        "pipeline_cents": pl.Int64,
        "opened_on": pl.Date,
        "age_days": pl.Int64,
        "expected_close_on": pl.Date,
    },
)


def open_deals(engine: Engine, window: Window, partner_id: str, limit: int = DEALS_SHOWN) -> pl.DataFrame:
    """The partner's open deals, the oldest first, at most `limit` of them.

    Columns: deal_id, name, stage, owner, pipeline_cents (reporting currency, rate of the opening day; null without
    amount or rate), opened_on, age_days (calendar days until `as_of`), expected_close_on.
    """
    parameters = window.parameters | {"partner_id": partner_id, "limit": limit}
    return ask_together(engine, DEAL_OF_PARTNER, {"deals": LIST}, parameters)["deals"]


def open_deal_ages(engine: Engine, window: Window, partner_id: str | None = None) -> pl.DataFrame:
    """Open deals by age: partner_id, age_days (null: opening unknown), deals, pipeline_cents; all partners for None."""
    before = DEAL if partner_id is None else DEAL_OF_PARTNER
    return ask_together(engine, before, {"ages": AGES}, window.parameters | {"partner_id": partner_id})["ages"]
