"""How did everybody do in a period? The numbers of all groups, the pool of win rates and the ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, date

import polars as pl

from dashboard.domain import Estimate, Stage
from dashboard.metrics.cells import Cells, Reading
from dashboard.metrics.cost import ProgrammeCost, overhead_shares, programme_cost
from dashboard.metrics.funnel import stages_present
from dashboard.metrics.gate import Gate, first_full_quarter, gate
from dashboard.metrics.maturity import p90_days
from dashboard.metrics.ranking import Place, Ranking, rank, reasons_against
from dashboard.metrics.summary import Charge, Norms, Summary, summarise
from dashboard.metrics.survival import percentile
from dashboard.metrics.win_rate import Prior, shrunken_win_rates
from dashboard.period import Period, add_months, quarter_of
from dashboard.settings import Settings
from dashboard.window import Window

RANKING_METRIC = "pipeline_per_referring_page"
HAS_PARTNER = pl.col("partner_id").is_not_null()
NO_CHARGE = Charge(0.0, 0, 0)


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner as the contract has it."""

    partner_id: str
    name: str
    partner_type: str
    tier: str | None
    region: str | None
    manager: str | None
    status: str
    joined_on: date | None


@dataclass(frozen=True, slots=True)
class PartnerPerformance:
    """The numbers of one partner, its shrunken win rate, its place in the ranking and the gate."""

    partner: Partner
    summary: Summary
    shrunken_win_rate: Estimate
    direct_cost: float
    overhead_cost: float
    gate: Gate
    place: Place


@dataclass(frozen=True, slots=True)
class ChannelPerformance:
    """The numbers of one channel; None is the channel of leads that carry none."""

    channel: str | None
    summary: Summary


@dataclass(frozen=True, slots=True)
class Selection:
    """What a viewer has chosen: partners (None: all) and channels (None: all; "" stands for leads that carry none).

    Partners narrow what is partner-sourced; leads of other channels stay, as the comparison.
    """

    partners: frozenset[str] | None = None
    channels: frozenset[str] | None = None

    def condition(self) -> pl.Expr:
        """The cells that are selected."""
        return self.of_partners() & self.of_channels()

    def of_partners(self) -> pl.Expr:
        """The cells of the chosen partners, and those without a partner."""
        return pl.lit(True) if self.partners is None else ~HAS_PARTNER | pl.col("partner_id").is_in(list(self.partners))

    def of_channels(self) -> pl.Expr:
        """The cells of the chosen channels."""
        return pl.lit(True) if self.channels is None else pl.col("channel").fill_null("").is_in(list(self.channels))


ALL = Selection()


@dataclass(frozen=True, slots=True)
class Performance:
    """All groups of a period. totals = partner_sourced + not_partner_sourced + unattributed for every count and sum."""

    window: Window
    stages_present: tuple[Stage, ...]
    totals: Summary
    partner_sourced: Summary
    not_partner_sourced: Summary
    unattributed: Summary
    partners: Sequence[PartnerPerformance]
    channels: Sequence[ChannelPerformance]
    ranking: Ranking
    prior: Prior
    cost: ProgrammeCost


def partners_of(frame: pl.DataFrame) -> list[Partner]:
    """Typed partners from a frame with the columns of `Partner`."""
    return [Partner(**row) for row in frame.iter_rows(named=True)]


def norms_of(reading: Reading, window: Window) -> Norms:
    """The stages that the data know, and how long stages and closings take at the 90th percentile."""
    census, deals = reading.census, reading.cells.deals
    reached = {stage: bool(census[stage.value].any()) for stage in (Stage.MQL, Stage.EQL, Stage.SQL)}
    reached[Stage.LEAD] = bool(census["live"].sum())
    reached[Stage.OPPORTUNITY] = bool(deals["of_live_leads"].sum())
    reached[Stage.WON] = bool(deals["won_of_live_leads"].sum())
    closing = reading.closing.filter(pl.col("days") >= 0).sort("days")
    return Norms(
        stages_present(reached),
        {stage: p90_days(reading.delays, stage) for stage in Stage if stage is not Stage.LEAD},
        percentile(closing["days"].to_numpy(), closing["deals"].to_numpy(), 0.9),
        window.period.days,
    )


def cost_of(reading: Reading, partners: Sequence[Partner], window: Window, settings: Settings) -> ProgrammeCost:
    """The programme's cost, overhead spread as the settings say over all partners."""
    eqls = dict(reading.cells.moments.filter(HAS_PARTNER).group_by("partner_id").agg(pl.col("eqls").sum()).iter_rows())
    end = window.period.end.date()
    sharing = [p.partner_id for p in partners if p.status == "active" and p.joined_on and p.joined_on < end]
    shares = overhead_shares(settings.overhead, eqls, sharing, [p.partner_id for p in partners])
    return programme_cost(reading.costs, shares)


def performance(reading: Reading, window: Window, settings: Settings, selection: Selection = ALL) -> Performance:
    """Everything that pages, exports and the report say about a period."""
    everyone = partners_of(reading.partners)
    norms, cost = norms_of(reading, window), cost_of(reading, everyone, window, settings)
    attributed, loose = _split(reading.cells)
    whole = _partner_summaries(attributed, everyone, norms, cost, reading.pages)
    ranking = _ranked(everyone, whole, window)
    own, cells = whole, attributed.where(selection.of_channels())
    if selection.channels is not None:
        own = _partner_summaries(cells, everyone, norms, cost, reading.pages)
    rates, prior = _pooled(everyone, own)
    cells, loose = cells.where(selection.of_partners()), loose if selection == ALL else loose.empty()
    chosen = [p for p in everyone if selection.partners is None or p.partner_id in selection.partners]
    charge = _programme_charge(chosen, cost, reading.pages, selection)
    sourced = summarise(cells.where(HAS_PARTNER).whole(), norms, charge)
    everything = reading.cells if selection == ALL else cells
    return Performance(
        window=window,
        stages_present=tuple(norms.stages),
        totals=summarise(everything.whole(), norms, replace(charge, page_pipeline=sourced.pipeline_created)),
        partner_sourced=sourced,
        not_partner_sourced=summarise(cells.where(~HAS_PARTNER).whole(), norms, NO_CHARGE),
        unattributed=summarise(loose.whole(), norms, NO_CHARGE),
        partners=[
            PartnerPerformance(
                p,
                own[p.partner_id],
                rates[p.partner_id],
                cost.direct.get(p.partner_id, 0.0),
                cost.overhead.get(p.partner_id, 0.0),
                gate(_first_full(p, settings), window.period, window.over, whole[p.partner_id].pipeline_multiple),
                ranking.places[p.partner_id],
            )
            for p in chosen
        ],
        channels=_channels(cells, reading, norms, cost, selection),
        ranking=ranking,
        prior=prior,
        cost=cost,
    )


def _split(cells: Cells) -> tuple[Cells, Cells]:
    """The cells of leads, and those of deals without a lead, which no choice of partner or channel includes."""
    return cells.where(pl.lit(True)), cells.where(pl.lit(True), unattributed=True)


def _ranked(partners: Sequence[Partner], own: Mapping[str, Summary], window: Window) -> Ranking:
    """All partners and channels, whatever is selected: a rank must not depend on who looks."""
    begin = window.period.start.date()
    values = {p.partner_id: own[p.partner_id].pipeline_per_referring_page for p in partners}
    return rank(
        values,
        {p.partner_id: reasons_against(p.status, p.joined_on, begin, values[p.partner_id]) for p in partners},
    )


def _pooled(partners: Sequence[Partner], own: Mapping[str, Summary]) -> tuple[dict[str, Estimate], Prior]:
    """Shrunken win rates by partner, and the pool that they are drawn to."""
    won = [own[p.partner_id].won_deals for p in partners]
    lost = [own[p.partner_id].lost_deals for p in partners]
    pool = shrunken_win_rates(won, [w + n for w, n in zip(won, lost, strict=True)])
    return {p.partner_id: e for p, e in zip(partners, pool.estimates, strict=True)}, pool.prior


def _partner_summaries(
    cells: Cells, partners: Sequence[Partner], norms: Norms, cost: ProgrammeCost, pages: pl.DataFrame
) -> dict[str, Summary]:
    parts, nothing = cells.groups("partner_id"), cells.empty().whole()
    referring = {partner: (now, year) for partner, now, year in pages.iter_rows()}
    return {
        p.partner_id: summarise(
            parts.get(p.partner_id, nothing),
            norms,
            Charge(
                cost.of_partner(p.partner_id),
                *referring.get(p.partner_id, (0, 0)),
                unconverted=p.partner_id in cost.unconverted_partners,
            ),
        )
        for p in partners
    }


def _programme_charge(
    chosen: Sequence[Partner],
    cost: ProgrammeCost,
    pages: pl.DataFrame,
    selection: Selection,
) -> Charge:
    """What the chosen partners cost together; all partners bear the whole programme, spread or not."""
    ids = [p.partner_id for p in chosen]
    total = cost.total if selection.partners is None else sum(cost.of_partner(i) for i in ids)
    kept = pages.filter(pl.col("partner_id").is_in(ids))
    return Charge(total, int(kept["pages"].sum()), int(kept["pages_12_months"].sum()), unconverted=cost.unconverted)


def _channels(
    cells: Cells, reading: Reading, norms: Norms, cost: ProgrammeCost, selection: Selection
) -> list[ChannelPerformance]:
    """Every channel that live leads, counted deals or cost rows name, by name; leads without one come last."""
    parts, nothing = cells.groups("channel"), cells.empty().whole()
    known = set(reading.census.filter(pl.col("live") > 0)["channel"].to_list()) | set(parts) | set(cost.channels)
    if selection.channels is not None:
        known = {name for name in known if (name or "") in selection.channels}
    return [
        ChannelPerformance(
            name,
            summarise(
                parts.get(name, nothing),
                norms,
                Charge(cost.channels.get(name or ""), None, None, unconverted=name in cost.unconverted_channels),
            ),
        )
        for name in sorted(known, key=lambda name: (name is None, name or ""))
    ]


def _first_full(partner: Partner, settings: Settings) -> Period | None:
    # Dates at the ends of the calendar stand for "never" and "always"; no quarter can be told from them.
    if partner.joined_on is None or not MINYEAR < partner.joined_on.year < MAXYEAR:
        return None
    quarter = quarter_of(partner.joined_on, settings)
    return first_full_quarter(partner.joined_on, quarter, quarter_of(add_months(quarter.start.date(), 3), settings))
