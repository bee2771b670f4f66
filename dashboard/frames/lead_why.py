"""Why does a lead score what it scores? Finding it, and what both models say of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Engine

from dashboard.answers import answer
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.structure import structure_of
from dashboard.scoring.why import Why, why
from data_access import lead_why as reads
from data_access.lead_list import Place
from data_access.lead_why import Fate, LeadFacts


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """A lead under the active model and under the scenario; `signals` as `lead_why.lead_signals` has them, for each."""

    lead: LeadFacts
    now: Why
    then: Why
    signals_now: pl.DataFrame
    signals_then: pl.DataFrame


def find(wanted: str, after: Place | None = None) -> pl.DataFrame:
    """A page of leads of that key, e-mail domain or company, one more than a page where there are more."""
    return answer(
        ("find leads", wanted, after),
        lambda engine, instant: reads.find_leads(engine, instant, wanted, after=after, limit=reads.PAGE + 1),
    )


def explained(lead_id: str, active: ScoringModel, scenario: ScoringModel) -> Explained:
    """One lead under both models; UserError where there is no such lead."""

    def compute(engine: Engine, instant: datetime) -> Explained:
        lead = reads.lead_facts(engine, instant, lead_id)
        signals_now, now = _under(engine, instant, lead_id, active)
        signals_then, then = (signals_now, now) if scenario == active else _under(engine, instant, lead_id, scenario)
        return Explained(lead, now, then, signals_now, signals_then)

    return answer(("explained", lead_id, active, scenario), compute)


def _under(engine: Engine, instant: datetime, lead_id: str, model: ScoringModel) -> tuple[pl.DataFrame, Why]:
    structure = structure_of(model)
    signals = reads.lead_signals(engine, instant, lead_id, model.window_days)
    digits = reads.lead_digits(engine, instant, lead_id, structure, model.window_days)
    counted = signals.filter(pl.col("fate") == Fate.COUNTS.value)["signal"].value_counts()
    return signals, why(structure, digits, dict(counted.iter_rows()), model)
