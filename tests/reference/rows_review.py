"""What is ranked in the quarterly review, and what follows from the chances? Partner by partner."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.reference.counted import Deal, Lead
from tests.reference.money import ratio
from tests.reference.ranking import outer_groups, rank_descending, reasons_against
from tests.reference.rows_data import Data
from tests.reference.rows_simulation import Cases

SURE = 0.8
FEWEST_EVENTS = 5


def page_values(data: Data) -> dict[str, Fraction | None]:
    """Pipeline per referring page of every partner."""
    found: dict[str, Fraction | None] = {}
    for key in data.partners:
        pipeline = sum((deal.pipeline or 0 for deal in _opened(data, key)), Fraction(0))
        found[key] = ratio(pipeline, len(_pages(data, key)))  # type: ignore[assignment]
    return found


def _leads(data: Data, key: str) -> list[Lead]:
    return [lead for lead in data.counted.leads if lead.row["partner_id"] == key]


def _opened(data: Data, key: str) -> list[Deal]:
    return [
        deal for deal in data.counted.deals if data.partner_of(deal) == key and data.question.in_period(deal.opened_at)
    ]


def _pages(data: Data, key: str) -> set[str]:
    question = data.question
    since = question.months_before(question.end, 12)
    pages = {
        lead.row["first_asset_id"]
        for lead in _leads(data, key)
        if since <= lead.row["created_at"] < question.end and lead.row["first_asset_id"] is not None
    }
    return {page for page in pages if data.assets[page]["partner_id"] == key}


def eligible(data: Data, values: Mapping[str, Fraction | None]) -> dict[str, Fraction]:
    """Values of the partners that are ranked."""
    first = data.question.day(data.question.start)
    return {
        key: value
        for key, value in values.items()
        if value is not None and not reasons_against(data.partners[key], first, value)
    }


def at(data: Data, start: datetime, end: datetime) -> Data:
    """The same data, asked for another period from the same instant."""
    return Data(replace(data.question, start=start, end=end), data.tables, data.counted, data.rows)


def ranks_in(data: Data) -> dict[str, int]:
    """The ranks of a period."""
    return rank_descending(eligible(data, page_values(data)))


def page_cases(data: Data, key: str) -> Cases:
    """What the simulation of pipeline per referring page knows of a partner."""
    amounts = [deal.pipeline for deal in _opened(data, key) if deal.pipeline]
    leads = sum(data.question.in_period(lead.row["created_at"]) for lead in _leads(data, key))
    logs = tuple(math.log(amount) for amount in amounts)
    return Cases(leads, len(amounts), logs, len(_pages(data, key)))


def suggestion(p_top: float | None, p_bottom: float | None, place: str) -> str:
    """What the chances say, None where nobody has data enough; `place` is the partner's group in the table."""
    if p_top is None or p_bottom is None:
        return "wait"
    if p_top >= SURE:
        return "double"
    if p_bottom >= SURE:
        return "end"
    return "wait" if place in ("top", "bottom") else "keep"


def consequences(
    values: Mapping[str, Fraction], p_top: Mapping[str, float], p_bottom: Mapping[str, float]
) -> dict[str, dict[str, Any]]:
    """Of those that each rule names, the share that does not belong there, and the share it finds of those who do."""
    size = outer_groups(values)[0]
    return {
        "bottom_of_table": _by_lot(values, p_bottom, size, lambda value: value),
        "surely_bottom": _sure(p_bottom, size),
        "top_of_table": _by_lot(values, p_top, size, lambda value: -value),
        "surely_top": _sure(p_top, size),
    }


def _by_lot(
    values: Mapping[str, Fraction], chance: Mapping[str, float], size: int, order: Callable[[Fraction], Fraction]
) -> dict[str, Any]:
    """The outer fifth of the table; among equals at its border the lot decides, so each counts by its chance."""
    belong, left = 0.0, size
    for value in sorted(set(values.values()), key=order):
        block = [key for key, own in values.items() if own == value]
        taken = min(left, len(block))
        belong += taken / len(block) * sum(chance[key] for key in block)
        left -= taken
    return _outcome(size, belong, size)


def _sure(chance: Mapping[str, float], size: int) -> dict[str, Any]:
    named = [own for own in chance.values() if own >= SURE]
    return _outcome(len(named), sum(named), size)


def _outcome(named: int, belong: float, size: int) -> dict[str, Any]:
    return {
        "named": named,
        "wrong": 1 - belong / named if named else None,
        "found": belong / size if size else None,
    }
