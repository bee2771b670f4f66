"""What does each channel bring for its cost, beside all partners together, and how sure is that?

One line for everything partner-sourced, one for AI referrals, one for each other channel; the leads of the last two
carry no partner, and those of AI referrals are taken out of their channel, so that every lead stands in one line.

Uncertainty is that of the *expected* sum, given the period's rate of deals: the count as Poisson (Jeffreys' posterior),
the mean value as lognormal with a normal-inverse-χ² prior at all deals together, drawn towards the mean that was seen
the more deals there are, and never surer than the sample's own spread allows. docs/channels.md says how often it was
right. Source: Gelman et al. 2013, Bayesian Data Analysis, 3rd ed., section 3.3; costs per case: `money_intervals`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import reduce
from math import sqrt
from typing import Self

import numpy as np
import polars as pl

from dashboard.domain import Estimate
from dashboard.metrics.cells import Cells, Columns, Reading
from dashboard.metrics.contract_value import Sums, mean_value
from dashboard.metrics.intervals import rate
from dashboard.metrics.money_intervals import per_count
from dashboard.metrics.performance import HAS_PARTNER, NO_CHARGE, Performance, Selection, norms_of
from dashboard.metrics.speed import median_estimate
from dashboard.metrics.summary import Charge, Norms, Summary, summarise
from dashboard.metrics.survival import day_counts
from dashboard.settings import Settings

DRAWS, SEED = 4000, 20_251_105
# What is supposed of the variance of ln value where no pool tells it, and of how many deals this is worth.
SPREAD_GUESS, GUESS_DEGREES, PRIOR_DEALS = 0.8, 10.0, 3.0
# No deal is worth more than e to this power; draws from next to nothing would else overflow.
LARGEST = 60.0
# With so many deals, the mean that was seen counts as much as the lognormal's own.
TRUSTED_DEALS = 10.0


@dataclass(frozen=True, slots=True)
class MoneyCells:
    """What `data_access.channel_value.money_cells` reads.

    `period`: by partner_id, channel, ai, campaign; `quarters`: by quarter (label), partner_id, channel, ai. Both:
    `won`, `opened` deals; for `arr` and `pipeline` cents, `_2` (squares), `_logs` (values > 0), `log_…`, `log_…_sq`.
    `costs`: by quarter, partner_id, channel. `campaign_leads`: by channel, campaign. `paid`: channels with media costs.
    `for_ai`: channels with costs that stand for AI by their name, so that all their leads are AI referrals.
    """

    period: pl.DataFrame
    quarters: pl.DataFrame
    costs: pl.DataFrame
    campaign_leads: pl.DataFrame
    paid: frozenset[str]
    for_ai: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Worth:
    """So many deals and what they are worth: their sum, and the sums of squares, logarithms and squares of these."""

    deals: int = 0
    total: float = 0.0
    squares: float = 0.0
    logs: float = 0.0
    log_squares: float = 0.0

    @property
    def log_mean(self) -> float:
        """Mean of ln value; of no deals, 0."""
        return self.logs / self.deals if self.deals else 0.0

    @property
    def log_spread(self) -> float:
        """Sum of squared deviations of ln value."""
        return max(self.log_squares - self.logs * self.log_mean, 0.0)


def worth(cells: pl.DataFrame, measure: str) -> Worth:
    """The `arr` or `pipeline` of some money cells, in whole units; deals worth nothing are left out."""
    cents, *others = cells.select(
        pl.col(f"{measure}_cents", f"{measure}_logs", f"{measure}_2", f"log_{measure}", f"log_{measure}_sq").sum()
    ).row(0)
    return Worth(int(others[0]), cents / 100, *(float(value) for value in others[1:]))


@dataclass(frozen=True, slots=True)
class Pool:
    """What deals are worth in general: mean and variance of ln value over all deals."""

    log_mean: float = 0.0
    log_variance: float = SPREAD_GUESS

    @classmethod
    def of(cls, everything: Worth) -> Self:
        """From all deals together; the guess where fewer than three are known."""
        if everything.deals < 3:
            return cls(everything.log_mean)
        return cls(everything.log_mean, everything.log_spread / (everything.deals - 1) or SPREAD_GUESS)


def mean_draws(own: Worth, pool: Pool, rng: np.random.Generator, draws: int = DRAWS) -> np.ndarray:
    """Posterior draws of the mean value of a deal."""
    n, degrees = own.deals + PRIOR_DEALS, own.deals + GUESS_DEGREES
    centre = (PRIOR_DEALS * pool.log_mean + own.logs) / n
    off = PRIOR_DEALS * own.deals / n * (own.log_mean - pool.log_mean) ** 2 if own.deals else 0.0
    variance = (GUESS_DEGREES * pool.log_variance + own.log_spread + off) / rng.chisquare(degrees, draws)
    drawn = centre + rng.standard_normal(draws) * np.sqrt(variance / n) + variance / 2
    return np.asarray(np.exp(np.minimum(_anchored(drawn, own), LARGEST)))


def _anchored(drawn: np.ndarray, own: Worth) -> np.ndarray:
    """Draws of ln mean, moved towards what was seen and as wide as its spread: values need not be lognormal."""
    if own.deals == 0 or own.total <= 0:
        return drawn
    middle, mean = float(np.median(drawn)), own.total / own.deals
    variance = max(own.squares / own.deals - mean**2, 0.0) / max(own.deals - 1, 1)
    needed = sqrt(np.log1p(variance / mean**2))
    spread = float(drawn.std())
    wider = max(1.0, needed / spread) if spread else 1.0
    moved = own.deals / (own.deals + TRUSTED_DEALS) * (np.log(mean) - middle)
    return np.asarray(middle + moved + (drawn - middle) * wider)


def sum_draws(
    own: Worth, pool: Pool, rng: np.random.Generator, dispersion: float = 1.0, draws: int = DRAWS
) -> np.ndarray:
    """Posterior draws of the expected sum; `dispersion`: variance of the count ÷ its mean (1: Poisson)."""
    counts = rng.gamma(own.deals / dispersion + 0.5, dispersion, draws)
    return np.asarray(counts * mean_draws(own, pool, rng, draws))


def sum_per(own: Worth, pool: Pool, divisor: float | None, seed: int = SEED) -> Estimate:
    """Sum ÷ divisor (1, or a cost) with the 95 % interval of the expected one, n = deals; no value without a divisor.

    Where no deal is worth anything the value is 0, bounded by what deals are worth elsewhere.
    """
    if not divisor or divisor < 0:
        return Estimate(None, None, None, own.deals)
    value = own.total / divisor
    low, high = np.quantile(sum_draws(own, pool, np.random.default_rng(seed)), [0.025, 0.975]) / divisor
    return Estimate(value, min(float(low), value) if own.deals else 0.0, max(float(high), value), own.deals)


def quotient(own: Worth, other: Worth, pool: Pool, seed: int = SEED) -> Estimate:
    """Sum ÷ the other sum with its 95 % interval, n = deals of `own`; where the other is 0, only a lower bound."""
    rng = np.random.default_rng(seed)
    low, high = np.quantile(sum_draws(own, pool, rng) / sum_draws(other, pool, rng), [0.025, 0.975])
    if not other.total:
        return Estimate(None, float(low) if own.deals else None, None, own.deals)
    value = own.total / other.total
    return Estimate(value, min(float(low), value) if own.deals else 0.0, max(float(high), value), own.deals)


class Kind(StrEnum):
    """What a line of the comparison stands for."""

    PARTNERS = "partner_sourced"
    AI = "ai_referrals"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `summary` as everywhere; costs per case and sums per unit of cost in the reporting currency.

    `channel` is the channel's name (None: leads that carry none) and None for the two lines that are no channel.
    `cost` is the programme's for partners, else the sum of the rows that name the channel; None where none does. Costs
    per lead and MQL are ÷ those of the cohort, per EQL and SQL ÷ those reached in the period, per win ÷ won deals.
    `median_days`: the summary's median days to close with its interval, n the deals of its curve.
    """

    kind: Kind
    channel: str | None
    summary: Summary
    cost: float | None
    contract_value: Estimate
    cost_per_lead: Estimate
    cost_per_mql: Estimate
    cost_per_eql: Estimate
    cost_per_sql: Estimate
    cost_per_win: Estimate
    arr_per_cost: Estimate
    pipeline_per_cost: Estimate
    median_days: Estimate

    def step(self, last: str) -> tuple[str, Estimate] | None:
        """From EQL (partners) or MQL (others), from lead where the line has none of these, to `last`, with its name.

        `last`: `sql` or `won`; None where the data never reach that stage.
        """
        own, rates = self.summary, self.summary.step_conversion
        stage, count = ("eql", own.eqls) if self.kind is Kind.PARTNERS else ("mql", own.mqls)
        if not any(name.endswith(f"_to_{last}") for name in rates):
            return None
        if not count:
            return f"lead_to_{last}", rate({"sql": own.sqls, "won": own.won}[last], own.leads)
        name = f"{stage}_to_{last}"
        return (name, rates[name]) if name in rates else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All lines, partners first, AI referrals last, channels by leads; and what the ARR of a deal is in general.

    `rival`: the channel that cost most; `times`: the partners' ARR per unit of cost ÷ that of the rival; None without.
    """

    lines: tuple[Line, ...]
    rival: Line | None
    times: Estimate | None
    arr_pool: Pool

    @property
    def partners(self) -> Line:
        """The line of everything partner-sourced."""
        return self.lines[0]


def comparison(
    reading: Reading,
    result: Performance,
    ai: Cells,
    money: MoneyCells,
    settings: Settings,
    selection: Selection,
    ai_channels: frozenset[str],
) -> Comparison:
    """The lines of a period; `result` is its performance for the same partners and all channels, `ai` cells of AI.

    Channels of the selection choose which of them stand beside the partners, whose line they leave whole: cut to the
    leads of a channel, but not their cost, partners would seem to return nothing. `ai_channels`: names of channels, in
    lower case, all of whose leads are AI referrals.
    """
    norms, charges = norms_of(reading, result.window), result.cost.channels
    chosen = money.period.filter(selection.of_partners() & (HAS_PARTNER | selection.of_channels()))
    pools = tuple(Pool.of(worth(money.period, measure)) for measure in ("arr", "pipeline"))
    others = _minus(reading.cells.where(~HAS_PARTNER & selection.of_channels()), ai.where(selection.of_channels()))
    is_ai = {name for name in charges if name.strip().lower() in ai_channels}
    partners = reading.cells.where(HAS_PARTNER & selection.of_partners())
    lines = [_line(Kind.PARTNERS, None, result.partner_sourced, result.partner_sourced.programme_cost,
                   chosen.filter(HAS_PARTNER), pools, partners.curve)]  # fmt: skip
    own = chosen.filter(~HAS_PARTNER & ~pl.col("ai"))
    # A channel that only partners' own rows name costs nothing beside the programme.
    spending = set(money.costs.filter(~HAS_PARTNER)["channel"].drop_nulls().to_list())
    for name, summary, curve in _channels(others, norms, charges, result, selection, spending, is_ai):
        cells = own.filter(pl.col("channel").eq_missing(pl.lit(name, dtype=pl.String)))
        lines.append(_line(Kind.CHANNEL, name, summary, charges.get(name or ""), cells, pools, curve))
    came = ai.where(selection.of_channels())
    spent = {name for name in is_ai & spending if selection.channels is None or name in selection.channels}
    if came.cohort.height or came.deals.height or came.moments.height or spent:
        cost = sum(charges[name] for name in is_ai) if is_ai else None
        lacking = not is_ai.isdisjoint(result.cost.unconverted_channels)
        summary = summarise(
            came.whole(), norms, replace(NO_CHARGE, cost=cost, referring_pages=None, unconverted=lacking)
        )
        of_ai = chosen.filter(~HAS_PARTNER & pl.col("ai"))
        lines.append(_line(Kind.AI, None, summary, cost, of_ai, pools, came.curve))
    dear = [line for line in lines[1:] if (line.cost or 0.0) > 0]
    rival = max(dear, key=lambda line: line.cost or 0.0, default=None)
    return Comparison(tuple(lines), rival, _times(lines[0], rival, chosen, pools[0]), pools[0])


def _times(partners: Line, rival: Line | None, cells: pl.DataFrame, pool: Pool) -> Estimate | None:
    if rival is None or not rival.cost or not partners.cost or partners.cost < 0:
        return None
    side = pl.col("ai") if rival.kind is Kind.AI else ~pl.col("ai") & (pl.col("channel") == rival.channel)
    own, other = (worth(cells.filter(condition), "arr") for condition in (HAS_PARTNER, ~HAS_PARTNER & side))
    found = quotient(own, other, pool)
    scale = rival.cost / partners.cost
    value, low, high = (None if own is None else own * scale for own in (found.value, found.low, found.high))
    return Estimate(value, low, high, found.n)


def _channels(
    others: Cells, norms: Norms, charges: Mapping[str, float], result: Performance, selection: Selection,
    spending: set[str], left_out: set[str],
) -> list[tuple[str | None, Summary, Columns]]:  # fmt: skip
    """Channels with leads or deals of nobody, or with costs, and their curves; the most leads first."""
    parts, nothing = others.groups("channel"), others.empty().whole()
    wanted = {name for name in spending & set(charges) if selection.channels is None or name in selection.channels}
    found = [
        (
            name,
            summarise(
                parts.get(name, nothing),
                norms,
                Charge(charges.get(name or ""), None, None, unconverted=name in result.cost.unconverted_channels),
            ),
            parts.get(name, nothing).curve,
        )
        for name in ({*parts} | wanted) - left_out
    ]
    return sorted(found, key=lambda own: (own[0] is None, -own[1].leads, own[0] or ""))


def _line(
    kind: Kind, channel: str | None, summary: Summary, cost: float | None, cells: pl.DataFrame,
    pools: tuple[Pool, ...], curve: pl.DataFrame | Columns,
) -> Line:  # fmt: skip
    arr, pipeline = worth(cells, "arr"), worth(cells, "pipeline")
    values = Sums(int(cells["arrs"].sum()), arr.total, arr.squares)
    known = cost if cost is not None and cost > 0 else None
    return Line(
        kind, channel, summary, cost, mean_value(values),
        per_count(known or 0.0, summary.leads),
        per_count(known or 0.0, summary.mqls),
        per_count(known or 0.0, summary.eqls_in_period),
        per_count(known or 0.0, summary.sqls_in_period),
        per_count(known or 0.0, summary.won_deals),
        sum_per(arr, pools[0], known),
        sum_per(pipeline, pools[1], known),
        median_estimate(day_counts(curve)),
    )  # fmt: skip


def _minus(cells: Cells, part: Cells) -> Cells:
    """The cells without those of a part of their leads; what becomes empty falls away."""
    return replace(cells, **{f.name: _less(getattr(cells, f.name), getattr(part, f.name)) for f in fields(cells)})


def _less(frame: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    keys = [name for name in frame.columns if name not in _measured(frame)]
    measures = [name for name in frame.columns if name not in keys]
    minus = part.with_columns(-pl.col(measures))
    left = pl.concat([frame, minus]).group_by(keys, maintain_order=True).agg(pl.col(measures).sum())
    counted = reduce(lambda a, b: a | b, (pl.col(name) != 0 for name in measures if left[name].dtype.is_integer()))
    return left.select(frame.columns).filter(counted)


def _measured(frame: pl.DataFrame) -> tuple[str, ...]:
    if "has_lead" in frame.columns and "opened" in frame.columns:  # the cells of deals: all but their keys
        return tuple(name for name in frame.columns if name not in {"partner_id", "channel", "has_lead"})
    return tuple(name for name in ("leads", "pipeline_cents", "eqls", "sqls", "deals") if name in frame.columns)
