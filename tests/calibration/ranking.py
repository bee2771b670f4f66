"""Do rank intervals, chances and suggestions hold what they promise? `python -m tests.calibration.ranking`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from dashboard.metrics.certainty import SURE, Certainty, rank_certainty, win_rate_certainty, wrong_share
from dashboard.metrics.deal_value import Evidence

# An outlier among deals is worth so many times as much.
OUTLIER = 20


@dataclass(frozen=True)
class Setting:
    """How partners and their deals come about in a kind of world; `acceptance` says whether its figures must hold.

    Leads: Poisson around a lognormal (median, spread). Rates: mean × gamma, lognormal or two-valued with a coefficient
    of variation. Mean amounts: lognormal over partners, rising with leads by `slope`; deals around them lognormal (or
    gamma) with a spread of its own for each partner. `mature`: share of this quarter's deals that are open already;
    as many as lack come from the quarter before, whose leads differ by `volume_noise`. `times`: so many times as many
    worlds are looked at.
    """

    name: str
    partners: int = 60
    median_leads: float = 60
    lead_spread: float = 1.2
    rate: float = 0.1
    rate_variation: float = 0.5
    rate_shape: str = "gamma"
    amount_spread: float = 0.35
    deal_spread: float = 0.7
    deal_spread_degrees: float = 20
    deal_shape: str = "lognormal"
    outliers: float = 0.0
    mature: float = 1.0
    volume_noise: float = 0.2
    slope: float = 0.0
    acceptance: str = "usual"
    times: int = 1


SETTINGS = (
    Setting("base", acceptance="base", times=4),
    Setting("no over-dispersion", rate_variation=0.0),
    Setting("outliers × 20", outliers=0.02),
    Setting("deals lag behind", mature=0.5),
    Setting("20 partners", partners=20, times=5),
    Setting("few leads", median_leads=10, acceptance="few"),
    Setting("500 partners", partners=500),
    Setting("rates lognormal", rate_variation=0.8, rate_shape="lognormal", acceptance="stress"),
    Setting("two kinds of partner", rate_variation=0.7, rate_shape="two", acceptance="stress"),
    Setting("amounts gamma", deal_shape="gamma", acceptance="stress"),
    Setting("spreads differ", deal_spread_degrees=6, acceptance="stress"),
    Setting("nothing differs", rate_variation=0.0, amount_spread=0.0, acceptance="stress"),
    Setting("lag, volumes jump", mature=0.5, volume_noise=0.5, acceptance="stress"),
    Setting("bigger sell dearer", slope=0.3, acceptance="stress"),
    Setting("bigger sell cheaper", slope=-0.4, acceptance="stress"),
)


@dataclass(frozen=True)
class World:
    """True values of the partners, what was seen of them, and the table's values."""

    truth: np.ndarray
    evidence: Evidence
    table: np.ndarray


def world(setting: Setting, rng: np.random.Generator) -> World:
    """One company's quarter."""
    count = setting.partners
    volume = setting.median_leads * rng.lognormal(0, setting.lead_spread, count)
    leads = np.maximum(rng.poisson(volume), 1)
    pages = 1 + rng.poisson(0.6 * leads**0.5 * rng.lognormal(0, 0.5, count))
    rate = np.minimum(setting.rate * _varied(setting, count, rng), 0.95)
    before = rng.poisson(volume * rng.lognormal(0, setting.volume_noise, count))
    deals = rng.binomial(leads, rate * setting.mature) + rng.binomial(before, rate * (1 - setting.mature))
    centre = 9.5 + rng.normal(0, setting.amount_spread, count)
    centre += setting.slope * (np.log(leads) - np.log(setting.median_leads))
    degrees = setting.deal_spread_degrees
    spread = setting.deal_spread * np.sqrt(degrees / rng.chisquare(degrees, count))
    amounts = [_amounts(setting, *own, rng) for own in zip(centre, spread, deals, strict=True)]
    logs = [np.log(own) for own in amounts]
    evidence = Evidence(
        tuple(f"P{i}" for i in range(count)),
        leads.astype(float),
        deals.astype(float),
        np.array([own.sum() for own in logs]),
        np.array([(own**2).sum() for own in logs]),
        pages.astype(float),
    )
    truth = leads * rate * np.exp(centre + spread**2 / 2) / pages
    return World(truth, evidence, np.array([own.sum() for own in amounts]) / pages)


def _varied(setting: Setting, count: int, rng: np.random.Generator) -> np.ndarray:
    """Multiples of the mean rate, of mean 1."""
    variation = setting.rate_variation
    if variation == 0:
        return np.ones(count)
    if setting.rate_shape == "lognormal":
        spread = np.sqrt(np.log1p(variation**2))
        return rng.lognormal(-(spread**2) / 2, spread, count)
    if setting.rate_shape == "two":
        return np.where(rng.random(count) < 0.5, 1 - variation, 1 + variation)
    return rng.gamma(variation**-2, variation**2, count)


def _amounts(setting: Setting, centre: float, spread: float, deals: int, rng: np.random.Generator) -> np.ndarray:
    if setting.deal_shape == "gamma":
        # The same mean and coefficient of variation as the lognormal has.
        square = np.expm1(spread**2)
        return np.maximum(rng.gamma(1 / square, square * np.exp(centre + spread**2 / 2), deals), 0.01)
    drawn = rng.lognormal(centre, spread, deals)
    return np.where(rng.random(deals) < setting.outliers, OUTLIER * drawn, drawn)


@dataclass
class Tally:
    """What was claimed and what was true, over the partners of many worlds."""

    covered: list[float] = field(default_factory=list)
    content: list[float] = field(default_factory=list)
    value_covered: list[float] = field(default_factory=list)
    chance: dict[str, list[np.ndarray]] = field(default_factory=lambda: {"top": [], "bottom": []})
    member: dict[str, list[np.ndarray]] = field(default_factory=lambda: {"top": [], "bottom": []})
    table: dict[str, list[np.ndarray]] = field(default_factory=lambda: {"top": [], "bottom": []})
    claimed: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: {"table": [], "sure": []})
    near: list[np.ndarray] = field(default_factory=list)

    def add(self, certainty: Certainty, truth: np.ndarray, table: np.ndarray, tie: np.ndarray) -> None:
        """Enters one world: `table` and `truth` are the larger the better, `tie` settles equal places of the table."""
        rows = list(certainty.partners.values())
        rank = (-truth).argsort().argsort() + 1
        count, size = len(rows), certainty.group_size
        self.covered.append(float(np.mean([row.low <= own <= row.high for row, own in zip(rows, rank, strict=True)])))
        self.content.append(float(np.mean([row.content for row in rows])))
        held = [row.expected.low <= own <= row.expected.high for row, own in zip(rows, truth, strict=True)]
        self.value_covered.append(float(np.mean(held)))
        place = np.lexsort((tie, -table)).argsort() + 1
        for side, inside in (("top", lambda r: r <= size), ("bottom", lambda r: r > count - size)):
            self.chance[side].append(np.array([getattr(row, f"p_{side}") for row in rows]))
            self.member[side].append(inside(rank))
            self.table[side].append(inside(place))
        self.near.append(rank > count - int(0.3 * count))
        ranks = {name: 1 + int((table > own).sum()) for name, own in zip(certainty.partners, table, strict=True)}
        found = wrong_share(certainty, ranks)
        self.claimed["table"].append((found.bottom_of_table.named, found.bottom_of_table.wrong or 0.0))
        self.claimed["sure"].append((found.surely_bottom.named, found.surely_bottom.wrong or 0.0))

    def figures(self) -> Figures:
        chance, member, table = (
            {side: np.concatenate(own) for side, own in of.items()} for of in (self.chance, self.member, self.table)
        )
        sure = {side: own >= SURE for side, own in chance.items()}
        errors = {side: _errors(chance[side], member[side]) for side in chance}
        right = {side: member[side][sure[side]] for side in chance}
        return Figures(
            coverage=float(np.mean(self.covered)),
            content=float(np.mean(self.content)),
            value_coverage=float(np.mean(self.value_covered)),
            expected_error=max(errors[side][0] for side in errors),
            worst_bin=max(errors[side][1] for side in errors),
            named=int(sure["bottom"].sum()),
            end_wrong=1 - float(np.mean(right["bottom"])),
            end_far=1 - float(np.mean(np.concatenate(self.near)[sure["bottom"]])),
            end_found=float(right["bottom"].sum() / member["bottom"].sum()),
            table_end_wrong=1 - float(np.mean(member["bottom"][table["bottom"]])),
            double_wrong=1 - float(np.mean(right["top"])),
            double_found=float(right["top"].sum() / member["top"].sum()),
            table_double_wrong=1 - float(np.mean(member["top"][table["top"]])),
            claimed_end_wrong=_weighted(self.claimed["sure"]),
            claimed_table_end_wrong=_weighted(self.claimed["table"]),
        )


def _weighted(claims: list[tuple[int, float]]) -> float:
    named = sum(n for n, _ in claims)
    return sum(n * wrong for n, wrong in claims) / named if named else float("nan")


def _errors(chance: np.ndarray, member: np.ndarray) -> tuple[float, float]:
    """Expected calibration error over ten bins, and that of the worst bin, those of too few partners aside."""
    least = max(200, chance.size // 70)
    found = np.minimum((chance * 10).astype(int), 9)
    off = [
        (int((found == b).sum()), abs(float(chance[found == b].mean() - member[found == b].mean())))
        for b in np.unique(found)
    ]
    return sum(n * e for n, e in off) / chance.size, max([e for n, e in off if n >= least], default=0.0)


@dataclass(frozen=True)
class Figures:
    """Shares; `…_wrong`: of those named, not truly in the outer fifth; `end_far`: not even in the bottom 30 %."""

    coverage: float
    content: float
    value_coverage: float
    expected_error: float
    worst_bin: float
    named: int
    end_wrong: float
    end_far: float
    end_found: float
    table_end_wrong: float
    double_wrong: float
    double_found: float
    table_double_wrong: float
    claimed_end_wrong: float
    claimed_table_end_wrong: float

    def failures(self, acceptance: str) -> list[str]:
        """Which demands are missed; see docs/ranking.md for what is demanded of which worlds."""
        few = acceptance == "few"
        demands: dict[str, bool] = {
            "coverage ≥ 0.90": self.coverage >= 0.90,
            "coverage within 0.025 of content": abs(self.coverage - self.content) <= 0.025,
            "bins": self.worst_bin <= (0.03 if acceptance == "base" else 0.10),
            "sure is true": self.end_wrong <= (0.20 if few else 0.12) and self.double_wrong <= (0.20 if few else 0.12),
            "end wrong": self.end_wrong <= (0.16 if few else 0.10),
            "end wrong ≤ ⅓ of the table's": self.end_wrong <= self.table_end_wrong / 3,
            "end far": self.end_far <= (0.05 if few else 0.03),
            "claimed is true": abs(self.claimed_end_wrong - self.end_wrong) <= 0.05
            and abs(self.claimed_table_end_wrong - self.table_end_wrong) <= 0.05,
        }
        return [name for name, met in demands.items() if not met]


def tallied(
    setting: Setting, worlds: int, seed: int, judge: Callable[[Evidence], Certainty | None] = rank_certainty
) -> Figures:
    """The figures of so many worlds of a kind, seeded by kind and number."""
    tally = Tally()
    for number in range(worlds):
        rng = np.random.default_rng([seed, number, *setting.name.encode()])
        own = world(setting, rng)
        certainty = judge(own.evidence)
        if certainty is not None:
            tally.add(certainty, own.truth, own.table, rng.random(setting.partners))
    return tally.figures()


def win_rates_tallied(partners: int, strength: float, worlds: int, seed: int) -> Figures:
    """The same for ranks by win rate: true rates from Beta(m s, (1 − m) s), very unequal numbers of closed deals."""
    tally = Tally()
    for number in range(worlds):
        rng = np.random.default_rng([seed, number, partners, int(strength)])
        truth = rng.beta(0.25 * strength, 0.75 * strength, partners)
        closed = 1 + rng.poisson(rng.lognormal(np.log(12), 1, partners))
        wins = rng.binomial(closed, truth)
        certainty = win_rate_certainty([f"P{i}" for i in range(partners)], wins, closed)
        if certainty is not None:
            tally.add(certainty, truth, wins / closed, rng.random(partners))
    return tally.figures()


HEAD = ("world", "covers", "content", "value", "ECE", "bin", "named", "end ✗", "far ✗", "found", "table ✗")
HEAD += ("claim", "t.claim", "dbl ✗", "found", "table ✗", "")


def line(name: str, own: Figures, acceptance: str) -> str:
    shares = (own.coverage, own.content, own.value_coverage, own.expected_error, own.worst_bin)
    end = (own.end_wrong, own.end_far, own.end_found, own.table_end_wrong, own.claimed_end_wrong)
    double = (own.claimed_table_end_wrong, own.double_wrong, own.double_found, own.table_double_wrong)
    cells = [f"{v:.3f}" for v in shares] + [str(own.named)] + [f"{v:.3f}" for v in (*end, *double)]
    verdict = ", ".join(own.failures(acceptance)) or "holds"
    if acceptance == "stress":
        verdict = f"({verdict})"
    return "  ".join([f"{name:<22}", *(f"{cell:>7}" for cell in cells), verdict])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=2025)
    parser.add_argument("--only", default="", help="kinds of world whose name contains this")
    args = parser.parse_args()
    print("  ".join([f"{HEAD[0]:<22}", *(f"{name:>7}" for name in HEAD[1:])]))
    for setting in SETTINGS:
        if args.only in setting.name:
            worlds = args.worlds * setting.times
            print(line(setting.name, tallied(setting, worlds, args.seed), setting.acceptance), flush=True)
    for partners in (20, 60):
        for strength in (3, 10, 30, 100):
            name = f"win rate {partners}, s = {strength}"
            if args.only in name:
                print(line(name, win_rates_tallied(partners, strength, args.worlds, args.seed), "stress"), flush=True)


if __name__ == "__main__":
    main()
