"""What does a scorecard say about one lead? Levels, points and gates, read off docs/scoring-model.md."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.reference.counted import Lead
from tests.reference.rows_data import Data

DEFAULT = Path(__file__).parents[2] / "dashboard" / "scoring" / "default_model.json"
DEFAULTS: dict[str, Any] = {
    "threshold": 70,
    "icp_at_least": 20,
    "window_days": 90,
    "min_triggers": 2,
    "trigger_signals": [],
    "ecosystem_signals": ["integration_install", "partner_referral"],
    "buying_signals": ["demo_request", "budget_confirmed", "use_case_confirmed"],
    "overlap_signals": ["account_overlap"],
    "required_gates": ["ecosystem", "buying"],
}
# In the order of the waterfall; ICP stands first whether it is required or not.
GATES = ("icp", "ecosystem", "buying", "triggers", "score", "confirmed")


@dataclass(frozen=True)
class Verdict:
    """One lead under one card: which gates it fails, and what was known of it."""

    fit: int
    score: int
    known: int
    overlapping: bool
    fails: frozenset[str]


def active_card(data: Data) -> tuple[int | None, dict[str, Any]]:
    """Version and document of the newest model published by the instant, else the one that comes with the program."""
    published = [row for row in data.tables["scoring_model"] if data.question.seen(row["published_at"])]
    if not published:
        return None, DEFAULTS | json.loads(DEFAULT.read_text(encoding="utf-8"))
    newest = max(published, key=lambda row: (row["published_at"], row["version"]))
    return newest["version"], DEFAULTS | newest["definition"]


def judge(lead: Lead, card: dict[str, Any], data: Data) -> Verdict:
    """Points, completeness and failed gates of a lead."""
    counting = countable_signals(lead, data)
    seen = {name for name, days in counting if days <= card["window_days"]}
    points: Counter[str] = Counter()
    known = 0
    for criterion in card["criteria"]:
        found = _points(criterion, lead, counting, card, data)
        known += found is not None
        points[criterion["group"]] += found or 0
    score = points["fit"] + points["intent"]
    row, as_of = lead.row, data.question.seen
    passed = {
        "icp": points["fit"] >= card["icp_at_least"],
        "ecosystem": bool(seen & set(card["ecosystem_signals"])),
        "buying": bool(seen & set(card["buying_signals"])),
        "triggers": len(seen & set(card["trigger_signals"])) >= card["min_triggers"],
        "score": score >= card["threshold"],
        "confirmed": as_of(row["partner_confirmed_at"]) and as_of(row["vendor_confirmed_at"]),
    }
    fails = frozenset(gate for gate, ok in passed.items() if not ok)
    return Verdict(points["fit"], score, known, bool(seen & set(card["overlap_signals"])), fails)


def countable_signals(lead: Lead, data: Data) -> list[tuple[str, float]]:
    """Signals seen by the instant and before the hand-over, with their distance in days from the lead's creation."""
    hand_over = handed_over(lead)
    created = lead.row["created_at"]
    return [
        (name, abs((moment - created).total_seconds()) / 86_400)
        for name, moment in data.signals[lead.row["lead_id"]]
        if data.question.seen(moment) and (hand_over is None or moment < hand_over)
    ]


def handed_over(lead: Lead) -> datetime | None:
    """The first of assignment, first contact, sales qualification and the opening of a deal of the lead."""
    moments = [lead.row[name] for name in ("assigned_at", "first_contacted_at", "sql_at")]
    moments += [deal.opened_at for deal in lead.deals]
    return min((moment for moment in moments if moment is not None), default=None)


def _points(
    criterion: dict[str, Any], lead: Lead, counting: Iterable[tuple[str, float]], card: dict[str, Any], data: Data
) -> int | None:
    """Points of the first level that holds, 0 where none does; None where the value is unknown."""
    if "signal" in criterion:
        within = criterion.get("within_days", card["window_days"])
        value: Any = sum(name == criterion["signal"] and days <= within for name, days in counting)
    else:
        value = _field(criterion["field"], lead, data)
        if value is None or value == "":
            return None
    return next((level["points"] for level in criterion["levels"] if _holds(level, value)), 0)


def _field(name: str, lead: Lead, data: Data) -> Any:
    table, column = name.split(".")
    row: dict[str, Any] | None = {
        "lead": lead.row,
        "account": data.accounts.get(lead.row["account_id"]),
        "asset": data.assets.get(lead.row["first_asset_id"]),
        "partner": data.partners.get(lead.row["partner_id"]),
    }[table]
    return row[column] if row else None


def _holds(level: dict[str, Any], value: Any) -> bool:
    if level.get("otherwise"):
        return True
    if "at_least" in level:
        return value >= level["at_least"]
    if "any_of" in level or "all_of" in level:
        had = {item.lower() for item in (value if isinstance(value, list) else [value]) if item is not None}
        wanted = {item.lower() for item in level.get("any_of", level.get("all_of"))}
        return bool(had & wanted) if "any_of" in level else wanted <= had
    return level.get("from", value) <= value and ("below" not in level or value < level["below"])
