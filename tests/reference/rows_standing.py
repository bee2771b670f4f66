"""With which others is a partner compared, and where does it stand among them by the numbers as they are?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from statistics import median
from typing import Any

from tests.reference.rows_data import Data
from tests.reference.rows_velocity import curve_of

FEWEST_OF_TYPE = 5
FEWEST_WON = 5
MEASURES = ("win_rate", "eql_to_sql", "pipeline_per_eql", "median_days_to_close", "pipeline_per_referring_page")


def took_part(data: Data) -> list[str]:
    """Partners that are active and had joined before the period's end, or to which something happened in it."""
    question = data.question
    last = question.day(question.end)
    found = {
        key
        for key, row in data.partners.items()
        if row["status"] == "active" and row["joined_on"] is not None and row["joined_on"] < last
    }
    for lead in data.counted.leads:
        moments = (lead.row["created_at"], lead.reached.get("eql"))
        if any(question.in_period(moment) for moment in moments):
            found.add(lead.row["partner_id"])
    for deal in data.counted.deals:
        closed = deal.closed_at if deal.outcome in ("won", "lost") else None
        if question.in_period(deal.opened_at) or question.in_period(closed):
            found.add(data.partner_of(deal))
    return [key for key in data.partners if key in found]


def compared_with(data: Data, key: str, everyone: list[str]) -> tuple[bool, list[str]]:
    """Whether the partner is compared with its own type alone, and the others."""
    kind = data.partners[key]["partner_type"]
    of_type = [other for other in everyone if data.partners[other]["partner_type"] == kind and other != key]
    enough = len(of_type) + 1 >= FEWEST_OF_TYPE
    return enough, of_type if enough else [other for other in everyone if other != key]


def raw_values(report: Mapping[str, Any]) -> dict[str, dict[str, float | None]]:
    """By measure and partner the value of the period, from the partners of the report."""
    found: dict[str, dict[str, float | None]] = {name: {} for name in MEASURES}
    for own in report["partners"]:
        rates = {"win_rate": own["win_rate"], "eql_to_sql": own["step_conversion"].get("eql_to_sql")}
        for name in MEASURES:
            value = (rates[name] or {}).get("value") if name in rates else own[name]
            found[name][own["partner_id"]] = value
    return found


def rows_standing(data: Data, report: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By partner `compared_with` and, of each standing, what is not drawn."""
    everyone, values = took_part(data), raw_values(report)
    won = Counter(data.partner_of(deal) for deal in curve_of(data) if deal.outcome == "won")
    found = {}
    for key in data.partners:
        of_type, others = compared_with(data, key, everyone)
        standings = {}
        for name in MEASURES:
            known = [value for other in others if (value := values[name][other]) is not None]
            among = len(known)
            if name == "median_days_to_close" and key in everyone and won[key] >= FEWEST_WON:
                # Resamples of fewer won deals say nothing: such partners are not stood beside.
                among = sum(won[other] >= FEWEST_WON for other in others) or among
            standings[name] = {
                "value": values[name][key],
                "median": float(median(known)) if known else None,
                "among": among,
            }
        kind = data.partners[key]["partner_type"]
        found[key] = {
            "compared_with": {"partner_type": kind, "of_type": of_type, "partners": len(others)},
            "standings": standings,
        }
    return found


def surpassed(own: float, others: list[float], *, fewer_is_better: bool = False) -> float:
    """The share of the others that it surpasses, equals counting half."""
    better = sum(other > own if fewer_is_better else other < own for other in others)
    return (better + sum(other == own for other in others) / 2) / len(others)
