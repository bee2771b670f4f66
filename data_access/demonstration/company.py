"""Which rows does the simulated company have? All contract tables at once, and the truth behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from .accounts import account_table
from .arrays import NEVER
from .assets import asset_table, traffic_table
from .costs import commission_table, cost_table
from .deal_stage import stage_table
from .deals import course_of, deal_table, strike_deals
from .leads import lead_table
from .options import DemoOptions
from .partners import alias_table, partner_table
from .rates import quote_rates, rate_table
from .signals import signal_table
from .targets import target_table
from .touches import touch_table
from .truth import Truth, tell_truth
from .world import build_world


@dataclass(frozen=True, slots=True)
class Company:
    """Contract tables by name, in an order in which they can be written, without batch_id; and the truth."""

    options: DemoOptions
    tables: Mapping[str, pl.DataFrame]
    truth: Truth


def generate(options: DemoOptions) -> Company:
    """The simulated company; touches no database, and gives equal rows for equal options."""
    world = build_world(options)
    deals, rates = strike_deals(world), quote_rates(options)
    leads = lead_table(world)
    ids = leads["lead_id"]
    course = course_of(world, deals)
    deal_rows = deal_table(world, deals, course, rates, ids)
    won = world.happened(world.outcomes.closed) & world.outcomes.wins
    tables = {
        "partner": partner_table(world.partners),
        "partner_alias": alias_table(world.partners),
        "account": account_table(world.accounts),
        "asset": asset_table(world.assets, world.partners),
        "traffic": traffic_table(options, world.assets, world.arrivals.asset, world.arrivals.created),
        "lead": leads,
        "signal": signal_table(
            options,
            world.arrivals,
            world.signals,
            ids,
            sql_at=world.outcomes.sql_at,
            won_at=np.where(won, world.outcomes.closed, NEVER),
        ),
        "touch": touch_table(world, ids),
        "deal": deal_rows,
        "deal_stage": stage_table(course, deal_rows["deal_id"]),
        "cost": cost_table(world, deals),
        "commission": commission_table(world),
        "target": target_table(world, deals),
        "fx_rate": rate_table(rates),
    }
    return Company(options, MappingProxyType(tables), tell_truth(world))
