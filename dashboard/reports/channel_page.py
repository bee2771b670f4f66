"""What does the report say about channels? The same lines, campaigns and places as the page "Channels"."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine

from dashboard.domain import NOTHING
from dashboard.metrics.campaigns import Campaign, Rivalry, rivalry
from dashboard.metrics.cells import Reading
from dashboard.metrics.channel_value import Line, comparison
from dashboard.metrics.performance import ALL, Performance
from dashboard.metrics.reallocation import (
    ELASTICITY,
    Best,
    History,
    best,
    histories,
    learning_pool,
    spending_quarters,
)
from dashboard.settings import Settings
from data_access.ai_referrals import AI_CHANNELS
from data_access.channel_value import read_channels

_SAME = (
    "leads", "mqls", "eqls", "sqls", "won", "eqls_in_period", "sqls_in_period", "median_days_to_close",
    "median_days_to_close_mature", "won_deals", "lost_deals", "arr", "pipeline_created", "incomplete",
)  # fmt: skip
_ESTIMATES = (
    "cost_per_lead", "cost_per_mql", "cost_per_eql", "cost_per_sql", "cost_per_win", "arr_per_cost",
    "pipeline_per_cost",
)  # fmt: skip


def channel_comparison_section(
    engine: Engine, reading: Reading, result: Performance, settings: Settings
) -> dict[str, Any]:
    """The section `channel_comparison`; `docs/channels.md` defines every key."""
    window = result.window
    quarters = spending_quarters(window.period, window.as_of, settings)
    ai, money = read_channels(engine, window, quarters)
    found = comparison(reading, result, ai, money, settings, ALL, frozenset(AI_CHANNELS))
    known = histories(money, quarters, [p.partner.partner_id for p in result.partners])
    return {
        "lines": [_line(line) for line in found.lines],
        "rival": {"kind": found.rival.kind.value, "channel": found.rival.channel} if found.rival else None,
        "times_rival": asdict(found.times) if found.times else None,
        "campaigns": _campaigns(rivalry(money, result.cost.channels, found.arr_pool, ALL)),
        "reallocation": {
            "quarters": [quarter.label for quarter in quarters],
            "elasticity": ELASTICITY,
            "places": [_place(history) for history in known.values()],
            "next_money": _best(best(known, learning_pool(money, quarters, "arr"))),
        },
    }


def _line(line: Line) -> dict[str, Any]:
    own: dict[str, Any] = {"kind": line.kind.value, "channel": line.channel}
    own |= {key: getattr(line.summary, key) for key in _SAME}
    own |= {"win_rate": asdict(line.summary.win_rate), "average_contract_value": asdict(line.contract_value)}
    for last in ("sql", "won"):
        name, found = line.step(last) or (None, NOTHING)
        own[f"qualified_to_{last}"] = {"step": name} | asdict(found)
    own["median_days"] = asdict(line.median_days)
    return own | {"cost": line.cost} | {key: asdict(getattr(line, key)) for key in _ESTIMATES}


def _campaigns(found: Rivalry) -> dict[str, Any]:
    return {
        "campaigns": [_campaign(own) for own in found.campaigns],
        "largest": _campaign(found.largest) if found.largest else None,
        "above": [
            {"partner_id": own.partner_id, "arr": own.arr.value, "won_deals": own.won_deals, "times": asdict(own.times)}
            for own in found.above
        ],
        "together": [asdict(times) for times in found.together],
    }


def _campaign(own: Campaign) -> dict[str, Any]:
    return {
        "channel": own.channel,
        "campaign": own.name,
        "leads": own.leads,
        "share": own.share,
        "spend": own.spend,
        "won_deals": own.won_deals,
        "arr": own.arr,
    }


def _place(history: History) -> dict[str, Any]:
    return {
        "place": history.place.where.value,
        "key": history.place.key or None,
        "spend": history.spend,
        "seen": list(history.seen),
        "spends": list(history.spends),
        "learned_quarters": history.learned,
        "arr": sum(own.total for own in history.arr[-history.learned :]),
        "pipeline_created": sum(own.total for own in history.pipeline[-history.learned :]),
    }


def _best(found: Best) -> dict[str, Any]:
    return {
        "chance": found.chance,
        "places": [
            {"place": place.where.value, "key": place.key or None, "arr_per_cost": asdict(own)}
            for place, own in found.places
        ],
    }
