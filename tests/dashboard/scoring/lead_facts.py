"""Leads as plain facts, what a scorecard says of each, and what a what-if answers: row by row, off the documents.

Nothing here knows codes or cells but `cells_of`, which makes the cells that the program is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from dashboard.scoring.cells import MEASURES, Owner, ScoreCells, score_cells
from dashboard.scoring.model import Criterion, Gate, Level
from dashboard.scoring.structure import AnyOf, Flag, HowMany, Question, Structure
from tests.scorecards import SIGNALS

Card = dict[str, Any]
TOTALS = ("never", "worked", "sqls", "won", "lost", "open", "pipeline", "arr", "old", "old_won", "all_pipeline",
          "all_arr", "both_triggers")  # fmt: skip


@dataclass(frozen=True)
class Lead:
    """Fields by name (None: unknown), days from creation of each signal that counts, sales work and outcome."""

    fields: dict[str, Any]
    signals: tuple[tuple[str, int], ...]
    confirmed: bool
    recorded: bool
    partner: str | None
    channel: str
    work: int
    outcome: str | None
    sql: bool
    old: bool
    pipeline: int
    arr: int

    def seen(self, signal: str, within: int = 90) -> int:
        """How often a signal was seen."""
        return sum(name == signal and days <= within for name, days in self.signals)


def random_leads(random: Random, count: int, dearest: int = 10**7) -> list[Lead]:
    """Leads of a few partners; many share everything, so that cells hold several."""
    return [_lead(random, dearest) for _ in range(count)]


def _lead(random: Random, dearest: int) -> Lead:
    fields = {
        "account.employees": random.choice([None, 0, 49, 50, 199, 200, 500, 1000]),
        "account.industry": random.choice(["software", "media", "retail", "", None]),
        "account.tech_stack": random.choice([None, [], ["crm"], ["crm", "data_warehouse"], ["chat"]]),
        "lead.channel": random.choice(["direct", "partner"]),
        "asset.kind": random.choice(["webinar", "page", None]),
        "partner.partner_type": random.choice(["other", "agency", None]),
    }
    signals = tuple((random.choice(SIGNALS), random.choice([0, 10, 11, 30])) for _ in range(random.randint(0, 7)))
    work = random.choice([0, 0, 0, 1, 1, 2, 3])
    outcome = random.choice([None, None, "won", "lost", "open"])
    partner = random.choice([None, "P1", "P2", "P3", "P3"])
    return Lead(
        fields, signals, random.random() < 0.3, random.random() < 0.3, partner, random.choice("ab"), work, outcome,
        random.random() < 0.5, random.random() < 0.6,
        random.randint(0, dearest) if outcome else 0, random.randint(0, dearest) if outcome == "won" else 0,
    )  # fmt: skip


def points_of(lead: Lead, card: Card, group: str) -> int:
    """Points of a group by the document."""
    return sum(_points(lead, criterion) for criterion in card["criteria"] if criterion["group"] == group)


def _points(lead: Lead, criterion: dict[str, Any]) -> int:
    value = _value(lead, criterion.get("field"), criterion.get("signal"), criterion.get("within_days"))
    if value is None or value == "":
        return 0
    return next((int(level["points"]) for level in criterion["levels"] if _holds(level, value)), 0)


def _value(lead: Lead, name: str | None, signal: str | None, within: int | None) -> Any:
    return lead.fields[name] if name else lead.seen(signal or "", 90 if within is None else within)


def _holds(level: dict[str, Any], value: Any) -> bool:
    """Whether a known value meets a level of a document."""
    if level.get("otherwise"):
        return True
    if "at_least" in level:
        return bool(value >= level["at_least"])
    had = {each.lower() for each in (value if isinstance(value, list) else [str(value)])}
    if "all_of" in level:
        return had >= {each.lower() for each in level["all_of"]}
    if "any_of" in level:
        return not had.isdisjoint(each.lower() for each in level["any_of"])
    return bool(level.get("from", value) <= value and ("below" not in level or value < level["below"]))


def triggers_of(lead: Lead, card: Card) -> int:
    """How many different trigger signals of the document the lead has."""
    return len({name for name, _ in lead.signals} & set(card["trigger_signals"]))


def score_if_open(lead: Lead, card: Card) -> int | None:
    """The score of a lead that passes every gate but the score; None where one is closed."""
    seen, fit = {name for name, _ in lead.signals}, points_of(lead, card, "fit")
    passed = {
        "icp": fit >= card["icp_at_least"],
        "ecosystem": bool(seen & set(card["ecosystem_signals"])),
        "buying": bool(seen & set(card["buying_signals"])),
        "confirmed": lead.confirmed,
    }
    closed = [gate for gate in card["required_gates"] if not passed[gate]]
    if closed or triggers_of(lead, card) < card["min_triggers"]:
        return None
    return fit + points_of(lead, card, "intent")


def count(leads: Sequence[Lead], card: Card) -> dict[str, int]:
    """Everything that is counted of a set of leads; triggers are the document's."""
    found: Counter[str] = Counter(dict.fromkeys(("leads", *TOTALS), 0))
    for lead in leads:
        found += Counter(leads=1, all_pipeline=lead.pipeline, all_arr=lead.arr)
        found["both_triggers"] += triggers_of(lead, card) >= 2
        found["worked" if lead.work else "never"] += 1
        if lead.work:
            found += Counter(sqls=int(lead.sql), pipeline=lead.pipeline, arr=lead.arr, old=int(lead.old))
            found["old_won"] += lead.old and lead.outcome == "won"
            found += Counter({lead.outcome: 1} if lead.outcome else {})
    return {name: found[name] for name in ("leads", *TOTALS)}


def cells_of(structure: Structure, leads: Sequence[Lead]) -> ScoreCells:
    """The cells that the database would give."""
    digits = np.array([[_answer(lead, question) for lead in leads] for question in structure.questions], np.uint8)
    codes = structure.codes(digits.reshape(len(structure.questions), len(leads)))
    owners = tuple(sorted({Owner(lead.partner, lead.channel) for lead in leads}, key=str))
    sums: dict[tuple[int, int, int], list[int]] = {}
    for lead, code in zip(leads, codes.tolist(), strict=True):
        key = (owners.index(Owner(lead.partner, lead.channel)), code, lead.work)
        won = lead.outcome == "won"
        numbers = (1, lead.sql, won, lead.outcome == "lost", lead.outcome == "open", lead.pipeline, lead.arr, lead.old,
                   lead.old and won)  # fmt: skip
        sums[key] = [a + int(b) for a, b in zip(sums.get(key, [0] * len(MEASURES)), numbers, strict=True)]
    keys = np.array(list(sums), dtype=np.int64).reshape(len(sums), 3)
    counts = np.array(list(sums.values()), dtype=np.int64).reshape(len(sums), len(MEASURES)).T
    return score_cells(
        structure, owners, keys[:, 0].astype(np.int32), keys[:, 1], keys[:, 2].astype(np.uint8), counts,
        np.zeros(len(sums)),
    )  # fmt: skip


def _answer(lead: Lead, question: Question) -> int:
    if isinstance(question, AnyOf):
        return int(any(lead.seen(signal) for signal in question.signals))
    if isinstance(question, HowMany):
        return sum(lead.seen(signal) > 0 for signal in question.signals)
    if isinstance(question, Flag):
        return int(lead.confirmed if question.gate is Gate.CONFIRMED else lead.recorded)
    return _level(lead, question)


def _level(lead: Lead, criterion: Criterion) -> int:
    signal = criterion.looks_at in SIGNALS
    field = None if signal else criterion.looks_at
    value = _value(lead, field, criterion.looks_at, criterion.within_days)
    if value is None or value == "":
        return 0
    met = (place for place, level in enumerate(criterion.levels, 1) if _holds(_document(level), value))
    return next(met, len(criterion.levels) + 1)


def _document(level: Level) -> dict[str, Any]:
    found = {
        "otherwise": level.otherwise or None, "at_least": level.at_least, "from": level.at_or_above,
        "below": level.below, "any_of": level.any_of or None, "all_of": level.all_of or None,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}
