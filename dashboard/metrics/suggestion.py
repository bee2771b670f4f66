"""What do the numbers suggest to do about a partner: double, end, wait for data, or keep? A person decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dashboard.metrics.certainty import SURE, RankCertainty
from dashboard.metrics.ranking import Group, Place
from dashboard.metrics.summary import FEWEST_EQLS


class Suggestion(StrEnum):
    """What to do; the same words as in recorded decisions."""

    KEEP = "keep"
    DOUBLE = "double"
    END = "end"
    WAIT = "wait"


class Why(StrEnum):
    """What the suggestion rests on; `Suggested.probability` belongs to it."""

    SURELY_TOP = "surely_top"
    SURELY_BOTTOM = "surely_bottom"
    NOT_SURELY_TOP = "not_surely_top"
    NOT_SURELY_BOTTOM = "not_surely_bottom"
    TOO_FEW_EQLS = "too_few_eqls"
    TOO_FEW_EVENTS = "too_few_events"
    IN_THE_MIDDLE = "in_the_middle"


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion and its reason.

    `probability`: P(top fifth) or P(bottom fifth), whichever the reason speaks of (for `TOO_FEW_EQLS` the larger; in
    the middle, to belong to neither); None where fewer than five events are known of all partners together.
    """

    suggestion: Suggestion
    why: Why
    probability: float | None


def suggest(
    place: Place, certainty: RankCertainty | None, eqls_in_period: int, needs_50_eqls: bool = False
) -> Suggested | None:
    """Double or end where the place in that outer fifth has a probability of 0.8, wait where only the table says so.

    None for a partner that is not ranked: `place.reasons` say why. `needs_50_eqls` makes both actions wait for as many
    EQLs in the period.
    """
    if place.rank is None:
        return None
    if certainty is None:
        return Suggested(Suggestion.WAIT, Why.TOO_FEW_EVENTS, None)
    top, bottom = certainty.p_top, certainty.p_bottom
    if max(top, bottom) >= SURE:
        if needs_50_eqls and eqls_in_period < FEWEST_EQLS:
            return Suggested(Suggestion.WAIT, Why.TOO_FEW_EQLS, max(top, bottom))
        if top >= bottom:
            return Suggested(Suggestion.DOUBLE, Why.SURELY_TOP, top)
        return Suggested(Suggestion.END, Why.SURELY_BOTTOM, bottom)
    if place.group is Group.TOP:
        return Suggested(Suggestion.WAIT, Why.NOT_SURELY_TOP, top)
    if place.group is Group.BOTTOM:
        return Suggested(Suggestion.WAIT, Why.NOT_SURELY_BOTTOM, bottom)
    return Suggested(Suggestion.KEEP, Why.IN_THE_MIDDLE, max(0.0, 1 - top - bottom))
