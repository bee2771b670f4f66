"""What did the programme cost, and did partners cross the gate? The report's `costs`, by docs/costs.md alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR, date, timedelta
from fractions import Fraction
from typing import Any

from tests.reference.rows_data import Data

CATEGORIES = ("seat", "tooling", "people", "content", "media", "payout", "other")
KINDS = ("direct", "overhead", "channel")
Stretch = tuple[date, date]  # first day, day after the last


def rows_costs(data: Data) -> dict[str, Any]:
    """The section without intervals and pilots."""
    q = data.question
    period = (q.day(q.start), q.day(q.end))
    return {
        "categories": {
            name: _cells(data, period, lambda row, name=name: row["category"] == name) for name in CATEGORIES
        },
        "totals": _totals(data, period),
        "partners": {key: _partner(data, key, period) | {"gate": _gate(data, key)} for key in data.partners},
    }


def kind(row: dict[str, Any]) -> str:
    """Who bears a cost."""
    if row["partner_id"] is not None:
        return "direct"
    return "overhead" if row["channel"] is None else "channel"


def _days_in(data: Data, row: dict[str, Any], stretch: Stretch) -> int:
    q = data.question
    first = max(row["period_start"], stretch[0])
    last = min(row["period_end"], stretch[1] - timedelta(days=1), q.day(q.as_of))
    return max((last - first).days + 1, 0)


def _amount(data: Data, row: dict[str, Any], stretch: Stretch) -> Fraction | None:
    """What of the row lies in the stretch; None where it has no rate."""
    value = data.counted.rates.convert(row["amount"], row["currency"], row["period_start"])
    days = (row["period_end"] - row["period_start"]).days + 1
    return None if value is None else value * _days_in(data, row, stretch) / days


def _cell(data: Data, stretch: Stretch, belongs: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    rows = [row for row in data.tables["cost"] if belongs(row) and _days_in(data, row, stretch)]
    amounts = [_amount(data, row, stretch) for row in rows]
    known = [amount for amount in amounts if amount is not None]
    return {
        "cost": float(sum(known, Fraction(0))) if known else None,
        "rows": len(rows),
        "unconverted": len(amounts) - len(known),
    }


def _cells(data: Data, stretch: Stretch, belongs: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    parts = {name: _cell(data, stretch, lambda row, name=name: kind(row) == name and belongs(row)) for name in KINDS}
    return parts | {"total": _cell(data, stretch, belongs)}


def _totals(data: Data, stretch: Stretch) -> dict[str, Any]:
    parts = _cells(data, stretch, lambda row: True)
    programme = _cell(data, stretch, lambda row: kind(row) != "channel")
    spread = any(_shares(data, stretch).values())
    return parts | {
        "programme_cost": programme,
        "overhead_unspread": 0.0 if spread else float(_overhead(data, stretch)),
    }


def _overhead(data: Data, stretch: Stretch) -> Fraction:
    rows = [row for row in data.tables["cost"] if kind(row) == "overhead"]
    return sum((_amount(data, row, stretch) or Fraction(0) for row in rows), Fraction(0))


def _reached(data: Data, partner: str, stage: str, stretch: Stretch) -> int:
    q = data.question
    start, end = q.midnight(stretch[0]), q.midnight(stretch[1])
    moments = (lead.row[f"{stage}_at"] for lead in data.counted.leads if lead.row["partner_id"] == partner)
    return sum(moment is not None and start <= moment < end and moment <= q.as_of for moment in moments)


def _shares(data: Data, stretch: Stretch) -> dict[str, Fraction]:
    how, weights = data.question.overhead, dict.fromkeys(data.partners, 0)
    if how == "by_eqls":
        weights = {key: _reached(data, key, "eql", stretch) for key in data.partners}
    elif how == "equally":
        weights = {
            key: int(row["status"] == "active" and row["joined_on"] is not None and row["joined_on"] < stretch[1])
            for key, row in data.partners.items()
        }
    whole = sum(weights.values())
    return {key: Fraction(weight, whole) if whole else Fraction(0) for key, weight in weights.items()}


def _partner(data: Data, key: str, stretch: Stretch) -> dict[str, Any]:
    q = data.question
    rows = [row for row in data.tables["cost"] if row["partner_id"] == key]
    direct = sum((_amount(data, row, stretch) or Fraction(0) for row in rows), Fraction(0))
    overhead = _overhead(data, stretch) * _shares(data, stretch)[key]
    cost = direct + overhead
    start, end = q.midnight(stretch[0]), q.midnight(stretch[1])
    pipeline = sum(
        (
            deal.pipeline or Fraction(0)
            for deal in data.counted.deals
            if data.partner_of(deal) == key and deal.opened_at and start <= deal.opened_at < end
        ),
        Fraction(0),
    )
    eqls, sqls = (_reached(data, key, stage, stretch) for stage in ("eql", "sql"))

    def each(what: Fraction | int, by: Fraction | int) -> float | None:
        return float(Fraction(what) / by) if cost > 0 and by else None

    return {
        "direct": float(direct),
        "overhead": float(overhead),
        "cost": float(cost),
        "eqls_in_period": eqls,
        "sqls_in_period": sqls,
        "cost_per_eql": each(cost, eqls),
        "cost_per_sql": each(cost, sqls),
        "pipeline_created": float(pipeline),
        "pipeline_multiple": each(pipeline, cost),
    }


def _gate(data: Data, key: str) -> dict[str, Any]:
    q = data.question
    joined = data.partners[key]["joined_on"]
    if joined is None or not MINYEAR < joined.year < MAXYEAR:
        return {"first_full_quarter": None, "verdict": "too early", "reason": "join_date_unknown"}
    first = q.first_full_quarter(joined)
    after = date(first.year + (first.month > 9), (first.month + 2) % 12 + 1, 1)
    numbers = _partner(data, key, (first, after))
    found = {"first_full_quarter": q.quarter_label(first)}
    if q.midnight(after) > q.as_of:
        return found | {"verdict": "too early", "reason": "quarter_not_over"}
    if numbers["pipeline_multiple"] is None:
        return found | {"verdict": "too early", "reason": "no_cost"}
    verdict = "continue" if numbers["pipeline_multiple"] >= 5 else "pause or pivot"
    return found | {"verdict": verdict, "reason": None}
