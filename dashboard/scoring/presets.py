"""From which scorecards can a what-if start with one click? All are made from the active one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from dashboard.scoring.model import ScoringModel
from dashboard.scoring.scaling import scaled, shifted

STEP = 5  # points of threshold that "stricter" and "looser" move, and that 45/55 takes from intent


@dataclass(frozen=True, slots=True)
class Preset:
    """A start: its name on screen, what it changes (ends without a full stop), and how it is made."""

    name: str
    changes: str
    of: Callable[[ScoringModel], ScoringModel]


def stricter(model: ScoringModel) -> ScoringModel:
    """A threshold 5 points higher and one trigger more, as far as there are points and triggers."""
    top = model.fit_total + model.intent_total
    return replace(
        model,
        threshold=min(model.threshold + STEP, top),
        min_triggers=min(model.min_triggers + 1, len(model.triggers)),
    )


def looser(model: ScoringModel) -> ScoringModel:
    """A threshold 5 points lower and one trigger fewer, neither below 0; one trigger stays where there was one."""
    return replace(
        model,
        threshold=max(model.threshold - STEP, 0),
        min_triggers=max(model.min_triggers - 1, min(model.min_triggers, 1)),
    )


def blank(model: ScoringModel) -> ScoringModel:
    """No points at all, to hand them out anew; totals, threshold, triggers and gates stay."""
    return replace(model, criteria=tuple(scaled(criterion, 0) for criterion in model.criteria))


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "active": Preset("Active", "nothing: the scorecard that qualifies leads today", lambda model: model),
        "45/55": Preset(
            "5 points to fit",
            "5 points go from intent to fit (45/55 where it was 40/60), shared in proportion; the threshold stays",
            shifted,
        ),
        "stricter": Preset("Stricter", "threshold 5 points higher, one trigger more", stricter),
        "looser": Preset("Looser", "threshold 5 points lower, one trigger fewer, but at least one", looser),
        "blank": Preset("Blank", "every level at 0 points, to hand them out anew; unlocks the totals", blank),
    }
)
