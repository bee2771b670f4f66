"""What did partners bring, and why did it change? The report's `arr`, from rows, by docs/arr.md alone."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise, permutations
from typing import Any

from tests.reference.counted import Deal
from tests.reference.rows_data import Data

SOURCES = ("partner_sourced", "direct", "unattributed")


def rows_arr(data: Data, before: tuple[datetime, datetime]) -> dict[str, Any]:
    """The section without what is drawn at random; `before`: the bounds of the period compared with."""
    return {
        "quarters": _quarters(data),
        "months": _months(data),
        "groups": _groups(data, before),
        "top_five": _top_five(data),
        "change": _change(data, before),
    }


def source(deal: Deal) -> str:
    """Whose a deal is."""
    if deal.lead is None:
        return "unattributed"
    return "direct" if deal.lead.row["partner_id"] is None else "partner_sourced"


def _won(data: Data, start: datetime, end: datetime) -> list[Deal]:
    return [d for d in data.counted.deals if d.outcome == "won" and d.closed_at and start <= d.closed_at < end]


def _arr(deals: Iterable[Deal]) -> Fraction:
    return sum((deal.won_arr or Fraction(0) for deal in deals), Fraction(0))


def _lacks_rate(data: Data, deal: Deal) -> bool:
    """Whether it has an ARR that could not be converted."""
    row = next(row for row in data.tables["deal"] if row["deal_id"] == deal.deal_id)
    return row["arr"] is not None and deal.won_arr is None


# -- quarters and months ------------------------------------------------------------------------------------------


def _shift(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _quarter_firsts(data: Data) -> list[date]:
    q = data.question
    last = q.day(q.end) - timedelta(days=1)
    first = last.replace(day=1)
    while (first.month - q.fiscal_year_start) % 3:
        first = _shift(first, -1)
    return [_shift(first, -3 * back) for back in range(7, -1, -1)]


def _fiscal_year(data: Data, first: date) -> date:
    while first.month != data.question.fiscal_year_start:
        first = _shift(first, -1)
    return first


def _stretch(data: Data, first: date, after: date) -> dict[str, Any]:
    q = data.question
    won = _won(data, q.midnight(first), q.midnight(after))
    parts = {name: [deal for deal in won if source(deal) == name] for name in SOURCES}
    return {
        **{name: float(_arr(deals)) for name, deals in parts.items()},
        "total": float(_arr(won)),
        "won_deals": {name: len(deals) for name, deals in parts.items()} | {"total": len(won)},
        "cumulative": _since(data, _fiscal_year(data, first), after),
        "begun": q.midnight(first) <= q.as_of,
        "over": q.midnight(after) <= q.as_of,
        "incomplete": any(_lacks_rate(data, deal) for deal in won),
    }


def _since(data: Data, first: date, after: date) -> float:
    q = data.question
    return float(_arr(d for d in _won(data, q.midnight(first), q.midnight(after)) if source(d) == "partner_sourced"))


def _target(data: Data, first: date, after: date) -> float | None:
    last = after - timedelta(days=1)
    rows = [row for row in data.tables["target"] if row["metric"] == "arr" and row["partner_id"] is None]
    whole = [row for row in rows if (row["period_start"], row["period_end"]) == (first, last)]
    found = whole or [row for row in rows if row["period_start"] >= first and row["period_end"] <= last]
    return float(sum(row["value"] for row in found)) if found else None


def _cumulative_target(data: Data, first: date) -> float | None:
    start, goals = _fiscal_year(data, first), []
    while start <= first:
        goals.append(_target(data, start, _shift(start, 3)))
        start = _shift(start, 3)
    return None if None in goals else math.fsum(goal for goal in goals if goal is not None)


def _quarters(data: Data) -> dict[str, dict[str, Any]]:
    return {
        data.question.quarter_label(first): _stretch(data, first, _shift(first, 3))
        | {"target": _target(data, first, _shift(first, 3)), "cumulative_target": _cumulative_target(data, first)}
        for first in _quarter_firsts(data)
    }


def _months(data: Data) -> dict[str, dict[str, Any]]:
    found = {}
    for quarter in _quarter_firsts(data):
        for place in range(3):
            first = _shift(quarter, place)
            found[f"{first:%Y-%m}"] = _stretch(data, first, _shift(first, 1)) | {
                "target": _target(data, first, _shift(first, 1)),
                "cumulative_target": _cumulative_target(data, quarter) if place == 2 else None,
                "quarter": data.question.quarter_label(quarter),
                "quarter_target": _target(data, quarter, _shift(quarter, 3)),
            }
    return found


# -- groups and the five largest ----------------------------------------------------------------------------------


def _blank(text: str | None) -> str | None:
    return text if text and text.strip() else None


def _groups(data: Data, before: tuple[datetime, datetime]) -> dict[str, Any]:
    def of_partner(column: str) -> Callable[[Deal], str | None]:
        def name(deal: Deal) -> str | None:
            own = data.partner_of(deal)
            value: str | None = data.partners[own][column] if own else None
            return value

        return name

    names: dict[str, Callable[[Deal], str | None]] = {
        "tier": of_partner("tier"),
        "type": of_partner("partner_type"),
        "region": of_partner("region"),
        "product_line": lambda deal: _blank(deal.lead.row["product_line"]) if deal.lead else None,
        "source": lambda deal: None,
    }
    q = data.question
    now, then = _won(data, q.start, q.end), _won(data, *before)
    return {by: _lines(data, now, then, name, by == "source") for by, name in names.items()}


def _lines(
    data: Data, now: list[Deal], then: list[Deal], name: Callable[[Deal], str | None], always: bool
) -> dict[tuple[str, str | None], Any]:
    keys = {(source(deal), name(deal)) for deal in [*now, *then]}
    keys |= {(own, None) for own in SOURCES} if always else set()

    def line(deals: list[Deal], key: tuple[str, str | None]) -> dict[str, Any]:
        own = [deal for deal in deals if (source(deal), name(deal)) == key]
        incomplete = any(_lacks_rate(data, deal) for deal in own)
        return {"arr": float(_arr(own)), "won_deals": len(own), "incomplete": incomplete}

    return {key: line(now, key) | {"before": line(then, key)} for key in keys}


def _top_five(data: Data) -> dict[str, Any]:
    q = data.question
    brought: dict[str, Fraction] = defaultdict(Fraction)
    for deal in _won(data, q.start, q.end):
        own = data.partner_of(deal)
        if own:
            brought[own] += deal.won_arr or 0
    ranked = sorted((key for key, arr in brought.items() if arr > 0), key=lambda key: (-brought[key], key))
    top, whole = ranked[:5], sum(brought.values(), Fraction(0))
    active = {
        key
        for key, row in data.partners.items()
        if row["status"] == "active" and row["joined_on"] and row["joined_on"] < q.day(q.end)
    }
    among = len(active | set(ranked))
    return {
        "partners": list(top),
        "arr": float(sum((brought[key] for key in top), Fraction(0))),
        "share": float(sum(brought[key] for key in top) / whole) if whole else None,
        "among": among,
        "expected_share": min(5, among) / among if among else None,
    }


# -- why it changed -----------------------------------------------------------------------------------------------


def _flows(data: Data, start: datetime, end: datetime) -> dict[str, Any]:
    q = data.question
    leads = [lead for lead in data.counted.leads if lead.row["partner_id"] is not None]

    def reached(stage: str) -> int:
        moments = (lead.row[f"{stage}_at"] for lead in leads)
        return sum(moment is not None and start <= moment < end and moment <= q.as_of for moment in moments)

    won = [deal for deal in _won(data, start, end) if source(deal) == "partner_sourced"]
    return {"eqls": reached("eql"), "sqls": reached("sql"), "won_deals": len(won), "arr": _arr(won)}


def _change(data: Data, before: tuple[datetime, datetime]) -> dict[str, Any]:
    then, now = _flows(data, *before), _flows(data, data.question.start, data.question.end)
    parts: dict[str, float | None] = dict.fromkeys(
        ("eqls", "eql_to_sql", "sqls", "sql_to_won", "won_deals", "contract_value")
    )
    names, first, last = _chain(then, now)
    exact = dict.fromkeys(names, Fraction(0))
    orders = list(permutations(range(len(names))))
    for order in orders:
        state = list(first)
        for place in order:
            old = math.prod(state)
            state[place] = last[place]
            exact[names[place]] += Fraction(math.prod(state) - old, len(orders))
    parts |= _to_cents(exact)
    plain = [
        {"eqls_in_period": flows["eqls"], "sqls_in_period": flows["sqls"], "won_deals": flows["won_deals"]}
        | {"arr": float(flows["arr"])}
        for flows in (then, now)
    ]
    return {"before": plain[0], "now": plain[1], "difference": float(now["arr"] - then["arr"]), "parts": parts}


def _chain(then: dict[str, Any], now: dict[str, Any]) -> tuple[list[str], list[Fraction], list[Fraction]]:
    def values(flows: dict[str, Any], other: dict[str, Any]) -> Fraction:
        known = flows if flows["won_deals"] else other
        return Fraction(known["arr"], known["won_deals"]) if known["won_deals"] else Fraction(0)

    counts = [name for name in ("eqls", "sqls") if then[name] and now[name]]
    if "sqls" not in counts:
        counts = []
    names = {0: ["won_deals"], 1: ["sqls", "sql_to_won"], 2: ["eqls", "eql_to_sql", "sql_to_won"]}[len(counts)]

    def factors(flows: dict[str, Any], other: dict[str, Any]) -> list[Fraction]:
        steps = [Fraction(flows[name]) for name in (*counts, "won_deals")]
        return [steps[0], *(b / a for a, b in pairwise(steps)), values(flows, other)]

    return [*names, "contract_value"], factors(then, now), factors(now, then)


def _to_cents(exact: dict[str, Fraction]) -> dict[str, float]:
    cents = {name: math.floor(part * 100) for name, part in exact.items()}
    lacking = int(sum(exact.values(), Fraction(0)) * 100) - sum(cents.values())
    by_rest = sorted(exact, key=lambda name: -(exact[name] * 100 - cents[name]))
    for name in by_rest[:lacking]:
        cents[name] += 1
    return {name: value / 100 for name, value in cents.items()}
