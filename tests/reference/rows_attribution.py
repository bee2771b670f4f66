"""Who gets how much of which deal? The report's `attribution` but its data-driven rule, by docs/attribution.md."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from scipy.stats import gamma

from tests.reference.counted import Deal
from tests.reference.rows_arr import _quarter_firsts, _shift
from tests.reference.rows_costs import _amount
from tests.reference.rows_data import Data

RULES = ("source", "first", "last", "linear", "position_a", "position_b", "time_decay")
KINDS = ("partner", "asset", "channel", "campaign")
HALF_LIFE = 30
Key = tuple[str | None, bool]  # key of a line, and whether anything was touched
UNTOUCHED: Key = (None, False)


def rows_attribution(data: Data) -> dict[str, Any]:
    """Lines in cents by base and kind, how deals were reached, and what partners are owed by `source`."""
    q = data.question
    touches = _touches(data)
    won = [(deal, deal.won_arr) for deal in data.counted.deals if deal.outcome == "won" and q.in_period(deal.closed_at)]
    opened = [(deal, deal.pipeline) for deal in data.counted.deals if q.in_period(deal.opened_at)]
    return {"arr": _base(data, won, touches), "pipeline": _base(data, opened, touches), "payouts": _payouts(data)}


def _touches(data: Data) -> dict[str, list[dict[str, Any]]]:
    """Touches by the lead that they belong to, in order."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in data.tables["touch"]:
        owner = data.owner(row["lead_id"])
        if owner is not None and data.question.seen(row["occurred_at"]):
            found[owner].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (row["occurred_at"], row["touch_id"].encode()))
    return found


def _counted(data: Data, deal: Deal, touches: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    q = data.question
    moment = deal.opened_at or deal.closed_at
    assert moment is not None
    own = touches.get(deal.lead.row["lead_id"], []) if deal.lead else []
    return [row for row in own if q.day(row["occurred_at"]) <= q.day(moment)]


def _base(
    data: Data, deals: list[tuple[Deal, Fraction | None]], touches: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    lines: dict[str, dict[Key, dict[str, int]]] = {kind: {} for kind in KINDS}
    given: dict[str, dict[tuple[Key, str], list[Fraction]]] = {kind: defaultdict(list) for kind in KINDS}
    ways = {name: [0, 0] for name in ("total", "sourced", "influenced", "untouched")}
    for deal, worth in deals:
        cents, met = int((worth or 0) * 100), _counted(data, deal, touches)
        for name in ("total", _way(data, deal, met)):
            ways[name][0] += 1
            ways[name][1] += cents
        shared = {rule: _shared(data, rule, deal, met, cents) for rule in RULES}
        for kind in KINDS:
            together: dict[tuple[Key, str], int] = defaultdict(int)
            for rule, credits in shared.items():
                for touch, credit in credits:
                    key = _key(kind, deal, touch, rule)
                    line = lines[kind].setdefault(key, dict.fromkeys(RULES, 0))
                    line[rule] += credit
                    together[key, rule] += credit
            for place, credit in together.items():
                given[kind][place] += [Fraction(credit, 100)] if credit else []
    return {
        **{name: {"deals": n, "value": cents / 100} for name, (n, cents) in ways.items()},
        "lines": {
            kind: {key: {rule: value / 100 for rule, value in own.items()} for key, own in of_kind.items()}
            for kind, of_kind in lines.items()
        },
        "intervals": {
            kind: {
                key: {rule: _interval(given[kind].get((key, rule), []), _pool(given[kind], rule)) for rule in RULES}
                for key in of_kind
            }
            for kind, of_kind in lines.items()
        },
    }


def _pool(given: dict[tuple[Key, str], list[Fraction]], rule: str) -> list[Fraction]:
    """What single deals give to the lines with a key."""
    return [credit for (key, by), credits in given.items() if by == rule and key[0] is not None for credit in credits]


def _interval(given: list[Fraction], pool: list[Fraction]) -> dict[str, float | int | None]:
    """Bounds by two gamma distributions; how unequal deals are is learned from all lines, their size from both."""
    if not given:
        return {"low": None, "high": None, "deals": 0}
    own, n = float(sum(given)), len(given)
    unequal, mean = 1.0, 0.0
    if pool:
        mean = float(sum(pool)) / len(pool)
        unequal = float(sum(credit * credit for credit in pool)) / len(pool) / mean**2
    size = (own + 5 * mean) / (n + 5)
    variance = max(float(sum(credit * credit for credit in given)), n * unequal * size**2)
    another = max(float(max(given)), unequal * size)
    ends = ((0.025, own, variance), (0.975, own + another, variance + another**2))
    low, high = (float(gamma.ppf(p, m * m / v, scale=v / m)) for p, m, v in ends)
    return {"low": low, "high": high, "deals": n}


def _way(data: Data, deal: Deal, met: list[dict[str, Any]]) -> str:
    if data.partner_of(deal) is not None:
        return "sourced"
    return "influenced" if any(row["partner_id"] is not None for row in met) else "untouched"


def _key(kind: str, deal: Deal, touch: dict[str, Any] | None, rule: str) -> Key:
    lead = deal.lead.row if deal.lead else None
    if rule == "source":
        if lead is None:
            return UNTOUCHED
        column = {"partner": "partner_id", "asset": "first_asset_id", "channel": "channel", "campaign": "utm_campaign"}
        return lead[column[kind]], True
    if touch is None or lead is None:
        return UNTOUCHED
    if kind == "campaign":
        same = touch["channel"] is not None and touch["channel"] == lead["channel"]
        return (lead["utm_campaign"] if same else None), True
    return touch["channel" if kind == "channel" else f"{kind}_id"], True


def _shared(
    data: Data, rule: str, deal: Deal, met: list[dict[str, Any]], cents: int
) -> list[tuple[dict[str, Any] | None, int]]:
    if rule == "source" or not met:
        return [(None, cents)]
    weights = _weights(data, rule, deal, met)
    whole = sum(weights, Fraction(0))
    exact = [cents * weight / whole for weight in weights]
    credits = [math.floor(share) for share in exact]
    order = sorted(range(len(met)), key=lambda place: (-(exact[place] - credits[place]), place))
    for place in order[: cents - sum(credits)]:
        credits[place] += 1
    return list(zip(met, credits, strict=True))


def _weights(data: Data, rule: str, deal: Deal, met: list[dict[str, Any]]) -> list[Fraction]:
    if rule == "linear":
        return [Fraction(1)] * len(met)
    if rule == "time_decay":
        days = [data.question.day(row["occurred_at"]) for row in met]
        return [_halved((days[-1] - day).days) for day in days]
    roles: dict[str, Callable[[], list[tuple[int | None, int]]]] = {
        "first": lambda: [(0, 1)],
        "last": lambda: [(len(met) - 1, 1)],
        "position_a": lambda: [(0, 2), (_key_influence(data, deal, met), 2), (len(met) - 1, 1)],
        "position_b": lambda: [(0, 2), (len(met) - 1, 2), (_with_partner(met), 1)],
    }
    weights = [Fraction(0)] * len(met)
    for place, weight in roles[rule]():
        if place is not None:
            weights[place] += weight
    return weights


def _halved(days: int) -> Fraction:
    with localcontext() as context:
        context.prec = 60
        return Fraction(Decimal(2) ** (-Decimal(days) / HALF_LIFE))


def _key_influence(data: Data, deal: Deal, met: list[dict[str, Any]]) -> int | None:
    q = data.question
    moment = deal.lead.row["sql_at"] if deal.lead else None
    if not q.seen(moment):
        return None
    before = [place for place, row in enumerate(met) if q.day(row["occurred_at"]) <= q.day(moment)]
    return max(before, default=None)


def _with_partner(met: list[dict[str, Any]]) -> int | None:
    return max((place for place, row in enumerate(met) if row["partner_id"] is not None), default=None)


# -- payouts ------------------------------------------------------------------------------------------------------


def _payouts(data: Data) -> dict[tuple[str, str], dict[str, float | None]]:
    """By partner and quarter, of the four quarters up to the period's: credited by `source`, owed, paid, difference."""
    found = {}
    for first in _quarter_firsts(data)[-4:]:
        for key in data.partners:
            line = _payout(data, key, first, _shift(first, 3))
            if line["credited"] or line["paid"]:
                found[key, data.question.quarter_label(first)] = line
    return found


def _payout(data: Data, key: str, first: date, after: date) -> dict[str, Any]:
    q = data.question
    won = [
        deal
        for deal in data.counted.deals
        if deal.outcome == "won"
        and deal.closed_at
        and data.partner_of(deal) == key
        and q.midnight(first) <= deal.closed_at < q.midnight(after)
    ]
    agreed = [row for row in data.tables["commission"] if row["partner_id"] == key]
    owed, unrated = Fraction(0), Fraction(0)
    for deal in won:
        rate = _rate(agreed, q.day(deal.closed_at)) if deal.closed_at else None
        owed += (deal.won_arr or 0) * (rate or 0)
        unrated += (deal.won_arr or 0) if rate is None else 0
    rated = any(row["valid_from"] < after for row in agreed)
    rows = [row for row in data.tables["cost"] if row["partner_id"] == key and row["category"] == "payout"]
    amounts = [amount for row in rows if (amount := _amount(data, row, (first, after))) is not None]
    paid = round(sum(amounts, Fraction(0)) * 100)
    due = round(owed * 100)
    return {
        "credited": float(sum((deal.won_arr or Fraction(0) for deal in won), Fraction(0))),
        "unrated": float(unrated),
        "owed": due / 100 if rated else None,
        "paid": paid / 100,
        "difference": (paid - due) / 100 if rated else None,
    }


def _rate(agreed: list[dict[str, Any]], day: date) -> Fraction | None:
    held = [row for row in agreed if row["valid_from"] <= day]
    return Fraction(max(held, key=lambda row: row["valid_from"])["rate"]) if held else None
