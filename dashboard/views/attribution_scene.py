"""What does the Attribution page look at? The deals as they are shared out, and the total that it is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard import frames, wording
from dashboard.frames import attribution as asked
from dashboard.metrics.attribution import Attribution
from dashboard.metrics.attribution_certainty import Certainty
from dashboard.metrics.attribution_rules import Base, Rule
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views import attribution as words
from dashboard.views import overview
from dashboard.views.attribution_choice import Choice, possible
from dashboard.views.headline import Setting

if TYPE_CHECKING:
    from dashboard.filters import Filters


@dataclass(frozen=True, slots=True)
class Scene:
    """The result and how it is looked at. `choice` is the one that can be answered, `ids` the chosen partners (None:
    all), `page` the cents that the page everybody knows shows for the same deals."""

    period: Period
    when: Setting
    choice: Choice
    found: Attribution
    ids: frozenset[str] | None
    page: int

    @property
    def rule(self) -> Rule:
        """The rule that the page is about."""
        return self.choice.rule

    @property
    def currency(self) -> str:
        """The reporting currency."""
        return self.when.currency


def scene(period: Period, chosen: Filters, choice: Choice) -> Scene:
    """The deals of a period for what is chosen; every part is an answer that is kept."""
    as_of, own = frames.freshness().as_of, settings()
    name = wording.period_name(period.label, own.fiscal_year_start)
    found = asked.attribution(period, chosen, choice.options, choice.base)
    return Scene(
        period=period,
        when=Setting(name, as_of >= period.end, period.start <= as_of, own.currency),
        choice=possible(choice, found),
        found=found,
        ids=chosen.partner_ids(frames.choices()),
        page=words.of_page(frames.performance(period, chosen).totals, choice.base),
    )


def answer(own: Scene) -> str:
    """The first line of the page."""
    who = overview.subject(own.ids, frames.choices().partners)
    return words.answer(who, own.when, own.rule, own.found, own.ids)


def second(own: Scene) -> str:
    """What stands below the first line: what no partner touched, and that it adds up."""
    return words.second(own.when, own.found, own.page)


def certain(own: Scene, chosen: Filters) -> Certainty | None:
    """How sure the lines are; None where there is no credit, or where the database took too long to tell."""
    if not own.found.total.cents:
        return None
    return asked.certainty(own.period, chosen, own.choice.options, own.choice.base)


def instead(own: Scene, chosen: Filters) -> str:
    """What can be shared out where the chosen base holds nothing."""
    if own.found.total.cents:
        return ""
    other = Base.PIPELINE if own.choice.base is Base.ARR else Base.ARR
    return words.instead(asked.attribution(own.period, chosen, own.choice.options, other))
