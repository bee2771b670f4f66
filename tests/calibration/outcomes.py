"""Do the estimates for never-worked leads hold the truth as often as promised? `python -m tests.calibration.outcomes`.

Prints, by regime: coverage of the 95 % intervals, their median width over the truth, alarms, bounds, best ranges.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from dashboard.scoring.best_range import best_for_value
from dashboard.scoring.expected import SENSITIVITY, Range, expected_of
from dashboard.scoring.model import Group, ScoringModel
from dashboard.scoring.outcome_model import OutcomeModel, fit
from data_access.demonstration.options import DemoOptions, Selection
from tests.calibration.outcomes_company import company_world
from tests.calibration.outcomes_worlds import Setting, Who, World, with_threshold, world

KINDS = (
    Setting(Who.NOBODY),
    Setting(Who.RANDOM),
    Setting(Who.HUNCH),
    Setting(Who.HUNCH, hidden=0.6),
    Setting(Who.HUNCH, hidden=1.2),
)
SETTINGS = tuple(replace(kind, leads=leads) for leads in (50_000, 10_000, 200_000) for kind in KINDS)
OUTCOMES = ("wins", "sqls", "arr")
THRESHOLDS = (65, 60, 50)


def reweighted(model: ScoringModel, change: Callable[[str, int], float]) -> ScoringModel:
    """The scorecard with changed points, criterion by criterion; totals follow where points need it."""
    criteria = tuple(
        replace(
            each, levels=tuple(replace(level, points=round(change(each.name, level.points))) for level in each.levels)
        )
        for each in model.criteria
    )
    new = replace(model, criteria=criteria)
    fit_total, intent_total = (sum(each.most for each in new.of(group)) for group in Group)
    return replace(new, fit_total=fit_total, intent_total=intent_total)


def shifts(model: ScoringModel) -> dict[str, ScoringModel]:
    """Other weights at the same threshold."""
    fit_names = {criterion.name for criterion in model.of(Group.FIT)}
    swapped = {"demo": 0.5, "install": 0.5, "pricing": 1.5, "click": 2.0}
    return {
        "45/55": reweighted(model, lambda name, points: points * (45 / 40 if name in fit_names else 55 / 60)),
        "fit up": reweighted(model, lambda name, points: points * (1.5 if name in fit_names else 0.75)),
        "intent swapped": reweighted(model, lambda name, points: points * _factor(swapped, name)),
    }


def _factor(factors: dict[str, float], name: str) -> float:
    """The factor of the word that the criterion's name contains."""
    return next((factor for word, factor in factors.items() if word in name), 1.0)


@dataclass
class Tally:
    """What was seen of one kind of answer over worlds."""

    held: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    width: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: list[bool] = field(default_factory=list)
    bounded: list[bool] = field(default_factory=list)

    def add(self, name: str, found: Range, truth: float) -> None:
        if found.low is not None and found.high is not None:
            self.held[name].append(found.low <= truth <= found.high)
            self.width[name].append((found.high - found.low) / abs(truth) if truth else np.nan)


def asked(one: World) -> Iterator[tuple[str, np.ndarray]]:
    """Questions: thresholds, then weights; as signs of codes."""
    base = one.qualified(one.model).astype(float)
    for threshold in THRESHOLDS:
        yield str(threshold), one.qualified(with_threshold(one.model, threshold)) - base
    for name, model in shifts(one.model).items():
        yield name, one.qualified(model) - base


def judge(one: World, model: OutcomeModel, tallies: dict[str, Tally], sensitivity: float) -> None:
    """Holds every question's answer against the truth."""
    for name, signs in asked(one):
        found, tally = expected_of(model, one.cells, signs, sensitivity), tallies[name]
        ranges = found.continued.wins, found.continued.sqls, found.continued.arr
        for what, own, truth in zip(OUTCOMES, ranges, (one.wins, one.sqls, one.arr), strict=True):
            tally.add(what, own, float(signs @ truth))
        tally.refused.append(found.refused)
        tally.bounded.append(found.bound is not None and found.bound >= float(np.maximum(signs, 0) @ one.wins))


def value_of(one: World) -> float:
    """Mean expected ARR of a lead, in cents: a cost of work at which the best threshold is somewhere inside."""
    return float(one.all_arr.sum() / one.cells.measure("leads").sum())


def best_threshold(one: World, cost: float) -> int:
    """The threshold at which expected ARR less the cost of work is truly greatest; of equal ones the highest."""
    leads = np.bincount(one.cells.code, one.cells.measure("leads"), len(one.cells.codes))
    score = np.where(one.scores.open, one.scores.score, -1)
    goal = [(one.all_arr - cost * leads)[score >= threshold].sum() for threshold in range(101)]
    return 100 - int(np.argmax(goal[::-1]))


def best_found(one: World, model: OutcomeModel, number: int) -> tuple[bool, bool, int]:
    """Whether the range holds the best threshold and whether the estimate's single best is it; width of the range."""
    cost = value_of(one) * (0.6, 1.0, 1.5)[number % 3]
    found, truth = best_for_value(model, one.cells, one.scores, cost), best_threshold(one, cost)
    assert found is not None
    single = 100 - int(np.argmax(found.goal[::-1]))
    return found.low <= truth <= found.high, single == truth, found.high - found.low


def title(setting: Setting) -> str:
    """A line that says what kind of world this is."""
    who = {Who.NOBODY: "(a) nobody below", Who.RANDOM: f"(b) a random {setting.random:.0%}", Who.HUNCH: "(c) by hunch"}
    hidden = f", hidden effect {setting.hidden}" if setting.who is Who.HUNCH else ""
    return f"{who[setting.who]}{hidden}, {setting.leads} leads"


def simulated(setting: Setting, seed: int) -> Callable[[int], World]:
    """Worlds of a kind, by number."""
    return lambda number: world(setting, np.random.default_rng([seed, number, setting.leads]))


def company(below: Selection, leads: int, seed: int) -> Callable[[int], World]:
    """Simulated companies, by number."""
    return lambda number: company_world(
        DemoOptions(leads=leads, seed=seed + number, until=date(2025, 11, 1), below_threshold=below)
    )


def report(name: str, make: Callable[[int], World], worlds: int) -> None:
    """One block of the table."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    alarms, best = [], []
    for number in range(worlds):
        one = make(number)
        model = fit(one.cells, one.model)
        assert model is not None
        judge(one, model, tallies, SENSITIVITY)
        alarms.append(model.is_alarming)
        best.append(best_found(one, model, number))
    print(f"{name}: {worlds} worlds, alarm in {np.mean(alarms):.1%}")
    held, single, width = np.array(best).T
    print(f"  best threshold: in the range {held.mean():.3f}, single best right {single.mean():.3f}, "
          f"median width {np.median(width):.0f}")  # fmt: skip
    for question, tally in tallies.items():
        parts = [f"{np.mean(tally.held[what]):.3f} ({np.median(tally.width[what]):.2f})" for what in OUTCOMES]
        limits = f"bound {np.mean(tally.bounded):.3f}", f"refused {np.mean(tally.refused):.2f}"
        print(f"  {question}", *parts, *limits, sep="\t", flush=True)


def main(worlds: int, seed: int, only: str) -> None:
    print("coverage (median width ÷ truth) of expected", *OUTCOMES, "of never-worked leads", sep="\t")
    for setting in SETTINGS:
        if only in title(setting):
            # Large worlds take longer and say no more.
            report(title(setting), simulated(setting, seed), worlds if setting.leads <= 50_000 else worlds // 3)
    for below in Selection:
        name = f"simulated company, below the threshold: {below}"
        if only in name:
            report(name, company(below, 40_000, seed), worlds // 5)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=2025)
    parser.add_argument("--only", default="", help="kinds of worlds whose name contains this")
    options = parser.parse_args()
    main(options.worlds, options.seed, options.only)
