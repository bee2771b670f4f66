"""Who wins, how fast, and how sure is that? The questions of the page "Win rate and velocity"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Engine

from dashboard.answers import answer, current
from dashboard.domain import Estimate, Outcome
from dashboard.frames.performance import (
    choices,
    lead_delays,
    performance,
    period_frames,
    read_ahead,
    reading,
    selection,
    window,
)
from dashboard.metrics.performance import HAS_PARTNER, Selection, norms_of
from dashboard.metrics.velocity import (
    ContractValue,
    Incidence,
    Lift,
    Split,
    Strata,
    by_partner,
    contract_value,
    incidences,
    lift,
    sales_velocity,
    sums,
)
from dashboard.period import Period
from data_access import velocity as reads
from data_access.engine import DatabaseUnavailable
from data_access.strata import strata_cells

if TYPE_CHECKING:
    from dashboard.filters import Filters


def prepare(period: Period, *others: Period) -> None:
    """Reads at once what the page will ask about a period and about others that it compares with."""

    def compute(engine: Engine, instant: datetime) -> None:
        read_ahead(lead_delays, *(partial(period_frames, each) for each in (period, *others)))

    with suppress(DatabaseUnavailable):
        answer(("velocity prepared", period, others), compute)


def of_everybody(period: Period, filters: Filters) -> bool:
    """Whether the page is about all deals: no partner is chosen, and no deal of the period or its curve names one."""

    def compute(engine: Engine, instant: datetime) -> bool:
        cells = period_frames(period).cells
        return not (cells.deals["partner_id"].count() or cells.curve["partner_id"].count())

    return filters.partner_ids(choices()) is None and answer(("nobody's deals", period), compute)


def lost_known(period: Period) -> bool:
    """Whether the data hold lost deals at all, in the period or its curve; without them no win rate can be told."""

    def compute(engine: Engine, instant: datetime) -> bool:
        cells = period_frames(period).cells
        return bool(cells.deals["lost"].sum()) or bool((cells.curve["outcome"] == Outcome.LOST.value).any())

    return answer(("lost known", period), compute)


def group_incidences(period: Period, filters: Filters, split: Split) -> list[Incidence]:
    """Cumulative incidence of won of the groups of a split: deals opened in the 24 months up to the period's end."""
    chosen = selection(filters)

    def compute(engine: Engine, instant: datetime) -> list[Incidence]:
        cells, everyone = reading(period), choices().partners
        ages = _eql_ages(period) if split is Split.EQL else cells.cells.curve_ages
        own = chosen.condition()
        p90 = norms_of(cells, window(period, instant)).p90_closing
        return incidences(cells.cells.curve.filter(own), ages.filter(own), split, everyone, p90)

    return answer(("incidences", period, chosen, split), compute)


def _eql_ages(period: Period) -> pl.DataFrame:
    return current(("eql ages", period), lambda engine, instant: reads.eql_ages(engine, window(period, instant)))


def splits(period: Period) -> tuple[Split, ...]:
    """By what the deals of a period's curve can be split; only channels where nothing else is known."""

    def compute(engine: Engine, instant: datetime) -> tuple[Split, ...]:
        curve = period_frames(period).cells.curve.filter(pl.col("has_lead"))
        found = {
            Split.SOURCE: bool(curve["partner_id"].count()),
            Split.EQL: bool(curve["eql_before"].any()),
            Split.TYPE: _varies(curve, {p.partner_id: p.partner_type for p in choices().partners}),
            Split.TIER: _varies(curve, {p.partner_id: p.tier for p in choices().partners}),
            Split.REGION: _varies(curve, {p.partner_id: p.region for p in choices().partners}),
            Split.CHANNEL: curve.height > 0,
        }
        return tuple(split for split, there in found.items() if there)

    return answer(("splits", period), compute)


def _varies(curve: pl.DataFrame, names: Mapping[str, str | None]) -> bool:
    return len({names.get(key) for key in curve.filter(HAS_PARTNER)["partner_id"].unique()}) > 1


def lifts(period: Period, filters: Filters) -> Sequence[Lift]:
    """Partner-sourced against other deals, and EQLs' against other deals: raw and standardised; bootstrapped."""
    chosen = selection(filters)

    def compute(engine: Engine, instant: datetime) -> Sequence[Lift]:
        strata = _strata(period, chosen)
        return [lift(strata, split) for split in (Split.SOURCE, Split.EQL) if split in splits(period)]

    return answer(("lifts", period, chosen), compute)


def _strata(period: Period, chosen: Selection) -> Strata:
    return current(
        ("strata", period, chosen), lambda engine, instant: strata_cells(engine, window(period, instant), chosen)
    )


def _sizes(period: Period, chosen: Selection) -> pl.DataFrame:
    cells = current(("won sizes", period), lambda engine, instant: reads.won_sizes(engine, window(period, instant)))
    return cells.filter(chosen.condition())


def contract_values(period: Period, filters: Filters) -> ContractValue:
    """ARR of a won deal with a partner and without one."""
    chosen = selection(filters)
    return answer(("contract values", period, chosen), lambda engine, _: contract_value(_sizes(period, chosen)))


def sales_velocities(period: Period, filters: Filters) -> Mapping[str, Estimate]:
    """Sales velocity of the chosen partners with its interval, by partner; bootstrapped."""
    chosen = selection(filters)

    def compute(engine: Engine, instant: datetime) -> Mapping[str, Estimate]:
        sizes = _sizes(period, chosen)
        counts = by_partner(period_frames(period).cells.where(chosen.condition()))
        return {
            own.partner.partner_id: sales_velocity(
                own.summary,
                counts(own.partner.partner_id),
                sums(sizes.filter(pl.col("partner_id") == own.partner.partner_id), "amount"),
                period.days,
            )
            for own in performance(period, filters).partners
        }

    return answer(("sales velocities", period, chosen), compute)
