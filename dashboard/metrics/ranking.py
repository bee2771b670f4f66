"""Which partners stand at the top and at the bottom of the quarterly review?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Group(StrEnum):
    """Top and bottom hold ⌊0.2 × eligible⌋ partners each, fewer where a tie lies across the border."""

    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"


class Reason(StrEnum):
    """Why a partner is not ranked."""

    NOT_ACTIVE = "not_active"
    JOINED_TOO_LATE = "joined_too_late"
    JOIN_DATE_UNKNOWN = "join_date_unknown"
    NO_VALUE = "no_value"


@dataclass(frozen=True, slots=True)
class Place:
    """Rank 1 is best; equal values share the better rank. No rank where `reasons` speak against it."""

    rank: int | None
    group: Group | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Places by partner, how many were eligible, and the size that an outer group has without ties."""

    places: Mapping[str, Place]
    eligible: int
    group_size: int

    def members(self, group: Group) -> list[str]:
        """Partners of a group, best rank first."""
        own = [(place.rank, partner) for partner, place in self.places.items() if place.group is group]
        return [partner for _, partner in sorted(own)]


def reasons_against(status: str, joined_on: date | None, begin: date, value: float | None) -> tuple[Reason, ...]:
    """Why a partner cannot be ranked in a period that begins on `begin`; empty where it can."""
    found = []
    if status != "active":
        found.append(Reason.NOT_ACTIVE)
    if joined_on is None:
        found.append(Reason.JOIN_DATE_UNKNOWN)
    elif joined_on > begin:
        found.append(Reason.JOINED_TOO_LATE)
    if value is None:
        found.append(Reason.NO_VALUE)
    return tuple(found)


def rank(
    values: Mapping[str, float | None], reasons: Mapping[str, Sequence[Reason]], ascending: bool = False
) -> Ranking:
    """Ranks the partners without reasons against them; descending, or ascending for costs and days."""
    eligible = {partner: float(v) for partner, v in values.items() if v is not None and not reasons[partner]}
    ordered = sorted(eligible.values(), reverse=not ascending)
    size = len(ordered) * 2 // 10
    first: dict[float, int] = {}
    for place, value in enumerate(ordered, start=1):
        first.setdefault(value, place)
    last = {value: place for place, value in enumerate(ordered, start=1)}
    places = {}
    for partner in values:
        if partner not in eligible:
            places[partner] = Place(None, None, tuple(reasons[partner]))
            continue
        value = eligible[partner]
        places[partner] = Place(first[value], _group(first[value], last[value], size, len(ordered)), ())
    return Ranking(places, len(ordered), size)


def _group(first: int, last: int, size: int, total: int) -> Group:
    """A block of equal values (ranks first … last) belongs to an outer group only where it fits into it whole."""
    if last <= size:
        return Group.TOP
    if first > total - size:
        return Group.BOTTOM
    return Group.MIDDLE
