"""How long does attribution take over five million touches, in SQL, against pandas over the rows?"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl
from sqlalchemy import Engine, text

from benchmarks.company import simulated
from benchmarks.stopwatch import median_seconds
from dashboard.metrics.attribution import attribution_of, gaps
from dashboard.metrics.attribution_rules import DEFAULT, Base, Kind, Rule
from dashboard.metrics.markov import chain_of, removal_effects
from dashboard.period import Period, last_full_quarter
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.attribution import attribution_cells
from data_access.engine import Database, app_engine, owner_engine
from data_access.markov import transition_cells

TOUCHES_A_LEAD = 5
TIMEOUT_MS = 900_000

# As many touches more as are missing, each a few minutes after one that is there: deals get longer paths too.
_MORE = """
INSERT INTO eql.touch (touch_id, lead_id, partner_id, asset_id, channel, occurred_at)
SELECT t.touch_id || '-' || n, t.lead_id, t.partner_id, t.asset_id, t.channel, t.occurred_at + make_interval(mins => n)
FROM eql.touch t, generate_series(1, :times) AS n ORDER BY t.lead_id LIMIT :missing
"""


def measure(database: Database) -> dict[str, float]:
    """Median seconds for a company that has been given five touches a lead.

    `quarter_s`, `history_s`: all credits of the last full quarter, of all that there is, by all rules and both bases;
    `transitions_s`, `effects_s`: the Markov chain's counts, and its removal effects with intervals. `pandas_s`: the
    quarter's ARR by four rules and partner alone, by pandas over the rows.
    """
    fill(database)
    engine, now, settings = app_engine(database, TIMEOUT_MS), datetime.now(UTC), Settings()
    quarter = Window(last_full_quarter(now, settings), now)
    history = Window(Period("all", now - timedelta(days=36_500), now + timedelta(days=1)), now)
    chain = chain_of(transition_cells(engine, quarter, DEFAULT))
    weights = removal_effects(chain).weights
    _agree(database, quarter)
    with engine.connect() as connection:
        touches = connection.execute(text("SELECT count(*) FROM eql.touch")).scalar_one()
    return {
        "touches": float(touches),
        "quarter_s": median_seconds(lambda: attribution_cells(engine, quarter, DEFAULT, weights)),
        "history_s": median_seconds(lambda: attribution_cells(engine, history, DEFAULT, weights)),
        "transitions_s": median_seconds(lambda: transition_cells(engine, quarter, DEFAULT)),
        "effects_s": median_seconds(lambda: removal_effects(chain)),
        "pandas_s": median_seconds(lambda: with_pandas(owner_engine(database), quarter)),
    }


def fill(database: Database) -> None:
    """Gives the company five touches a lead, where it has fewer."""
    with owner_engine(database).begin() as connection:
        leads, touches = connection.execute(
            text("SELECT (SELECT count(*) FROM eql.lead), (SELECT count(*) FROM eql.touch)")
        ).one()
        missing = leads * TOUCHES_A_LEAD - touches
        if missing > 0 and touches:
            connection.execute(text(_MORE), {"times": -(-missing // touches), "missing": missing})
    with owner_engine(database).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE eql.touch"))


def with_pandas(engine: Engine, window: Window) -> pd.DataFrame:
    """The quarter's ARR by first, last, linear and time decay as one writes it: read, merge, sort, group.

    In dollars and without cents: shares are not rounded, amounts in other currencies taken at the rate of the day.
    """
    with engine.connect() as connection:
        values = {"start": window.period.start, "end": window.period.end}
        deals = pd.read_sql(
            text("SELECT * FROM eql.deal WHERE status = 'won' AND closed_at >= :start AND closed_at < :end"),
            connection,
            params=values,
        )
        leads = pd.read_sql(text("SELECT lead_id, merged_into, is_test FROM eql.lead"), connection)
        touches = pd.read_sql(text("SELECT touch_id, lead_id, partner_id, occurred_at FROM eql.touch"), connection)
        rates = pd.read_sql(text("SELECT currency, day, rate FROM eql.fx_rate WHERE base = 'USD'"), connection)
    heir = leads.dropna(subset="merged_into").set_index("lead_id").merged_into
    real = set(leads.lead_id[~leads.is_test])
    for frame in (deals, touches):
        frame["lead_id"] = frame.lead_id.map(heir).fillna(frame.lead_id)
    deals = deals[deals.deleted_at.isna() & (deals.lead_id.isna() | deals.lead_id.isin(real))]
    deals = _in_dollars(deals, rates)
    paths = deals.merge(touches, on="lead_id")
    paths = paths[paths.occurred_at.dt.date <= paths.opened_at.dt.date].sort_values(["occurred_at", "touch_id"])
    group = paths.groupby("deal_id")
    paths["place"], count = group.cumcount(), group.touch_id.transform("size")
    age = (paths.opened_at.dt.normalize() - paths.occurred_at.dt.normalize()).dt.days
    weight = np.exp2(-age / DEFAULT.half_life_days)
    paths["first"] = paths.value * (paths.place == 0)
    paths["last"] = paths.value * (paths.place == count - 1)
    paths["linear"] = paths.value / count
    paths["time_decay"] = paths.value * weight / weight.groupby(paths.deal_id).transform("sum")
    return paths.groupby("partner_id", dropna=False)[["first", "last", "linear", "time_decay"]].sum()


def _in_dollars(deals: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    deals = deals.assign(day=pd.to_datetime(deals.closed_at.dt.date)).sort_values("day")
    rates = rates.assign(day=pd.to_datetime(rates.day)).sort_values("day")
    found = pd.merge_asof(deals, rates, on="day", by="currency", tolerance=pd.Timedelta(days=7))
    rate = found.rate.astype(float).where(found.currency != "USD", 1.0)
    return found.assign(value=(found.arr.astype(float) * rate).fillna(0.0))


def _agree(database: Database, window: Window) -> None:
    """Both ways must credit the same, or the comparison means nothing."""
    found = attribution_of(attribution_cells(app_engine(database, TIMEOUT_MS), window, DEFAULT, {}), Base.ARR, DEFAULT)
    if gaps(found):
        raise AssertionError(f"the lines miss the total by {gaps(found)}")
    theirs = with_pandas(owner_engine(database), window)
    ours = pl.DataFrame(
        {"key": line.key, **{rule.value: line.cents[rule] / 100 for rule in Rule}}
        for line in found.of(Kind.PARTNER)
        if line.touched
    )
    for rule in theirs.columns:
        if abs(ours[rule].sum() - theirs[rule].sum()) > 0.02 * max(found.total.deals, 1):
            raise AssertionError(f"{rule}: {ours[rule].sum()} by SQL, {theirs[rule].sum()} by pandas")


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the figures for a simulated company."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attribution", description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000)
    with simulated(parser.parse_args(arguments).leads) as company:
        for name, value in measure(company.database).items():
            print(f"{name:16} {value:14,.3f}")


if __name__ == "__main__":
    main()
