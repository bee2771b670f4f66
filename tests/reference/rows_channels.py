"""What does each channel bring for its cost? The report's `channel_comparison`, by docs/channels.md alone."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from fractions import Fraction
from statistics import fmean, stdev
from typing import Any

from scipy.stats import t as student

from tests.reference.counted import Deal, Lead
from tests.reference.curves import median_days, wilson
from tests.reference.rows_ai_referrals import from_ai, names_ai
from tests.reference.rows_data import Data
from tests.reference.rows_money import (
    Row,
    Stretch,
    arr,
    cost_per,
    fiscal_quarter,
    has_partner,
    of_programme,
    opened,
    paid,
    period_days,
    pipeline,
    quarter,
    reached_in,
    shift,
    within,
    won,
)
from tests.reference.rows_velocity import curve_of, p90_closing

Line = tuple[str, str | None]  # kind and channel
HALF_A_CENT = Fraction(1, 200)
MOST_TOGETHER = 5


def rows_channels(data: Data) -> dict[str, Any]:
    """The section without what is drawn at random; lines and places are dictionaries."""
    lines = {line: _line(data, line) for line in _lines(data)}
    return {
        "lines": lines,
        **_rival(lines),
        "campaigns": _campaigns(data),
        "reallocation": _reallocation(data),
    }


def _of(thing: Deal | Lead) -> Line | None:
    """The one line in which a lead or a deal stands; a deal without a lead stands in none."""
    lead = thing.lead if isinstance(thing, Deal) else thing
    if lead is None:
        return None
    if has_partner(lead):
        return "partner_sourced", None
    return ("ai_referrals", None) if from_ai(lead) else ("channel", lead.row["channel"])


def _lines(data: Data) -> set[Line]:
    """Channels of the period's leads and of any deal, and those that a cost row without a partner names."""
    stretch = period_days(data.question)
    moments = ("created_at", "eql_at", "sql_at")
    leads = [lead for lead in data.counted.leads if any(within(data, lead.row[own], stretch) for own in moments)]
    found = {_of(thing) for thing in [*leads, *data.counted.deals]} - {None}
    costs = {row["channel"] for row in data.tables["cost"] if row["channel"] is not None and row["partner_id"] is None}
    found |= {("channel", name) for name in costs if not names_ai(name)}
    found |= {("ai_referrals", None)} if any(names_ai(name) for name in costs) else set()
    return {line for line in found if line is not None} | {("partner_sourced", None)}


def _naming(line: Line) -> Callable[[Row], bool]:
    """Which cost rows are the line's."""
    kind, channel = line
    if kind == "partner_sourced":
        return of_programme
    if kind == "ai_referrals":
        return lambda row: names_ai(row["channel"])
    return lambda row: channel is not None and row["channel"] == channel


def _cost(data: Data, line: Line) -> Fraction | None:
    belongs = _naming(line)
    if line[0] != "partner_sourced" and not any(belongs(row) for row in data.tables["cost"]):
        return None
    return paid(data, period_days(data.question), belongs).amount


def _line(data: Data, line: Line) -> dict[str, Any]:
    stretch = period_days(data.question)
    leads = [lead for lead in data.counted.leads if _of(lead) == line]
    deals = [deal for deal in data.counted.deals if _of(deal) == line]
    cohort = [lead for lead in leads if data.question.in_period(lead.row["created_at"])]
    begun, wins = opened(data, deals, stretch), won(data, deals, stretch)
    losses = [deal for deal in deals if deal.outcome == "lost" and data.question.in_period(deal.closed_at)]
    counts = _counts(data, cohort, leads)
    cost, gained, created = _cost(data, line), arr(wins), pipeline(begun)
    return {
        **counts,
        **_conversions(data, line, cohort),
        **_times(data, line),
        "won_deals": len(wins),
        "lost_deals": len(losses),
        "arr": float(gained),
        "pipeline_created": float(created),
        "win_rate": wilson(len(wins), len(wins) + len(losses)),
        "average_contract_value": _mean([float(deal.won_arr) for deal in wins if deal.won_arr is not None]),
        "incomplete": any(deal.unconverted for deal in deals) or paid(data, stretch, _naming(line)).unconverted > 0,
        "cost": None if cost is None else float(cost),
        "cost_per_lead": cost_per(cost, counts["leads"]),
        "cost_per_mql": cost_per(cost, counts["mqls"]),
        "cost_per_eql": cost_per(cost, counts["eqls_in_period"]),
        "cost_per_sql": cost_per(cost, counts["sqls_in_period"]),
        "cost_per_win": cost_per(cost, len(wins)),
        "arr_per_cost": {"value": _per(gained, cost), "n": sum((deal.won_arr or 0) > 0 for deal in wins)},
        "pipeline_per_cost": {"value": _per(created, cost), "n": sum((deal.pipeline or 0) > 0 for deal in begun)},
    }


def _per(gained: Fraction, cost: Fraction | None) -> float | None:
    return float(gained / cost) if cost is not None and cost > 0 else None


def _counts(data: Data, cohort: list[Lead], leads: list[Lead]) -> dict[str, int]:
    stretch = period_days(data.question)
    return {
        "leads": len(cohort),
        **{f"{stage}s": sum(stage in lead.reached for lead in cohort) for stage in ("mql", "eql", "sql")},
        "won": sum("won" in lead.reached for lead in cohort),
        **{f"{stage}s_in_period": reached_in(data, leads, stage, stretch) for stage in ("eql", "sql")},
    }


def _conversions(data: Data, line: Line, cohort: list[Lead]) -> dict[str, Any]:
    first = "eql" if line[0] == "partner_sourced" else "mql"
    if not any(first in lead.reached for lead in cohort):
        first = "lead"
    base = [lead for lead in cohort if first in lead.reached]
    rates = {stage: wilson(sum(stage in lead.reached for lead in base), len(base)) for stage in ("sql", "won")}
    known = {stage for lead in data.counted.leads for stage in lead.reached}
    return {
        f"qualified_to_{stage}": own | {"step": f"{first}_to_{stage}"} if stage in known else wilson(0, 0)
        for stage, own in rates.items()
    }


def _times(data: Data, line: Line) -> dict[str, Any]:
    q = data.question
    deals = [deal for deal in curve_of(data) if _of(deal) == line]
    median, p90 = median_days([(deal.days, deal.outcome) for deal in deals]), p90_closing(data)
    ages = [(q.day(q.as_of) - q.day(deal.opened_at)).days for deal in deals]
    mature = None if p90 is None or not deals else 10 * sum(age >= p90 for age in ages) >= 9 * len(ages)
    return {"median_days_to_close": None if median is None else float(median), "median_days_to_close_mature": mature}


def _mean(values: list[float]) -> dict[str, Any]:
    """A mean with Student's 95 % interval."""
    n = len(values)
    if not n:
        return {"value": None, "low": None, "high": None, "n": 0}
    mean = fmean(values)
    if n == 1:
        return {"value": mean, "low": None, "high": None, "n": 1}
    half = float(student.ppf(0.975, n - 1)) * stdev(values) / math.sqrt(n)
    return {"value": mean, "low": max(mean - half, 0.0), "high": mean + half, "n": n}


def _rival(lines: dict[Line, dict[str, Any]]) -> dict[str, Any]:
    """The dearest line that is not the partners', and how many times its yield theirs is."""
    dear = {line: own for line, own in lines.items() if line[0] != "partner_sourced" and (own["cost"] or 0) > 0}
    highest = max((own["cost"] for own in dear.values()), default=None)
    rivals = [line for line, own in dear.items() if own["cost"] == highest]
    partners = lines["partner_sourced", None]["arr_per_cost"]
    times: dict[Line, Any] = {}
    for line in rivals:
        if partners["value"] is None:
            times[line] = None
            continue
        theirs = dear[line]["arr_per_cost"]["value"]
        times[line] = {"value": partners["value"] / theirs if theirs else None, "n": partners["n"]}
    return {"rivals": times}


# -- the largest paid campaign ------------------------------------------------------------------------------------


def _paid_channels(data: Data) -> set[str]:
    def media(row: Row) -> bool:
        return row["category"] == "media" and row["partner_id"] is None

    stretch = period_days(data.question)
    names = {row["channel"] for row in data.tables["cost"] if row["channel"] is not None and media(row)}
    return {
        name for name in names if paid(data, stretch, lambda row, name=name: media(row) and row["channel"] == name).rows
    }


def _campaign(lead: Lead) -> str | None:
    return (lead.row["utm_campaign"] or "").strip() or None


def _campaigns(data: Data) -> dict[str, Any]:
    q, rows = data.question, {}
    for channel in _paid_channels(data):
        line = ("channel", channel)
        leads = [lead for lead in data.counted.leads if _of(lead) == line and q.in_period(lead.row["created_at"])]
        cost = _cost(data, line) or Fraction(0)
        wins = won(data, [deal for deal in data.counted.deals if _of(deal) == line], period_days(q))
        names = {_campaign(lead) for lead in leads} | {_campaign(deal.lead) for deal in wins if deal.lead}
        for name in names:
            own = [deal for deal in wins if deal.lead and _campaign(deal.lead) == name]
            n = sum(_campaign(lead) == name for lead in leads)
            share = Fraction(n, len(leads)) if leads else None
            rows[channel, name] = {
                "leads": n,
                "share": None if share is None else float(share),
                "spend": None if share is None else float(cost * share),
                "won_deals": len(own),
                "arr": float(arr(own)),
            }
    order = sorted(rows, key=lambda key: (-(rows[key]["spend"] or 0), -rows[key]["arr"], key[0], key[1] or ""))
    largest = next((key for key in order if key[1] is not None and (rows[key]["spend"] or 0) > 0), None)
    found = {"campaigns": rows, "largest": largest}
    return found | _against(data, rows[largest]["arr"] if largest else None)


def _against(data: Data, campaign: float | None) -> dict[str, Any]:
    brought: dict[str, Fraction] = defaultdict(Fraction)
    for deal in won(data, data.counted.deals, period_days(data.question)):
        key = data.partner_of(deal)
        if key is not None:
            brought[key] += deal.won_arr or 0
    if campaign is None:
        return {"above": [], "together": []}
    ranked = sorted((key for key, own in brought.items() if own > 0), key=lambda key: (-brought[key], key))

    def times(keys: Iterable[str]) -> float | None:
        return float(sum(brought[key] for key in keys)) / campaign if campaign else None

    return {
        "above": [(key, float(brought[key]), times([key])) for key in ranked if float(brought[key]) > campaign],
        "together": [times(ranked[: k + 1]) for k in range(min(MOST_TOGETHER, len(ranked)))],
    }


# -- moving money -------------------------------------------------------------------------------------------------


def _eight_quarters(data: Data) -> list[Stretch]:
    q = data.question
    first = fiscal_quarter(q, q.day(q.end) - timedelta(days=1))
    while q.midnight(shift(first, 3)) > q.as_of:
        first = shift(first, -3)
    return [quarter(shift(first, -3 * back)) for back in range(7, -1, -1)]


def _places(data: Data) -> dict[tuple[str, str | None], tuple[Callable[[Row], bool], list[Deal]]]:
    """By place which cost rows and which deals are its own."""
    deals = data.counted.deals
    found: dict[tuple[str, str | None], tuple[Callable[[Row], bool], list[Deal]]] = {
        ("programme", None): (of_programme, [deal for deal in deals if has_partner(deal)])
    }
    for name in {row["channel"] for row in data.tables["cost"] if row["channel"] is not None}:
        found["channel", name] = (
            lambda row, name=name: row["channel"] == name and row["partner_id"] is None,
            [deal for deal in deals if _of(deal) == ("channel", name) or (names_ai(name) and _is_called(deal, name))],
        )
    for key in data.partners:
        own = [deal for deal in deals if data.partner_of(deal) == key]
        found["partner", key] = (lambda row, key=key: row["partner_id"] == key, own)
    return found


def _is_called(deal: Deal, channel: str | None) -> bool:
    return deal.lead is not None and not has_partner(deal) and deal.lead.row["channel"] == channel


def _reallocation(data: Data) -> dict[str, Any]:
    quarters, places = _eight_quarters(data), {}
    for place, (belongs, deals) in _places(data).items():
        spends = [paid(data, stretch, belongs).amount for stretch in quarters]
        learned = [number for number in range(4, 8) if spends[number] > HALF_A_CENT]
        if not learned:
            continue
        seen = [spend for spend in spends if spend > HALF_A_CENT]
        wins = [deal for number in learned for deal in won(data, deals, quarters[number])]
        begun = [deal for number in learned for deal in opened(data, deals, quarters[number])]
        places[place] = {
            "spend": float(sum(spends[number] for number in learned) / len(learned)),
            "seen": [float(min(seen)), float(max(seen))],
            "spends": [float(spend) for spend in seen],
            "learned_quarters": len(learned),
            "arr": float(arr(wins)),
            "pipeline_created": float(pipeline(begun)),
        }
    return {"quarters": [data.question.quarter_label(first) for first, _ in quarters], "places": places}
