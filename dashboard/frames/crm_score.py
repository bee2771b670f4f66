"""Where does the CRM's score differ from the recomputed one?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Engine

from dashboard.answers import answer, current
from dashboard.frames.performance import selection, window
from dashboard.frames.trend import of_everybody
from dashboard.scoring.crm_score import CrmScores, crm_scores
from dashboard.scoring.structure import structure_of
from data_access import crm_score as reads

if TYPE_CHECKING:
    from dashboard.views.what_if_scene import Scene


def crm_against_recomputed(scene: Scene) -> CrmScores:
    """CRM scores against scores under the active model, for the leads of the scene."""
    model, chosen = scene.active.model, selection(scene.filters)
    sourced, structure = not of_everybody(scene.period, scene.filters), structure_of(model)

    def read(engine: Engine, instant: datetime) -> pl.DataFrame:
        return reads.crm_score_cells(engine, window(scene.period, instant), structure, sourced=sourced)

    def compute(engine: Engine, instant: datetime) -> CrmScores:
        cells = current(("crm score cells", scene.period, structure.identity, sourced), read)
        kept = [pl.lit(True)]
        if chosen.partners is not None:
            kept.append(pl.col("partner_id").is_in(sorted(chosen.partners)))
        if chosen.channels is not None:
            kept.append(pl.col("channel").is_in(list(chosen.channels), nulls_equal=True))
        return crm_scores(cells.filter(kept), structure, model)

    return answer(("crm scores", scene.period, chosen, model, sourced), compute)
