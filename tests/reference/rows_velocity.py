"""Who wins, how fast and how much, and what is left where like is compared with like? Deal by deal."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from fractions import Fraction
from statistics import NormalDist, fmean, stdev
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.stats import t as student

from tests.reference.counted import Deal
from tests.reference.curves import eventual_win_rate, median_days, percentile
from tests.reference.rows_data import Data
from tests.reference.rows_funnel import SIZES
from tests.reference.rows_partner import as_float

Z = NormalDist().inv_cdf(0.975)
DAYS = (90, 180, 365)
WIDEST = 16.0  # ln of the largest ratio looked for
Stratum = tuple[str | None, str | None, str | None]


def rows_velocity(data: Data) -> dict[str, Any]:
    """The parts of the section `velocity` that are not drawn; lists of groups are dictionaries here."""
    closed = [deal for deal in data.counted.deals if deal.lead and closed_in_period(data, deal)]
    curve = curve_of(data)
    sides: dict[str, Callable[[Deal], bool]] = {"partner_sourced": is_sourced, "eql_before": was_eql}
    return {
        "incidence": incidence(data, curve),
        "win_rate_lift": {name: lift(data, closed, side) for name, side in sides.items()},
        "speed_ratio": {name: speed(data, curve, side) for name, side in sides.items()},
        "contract_value": contract_value(data),
    }


def closed_in_period(data: Data, deal: Deal) -> bool:
    """Won or lost with a closing in the period."""
    return deal.outcome in ("won", "lost") and data.question.in_period(deal.closed_at)


def curve_of(data: Data) -> list[Deal]:
    """Deals with a lead, opened in the 24 months up to the period's end, that did not end before they began."""
    question = data.question
    since = question.months_before(question.end, 24)
    return [
        deal
        for deal in data.counted.deals
        if deal.lead and deal.days is not None and deal.days >= 0 and since <= deal.opened_at < question.end
    ]


def is_sourced(deal: Deal) -> bool:
    """The deal's lead carries a partner."""
    return deal.lead.row["partner_id"] is not None


def was_eql(deal: Deal) -> bool:
    """The lead was an EQL before the deal opened; without an opening there is no before."""
    eql_at = deal.lead.row["eql_at"]
    return eql_at is not None and deal.opened_at is not None and eql_at < deal.opened_at


def incidence(data: Data, curve: list[Deal]) -> dict[str, dict[str | None, dict[str, Any]]]:
    """Per split the groups, and of each its curve."""
    splits: dict[str, dict[str | None, list[Deal]]] = defaultdict(lambda: defaultdict(list))
    for deal in curve:
        row = deal.lead.row
        splits["source"]["partner_sourced" if is_sourced(deal) else "other"].append(deal)
        splits["eql"]["eql_before" if was_eql(deal) else "other"].append(deal)
        splits["channel"][row["channel"]].append(deal)
        if is_sourced(deal):
            partner = data.partners[row["partner_id"]]
            for split, column in (("type", "partner_type"), ("tier", "tier"), ("region", "region")):
                splits[split][partner[column] or None].append(deal)
    p90 = p90_closing(data)
    return {
        split: {key: _curve(data, deals, p90) for key, deals in splits[split].items()}
        for split in ("source", "eql", "type", "tier", "region", "channel")
    }


def p90_closing(data: Data) -> Fraction | None:
    """Nine in ten deals won in the last 12 months took no longer."""
    since = data.question.months_before(data.question.as_of, 12)
    won = [deal for deal in data.counted.deals if deal.outcome == "won" and deal.closed_at >= since]
    days = [deal.days for deal in won if deal.days is not None and deal.days >= 0]
    return percentile(days, Fraction(9, 10))


def _curve(data: Data, deals: list[Deal], p90: Fraction | None) -> dict[str, Any]:
    cases = [(deal.days, deal.outcome) for deal in deals]
    today = data.question.day(data.question.as_of)
    ages = [(today - data.question.day(deal.opened_at)).days for deal in deals]
    median = median_days(cases)
    return {
        "deals": len(deals),
        "at_risk": {str(day): sum(days >= day for days, _ in cases) for day in (0, *DAYS)},
        "won_by_day": {str(day): eventual_win_rate(cases, day) for day in DAYS},
        "median_days_to_close": None if median is None else float(median),
        "median_days_to_close_mature": None if p90 is None else 10 * sum(age >= p90 for age in ages) >= 9 * len(ages),
        "plain_median_days_to_close": as_float(
            percentile([days for days, outcome in cases if outcome == "won"], Fraction(1, 2))
        ),
    }


# Like with like


def stratum(data: Data, deal: Deal) -> Stratum:
    """Size band of the account, region and product line of the lead; unknown is a value of its own."""
    row = deal.lead.row
    employees = data.accounts.get(row["account_id"], {}).get("employees")
    size = None
    if employees is not None:
        size = next((name for low, high, name in SIZES if low <= employees < high), "5000+")
    return size, row["region"] or None, row["product_line"] or None


def lift(data: Data, deals: list[Deal], side: Callable[[Deal], bool]) -> dict[str, Any]:
    """Win rate of one side ÷ that of the other: as it is, and over common strata."""
    cells: dict[Stratum, dict[bool, list[int]]] = defaultdict(lambda: {True: [0, 0], False: [0, 0]})
    for deal in deals:
        cell = cells[stratum(data, deal)][side(deal)]
        cell[0] += deal.outcome == "won"
        cell[1] += 1
    won, n = ({own: sum(cell[own][place] for cell in cells.values()) for own in (True, False)} for place in (0, 1))
    rates = {own: won[own] / n[own] if n[own] else None for own in n}
    raw = _compared(rates, n) | {"n": sum(n.values()), "n_group": n[True], "n_other": n[False]}
    common = [cell for cell in cells.values() if cell[True][1] and cell[False][1]]
    both = {own: sum(cell[own][1] for cell in common) for own in (True, False)}
    total = sum(both.values())
    shares = [(cell, (cell[True][1] + cell[False][1]) / total) for cell in common]
    standard = {own: sum(w * c[own][0] / c[own][1] for c, w in shares) if common else None for own in (True, False)}
    worth = {own: 1 / sum(w * w / c[own][1] for c, w in shares) if common else 0 for own in (True, False)}
    return {
        "raw": raw,
        "standardised": _compared(standard, worth)
        | {"n": total, "n_group": both[True], "n_other": both[False]}
        | {"support": total / len(deals) if deals else None, "strata": len(common)},
    }


def _compared(rates: Mapping[bool, float | None], n: Mapping[bool, float]) -> dict[str, Any]:
    a, b = rates[True], rates[False]
    nothing = {"value": None, "low": None, "high": None}
    if a is None or b is None:
        return nothing | {"difference": dict(nothing)}
    return koopman(a, n[True], b, n[False]) | {"difference": newcombe(a, n[True], b, n[False])}


def wilson_bounds(share: float, n: float) -> tuple[float, float]:
    """Wilson's interval of a share of n cases, which need not be whole."""
    centre, scale = share + Z * Z / (2 * n), 1 + Z * Z / n
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return (centre - half) / scale, (centre + half) / scale


def newcombe(a: float, n_a: float, b: float, n_b: float) -> dict[str, float]:
    """a − b with both Wilson intervals combined (Newcombe 1998, method 10)."""
    (low_a, high_a), (low_b, high_b) = wilson_bounds(a, n_a), wilson_bounds(b, n_b)
    down, up = math.hypot(a - low_a, high_b - b), math.hypot(high_a - a, b - low_b)
    return {"value": a - b, "low": a - b - down, "high": a - b + up}


def koopman(a: float, n_a: float, b: float, n_b: float) -> dict[str, float | None]:
    """a ÷ b with the ratios that a score test does not reject (Koopman 1984)."""
    if not a and not b:
        return {"value": None, "low": None, "high": None}

    def beyond(log_ratio: float) -> float:
        return _score(math.exp(log_ratio), a, n_a, b, n_b) - Z * Z

    value = a / b if b else None
    middle = math.log(value) if value else WIDEST if a else -WIDEST
    low = math.exp(brentq(beyond, -WIDEST, middle, xtol=1e-13)) if a else 0.0
    high = math.exp(brentq(beyond, middle, WIDEST, xtol=1e-13)) if b else None
    return {"value": value, "low": low, "high": high}


def _score(ratio: float, a: float, n_a: float, b: float, n_b: float) -> float:
    """Pearson's chi-square of the two shares under the likeliest shares with this ratio."""
    if ratio > 1:  # the other way round: nothing cancels there
        return _score(1 / ratio, b, n_b, a, n_a)
    # The likelier b under a = ratio · b solves (n_a + n_b) ratio x² − (…) x + (hits) = 0.
    hits_a, hits_b = a * n_a, b * n_b
    square, linear = (n_a + n_b) * ratio, ratio * (n_a + hits_b) + n_b + hits_a
    hits = hits_a + hits_b
    likely_b = min(2 * hits / (linear + math.sqrt(max(linear * linear - 4 * square * hits, 0.0))), 1.0)
    likely_a = ratio * likely_b
    total = 0.0
    for share, likely, n in ((a, likely_a, n_a), (b, likely_b, n_b)):
        if abs(share - likely) > 1e-12:
            total += n * (share - likely) ** 2 / max(likely * (1 - likely), 1e-300)
    return total


def speed(data: Data, deals: list[Deal], side: Callable[[Deal], bool]) -> dict[str, Any]:
    """Median days of one side ÷ that of the other: as they are, and weighted to the mix of the common strata."""
    sides = {own: [deal for deal in deals if side(deal) == own] for own in (True, False)}
    cells: dict[Stratum, dict[bool, int]] = defaultdict(lambda: {True: 0, False: 0})
    for deal in deals:
        cells[stratum(data, deal)][side(deal)] += 1
    common = {key: cell for key, cell in cells.items() if cell[True] and cell[False]}
    both = {own: sum(cell[own] for cell in common.values()) for own in (True, False)}
    total = sum(both.values())
    raw = {own: median_days([(deal.days, deal.outcome) for deal in sides[own]]) for own in sides}
    weighted = {}
    for own in sides:
        cases = []
        for deal in sides[own]:
            cell = common.get(stratum(data, deal))
            if cell:
                cases.append((deal.days, deal.outcome, sum(cell.values()) / total / (cell[own] / both[own])))
        weighted[own] = weighted_median(cases)
    return {
        "raw": _ratio_of_medians(raw, {own: len(sides[own]) for own in sides}),
        "standardised": _ratio_of_medians(weighted, both)
        | {"support": total / len(deals) if deals else None, "strata": len(common)},
    }


def _ratio_of_medians(medians: Mapping[bool, float | None], n: Mapping[bool, int]) -> dict[str, Any]:
    a, b = medians[True], medians[False]
    return {
        "value": a / b if a is not None and b else None,
        "median_group": None if a is None else float(a),
        "median_other": None if b is None else float(b),
        "n": sum(n.values()),
        "n_group": n[True],
        "n_other": n[False],
    }


def weighted_median(cases: list[tuple[int, str, float]]) -> int | None:
    """The day by which the incidence of won, each deal counting by its weight, reaches half of its last value."""
    left, survival, won, path = sum(weight for *_, weight in cases), 1.0, 0.0, []
    for day in sorted({days for days, *_ in cases}):
        today = [(outcome, weight) for days, outcome, weight in cases if days == day]
        gained = sum(weight for outcome, weight in today if outcome == "won")
        ended = sum(weight for outcome, weight in today if outcome in ("won", "lost"))
        won += survival * gained / left
        survival *= 1 - ended / left
        left -= sum(weight for _, weight in today)
        path.append((day, won))
    return next((day for day, reached in path if reached >= won / 2 - 1e-12), None) if won > 0 else None


# Money


def contract_value(data: Data) -> dict[str, Any]:
    """Mean ARR of won deals with and without a partner, and the difference."""
    values: dict[bool, list[float]] = {True: [], False: []}
    for deal in data.counted.deals:
        if deal.lead and deal.outcome == "won" and data.question.in_period(deal.closed_at) and deal.won_arr is not None:
            values[is_sourced(deal)].append(float(deal.won_arr))
    own, other = _mean(values[True]), _mean(values[False])
    difference: dict[str, Any] = {"value": None, "low": None, "high": None}
    if own["value"] is not None and other["value"] is not None:
        difference["value"] = own["value"] - other["value"]
        if own["half"] is not None and other["half"] is not None:
            half = math.hypot(own["half"], other["half"])
            difference |= {"low": difference["value"] - half, "high": difference["value"] + half}
    shown = ({key: value for key, value in mean.items() if key != "half"} for mean in (own, other))
    return {"with_partner": next(shown), "without_partner": next(shown), "difference": difference}


def _mean(values: list[float]) -> dict[str, Any]:
    n = len(values)
    if not n:
        return {"value": None, "low": None, "high": None, "half": None, "n": 0}
    mean = fmean(values)
    if n == 1:
        return {"value": mean, "low": None, "high": None, "half": None, "n": 1}
    half = float(student.ppf(0.975, n - 1)) * stdev(values) / math.sqrt(n)
    return {"value": mean, "low": max(mean - half, 0.0), "high": mean + half, "half": half, "n": n}


def rows_velocity_bounds(data: Data, partner: str, seed: int = 11, draws: int = 1000) -> tuple[float, float]:
    """Draws of a partner's sales velocity: opportunities, win rate, mean amount and median days, each for itself."""
    random = np.random.default_rng(seed)
    deals = [deal for deal in data.counted.deals if data.partner_of(deal) == partner]
    opened = sum(data.question.in_period(deal.opened_at) for deal in deals)
    closed = [deal for deal in deals if closed_in_period(data, deal)]
    won = [deal for deal in closed if deal.outcome == "won"]
    amounts = [float(deal.won_amount) for deal in won if deal.won_amount is not None]
    mean, error = fmean(amounts), stdev(amounts) / math.sqrt(len(amounts))
    spread = math.sqrt(math.log1p((error / mean) ** 2))
    cases = [(deal.days, deal.outcome) for deal in curve_of(data) if data.partner_of(deal) == partner]
    found = []
    for _ in range(draws):
        median = median_days([cases[place] for place in random.integers(len(cases), size=len(cases))])
        if median:
            rate = random.binomial(len(closed), len(won) / len(closed)) / len(closed)
            mean_amount = random.lognormal(math.log(mean) - spread**2 / 2, spread)
            found.append(random.poisson(opened) * rate * mean_amount / median)
    scale = 91.25 / data.question.days_of_period()
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low) * scale, float(high) * scale
