"""What stands on the Overview? From the frames to sentences, chart inputs and their words; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from math import ceil, floor, log10

import numpy as np
import polars as pl

from dashboard import references, wording
from dashboard.charts import arr, channels, trend
from dashboard.domain import Estimate, Stage
from dashboard.metrics.performance import ChannelPerformance, Partner, Performance
from dashboard.metrics.summary import Summary
from dashboard.views import headline
from dashboard.views.known import EVERYTHING, Known

STEPS = {
    "eql_to_won": "EQL → won",
    "eql_to_sql": "EQL → SQL",
    "mql_to_won": "MQL → won",
    "mql_to_sql": "MQL → SQL",
    "lead_to_won": "lead → won",
}
_CENT = 0.01
_CHANNELS_SHOWN = 5
_ALL_CHANNELS_SHOWN = 12
SERIES = {
    "lead": "leads",
    "won_deals": "won",
    "pipeline_created": "pipeline_created",
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


def whose(chosen: frozenset[str] | None, partners: Sequence[Partner], everybody: bool) -> headline.Whose:
    """Whose leads a sentence about leads is about."""
    if everybody:
        return headline.Whose()
    if chosen is None:
        return headline.Whose(kind="partner-sourced")
    who = subject(chosen, partners)
    return headline.Whose(owner=who.name if who.singular else "the chosen partners")


def series(months: pl.DataFrame, running: bool) -> dict[str, list[float]]:
    """The sparklines by term, without the month that still runs (what is open is always known)."""
    full = months.head(-1) if running else months
    found = {
        term: (months if term == "open_pipeline" else full)[column].drop_nulls().to_list()
        for term, column in SERIES.items()
    }
    return {term: values for term, values in found.items() if len(values) > 1}


def quarters(
    frame: pl.DataFrame, over: bool, fiscal: int, measure: str = "arr", untiered: str = "No tier"
) -> tuple[list[arr.Quarter], list[str]]:
    """The bars and the tiers from frames.quarters or frames.won_quarters: the largest tiers below, empty ones left out.

    `measure` is the column with the values, `untiered` what the deals without a tier are called.
    """
    totals = dict(frame.group_by("tier").agg(pl.col(measure).sum()).iter_rows())
    tiers = sorted((t for t, value in totals.items() if value > 0), key=lambda t: (t is None, -totals[t]))
    bars: list[arr.Quarter] = []
    for (label,), part in frame.partition_by("quarter_label", as_dict=True, maintain_order=True).items():
        by_tier = dict(part.select("tier", measure).iter_rows())
        values = tuple(by_tier.get(tier) or 0.0 for tier in tiers)
        name = wording.period_name(str(label), fiscal)
        if bars or sum(values) or part["target"][0]:  # quarters before the first data say nothing
            bars.append(arr.Quarter(name, values, sum(values), part["target"][0]))
    if bars and not over:
        bars[-1] = replace(bars[-1], running=True)
    return bars, [wording.label(tier) if tier else untiered for tier in tiers]


def quarter_ticks(bars: Sequence[arr.Quarter], whole: bool) -> list[float]:
    """The marks on the axis of the quarters."""
    return ticks([value for bar in bars for value in (bar.total, bar.target or 0.0)], 5, whole)


def quarters_title(bars: Sequence[arr.Quarter], what: str) -> str:
    """The question that the chart of the quarters answers; only where there is a target it is about that."""
    if any(bar.target is not None for bar in bars):
        return f"{'Are' if what.endswith('s') else 'Is'} {what} on target?"
    return f"How {f'many {what} were' if what.endswith('s') else f'much {what} was'} won in each quarter?"


def quarters_in_words(bars: Sequence[arr.Quarter], currency: str | None) -> str:
    """The chart of the quarters for ears: the last quarter against its target; won deals where there is no currency."""
    if not bars:
        return "No quarters to show."
    last, what = bars[-1], "ARR" if currency else "Won deals"
    said = f"{what} in {last.label}{' so far' if last.running else ''}: {arr.at_a_glance(last.total, currency)}"
    goal = f", target {arr.at_a_glance(last.target, currency)}" if last.target else ", no target set"
    return f"{said}{goal}. {len(bars)} quarters shown, from {bars[0].label}."


def ticks(values: Sequence[float], most: int, whole: bool) -> list[float]:
    """Round marks, 1, 2 or 5 times a power of ten apart, from 0 or below to the largest value; whole for counts."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    high = high if high - low >= _CENT else 1.0
    least = (high - low) / most
    size = 10.0 ** floor(log10(least))
    step = next(size * by for by in (1, 2, 5, 10) if size * by >= least * 0.999)
    step = max(1.0, step) if whole else step
    return [place * step for place in range(floor(low / step), ceil(high / step) + 1)]


def all_conversions(every: Sequence[ChannelPerformance]) -> list[channels.Row]:
    """The lines of the comparison of all channels by the same step, the best first; at most twelve, the largest."""
    live = [channel for channel in every if channel.summary.leads]
    largest = sorted(live, key=lambda c: (-c.summary.leads, c.channel or ""))[:_ALL_CHANNELS_SHOWN]
    step = "mql_to_won" if largest and all(c.summary.mqls for c in largest) else "lead_to_won"
    rows = [_channel_row(channel, step) for channel in largest]
    return sorted(rows, key=lambda row: -1.0 if row.estimate.value is None else row.estimate.value, reverse=True)


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


def measures(known: Known) -> list[tuple[str, str, bool]]:
    """What the weekly trend shows: title, column and whether it is money; only what occurs in the data."""
    rows = (
        (known.sessions, "Sessions", "sessions", False),
        (True, *(("EQLs", "eqls") if known.eqls else ("Leads", "leads")), False),
        (known.sqls, "SQLs", "sqls", False),
        (known.won, "Won deals", "won", False),
        (known.arr, "ARR", "arr", True),
        (known.pipeline and not known.arr, "Pipeline created", "pipeline_created", True),
    )
    return [(title, column, money) for there, title, column, money in rows if there]


def trend_title(known: Known) -> str:
    """The question that the weekly trend answers."""
    said = {"Sessions": "traffic", "Won deals": "wins", "Leads": "leads", "Pipeline created": "pipeline"}
    names = [said.get(title, title) for title, _, _ in measures(known)]
    return (
        f"Do {wording.enumeration(names)} move together?" if len(names) > 1 else f"How many {names[0]} came each week?"
    )


def trend_terms(known: Known) -> list[str]:
    """The glossary's entries for what the weekly trend shows."""
    keys = {"sessions": "traffic", "eqls": "eql", "leads": "lead", "sqls": "sql_stage", "won": "won_deals"}
    return [keys.get(column, column) for _, column, _ in measures(known)]


def panels(weeks: pl.DataFrame, currency: str, running: bool, known: Known = EVERYTHING) -> list[trend.Panel]:
    """The small multiples from frames.trend, each with its last full week in words."""
    return [
        _panel(title, weeks[column], currency if money else None, running) for title, column, money in measures(known)
    ]


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
    marks = ticks(numbers.tolist(), 3, whole=currency is None)
    said = [wording.money(mark, currency) if currency else wording.count(mark) for mark in marks]
    return trend.Panel(title, np.asarray(numbers), words, latest, marks, said)


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
