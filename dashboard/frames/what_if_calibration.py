"""How good is the score itself? The questions of the tab "Calibration", over leads whose outcome is known by now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.answers import answer, engine, freshness
from dashboard.domain import Estimate
from dashboard.frames import what_if as asked
from dashboard.frames.performance import choices, window
from dashboard.period import Period
from dashboard.scoring import outcome_model
from dashboard.scoring.audit import AuditAge, overdue
from dashboard.scoring.calibration import Calibration, calibration, pooled, predicted_chances
from dashboard.scoring.cells import ScoreCells
from dashboard.scoring.discrimination import AucDifference, Counts, Outcomes, auc, auc_difference, worked_outcomes
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.reweighting import Suggestion, suggest
from dashboard.scoring.source_points import SourcePoints, source_cells, source_points
from dashboard.scoring.structure import structure_of
from dashboard.settings import settings
from data_access import audits
from data_access.audits import Audit
from data_access.leads import names_partners
from data_access.score_sources import ai_cells

OLDER_SHARE = 2 / 3
FEWEST_MONTHS = 3
# A range of scores ends at the threshold, and one so many points below it.
NEAR = 20


@dataclass(frozen=True, slots=True)
class Stretches:
    """The mature months, and the older two thirds of those that have leads (`first`: the earliest) beside the newer.

    `sourced`: only leads with a partner are looked at, since the data name partners.
    """

    first: date
    whole: Period
    older: Period
    newer: Period
    sourced: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """Newer leads against what older ones predict; `pooled`: with one rate for all, for want of a model."""

    calibration: Calibration
    pooled: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """AUC of the active score among worked leads: of all mature months, the older and the newer.

    `leads` were worked, `wins` of them won.
    """

    leads: int
    wins: int
    whole: Estimate
    older: Estimate
    newer: Estimate


def stretches() -> Stretches | None:
    """What the score is judged on; None where fewer than three mature months have leads."""
    trained = asked.training()
    there = choices()
    if there.earliest is None or there.latest is None or there.latest.date() < trained.since:
        return None
    first = max(trained.since, periods.add_months(there.earliest.date(), 0))
    months = (trained.until.year - first.year) * 12 + trained.until.month - first.month
    if months < FEWEST_MONTHS:
        return None
    split = periods.add_months(first, round(months * OLDER_SHARE))
    ends = ((trained.since, trained.until), (trained.since, split), (split, trained.until))
    whole, older, newer = (periods.between(*own, settings()) for own in ends)

    def compute(engine: Engine, instant: datetime) -> bool:
        return names_partners(engine, window(whole, instant))

    return Stretches(first, whole, older, newer, answer(("score stretch sourced", whole), compute))


def standing(found: Stretches) -> Standing:
    """How the active score does on all worked leads, and on the older and the newer ones."""
    model = asked.active().model

    def compute(engine: Engine, instant: datetime) -> Standing:
        older, newer = ((worked_outcomes(own), own.scored(model).score) for own in _both(found, model))
        whole = (np.concatenate([older[1], newer[1]]), *_joined(older[0], newer[0]))
        first, last = (auc(score, outcomes.won, outcomes.others) for outcomes, score in (older, newer))
        leads, wins = older[0].leads + newer[0].leads, older[0].wins + newer[0].wins
        return Standing(leads, wins, auc(*whole), first, last)

    return answer(("score standing", found, model), compute)


def _joined(one: Outcomes, other: Outcomes) -> tuple[Counts, Counts]:
    return np.concatenate([one.won, other.won]), np.concatenate([one.others, other.others])


def against(found: Stretches, model: ScoringModel) -> AucDifference:
    """AUC of the active model (first) and of another (second) over the newer worked leads.

    Only the newer ones: suggested points were learnt from the older.
    """
    active = asked.active().model

    def compute(engine: Engine, instant: datetime) -> AucDifference:
        cells = asked.all_cells(found.newer, structure_of(active, model), sourced=False)
        own = _sourced(cells) if found.sourced else cells
        outcomes = worked_outcomes(own)
        return auc_difference(own.scored(active).score, own.scored(model).score, outcomes.won, outcomes.others)

    return answer(("score against", found, active, model), compute)


def checked(found: Stretches) -> Checked:
    """Newer worked leads by bands of the active score, against what a model of the older ones predicts for them."""
    model = asked.active().model

    def compute(engine: Engine, instant: datetime) -> Checked:
        older, newer = _both(found, model)
        outcomes, before = worked_outcomes(newer), worked_outcomes(older)
        score, leads = newer.scored(model).score, outcomes.won + outcomes.others
        fitted = outcome_model.fit(older, model)
        if fitted is not None:
            return Checked(calibration(score, outcomes.won, leads, predicted_chances(fitted, newer)), False)
        rate = pooled(before.won, before.won + before.others)
        flat = None if rate is None else np.full(len(leads), rate)
        return Checked(calibration(score, outcomes.won, leads, flat), True)

    return answer(("score calibration", found, model), compute)


def suggestion(found: Stretches) -> Suggestion:
    """Other points for the active model, learnt from older leads and judged on newer ones."""
    model = asked.active().model

    def compute(engine: Engine, instant: datetime) -> Suggestion:
        older, newer = _both(found, model)
        return suggest(older, newer, model)

    return answer(("suggested points", found, model), compute)


def by_source(found: Stretches) -> tuple[SourcePoints, ...]:
    """Points and conversion of every source, of leads with a partner or without one."""
    model = asked.active().model

    def compute(engine: Engine, instant: datetime) -> tuple[SourcePoints, ...]:
        apart = ai_cells(engine, window(found.whole, instant), structure_of(model), sourced=False)
        table = source_cells(model, apart, *_everybody(found, model))
        borders = (model.threshold - NEAR, model.threshold)
        return source_points(table, borders, model.fit_total + model.intent_total)

    return answer(("source points", found.whole, model), compute)


def last_audit() -> Audit | None:
    """The last audit or publication: read afresh, since another person may just have made one.

    DatabaseUnavailable where nobody answers.
    """
    return audits.last_audit(engine())


def audit_age(last: Audit | None) -> AuditAge:
    """How old it is, at the moment of the data."""
    return overdue(None if last is None else last.at, freshness().as_of)


def audit_done(author: str, note: str) -> None:
    """Records an audit of the active model; raises as `audits.record_audit` does."""
    audits.record_audit(engine(), asked.active().version, author, note)


def _everybody(found: Stretches, model: ScoringModel) -> tuple[ScoreCells, ScoreCells]:
    """Cells of the older and of the newer leads, with a partner or without."""
    structure = structure_of(model)
    older, newer = (asked.all_cells(own, structure, sourced=False) for own in (found.older, found.newer))
    return older, newer


def _both(found: Stretches, model: ScoringModel) -> tuple[ScoreCells, ScoreCells]:
    """Cells of the older and of the newer leads that are looked at."""
    older, newer = _everybody(found, model)
    return (_sourced(older), _sourced(newer)) if found.sourced else (older, newer)


def _sourced(cells: ScoreCells) -> ScoreCells:
    return cells.of_owners(np.array([owner.partner_id is not None for owner in cells.owners], dtype=bool))
