"""What would have happened under another scorecard? The questions of the what-if page, answered once per data version.

Only what depends on the data is kept: cells, and the outcome model fitted to them. What depends on a scenario is
computed anew from these at every move, which takes milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.answers import answer, current
from dashboard.frames.performance import choices, performance, read_ahead, selection, window
from dashboard.frames.qualification import active_model
from dashboard.frames.trend import of_everybody
from dashboard.metrics.cost import programme_cost as whole_cost
from dashboard.metrics.performance import ALL
from dashboard.period import Period
from dashboard.scoring import outcome_model
from dashboard.scoring.best_range import BestRange, best_for_value
from dashboard.scoring.cells import ScoreCells
from dashboard.scoring.expected import SENSITIVITY as SENSITIVITY
from dashboard.scoring.expected import Expected, expected_of
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.outcome_model import OutcomeModel, Regime
from dashboard.scoring.rank_change import RankChanges, Ranked, rank_changes
from dashboard.scoring.structure import Structure, structure_of
from dashboard.scoring.what_if import WhatIf, what_if
from dashboard.settings import settings
from data_access.costs import cost_cells
from data_access.leads import names_partners
from data_access.partners import page_cells
from data_access.score_cells import read_cells
from data_access.scoring_models import ActiveModel
from data_access.training import maturity

if TYPE_CHECKING:
    from dashboard.filters import Filters
    from dashboard.views.what_if_scene import Scene

STRESS = 2.0


@dataclass(frozen=True, slots=True)
class Training:
    """The cells of leads old enough that what becomes of them is known, and the months in which they were created.

    `days`: the 95th percentile of the days from creation to won; None where too few were won to measure it.
    """

    cells: ScoreCells
    since: date
    until: date
    days: float | None


def active() -> ActiveModel:
    """The scoring model that qualifies leads now."""
    return active_model()


def structure(*models: ScoringModel) -> Structure:
    """What must be known of a lead to score it under these models. UserError: too much to tell apart."""
    return structure_of(*models)


def cells(period: Period, filters: Filters, *models: ScoringModel) -> ScoreCells:
    """Score cells of the period's leads that the filters choose, made for all these models together.

    Partner-sourced leads, or all of them where the data name no partner.
    """
    asked, chosen, sourced = structure_of(*models), selection(filters), not of_everybody(period, filters)

    def compute(engine: Engine, instant: datetime) -> ScoreCells:
        found = all_cells(period, asked, sourced=sourced)
        if chosen.partners is None and chosen.channels is None:
            return found
        return found.of_owners(
            np.array(
                [
                    (chosen.partners is None or owner.partner_id in chosen.partners)
                    and (chosen.channels is None or owner.channel in chosen.channels)
                    for owner in found.owners
                ],
                dtype=bool,
            )
        )

    return answer(("score cells chosen", period, chosen, sourced, asked.identity), compute)


def all_cells(period: Period, asked: Structure, *, sourced: bool) -> ScoreCells:
    """Score cells of everybody's leads created in the period; `sourced`: only of leads with a partner."""

    def compute(engine: Engine, instant: datetime) -> ScoreCells:
        return read_cells(engine, window(period, instant), asked, sourced=sourced)

    return current(("score cells", period, sourced, asked.identity), compute)


def training() -> Training:
    """The mature leads of the last 36 months, of everybody: what an outcome model of the active model is fitted to."""
    model = active().model

    def compute(engine: Engine, instant: datetime) -> Training:
        quarter = periods.current_quarter(instant, settings())
        mature = maturity(engine, window(quarter, instant), settings())
        sourced = names_partners(engine, window(mature.period, instant))
        found = all_cells(mature.period, structure_of(model), sourced=sourced)
        return Training(found, mature.period.start.date(), mature.period.end.date(), mature.days)

    return answer(("training", model), compute)


def outcomes() -> OutcomeModel | None:
    """What becomes of worked leads, by their answers and score; None where too few were worked to tell anything."""
    model = active().model

    def compute(engine: Engine, instant: datetime) -> OutcomeModel | None:
        return outcome_model.fit(training().cells, model)

    return answer(("outcomes", model), compute)


def prepare(period: Period, filters: Filters) -> None:
    """Reads what every scenario needs: the period's cells and, beside them, what the outcome model is fitted to."""
    own = partial(cells, period, filters, active().model)
    read_ahead(own, outcomes, partial(programme_cost, period, filters), partial(referring_pages, period))


def stressed(scene: Scene, found: WhatIf) -> Expected | None:
    """The change that is estimated, were sales twice as good at picking as the fields can tell.

    None where nobody was worked by hunch, or nothing is estimated.
    """
    fitted = outcomes()
    if fitted is None or fitted.regime is not Regime.CHOSEN or found.expected_change is None:
        return None
    own = cells(scene.period, scene.filters, scene.active.model, scene.model)
    now, then = own.scored(scene.model).qualified, own.scored(scene.active.model).qualified
    return expected_of(fitted, own, now.astype(float) - then.astype(float), STRESS)


def best_threshold(scene: Scene, cost: float, sensitivity: float) -> BestRange | None:
    """Where ARR less the cost of working (`cost`: cents a lead) is best, whatever the scenario's own threshold."""
    fitted = outcomes()
    if fitted is None:
        return None
    own = cells(scene.period, scene.filters, scene.active.model, scene.model)
    return best_for_value(fitted, own, own.scored(scene.model), cost, sensitivity)


def ranks(scene: Scene, found: WhatIf) -> RankChanges:
    """Ranks of all partners under both models; filters narrow what is listed, never who is ranked."""
    if selection(scene.filters) != ALL:
        everybody = all_cells(scene.period, structure_of(scene.active.model, scene.model), sourced=True)
        found = what_if(everybody, scene.model, scene.active.model)
    pages = referring_pages(scene.period)
    known = {
        own.partner_id: Ranked(own.status, own.joined_on, pages.get(own.partner_id, 0)) for own in choices().partners
    }
    return rank_changes(found, known, scene.period.start.date())


def referring_pages(period: Period) -> dict[str, int]:
    """Referring pages of the 12 months up to the period's end, by partner."""

    def compute(engine: Engine, instant: datetime) -> dict[str, int]:
        return dict(page_cells(engine, window(period, instant)).select("partner_id", "pages_12_months").iter_rows())

    return answer(("referring pages", period), compute)


def programme_cost(period: Period, filters: Filters) -> float | None:
    """What the partners that the filters choose cost in the period, as on the Overview; None where no cost is known.

    Without a filter it is read by itself: all numbers of the Overview would take longer than the rest of the page.
    """
    if selection(filters).partners is not None:  # with their share of the overhead, which depends on everybody's EQLs
        return performance(period, filters).partner_sourced.programme_cost or None
    costs = answer(("costs", period), lambda engine, instant: cost_cells(engine, window(period, instant)))
    return whole_cost(costs, {}).total or None


def answer_of(scene: Scene, sensitivity: float = SENSITIVITY, own: ScoreCells | None = None) -> WhatIf:
    """The scenario against the active model, for the leads of the scene; computed at every call.

    `own`: the scene's cells, where they are at hand.
    """
    found = own or cells(scene.period, scene.filters, scene.active.model, scene.model)
    return what_if(found, scene.model, scene.active.model, outcomes(), sensitivity=sensitivity)
