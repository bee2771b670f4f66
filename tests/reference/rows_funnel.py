"""Where do leads get lost, how long do steps take, and what goes with converting? Lead by lead."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from scipy.stats import binom, fisher_exact
from scipy.stats import chi2 as chi_square

from tests.reference.counted import STAGES, Lead
from tests.reference.curves import percentile, wilson
from tests.reference.rows_data import Data
from tests.reference.rows_partner import as_float
from tests.reference.rows_scorecard import countable_signals, handed_over

MONTHS = 13
COUNTS = dict(zip(STAGES, ("leads", "mqls", "eqls", "sqls", "opportunities", "won"), strict=True))
FEWEST_FOR_MATURITY = 20
FEWEST_TESTED = 20
EXACT_BELOW = 40
COMMONEST = 12
REST = "(all others)"
SIZES = ((0, 50, "0-49"), (50, 200, "50-199"), (200, 1000, "200-999"), (1000, 5000, "1000-4999"))
PARTED = ("tech_stack", "signal", "referral")  # of these a lead may have several values


def rows_funnel(data: Data) -> dict[str, Any]:
    """The section `funnel` of the report; lists of objects are dictionaries here."""
    first, end = thirteen_months(data)
    known = [lead for lead in data.counted.leads if first <= data.question.day(lead.row["created_at"]) < end]
    everybody = not any(lead.row["partner_id"] for lead in [*known, *data.cohort()])
    live = [lead for lead in data.counted.leads if everybody or lead.row["partner_id"]]
    cohort = [lead for lead in data.cohort() if everybody or lead.row["partner_id"]]
    shape = _Shape(data)
    months: dict[str, list[Lead]] = defaultdict(list)
    for lead in known:
        if everybody or lead.row["partner_id"]:
            months[f"{data.question.day(lead.row['created_at']):%Y-%m}"].append(lead)
    return {
        "population": "all" if everybody else "partner_sourced",
        **shape.funnel(cohort),
        "groups": {
            by: {key: shape.funnel(leads) for key, leads in _grouped(data, cohort, by).items()}
            for by in ("type", "tier", "region", "channel", "asset_kind", "partner")
        },
        "months": {month: shape.funnel(leads) for month, leads in months.items()},
        "waiting": {f"{a}_to_{b}": waiting(data, live, a, b) for a, b in shape.waited()},
        "waiting_months": {f"{a}_to_{b}": waiting_months(data, live, a, b) for a, b in shape.waited()},
        "associations": {
            stage: associations(data, cohort, stage) for stage in ("sql", "won") if stage in shape.present
        },
    }


def thirteen_months(data: Data) -> tuple[date, date]:
    """First day of the first of 13 months, and the day after the last one looked at."""
    question = data.question
    end = min(
        question.day(question.end), max(question.day(question.as_of), question.day(question.start)) + timedelta(1)
    )
    last = end - timedelta(1)
    months = last.year * 12 + last.month - 1 - (MONTHS - 1)
    return date(months // 12, months % 12 + 1, 1), end


class _Shape:
    """What a funnel of this company looks like: its stages, and how long nine in ten leads need to each."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.present = [stage for stage in STAGES if any(stage in lead.reached for lead in data.counted.leads)]
        self.p90 = {stage: self._days(stage) for stage in STAGES[1:]}

    def steps(self) -> list[tuple[str, str]]:
        more = [("eql", "won"), ("lead", "won"), ("mql", "sql"), ("mql", "won")]
        pairs = [*pairwise(self.present), *more, *(("lead", stage) for stage in self.present[1:])]
        return [pair for pair in pairs if set(pair) <= set(self.present)]

    def waited(self) -> list[tuple[str, str]]:
        more = [("eql", "won"), ("lead", "eql"), ("lead", "sql"), ("lead", "won")]
        return [pair for pair in [*pairwise(self.present), *more] if set(pair) <= set(self.present)]

    def funnel(self, leads: list[Lead]) -> dict[str, Any]:
        counts = {COUNTS[stage]: sum(stage in lead.reached for lead in leads) for stage in self.present}
        steps = {}
        for a, b in self.steps():
            reached = [lead for lead in leads if a in lead.reached]
            steps[f"{a}_to_{b}"] = wilson(sum(b in lead.reached for lead in reached), len(reached))
        mature = {stage: self._mature(leads, stage) for stage in STAGES[1:] if stage in self.present}
        return counts | {"step_conversion": steps, "mature": mature}

    def _days(self, stage: str) -> Fraction | None:
        question = self.data.question
        since = question.months_before(question.as_of, 12)
        days = [
            (question.day(moment) - lead.created_day).days
            for lead in self.data.counted.leads
            if (moment := lead.reached.get(stage)) is not None and moment >= since
        ]
        days = [number for number in days if number >= 0]
        return percentile(days, Fraction(9, 10)) if len(days) >= FEWEST_FOR_MATURITY else None

    def _mature(self, leads: list[Lead], stage: str) -> bool | None:
        p90, today = self.p90[stage], self.data.question.day(self.data.question.as_of)
        if p90 is None or not leads:
            return None
        return 10 * sum((today - lead.created_day).days > p90 for lead in leads) >= 9 * len(leads)


def _grouped(data: Data, leads: list[Lead], by: str) -> dict[str | None, list[Lead]]:
    found: dict[str | None, list[Lead]] = defaultdict(list)
    for lead in leads:
        partner = data.partners.get(lead.row["partner_id"], {})
        asset = data.assets.get(lead.row["first_asset_id"], {})
        key = {
            "type": partner.get("partner_type"),
            "tier": partner.get("tier") or None,
            "region": partner.get("region") or None,
            "channel": lead.row["channel"],
            "asset_kind": asset.get("kind"),
            "partner": lead.row["partner_id"],
        }[by]
        found[key].append(lead)
    return dict(found)


def _days(data: Data, leads: Iterable[Lead], a: str, b: str) -> list[tuple[datetime, int]]:
    """Of each lead that reached both: when it reached the later stage, and calendar days from the earlier."""
    pairs = [(lead.reached.get(a), lead.reached.get(b)) for lead in leads]
    day = data.question.day
    return [(until, (day(until) - day(since)).days) for since, until in pairs if since and until]


def waiting(data: Data, leads: list[Lead], a: str, b: str) -> dict[str, Any]:
    """Days from a to b of leads that reached b in the period."""
    days = [number for moment, number in _days(data, leads, a, b) if data.question.in_period(moment)]
    return quartiles([number for number in days if number >= 0]) | {"negative": sum(number < 0 for number in days)}


def waiting_months(data: Data, leads: list[Lead], a: str, b: str) -> dict[str, dict[str, Any]]:
    """The same by the month in which b was reached, for 13 months."""
    first, end = thirteen_months(data)
    found: dict[str, list[int]] = defaultdict(list)
    for moment, number in _days(data, leads, a, b):
        day = data.question.day(moment)
        if first <= day < end:
            found[f"{day:%Y-%m}"] += [number] if number >= 0 else []
    return {month: {k: v for k, v in quartiles(days).items() if k != "p90"} for month, days in found.items()}


def quartiles(days: list[int]) -> dict[str, Any]:
    """Median with its interval between two order statistics, quartiles, 90th percentile."""
    n, ordered = len(days), sorted(days)
    shares = {"median": Fraction(1, 2), "q1": Fraction(1, 4), "q3": Fraction(3, 4), "p90": Fraction(9, 10)}
    found: dict[str, Any] = {name: as_float(percentile(days, share)) for name, share in shares.items()}
    # The l-th from below and from above enclose the median unless fewer than l of n lie on one side of it.
    place = int(binom.ppf(0.025, n, 0.5)) if n else 0
    bounds = (float(ordered[place - 1]), float(ordered[n - place])) if place else (None, None)
    return found | {"n": n, "low": bounds[0], "high": bounds[1]}


# What goes with converting


def associations(data: Data, leads: list[Lead], stage: str) -> dict[tuple[str, str], dict[str, Any]]:
    """By attribute and value: conversion with, without and unknown, its difference and whether that is chance."""
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    values = {
        attribute: [(lead, values_of(data, lead, attribute)) for lead in leads]
        for attribute in (
            "industry", "size", "country", "account_region", "use_case", "tech_stack", "region", "product_line",
            "channel", "asset_kind", "signal", "referral",
        )
    }  # fmt: skip
    tests: dict[Any, float] = {}
    for attribute, had in values.items():
        shown = _shown(attribute, had)
        for value, own in shown.items():
            groups = {
                "with": [lead for lead, _ in had if lead.row["lead_id"] in own],
                "without": [lead for lead, known in had if known is not None and lead.row["lead_id"] not in own],
                "unknown": [lead for lead, known in had if known is None],
            }
            hits = {name: sum(stage in lead.reached for lead in group) for name, group in groups.items()}
            rates = {name: wilson(hits[name], len(group)) for name, group in groups.items()}
            line: dict[str, Any] = rates | {"difference": newcombe(rates["with"], rates["without"]), "p": None}
            if min(rates["with"]["n"], rates["without"]["n"]) >= FEWEST_TESTED:
                line["p"] = p_value(hits["with"], rates["with"]["n"], hits["without"], rates["without"]["n"])
                # Two values that are each other's opposite are one test.
                twins = len(shown) == 2 and attribute not in PARTED
                line["test"] = (attribute, None if twins else value)
                tests[line["test"]] = line["p"]
            lines[attribute, value] = line
    adjusted = benjamini_hochberg(tests)
    for line in lines.values():
        line["q"] = adjusted.get(line.pop("test", None))
        line["discovered"] = line["q"] is not None and line["q"] <= 0.05
    return lines


def values_of(data: Data, lead: Lead, attribute: str) -> set[str] | None:
    """What a lead has of an attribute; None where that is not known."""
    account = data.accounts.get(lead.row["account_id"], {})
    if attribute == "signal":
        return {name for name, days in countable_signals(lead, data) if days <= 90}
    if attribute == "referral":
        moment, hand_over = lead.row["referral_at"], handed_over(lead)
        seen = data.question.seen(moment) and (hand_over is None or moment < hand_over)
        return {"yes"} if seen else set()
    if attribute == "tech_stack":
        stack = account.get("tech_stack")
        return None if stack is None else set(stack)
    if attribute == "size":
        employees = account.get("employees")
        if employees is None:
            return None
        return {next((name for low, high, name in SIZES if low <= employees < high), "5000+")}
    row, column = {
        "account_region": (account, "region"),
        "asset_kind": (data.assets.get(lead.row["first_asset_id"], {}), "kind"),
    }.get(attribute, (lead.row if attribute in ("region", "product_line", "channel") else account, attribute))
    value = (row.get(column) or "").strip()
    return {value} if value else None


def _shown(attribute: str, had: list[tuple[Lead, set[str] | None]]) -> dict[str, set[str]]:
    """The commonest values and the leads that have each; the rest together where a lead can only have one."""
    leads: dict[str, set[str]] = defaultdict(set)
    for lead, values in had:
        for value in values or ():
            leads[value].add(lead.row["lead_id"])
    common = Counter({value: len(own) for value, own in leads.items()}).most_common()
    ordered = sorted(common, key=lambda pair: (-pair[1], pair[0]))
    shown = {value: leads[value] for value, _ in ordered[:COMMONEST]}
    if attribute not in PARTED and len(ordered) > COMMONEST:
        shown[REST] = set().union(*(leads[value] for value, _ in ordered[COMMONEST:]))
    return shown


def newcombe(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """a − b with the interval that combines both Wilson intervals (Newcombe 1998, method 10)."""
    if not a["n"] or not b["n"]:
        return {"value": None, "low": None, "high": None}
    value = a["value"] - b["value"]
    down = ((a["value"] - a["low"]) ** 2 + (b["high"] - b["value"]) ** 2) ** 0.5
    up = ((a["high"] - a["value"]) ** 2 + (b["value"] - b["low"]) ** 2) ** 0.5
    return {"value": value, "low": value - down, "high": value + up}


def p_value(hits_a: int, n_a: int, hits_b: int, n_b: int) -> float:
    """Whether two shares differ by chance: Fisher's test where an expected count is small, else chi-square."""
    table = [[hits_a, n_a - hits_a], [hits_b, n_b - hits_b]]
    n, hits = n_a + n_b, hits_a + hits_b
    expected = [[size * kind / n for kind in (hits, n - hits)] for size in (n_a, n_b)]
    if min(map(min, expected)) < EXACT_BELOW:
        return float(fisher_exact(table).pvalue)
    pairs = [(table[row][column], expected[row][column]) for row in (0, 1) for column in (0, 1)]
    return float(chi_square.sf(sum((seen - wanted) ** 2 / wanted for seen, wanted in pairs), 1))


def benjamini_hochberg(tests: dict[Any, float]) -> dict[Any, float]:
    """The false discovery rate at which each would just be called a discovery."""
    ordered = sorted(tests.items(), key=lambda pair: pair[1], reverse=True)
    found, least = {}, 1.0
    for place, (key, p) in enumerate(ordered):
        least = min(least, p * len(tests) / (len(tests) - place))
        found[key] = least
    return found
