"""Who is credited with the deals of a period, and were the partners paid accordingly? Kept answers for the page."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Engine

from dashboard.answers import answer, current
from dashboard.frames.performance import choices, selection, window
from dashboard.metrics import markov
from dashboard.metrics.attribution import Attribution, attribution_of
from dashboard.metrics.attribution_certainty import Certainty, certainty_of
from dashboard.metrics.attribution_rules import DEFAULT, Base, Options, Rule
from dashboard.metrics.markov import RemovalEffects, chain_of
from dashboard.metrics.payouts import PayoutCells, Reconciliation, quarters_up_to, reconciliation
from dashboard.metrics.performance import ALL, Selection
from dashboard.period import Period
from dashboard.settings import settings
from data_access.attribution import attribution_cells
from data_access.attribution_spread import attribution_spread
from data_access.engine import QueryTooSlow
from data_access.markov import transition_cells
from data_access.payouts import agreed, credit_cells, paid_cells

if TYPE_CHECKING:
    from dashboard.filters import Filters


def attribution(period: Period, chosen: Filters, options: Options = DEFAULT, base: Base = Base.ARR) -> Attribution:
    """The deals of a period, shared out by all rules; both bases come from one read.

    Filters choose deals by the partner and the channel of their lead, as everywhere: their total is that of the
    other pages. A chosen partner's deals are shared among all who touched them.
    """
    return of_selection(period, selection(chosen), options, base)


def of_selection(
    period: Period, chosen: Selection = ALL, options: Options = DEFAULT, base: Base = Base.ARR
) -> Attribution:
    """The same for a selection."""

    def compute(engine: Engine, instant: datetime) -> Attribution:
        return attribution_of(_cells(period, chosen, options), base, options)

    return answer(("attribution", period, chosen, options, base), compute)


def certainty(period: Period, chosen: Filters, options: Options = DEFAULT, base: Base = Base.ARR) -> Certainty | None:
    """How sure each line’s credit is; a read of its own, as long as that of the credits. None: it took too long."""
    selected = selection(chosen)

    def compute(engine: Engine, instant: datetime) -> Certainty:
        return certainty_of(_spread(period, selected, options), base)

    try:
        return answer(("attribution certainty", period, selected, options, base), compute)
    except QueryTooSlow:
        return None


def _spread(period: Period, chosen: Selection, options: Options) -> pl.DataFrame:
    def compute(engine: Engine, instant: datetime) -> pl.DataFrame:
        weights = removal_effects(period, options).weights
        return attribution_spread(engine, window(period, instant), options, weights, chosen)

    return current(("attribution spread", period, chosen, options), compute)


def _cells(period: Period, chosen: Selection, options: Options) -> pl.DataFrame:
    def compute(engine: Engine, instant: datetime) -> pl.DataFrame:
        weights = removal_effects(period, options).weights
        return attribution_cells(engine, window(period, instant), options, weights, chosen)

    return current(("attribution cells", period, chosen, options), compute)


def removal_effects(period: Period, options: Options = DEFAULT) -> RemovalEffects:
    """What each partner and channel is worth by the data-driven rule, with its 95 % interval.

    Learned from all deals closed in the 24 months up to the period's end, whatever the filters choose.
    """

    def compute(engine: Engine, instant: datetime) -> RemovalEffects:
        return markov.removal_effects(chain_of(transition_cells(engine, window(period, instant), options)))

    # Of a period the chain knows only the end, and of the options the last day of a path.
    return current(("removal effects", period.end, options.until), compute)


def payouts(period: Period, rule: Rule = Rule.SOURCE, options: Options = DEFAULT) -> Reconciliation:
    """What partners are owed by a rule beside what they were paid, for the four quarters up to the period's end.

    Of all partners, channels and deals, whatever the filters choose: a debt does not depend on who looks.
    """

    def compute(engine: Engine, instant: datetime) -> Reconciliation:
        seen, quarters = window(period, instant), quarters_up_to(period, settings())
        weights = removal_effects(period, options).weights if rule is Rule.DATA_DRIVEN else {}
        credits = credit_cells(engine, seen, quarters, rule, options, weights)
        cells = PayoutCells(credits, paid_cells(engine, seen, quarters), agreed(engine, quarters))
        names = choices().names
        return reconciliation(cells, names, [quarter.label for quarter in quarters], rule)

    return answer(("payouts", period, rule, options), compute)
