"""Who is credited with what, read from docs/attribution.md: deal by deal and touch by touch, in exact fractions."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from itertools import pairwise

from sqlalchemy import Engine, text

from dashboard.metrics.attribution_rules import Options
from tests.reference.counted import Deal
from tests.reference.rows_data import Data

RULES = ("source", "first", "last", "linear", "position_a", "position_b", "time_decay", "data_driven")
KINDS = ("partner", "asset", "channel", "campaign")
Place = tuple[str, str | None, bool]  # kind, key, touched


@dataclass
class RowLine:
    """Cents by rule, and the deals in which the key appears."""

    cents: dict[str, int] = field(default_factory=lambda: dict.fromkeys(RULES, 0))
    deals: set[str] = field(default_factory=set)
    sourced: int = 0
    influenced: int = 0


@dataclass
class RowAttribution:
    """All lines of a base, and the three standings."""

    lines: dict[Place, RowLine]
    standings: dict[str, tuple[int, int]]  # deals and cents
    total: int
    deals: dict[str, dict[str, int]]  # cents of each deal by rule, added up over its touches


@dataclass
class Touches:
    """Touch rows by the lead to which they belong, and the raw lead rows."""

    of_lead: dict[str, list[dict]]


def read_touches(engine: Engine, data: Data) -> Touches:
    """Touches by the end of their lead's chain; those of test leads are left out."""
    found: dict[str, list[dict]] = defaultdict(list)
    with engine.connect() as connection:
        for row in connection.execute(text("SELECT * FROM eql.touch")).mappings():
            owner = data.owner(row["lead_id"])
            if owner is not None and data.question.seen(row["occurred_at"]):
                found[owner].append(dict(row))
    return Touches(found)


def counted_touches(deal: Deal, data: Data, touches: Touches, until: str) -> tuple[list[dict], date | None]:
    """The touches of a deal that count, in order, and its end day."""
    question = data.question
    if until == "open":
        end = question.day(deal.opened_at or deal.closed_at)
    else:
        end = question.day(deal.closed_at if deal.outcome in ("won", "lost") else question.as_of)
    if deal.lead is None:
        return [], end
    own = touches.of_lead.get(deal.lead.row["lead_id"], [])
    own = [touch for touch in own if question.day(touch["occurred_at"]) <= end]
    return sorted(own, key=lambda touch: (touch["occurred_at"], touch["touch_id"].encode())), end


def weights(
    touches: Sequence[Mapping], deal: Deal, data: Data, options: Options, effects: Mapping[str, float], end: date
) -> dict[str, list[Fraction]]:
    """Weight of each touch by rule; source has none."""
    count, day = len(touches), data.question.day
    key = _key_influence(touches, deal, data, options)
    partner = max((place for place, touch in enumerate(touches) if touch["partner_id"] is not None), default=None)
    found = {rule: [Fraction(0)] * count for rule in RULES[1:]}
    found["first"][0] = found["last"][-1] = Fraction(1)
    found["linear"] = [Fraction(1)] * count
    for rule, roles in (("position_a", ((0, 2), (key, 2), (count - 1, 1))),
                        ("position_b", ((0, 2), (count - 1, 2), (partner, 1)))):  # fmt: skip
        for place, fifths in roles:
            if place is not None:
                found[rule][place] += fifths
    ages = [(end - day(touch["occurred_at"])).days for touch in touches]
    youngest = min(ages)
    found["time_decay"] = [Fraction(2.0 ** max(-1000.0, (youngest - age) / options.half_life_days)) for age in ages]
    found["data_driven"] = [Fraction(effects.get(state(touch), 0.0)) for touch in touches]
    if not any(found["data_driven"]):
        found["data_driven"] = found["linear"]
    return found


def _key_influence(touches: Sequence[Mapping], deal: Deal, data: Data, options: Options) -> int | None:
    if options.key_influence == "last_partner":
        places = [place for place, touch in enumerate(touches) if touch["partner_id"] is not None]
    else:
        moment: datetime | None = deal.lead.row[f"{options.key_influence}_at"] if deal.lead else None
        if moment is None or not data.question.seen(moment):
            return None
        limit = data.question.day(moment)
        places = [place for place, touch in enumerate(touches) if data.question.day(touch["occurred_at"]) <= limit]
    return places[-1] if places else None


def state(touch: Mapping) -> str:
    """The state of a touch in the Markov chain."""
    if touch["partner_id"] is not None:
        return f"partner:{touch['partner_id']}"
    return "none" if touch["channel"] is None else f"channel:{touch['channel']}"


def in_cents(value: int, shares: Sequence[Fraction]) -> list[int]:
    """Largest remainder, to a millionth of a cent; among equal ones the earlier touch first."""
    whole = sum(shares)
    exact = [value * share / whole for share in shares]
    found = [math.floor(each) for each in exact]
    order = sorted(range(len(shares)), key=lambda place: (-round((exact[place] - found[place]) * 1_000_000), place))
    for place in order[: value - sum(found)]:
        found[place] += 1
    return found


def attribution_rows(
    data: Data, touches: Touches, base: str, options: Options, effects: Mapping[str, float]
) -> RowAttribution:
    """All lines of a base from rows."""
    lines: dict[Place, RowLine] = defaultdict(RowLine)
    standings = dict.fromkeys(("sourced", "influenced", "untouched"), (0, 0))
    deals: dict[str, dict[str, int]] = {}
    total = 0
    for deal, value in _claims(data, base):
        counted, end = counted_touches(deal, data, touches, options.until)
        shares = _shares(deal, value, counted, data, options, effects, end)
        deals[deal.deal_id] = dict.fromkeys(RULES, 0)
        for place, rule, cents in shares:
            line = lines[place]
            line.cents[rule] += cents
            if place[0] == "partner":
                deals[deal.deal_id][rule] += cents
            if deal.deal_id not in line.deals:
                line.deals.add(deal.deal_id)
                own = deal.lead is not None and place[1] is not None and deal.lead.row["partner_id"] == place[1]
                line.sourced += value if own else 0
                line.influenced += 0 if own else value
        name = _standing(deal, counted)
        standings[name] = (standings[name][0] + 1, standings[name][1] + value)
        total += value
    return RowAttribution(dict(lines), standings, total, deals)


def _claims(data: Data, base: str) -> list[tuple[Deal, int]]:
    question = data.question
    if base == "arr":
        won = [deal for deal in data.counted.deals if deal.outcome == "won" and question.in_period(deal.closed_at)]
        return [(deal, int((deal.won_arr or 0) * 100)) for deal in won]
    opened = [deal for deal in data.counted.deals if deal.opened_at and question.in_period(deal.opened_at)]
    return [(deal, int((deal.pipeline or 0) * 100)) for deal in opened]


def _shares(
    deal: Deal, value: int, counted: list[dict], data: Data, options: Options, effects: Mapping[str, float], end: date
) -> list[tuple[Place, str, int]]:
    lead = deal.lead.row if deal.lead else None
    found: list[tuple[Place, str, int]] = []
    own = ("partner_id", "first_asset_id", "channel", "utm_campaign")
    for kind, column in zip(KINDS, own, strict=True):
        found.append(((kind, lead[column] if lead else None, lead is not None), "source", value))
    if not counted:
        return found + [((kind, None, False), rule, value) for kind in KINDS for rule in RULES[1:]]
    assert lead is not None
    for rule, shares in weights(counted, deal, data, options, effects, end).items():
        for touch, cents in zip(counted, in_cents(value, shares), strict=True):
            same = touch["channel"] is not None and touch["channel"] == lead["channel"]
            keys = (touch["partner_id"], touch["asset_id"], touch["channel"], lead["utm_campaign"] if same else None)
            found += [((kind, key, True), rule, cents) for kind, key in zip(KINDS, keys, strict=True)]
    return found


def _standing(deal: Deal, counted: list[dict]) -> str:
    if deal.lead and deal.lead.row["partner_id"] is not None:
        return "sourced"
    return "influenced" if any(touch["partner_id"] is not None for touch in counted) else "untouched"


def transition_rows(data: Data, touches: Touches, since: datetime, options: Options) -> dict[tuple[str, str], int]:
    """Transitions on the paths of the deals closed from `since` to the period's end."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for deal in data.counted.deals:
        if deal.outcome in ("won", "lost") and deal.closed_at and since <= deal.closed_at < data.question.end:
            counted, _ = counted_touches(deal, data, touches, options.until)
            path = ["start", *(state(touch) for touch in counted), deal.outcome]
            steps = [(a, b) for a, b in pairwise(path) if a != b]
            for step in steps if counted else ():
                found[step] += 1
    return dict(found)
