"""Which gates does each lead pass? Worked out lead by lead from rows and from the scorecard's JSON, without SQL."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

BITS = {"overlap": 1, "icp": 2, "ecosystem": 4, "buying": 8, "triggers": 16, "score": 32, "confirmed": 64,
        "recorded": 128}  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """A live lead of the period: what it scores, the gates it passes, how many criteria have a known value."""

    row: Row
    fit: int
    intent: int
    gates: frozenset[str]
    known: int
    signals: frozenset[str]
    deals: tuple[Row, ...]

    @property
    def bits(self) -> int:
        return sum(BITS[gate] for gate in self.gates)


def judge(
    tables: dict[str, list[Row]], card: dict[str, Any], start: datetime, end: datetime, as_of: datetime
) -> list[Judged]:
    """Every live lead created in [start, end), judged by the card as of the instant."""
    belongs = _members(tables["lead"], as_of)
    signals, deals = defaultdict(list), defaultdict(list)
    for row in tables["signal"]:
        signals[belongs.get(row["lead_id"])].append(row)
    for row in tables["deal"]:
        seen = row["opened_at"] or row["closed_at"]
        if seen is not None and seen <= as_of and not (row.get("deleted_at") and row["deleted_at"] <= as_of):
            deals[belongs.get(row["lead_id"])].append(row)
    others = {name: {row[f"{name}_id"]: row for row in tables[name]} for name in ("account", "asset", "partner")}
    return [
        _judge(row, signals[row["lead_id"]], deals[row["lead_id"]], others, card, as_of)
        for row in tables["lead"]
        if start <= row["created_at"] < end and _live(row, as_of)
    ]


def _live(row: Row, as_of: datetime) -> bool:
    if row["created_at"] > as_of or row["is_test"] or (row.get("deleted_at") and row["deleted_at"] <= as_of):
        return False
    return row.get("merged_into") is None or (row.get("merged_at") is not None and row["merged_at"] > as_of)


def _members(leads: list[Row], as_of: datetime) -> dict[str, str]:
    """For each lead the one that its signals and deals belong to; those of a chain through a test lead to nobody."""
    rows = {row["lead_id"]: row for row in leads}
    found = {}
    for lead_id in rows:
        end, spoiled = lead_id, False
        while rows[end].get("merged_into") and (rows[end].get("merged_at") is None or rows[end]["merged_at"] <= as_of):
            spoiled |= rows[end]["is_test"]
            end = rows[end]["merged_into"]
        if not spoiled:
            found[lead_id] = end
    return found


def _judge(
    row: Row, signals: list[Row], deals: list[Row], others: Any, card: dict[str, Any], as_of: datetime
) -> Judged:
    counted = _counted(row, signals, deals, as_of, card["window_days"])
    seen = {signal["signal"] for signal in counted}
    points, known = {"fit": 0, "intent": 0}, 0
    for criterion in card["criteria"]:
        value = _value(criterion, row, counted, others)
        known += value is not None
        if value is not None:
            points[criterion["group"]] += next(
                (level["points"] for level in criterion["levels"] if _meets(value, level)), 0
            )
    passed = {
        "overlap": seen & set(card["overlap_signals"]),
        "icp": points["fit"] >= card["icp_at_least"],
        "ecosystem": seen & set(card["ecosystem_signals"]),
        "buying": seen & set(card["buying_signals"]),
        "triggers": len(seen & set(card["trigger_signals"])) >= card["min_triggers"],
        "score": sum(points.values()) >= card["threshold"],
        "confirmed": all(_by(row, f"{side}_confirmed_at", as_of) for side in ("partner", "vendor")),
        "recorded": _by(row, "eql_at", as_of),
    }
    gates = frozenset(gate for gate, holds in passed.items() if holds)
    return Judged(row, points["fit"], points["intent"], gates, known, frozenset(seen), tuple(deals))


def _by(row: Row, name: str, as_of: datetime) -> bool:
    return row.get(name) is not None and row[name] <= as_of


def _counted(row: Row, signals: list[Row], deals: list[Row], as_of: datetime, days: int) -> list[Row]:
    handed_over = [row.get(name) for name in ("assigned_at", "first_contacted_at", "sql_at")]
    handed_over += [deal["opened_at"] for deal in deals]
    first = min((moment for moment in handed_over if moment is not None), default=None)
    return [
        signal
        for signal in signals
        if signal["occurred_at"] <= as_of
        and (first is None or signal["occurred_at"] < first)
        and abs(signal["occurred_at"] - row["created_at"]) <= timedelta(days=days)
    ]


def _value(criterion: Row, row: Row, counted: list[Row], others: Any) -> Any:
    if "signal" in criterion:
        days = timedelta(days=criterion.get("within_days", 100_000))
        return sum(
            1
            for signal in counted
            if signal["signal"] == criterion["signal"] and abs(signal["occurred_at"] - row["created_at"]) <= days
        )
    table, column = criterion["field"].split(".")
    key = {"account": "account_id", "asset": "first_asset_id", "partner": "partner_id"}.get(table)
    found = row if key is None else others[table].get(row.get(key), {})
    value = found.get(column)
    return None if isinstance(value, str) and not value.strip(" ") else value


def _meets(value: Any, level: Row) -> bool:
    if level.get("otherwise"):
        return True
    if "at_least" in level:
        return value >= level["at_least"]
    if isinstance(value, list):
        tags = {tag.lower() for tag in value}
        if "all_of" in level:
            return {tag.lower() for tag in level["all_of"]} <= tags
        return any(tag.lower() in tags for tag in level["any_of"])
    if isinstance(value, str):
        return value.strip(" ").lower() in [text.lower() for text in level["any_of"]]
    return level.get("from", float("-inf")) <= value < level.get("below", float("inf"))
