"""Who is credited with the deals of a period, and were the partners paid? The report's section as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine

from dashboard.domain import Estimate
from dashboard.metrics.attribution import Attribution, Deals, Line, attribution_of
from dashboard.metrics.attribution_certainty import Certainty, certainty_of
from dashboard.metrics.attribution_rules import DEFAULT, Base, Kind, Options, Rule
from dashboard.metrics.cells import Reading
from dashboard.metrics.markov import RemovalEffects, chain_of, removal_effects
from dashboard.metrics.payouts import Payout, PayoutCells, Reconciliation, quarters_up_to, reconciliation
from dashboard.metrics.performance import Performance
from dashboard.settings import Settings
from data_access.attribution import attribution_cells
from data_access.attribution_spread import attribution_spread
from data_access.markov import transition_cells
from data_access.payouts import agreed, credit_cells, paid_cells


def attribution_section(
    engine: Engine, reading: Reading, result: Performance, settings: Settings, options: Options = DEFAULT
) -> dict[str, Any]:
    """Both bases by all rules, the data-driven weights and the reconciliation by source; docs/attribution.md has all.

    Money in the reporting currency, from whole cents; shares from 0 to 1.
    """
    window = result.window
    learned = removal_effects(chain_of(transition_cells(engine, window, options)))
    cells = attribution_cells(engine, window, options, learned.weights)
    spread = attribution_spread(engine, window, options, learned.weights)
    quarters = quarters_up_to(window.period, settings)
    paid = PayoutCells(
        credit_cells(engine, window, quarters, Rule.SOURCE, options, {}),
        paid_cells(engine, window, quarters),
        agreed(engine, quarters),
    )
    names = dict(reading.partners.select("partner_id", "name").iter_rows())
    return {
        "options": asdict(options),
        "rules": [rule.value for rule in Rule],
        **{base.value: _base(attribution_of(cells, base, options), certainty_of(spread, base)) for base in Base},
        "data_driven": _learned(learned),
        "payouts": _payouts(reconciliation(paid, names, [quarter.label for quarter in quarters], Rule.SOURCE)),
    }


def _base(found: Attribution, sure: Certainty) -> dict[str, Any]:
    return {
        **{name: _deals(getattr(found, name)) for name in ("total", "sourced", "influenced", "untouched")},
        "unconverted": found.unconverted,
        "incomplete": found.incomplete,
        "lines": {kind.value: [_line(line, sure) for line in found.of(kind)] for kind in Kind},
    }


def _deals(part: Deals) -> dict[str, float]:
    return {"deals": part.deals, "value": part.cents / 100}


def _line(line: Line, sure: Certainty) -> dict[str, Any]:
    own = {} if line.sourced is None else {"sourced": _money(line.sourced), "influenced": _money(line.influenced)}
    return {
        "key": line.key,
        "name": line.name,
        "touched": line.touched,
        "deals": line.deals,
        "few_deals": line.few,
        "unconverted": line.unconverted,
        "credits": {rule.value: cents / 100 for rule, cents in line.cents.items()},
        "intervals": {rule.value: _interval(sure.credit(line, rule)) for rule in Rule},
        **own,
    }


def _interval(credit: Estimate) -> dict[str, float | int | None]:
    return {"low": credit.low, "high": credit.high, "deals": credit.n}


def _learned(effects: RemovalEffects) -> dict[str, Any]:
    """States as the docs name them: `partner:KEY`, `channel:NAME`, `none`."""
    return {
        "paths": effects.paths,
        "won_paths": effects.won_paths,
        "won": effects.won,
        "removal_effects": {state: asdict(effect) for state, effect in effects.effects.items()},
    }


def _payouts(found: Reconciliation) -> dict[str, Any]:
    return {
        "rule": found.rule.value,
        "quarters": list(found.quarters),
        "owed": _money(found.owed),
        "paid": _money(found.paid),
        "paid_with_rate": _money(found.paid_with_rate),
        "difference": _money(found.compared),
        "lines": _lines(found.lines),
        "paid_without_rate": list(found.paid_without_rate),
        "rate_without_payout": list(found.rate_without_payout),
    }


def _lines(lines: Sequence[Payout]) -> list[dict[str, Any]]:
    money = ("credited", "owed", "paid", "difference", "unrated")
    return [asdict(line) | {name: _money(getattr(line, name)) for name in money} for line in lines]


def _money(cents: int | None) -> float | None:
    return None if cents is None else cents / 100
