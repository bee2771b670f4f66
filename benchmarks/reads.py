"""Cells from SQL against the usual way: reading the rows with pandas and grouping them there."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import Engine, text

from benchmarks.stopwatch import median_seconds
from dashboard.period import last_full_quarter
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine
from data_access.leads import COHORT
from data_access.live import DEAL
from data_access.questions import ask_together
from data_access.reading import read_performance

STAGES = ["mql_at", "eql_at", "sql_at"]


def measure(database: Database) -> dict[str, float]:
    """Median seconds: cohort cells from SQL, the same counts by pandas over rows, and everything that a page reads."""
    engine = app_engine(database, 600_000)
    now = datetime.now(UTC)
    window = Window(last_full_quarter(now, Settings()), now)
    cells = median_seconds(lambda: ask_together(engine, DEAL, {"cohort": COHORT}, window.parameters)["cohort"])
    rows = median_seconds(lambda: _with_pandas(engine, window))
    _agree(engine, window)
    return {
        "cohort_cells_s": cells,
        "cohort_pandas_s": rows,
        "all_cells_s": median_seconds(lambda: read_performance(engine, window)),
    }


def _with_pandas(engine: Engine, window: Window) -> pd.DataFrame:
    """Leads and deals as rows, then merge and group: live leads of the cohort by partner, channel and stages."""
    with engine.connect() as connection:
        leads = pd.read_sql(
            text("SELECT * FROM eql.lead WHERE created_at >= :start AND created_at < :end"),
            connection,
            params={"start": window.period.start, "end": window.period.end},
        )
        deals = pd.read_sql(text("SELECT * FROM eql.deal"), connection)
    merged = leads.merged_into.notna() & ~(leads.merged_at > window.as_of)
    live = leads[~leads.is_test & ~(leads.deleted_at <= window.as_of) & ~merged].copy()
    heir = leads[merged].set_index("lead_id").merged_into
    deals = deals[(deals.opened_at <= window.as_of) & ~(deals.deleted_at <= window.as_of)].copy()
    deals["lead_id"] = deals.lead_id.map(heir).fillna(deals.lead_id)
    deals["is_won"] = (deals.status == "won") & (deals.closed_at <= window.as_of)
    by_lead = deals.groupby("lead_id").is_won.max()
    live["opportunity"], live["won"] = live.lead_id.isin(by_lead.index), live.lead_id.map(by_lead).eq(True)
    for stage in STAGES:
        live[stage] = live[stage] <= window.as_of
    keys = ["partner_id", "channel", *STAGES, "opportunity", "won"]
    return live.groupby(keys, dropna=False).size().rename("leads").reset_index()


def _agree(engine: Engine, window: Window) -> None:
    """Both ways must count the same, or the comparison means nothing."""
    cells = ask_together(engine, DEAL, {"cohort": COHORT}, window.parameters)["cohort"]
    rows = _with_pandas(engine, window)
    ours = (cells["leads"].sum(), cells.filter(cells["eql"])["leads"].sum())
    theirs = (rows.leads.sum(), rows[rows.eql_at].leads.sum())
    if ours != theirs:
        raise AssertionError(f"cells count {ours}, rows {theirs}")
