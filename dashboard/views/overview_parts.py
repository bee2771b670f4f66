"""How do the Overview's panels look? Each gives back its chart for the page's files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from dashboard import blocks, states, wording
from dashboard.charts import arr, channels, trend
from dashboard.filters import Filters
from dashboard.frames import partner_weeks
from dashboard.metrics.performance import Performance
from dashboard.metrics.summary import Summary
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.views import movers, overview
from dashboard.views.comparison import Versus
from dashboard.views.known import Known


def quarters(
    bars: Sequence[arr.Quarter], tiers: Sequence[str], unit: str | None, what: str, height: int, everybody: bool
) -> blocks.Drawn:
    """What was won in each quarter, by tier, against the target; `unit`: the currency, None for deals."""
    subtitle = f"{'Deals' if everybody else 'Partner-sourced deals'} won, by closing quarter"
    figure = arr.by_quarter(bars, tiers, unit, height, overview.quarter_ticks(bars, whole=unit is None))
    said = overview.quarters_in_words(bars, unit)
    own = blocks.Drawn("arr", overview.quarters_title(bars, what), subtitle, figure, said)
    return blocks.drawn(own, "arr" if unit else "won_deals", "target")


def conversions(rows: Sequence[channels.Row], question: str, name: str, shown: Summary, facts: Known) -> blocks.Drawn:
    """Rates of partners' and other channels' leads beside each other."""
    grey = "; grey and dashed: reference" if any(row.reference for row in rows) else ""
    subtitle = f"Leads created in {name}, with 95 % intervals{grey}{overview.young(shown)}"
    figure, said = channels.comparison(rows), overview.conversions_in_words(rows)
    own = blocks.Drawn("channels", question, subtitle, figure, said)
    return blocks.drawn(own, "eql_to_won" if facts.eqls else "lead_to_won", "interval", "reference")


def weekly(
    weeks: pl.DataFrame, period: Period, name: str, as_of: datetime, facts: Known, everybody: bool
) -> blocks.Drawn:
    """Traffic, leads, wins and money week by week, the period shaded."""
    runs = overview.week_runs(weeks, as_of)
    about = "All leads and deals" if everybody else "Partner-sourced"
    subtitle = f"{about}, week by week; {name} shaded{'; hollow: this week so far' if runs else ''}"
    panels = overview.panels(weeks, settings().currency, runs, facts)
    shaded = (str(period.start.date()), str(period.end.date()))
    figure = trend.weekly(weeks["week"].to_numpy(), panels, shaded, runs)
    said = overview.weeks_in_words(panels, weeks.height)
    own = blocks.Drawn("trend", overview.trend_title(facts), subtitle, figure, said)
    return blocks.drawn(own, *overview.trend_terms(facts))


def moved(now: Performance, before: Performance, versus: Versus, period: Period, chosen: Filters) -> None:
    """The partners whose pipeline moved most."""
    name = wording.period_name(period.label, settings().fiscal_year_start)
    subtitle = f"Pipeline created in {name} against {versus.name}"
    with blocks.panel("Whose pipeline moved most?", subtitle, "pipeline_created"):
        found = movers.movers(now.partners, before.partners)
        if not found:
            states.too_little("No partner's pipeline changed.")
            return
        history = partner_weeks(period, chosen)
        each = {own.partner_id: overview.four_weeks(history[own.partner_id]) for own in found}
        blocks.movers(movers.table(found, each), settings().currency)
