"""What is being asked on the what-if page? What every part of the page is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.filters import Filters
from dashboard.period import Period
from dashboard.scoring.model import ScoringModel
from data_access.scoring_models import ActiveModel


@dataclass(frozen=True, slots=True)
class Scene:
    """A scenario (`model`) against the active model, for the leads created in a period that the filters choose.

    `name` is the period's name as the page says it.
    """

    period: Period
    name: str
    filters: Filters
    active: ActiveModel
    model: ScoringModel
