"""Which leads qualify, at which gate do the others stop, and does the CRM agree? Lead by lead."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tests.reference.counted import Lead
from tests.reference.curves import wilson
from tests.reference.rows_data import Data, by_partner
from tests.reference.rows_scorecard import GATES, Verdict, active_card, judge


def rows_qualification(data: Data) -> dict[str, Any]:
    """The section `qualification` of the report."""
    version, card = active_card(data)
    judged = [(lead, judge(lead, card, data)) for lead in data.cohort()]
    sourced = [(lead, verdict) for lead, verdict in judged if lead.row["partner_id"] is not None]
    verdicts = {lead.row["lead_id"]: verdict for lead, verdict in judged}
    return {
        "model": {
            "name": card["name"],
            "version": version,
            "threshold": card["threshold"],
            "min_triggers": card["min_triggers"],
            "icp_at_least": card["icp_at_least"],
        },
        "totals": _group(judged, card) | {"disqualified": _disqualified(judged, data)},
        "partner_sourced": _group(sourced, card) | {"disqualified": _disqualified(sourced, data)},
        "overlapping": _group([pair for pair in sourced if pair[1].overlapping], card),
        "partners": [
            {"partner_id": key} | _agreement([(lead, verdicts[lead.row["lead_id"]]) for lead in leads], card)
            for key, leads in by_partner([lead for lead, _ in sourced]).items()
        ],
    }


def _required(card: dict[str, Any]) -> set[str]:
    """What the model requires; a demand for no points or no triggers is met by everybody."""
    return set(card["required_gates"]) | {"score", "triggers"}


def _group(judged: list[tuple[Lead, Verdict]], card: dict[str, Any]) -> dict[str, Any]:
    required = _required(card)
    waterfall = [gate for gate in GATES if gate == "icp" or gate in required]
    n = len(judged)
    counts = _agreement(judged, card)
    known = sum(verdict.known for _, verdict in judged)
    qualified = [verdict for _, verdict in judged if not verdict.fails & required]
    return counts | {
        "overlapping": sum(verdict.overlapping for _, verdict in judged),
        "steps": [_step(waterfall, place, [verdict for _, verdict in judged]) for place in range(len(waterfall))],
        "without_icp": sum("icp" in verdict.fails for verdict in qualified),
        "recorded_only": counts["recorded"] - counts["both"],
        "model_only": counts["by_model"] - counts["both"],
        "model_rate": wilson(counts["by_model"], n),
        "recorded_rate": wilson(counts["recorded"], n),
        "confirmed_rate": wilson(counts["both"], counts["recorded"]),
        "found_rate": wilson(counts["both"], counts["by_model"]),
        "completeness": known / (n * len(card["criteria"])) if n else None,
    }


def _agreement(judged: list[tuple[Lead, Verdict]], card: dict[str, Any]) -> dict[str, int]:
    required = _required(card)
    by_model = {lead.row["lead_id"] for lead, verdict in judged if not verdict.fails & required}
    recorded = {lead.row["lead_id"] for lead, _ in judged if "eql" in lead.reached}
    counts = {"by_model": len(by_model), "recorded": len(recorded), "both": len(by_model & recorded)}
    return {"leads": len(judged), **counts}


def _step(waterfall: list[str], place: int, verdicts: list[Verdict]) -> dict[str, Any]:
    gate, before = waterfall[place], set(waterfall[:place])
    reached = [verdict for verdict in verdicts if not verdict.fails & before]
    passed = [verdict for verdict in reached if gate not in verdict.fails]
    fails = sum(gate in verdict.fails for verdict in verdicts)
    return {
        "gate": gate,
        "passed": len(passed),
        "lost": len(reached) - len(passed),
        "rate": wilson(len(passed), len(reached)),
        "fails": fails,
        "failing": wilson(fails, len(verdicts)),
        "only": sum(verdict.fails & set(waterfall) == {gate} for verdict in verdicts),
    }


def _disqualified(judged: list[tuple[Lead, Verdict]], data: Data) -> dict[str | None, dict[str, Any]]:
    """By reason; None for leads that were disqualified without one."""
    found: dict[str | None, list[Lead]] = defaultdict(list)
    for lead, _ in judged:
        moment, reason = lead.row["disqualified_at"], lead.row["disqualified_reason"] or None
        if data.question.seen(moment) or (moment is None and reason is not None):
            found[reason].append(lead)
    n = sum(map(len, found.values()))
    return {
        reason: {
            "leads": len(leads),
            "share": wilson(len(leads), n),
            "eqls": sum("eql" in lead.reached for lead in leads),
        }
        for reason, leads in found.items()
    }
