"""What did everybody do in a period? Who there is, what is chosen, and the numbers that most pages begin with."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.answers import answer, current, freshness
from dashboard.metrics.cells import Reading
from dashboard.metrics.performance import Partner, Performance, Selection, partners_of
from dashboard.metrics.performance import performance as performance_of
from dashboard.period import Period
from dashboard.settings import settings
from dashboard.window import Window
from data_access import partners as partner_reads
from data_access import version
from data_access.leads import channel_cells, delay_cells
from data_access.reading import PeriodFrames, joined, read_period

if TYPE_CHECKING:
    from dashboard.filters import Filters


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer; missing tiers and regions are None."""

    partners: list[Partner]
    types: tuple[str, ...]
    tiers: tuple[str | None, ...]
    regions: tuple[str | None, ...]
    channels: tuple[str | None, ...]
    earliest: datetime | None
    latest: datetime | None

    @property
    def names(self) -> dict[str, str]:
        """The partners' names by their ids."""
        return {partner.partner_id: partner.name for partner in self.partners}


def window(period: Period, instant: datetime) -> Window:
    """A period as the settings look at it."""
    return Window(period, instant, settings().time_zone, settings().currency)


def selection(filters: Filters) -> Selection:
    """The partners and channels that the filters choose."""
    channels = frozenset(filters.channels) if filters.channels else None
    return Selection(filters.partner_ids(choices()), channels)


def choices() -> Choices:
    """What there is to choose from."""

    def compute(engine: Engine, instant: datetime) -> Choices:
        partners = partners_of(current("partners", _partners))
        channels = current("channels", _channels)["channel"].to_list()
        return Choices(
            partners,
            tuple(sorted({p.partner_type for p in partners})),
            _sorted({p.tier for p in partners}),
            _sorted({p.region for p in partners}),
            _sorted(set(channels)),
            *version.time_range(engine),
        )

    return answer("choices", compute)


def _sorted(values: set[str | None]) -> tuple[str | None, ...]:
    return tuple(sorted(values, key=lambda value: (value is None, value or "")))


def _partners(engine: Engine, instant: datetime) -> pl.DataFrame:
    return partner_reads.partners(engine)


def _channels(engine: Engine, instant: datetime) -> pl.DataFrame:
    return channel_cells(engine, window(periods.current_quarter(instant, settings()), instant))


def _delays(engine: Engine, instant: datetime) -> pl.DataFrame:
    return delay_cells(engine, window(periods.current_quarter(instant, settings()), instant))


def read_ahead(*reads: Callable[[], object]) -> None:
    """Does several reads side by side; one after the other they would leave half of the database idle.

    Failures show where the page asks.
    """
    with ThreadPoolExecutor(len(reads)) as pool:
        for read in reads:
            pool.submit(read)


def lead_delays() -> pl.DataFrame:
    """How long leads take to their stages, the same for every period."""
    return current("lead delays", _delays)


def reading(period: Period) -> Reading:
    """The cells of a period and what goes with them, of all partners and channels."""
    read_ahead(lead_delays, partial(period_frames, period))
    return joined(
        period_frames(period),
        lead_delays(),
        current("channels", _channels),
        current("partners", _partners),
    )


def period_frames(period: Period) -> PeriodFrames:
    """The cells of a period, its pages and costs."""
    return current(("cells", period), lambda engine, instant: read_period(engine, window(period, instant)))


def performance(period: Period, filters: Filters) -> Performance:
    """Every number of a period for what the filters choose."""
    return performance_of_selection(period, selection(filters))


def performance_of_selection(period: Period, chosen: Selection) -> Performance:
    """Every number of a period for a selection."""

    def compute(engine: Engine, instant: datetime) -> Performance:
        return performance_of(reading(period), window(period, instant), settings(), chosen)

    return answer(("performance", period, chosen), compute)


def today() -> date:
    """The day of the data in the reporting time zone."""
    return window(periods.current_quarter(freshness().as_of, settings()), freshness().as_of).as_of_day
