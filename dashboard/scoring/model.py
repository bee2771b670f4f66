"""What makes a lead qualify? A scorecard as data: criteria with levels and points, a threshold, and gates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntFlag, StrEnum
from types import MappingProxyType


class Group(StrEnum):
    """What a criterion speaks for: that the company fits, or that it wants something."""

    FIT = "fit"
    INTENT = "intent"


class Kind(StrEnum):
    """What a criterion looks at, which decides what its levels may say."""

    TEXT = "text"
    NUMBER = "number"
    TAGS = "tags"
    SIGNAL = "signal"


# The fields that a criterion may look at. All are known before sales works the lead or carry no date at all; a score
# that looked at stages, owners or deals would predict the past.
FIELDS = MappingProxyType(
    {
        "account.industry": Kind.TEXT,
        "account.employees": Kind.NUMBER,
        "account.country": Kind.TEXT,
        "account.region": Kind.TEXT,
        "account.tech_stack": Kind.TAGS,
        "account.use_case": Kind.TEXT,
        "lead.channel": Kind.TEXT,
        "lead.region": Kind.TEXT,
        "lead.product_line": Kind.TEXT,
        "lead.email_domain": Kind.TEXT,
        "lead.utm_source": Kind.TEXT,
        "lead.utm_medium": Kind.TEXT,
        "lead.utm_campaign": Kind.TEXT,
        "asset.kind": Kind.TEXT,
        "asset.origin": Kind.TEXT,
        "asset.domain_rating": Kind.NUMBER,
        "partner.partner_type": Kind.TEXT,
        "partner.tier": Kind.TEXT,
    }
)


class Gate(IntFlag):
    """What a lead passes; one bit each, so that a lead's gates are one number.

    `OVERLAP` is no gate of any model: an overlap alone qualifies nobody. `RECORDED`: the CRM calls the lead an EQL.
    """

    OVERLAP = 1
    ICP = 2
    ECOSYSTEM = 4
    BUYING = 8
    TRIGGERS = 16
    SCORE = 32
    CONFIRMED = 64
    RECORDED = 128


# Gates that a model may require or not; triggers and score it always requires.
OPTIONAL = (Gate.ICP, Gate.ECOSYSTEM, Gate.BUYING, Gate.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a criterion. A lead is at the first level whose condition it meets.

    Text: one of `any_of`. Tags: one of `any_of`, or all of `all_of`. Number: `at_or_above` ≤ value < `below`, either
    end open where None. Signal: seen `at_least` times. `otherwise`: every known value that no level before it takes.
    """

    name: str
    points: int
    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    at_or_above: float | None = None
    below: float | None = None
    at_least: int | None = None
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the scorecard; `looks_at` is a field of `FIELDS` or the name of a signal.

    `within_days`: how far from the lead's creation a signal may lie; None: as far as the model allows.
    """

    name: str
    group: Group
    kind: Kind
    looks_at: str
    levels: tuple[Level, ...]
    within_days: int | None = None

    @property
    def most(self) -> int:
        """The points of its best level."""
        return max((level.points for level in self.levels), default=0)


@dataclass(frozen=True, slots=True)
class ScoringModel:
    """A scorecard with its threshold and gates. Only signals before the hand-over to sales count, within `window_days`.

    `icp_at_least`: fit points from which on a lead counts as matching the ideal customer profile.
    """

    name: str
    criteria: tuple[Criterion, ...]
    fit_total: int = 40
    intent_total: int = 60
    threshold: int = 70
    icp_at_least: int = 20
    window_days: int = 90
    min_triggers: int = 2
    triggers: tuple[str, ...] = ()
    ecosystem: tuple[str, ...] = ("integration_install", "partner_referral")
    buying: tuple[str, ...] = ("demo_request", "budget_confirmed", "use_case_confirmed")
    overlap: tuple[str, ...] = ("account_overlap",)
    requires: Gate = Gate.ECOSYSTEM | Gate.BUYING

    @property
    def required(self) -> Gate:
        """Every gate that a lead must pass to qualify."""
        return self.requires | Gate.TRIGGERS | Gate.SCORE

    def of(self, group: Group) -> tuple[Criterion, ...]:
        """The criteria of a group."""
        return tuple(criterion for criterion in self.criteria if criterion.group is group)

    def signals(self) -> Iterator[str]:
        """Every signal that the model names, some more than once."""
        yield from self.triggers + self.ecosystem + self.buying + self.overlap
        yield from (criterion.looks_at for criterion in self.criteria if criterion.kind is Kind.SIGNAL)
