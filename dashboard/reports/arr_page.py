"""What ARR did partners bring, who brought it, and why did it change? A part of the report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.metrics.arr_change import Change, Flow
from dashboard.metrics.arr_page import ArrPage, Asked, GroupLine, Source, Stretch, Tally, TopFive, arr_page, calendar_of
from dashboard.metrics.cells import Reading
from dashboard.metrics.performance import Performance, partners_of
from dashboard.settings import Settings
from dashboard.window import Window
from data_access import trend
from data_access.arr_cells import arr_cells, flow_cells


def arr_section(engine: Engine, reading: Reading, result: Performance, settings: Settings) -> dict[str, Any]:
    """What the page "ARR" says of a period, as plain data; docs/arr.md defines every key.

    All partners and channels, against the previous period in full. Money is in the reporting currency.
    """
    window = result.window
    compared = periods.previous(window.period, settings)
    calendar = calendar_of(window.period, settings)
    earlier = Window(compared, window.as_of, window.zone, window.currency)
    page = arr_page(
        arr_cells(engine, window, compared, calendar.every[0].start, calendar.every[-1].end),
        (flow_cells(engine, window), flow_cells(engine, earlier)),
        trend.targets(engine),
        partners_of(reading.partners),
        calendar,
        Asked(window, compared),
    )
    return section_of(page)


def section_of(page: ArrPage) -> dict[str, Any]:
    """A page's numbers as plain data."""
    return {
        "compared": page.compared.label if page.compared else None,
        "quarters": [_stretch(own) for own in page.quarters],
        "months": [_month(own) for own in page.months],
        "groups": {by.value: [_group(line) for line in lines] for by, lines in page.groups.items()},
        "top_five": _top_five(page.top_five),
        "change": _change(page.change) if page.change else None,
    }


def _stretch(own: Stretch) -> dict[str, Any]:
    total = own.total
    won = {source.value: own.sources[source].won_deals for source in Source} | {"total": total.won_deals}
    return {
        "label": own.period.label,
        **{source.value: own.sources[source].arr for source in Source},
        "total": total.arr,
        "won_deals": won,
        "target": own.target,
        "cumulative": own.cumulative,
        "cumulative_target": own.cumulative_target,
        "begun": own.begun,
        "over": own.over,
        "incomplete": total.incomplete,
    }


def _month(own: Stretch) -> dict[str, Any]:
    return _stretch(own) | {"quarter": own.quarter.label, "quarter_target": own.quarter_target}


def _tally(own: Tally) -> dict[str, Any]:
    return {"arr": own.arr, "won_deals": own.won_deals, "incomplete": own.incomplete}


def _group(line: GroupLine) -> dict[str, Any]:
    before = _tally(line.before) if line.before else None
    return {"source": line.source.value, "name": line.name, **_tally(line.now), "before": before}


def _top_five(own: TopFive) -> dict[str, Any]:
    return {
        "partners": [
            {"partner_id": line.partner.partner_id, "name": line.partner.name, **_tally(line.tally)}
            for line in own.largest
        ],
        "arr": own.arr,
        "share": own.share,
        "expected_share": own.expected,
        "among": own.partners,
    }


def _change(own: Change) -> dict[str, Any]:
    return {
        "before": _flow(own.before),
        "now": _flow(own.now),
        "difference": asdict(own.difference),
        "parts": {link.value: asdict(part) if part else None for link, part in own.parts.items()},
    }


def _flow(own: Flow) -> dict[str, Any]:
    return {
        "eqls_in_period": own.eqls,
        "sqls_in_period": own.sqls,
        "won_deals": own.won_deals,
        "arr": own.arr_cents / 100,
    }
