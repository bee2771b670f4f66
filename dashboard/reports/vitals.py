"""Is the partner programme healthy? A part of the report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine

from dashboard.domain import Stage
from dashboard.metrics.cells import Reading
from dashboard.metrics.performance import Performance, norms_of
from dashboard.metrics.vitals import Vital, rule, vitals
from dashboard.metrics.vitals_stretches import stretches_of
from dashboard.settings import Settings
from data_access.vitals import read_vitals


def vitals_section(engine: Engine, reading: Reading, result: Performance, settings: Settings) -> list[dict[str, Any]]:
    """The vitals of a period as plain data; docs/vitals.md defines every key.

    `reading` and `result` are those of the report: all partners and channels. Money is in the reporting currency, rates
    and changes are shares; a value that has nothing to divide by is None.
    """
    window = result.window
    at, p90 = stretches_of(window, settings), norms_of(reading, window).p90_days
    cells = read_vitals(engine, window, at, p90[Stage.SQL], p90[Stage.WON])
    return [as_plain(vital) for vital in vitals(reading, result, cells, at, settings)]


def as_plain(vital: Vital) -> dict[str, Any]:
    """One vital under the names of docs/vitals.md."""
    return {
        "name": vital.name,
        **asdict(vital.estimate),
        "reference": asdict(vital.reference) if vital.reference else None,
        "further_references": [asdict(own) for own in vital.further],
        "state": vital.state,
        "rule": rule(vital.reference, vital.better),
        "of": vital.of,
        "against": vital.against,
        "too_young": list(vital.too_young),
        "incomplete": vital.incomplete,
    }
