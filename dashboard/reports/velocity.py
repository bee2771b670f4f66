"""Who wins, how fast, and what is left of a difference where like is compared with like? A part of the report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import polars as pl
from sqlalchemy import Engine

from dashboard.metrics.cells import Reading
from dashboard.metrics.intervals import Difference, Ratio
from dashboard.metrics.performance import Performance, norms_of
from dashboard.metrics.speed import MedianRatio
from dashboard.metrics.velocity import (
    ContractValue,
    Incidence,
    Lift,
    Role,
    Split,
    by_partner,
    contract_value,
    incidences,
    lift,
    sales_velocity,
    sums,
)
from data_access.strata import strata_cells
from data_access.velocity import eql_ages, won_sizes

SIDES = {Split.SOURCE: "partner_sourced", Split.EQL: "eql_before"}


def velocity_section(engine: Engine, reading: Reading, result: Performance) -> dict[str, Any]:
    """What the page "Win rate and velocity" says of a period, as plain data; docs/metrics.md defines every key.

    `reading` and `result` are those of the report: all partners and channels. Money is in the reporting currency, times
    are calendar days; an uncertain value is {value, low, high, n …}, None where there is nothing to divide by.
    """
    window = result.window
    strata, sizes, ages = strata_cells(engine, window), won_sizes(engine, window), eql_ages(engine, window)
    lifts = {SIDES[split]: lift(strata, split) for split in SIDES}
    return {
        "curve_start": window.curve_start.isoformat(),
        "incidence": _incidences(reading, result, ages),
        "win_rate_lift": {side: _win_rates(own) for side, own in lifts.items()},
        "speed_ratio": {side: _speeds(own) for side, own in lifts.items()},
        "contract_value": _contract_value(contract_value(sizes)),
        "sales_velocity": _velocities(reading, result, sizes),
    }


def _incidences(reading: Reading, result: Performance, eql_ages: pl.DataFrame) -> dict[str, Any]:
    """Every split with all of its groups, none put together."""
    partners = [own.partner for own in result.partners]
    p90, cells = norms_of(reading, result.window).p90_closing, reading.cells
    found = {}
    for split in Split:
        ages = eql_ages if split is Split.EQL else cells.curve_ages
        found[split.value] = [_group(i, split) for i in incidences(cells.curve, ages, split, partners, p90, None)]
    return found


def _group(own: Incidence, split: Split) -> dict[str, Any]:
    name = own.group.name if own.group.role is Role.ONE else SIDES[split] if own.group.role is Role.OWN else "other"
    return {
        "group": name,
        "deals": own.n,
        "at_risk": {str(day): number for day, number in own.at_risk.items()},
        "won_by_day": {str(day): asdict(rate) for day, rate in own.eventual.items()},
        "median_days_to_close": own.median,
        "median_days_to_close_mature": own.mature,
        "plain_median_days_to_close": own.plain_median,
    }


def _win_rates(own: Lift) -> dict[str, Any]:
    rates = own.rates
    return {
        "raw": _ratio(rates.raw_ratio) | {"difference": _difference(rates.raw_difference)},
        "standardised": _ratio(rates.ratio)
        | {"difference": _difference(rates.difference), "support": rates.support, "strata": rates.strata},
    }


def _speeds(own: Lift) -> dict[str, Any]:
    speed = own.speed
    return {
        "raw": _ratio(speed.raw) | _medians(speed.raw),
        "standardised": _ratio(speed.standard)
        | _medians(speed.standard)
        | {"support": speed.support, "strata": speed.strata},
    }


def _ratio(found: Ratio | MedianRatio) -> dict[str, Any]:
    sizes = {"n": found.n_a + found.n_b, "n_group": found.n_a, "n_other": found.n_b}
    return {"value": found.value, "low": found.low, "high": found.high} | sizes


def _medians(found: MedianRatio) -> dict[str, Any]:
    return {"median_group": found.median_a, "median_other": found.median_b, "usable_draws": found.usable_draws}


def _difference(found: Difference) -> dict[str, Any]:
    return {"value": found.value, "low": found.low, "high": found.high, "n": found.n_a + found.n_b}


def _contract_value(found: ContractValue) -> dict[str, Any]:
    return {
        "with_partner": asdict(found.own),
        "without_partner": asdict(found.other),
        "difference": _difference(found.difference),
    }


def _velocities(reading: Reading, result: Performance, sizes: pl.DataFrame) -> list[dict[str, Any]]:
    counts, days = by_partner(reading.cells), result.window.period.days
    found = []
    for own in result.partners:
        key, summary = own.partner.partner_id, own.summary
        amounts = sums(sizes.filter(pl.col("partner_id") == key), "amount")
        drivers = {
            "partner_id": key,
            "opportunities_opened": summary.opportunities_opened,
            "win_rate": summary.win_rate.value,
            "mean_won_amount": summary.mean_won_amount,
            "median_days_to_close": summary.median_days_to_close,
        }
        found.append(drivers | asdict(sales_velocity(summary, counts(key), amounts, days)))
    return found
