"""Where do leads get lost? The numbers of the Funnel page as plain data, for the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Engine

from dashboard.domain import Stage
from dashboard.metrics.association import Association
from dashboard.metrics.cells import Reading
from dashboard.metrics.converting import converting
from dashboard.metrics.funnel_groups import (
    By,
    CohortCells,
    Funnel,
    Step,
    band_moments,
    funnel,
    funnels,
    group_key,
    main_steps,
    name_of,
    of_bands,
)
from dashboard.metrics.performance import ALL, HAS_PARTNER, norms_of, partners_of
from dashboard.metrics.summary import Norms
from dashboard.metrics.trend import bucket_starts
from dashboard.metrics.waiting import medians_over_time, waiting
from dashboard.period import add_months, between
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.attributes import attribute_cells, signal_cells
from data_access.funnel import band_cells, kind_cells
from data_access.reading import read_performance
from data_access.waiting import waiting_cells

MONTHS = 13
COUNTED = {
    Stage.LEAD: "leads",
    Stage.MQL: "mqls",
    Stage.EQL: "eqls",
    Stage.SQL: "sqls",
    Stage.OPPORTUNITY: "opportunities",
    Stage.WON: "won",
}


def funnel_section(
    engine: Engine, window: Window, settings: Settings, reading: Reading | None = None
) -> dict[str, Any]:
    """Groups, months, days of steps and associations of a period; keys as docs/metrics.md has them under "Funnel".

    Partner-sourced leads, or all where none of the 13 months names a partner. `reading`: what `read_performance` read
    for the same window, where that is at hand.
    """
    known = reading or read_performance(engine, window)
    norms = norms_of(known, window)
    seen = _months(window, settings)
    months = band_cells(engine, seen, band_moments(seen, norms.p90_days.values()))
    cohort = CohortCells(known.cells.cohort, known.cells.ages)
    everybody = not (cohort.reached["partner_id"].count() or months["partner_id"].count())
    whose = pl.lit(True) if everybody else HAS_PARTNER
    bands = band_moments(window, norms.p90_days.values())
    kinds = of_bands(kind_cells(engine, window, bands), window.as_of_day)
    return (
        {"population": "all" if everybody else "partner_sourced"}
        | _funnel(funnel(cohort.where(whose), norms.stages, norms.p90_days))
        | {
            "groups": _groups(cohort.where(whose), kinds.where(whose), known, norms),
            "months": _by_month(of_bands(months, window.as_of_day).where(whose), norms),
        }
        | _days(engine, window, seen, main_steps(norms.stages), everybody)
        | {"associations": _associations(engine, window, norms.stages, everybody)}
    )


def _months(window: Window, settings: Settings) -> Window:
    """The 13 months up to the period's end, or up to the day of the data where that is earlier."""
    start = window.period.start.date()
    end = min(window.period.end.date(), max(window.as_of_day, start) + timedelta(days=1))
    first = add_months(end - timedelta(days=1), 1 - MONTHS)
    return Window(between(first, end, settings), window.as_of, window.zone, window.currency)


def _groups(cohort: CohortCells, kinds: CohortCells, known: Reading, norms: Norms) -> dict[str, list[dict[str, Any]]]:
    everyone = partners_of(known.partners)
    found = {}
    for by in By:
        cells = (kinds if by is By.ASSET_KIND else cohort).keyed(group_key(by, everyone))
        found[by.value] = [
            {"key": key} | _funnel(each) for key, each in funnels(cells, norms.stages, norms.p90_days).items()
        ]
    return found


def _by_month(cells: CohortCells, norms: Norms) -> list[dict[str, Any]]:
    by_month = funnels(cells.keyed(pl.col("band").dt.month_start()), norms.stages, norms.p90_days)
    return [{"month": f"{month:%Y-%m}"} | _funnel(each) for month, each in by_month.items() if isinstance(month, date)]


def _funnel(found: Funnel) -> dict[str, Any]:
    """One funnel: counts, conversions with intervals, and by stage whether it can be judged."""
    return {
        **{COUNTED[stage]: number for stage, number in found.counts.items()},
        "step_conversion": {name: asdict(estimate) for name, estimate in found.step_conversion.items()},
        "mature": {stage.value: each.mature for stage, each in found.maturity.items()},
    }


def _days(
    engine: Engine, window: Window, seen: Window, steps: Sequence[Step], everybody: bool
) -> dict[str, Mapping[str, Any]]:
    zone = ZoneInfo(window.zone)
    firsts = bucket_starts(seen.period.start.date(), seen.period.end.date(), weekly=False)
    starts = [datetime(month.year, month.month, 1, tzinfo=zone) for month in firsts]
    cells = waiting_cells(engine, window, starts, steps, ALL, everybody)
    inside: dict[str, Any] = {}
    monthly: dict[str, Any] = {}
    for step in steps:
        own = cells.filter(pl.col("step") == name_of(step))
        made = own.filter(pl.col("inside"))
        inside[name_of(step)] = asdict(waiting(made["days"].to_numpy(), made["leads"].to_numpy()))
        dated = own.filter(pl.col("month").is_not_null()).select("month", "days", "leads")
        monthly[name_of(step)] = [
            row | {"month": f"{row['month']:%Y-%m}"} for row in medians_over_time(dated).iter_rows(named=True)
        ]
    return {"waiting": inside, "waiting_months": monthly}


def _associations(
    engine: Engine, window: Window, present: Sequence[Stage], everybody: bool
) -> dict[str, list[dict[str, Any]]]:
    cells = pl.concat([attribute_cells(engine, window, ALL, everybody), signal_cells(engine, window, ALL, everybody)])
    stages = [stage for stage in (Stage.SQL, Stage.WON) if stage in present]
    return {stage.value: [_association(each) for each in converting(cells, stage)] for stage in stages}


def _association(found: Association) -> dict[str, Any]:
    return {
        "attribute": found.attribute,
        "value": found.value,
        "with": asdict(found.with_),
        "without": asdict(found.without),
        "unknown": asdict(found.unknown),
        "difference": asdict(found.difference),
        "p": found.p,
        "q": found.q,
        "discovered": found.discovered,
    }
