"""Whose rank, action or “too few EQLs” changes under another scoring model? By pipeline of qualified leads per page.

The table's rule alone: who stands in the top fifth is doubled, who stands in the bottom fifth is ended. How sure a rank
is, the review says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from dashboard.metrics.intervals import ratio
from dashboard.metrics.ranking import Group, Place, Ranking, rank, reasons_against
from dashboard.metrics.suggestion import Suggestion
from dashboard.metrics.summary import FEWEST_EQLS
from dashboard.scoring.what_if import WhatIf

_ACTIONS = MappingProxyType({Group.TOP: Suggestion.DOUBLE, Group.MIDDLE: Suggestion.KEEP, Group.BOTTOM: Suggestion.END})


@dataclass(frozen=True, slots=True)
class Ranked:
    """What the review knows of a partner: its status, when it joined, its referring pages of twelve months."""

    status: str
    joined_on: date | None
    pages: int | None


@dataclass(frozen=True, slots=True)
class Side:
    """A partner under one model: qualified leads, their pipeline per referring page (cents), its place in the ranking.

    `value` is None without pages; a place without a rank says in `reasons` why.
    """

    qualified: int
    value: float | None
    place: Place

    @property
    def action(self) -> Suggestion | None:
        """Double, keep or end by the table; None where the partner is not ranked."""
        return None if self.place.group is None else _ACTIONS[self.place.group]

    @property
    def too_few(self) -> bool:
        """Whether it has fewer than 50 qualified leads."""
        return self.qualified < FEWEST_EQLS


@dataclass(frozen=True, slots=True)
class RankChange:
    """One partner under the active model (`then`) and under the scenario (`now`)."""

    partner_id: str
    then: Side
    now: Side

    @property
    def steps(self) -> int | None:
        """How many ranks it rises (falls where negative); None where it is not ranked under both."""
        if self.then.place.rank is None or self.now.place.rank is None:
            return None
        return self.then.place.rank - self.now.place.rank

    @property
    def changed(self) -> bool:
        """Whether its rank, its action or “too few EQLs” is another."""
        return (self.then.place.rank, self.then.action, self.then.too_few) != (
            self.now.place.rank,
            self.now.action,
            self.now.too_few,
        )


@dataclass(frozen=True, slots=True)
class RankChanges:
    """All partners, best rank under the scenario first, those not ranked last; and both rankings."""

    partners: tuple[RankChange, ...]
    then: Ranking
    now: Ranking

    @property
    def changed(self) -> tuple[RankChange, ...]:
        """Those for whom anything changes."""
        return tuple(change for change in self.partners if change.changed)


def rank_changes(found: WhatIf, partners: Mapping[str, Ranked], begin: date) -> RankChanges:
    """Ranks of all `partners` (also those without leads) in a period that begins on `begin`."""
    own = {change.partner_id: change for change in found.partners}
    now = {name: (own[name].qualified, own[name].all_pipeline) if name in own else (0, 0) for name in partners}
    then = {
        name: (own[name].active_qualified, own[name].active_all_pipeline) if name in own else (0, 0)
        for name in partners
    }
    before, ranking_before = _sides(then, partners, begin)
    after, ranking_after = _sides(now, partners, begin)
    changes = [RankChange(name, before[name], after[name]) for name in partners]
    return RankChanges(tuple(sorted(changes, key=_order)), ranking_before, ranking_after)


def _sides(
    numbers: Mapping[str, tuple[int, int]], partners: Mapping[str, Ranked], begin: date
) -> tuple[dict[str, Side], Ranking]:
    values = {name: ratio(pipeline, partners[name].pages) for name, (_, pipeline) in numbers.items()}
    reasons = {name: reasons_against(own.status, own.joined_on, begin, values[name]) for name, own in partners.items()}
    ranking = rank(values, reasons)
    return {name: Side(numbers[name][0], values[name], ranking.places[name]) for name in partners}, ranking


def _order(change: RankChange) -> tuple[bool, int, str]:
    place = change.now.place.rank
    return place is None, place or 0, change.partner_id
