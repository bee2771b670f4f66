"""What does the what-if page say? The answer in a sentence by plain rules, and what must be said beside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from dashboard import wording
from dashboard.domain import Estimate
from dashboard.scoring.cells import ScoreCells
from dashboard.scoring.model import Gate, Kind, ScoringModel
from dashboard.scoring.outcome_model import OutcomeModel, Regime
from dashboard.scoring.structure import AnyOf, HowMany
from dashboard.scoring.what_if import WhatIf
from dashboard.views.what_if_numbers import CENTS, GOAL_BOTH_TRIGGERS, Basis

if TYPE_CHECKING:
    from dashboard.scoring.expected import Expected, Range

HALF = 0.5  # an answer of which worked leads support less is refused
YOUNG = 0.1
EXPERIMENT = 0.05
STRESS = 2.0


def answer(found: WhatIf, basis: Basis) -> str:
    """The first line: leads, wins, load. Nothing in it is guessed without being called so."""
    if not found.cohort.leads:
        return no_lead(basis.name)
    if not found.qualified.leads and not found.active_qualified.leads:
        return f"No lead of {basis.name} qualifies, neither now nor in this scenario."
    if found.model == found.active:
        return _unchanged(found, basis)
    where = against(found.model, found.active)
    said = f"{where}: {', '.join(filter(None, (_leads(found), _wins(found))))}; {_load(found, basis)}."
    refused = found.expected_change is not None and found.expected_change.refused
    return f"{said} {sentence(refusal(found))}" if refused else said


def no_lead(name: str) -> str:
    """The first line of a period without leads."""
    return f"No lead came in during {name}, so no scorecard can be tried on it."


def against(model: ScoringModel, active: ScoringModel) -> str:
    """What the scenario changes, as a sentence begins: `At 65 instead of 70`."""
    moved = f"at {model.threshold} instead of {active.threshold}" if model.threshold != active.threshold else ""
    same = replace(model, threshold=active.threshold, name=active.name)
    if same == replace(active, name=active.name):
        return wording.beginning(moved)
    gates = replace(same, min_triggers=active.min_triggers, requires=active.requires, icp_at_least=active.icp_at_least)
    what = "these gates" if gates == active else "these points" if _same_gates(same, active) else "this scorecard"
    return f"With {what}{f' {moved}' if moved else ''}"


def _same_gates(model: ScoringModel, active: ScoringModel) -> bool:
    return (model.min_triggers, model.requires, model.triggers) == (
        active.min_triggers,
        active.requires,
        active.triggers,
    )


def _unchanged(found: WhatIf, basis: Basis) -> str:
    own = found.qualified
    return (
        f"Nothing is changed: the active scorecard qualifies {wording.count(own.leads)} of "
        f"{wording.several(found.cohort.leads, 'lead')} of {basis.name}, {wording.several(own.won, 'win')} seen so "
        f"far; {_load(found, basis)}."
    )


def _leads(found: WhatIf) -> str:
    change = found.qualified.leads - found.active_qualified.leads
    gained, dropped = found.gained.leads, found.dropped.leads
    if not gained and not dropped:
        return "exactly the same leads qualify"
    swapped = f" ({wording.count(gained)} come in, {wording.count(dropped)} fall out)" if gained and dropped else ""
    if not change:
        return f"as many EQLs, but not the same{swapped}"
    ratio = wording.change(found.qualified.leads, found.active_qualified.leads)
    return f"{wording.count(abs(change))} {more(change)} EQLs{f' ({ratio})' if ratio else ''}{swapped}"


def more(change: float) -> str:
    """`more` or `fewer`."""
    return "more" if change > 0 else "fewer"


def _wins(found: WhatIf) -> str:
    seen = found.qualified.won - found.active_qualified.won
    guess = found.expected_change
    if not found.gained.leads and not found.dropped.leads:
        return ""
    if guess is None or not guess.leads + guess.dropped:
        return f"{_seen_wins(seen)} seen" if seen else "no win more or fewer was seen"
    if guess.refused:
        return f"{_seen_wins(seen)} seen" if seen else ""
    value, low, high = (seen + (bound or 0.0) for bound in (guess.wins.value, guess.wins.low, guess.wins.high))
    share = f"of which {wording.rate(estimated_share(found), 0)} estimated"
    if low < 0 < high:
        return f"about as many wins ({_bound(low)} to {_bound(high)}), {share}"
    low, high = sorted((abs(low), abs(high)))
    return f"about {number(abs(value))} {more(value)} wins ({number(low)} to {number(high)}), {share}"


def _seen_wins(change: int) -> str:
    return f"{wording.count(abs(change))} {more(change)} {'win' if abs(change) == 1 else 'wins'}"


def estimated_share(found: WhatIf) -> float | None:
    """How much of the change in wins is estimated; None where wins do not change."""
    change = found.expected_change
    guess = abs(change.wins.value) if change is not None and change.wins.value is not None else 0.0
    whole = guess + abs(found.qualified.won - found.active_qualified.won)
    return guess / whole if whole else None


def refusal(found: WhatIf) -> str:
    """Why no number of wins is given, and the most that is possible."""
    guess = found.expected_change
    if guess is None:
        return ""
    at_most = f"; at most {wording.several(round(guess.bound), 'win')}" if guess.bound is not None else ""
    return f"{_never_worked(found)}: the data cannot say how many would be won{at_most}"


def _never_worked(found: WhatIf) -> str:
    threshold = found.active.threshold
    if found.model.threshold < threshold and not found.gained.worked:
        return f"no lead below {threshold} that comes in was ever worked"
    if not found.gained.worked:
        return "none of the leads that come in was ever worked"
    return f"of the leads that come in only {wording.count(found.gained.worked)} were ever worked"


def _bound(value: float) -> str:
    return f"{number(abs(value))} {more(value)}" if abs(value) >= HALF else "none"


def number(value: float) -> str:
    """Wins to the whole, small ones to the tenth: `22`, `0.4`."""
    return wording.count(value) if value >= 10 or value == round(value) else f"{value:.1f}".removesuffix(".0")


def range_text(between: Range | None, form: Callable[[float], str]) -> str:
    """A change with its interval: `+22 (+9 to +37)`; “–” where there is none."""
    if between is None or between.value is None or between.low is None or between.high is None:
        return wording.NOTHING
    if between.value != between.value:
        return wording.NOTHING
    value, low, high = (_with_sign(bound, form) for bound in (between.value, between.low, between.high))
    return f"{value} ({low} to {high})"


def _with_sign(value: float, form: Callable[[float], str]) -> str:
    text = form(abs(value))
    return text if text == form(0) else f"{'+' if value > 0 else wording.MINUS}{text}"


def sentence(text: str) -> str:
    """A part of a sentence as one of its own."""
    return f"{wording.beginning(text)}." if text else ""


def parts(found: WhatIf) -> str:
    """What the change in wins is made of: the share that is estimated and what supports it."""
    guess, share = found.expected_change, estimated_share(found)
    if guess is None or not guess.leads + guess.dropped:
        return "Nothing is estimated: sales worked every lead that comes in or falls out."
    sides = (("come in", guess.leads), ("fall out", guess.dropped))
    leads = wording.enumeration([f"{wording.several(number, 'lead')} that {way}" for way, number in sides if number])
    said = f"The estimate is about leads never worked: {leads}."
    if share is not None and not guess.refused:
        said += f" {wording.rate(share, 0)} of the change in wins is estimated."
    return f"{said} {_support(guess)}"


def both_triggers(found: WhatIf) -> str:
    """The share of EQLs with two triggers against its goal, by the scenario and as the CRM recorded them."""
    if not found.qualified.leads:
        return ""
    goal, own = wording.rate(GOAL_BOTH_TRIGGERS, 0), _rate(found.both_triggers)
    said = f"Both triggers: {own} of the EQLs in the scenario (goal {goal})"
    if not found.recorded_both_triggers.n:
        return f"{said}."
    return f"{said}; {_rate(found.recorded_both_triggers)} of those that the CRM recorded."


def _rate(estimate: Estimate) -> str:
    share = wording.rate(estimate.value, 0)
    return f"{share} ({wording.interval(estimate, 0)}, n = {wording.count(estimate.n)})"


def advice(found: WhatIf, basis: Basis, outcomes: OutcomeModel | None) -> str:
    """That a random few below the threshold should be worked; empty where that is done, or nobody is there."""
    below = found.cohort.never - found.active_qualified.never
    few = math.ceil(EXPERIMENT * below)
    settled = outcomes is not None and outcomes.regime is Regime.RANDOM
    refused = found.expected_change is not None and found.expected_change.refused
    if not below or basis.weeks < 1 or (settled and not refused):
        return ""
    so_far = " So far too few were." if settled else ""
    return (
        f"To know instead of guess: let sales work a random {wording.rate(EXPERIMENT, 0)} of the leads that do not "
        f"qualify, {wording.count(few)} of {wording.count(below)} in {basis.name} "
        f"({_a_week(few / basis.weeks)}), and mark them as an experiment. That nearly halves the interval.{so_far} The "
        "part “Leads that flip” draws them."
    )


def _a_week(leads: float) -> str:
    return f"about {wording.several(round(leads), 'lead')} a week" if leads >= 1 else "less than one a week"


def stress(found: WhatIf, stressed: Expected) -> str:
    """How far the lower limit falls when sales picked far better than the fields can tell."""
    seen = found.qualified.won - found.active_qualified.won
    low, high = ((bound or 0.0) + seen for bound in (stressed.wins.low, stressed.wins.high))
    return f"Stress test (sensitivity {STRESS:g}): {_bound(low)} to {_bound(high)}."


def _load(found: WhatIf, basis: Basis) -> str:
    load = basis.load(found.qualified.leads)
    if load is None:
        return "the period has not begun"
    return f"sales load {wording.rate(load, 0)} of capacity"


def second(found: WhatIf, basis: Basis) -> str:
    """What must be said beside the answer: support, what is forgone, and whether it is too early."""
    said = [_support(found.expected_change), _forgone(found, basis), early(found, basis)]
    return " ".join(filter(None, said))


def _support(guess: Expected | None) -> str:
    if guess is None or guess.supported is None:
        return ""
    share = wording.rate(guess.supported, 0)
    if guess.refused:
        return f"Worked leads support {share} of the answer, too little for an estimate."
    return f"Worked leads support {share} of what is estimated."


def _forgone(found: WhatIf, basis: Basis) -> str:
    lost = found.dropped
    if not lost.won:
        return ""
    worth = f" and {wording.money(lost.arr / CENTS, basis.currency)} ARR" if lost.arr else ""
    return f"Forgone with the dropped leads: {wording.several(lost.won, 'win')}{worth}, seen."


def early(found: WhatIf, basis: Basis) -> str:
    """That the period is too young for its outcomes; empty where it is not."""
    if basis.young <= YOUNG or not found.cohort.leads:
        return ""
    open_deals = found.qualified.open
    waiting = f", {wording.several(open_deals, 'qualified lead')} {'has' if open_deals == 1 else 'have'} an open deal"
    return f"Too early to say: what is seen of {basis.name} will still grow{waiting if open_deals else ''}."


def regime(outcomes: OutcomeModel | None) -> str:
    """What the estimate can rest on below the threshold."""
    if outcomes is None:
        return "Nothing says which leads sales worked, so nothing can be estimated."
    worked = outcomes.worked
    if outcomes.regime is Regime.CHOSEN:
        alarm = (
            " They win more often than like leads: sales knows something that the score does not."
            if outcomes.is_alarming
            else ""
        )
        return f"{wording.several(worked.chosen, 'lead')} that did not qualify were worked by hunch.{alarm}"
    if outcomes.regime is Regime.RANDOM:
        return (
            f"{wording.several(worked.experiment, 'lead')} that did not qualify were worked as a random sample, so the "
            "slider does nothing."
        )
    return "Hardly any lead that did not qualify was ever worked: estimates below the threshold rest on assumptions."


def nobody(cells: ScoreCells, model: ScoringModel) -> str:
    """Why no lead qualifies, gate by gate, and what to do; for the case that none does."""
    if _no_signal(cells):
        return (
            "None of the signals that the scorecard asks for was seen, so every lead has at most the points for fit. "
            "Import signals, publish a scorecard that names those of your data, or try one that does without them: "
            "lower the threshold, the triggers and the gates on the left."
        )
    scores, leads = cells.scored(model), cells.totals[0]
    gates = {
        Gate.ECOSYSTEM: "an ecosystem signal", Gate.BUYING: "a buying signal", Gate.ICP: "enough points for fit",
        Gate.CONFIRMED: "both sides’ confirmation", Gate.TRIGGERS: f"{model.min_triggers} triggers",
    }  # fmt: skip
    passed = {
        what: int(leads[(scores.gates & int(gate)) > 0].sum())
        for gate, what in gates.items()
        if gate in model.required and (gate is not Gate.TRIGGERS or model.min_triggers)
    }
    passed[f"{model.threshold} points"] = int(leads[scores.score >= model.threshold].sum())
    said = [f"{wording.count(number)} have {what}" for what, number in passed.items()]
    return f"Of {wording.several(int(leads.sum()), 'lead')}, {wording.enumeration(said)}; none has all of it."


def _no_signal(cells: ScoreCells) -> bool:
    """Whether no lead has any signal that the models ask for."""
    for place, question in enumerate(cells.structure.questions):
        if isinstance(question, AnyOf | HowMany) and cells.digits[place].any():
            return False
        if getattr(question, "kind", None) is Kind.SIGNAL and _seen(cells, place):
            return False
    return True


def _seen(cells: ScoreCells, place: int) -> bool:
    levels = getattr(cells.structure.questions[place], "levels", ())
    asking = [number for number, level in enumerate(levels, 1) if (level.at_least or 0) > 0]
    return bool(set(asking) & set(cells.digits[place].tolist()))
