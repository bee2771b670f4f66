"""What stands on the Overview? From the frames to sentences, chart inputs and their words; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from dashboard import headline, references, wording
from dashboard.charts import arr, channels, theme, trend
from dashboard.domain import Estimate, Stage
from dashboard.metrics.performance import ChannelPerformance, Partner, Performance
from dashboard.metrics.summary import Summary

STEPS = {
    "eql_to_won": "EQL → won",
    "eql_to_sql": "EQL → SQL",
    "mql_to_won": "MQL → won",
    "mql_to_sql": "MQL → SQL",
    "lead_to_won": "lead → won",
}
_CHANNELS_SHOWN = 5
SERIES = {
    "arr": "arr",
    "open_pipeline": "open_pipeline",
    "eql": "eqls",
    "eql_to_won": "eql_to_won",
    "median_days_to_close": "median_days",
    "cost_per_eql": "cost_per_eql",
    "pipeline_multiple": "pipeline_multiple",
}


def subject(chosen: frozenset[str] | None, partners: Sequence[Partner]) -> headline.Subject:
    """Who the first sentence is about."""
    if chosen is None:
        return headline.Subject()
    names = [partner.name for partner in partners if partner.partner_id in chosen]
    if len(names) == 1:
        return headline.Subject(wording.plain(names[0]), singular=True)
    return headline.Subject(f"The {len(names)} chosen partners")


def series(months: pl.DataFrame, running: bool) -> dict[str, list[float]]:
    """The sparklines by term, without the month that still runs (what is open is always known)."""
    full = months.head(-1) if running else months
    found = {
        term: (months if term == "open_pipeline" else full)[column].drop_nulls().to_list()
        for term, column in SERIES.items()
    }
    return {term: values for term, values in found.items() if len(values) > 1}


def quarters(frame: pl.DataFrame, over: bool, fiscal: int) -> tuple[list[arr.Quarter], list[str]]:
    """The bars and the tiers from frames.quarters: tiers with most ARR below, those without any left out."""
    totals = dict(frame.group_by("tier").agg(pl.col("arr").sum()).iter_rows())
    tiers = sorted((t for t, arr in totals.items() if arr > 0), key=lambda t: (t is None, -totals[t]))
    bars: list[arr.Quarter] = []
    for (label,), part in frame.partition_by("quarter_label", as_dict=True, maintain_order=True).items():
        by_tier = dict(part.select("tier", "arr").iter_rows())
        values = tuple(by_tier.get(tier) or 0.0 for tier in tiers)
        name = wording.period_name(str(label), fiscal)
        if bars or sum(values) or part["target"][0]:  # quarters before the first data say nothing
            bars.append(arr.Quarter(name, values, sum(values), part["target"][0]))
    if bars and not over:
        bars[-1] = arr.Quarter(bars[-1].label, bars[-1].arr, bars[-1].total, bars[-1].target, running=True)
    return bars, [wording.label(tier) if tier else "No tier" for tier in tiers]


def quarters_in_words(bars: Sequence[arr.Quarter], currency: str) -> str:
    """The chart of the quarters for ears: the last quarter against its target."""
    if not bars:
        return "No quarters to show."
    last = bars[-1]
    said = f"ARR in {last.label}{' so far' if last.running else ''}: {wording.money(last.total, currency)}"
    goal = f", target {wording.money(last.target, currency)}" if last.target else ", no target set"
    return f"{said}{goal}. {len(bars)} quarters shown, from {bars[0].label}."


def conversions(partners: Summary, others: Sequence[ChannelPerformance], names: str = "Partners") -> list[channels.Row]:
    """The lines of the channel comparison: partner leads first, then the largest other channels."""
    rows = [
        channels.Row(names, STEPS[step], partners.step_conversion[step], True, references.PARTNER[step])
        for step in ("eql_to_won", "eql_to_sql")
        if step in partners.step_conversion
    ]
    if not rows:
        rows += [_row(names, partners, "lead_to_won", partner=True)]
    largest = sorted((c for c in others if c.summary.leads), key=lambda c: -c.summary.leads)[:_CHANNELS_SHOWN]
    for other in largest:
        rows += [_channel_row(other, step) for step in _steps_of(other.summary, other.channel)]
    return rows


def young(partners: Summary) -> str:
    """What must be said where the leads had too little time to be won."""
    early = partners.maturity[Stage.WON].mature is False
    return ". Too early to judge: rates will rise as the leads grow older" if early else ""


def conversions_in_words(rows: Sequence[channels.Row]) -> str:
    """The channel comparison for ears."""
    return ". ".join(
        f"{row.group}, {row.basis}: {wording.rate(row.estimate.value)}"
        + (f" ({wording.interval(row.estimate)})" if row.estimate.value is not None else "")
        for row in rows
    )


def panels(weeks: pl.DataFrame, currency: str, running: bool) -> list[trend.Panel]:
    """The five small multiples from frames.trend, each with its last full week in words."""
    rows = (
        ("Sessions", "sessions", False),
        ("EQLs", "eqls", False),
        ("SQLs", "sqls", False),
        ("Won deals", "won", False),
        ("ARR", "arr", True),
    )
    return [_panel(title, weeks[column], currency if money else None, running) for title, column, money in rows]


def whole_weeks(weeks: pl.DataFrame, end: date, over: bool) -> pl.DataFrame:
    """Without the week that the end of a past period cuts in two; a week that still runs stays."""
    return weeks.filter(pl.col("week") + timedelta(days=7) <= end) if over else weeks


def four_weeks(weeks: pl.DataFrame) -> tuple[list[date], list[float]]:
    """Pipeline created in each four weeks, counted back from the last week: first Mondays and sums."""
    kept = weeks.tail(weeks.height // 4 * 4)
    sums = kept["pipeline_created"].to_numpy().reshape(-1, 4).sum(axis=1)
    return kept["week"].gather_every(4).to_list(), sums.tolist()


def week_runs(weeks: pl.DataFrame, as_of: datetime) -> bool:
    """Whether the last week shown is not over yet."""
    return bool(weeks.height) and weeks["week"][-1] + timedelta(days=7) > as_of.date()


def weeks_in_words(shown: Sequence[trend.Panel], weeks: int) -> str:
    """The weekly trend for ears."""
    return f"{weeks} weeks. " + ". ".join(f"{panel.title}: {panel.latest}" for panel in shown)


def _panel(title: str, values: pl.Series, currency: str | None, running: bool) -> trend.Panel:
    numbers = values.cast(pl.Float64).to_numpy()
    words = [wording.money(value, currency) if currency else wording.count(value) for value in numbers.tolist()]
    full = words[:-1] if running else words
    latest = f"{full[-1]} in the last full week" if full else ""
    prefix = wording.symbol(currency) if currency else ""
    return trend.Panel(title, np.asarray(numbers), words, latest, theme.PARTNER, prefix)


def _steps_of(summary: Summary, channel: str | None) -> list[str]:
    steps = ["mql_to_won"] if "mql_to_won" in summary.step_conversion and summary.mqls else ["lead_to_won"]
    wanted = references.of_channel(channel, "mql_to_sql")
    return steps + (["mql_to_sql"] if wanted and "mql_to_sql" in summary.step_conversion else [])


def _channel_row(other: ChannelPerformance, step: str) -> channels.Row:
    name = wording.label(other.channel) if other.channel else "No channel"
    return _row(name, other.summary, step, partner=False, reference=references.of_channel(other.channel, step))


def _row(
    name: str, summary: Summary, step: str, *, partner: bool, reference: tuple[float, float] | None = None
) -> channels.Row:
    estimate = summary.step_conversion.get(step, Estimate(None, None, None, 0))
    return channels.Row(name, STEPS[step], estimate, partner, reference)


def has_numbers(performance: Performance) -> bool:
    """Whether anything at all happened in the period."""
    everything = performance.totals
    return bool(everything.leads or everything.won_deals or everything.lost_deals or everything.opportunities_opened)
