"""What makes a lead convert? The true model: three logistic steps, a lognormal amount, lognormal days to close.

A worked lead becomes sales-qualified with chance `sql`; a sales-qualified lead gets a deal with a fixed chance; a deal
is won with chance `win`. Fit levels, signals, channel and partner move the steps; nothing else does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.special import expit

from .accounts import Accounts
from .arrays import Flags, Floats
from .arrivals import Arrivals
from .options import DemoOptions, Selection
from .partners import Partners
from .scorecard import LEVELS, SIGNALS
from .signals import Signals
from .words import CHANNELS

DEAL_SHARE = 0.92
ARR_SHARES = MappingProxyType({1.0: 0.5, 0.95: 0.2, 0.9: 0.2, 0.8: 0.1})
ARR_SHARE_MEAN = sum(share * weight for share, weight in ARR_SHARES.items())
HUNCH_EFFECT = 0.6


@dataclass(frozen=True, slots=True)
class Step:
    """One logistic step: logit = intercept + fit + signals + channel + partner (+ contacted inside the SLA)."""

    intercept: float
    fit: Mapping[str, tuple[float, ...]]
    signals: tuple[float, ...]
    channels: tuple[float, ...]
    inside_sla: float

    def signal(self, name: str) -> float:
        """The coefficient of one signal."""
        return self.signals[SIGNALS.index(name)]

    def level(self, criterion: str, level: str) -> float:
        """The coefficient of one level of a fit criterion."""
        return self.fit[criterion][LEVELS[criterion].index(level)]

    def channel(self, name: str) -> float:
        """The coefficient of one channel."""
        return self.channels[CHANNELS.index(name)]


@dataclass(frozen=True, slots=True)
class AmountModel:
    """ln of a deal's amount in USD ~ N(mean + size + partner-sourced + partner's effect, sigma²)."""

    mean: float
    size: tuple[float, ...]
    sourced: float
    sigma: float


@dataclass(frozen=True, slots=True)
class DaysModel:
    """ln of the days from opening to closing ~ N(ln median (+ partner's effect), sigma²), won and lost apart."""

    won_median: float
    won_median_sourced: float
    won_sigma: float
    lost_median: float
    lost_median_sourced: float
    lost_sigma: float


SQL_STEP = Step(
    intercept=-4.45,
    fit=MappingProxyType(
        {
            "company_size": (0.0, 0.3, 0.65, 0.6, 0.25),
            "industry": (0.45, 0.5, 0.4, 0.2, 0.25, 0.05, 0.1, -0.1, 0.0, 0.0),
            "tech_stack": (0.0, 0.35, 0.7),
            "use_case": (0.5, 0.55, 0.3, 0.1, 0.0),
        }
    ),
    signals=(0.3, 0.55, 0.1, 0.5, 0.1, 0.4, 0.6, 0.4, 0.0, 0.0),
    channels=(0.25, -0.05, -0.3, 0.05, 0.1, 0.0, -0.4),
    inside_sla=0.0,
)
WIN_STEP = Step(
    intercept=-2.75,
    fit=MappingProxyType(
        {
            "company_size": (0.0, 0.2, 0.4, 0.35, 0.1),
            "industry": (0.25, 0.35, 0.2, 0.1, 0.15, 0.0, 0.05, -0.1, -0.1, 0.0),
            "tech_stack": (0.0, 0.2, 0.45),
            "use_case": (0.3, 0.35, 0.15, 0.0, 0.0),
        }
    ),
    signals=(0.15, 0.35, 0.05, 0.35, 0.0, 0.3, 0.45, 0.3, 0.0, 0.0),
    channels=(0.2, -0.05, -0.2, 0.05, 0.1, 0.0, -0.2),
    inside_sla=0.35,
)
AMOUNT = AmountModel(mean=10.15, size=(-0.5, -0.15, 0.2, 0.55, 0.85), sourced=0.18, sigma=0.55)
DAYS = DaysModel(74.0, 48.0, 0.5, 85.0, 62.0, 0.65)


@dataclass(frozen=True, slots=True)
class Chances:
    """Per lead, whether or not it was worked: its chances if worked and the deal that it would bring.

    `win_outside` and `win_inside` are chances that a deal is won when contact came outside or inside the SLA.
    """

    sql: Floats
    win_outside: Floats
    win_inside: Floats
    amount_log_mean: Floats
    hunch: Floats

    def win(self, inside_share: Floats) -> Floats:
        """Chance that the lead is won if worked, where contact lies inside the SLA with this chance."""
        deal_won = inside_share * self.win_inside + (1 - inside_share) * self.win_outside
        return np.asarray(self.sql * DEAL_SHARE * deal_won)

    @property
    def mean_amount(self) -> Floats:
        """Expected amount of the lead's deal in USD."""
        return np.asarray(np.exp(self.amount_log_mean + AMOUNT.sigma**2 / 2))


def chances(
    options: DemoOptions, arrivals: Arrivals, accounts: Accounts, partners: Partners, signals: Signals
) -> Chances:
    """True chances of every lead."""
    hunch = options.stream("hunch").normal(0, 1, len(arrivals))
    moved = HUNCH_EFFECT * hunch if options.below_threshold is Selection.HUNCH else 0.0
    sql = logit(SQL_STEP, arrivals, accounts, signals.seen) + _of(arrivals, partners.sql_effect) + moved
    win = logit(WIN_STEP, arrivals, accounts, signals.seen) + _of(arrivals, partners.win_effect) + moved
    size = np.asarray(AMOUNT.size)[accounts.level["company_size"][arrivals.account]]
    return Chances(
        sql=expit(sql),
        win_outside=expit(win),
        win_inside=expit(win + WIN_STEP.inside_sla),
        amount_log_mean=AMOUNT.mean + size + AMOUNT.sourced * arrivals.sourced + _of(arrivals, partners.amount_effect),
        hunch=hunch,
    )


def logit(step: Step, arrivals: Arrivals, accounts: Accounts, seen: Flags) -> Floats:
    """The step's logit for every lead, without partner and SLA."""
    fit = sum(np.asarray(step.fit[criterion])[accounts.level[criterion]] for criterion in LEVELS)
    result = step.intercept + np.asarray(fit)[arrivals.account] + np.asarray(step.channels)[arrivals.channel]
    for number, coefficient in enumerate(step.signals):
        if coefficient:
            result += coefficient * seen[:, number]
    return np.asarray(result)


def _of(arrivals: Arrivals, effect: Floats) -> Floats:
    return np.where(arrivals.sourced, effect[np.maximum(arrivals.partner, 0)], 0.0)
