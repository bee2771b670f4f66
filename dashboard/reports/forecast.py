"""What is coming, and how good would the same forecast have been? A part of the report."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.metrics.back_test import QUARTERS, BackTest, Tested, back_test
from dashboard.metrics.cells import Reading
from dashboard.metrics.forecast import Forecast, OpenGroup, QuarterForecast, forecast
from dashboard.metrics.performance import Performance
from dashboard.period import Period
from dashboard.settings import Settings
from data_access.forecast import forecast_cells


def forecast_section(engine: Engine, reading: Reading, result: Performance, settings: Settings) -> dict[str, Any]:
    """The forecast as of the report's `as_of`, and its test on the past six full quarters; docs/forecast.md.

    Money is in the reporting currency; uncertain values are {value, low, high, n} with 80 % intervals. `quarters` is
    empty where it is too early to say.
    """
    window = result.window
    running = periods.current_quarter(window.as_of, settings)
    now = forecast_cells(engine, window)
    found = forecast(now, _with_next(running, settings))
    past = _past(running, settings)
    then = [forecast_cells(engine, replace(window, period=quarter, as_of=quarter.start)) for quarter in past]
    said = [forecast(cells, _with_next(own, settings)) for cells, own in zip(then, past, strict=True)]
    tested = back_test(past, said, then, now)
    return _told(found) | {"back_test": _tested(tested)}


def _with_next(quarter: Period, settings: Settings) -> list[Period]:
    """The quarter and the one after it: a forecast is always of both, so that then and now say the same."""
    return [quarter, periods.quarter_of(quarter.end, settings)]


def _past(running: Period, settings: Settings) -> list[Period]:
    found = [periods.previous(running, settings)]
    while len(found) < QUARTERS:
        found.append(periods.previous(found[-1], settings))
    return found[::-1]


def _told(found: Forecast) -> dict[str, Any]:
    return {
        "last_day": found.last_day.isoformat(),
        "population": "all" if found.everybody else "partner_sourced",
        "too_early": found.too_early,
        "by_stage": found.by_stage,
        "learned_deals": found.deals,
        "learned_closed": found.closed,
        "learned_with_stage": found.staged,
        "open_deals": found.open_deals,
        "open_arr": found.open_arr,
        "arr_per_amount": found.valued_at,
        "open_without_value": found.unvalued,
        "open_unconverted": found.unconverted,
        "incomplete": found.incomplete,
        "quarters": [_quarter(own) for own in found.quarters],
        "open_groups": [_group(own) for own in found.groups],
    }


def _quarter(own: QuarterForecast) -> dict[str, Any]:
    return {
        "quarter": own.label,
        "start": own.start.isoformat(),
        "end": own.end.isoformat(),
        "won_so_far": own.won_so_far,
        "won_deals_so_far": own.won_deals,
        "open": asdict(own.open),
        "new": asdict(own.new),
        "total": asdict(own.total),
        "expected_wins_of_open": own.wins,
        "expected_new_deals": own.arriving,
        "expected_wins_of_new": own.new_wins,
    }


def _group(own: OpenGroup) -> dict[str, Any]:
    return {
        "age_from": own.first,
        "age_to": own.last,
        "stage": own.stage,
        "deals": own.deals,
        "arr": own.arr,
        "expected_arr": list(own.expected),
        "expected_wins": list(own.wins),
    }


def _tested(found: BackTest) -> dict[str, Any]:
    return {
        "quarters": [_past_quarter(own) for own in found.quarters],
        "told": found.told,
        "held": found.held,
        "error": found.error(),
        "error_of_last_quarter": found.error("last"),
        "error_of_year_before": found.error("season"),
    }


def _past_quarter(own: Tested) -> dict[str, Any]:
    return {
        "quarter": own.label,
        "total": asdict(own.total) if own.total else None,
        "learned_closed": own.closed,
        "arr": own.arr,
        "won_deals": own.won_deals,
        "held": own.held,
        "last_quarter": own.last,
        "year_before": own.season,
    }
