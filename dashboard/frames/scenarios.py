"""Which scenarios were saved, how do they compare, and which model was active when? Also how one becomes active.

Scenarios and versions are read afresh, since another person may just have saved.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dashboard.answers import data_version, engine
from dashboard.frames import what_if as questions
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.what_if import WhatIf
from dashboard.settings import settings
from data_access import publishing, scoring_models
from data_access import scenarios as reads
from data_access.publishing import Published
from data_access.scenarios import Saved, Scenario
from data_access.scoring_models import Version

if TYPE_CHECKING:
    from dashboard.views.what_if_scene import Scene

_LOOKS, _LOOK_S = 20, 0.1


def listed() -> list[Scenario]:
    """The saved scenarios, the newest first; DatabaseUnavailable where nobody answers."""
    return reads.scenarios(engine())


def scenario(scenario_id: int) -> Scenario:
    """One scenario; UserError where there is none (any more)."""
    return reads.scenario(engine(), scenario_id)


def save(name: str, note: str, scene: Scene, author: str, loaded: int | None) -> Saved:
    """Keeps the scene's scenario as one made from `loaded`; raises as `scenarios.save` does."""
    return reads.save(engine(), name, note, scene.model, author, loaded=loaded, active=scene.active.version)


def delete(scenario_id: int, author: str) -> Scenario:
    """Takes a scenario out of the list; raises as `scenarios.delete` does."""
    return reads.delete(engine(), scenario_id, author)


def restore(scenario_id: int, author: str) -> None:
    """Brings a deleted scenario back."""
    reads.restore(engine(), scenario_id, author)


def compared(scene: Scene, models: Sequence[ScoringModel], sensitivity: float) -> list[WhatIf]:
    """Each of these models against the active one, over the leads of the scene."""
    return [questions.answer_of(replace(scene, model=model), sensitivity) for model in models]


def history() -> list[Version]:
    """Every version of the scoring model, the newest first."""
    return scoring_models.history(engine())


def publish(
    model: ScoringModel,
    by: str,
    *,
    seen: int | None,
    parent: int | None,
    note: str | None = None,
    author: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Published:
    """Makes a model the active one and waits until the pages see it; raises as `publishing.publish` does."""
    before = data_version().number
    done = publishing.publish(
        engine(), model, by, seen=seen, note=note, author=author, parent=parent, detail=detail,
        rescore=publishing.rescoring(settings().time_zone, settings().currency),
    )  # fmt: skip
    for _ in range(_LOOKS):  # the number of the version stands for half a second
        if data_version().number != before:
            break
        time.sleep(_LOOK_S)
    return done
