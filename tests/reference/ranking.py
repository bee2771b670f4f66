"""Which partners rank where, and who stands in the outer fifths? Competition ranks; a tie is never split by a group."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from itertools import groupby

METRIC = "pipeline_per_referring_page"


def reasons_against(partner: Mapping, first_day: date, value: Fraction | None) -> list[str]:
    """Why a partner is not ranked; empty where it is."""
    reasons = []
    if partner["status"] != "active":
        reasons.append("not_active")
    if partner["joined_on"] is None:
        reasons.append("join_date_unknown")
    elif partner["joined_on"] > first_day:
        reasons.append("joined_too_late")
    if value is None:
        reasons.append("no_value")
    return reasons


def rank_descending(values: Mapping[str, Fraction]) -> dict[str, int]:
    """Rank 1 is best; equal values share the better rank."""
    return {key: 1 + sum(other > value for other in values.values()) for key, value in values.items()}


def outer_groups(values: Mapping[str, Fraction]) -> tuple[int, list[str], list[str]]:
    """Size of a fifth, and the partners of the top and of the bottom fifth, best first."""
    size = len(values) // 5
    best_first = sorted(values, key=lambda key: (-values[key], key))
    return size, _whole_blocks(best_first, values, size), _whole_blocks(best_first[::-1], values, size)[::-1]


def _whole_blocks(order: list[str], values: Mapping[str, Fraction], size: int) -> list[str]:
    taken: list[str] = []
    for _, block in groupby(order, key=values.__getitem__):
        members = list(block)
        if len(taken) + len(members) > size:
            break
        taken += members
    return taken
