"""Do intervals of credit hold the truth, and is "surely ahead" right? `python -m tests.calibration.attribution`.

Lines whose expected number of deals, sizes and shares are known; what comes in a quarter is drawn.
"""

from __future__ import annotations

import numpy as np

from dashboard.metrics.attribution import Line
from dashboard.metrics.attribution_certainty import Certainty
from dashboard.metrics.attribution_rules import Kind, Rule
from dashboard.metrics.money_intervals import DealSum
from tests.calibration.vitals import SIZES, Sizes, holds, share

# What a rule like position A leaves a line of a deal.
PARTS = np.array([0.2, 0.4, 0.6, 0.8, 1.0])
RULE, OTHERS = Rule.POSITION_A, 300


def line_of(key: str, given: np.ndarray) -> tuple[Line, DealSum]:
    """A line and its spread from what single deals give to it, in currency."""
    cents = dict.fromkeys(Rule, 0) | {RULE: round(100 * float(given.sum()))}
    return Line(Kind.PARTNER, key, key, True, cents, len(given)), spread_of(given)


def spread_of(given: np.ndarray) -> DealSum:
    """The spread of what single deals give."""
    return DealSum(len(given), float(given.sum()), float((given**2).sum()), float(given.max(initial=0.0)))


def judged(pool: np.ndarray, *lines: tuple[Line, DealSum]) -> Certainty:
    """The certainty of these lines among others."""
    spreads = {(line.kind, line.key, line.touched): {RULE: spread} for line, spread in lines}
    return Certainty(spreads, {(Kind.PARTNER, RULE): spread_of(pool)})


def credit(expected: float, sizes: tuple[Sizes, float], scale: float, worlds: int, seed: int) -> float:
    """Coverage of a line's credit; the truth is expected deals × mean size × mean share.

    `scale`: how large its deals are beside those of the other lines.
    """
    rng = np.random.default_rng([seed, int(10 * expected), int(10 * scale)])
    draw, mean = sizes
    truth, answers = expected * scale * mean * float(PARTS.mean()), []
    for _ in range(worlds):
        others = draw(rng, OTHERS) * rng.choice(PARTS, OTHERS)
        deals = int(rng.poisson(expected))
        given = scale * draw(rng, deals) * rng.choice(PARTS, deals)
        own = line_of("a", given)
        answers.append(holds(judged(np.concatenate([others, given]), own).credit(own[0], RULE), truth))
    return share(answers)


def falsely_ahead(expected: float, sizes: tuple[Sizes, float], worlds: int, seed: int, both: float = 0.0) -> float:
    """How often the larger of two lines of like expectation is called surely ahead; `both`: deals that give to both."""
    rng = np.random.default_rng([seed, int(10 * expected), int(100 * both)])
    draw, _ = sizes
    wrong = 0
    for _ in range(worlds):
        others = draw(rng, OTHERS) * rng.choice(PARTS, OTHERS)
        shared = 0.5 * draw(rng, int(rng.poisson(both * expected)))
        given = []
        for _ in range(2):
            deals = int(rng.poisson((1 - both) * expected))
            given.append(np.concatenate([draw(rng, deals) * rng.choice(PARTS, deals), shared]))
        less, more = sorted((line_of(key, own) for key, own in zip("ab", given, strict=True)), key=_credit)
        wrong += judged(np.concatenate([others, *given]), less, more).ahead(more[0], less[0], RULE)
    return wrong / worlds


def _credit(own: tuple[Line, DealSum]) -> int:
    return own[0].cents[RULE]


def main(worlds: int = 4_000, seed: int = 11) -> None:
    """Prints the tables of docs/attribution.md."""
    numbers = (2, 4, 8, 20, 60)
    print("expected deals".ljust(46), *(f"{number:>7}" for number in numbers))
    for name, sizes in SIZES.items():
        for scale in (0.5, 1.0, 2.0):
            row = [credit(number, sizes, scale, worlds, seed) for number in numbers]
            print(f"credit, {name}, size × {scale:g}".ljust(46), *(f"{100 * own:7.1f}" for own in row))
    for name in ("lognormal, 0.9", "lognormal, 1.3"):
        for both in (0.0, 0.5):
            row = [falsely_ahead(number, SIZES[name], worlds, seed, both) for number in numbers]
            print(f"falsely ahead, {name}, {both:.0%} shared".ljust(46), *(f"{100 * own:7.1f}" for own in row))


if __name__ == "__main__":
    main()
