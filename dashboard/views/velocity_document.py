"""What of the page "Win rate and velocity" goes into files? Made from the same results as the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard import wording
from dashboard.blocks import Drawn
from dashboard.charts import comparison
from dashboard.domain import Estimate
from dashboard.filters import Filters
from dashboard.frames import velocity as asked
from dashboard.metrics.intervals import Ratio
from dashboard.metrics.performance import PartnerPerformance, Performance
from dashboard.metrics.speed import MedianRatio
from dashboard.metrics.velocity import MARKS, Incidence, Lift, Split
from dashboard.period import Period
from dashboard.reports.figures import Column, Kind
from dashboard.reports.page_document import PageDocument, PagePicture, PageTable
from dashboard.views import velocity as words
from dashboard.views import velocity_lift
from dashboard.views.exports import Head

_RATES = (
    Column("partner_id", "Key"),
    Column("name", "Partner or channel"),
    Column("shrunken_win_rate", "Shrunken", Kind.RATE),
    Column("shrunken_low", "from", Kind.RATE),
    Column("shrunken_high", "to", Kind.RATE),
    Column("win_rate", "Raw", Kind.RATE),
    Column("low", "from", Kind.RATE),
    Column("high", "to", Kind.RATE),
    Column("won_deals", "Won", Kind.COUNT),
    Column("closed_deals", "Closed", Kind.COUNT),
    Column("open_deals", "Open", Kind.COUNT),
)
_GROUPS = (
    Column("by", "By"),
    Column("group", "Group"),
    Column("deals", "Deals", Kind.COUNT),
    Column("median_days_to_close", "Median days", Kind.DAYS),
    Column("mature", "Old enough?"),
    Column("plain_median_days", "Won deals alone", Kind.DAYS),
    *(
        Column(f"won_by_{day}{end}", f"{title.format(day)}", Kind.RATE)
        for day in MARKS[1:]
        for end, title in (("", "Won by day {}"), ("_low", "from"), ("_high", "to"))
    ),
)
_LIFTS = (
    Column("contrast", "Compared"),
    Column("of", "Of"),
    Column("basis", "Basis"),
    Column("ratio", "Ratio", Kind.MULTIPLE),
    Column("low", "from", Kind.MULTIPLE),
    Column("high", "to", Kind.MULTIPLE),
    Column("n_a", "Deals", Kind.COUNT),
    Column("n_b", "Other deals", Kind.COUNT),
)
_VELOCITIES = (
    Column("partner_id", "Key"),
    Column("name", "Partner"),
    Column("sales_velocity", "A day", Kind.MONEY),
    Column("low", "from", Kind.MONEY),
    Column("high", "to", Kind.MONEY),
    Column("opportunities_opened", "Opportunities", Kind.COUNT),
    Column("win_rate", "Win rate", Kind.RATE),
    Column("mean_won_amount", "Won amount", Kind.MONEY),
    Column("median_days_to_close", "Median days", Kind.DAYS),
    Column("sales_velocity_before", "A day before", Kind.MONEY),
)
_WORTH = (
    Column("deals", "Deals won"),
    Column("contract_value", "Contract value", Kind.MONEY),
    Column("low", "from", Kind.MONEY),
    Column("high", "to", Kind.MONEY),
    Column("n", "Deals", Kind.COUNT),
)


@dataclass(frozen=True, slots=True)
class Shows:
    """What the page shows. `before`: the compared period, if any.

    `everybody`: whether no deal names a partner, so that channels stand for partners.
    """

    head: Head
    period: Period
    chosen: Filters
    now: Performance
    before: Performance | None
    everybody: bool
    drawn: Sequence[Drawn]


def document(shows: Shows) -> PageDocument:
    """All that the page says, tabs included."""
    lifts = () if shows.everybody else asked.lifts(shows.period, shows.chosen)
    made = [_rates(shows), _groups(shows)]
    if not shows.everybody:
        made += [_lifts(lifts), _velocities(shows), _worth(shows)]
    pictures = [*(own.picture() for own in shows.drawn), *_ratios(lifts, shows.head.period)]
    return shows.head.document(made, pictures)


def _rates(shows: Shows) -> PageTable:
    """Partners by their shrunken rate, those without a closed deal last; channels where no deal names a partner."""
    if shows.everybody:
        rows = [
            ["", wording.label(own.channel) if own.channel else "No channel", *[None] * 3, *_raw(own.summary)]
            for own in shows.now.channels
        ]
        return PageTable("channels", "In which channel is how much won?", _RATES, rows)
    ordered = [*words.by_shrunken(shows.now.partners), *words.without_closed(shows.now.partners)]
    rows = [
        [own.partner.partner_id, own.partner.name, *_bounds(own.shrunken_win_rate), *_raw(own.summary)]
        for own in ordered
    ]
    return PageTable("partners", "Who wins how often?", _RATES, rows)


def _raw(own: Any) -> list[Any]:
    return [*_bounds(own.win_rate), own.won_deals, own.won_deals + own.lost_deals, own.open_deals]


def _groups(shows: Shows) -> PageTable:
    rows = [
        [words.SPLITS[split], *_group(own, split)]
        for split in asked.splits(shows.period)
        for own in asked.group_incidences(shows.period, shows.chosen, split)
    ]
    return PageTable("groups", "How many deals are won by when?", _GROUPS, rows)


def _group(own: Incidence, split: Split) -> list[Any]:
    old = "" if own.mature is None else "yes" if own.mature else "can still grow"
    by_day = [value for day in MARKS[1:] for value in _by_day(own, day)]
    return [words.group_name(own.group, split), own.n, own.median, old, own.plain_median, *by_day]


def _by_day(own: Incidence, day: int) -> list[Any]:
    rate = own.eventual[day]
    return [None] * 3 if rate.value is None else [rate.value, rate.low, rate.high]


def _lifts(lifts: Sequence[Lift]) -> PageTable:
    rows = [
        [velocity_lift.NAMES[own.split], of, basis, found.value, found.low, found.high, found.n_a, found.n_b]
        for own in lifts
        for of, basis, found in _contrasts(own)
    ]
    return PageTable("lifts", "Do they close faster, and are they won more often?", _LIFTS, rows)


def _contrasts(own: Lift) -> list[tuple[str, str, Ratio | MedianRatio]]:
    return [
        ("days to close", velocity_lift.RAW, own.speed.raw),
        ("days to close", velocity_lift.STANDARD, own.speed.standard),
        ("win rate", velocity_lift.RAW, own.rates.raw_ratio),
        ("win rate", velocity_lift.STANDARD, own.rates.ratio),
    ]


def _velocities(shows: Shows) -> PageTable:
    certain = asked.sales_velocities(shows.period, shows.chosen)
    then = {own.partner.partner_id: own.summary for own in shows.before.partners} if shows.before else {}
    rows = [_velocity(own, certain, then) for own in velocity_lift.by_velocity(shows.now.partners)]
    return PageTable("sales_velocity", "Which partner's deals earn most a day?", _VELOCITIES, rows)


def _velocity(own: PartnerPerformance, certain: Any, then: Any) -> list[Any]:
    key, found = own.partner.partner_id, own.summary
    before = then[key].sales_velocity if key in then else None
    return [
        key, own.partner.name, found.sales_velocity, certain[key].low, certain[key].high, found.opportunities_opened,
        found.win_rate.value, found.mean_won_amount, found.median_days_to_close, before,
    ]  # fmt: skip


def _worth(shows: Shows) -> PageTable:
    found = asked.contract_values(shows.period, shows.chosen)
    gap = found.difference
    rows: list[list[Any]] = [
        ["with a partner", *_bounds(found.own), found.own.n],
        ["without a partner", *_bounds(found.other), found.other.n],
        ["difference", gap.value, gap.low, gap.high, None],
    ]
    return PageTable("contract_value", "Are deals with a partner worth more?", _WORTH, rows)


def _ratios(lifts: Sequence[Lift], name: str) -> list[PagePicture]:
    if not lifts:
        return []
    speeds, rates = velocity_lift.speed_rows(lifts), velocity_lift.rate_rows(lifts)
    about = f"Days to close, deals opened in the 24 months up to the end of {name}"
    return [
        _ratio("speed", "Do they close faster?", about, speeds, ("fewer days", "more days")),
        _ratio("lift", "Are they won more often?", f"Win rates, deals closed in {name}", rates,
               ("won less often", "won more often")),
    ]  # fmt: skip


def _ratio(name: str, question: str, basis: str, rows: Sequence[comparison.Row], sides: tuple[str, str]) -> PagePicture:
    figure = comparison.ratios(rows, velocity_lift.ticks(rows), sides)
    return PagePicture(name, question, basis, figure.to_plotly_json(), velocity_lift.in_words(rows))


def _bounds(own: Estimate) -> list[Any]:
    return [own.value, own.low, own.high]
