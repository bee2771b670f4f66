"""What do the vitals hand to a page's files? Tables of raw values and the chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard.charts import vitals as charts
from dashboard.filters import Filters
from dashboard.frames import vitals as asked
from dashboard.metrics.vitals import Vital
from dashboard.period import Period
from dashboard.reports.figures import Column, Kind
from dashboard.reports.page_document import PagePicture, PageTable
from dashboard.settings import settings
from dashboard.views import vitals_words as words
from dashboard.views.vitals_words import UNITS, Unit

# One table for each kind of number, so that a spreadsheet can go on computing.
_TABLES = (
    ("vitals-shares", "Vitals: shares and changes", Kind.RATE, (Unit.SHARE, Unit.CHANGE)),
    ("vitals-costs", "Vitals: what a case costs", Kind.MONEY, (Unit.MONEY,)),
    ("vitals-quotients", "Vitals: how many times as much", Kind.MULTIPLE, (Unit.TIMES, Unit.FASTER)),
)


def tables(period: Period, chosen: Filters) -> list[PageTable]:
    """The vitals with intervals, references and lights."""
    vitals = asked.vitals(period, chosen)
    return [
        PageTable(name, question, _columns(kind), [_cells(v) for v in vitals if UNITS[v.name] in units])
        for name, question, kind, units in _TABLES
    ]


def pictures(period: Period, chosen: Filters) -> list[PagePicture]:
    """The chart of the lights, where there is anything to draw."""
    currency = settings().currency
    vitals = asked.vitals(period, chosen)
    rows = words.rows(vitals, currency)
    if not any(row.place is not None for row in rows):
        return []
    figure = charts.lights(rows, words.scale(rows)).to_plotly_json()
    basis = f"{words.verdict(vitals)} With 95 % intervals; right of the dashed line is better."
    return [PagePicture("vitals", "Is the programme healthy?", basis, figure, words.in_words(vitals, currency))]


def _columns(kind: Kind) -> Sequence[Column]:
    return (
        Column("vital", "Vital"),
        Column("state", "Light"),
        Column("value", "Measured", kind),
        Column("low", "From", kind),
        Column("high", "to", kind),
        Column("reference_low", "Reference from", kind),
        Column("reference_high", "to", kind),
        Column("n", "Cases", Kind.COUNT),
        Column("of", "About"),
    )


def _cells(vital: Vital) -> list[Any]:
    own, reference = vital.estimate, vital.reference
    bounds = (reference.low, reference.high) if reference else (None, None)
    light = words.LOOKS[vital.state].word if vital.state else ""
    return [words.name(vital), light, own.value, own.low, own.high, *bounds, own.n, words.about(vital)]
