"""Which leads came through an AI assistant or an AI overview, and what did they bring? Cells by source.

A lead came so where its `utm_source` is one of the names in `data_access.score_sources` (ChatGPT, Perplexity, AI
overviews and the like), or where its channel is one of `AI_CHANNELS`. Upper and lower case and blanks around a name
make no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from types import MappingProxyType

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.ai_referrals import AiCells
from dashboard.window import Window
from data_access.engine import read_frame
from data_access.live import DEAL, LIVE_LEAD
from data_access.questions import Question, Schema, ask_together
from data_access.score_sources import AI_OVERVIEWS, CLASSES

# Channels that say the same of a lead whose utm_source says nothing, in lower case.
AI_CHANNELS = ("ai_referral", "ai_referrals", "ai-referral", "ai referral", "ai", "ai_search", "ai_assistant", "llm")
UNNAMED = "AI, tool not named"
# How the names of one tool begin; the others are those of AI overviews.
_TOOLS = (
    ("ChatGPT", ("chatgpt", "chat.openai", "openai")),
    ("Perplexity", ("perplexity", "www.perplexity")),
    ("Gemini", ("gemini",)),
    ("Copilot", ("copilot",)),
    ("Claude", ("claude",)),
    ("You.com", ("you.com",)),
    ("Mistral", ("mistral", "chat.mistral")),
    ("DeepSeek", ("deepseek", "chat.deepseek")),
    ("Grok", ("grok",)),
    ("Meta AI", ("meta.ai",)),
)


def _tool(name: str) -> str:
    if name in CLASSES[AI_OVERVIEWS]:
        return AI_OVERVIEWS
    return next((tool for tool, starts in _TOOLS if name.startswith(starts)), UNNAMED)


# Every recognised utm_source, in lower case, with the tool that it stands for.
TOOL_OF = MappingProxyType({name: _tool(name) for names in CLASSES.values() for name in names})


def _texts(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


_SAID = "lower(btrim(l.utm_source))"
# Names are constants of this package, never data.
_BY_SOURCE = f"{_SAID} IN ({_texts(tuple(TOOL_OF))})"
# A condition on the lead `l`; true or false, never null.
FROM_AI = f"coalesce({_BY_SOURCE} OR lower(btrim(l.channel)) IN ({_texts(AI_CHANNELS)}), false)"

# The same, looked up once: evaluated again and again, the conditions cost more than all the counting.
_LOOKED_UP = f"""
    LEFT JOIN (VALUES {", ".join(f"('{name}')" for name in TOOL_OF)}) AS known (name) ON known.name = {_SAID}
    LEFT JOIN (VALUES {", ".join(f"('{name}')" for name in AI_CHANNELS)}) AS told (name)
        ON told.name = lower(btrim(l.channel))"""
# The recognised name as it came, in lower case; empty where only the channel tells; null for all other leads.
_NAME = "coalesce(known.name, CASE WHEN told.name IS NOT NULL THEN '' END)"

_KEYS: Schema = {
    "source": pl.String,
    "name": pl.String,
    "partner_id": pl.String,
    "channel": pl.String,
    "month": pl.Date,
    "in_period": pl.Boolean,
}
LEAD_SCHEMA: Schema = {**_KEYS, "leads": pl.Int64, "eqls": pl.Int64}
DEAL_SCHEMA: Schema = {
    **_KEYS,
    "has_lead": pl.Boolean,
    "won": pl.Int64,
    "arr_cents": pl.Int64,
    "arr_2": pl.Float64,
    "arr_largest": pl.Float64,
    "opened": pl.Int64,
    "pipeline_cents": pl.Int64,
}
LOOKALIKE_SCHEMA: Schema = {"name": pl.String, "leads": pl.Int64}


def _read(schema: Schema) -> Schema:
    """What the database gives: the month by its place, the tool not yet named."""
    return {name: kind for name, kind in schema.items() if name not in ("source", "month")} | {"place": pl.Int64}


# The place of a moment among the months, from 1 on; 0: before all of them. Far quicker than cutting it to its month.
def _place(moment: str) -> str:
    return f"width_bucket({moment}, CAST(:months AS timestamptz[]))"


def _moments(stage: str, counts: str) -> str:
    return f"""
    SELECT l.utm_source, l.channel, l.partner_id, {_place(f"l.{stage}_at")} AS place,
           l.{stage}_at >= :start AS in_period, {counts}
    FROM eql.lead l
    WHERE l.{stage}_at >= :first AND l.{stage}_at < :end AND l.{stage}_at <= :as_of AND {LIVE_LEAD}
    GROUP BY 1, 2, 3, 4, 5"""


# Counted by the names as they came, which are few, and only then looked up.
_LEADS = f"""
SELECT {_NAME} AS name, l.partner_id, l.channel, l.place::bigint AS place, l.in_period,
       sum(l.leads)::bigint AS leads, sum(l.eqls)::bigint AS eqls
FROM ({_moments("created", "count(*) AS leads, 0 AS eqls")} UNION ALL {_moments("eql", "0, count(*)")}) AS l
{_LOOKED_UP}
GROUP BY 1, 2, 3, 4, 5
"""

_WON_IN = "f.outcome = 'won' AND f.closed_at >= :first AND f.closed_at < :end"
_OPENED_IN = "f.opened_at >= :first AND f.opened_at < :end"
_NAMED = f"""
named AS MATERIALIZED (
    SELECT {_NAME} AS name, f.partner_id, f.channel, f.has_lead, f.outcome, f.closed_at, f.opened_at, f.arr_cents,
           f.opening_cents
    FROM fact f LEFT JOIN eql.lead l ON l.lead_id = f.owner_id {_LOOKED_UP}
    WHERE ({_WON_IN}) OR ({_OPENED_IN})
)"""


def _deals(moment: str, condition: str, counts: str) -> str:
    return f"""
    SELECT f.name, f.partner_id, f.channel, f.has_lead, {_place(f"f.{moment}_at")} AS place,
           f.{moment}_at >= :start AS in_period, {counts}
    FROM named f WHERE {condition} GROUP BY 1, 2, 3, 4, 5, 6"""


_WON = """count(*) AS won, coalesce(sum(f.arr_cents), 0) AS arr_cents,
          coalesce(sum((f.arr_cents / 100.0::float8) ^ 2), 0) AS arr_2,
          coalesce(max(f.arr_cents / 100.0::float8), 0) AS arr_largest, 0 AS opened, 0 AS pipeline_cents"""
_OPENED = "0, 0, 0, 0, count(*), coalesce(sum(f.opening_cents), 0)"

# Money in the reporting currency: ARR of deals won at the rate of the closing day, pipeline at that of the opening day.
_DEALS = Question(
    f"""
    SELECT name, partner_id, channel, place::bigint AS place, in_period, has_lead, sum(won)::bigint AS won,
           sum(arr_cents)::bigint AS arr_cents, sum(arr_2)::float8 AS arr_2,
           max(arr_largest)::float8 AS arr_largest, sum(opened)::bigint AS opened,
           sum(pipeline_cents)::bigint AS pipeline_cents
    FROM ({_deals("closed", _WON_IN, _WON)} UNION ALL {_deals("opened", _OPENED_IN, _OPENED)}) AS moment
    GROUP BY 1, 2, 3, 4, 5, 6
    """,
    _read(DEAL_SCHEMA),
)

# Words that name an assistant, or stand alone in a name: `bing-ai`, `my_gpt`, and not `email` or `retail`.
_LOOKS = (
    "gpt|openai|anthropic|perplexity|claude|gemini|copilot|deepseek|mistral|chatbot"
    "|(^|[^a-z])(ai|llm|grok|sge)([^a-z]|$)"
)
_LOOKALIKES = f"""
SELECT {_SAID} AS name, count(*) AS leads FROM eql.lead l
WHERE l.created_at >= :start AND l.created_at < :end AND {LIVE_LEAD} AND NOT {FROM_AI} AND {_SAID} ~ '{_LOOKS}'
  AND NOT EXISTS (SELECT FROM eql.partner_alias a WHERE a.alias_kind = 'utm_source' AND lower(btrim(a.alias)) = {_SAID})
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20
"""


def read_ai_referrals(engine: Engine, window: Window, months: Sequence[date]) -> AiCells:
    """Cells of `LEAD_SCHEMA`, `DEAL_SCHEMA` and `LOOKALIKE_SCHEMA`: of the months up to the period's end, and of it.

    `months`: their first days, oldest first; what lies in the period and before them has no month. Leads and EQLs by
    their own moments, deals by closing (won) and opening. Money in cents of the reporting currency. Raises what
    `read_frame` raises.
    """
    zone = window.period.start.tzinfo
    starts = [datetime(month.year, month.month, month.day, tzinfo=zone) for month in months]
    parameters = window.parameters | {"months": starts, "first": min(window.period.start, starts[0])}
    with ThreadPoolExecutor(2) as pool:
        deals = pool.submit(ask_together, engine, f"{DEAL}, {_NAMED}", {"deals": _DEALS}, parameters)
        leads = pool.submit(read_frame, engine, _LEADS, parameters, _read(LEAD_SCHEMA))
        lookalikes = read_frame(engine, _LOOKALIKES, window.parameters, LOOKALIKE_SCHEMA)
        return AiCells(
            _named(leads.result(), LEAD_SCHEMA, months),
            _named(deals.result()["deals"], DEAL_SCHEMA, months),
            lookalikes,
        )


def _named(cells: pl.DataFrame, schema: Schema, months: Sequence[date]) -> pl.DataFrame:
    """With the tool of each recognised name, and the month of each place."""
    tools = pl.DataFrame({"name": [*TOOL_OF, ""], "source": [*TOOL_OF.values(), UNNAMED]})
    places = pl.DataFrame({"place": range(1, len(months) + 1), "month": months}, schema_overrides=_PLACES)
    return cells.join(tools, on="name", how="left").join(places, on="place", how="left").select(schema.keys())


_PLACES = {"place": pl.Int64, "month": pl.Date}
