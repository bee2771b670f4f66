"""What would another scorecard have done? The what-if as plain data: the same numbers that the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import Engine

from dashboard.period import between
from dashboard.scoring.expected import Expected, ExpectedCurve, Range, Ranges
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.model_difference import difference
from dashboard.scoring.outcome_model import OutcomeModel, fit
from dashboard.scoring.structure import structure_of
from dashboard.scoring.what_if import Counts, Curves, PartnerChange, WhatIf, what_if
from dashboard.settings import Settings
from dashboard.stretches import span_of
from dashboard.window import Window
from data_access.leads import names_partners
from data_access.partners import partners as read_partners
from data_access.score_cells import read_cells
from data_access.scoring_models import ActiveModel
from data_access.training import Maturity, maturity
from data_access.trend import read_trend

_MONEY = ("pipeline", "arr", "all_pipeline", "all_arr")


@dataclass(frozen=True, slots=True)
class Asked:
    """A scenario against the active model over the leads of a window."""

    window: Window
    scenario: ScoringModel
    active: ActiveModel
    sensitivity: float


def what_if_document(engine: Engine, asked: Asked, settings: Settings) -> dict[str, Any]:
    """Every number of the what-if; money in the reporting currency, shares from 0 to 1.

    Partner-sourced leads, or all of them where the data name no partner. UserError: a model that cannot be read.
    """
    window, active = asked.window, asked.active.model
    names = dict(read_partners(engine).select("partner_id", "name").iter_rows())
    sourced = bool(names) and _of_partners(engine, window, settings)
    cells = read_cells(engine, window, structure_of(active, asked.scenario), sourced=sourced)
    mature = maturity(engine, window, settings)
    old = replace(window, period=mature.period)
    outcomes = fit(read_cells(engine, old, structure_of(active), sourced=names_partners(engine, old)), active)
    found = what_if(cells, asked.scenario, active, outcomes, sensitivity=asked.sensitivity)
    return {
        **_head(asked, sourced=sourced),
        "outcome_model": _outcomes(outcomes, mature),
        "totals": _totals(found),
        "thresholds": _thresholds(found.curves),
        "partners": [_partner(change, names) for change in found.partners],
        "without_partner": _partner(found.without_partner, names),
    }


def _of_partners(engine: Engine, window: Window, settings: Settings) -> bool:
    """Whether the data name partners, as the page sees it: in the period, or else in the stretch that its trends show.

    A month without any partner's lead, amid others that have some, has no leads: months add up to the quarter.
    """
    if names_partners(engine, window):
        return True
    span = span_of(window.period, window.as_of_day)
    shown = replace(window, period=between(span.first, span.end, settings))
    cells = read_trend(engine, shown, span.quarters[0].start, span.quarters[-1].end)
    owners = pl.concat([cells.leads["partner_id"], cells.money["partner_id"]])
    return owners.is_empty() or owners.count() > 0


def _head(asked: Asked, *, sourced: bool) -> dict[str, Any]:
    window, active = asked.window, asked.active
    period = window.period
    return {
        "as_of": window.as_of.isoformat(),
        "time_zone": window.zone,
        "currency": window.currency,
        "period": {"label": period.label, "start": period.start.isoformat(), "end": period.end.isoformat()},
        "leads_of": "partners" if sourced else "everybody",
        "active": {"version": active.version} | _model(active.model),
        "scenario": _model(asked.scenario)
        | {"changes": [change.words for change in difference(active.model, asked.scenario).changes]},
        "sensitivity": asked.sensitivity,
    }


def _model(model: ScoringModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "threshold": model.threshold,
        "min_triggers": model.min_triggers,
        "group_totals": {"fit": model.fit_total, "intent": model.intent_total},
        "required_gates": sorted(str(gate.name).lower() for gate in model.required),
    }


def _outcomes(outcomes: OutcomeModel | None, mature: Maturity) -> dict[str, Any]:
    """What the estimates rest on; nulls where no worked lead is old enough."""
    learned: dict[str, Any] = {
        "since": mature.period.start.date().isoformat(),
        "until": mature.period.end.date().isoformat(),
        "days_to_won": mature.days,
        "regime": None,
        "alarm": None,
        "worked": None,
    }
    if outcomes is None:
        return learned
    return learned | {
        "regime": outcomes.regime.value,
        "alarm": outcomes.alarm,
        "worked": asdict(outcomes.worked),
    }


def _totals(found: WhatIf) -> dict[str, Any]:
    sets = ("cohort", "qualified", "active_qualified", "gained", "dropped")
    rates = ("precision", "active_precision", "both_triggers", "active_both_triggers", "recorded_both_triggers")
    expected = {"qualified": found.expected, "active": found.expected_active, "change": found.expected_change}
    return (
        {name: _counts(getattr(found, name)) for name in sets}
        | {name: asdict(getattr(found, name)) for name in rates}
        | {"recall": found.recall, "active_recall": found.active_recall}
        | {"estimated": {name: each and _expected(each) for name, each in expected.items()}}
    )


def _counts(counts: Counts) -> dict[str, int | float]:
    """Money of `Counts` is in cents."""
    return {name: value / 100 if name in _MONEY else value for name, value in asdict(counts).items()}


def _expected(found: Expected) -> dict[str, Any]:
    return {
        "leads": found.leads,
        "dropped": found.dropped,
        "wins": _range(found.wins),
        "sqls": _range(found.sqls),
        "arr": _range(found.arr, 100),
        "supported": found.supported,
        "refused": found.refused,
        "most_wins": found.bound,
        "most_arr": None if found.bound_arr is None else found.bound_arr / 100,
    }


def _range(found: Range, unit: float = 1) -> dict[str, float | None]:
    return {
        name: None if value is None else value / unit
        for name, value in (("value", found.value), ("low", found.low), ("high", found.high))
    }


def _thresholds(curves: Curves) -> list[dict[str, Any]]:
    """One object a threshold, from 0 to all points; `estimated` is of the never-worked leads that qualify there."""
    columns = {
        name: _plain(getattr(curves, name), 100 if name in _MONEY else 1)
        for name in Curves.__slots__
        if name != "expected"
    }
    rows: list[dict[str, Any]] = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    for row in rows:
        row["estimated"] = curves.expected and _at(curves.expected, row["threshold"])
    return rows


def _at(curve: ExpectedCurve, threshold: int) -> dict[str, Any]:
    def of(ranges: Ranges, unit: float = 1) -> dict[str, float | None]:
        return _range(ranges.at(threshold), unit)

    return {
        "leads": int(curve.leads[threshold]),
        "wins": of(curve.wins),
        "sqls": of(curve.sqls),
        "arr": of(curve.arr, 100),
        "supported": _number(curve.supported[threshold]),
        "refused": bool(curve.refused[threshold]),
    }


def _plain(values: np.ndarray, unit: int) -> list[float | int | None]:
    found = values / unit if unit > 1 else values
    return [_number(value) for value in found.tolist()]


def _number(value: float) -> float | None:
    return None if value != value else value


def _partner(change: PartnerChange, names: Mapping[str, str]) -> dict[str, Any]:
    """Money of `PartnerChange` is in cents."""
    row = change._asdict()
    for name, value in row.items():
        if name.removeprefix("active_") in (*_MONEY, "expected_arr") and value is not None:
            row[name] = value / 100
    return {"partner_id": row.pop("partner_id"), "name": names.get(change.partner_id or "")} | row
