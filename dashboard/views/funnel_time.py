"""How long does a step take? The words, bins and table of the time to convert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from dashboard import wording
from dashboard.charts.waiting import Bin, Median
from dashboard.metrics.funnel_groups import Step, name_of
from dashboard.metrics.waiting import Waiting, medians_over_time, waiting
from dashboard.views.funnel import step_name

_MOST_BINS = 40
_WIDTHS = (1, 2, 5, 7, 10, 14, 30, 60, 90, 180, 365)


def by_step(cells: pl.DataFrame, steps: Sequence[Step]) -> dict[Step, Waiting]:
    """The days of each step that was made in the period; `cells` as the frames give them."""
    inside = cells.filter(pl.col("inside"))
    found = {}
    for step in steps:
        own = inside.filter(pl.col("step") == name_of(step))
        found[step] = waiting(own["days"].to_numpy(), own["leads"].to_numpy())
    return found


def answer(step: Step, found: Waiting, name: str) -> str:
    """The median of a step in a sentence."""
    if found.median is None:
        return f"Nobody made the step {step_name(step)} in {name}."
    sure = f" ({_between(found.low, found.high)})" if found.low is not None else ""
    middle = _between(found.q1, found.q3)
    aside = (
        f" {wording.several(found.negative, 'lead')} with the later date first {_are(found.negative)} left out."
        if found.negative
        else ""
    )
    return (
        f"{step_name(step)} took a median of {wording.days(found.median)}{sure} in {name}; half of the "
        f"{wording.several(found.n, 'lead')} took {middle}.{aside}"
    )


def _between(low: float | None, high: float | None) -> str:
    return wording.days(high) if low == high else f"{_number(low)} to {wording.days(high)}"


def _number(days: float | None) -> str:
    return wording.days(days).split(wording.THIN)[0]


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def bins(cells: pl.DataFrame, step: Step) -> list[Bin]:
    """The period's days of a step, gathered into at most forty bins of a round width."""
    own = cells.filter(pl.col("inside") & (pl.col("step") == name_of(step)) & (pl.col("days") >= 0))
    if own.is_empty():
        return []
    days, leads = own["days"].to_numpy(), own["leads"].to_numpy()
    longest = int(days.max())
    width = next((w for w in _WIDTHS if longest // w < _MOST_BINS), longest // _MOST_BINS + 1)
    counts = np.bincount(days // width, weights=leads)
    return [Bin(place * width, (place + 1) * width - 1, int(number)) for place, number in enumerate(counts)]


def months(cells: pl.DataFrame, step: Step, running: date | None) -> list[Median]:
    """The medians month by month; `running`: the month that is not over."""
    own = cells.filter((pl.col("step") == name_of(step)) & pl.col("month").is_not_null())
    return [
        Median(row["month"], row["median"], row["low"], row["high"], row["n"], row["month"] == running)
        for row in medians_over_time(own.select("month", "days", "leads")).iter_rows(named=True)
        if row["median"] is not None
    ]


def changed(shown: Sequence[Median], step: Step) -> str:
    """Whether the step takes longer than a year ago, in a sentence; only full months with an interval are compared."""
    full = [month for month in shown if month.low is not None and not month.running]
    if len(full) < 2:
        return f"Too few leads made the step {step_name(step)} to tell whether it takes longer than before."
    first, last = full[0], full[-1]
    apart = (last.low or 0) > (first.high or 0) or (last.high or 0) < (first.low or 0)
    trend = "about as long as" if not apart else "longer than" if last.median > first.median else "less long than"
    return (
        f"In {last.month:%B %Y} the step took {trend} in {first.month:%B %Y}: "
        f"{wording.days(last.median)} against {wording.days(first.median)} (medians)."
    )


def table(found: Mapping[Step, Waiting]) -> dict[str, list[object]]:
    """One line a step; days as numbers, so that they sort."""
    every = list(found.values())
    return {
        "Step": [step_name(step) for step in found],
        "Leads": [each.n for each in every],
        "Median days": [each.median for each in every],
        "95 % interval": [_bounds(each) for each in every],
        "Quarter within": [each.q1 for each in every],
        "Three quarters within": [each.q3 for each in every],
        "Nine in ten within": [each.p90 for each in every],
        "Negative, left out": [each.negative for each in every],
    }


def _bounds(found: Waiting) -> str:
    return "" if found.low is None or found.high is None else f"{found.low:.0f}–{found.high:.0f}"
