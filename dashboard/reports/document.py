"""All that the product knows of a period, as one document: what every page says, under the names of the glossary."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from dashboard.metrics.performance import performance
from dashboard.period import Period
from dashboard.reports.ai_referrals import ai_referrals_section
from dashboard.reports.arr_page import arr_section
from dashboard.reports.attribution import attribution_section
from dashboard.reports.channel_page import channel_comparison_section
from dashboard.reports.content import content_section
from dashboard.reports.cost_page import costs_section
from dashboard.reports.forecast import forecast_section
from dashboard.reports.funnel import funnel_section
from dashboard.reports.partner import partner_section
from dashboard.reports.performance import as_document
from dashboard.reports.qualification import qualification_section
from dashboard.reports.review import review_of, review_section
from dashboard.reports.velocity import velocity_section
from dashboard.reports.vitals import vitals_section
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.health import oddities
from data_access.reading import read_performance


def report_document(engine: Engine, period: Period, as_of: datetime, settings: Settings) -> dict[str, Any]:
    """The report of a period as plain data; docs/metrics.md defines every key.

    Money is in the reporting currency, times are calendar days, moments ISO 8601 with their offset; a value that has
    nothing to divide by is None.
    """
    window = Window(period, as_of, settings.time_zone, settings.currency)
    reading = read_performance(engine, window)
    result = performance(reading, window, settings)
    document = as_document(result, reading, oddities(engine, window))
    review = review_section(review_of(engine, result, reading, settings))
    details = partner_section(engine, result, reading)
    document["ranking"] |= review["ranking"]
    for partner in document["partners"]:
        partner |= review["partners"][partner["partner_id"]] | details[partner["partner_id"]]
    return document | {
        "funnel": funnel_section(engine, window, settings),
        "qualification": qualification_section(engine, window, settings),
        "velocity": velocity_section(engine, reading, result),
        "arr": arr_section(engine, reading, result, settings),
        "forecast": forecast_section(engine, reading, result, settings),
        "vitals": vitals_section(engine, reading, result, settings),
        "channel_comparison": channel_comparison_section(engine, reading, result, settings),
        "ai_referrals": ai_referrals_section(engine, reading, result, settings),
        "attribution": attribution_section(engine, reading, result, settings),
        "costs": costs_section(engine, reading, result, settings),
        "content": content_section(engine, reading, result, settings),
    }
