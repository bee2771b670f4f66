"""Which leads came through an AI overview or an AI assistant? Their codes and outcomes, apart from their channel."""

from __future__ import annotations

from types import MappingProxyType

import polars as pl
from sqlalchemy import Engine

from dashboard.scoring.structure import Structure
from dashboard.window import Window
from data_access.engine import read_frame
from data_access.questions import Schema
from data_access.score_rows import COHORT, SOURCED, lead_rows

# What `utm_source` says of such visits, in lower case; docs/score-quality.md lists the same.
AI_OVERVIEWS, AI_ASSISTANTS = "AI overviews", "AI assistants"
CLASSES = MappingProxyType(
    {
        AI_OVERVIEWS: (
            "ai_overview", "ai-overview", "ai overview", "ai_overviews", "ai-overviews", "ai overviews", "aio",
            "google_ai_overview", "google-ai-overview", "google ai overview", "sge", "ai_mode", "google_ai_mode",
        ),
        AI_ASSISTANTS: (
            "chatgpt", "chatgpt.com", "chat.openai.com", "openai", "perplexity", "perplexity.ai", "www.perplexity.ai",
            "gemini", "gemini.google.com", "copilot", "copilot.microsoft.com", "claude", "claude.ai", "you.com",
            "mistral", "chat.mistral.ai", "deepseek", "chat.deepseek.com", "grok", "grok.com", "meta.ai",
        ),
    }
)  # fmt: skip

# `code` and `work` as in `dashboard.scoring.cells`; `won`: of `leads`, whether anybody worked them or not.
SCHEMA: Schema = {
    "source": pl.String,
    "channel": pl.String,
    "code": pl.Int64,
    "work": pl.Int64,
    "leads": pl.Int64,
    "won": pl.Int64,
}

_SAID = "lower(btrim(l.utm_source))"


def ai_cells(engine: Engine, window: Window, structure: Structure, *, sourced: bool) -> pl.DataFrame:
    """Live leads created in the period that came so, by class, channel, code and sales work; `SCHEMA`.

    `sourced`: only those with a partner. Raises what `read_frame` raises.
    """
    condition = f"{SOURCED if sourced else COHORT} AND {_SAID} = ANY (CAST(:ai_sources AS text[]))"
    rows = lead_rows(structure, condition, structure.window_days)
    sql = f"""
    WITH RECURSIVE {rows.sql}
    SELECT CASE WHEN {_SAID} = ANY (CAST(:overviews AS text[])) THEN '{AI_OVERVIEWS}' ELSE '{AI_ASSISTANTS}' END
               AS source,
           s.channel, s.code, s.work::bigint AS work, count(*) AS leads, sum(s.won)::bigint AS won
    FROM scored s JOIN eql.lead l ON l.lead_id = s.lead_id GROUP BY 1, 2, 3, 4
    """
    params = {
        **window.parameters,
        **rows.parameters,
        "ai_sources": [name for names in CLASSES.values() for name in names],
        "overviews": list(CLASSES[AI_OVERVIEWS]),
    }
    return read_frame(engine, sql, params, SCHEMA)
