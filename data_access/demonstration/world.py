"""What happened in the simulated company? Everything that its tables and its truth are written from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .accounts import Accounts, found_accounts
from .arrays import Flags, Ints
from .arrivals import Arrivals, arrive
from .assets import Assets, publish_assets
from .conversion import Chances, chances
from .dirt import Dirt, soil
from .options import DemoOptions
from .outcomes import Outcomes, become
from .partners import Partners, found_partners
from .scorecard import Scores, score_leads
from .signals import Signals, give_signals
from .worked import Desk, work


@dataclass(frozen=True, slots=True)
class World:
    """The company as it is, seen and unseen; `last` is each lead's last recorded event (seconds since 1970)."""

    options: DemoOptions
    partners: Partners
    accounts: Accounts
    assets: Assets
    arrivals: Arrivals
    signals: Signals
    scores: Scores
    odds: Chances
    desk: Desk
    outcomes: Outcomes
    dirt: Dirt
    last: Ints

    def happened(self, at: Ints) -> Flags:
        """Whether a moment lies before the company is looked at."""
        return np.asarray(at < self.options.cutoff)


def build_world(options: DemoOptions) -> World:
    """Simulates the company, step by step as it would have come about."""
    partners, accounts = found_partners(options), found_accounts(options)
    assets = publish_assets(options, partners)
    arrivals = arrive(options, partners, accounts, assets)
    signals = give_signals(options, arrivals, partners)
    scores = score_leads(accounts.fit_points[arrivals.account], signals.seen)
    odds = chances(options, arrivals, accounts, partners, signals)
    desk = work(options, arrivals, partners, signals, scores, odds)
    outcomes = become(options, arrivals, partners, odds, desk)
    last = _last_events(options, arrivals, desk, outcomes)
    dirt = soil(options, arrivals, partners, desk, outcomes, last)
    return World(options, partners, accounts, assets, arrivals, signals, scores, odds, desk, outcomes, dirt, last)


def _last_events(options: DemoOptions, arrivals: Arrivals, desk: Desk, outcomes: Outcomes) -> Ints:
    last = arrivals.created.copy()
    moments = (desk.mql_at, desk.eql_at, desk.assigned, desk.contacted)
    for at in (*moments, outcomes.sql_at, outcomes.opened, outcomes.closed):
        np.maximum(last, np.where(at < options.cutoff, at, 0), out=last)
    return last
