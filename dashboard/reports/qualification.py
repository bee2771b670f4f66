"""The qualification of a period's leads as plain data, for the report: the same results that the page shows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.performance import ALL, HAS_PARTNER
from dashboard.metrics.qualification import Qualification, cut, disqualified, qualification
from dashboard.scoring.model import ScoringModel
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.qualification import gate_cells, reason_cells
from data_access.scoring_models import ActiveModel, active_model


def qualification_section(engine: Engine, window: Window, settings: Settings | None = None) -> dict[str, Any]:
    """Waterfall, reasons for failing and agreement with the CRM, of all leads and of the partner-sourced ones.

    `overlapping` starts from partner-sourced leads with an account overlap. The settings are taken as by every section
    of the report; they change nothing here. UserError where the published model cannot be read.
    """
    active = active_model(engine, window.as_of)
    cells = gate_cells(engine, window, active.model, sourced=False)
    reasons = reason_cells(engine, window, sourced=False)
    sourced = cut(cells, ALL, sourced=True)
    return {
        "model": _model(active),
        "totals": _group(cells, reasons, active.model),
        "partner_sourced": _group(sourced, cut(reasons, ALL, sourced=True), active.model),
        "overlapping": _document(qualification(sourced, active.model, overlapping=True)),
        "partners": [
            {"partner_id": partner} | _brief(qualification(part, active.model))
            for (partner,), part in sorted(cells.filter(HAS_PARTNER).partition_by("partner_id", as_dict=True).items())
        ],
    }


def _model(active: ActiveModel) -> dict[str, Any]:
    model = active.model
    return {
        "name": model.name,
        "version": active.version,
        "threshold": model.threshold,
        "min_triggers": model.min_triggers,
        "icp_at_least": model.icp_at_least,
        "required_gates": sorted(str(gate.name).lower() for gate in model.required),
    }


def _group(cells: pl.DataFrame, reasons: pl.DataFrame, model: ScoringModel) -> dict[str, Any]:
    return _document(qualification(cells, model).because(disqualified(reasons)))


def _brief(found: Qualification) -> dict[str, Any]:
    return {"leads": found.leads, "by_model": found.by_model, "recorded": found.recorded, "both": found.both}


def _document(found: Qualification) -> dict[str, Any]:
    rates = ("model_rate", "recorded_rate", "confirmed_rate", "found_rate")
    return (
        asdict(found)
        | {name: asdict(getattr(found, name)) for name in rates}
        | {
            "recorded_only": found.recorded_only,
            "model_only": found.model_only,
            "steps": [asdict(step) | {"gate": str(step.gate.name).lower()} for step in found.steps],
            "disqualified": [asdict(reason) for reason in found.disqualified],
        }
    )
