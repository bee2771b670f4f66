"""Does the programme keep to its references? The report's `vitals`, from rows, by docs/vitals.md alone."""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.reference.counted import Deal, Lead
from tests.reference.curves import DRAWS, percentile, speed_ratio, wilson
from tests.reference.rows_data import Data
from tests.reference.rows_money import (
    Stretch,
    cost_per,
    fiscal_quarter,
    has_partner,
    lacks_rate,
    of_programme,
    opened,
    paid,
    period_days,
    pipeline,
    quarter,
    reached_in,
    shift,
    sum_bounds,
    uncertain,
    won,
)
from tests.reference.rows_velocity import curve_of, was_eql

FEWEST_FOR_P90, FEWEST_FOR_A_LIGHT, EARLY_ENOUGH = 20, 20, 31
MONEY = ("cost_per_eql", "cost_per_sql")
# Name: the easier end of the reference, the other end, and which way is better.
REFERENCES = {
    "eql_to_won": (0.18, 0.25, "more"),
    "speed": (0.6, 0.7, "less"),
    "eql_to_sql": (0.3, 0.3, "more"),
    "cost_per_eql": (220.0, 350.0, "less"),
    "cost_per_sql": (800.0, 800.0, "less"),
    "cac": None,
    "cac_change": (-0.15, -0.12, "less"),
    "pipeline_multiple": (5.0, 5.0, "more"),
    "pipeline_growth": (1.8, 2.3, "more"),
}
Vital = dict[str, Any]


def rows_vitals(data: Data) -> dict[str, Vital]:
    """By name. `speed` carries the bounds between which another seed's may lie."""
    return {
        "eql_to_won": _rate(data, "won"),
        "speed": _speed(data),
        "eql_to_sql": _rate(data, "sql"),
        "cost_per_eql": _cost_each(data, reached_in(data, _leads(data), "eql", period_days(data.question))),
        "cost_per_sql": _cost_each(data, reached_in(data, _leads(data), "sql", period_days(data.question))),
        "cac": _cost_each(data, len(won(data, _deals(data), period_days(data.question)))),
        "cac_change": _cac_change(data),
        "pipeline_multiple": _multiple(data),
        "pipeline_growth": _growth(data),
    }


def reference_of(name: str, currency: str) -> tuple[float, float, str] | None:
    """The reference as it is without any setting; those in money are US dollars."""
    return None if name in MONEY and currency != "USD" else REFERENCES[name]


def light(name: str, currency: str, found: dict[str, Any]) -> str | None:
    """The one rule for all lights, by the product's own interval."""
    reference = reference_of(name, currency)
    if reference is None:
        return None
    if found["n"] < FEWEST_FOR_A_LIGHT or found["low"] is None or found["high"] is None:
        return "too_little"
    low, high, better = reference
    worst, best = (found["low"], found["high"]) if better == "more" else (-found["high"], -found["low"])
    easier = low if better == "more" else -high
    return "good" if worst >= easier else "breach" if best < easier else "attention"


def _leads(data: Data) -> list[Lead]:
    return [lead for lead in data.counted.leads if has_partner(lead)]


def _deals(data: Data) -> list[Deal]:
    return [deal for deal in data.counted.deals if has_partner(deal)]


def _label(data: Data, stretch: Stretch) -> str:
    """How the report names a stretch: as a quarter, a fiscal year or a month where it is one, else by its days."""
    q, (first, after) = data.question, stretch
    if first.day == 1 and shift(first, 1) == after:
        return f"{first:%Y-%m}"
    if first.day == 1 and fiscal_quarter(q, first) == first and shift(first, 3) == after:
        return q.quarter_label(first)
    if first.day == 1 and first.month == q.fiscal_year_start and shift(first, 12) == after:
        return str(first.year)
    return f"{first}..{after}"


# -- rates of the last mature quarter -----------------------------------------------------------------------------


def _p90(data: Data, stage: str) -> Fraction | None:
    q, days = data.question, []
    since = q.months_before(q.as_of, 12)
    for lead in data.counted.leads:
        moment = lead.reached.get(stage)
        if moment is not None and moment >= since and q.day(moment) >= lead.created_day:
            days.append((q.day(moment) - lead.created_day).days)
    return percentile(days, Fraction(9, 10)) if len(days) >= FEWEST_FOR_P90 else None


def _rate(data: Data, stage: str) -> Vital:
    q, p90, passed = data.question, _p90(data, stage), []
    today, latest = q.day(q.as_of), fiscal_quarter(q, q.day(q.end) - timedelta(days=1))
    for back in range(8):
        first = shift(latest, -3 * back)
        start, end = (q.midnight(day) for day in quarter(first))
        leads = [lead for lead in _leads(data) if start <= lead.row["created_at"] < end]
        older = sum(p90 is not None and (today - lead.created_day).days > p90 for lead in leads)
        if leads and p90 is not None and 10 * older >= 9 * len(leads):
            eqls = [lead for lead in leads if "eql" in lead.reached]
            share = wilson(sum(stage in lead.reached for lead in eqls), len(eqls))
            return share | {"of": q.quarter_label(first), "too_young": passed, "incomplete": False}
        passed += [q.quarter_label(first)] if leads else []
    return wilson(0, 0) | {"of": None, "too_young": passed, "incomplete": False}


def _speed(data: Data) -> Vital:
    q, curve = data.question, curve_of(data)
    groups = [[(deal.days, deal.outcome) for deal in curve if was_eql(deal) == own] for own in (True, False)]
    found = speed_ratio(*groups)
    since = q.day(q.months_before(q.end, 24))
    names = ("value", "low", "high", "low_between", "high_between")
    # About as many draws without a median as still give bounds: another seed may decide otherwise.
    doubtful = 0.93 < found.get("usable_draws", 0) / DRAWS < 0.97
    return {name: found[name] for name in names if name in found} | {
        "doubtful": doubtful,
        "n": min(found["n_eql"], found["n_other"]),
        "of": f"{since}..{q.day(q.end)}",
        "incomplete": False,
    }


# -- quotients of cost --------------------------------------------------------------------------------------------


def _cost_each(data: Data, n: int) -> Vital:
    cost = paid(data, period_days(data.question), of_programme)
    own = {"of": data.question.label, "against": None, "incomplete": cost.unconverted > 0}
    return cost_per(cost.amount, n) | own


def _six_months_before(day: date) -> date:
    first = shift(day.replace(day=1), -6)
    return first.replace(day=min(day.day, calendar.monthrange(first.year, first.month)[1]))


def _earlier(data: Data) -> Stretch:
    q, (first, after) = data.question, period_days(data.question)
    start, end = _six_months_before(first), _six_months_before(after)
    if q.start <= q.as_of < q.end:
        end = min(end, start + timedelta(days=(q.day(q.as_of) - first).days + 1))
    return start, end


def _cac_change(data: Data) -> Vital:
    stretches = (period_days(data.question), _earlier(data))
    costs = [paid(data, stretch, of_programme) for stretch in stretches]
    wins = [len(won(data, _deals(data), stretch)) for stretch in stretches]
    own = {"incomplete": any(cost.unconverted for cost in costs), "of": data.question.label}
    if min(cost.amount for cost in costs) <= 0 or not all(wins):
        return uncertain(None, None, None, min(wins)) | own
    price = costs[0].amount / costs[1].amount
    share = wilson(wins[1], sum(wins))
    low, high = (float(price) * share[end] / (1 - share[end]) - 1 for end in ("low", "high"))
    return uncertain(price * wins[1] / wins[0] - 1, low, high, min(wins)) | own


# -- sums of deals ------------------------------------------------------------------------------------------------


def _amounts(deals: Iterable[Deal]) -> list[Fraction]:
    return [deal.pipeline for deal in deals if deal.pipeline is not None]


def _multiple(data: Data) -> Vital:
    stretch = period_days(data.question)
    cost, deals = paid(data, stretch, of_programme), opened(data, _deals(data), stretch)
    amounts = _amounts(deals)
    incomplete = cost.unconverted > 0 or lacks_rate(data, deals, "amount")
    own = {"of": data.question.label, "against": None, "incomplete": incomplete}
    if cost.amount <= 0:
        return uncertain(None, None, None, len(amounts)) | own
    bounds = [bound / float(cost.amount) for bound in sum_bounds(amounts)] if sum(amounts) else [None, None]
    return uncertain(pipeline(deals) / cost.amount, *bounds, len(amounts)) | own


def _growth(data: Data) -> Vital:
    q = data.question
    after = shift(fiscal_quarter(q, q.day(q.end) - timedelta(days=1)), 3)
    while q.midnight(after) > q.as_of:
        after = shift(after, -3)
    years = [(shift(after, -12 * (back + 1)), shift(after, -12 * back)) for back in (0, 1)]
    deals = [opened(data, _deals(data), year) for year in years]
    own = {
        "n": min(len(_amounts(year)) for year in deals),
        "of": f"{years[0][0]}..{years[0][1]}",
        "against": f"{years[1][0]}..{years[1][1]}",
        "incomplete": any(lacks_rate(data, year, "amount") for year in deals),
    }
    before = pipeline(deals[1])
    reaches = any((q.day(deal.opened_at) - years[1][0]).days < EARLY_ENOUGH for deal in deals[1] if deal.opened_at)
    if not before or not reaches:
        return {"value": None, "low": None, "high": None} | own
    return _quotient(*(_amounts(year) for year in deals)) | own


def _quotient(now: list[Fraction], before: list[Fraction]) -> dict[str, Any]:
    """Sum ÷ sum, their intervals combined on the log scale (Zou & Donner 2008)."""
    if not sum(now):
        return {"value": 0.0}
    a, b = math.log(sum(now)), math.log(sum(before))
    (low_a, high_a), (low_b, high_b) = ((math.log(bound) for bound in sum_bounds(own)) for own in (now, before))
    low, high = a - b - math.hypot(a - low_a, high_b - b), a - b + math.hypot(high_a - a, b - low_b)
    return {"value": math.exp(a - b), "low": math.exp(low), "high": math.exp(high)}
