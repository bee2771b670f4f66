"""By which rules is a deal shared out among its touches, and what can be chosen? The rules as data, without any sum.

A rule gives each touch of a deal a weight; a touch's share is its weight over the weights of all touches of the deal.
docs/attribution.md says what a touch is, and writes an example out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from dashboard.domain import UserError

HALF_LIFE_DAYS = 30.0
# A lighter half-life than a day, or a heavier one than ten years, is "last" or "linear" in all but name.
HALF_LIVES = (1.0, 3650.0)


class Base(StrEnum):
    """Which deals are shared out, and what they are worth."""

    ARR = "arr"
    """Deals won in the period, at their ARR (rate of the closing day)."""
    PIPELINE = "pipeline"
    """Deals opened in the period, at their amount (rate of the opening day), whatever became of them."""


class Kind(StrEnum):
    """By what the credits are added up."""

    PARTNER = "partner"
    ASSET = "asset"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"


class Rule(StrEnum):
    """How a deal is shared out; in the order in which they are shown."""

    SOURCE = "source"
    FIRST = "first"
    LAST = "last"
    LINEAR = "linear"
    POSITION_A = "position_a"
    POSITION_B = "position_b"
    TIME_DECAY = "time_decay"
    DATA_DRIVEN = "data_driven"


class Until(StrEnum):
    """Up to which day touches count: the deal's opening, or its close (an open deal: the day of `as_of`)."""

    OPEN = "open"
    CLOSE = "close"


class KeyInfluence(StrEnum):
    """Which touch is the key influence of position-based A."""

    SQL = "sql"
    """The last touch on or before the day on which the lead became sales-qualified."""
    EQL = "eql"
    """The last touch on or before the day on which the lead became ecosystem-qualified."""
    LAST_PARTNER = "last_partner"
    """The last touch that carries a partner."""


class Role(StrEnum):
    """What a touch can be in a deal; one touch may be several."""

    FIRST = "first"
    LAST = "last"
    KEY_INFLUENCE = "key_influence"
    PARTNER_INFLUENCE = "partner_influence"


@dataclass(frozen=True, slots=True)
class Options:
    """What a viewer may set; UserError where the half-life lies outside 1 to 3,650 days."""

    until: Until = Until.OPEN
    key_influence: KeyInfluence = KeyInfluence.SQL
    half_life_days: float = HALF_LIFE_DAYS

    def __post_init__(self) -> None:
        if not HALF_LIVES[0] <= self.half_life_days <= HALF_LIVES[1]:
            raise UserError(f"A half-life of {self.half_life_days:g} days is out of range: set 1 to 3,650 days.")


DEFAULT = Options()

# Fifths of the deal by role. A role that a deal lacks leaves its fifths to the others in proportion; a touch in
# several roles gets the fifths of all of them.
FIFTHS: Mapping[Rule, Mapping[Role, int]] = MappingProxyType(
    {
        Rule.POSITION_A: MappingProxyType({Role.FIRST: 2, Role.KEY_INFLUENCE: 2, Role.LAST: 1}),
        Rule.POSITION_B: MappingProxyType({Role.FIRST: 2, Role.LAST: 2, Role.PARTNER_INFLUENCE: 1}),
    }
)

NAMES: Mapping[Rule, str] = MappingProxyType(
    {
        Rule.SOURCE: "Source",
        Rule.FIRST: "First touch",
        Rule.LAST: "Last touch",
        Rule.LINEAR: "Linear",
        Rule.POSITION_A: "Position A (40 first, 40 key influence, 20 last)",
        Rule.POSITION_B: "Position B (40 first, 40 last, 20 partner influence)",
        Rule.TIME_DECAY: "Time decay",
        Rule.DATA_DRIVEN: "Data-driven",
    }
)

MEANINGS: Mapping[Rule, str] = MappingProxyType(
    {
        Rule.SOURCE: "All to the partner, first asset, channel and campaign that the lead itself carries.",
        Rule.FIRST: "All to the first touch.",
        Rule.LAST: "All to the last touch.",
        Rule.LINEAR: "The same to every touch.",
        Rule.POSITION_A: "40 % to the first touch, 40 % to the key influence, 20 % to the last touch.",
        Rule.POSITION_B: "40 % to the first touch, 40 % to the last, 20 % to the last touch of a partner.",
        Rule.TIME_DECAY: "A touch weighs half as much for every half-life that it lies before the end.",
        Rule.DATA_DRIVEN: "A touch weighs what its partner (or channel) is missed: how much rarer wins would be "
        "without it, by the paths of won and lost deals.",
    }
)

# What happens where a deal lacks what a rule asks for: shown beside the rule.
FALLBACKS: Mapping[Rule, str] = MappingProxyType(
    {
        Rule.SOURCE: "A deal without a lead is in the line “no touch recorded”.",
        Rule.FIRST: "A deal without a touch is in the line “no touch recorded”.",
        Rule.LAST: "A deal without a touch is in the line “no touch recorded”.",
        Rule.LINEAR: "A deal without a touch is in the line “no touch recorded”.",
        Rule.POSITION_A: "No key influence: two thirds to the first touch, one third to the last. One touch in several "
        "roles gets the shares of all of them.",
        Rule.POSITION_B: "No touch of a partner: half to the first touch, half to the last. One touch in several roles "
        "gets the shares of all of them.",
        Rule.TIME_DECAY: "A deal without a touch is in the line “no touch recorded”.",
        Rule.DATA_DRIVEN: "A partner or channel that no closed deal met weighs nothing; where that leaves a deal "
        "without any weight, the deal is shared out linearly.",
    }
)
