"""What is true of the simulated company? All that a statistic computed from its tables can be held against."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from scipy.special import expit
from scipy.special import logit as log_odds

from .arrays import Flags, Floats, Ints, keys, pick
from .conversion import AMOUNT, ARR_SHARE_MEAN, DAYS, DEAL_SHARE, SQL_STEP, WIN_STEP, AmountModel, DaysModel, Step
from .options import DemoOptions
from .scorecard import MAX_POINTS, SIGNALS, THRESHOLD, gates, intent_points
from .signals import LOADING, signal_logits
from .words import CHANNELS
from .worked import RECORDED_SHARE, Queue
from .world import World

STANDARD_LEADS = 20_000
NODES = 21
QUEUES = tuple(queue.name.lower() for queue in Queue)
_CAUSES = SIGNALS.index("account_overlap")  # the signals before it have points or open a gate


@dataclass(frozen=True, slots=True)
class PartnerTruth:
    """What is true of one partner. Effects are on the logit or the log; money in USD.

    `eql_probability` is the chance that a lead of it is recorded as EQL. `sql_if_worked`, `win_if_worked`,
    `deal_win_probability` and `mean_amount` are those that it would have with the programme's common mix of qualified
    leads, so that partners compare; `own_win_if_worked` is that of its own qualified leads (None: it has none).
    ln of the days from opening to closing is normal with these means and standard deviations.
    """

    partner_id: str
    leads: int
    eqls: int
    sql_effect: float
    win_effect: float
    amount_effect: float
    days_effect: float
    eql_probability: float
    sql_if_worked: float
    win_if_worked: float
    deal_win_probability: float
    mean_amount: float
    amount_log_sd: float
    days_to_won_log_mean: float
    days_to_won_log_sd: float
    days_to_lost_log_mean: float
    days_to_lost_log_sd: float
    own_win_if_worked: float | None
    commission: float


@dataclass(frozen=True, slots=True)
class ChannelTruth:
    """What is true of one channel: its effects on the logit, and the mean chance to win of its leads if worked."""

    channel: str
    leads: int
    sql_effect: float
    win_effect: float
    win_if_worked: float


@dataclass(frozen=True)
class Truth:
    """The model, its parameters, and what each lead would have brought; the same again for equal options.

    `leads` has a row for every lead, worked or not, in order of lead_id:

    * lead_id; queue: why sales works it (none, ecosystem = qualified, inbound, below = below the threshold);
      worked: whether it was assigned before the company is looked at; score: points from recorded fields and signals
      before the hand-over; qualified: by score and gates;
    * p_sql, p_deal, p_win: chances if worked (p_win up to the end, however long it takes, with the representative's
      usual share of contacts inside the SLA); mean_amount, expected_arr (= p_win × mean ARR), in USD;
    * inside_sla: whether contact lies, or would lie, inside the SLA;
    * would_sql, would_deal, would_win, would_arr: what happens if worked, drawn once, to the end.
    """

    options: DemoOptions
    sql_step: Step
    deal_share: float
    win_step: Step
    amount: AmountModel
    days: DaysModel
    arr_share_mean: float
    partners: tuple[PartnerTruth, ...]
    channels: tuple[ChannelTruth, ...]
    leads: pl.DataFrame

    @cached_property
    def by_partner(self) -> dict[str, PartnerTruth]:
        """The partners by their key."""
        return {partner.partner_id: partner for partner in self.partners}


def tell_truth(world: World) -> Truth:
    """The truth of a simulated world."""
    return Truth(
        options=world.options,
        sql_step=SQL_STEP,
        deal_share=DEAL_SHARE,
        win_step=WIN_STEP,
        amount=AMOUNT,
        days=DAYS,
        arr_share_mean=ARR_SHARE_MEAN,
        partners=tuple(_partners(world)),
        channels=tuple(_channels(world)),
        leads=_leads(world),
    )


def _leads(world: World) -> pl.DataFrame:
    odds, outcomes, desk = world.odds, world.outcomes, world.desk
    win = odds.win(desk.inside_share)
    columns: dict[str, pl.Series] = {
        "lead_id": keys("L", len(win)),
        "queue": pick(QUEUES, np.asarray(desk.queue, dtype=np.int64)),
        "worked": pl.Series(world.happened(desk.assigned)),
        "score": pl.Series(world.scores.score),
        "qualified": pl.Series(world.scores.qualified),
        "p_sql": pl.Series(odds.sql),
        "p_deal": pl.Series(odds.sql * DEAL_SHARE),
        "p_win": pl.Series(win),
        "mean_amount": pl.Series(odds.mean_amount),
        "expected_arr": pl.Series(win * odds.mean_amount * ARR_SHARE_MEAN),
        "inside_sla": pl.Series(desk.inside),
        "would_sql": pl.Series(outcomes.reaches_sql),
        "would_deal": pl.Series(outcomes.reaches_deal),
        "would_win": pl.Series(outcomes.wins),
        "would_arr": pl.Series(np.where(outcomes.wins, outcomes.arr, 0.0)),
    }
    return pl.DataFrame(columns)


@dataclass(frozen=True, slots=True)
class _Common:
    """The programme's common mix: qualified leads of partners, without the partners' effects."""

    sql: Floats
    win: Floats
    inside_share: Floats
    amount_log_mean: Floats


def _common(world: World) -> _Common:
    lead = np.flatnonzero(world.arrivals.sourced & world.scores.qualified)
    lead = lead[:: max(1, len(lead) // STANDARD_LEADS)]
    partner = world.arrivals.partner[lead]
    return _Common(
        sql=log_odds(world.odds.sql[lead]) - world.partners.sql_effect[partner],
        win=log_odds(world.odds.win_outside[lead]) - world.partners.win_effect[partner],
        inside_share=world.desk.inside_share[lead],
        amount_log_mean=world.odds.amount_log_mean[lead] - world.partners.amount_effect[partner],
    )


def _partners(world: World) -> list[PartnerTruth]:
    common, partners, arrivals = _common(world), world.partners, world.arrivals
    count, sourced = len(partners), arrivals.sourced
    win = world.odds.win(world.desk.inside_share)
    fit = world.scores.qualified & sourced
    owner = arrivals.partner[fit]
    qualified = np.bincount(owner, minlength=count)
    own = np.bincount(owner, win[fit], count) / np.maximum(qualified, 1)
    leads = np.bincount(arrivals.partner[sourced], minlength=count)
    eqls = np.bincount(arrivals.partner[sourced & world.happened(world.desk.eql_at)], minlength=count)
    eql_probability = _eql_probability(world)
    return [
        PartnerTruth(
            partner_id=key,
            leads=int(leads[p]),
            eqls=int(eqls[p]),
            eql_probability=float(eql_probability[p]),
            own_win_if_worked=float(own[p]) if qualified[p] else None,
            commission=float(partners.commission[p]),
            **_quality(world, common, p),
        )
        for p, key in enumerate(partners.ids)
    ]


def _quality(world: World, common: _Common, p: int) -> dict[str, float]:
    """Effects, chances, amount and days of one partner with the common mix of leads."""
    partners = world.partners
    sql = expit(common.sql + partners.sql_effect[p])
    outside = expit(common.win + partners.win_effect[p])
    inside = expit(common.win + partners.win_effect[p] + WIN_STEP.inside_sla)
    deal_win = common.inside_share * inside + (1 - common.inside_share) * outside
    amount = np.exp(common.amount_log_mean + partners.amount_effect[p] + AMOUNT.sigma**2 / 2)
    return {
        "sql_effect": float(partners.sql_effect[p]),
        "win_effect": float(partners.win_effect[p]),
        "amount_effect": float(partners.amount_effect[p]),
        "days_effect": float(partners.days_effect[p]),
        "sql_if_worked": _mean(sql),
        "win_if_worked": _mean(sql * DEAL_SHARE * deal_win),
        "deal_win_probability": _mean(np.average(deal_win, weights=sql) if len(sql) else deal_win),
        "mean_amount": _mean(amount),
        "amount_log_sd": AMOUNT.sigma,
        "days_to_won_log_mean": float(np.log(DAYS.won_median_sourced) + partners.days_effect[p]),
        "days_to_won_log_sd": DAYS.won_sigma,
        "days_to_lost_log_mean": float(np.log(DAYS.lost_median_sourced) + partners.days_effect[p]),
        "days_to_lost_log_sd": DAYS.lost_sigma,
    }


def _mean(values: Floats | np.floating) -> float:
    return float(np.mean(values)) if np.size(values) else float("nan")


def _eql_probability(world: World) -> Floats:
    """Exact up to quadrature over the hidden intent: every set of signals, times the chance that fit suffices."""
    sets = np.arange(2**_CAUSES)[:, None] >> np.arange(_CAUSES) & 1 == 1
    seen: Flags = np.zeros((len(sets), len(SIGNALS)), dtype=bool)
    seen[:, :_CAUSES] = sets
    needed: Ints = np.clip(THRESHOLD - intent_points(seen), 0, MAX_POINTS)
    fit = np.bincount(world.accounts.fit_points[world.arrivals.account], minlength=MAX_POINTS + 1)
    suffices = np.append(fit[::-1].cumsum()[::-1] / fit.sum(), 0.0)[needed] * gates(seen)
    referred = seen[:, SIGNALS.index("partner_referral")]
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    base, loading = signal_logits(CHANNELS.index("partner"))[:_CAUSES], np.asarray(LOADING)[:_CAUSES]
    result = np.empty(len(world.partners))
    for p, shift in enumerate(world.partners.intent_effect):
        each = expit(base + loading * (nodes[:, None] + shift))
        chance_of = np.prod(np.where(sets, each[:, None, :], 1 - each[:, None, :]), axis=2)
        mixed = weights @ chance_of / weights.sum()
        declared = world.partners.declares[p] * (mixed * referred * (1 - suffices)).sum()
        result[p] = RECORDED_SHARE * (mixed * suffices).sum() + declared
    return result


def _channels(world: World) -> list[ChannelTruth]:
    win, channel = world.odds.win(world.desk.inside_share), world.arrivals.channel
    return [
        ChannelTruth(
            channel=name,
            leads=int((channel == number).sum()),
            sql_effect=SQL_STEP.channel(name),
            win_effect=WIN_STEP.channel(name),
            win_if_worked=_mean(win[channel == number]),
        )
        for number, name in enumerate(CHANNELS)
    ]
