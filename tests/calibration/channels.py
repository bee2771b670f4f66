"""Do ARR per unit of cost, ratios of ARR and the changes of a move keep what their intervals promise?

`python -m tests.calibration.channels` prints the table of docs/channels.md. Truth: the expected number of deals × the
true mean value; for a move, the change under the true c and the exponent that is assumed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dashboard.metrics.channel_value import Pool, Worth, quotient, sum_per
from dashboard.metrics.money_intervals import per_count
from dashboard.metrics.reallocation import History, Move, Place, Where, move, together

Values = Callable[[np.random.Generator, int], np.ndarray]
EXPECTED = (2, 5, 15, 60, 300)
PRICES, SHARES = np.array([6_000.0, 24_000.0, 90_000.0]), np.array([0.6, 0.3, 0.1])


def _lognormal(sigma: float) -> tuple[Values, float]:
    return lambda rng, n: 20_000 * np.exp(sigma * rng.standard_normal(n)), 20_000 * float(np.exp(sigma**2 / 2))


SIZES: dict[str, tuple[Values, float]] = {
    "lognormal, σ 0.5": _lognormal(0.5),
    "lognormal, σ 0.9": _lognormal(0.9),
    "lognormal, σ 1.2": _lognormal(1.2),
    "price list": (lambda rng, n: rng.choice(PRICES, n, p=SHARES), float(PRICES @ SHARES)),
    "gamma": (lambda rng, n: rng.gamma(2.0, 15_000, n), 30_000.0),
}


def worth_of(values: np.ndarray) -> Worth:
    """The sums of some values."""
    logs = np.log(values)
    return Worth(values.size, float(values.sum()), float((values**2).sum()), float(logs.sum()), float((logs**2).sum()))


def pool_of(values: Values, level: float, rng: np.random.Generator) -> Pool:
    """What 200 deals of all channels tell, whose deals are `level` times as large as the channel's."""
    return Pool.of(worth_of(values(rng, 200) * level))


def _holds(low: float | None, high: float | None, truth: float) -> bool:
    return low is not None and low <= truth and (high is None or truth <= high)


def sums(size: str, expected: float, worlds: int, seed: int) -> float:
    """Coverage of a channel's ARR ÷ cost, its deals being up to a half larger or smaller than those of all."""
    rng, (values, mean), held = np.random.default_rng(seed), SIZES[size], 0
    for world in range(worlds):
        pool = pool_of(values, float(np.exp(rng.normal(0, 0.35))), rng)
        own = worth_of(values(rng, int(rng.poisson(expected))))
        found = sum_per(own, pool, 1000.0, seed=world)
        held += _holds(found.low, found.high, expected * mean / 1000)
    return held / worlds


def ratios(size: str, expected: tuple[float, float], worlds: int, seed: int) -> float:
    """Coverage of a partner's ARR ÷ a campaign's; where the campaign won nothing, of the lower bound alone."""
    rng, (values, _), held = np.random.default_rng(seed), SIZES[size], 0
    for world in range(worlds):
        pool = pool_of(values, float(np.exp(rng.normal(0, 0.35))), rng)
        own, other = (worth_of(values(rng, int(rng.poisson(rate)))) for rate in expected)
        found = quotient(own, other, pool, seed=world)
        held += found.low is None or _holds(found.low, found.high, expected[0] / expected[1])
    return held / worlds


def cases(expected: float, worlds: int, seed: int) -> float:
    """Coverage of a cost per case, among worlds with a case."""
    counts = np.random.default_rng(seed).poisson(expected, worlds)
    found = [per_count(1000.0, int(count)) for count in counts if count]
    return float(np.mean([_holds(own.low, own.high, 1000 / expected) for own in found]))


def moves(size: str, rates: tuple[float, float], scatter: float, worlds: int, seed: int) -> float:
    """Coverage of the change of ARR: 12 places over 8 quarters, counts with `scatter` times Poisson's variance."""
    rng, (values, mean), held = np.random.default_rng(seed), SIZES[size], 0
    for _ in range(worlds):
        known = {own.place.code: own for own in (_history(k, rates[k % 2], scatter, values, rng) for k in range(12))}
        source, target = known["channel:0"], known["channel:1"]
        amount = 0.5 * min(source.spend - source.seen[0], target.seen[1] - target.spend)
        pools = dict.fromkeys(("arr", "pipeline"), Pool.of(together([own.arr[0] for own in known.values()])))
        found = move(known, pools, "channel:0", "channel:1", amount, 0.7)
        if not isinstance(found, Move):
            raise AssertionError("The amount lies inside what was seen.")
        change = sum(
            rate * mean * ((spend / 10_000) ** 0.7 - (before / 10_000) ** 0.7)
            for rate, before, spend in (
                (rates[0], source.spend, source.spend - amount),
                (rates[1], target.spend, target.spend + amount),
            )
        )
        held += _holds(found.arr.low, found.arr.high, change)
    return held / worlds


def _history(number: int, rate: float, scatter: float, values: Values, rng: np.random.Generator) -> History:
    """A place whose quarters cost about 10,000 and bring `rate` × (spend ÷ 10,000)^0.7 deals on average."""
    spends = rng.uniform(7_000, 13_000, 8)
    expected = rate * (spends / 10_000) ** 0.7
    drawn = expected if scatter == 1 else rng.gamma(expected / (scatter - 1), scatter - 1)
    parts = tuple(worth_of(values(rng, int(count))) for count in rng.poisson(drawn))
    return History(Place(Where.CHANNEL, str(number)), tuple(spends.tolist()), parts, parts, 4)


def table(worlds: int = 600) -> str:
    """The coverages as Markdown."""
    lines = [
        "| ARR ÷ cost, expected won deals | " + " | ".join(str(own) for own in EXPECTED) + " |",
        "|---|" + "---|" * len(EXPECTED),
    ]
    for size in SIZES:
        found = " | ".join(f"{100 * sums(size, expected, worlds, 7):.0f} %" for expected in EXPECTED)
        lines.append(f"| {size} | {found} |")
    lines += ["", "| ARR ÷ ARR, expected won deals | 3 : 1 | 10 : 3 | 20 : 20 | 100 : 30 |", "|---|---|---|---|---|"]
    for size in SIZES:
        pairs = ((3, 1), (10, 3), (20, 20), (100, 30))
        found = " | ".join(f"{100 * ratios(size, pair, worlds, 8):.0f} %" for pair in pairs)
        lines.append(f"| {size} | {found} |")
    lines += [
        "",
        "| Change of ARR by a move, expected won deals a quarter | 2 → 6 | 8 → 8 | 8 → 40 |",
        "|---|---|---|---|",
    ]
    for size in SIZES:
        for scatter in (1.0, 2.0):
            shifts = ((2, 6), (8, 8), (8, 40))
            found = " | ".join(f"{100 * moves(size, pair, scatter, worlds // 4, 9):.0f} %" for pair in shifts)
            lines.append(f"| {size}, variance of counts {scatter:g} × mean | {found} |")
    return "\n".join(lines)


if __name__ == "__main__":
    for expected in EXPECTED:
        print(f"cost per case, {expected} cases expected: {100 * cases(expected, 4000, 6):.1f} %")
    print(table())
