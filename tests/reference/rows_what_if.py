"""What would another scorecard have done to the leads of a period? Lead by lead from rows and two JSON documents.

Only what was seen is computed here; what never-worked leads would have brought is an estimate, and checked elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.reference.counted import Lead
from tests.reference.curves import wilson
from tests.reference.qualified import Judged, judge
from tests.reference.rows_data import Data
from tests.reference.rows_scorecard import DEFAULTS

Card = dict[str, Any]
TIME_TO_CLOSE = timedelta(days=180)
BOTH = 2


@dataclass(frozen=True)
class Side:
    """What one scorecard says of a lead: its points, whether it qualifies at its points, and from which point on."""

    score: int
    qualifies: bool
    reaches: int  # the highest threshold at which it qualifies; -1 where another gate is closed
    triggers: int


@dataclass(frozen=True)
class Fate:
    """One lead of the cohort under both scorecards, and what became of it."""

    partner_id: str | None
    worked: bool
    sql: bool
    outcome: str | None
    pipeline: Fraction
    arr: Fraction
    old: bool
    recorded: bool
    scenario: Side
    active: Side


Choice = Callable[[Fate], bool]


def rows_what_if(data: Data, scenario: Card, active: Card, *, sourced: bool) -> dict[str, Any]:
    """The parts of the what-if's document that were seen; partners by their id, thresholds in their order.

    `sourced`: only leads with a partner are looked at.
    """
    scenario, active = DEFAULTS | scenario, DEFAULTS | active
    leads = fates(data, scenario, active)
    leads = [fate for fate in leads if fate.partner_id is not None or not sourced]
    top = sum(scenario.get("group_totals", {"fit": 40, "intent": 60}).values())
    partners = defaultdict(list)
    for fate in leads:
        partners[fate.partner_id].append(fate)
    return {
        "totals": _totals(leads),
        "thresholds": [_at(leads, threshold) for threshold in range(top + 1)],
        "partners": {key: _partner(own) for key, own in partners.items() if key is not None},
        "without_partner": _partner(partners[None]),
    }


def may_be_of(data: Data) -> set[str]:
    """Of whom the leads are: `partners` where the cohort names one, `everybody` where no row of the data does.

    In between, where older leads alone have a partner, both are sound.
    """
    if any(lead.row["partner_id"] is not None for lead in data.cohort()):
        return {"partners"}
    named = any(row["partner_id"] is not None for name in ("lead", "asset") for row in data.tables[name])
    return {"partners", "everybody"} if named else {"everybody"}


def fates(data: Data, scenario: Card, active: Card) -> list[Fate]:
    """Every live lead created in the period, as it stands at the instant."""
    question = data.question
    span = question.start, question.end, question.as_of
    sides = [
        {own.row["lead_id"]: _side(own, card) for own in judge(data.tables, card, *span)} for card in (scenario, active)
    ]
    recording = _sources_that_record_work(data)
    cohort = data.cohort()
    assert {lead.row["lead_id"] for lead in cohort} == sides[0].keys() == sides[1].keys()
    return [_fate(lead, data, recording, *(side[lead.row["lead_id"]] for side in sides)) for lead in cohort]


def _side(judged: Judged, card: Card) -> Side:
    score = judged.fit + judged.intent
    required = {*card["required_gates"], "triggers"}
    open_but_score = required <= judged.gates
    triggers = len(judged.signals & set(card["trigger_signals"]))
    return Side(score, open_but_score and "score" in judged.gates, score if open_but_score else -1, triggers)


def _sources_that_record_work(data: Data) -> set[str]:
    """Sources with at least one assignment or first contact, whatever the lead and whenever."""
    return {row["source"] for row in data.tables["lead"] if row["assigned_at"] or row["first_contacted_at"]}


def _fate(lead: Lead, data: Data, recording: set[str], scenario: Side, active: Side) -> Fate:
    row, seen = lead.row, data.question.seen
    worked = seen(row["assigned_at"]) or seen(row["first_contacted_at"])
    if row["source"] not in recording:
        worked = worked or seen(row["sql_at"]) or bool(lead.deals)
    outcomes = {deal.outcome for deal in lead.deals}
    return Fate(
        partner_id=row["partner_id"],
        worked=worked,
        sql=seen(row["sql_at"]),
        outcome=next((name for name in ("won", "open", "lost") if name in outcomes), None),
        pipeline=sum((deal.pipeline or Fraction(0) for deal in lead.deals), Fraction(0)),
        arr=sum((deal.won_arr or Fraction(0) for deal in lead.deals), Fraction(0)),
        old=_is_old(row["created_at"], data.question.as_of),
        recorded=seen(row["eql_at"]),
        scenario=scenario,
        active=active,
    )


def _is_old(created: datetime, as_of: datetime) -> bool:
    return as_of - created > TIME_TO_CLOSE


def _in_scenario(fate: Fate) -> bool:
    return fate.scenario.qualifies


def _in_active(fate: Fate) -> bool:
    return fate.active.qualifies


def _totals(leads: Sequence[Fate]) -> dict[str, Any]:
    qualified, active = list(filter(_in_scenario, leads)), list(filter(_in_active, leads))
    recorded = [fate for fate in leads if fate.recorded]
    gained = [fate for fate in qualified if not fate.active.qualifies]
    dropped = [fate for fate in active if not fate.scenario.qualifies]
    return {
        "cohort": _counts(leads),
        "qualified": _counts(qualified),
        "active_qualified": _counts(active, of_active=True),
        "gained": _counts(gained),
        "dropped": _counts(dropped),
        "precision": _precision(qualified),
        "active_precision": _precision(active),
        "recall": _recall(qualified, leads),
        "active_recall": _recall(active, leads),
        "both_triggers": wilson(_both(qualified), len(qualified)),
        "active_both_triggers": wilson(_both(active, of_active=True), len(active)),
        "recorded_both_triggers": wilson(_both(recorded, of_active=True), len(recorded)),
    }


def _counts(leads: Iterable[Fate], *, of_active: bool = False) -> dict[str, Any]:
    """Outcomes of worked leads, money of all of them too; triggers by the card that the leads qualify by."""
    everyone = list(leads)
    worked = [fate for fate in everyone if fate.worked]
    old = [fate for fate in worked if fate.old]
    return {
        "leads": len(everyone),
        "never": len(everyone) - len(worked),
        "worked": len(worked),
        "sqls": sum(fate.sql for fate in worked),
        **{name: sum(fate.outcome == name for fate in worked) for name in ("won", "lost", "open")},
        "pipeline": _sum(fate.pipeline for fate in worked),
        "arr": _sum(fate.arr for fate in worked),
        "old": len(old),
        "old_won": sum(fate.outcome == "won" for fate in old),
        "all_pipeline": _sum(fate.pipeline for fate in everyone),
        "all_arr": _sum(fate.arr for fate in everyone),
        "both_triggers": _both(everyone, of_active=of_active),
    }


def _sum(amounts: Iterable[Fraction]) -> float:
    return float(sum(amounts, Fraction(0)))


def _both(leads: Iterable[Fate], *, of_active: bool = False) -> int:
    return sum((fate.active if of_active else fate.scenario).triggers >= BOTH for fate in leads)


def _precision(qualified: Iterable[Fate]) -> dict[str, Any]:
    old = [fate for fate in qualified if fate.worked and fate.old]
    return wilson(sum(fate.outcome == "won" for fate in old), len(old))


def _recall(qualified: Iterable[Fate], leads: Iterable[Fate]) -> float | None:
    whole = sum((fate.arr for fate in leads), Fraction(0))
    return float(sum((fate.arr for fate in qualified), Fraction(0)) / whole) if whole else None


def _at(leads: Sequence[Fate], threshold: int) -> dict[str, Any]:
    """The scenario's points and gates with another threshold."""
    qualified = [fate for fate in leads if fate.scenario.reaches >= threshold]
    counts = _counts(qualified)
    return {
        "threshold": threshold,
        "qualified": counts.pop("leads"),
        **counts,
        "gained": sum(not fate.active.qualifies for fate in qualified),
        "dropped": sum(fate.active.qualifies and fate.scenario.reaches < threshold for fate in leads),
        "precision": _precision(qualified)["value"],
        "recall": _recall(qualified, leads),
    }


# What a partner's object holds of both sides; `active_` stands before the active scorecard's.
_BOTH_WAYS = (
    "worked", "sqls", "won", "pipeline", "arr", "old", "old_won", "all_pipeline", "all_arr", "both_triggers",
)  # fmt: skip


def _partner(leads: Sequence[Fate]) -> dict[str, Any]:
    qualified, active = list(filter(_in_scenario, leads)), list(filter(_in_active, leads))
    recorded = [fate for fate in leads if fate.recorded]
    ours, theirs = _counts(qualified), _counts(active, of_active=True)
    return {
        "qualified": len(qualified),
        "active_qualified": len(active),
        "gained": sum(not fate.active.qualifies for fate in qualified),
        "dropped": sum(not fate.scenario.qualifies for fate in active),
        "recorded": len(recorded),
        "recorded_both_triggers": _both(recorded, of_active=True),
        **{name: ours[name] for name in _BOTH_WAYS},
        **{f"active_{name}": theirs[name] for name in _BOTH_WAYS},
    }
