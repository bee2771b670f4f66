"""What ARR did partners bring by quarter and month, who brought it, and how does it stand beside other business?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import polars as pl

from dashboard import period as periods
from dashboard.metrics.arr_change import Change, Flow, change
from dashboard.metrics.intervals import ratio
from dashboard.metrics.performance import ALL, HAS_PARTNER, Partner, Selection
from dashboard.metrics.trend import target_of
from dashboard.period import Period
from dashboard.settings import Settings
from dashboard.window import Window

LARGEST = 5
QUARTERS_SHOWN = 8


class Source(StrEnum):
    """Whose business a won deal is: a lead with a partner, a lead without one, or no lead at all."""

    PARTNER = "partner_sourced"
    DIRECT = "direct"
    UNATTRIBUTED = "unattributed"


class GroupBy(StrEnum):
    """By what the deals are put into groups: the first three are the partner's, the product line is the lead's."""

    TIER = "tier"
    TYPE = "type"
    REGION = "region"
    PRODUCT_LINE = "product_line"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Tally:
    """ARR in cents of the reporting currency, won deals, and how many of them bring ARR that could not be converted."""

    arr_cents: int = 0
    won_deals: int = 0
    unconverted: int = 0

    @property
    def arr(self) -> float:
        """ARR in the reporting currency."""
        return self.arr_cents / 100

    @property
    def incomplete(self) -> bool:
        """Whether a deal is missing from the sum, for want of a rate."""
        return self.unconverted > 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.arr_cents + other.arr_cents, self.won_deals + other.won_deals, self.unconverted + other.unconverted
        )


NOTHING_WON = Tally()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A quarter or a month. Targets and `cumulative` are in the reporting currency, None where no target is set.

    `cumulative`: ARR of what the targets are about since the fiscal year's start. `begun`, `over`: as seen at `as_of`.
    """

    period: Period
    quarter: Period
    sources: Mapping[Source, Tally]
    target: float | None
    quarter_target: float | None
    cumulative: float
    cumulative_target: float | None
    begun: bool
    over: bool

    @property
    def total(self) -> Tally:
        """All sources together."""
        return _sum(list(self.sources.values()))


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group of deals; `name` is None where it is not set, and for deals that cannot have it."""

    source: Source
    name: str | None
    now: Tally
    before: Tally | None


@dataclass(frozen=True, slots=True)
class PartnerArr:
    """A partner and what it brought."""

    partner: Partner
    tally: Tally


@dataclass(frozen=True, slots=True)
class TopFive:
    """The partners with most ARR, those without any left out; ties by key.

    `share`: of all partner-sourced ARR, None where that is 0; `expected`: the share of as many partners were all equal,
    among `partners`, who are active and joined before the period's end, or brought ARR in it.
    """

    largest: Sequence[PartnerArr]
    arr: float
    share: float | None
    expected: float | None
    partners: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """The stretches to tell of: quarters and months (oldest first), and all quarters since a fiscal year's start.

    `months` go with the quarter that each lies in; `year_starts` are the moments at which fiscal years begin.
    """

    quarters: Sequence[Period]
    months: Sequence[tuple[Period, Period]]
    leading: Sequence[Period]
    year_starts: Sequence[datetime]

    @property
    def every(self) -> list[Period]:
        """All quarters, the leading ones first."""
        return [*self.leading, *self.quarters]

    def year_of(self, quarter: Period) -> list[Period]:
        """The quarters of its fiscal year up to a quarter, from the first one on."""
        begins = max(start for start in self.year_starts if start <= quarter.start)
        return [own for own in self.every if begins <= own.start <= quarter.start]


def calendar_of(period: Period, settings: Settings) -> Calendar:
    """The eight quarters up to the one in which a period ends, their 24 months, and what leads up to the first."""
    quarters = [periods.quarter_of(period.end - timedelta(days=1), settings)]
    while len(quarters) < QUARTERS_SHOWN or quarters[0].start.month != settings.fiscal_year_start:
        quarters.insert(0, periods.previous(quarters[0], settings))
    shown = quarters[-QUARTERS_SHOWN:]
    months = [
        (periods.between(first, periods.add_months(first, 1), settings, f"{first:%Y-%m}"), quarter)
        for quarter in shown
        for first in (periods.add_months(quarter.start.date(), place) for place in range(3))
    ]
    starts = [quarter.start for quarter in quarters if quarter.start.month == settings.fiscal_year_start]
    return Calendar(shown, months, quarters[:-QUARTERS_SHOWN], starts)


class Asked(NamedTuple):
    """What is asked about: the window, the period compared with, whose deals, and whether all of them."""

    window: Window
    compared: Period | None
    selection: Selection = ALL
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class ArrPage:
    """All that the ARR page says, but for what is coming and what it cost."""

    window: Window
    compared: Period | None
    everybody: bool
    sources: Mapping[Source, Tally]
    before: Mapping[Source, Tally] | None
    quarters: Sequence[Stretch]
    months: Sequence[Stretch]
    groups: Mapping[GroupBy, Sequence[GroupLine]]
    top_five: TopFive
    change: Change | None

    @property
    def own(self) -> Tally:
        """What the page is about: partner-sourced, or everything where nobody names partners."""
        return own_of(self.sources, self.everybody)

    @property
    def own_before(self) -> Tally | None:
        """The same of the period compared with."""
        return own_of(self.before, self.everybody) if self.before is not None else None


def own_of(sources: Mapping[Source, Tally], everybody: bool) -> Tally:
    """Partner-sourced deals, or all."""
    return _sum(list(sources.values())) if everybody else sources[Source.PARTNER]


def arr_page(
    cells: pl.DataFrame,
    flows: tuple[pl.DataFrame, pl.DataFrame | None],
    targets: pl.DataFrame,
    partners: Sequence[Partner],
    calendar: Calendar,
    asked: Asked,
) -> ArrPage:
    """The page from its cells: won deals (`arr_cells`), and the period's and the compared period's `flow_cells`."""
    chosen = selected(cells, asked.selection)
    now = by_source(chosen.filter("in_period"))
    before = by_source(chosen.filter("in_compared")) if asked.compared else None
    goal = _goals(targets, asked.selection)
    return ArrPage(
        window=asked.window,
        compared=asked.compared,
        everybody=asked.everybody,
        sources=now,
        before=before,
        quarters=_stretches(chosen, [(q, q) for q in calendar.quarters], calendar, goal, asked),
        months=_stretches(chosen, calendar.months, calendar, goal, asked),
        groups={by: groups(chosen, by, partners, asked.compared is not None) for by in GroupBy},
        top_five=top_five(chosen.filter("in_period"), partners, asked),
        change=_change(chosen, flows, asked),
    )


def selected(cells: pl.DataFrame, selection: Selection) -> pl.DataFrame:
    """The cells that a selection chooses; deals without a lead belong to nobody and are in no choice but everything."""
    if selection == ALL:
        return cells
    return cells.filter(selection.condition() & pl.col("has_lead"))


SOURCE = (
    pl.when(HAS_PARTNER)
    .then(pl.lit(Source.PARTNER.value))
    .when(pl.col("has_lead"))
    .then(pl.lit(Source.DIRECT.value))
    .otherwise(pl.lit(Source.UNATTRIBUTED.value))
    .alias("source")
)
_COUNTED = pl.col("arr_cents", "won", "unconverted")
_MEASURES = _COUNTED.sum()


def by_source(cells: pl.DataFrame) -> dict[Source, Tally]:
    """ARR and won deals of each source, those without any at 0."""
    rows = cells.group_by(SOURCE).agg(_MEASURES).iter_rows()
    return dict.fromkeys(Source, NOTHING_WON) | {Source(name): Tally(*row) for name, *row in rows}


def _sum(tallies: Sequence[Tally]) -> Tally:
    return sum(tallies, NOTHING_WON)


def groups(cells: pl.DataFrame, by: GroupBy, partners: Sequence[Partner], compared: bool) -> tuple[GroupLine, ...]:
    """The groups with a deal won in either period, most ARR first, within the sources; of sources always all three."""
    found = cells.group_by(SOURCE, _name_of(by, partners).alias("name")).agg(
        *(_COUNTED.filter(which).sum().name.suffix(which) for which in ("in_period", "in_compared"))
    )
    now: dict[tuple[Source, str | None], Tally] = {}
    before: dict[tuple[Source, str | None], Tally] = {}
    for source, name, *sums in found.iter_rows():
        key = Source(source), name
        now[key], before[key] = Tally(*sums[:3]), Tally(*sums[3:])
    won = [key for key in now if now[key].won_deals or before[key].won_deals]
    keys = [(source, None) for source in Source] if by is GroupBy.SOURCE else won
    lines = [
        GroupLine(source, name, now.get((source, name), NOTHING_WON), before.get((source, name), NOTHING_WON))
        for source, name in keys
    ]
    lines = lines if compared else [replace(line, before=None) for line in lines]
    order = list(Source)
    return tuple(
        sorted(lines, key=lambda own: (order.index(own.source), -own.now.arr_cents, own.name is None, own.name or ""))
    )


def _name_of(by: GroupBy, partners: Sequence[Partner]) -> pl.Expr:
    if by is GroupBy.SOURCE:
        return pl.lit(None, dtype=pl.String)
    if by is GroupBy.PRODUCT_LINE:
        return pl.col("product_line")
    read: Mapping[GroupBy, Callable[[Partner], str | None]] = {
        GroupBy.TIER: lambda p: p.tier,
        GroupBy.TYPE: lambda p: p.partner_type,
        GroupBy.REGION: lambda p: p.region,
    }
    names = {p.partner_id: read[by](p) for p in partners}
    return pl.col("partner_id").replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String)


def top_five(cells: pl.DataFrame, partners: Sequence[Partner], asked: Asked) -> TopFive:
    """The largest partners of the period's cells and how much of all partner-sourced ARR is theirs."""
    own = cells.filter(HAS_PARTNER)
    sums = {key: Tally(*row) for key, *row in own.group_by("partner_id").agg(_MEASURES).iter_rows()}
    known = {p.partner_id: p for p in partners}
    earning = sorted((key for key in sums if sums[key].arr_cents > 0), key=lambda key: (-sums[key].arr_cents, key))
    largest, total = earning[:LARGEST], sum(tally.arr_cents for tally in sums.values())
    size = len({*earning, *_taking_part(partners, asked)})
    cents = sum(sums[key].arr_cents for key in largest)
    return TopFive(
        [PartnerArr(known[key], sums[key]) for key in largest],
        cents / 100,
        ratio(cents, total),
        min(LARGEST, size) / size if size else None,
        size,
    )


def _taking_part(partners: Sequence[Partner], asked: Asked) -> set[str]:
    end, chosen = asked.window.period.end.date(), asked.selection.partners
    active = {p.partner_id for p in partners if p.status == "active" and p.joined_on and p.joined_on < end}
    return active if chosen is None else active & chosen


Goal = Callable[[Period], float | None]


def _goals(targets: pl.DataFrame, selection: Selection) -> Goal:
    """The target of a period; none where channels are chosen, since none is set for a channel."""
    own = targets.filter(pl.col("metric") == "arr")
    if selection.channels is not None or own.is_empty():
        return lambda period: None
    return cache(lambda period: target_of(own, "arr", period, selection.partners))


def _stretches(
    cells: pl.DataFrame, stretches: Sequence[tuple[Period, Period]], calendar: Calendar, goal: Goal, asked: Asked
) -> tuple[Stretch, ...]:
    """Quarters or months, each with the quarter that it lies in."""
    months: dict[date, dict[Source, Tally]] = {}
    for month, source, *row in cells.group_by("month", SOURCE).agg(_MEASURES).iter_rows():
        months.setdefault(month, {})[Source(source)] = Tally(*row)
    as_of, goals = asked.window.as_of, {quarter: goal(quarter) for quarter in calendar.every}

    def of(stretch: Period, quarter: Period) -> Stretch:
        year = calendar.year_of(quarter)
        since = own_of(_between(months, year[0].start.date(), stretch.end.date()), asked.everybody)
        return Stretch(
            period=stretch,
            quarter=quarter,
            sources=_between(months, stretch.start.date(), stretch.end.date()),
            target=goals[quarter] if stretch == quarter else goal(stretch),
            quarter_target=goals[quarter],
            cumulative=since.arr,
            cumulative_target=_all_of([goals[own] for own in year]) if stretch.end == quarter.end else None,
            begun=stretch.start <= as_of,
            over=stretch.end <= as_of,
        )

    return tuple(of(stretch, quarter) for stretch, quarter in stretches)


def _between(months: Mapping[date, Mapping[Source, Tally]], first: date, end: date) -> dict[Source, Tally]:
    """The tallies of the months from `first` to before `end`, by source."""
    own = [tallies for month, tallies in months.items() if first <= month < end]
    return {source: _sum([tallies.get(source, NOTHING_WON) for tallies in own]) for source in Source}


def _all_of(values: Sequence[float | None]) -> float | None:
    """The sum; None where one is missing."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _change(cells: pl.DataFrame, flows: tuple[pl.DataFrame, pl.DataFrame | None], asked: Asked) -> Change | None:
    """Why ARR changed against the period compared with; None where there is none."""
    now, before = flows
    if asked.compared is None or before is None:
        return None
    own = pl.lit(True) if asked.everybody else HAS_PARTNER
    chosen = own & asked.selection.condition()
    won = cells.filter(own)
    return change(
        _flow(before.filter(chosen), won.filter("in_compared"), "_compared"),
        _flow(now.filter(chosen), won.filter("in_period"), ""),
    )


def _flow(leads: pl.DataFrame, won: pl.DataFrame, of: str) -> Flow:
    counts = leads.select(pl.col("eqls", "sqls", "both").sum()).row(0, named=True)
    deals = won.select(
        pl.col("arr_cents", "arrs", "log_arr", "log_arr_sq").sum(),
        won_deals=pl.col("won").sum(),
        won_of_eqls=pl.col(f"of_eqls{of}").sum(),
        won_of_sqls=pl.col(f"of_sqls{of}").sum(),
        won_of_both=pl.col(f"of_both{of}").sum(),
    ).row(0, named=True)
    return Flow(**counts, **deals)
