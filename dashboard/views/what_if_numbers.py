"""What stands beside the threshold line? Each number at each threshold, ready to be read; seen apart from estimated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from dashboard import wording
from dashboard.glossary import term
from dashboard.metrics.intervals import rate
from dashboard.period import Period
from dashboard.scoring.what_if import Curves, WhatIf
from dashboard.threshold_line.drawing import Bar, Number

if TYPE_CHECKING:
    from numpy.typing import NDArray

GOAL_BOTH_TRIGGERS = 0.8
CENTS = 100


@dataclass(frozen=True, slots=True)
class Desk:
    """What sales can do: representatives, leads that each works a week, what working one lead costs."""

    representatives: int
    leads_per_week: float
    cost_per_lead: float

    @property
    def capacity(self) -> float:
        """Leads that sales can work in a week."""
        return self.representatives * self.leads_per_week


@dataclass(frozen=True, slots=True)
class Basis:
    """What the numbers rest on: the period's name, its weeks so far, the currency, sales, and the programme's cost.

    `cost` is None where the data hold none; `until` is the day from which leads are too young for their outcome to be
    known, `young` the share of the period's days that lies after it.
    """

    name: str
    weeks: float
    currency: str
    desk: Desk
    cost: float | None = None
    young: float = 0.0

    def load(self, leads: float) -> float | None:
        """Leads per week ÷ capacity per week; None before the period has begun."""
        return leads / self.weeks / self.desk.capacity if self.weeks > 0 else None

    def cost_per(self, leads: float) -> float | None:
        """Programme cost ÷ leads."""
        return self.cost / leads if self.cost and leads else None


def active_threshold(found: WhatIf) -> int | None:
    """The active threshold, where the scenario has so many points at all."""
    top = found.model.fit_total + found.model.intent_total
    return found.active.threshold if found.active.threshold <= top else None


def weeks_of(period: Period, as_of: datetime) -> float:
    """Weeks of the period that lie before the moment of the data."""
    return max(0.0, (min(period.end, as_of) - period.start).total_seconds() / (7 * 86_400))


def bars(curves: Curves) -> list[Bar]:
    """Leads by score whose other gates are open: the curves less what lies above."""
    each = {name: _per_score(getattr(curves, name)) for name in ("won", "worked", "never")}
    rows = zip(*(each[name].tolist() for name in ("won", "worked", "never")), strict=True)
    return [Bar(score, won, worked - won, never) for score, (won, worked, never) in enumerate(rows) if worked + never]


def _per_score(reaching: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(reaching - np.append(reaching[1:], 0))


@dataclass(frozen=True, slots=True)
class Guess:
    """What never-worked leads would bring at one threshold; `refused`: only the most possible (`bound`) is known."""

    value: float
    refused: bool
    bound: float


def guesses(found: WhatIf, name: str) -> list[Guess] | None:
    """Estimated `wins`, `sqls` or `arr` (cents) of never-worked qualified leads, for each threshold; None without."""
    curve = found.curves.expected
    if curve is None:
        return None
    bound = {"wins": curve.bound, "arr": curve.bound_arr}.get(name)
    values = getattr(curve, name).value
    bounds = np.full(len(values), np.nan) if bound is None else bound
    return [
        Guess(value, bool(refused), most)
        for value, refused, most in zip(values.tolist(), curve.refused.tolist(), bounds.tolist(), strict=True)
    ]


def numbers(found: WhatIf, basis: Basis) -> list[Number]:
    """The lines beside the histogram, each with a text for every threshold from 0 up to all points."""
    curves, own = found.curves, found.active_qualified
    qualified = curves.qualified.tolist()
    lines = [
        _line("eqls", "EQLs", "qualified_by_model", map(wording.count, qualified), signed(curves.qualified, own.leads)),
        _line("gained", "Gained", "gained", map(wording.count, curves.gained.tolist())),
        _line("dropped", "Dropped", "dropped", map(wording.count, curves.dropped.tolist())),
        _line("sqls", "SQLs", "observed", _seen_and_guessed(curves.sqls, guesses(found, "sqls"), wording.count)),
        _line("won", "Wins", "estimated", _seen_and_guessed(curves.won, guesses(found, "wins"), wording.count)),
        _line("arr", "ARR", "arr", _seen_and_guessed(curves.arr, guesses(found, "arr"), _money(basis.currency))),
        _line("precision", "Precision", "precision", _precision(curves)),
        _line("recall", "Recall", "recall", (wording.rate(share) for share in _shares(curves.recall))),
        _line("both", "Both triggers", "both_triggers", _both_triggers(curves)),
        _line("load", "Sales load", "workload", (load_text(basis, leads) for leads in qualified)),
    ]
    if basis.cost:
        costs = (wording.money(basis.cost_per(leads), basis.currency) for leads in qualified)
        lines.append(_line("cost", "Cost per EQL", "what_if_cost_per_qualified", costs))
    return lines


def spoken(found: WhatIf, lines: Sequence[Number]) -> list[str]:
    """What a screen reader says at each threshold: the most important of the lines."""
    own, texts = found.active_qualified.leads, {line.key: line.texts for line in lines}
    rows = zip(found.curves.qualified.tolist(), texts["eqls"], texts["won"], texts["load"], strict=True)
    return [
        f"{threshold} points: {eqls} {'EQL' if leads == 1 else 'EQLs'}, {difference_in_words(leads - own)}; "
        f"wins {won}; sales load {load}"
        for threshold, (leads, eqls, won, load) in enumerate(rows)
    ]


def difference_in_words(change: float) -> str:
    """A change against the active model: `214 more than now`."""
    if change == 0:
        return "as many as now"
    return f"{wording.count(abs(change))} {'more' if change > 0 else 'fewer'} than now"


def signed(values: NDArray[np.int64], active: int) -> list[str]:
    """Changes against the active model: `+214`; empty where there is none."""
    return [signed_count(change) for change in (values - active).tolist()]


def signed_count(change: float) -> str:
    """`+214`, `−12`; empty where nothing changes."""
    return f"{'+' if change > 0 else wording.MINUS}{wording.count(abs(change))}" if round(change) else ""


def load_text(basis: Basis, leads: float) -> str:
    """The load of sales: `112 %`."""
    return wording.rate(basis.load(leads), 0)


def _line(key: str, label: str, entry: str, texts: Iterable[str], changes: Sequence[str] | None = None) -> Number:
    return Number(key, label, tuple(texts), None if changes is None else tuple(changes), term(entry).help)


def _money(currency: str) -> Callable[[float | None], str]:
    return lambda cents: wording.money(None if cents is None else cents / CENTS, currency)


def _seen_and_guessed(
    seen: NDArray[np.int64], guessed: Sequence[Guess] | None, form: Callable[[float | None], str]
) -> list[str]:
    if guessed is None:
        return [f"{form(value)} seen" for value in seen.tolist()]
    nothing = form(0)
    pairs = zip(seen.tolist(), guessed, strict=True)
    return [f"{form(value)} seen{_guessed(one, form, nothing)}" for value, one in pairs]


def _guessed(one: Guess, form: Callable[[float | None], str], nothing: str) -> str:
    if one.refused:
        return f" + ≤{wording.THIN}{form(one.bound)}" if one.bound == one.bound else " + unknown"
    text = form(one.value)
    return f" + {text} est." if text != nothing else ""


def _precision(curves: Curves) -> list[str]:
    pairs = zip(curves.old_won.tolist(), curves.old.tolist(), strict=True)
    found = {pair: rate(*pair) for pair in set(pairs)}
    pairs = zip(curves.old_won.tolist(), curves.old.tolist(), strict=True)
    return [
        f"{wording.rate(found[pair].value)} ({wording.interval(found[pair], 0)})" if pair[1] else wording.NOTHING
        for pair in pairs
    ]


def _both_triggers(curves: Curves) -> list[str]:
    pairs = zip(curves.both_triggers.tolist(), curves.qualified.tolist(), strict=True)
    goal = wording.rate(GOAL_BOTH_TRIGGERS, 0)
    return [f"{wording.rate(both / leads, 0)} (goal {goal})" if leads else wording.NOTHING for both, leads in pairs]


def _shares(values: NDArray[np.float64]) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]
