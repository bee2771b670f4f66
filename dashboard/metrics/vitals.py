"""Is the partner programme healthy? Its vitals, each with an interval, a reference and a light.

All lights follow one rule. A reference that is a range is met from its easier end on: 18–25 % from 18 %, a cost of
220–350 up to 350. Good: the whole interval meets it. Breach: the whole interval misses it. Attention: the interval
spans that end. Too little: fewer than `FEWEST` cases, or nothing to divide by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

import polars as pl

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.cells import Reading
from dashboard.metrics.gate import GATE
from dashboard.metrics.intervals import rate
from dashboard.metrics.maturity import MATURE_SHARE
from dashboard.metrics.money_intervals import DealSum, per_count, ratio_of_costs, ratio_of_sums, sum_per_cost
from dashboard.metrics.performance import ALL, Performance, Selection, cost_of, partners_of
from dashboard.metrics.speed import SpeedRatio, speed_ratio
from dashboard.metrics.vitals_stretches import Stretches
from dashboard.settings import Reference, Settings
from dashboard.window import Window

FEWEST = 20
# A year whose first deal was opened later than so many days after its beginning is not known from its beginning on.
SILENT_DAYS = 31


class State(StrEnum):
    """What a light says."""

    GOOD = "good"
    ATTENTION = "attention"
    BREACH = "breach"
    TOO_LITTLE = "too_little"


class Better(StrEnum):
    """Which way is better."""

    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A figure from outside with what it is called."""

    low: float
    high: float
    label: str


@dataclass(frozen=True, slots=True)
class Vital:
    """One vital. `n`: the cases behind the interval, in a comparison those of its smaller side.

    `reference` is what the light judges by, None where there is none (then `state` is None as well); `further` are
    other references for the same number. `of` is the label of the period or quarter that it is about, `against` that of
    what it is compared with. `too_young`: quarters that were passed over because they cannot be judged yet.
    `incomplete`: an amount or a cost that belongs to it could not be converted.
    """

    name: str
    estimate: Estimate
    better: Better
    of: str | None
    against: str | None = None
    reference: Labelled | None = None
    state: State | None = None
    further: tuple[Labelled, ...] = ()
    too_young: tuple[str, ...] = ()
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class VitalCells:
    """What is read beside the cells of the period, as `data_access.vitals.read_vitals` does; of leads with a partner.

    `cohorts` by quarter (its label), partner_id and channel; `sums` of deals by stretch, partner_id and channel;
    `costs` and `moments` of the stretch two quarters earlier, as for a period.
    """

    cohorts: pl.DataFrame
    sums: pl.DataFrame
    costs: pl.DataFrame
    moments: pl.DataFrame


def light(estimate: Estimate, reference: Labelled | None, better: Better) -> State | None:
    """The one rule of all lights; None where there is no reference to judge by."""
    if reference is None:
        return None
    low, high = estimate.low, estimate.high
    if estimate.value is None or low is None or high is None or estimate.n < FEWEST:
        return State.TOO_LITTLE
    limit = met_from(reference, better)
    met, missed = (low >= limit, high < limit) if better is Better.MORE else (high <= limit, low > limit)
    return State.GOOD if met else State.BREACH if missed else State.ATTENTION


def met_from(reference: Labelled, better: Better) -> float:
    """The easier end of a reference."""
    return reference.low if better is Better.MORE else reference.high


def rule(reference: Labelled | None, better: Better) -> str:
    """The rule of a light in words, with its number."""
    if reference is None:
        return "no reference, no light"
    limit, side = met_from(reference, better), "at least" if better is Better.MORE else "at most"
    return (
        f"good: the whole interval is {side} {limit:g}; breach: none of it is; attention: part of it is; "
        f"too_little: fewer than {FEWEST} cases or no interval"
    )


def vitals(
    reading: Reading, found: Performance, cells: VitalCells, at: Stretches, settings: Settings, chosen: Selection = ALL
) -> tuple[Vital, ...]:
    """All vitals in the order in which they are shown.

    `reading` is of everybody, `found` of `chosen`, which narrows partners and no channels. Amounts are in the reporting
    currency.
    """
    mine = pl.lit(True) if chosen.partners is None else pl.col("partner_id").is_in(list(chosen.partners))
    cohorts, sums = cells.cohorts.filter(mine), cells.sums.filter(mine)
    speed = speed_ratio(reading.cells.where(chosen.condition()).curve)
    earlier, complete = _earlier_cost(reading, cells, at, settings, chosen)
    known, own, of = references(settings), found.partner_sourced, at.period.label
    cost, unsure = own.programme_cost or 0.0, found.cost.unconverted
    deals = {name: deal_sum(sums, name) for name in at.by_name}
    won_before = int(sums.filter(pl.col("stretch") == "earlier")["won"].sum())
    change = ratio_of_costs(cost, own.won_deals, earlier, won_before)
    multiple, growth = sum_per_cost(deals["period"], cost), _growth(sums, deals, at)
    part_of_multiple, part_of_growth = unsure or _lacks(sums, "period"), _lacks(sums, "year", "year_before")
    found_vitals = [
        cohort_rate("eql_to_won", cohorts, at, "won"),
        _speed(speed, at, settings),
        cohort_rate("eql_to_sql", cohorts, at, "sql"),
        Vital("cost_per_eql", per_count(cost, own.eqls_in_period), Better.LESS, of, incomplete=unsure),
        Vital("cost_per_sql", per_count(cost, own.sqls_in_period), Better.LESS, of, incomplete=unsure),
        Vital("cac", per_count(cost, own.won_deals), Better.LESS, of, incomplete=unsure),
        Vital("cac_change", change, Better.LESS, of, at.earlier.label, incomplete=unsure or not complete),
        Vital("pipeline_multiple", multiple, Better.MORE, of, incomplete=part_of_multiple),
        Vital("pipeline_growth", growth, Better.MORE, at.year.label, at.year_before.label, incomplete=part_of_growth),
    ]
    return tuple(_judged(vital, known.get(vital.name)) for vital in found_vitals)


def _judged(vital: Vital, reference: Labelled | None) -> Vital:
    return replace(vital, reference=reference, state=light(vital.estimate, reference, vital.better))


def references(settings: Settings) -> Mapping[str, Labelled]:
    """The references by vital. Those in money are US dollars: elsewhere they count only where somebody set them."""
    found = {
        "eql_to_won": settings.reference_eql_to_won,
        "eql_to_sql": settings.reference_eql_to_sql,
        "speed": settings.reference_speed,
        "cost_per_eql": settings.money_reference("reference_cost_per_eql"),
        "cost_per_sql": settings.money_reference("reference_cost_per_sql"),
        "cac_change": settings.reference_cac_change,
        "pipeline_multiple": Reference(GATE, GATE),
        "pipeline_growth": settings.reference_pipeline_growth,
    }
    return {name: Labelled(own.low, own.high, _LABELS.get(name, "reference")) for name, own in found.items() if own}


_LABELS = {"pipeline_multiple": "gate", "speed": "first reference"}


def deal_sum(sums: pl.DataFrame, stretch: str) -> DealSum:
    """What the deals opened in a stretch are worth together."""
    own = sums.filter(pl.col("stretch") == stretch)
    if own.is_empty():
        return DealSum()
    return DealSum(
        int(own["amounts"].sum()),
        int(own["pipeline_cents"].sum()) / 100,
        float(own["squares"].sum()),
        float(own["largest"].max() or 0.0),  # type: ignore[arg-type]
    )


def _lacks(sums: pl.DataFrame, *stretches: str) -> bool:
    """Whether some deal opened in one of the stretches has an amount without a rate."""
    return bool(sums.filter(pl.col("stretch").is_in(stretches))["unconverted"].sum())


def cohort_rate(name: str, cohorts: pl.DataFrame, at: Stretches, stage: str) -> Vital:
    """EQLs that reached a stage (`won` or `sql`), among the leads created in the last quarter that is mature for it."""
    young: list[str] = []
    for quarter in at.quarters:
        own = cohorts.filter(pl.col("quarter") == quarter.label)
        leads, older = int(own["leads"].sum()), int(own[f"older_{stage}"].sum())
        if leads and older / leads >= MATURE_SHARE:
            found = rate(int(own[f"eqls_{stage}"].sum()), int(own["eqls"].sum()))
            return Vital(name, found, Better.MORE, quarter.label, too_young=tuple(young))
        young += [quarter.label] if leads else []
    return Vital(name, NOTHING, Better.MORE, None, too_young=tuple(young))


def _growth(sums: pl.DataFrame, deals: Mapping[str, DealSum], at: Stretches) -> Estimate:
    """Pipeline of a year against the year before; no value where that one began without any deal: before the data."""
    found = ratio_of_sums(deals["year"], deals["year_before"])
    first = sums.filter(pl.col("stretch") == "year_before")["first_on"].drop_nulls().to_list()
    if not first or min(first) >= at.year_before.start.date() + timedelta(days=SILENT_DAYS):
        return Estimate(None, None, None, found.n)
    return found


def _speed(speed: SpeedRatio, at: Stretches, settings: Settings) -> Vital:
    second, third = settings.reference_speed_second, settings.reference_speed_third
    further = (Labelled(*second, "second reference"), Labelled(*third, "third reference"))
    found = Estimate(speed.value, speed.low, speed.high, min(speed.n_eql, speed.n_other))
    return Vital("speed", found, Better.LESS, at.curve.label, further=further)


def _earlier_cost(
    reading: Reading, cells: VitalCells, at: Stretches, settings: Settings, chosen: Selection
) -> tuple[float, bool]:
    """What the chosen partners cost two quarters earlier, and whether all of it could be converted."""
    window = Window(at.earlier, at.earlier.end)
    then = replace(reading, cells=replace(reading.cells, moments=cells.moments), costs=cells.costs)
    found = cost_of(then, partners_of(reading.partners), window, settings)
    total = found.total if chosen.partners is None else sum(found.of_partner(partner) for partner in chosen.partners)
    return total, not found.unconverted
