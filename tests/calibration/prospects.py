"""How often do predictions for pages of new partners hold, and what does the back test claim where nothing is to be
found? `python -m tests.calibration.prospects`, about half an hour on one core."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date

import numpy as np

from dashboard.metrics.prospect_model import Pages, fit
from dashboard.metrics.prospects import _rating_effect, back_test, shortest
from dashboard.metrics.summary import QUARTER_DAYS
from data_access.demonstration.options import DAY, DemoOptions
from data_access.demonstration.world import build_world

KINDS = np.array(["article", "case_study", "integration", "listing", "page", "webinar"], dtype=object)
YEAR = 365
DRAWS = 400


@dataclass(frozen=True, slots=True)
class Setting:
    """A company whose truth is known. Effects are on the logarithm: of the kinds (spread), of one standard deviation
    of the rating (`step`: all of it at the middle instead of along a line); `domain`: a partner's pages share one
    rating; `shape`: of the gamma by which single pages differ; `tails`: degrees of freedom of ln value."""

    name: str
    partners: int = 60
    pages: float = 7.0
    level: float = 0.5
    kinds: float = 0.0
    rating: float = 0.0
    step: bool = False
    domain: bool = False
    spread: float = 1.1
    shape: float = 1.0
    tails: float | None = None


SETTINGS = (
    Setting("nothing matters"),
    Setting("kind and rating matter", kinds=0.4, rating=0.5),
    Setting("rating of the domain matters", rating=0.5, domain=True),
    Setting("rating matters from a threshold on", rating=0.8, step=True),
    Setting("15 partners", partners=15, kinds=0.4, rating=0.5),
    Setting("few deals", level=0.1, kinds=0.4, rating=0.5),
    Setting("500 partners", partners=500, kinds=0.3, rating=0.3),
    Setting("pages alike", spread=0.3, shape=8.0, rating=0.3),
    Setting("pages most unlike", spread=1.4, shape=0.4, rating=0.3),
    Setting("heavy tails of deal values", tails=4.0, rating=0.3),
)


def drawn(setting: Setting, partners: int, rng: np.random.Generator, kind_effects: np.ndarray) -> Pages:
    """Pages of so many partners, out for one to four quarters of the year."""
    size = np.maximum(1, rng.poisson(setting.pages, partners))
    of = np.repeat(np.arange(partners), size)
    kind = rng.integers(0, len(KINDS), len(of))
    rating = 100 * rng.beta(3, 2.5, partners if setting.domain else len(of))
    rating = rating[of] if setting.domain else rating
    z = (rating - 54.5) / 19.5
    effect = setting.rating * (np.sign(z) if setting.step else z)
    partner = setting.spread * rng.standard_normal(partners)
    quarters = rng.uniform(1.0, 4.0, len(of))
    log_rate = np.log(setting.level) - setting.spread**2 / 2 + kind_effects[kind] + effect + partner[of]
    rate = np.exp(log_rate) * rng.gamma(setting.shape, 1 / setting.shape, len(of))
    deals = rng.poisson(rate * quarters)
    own = 10.4 + 0.3 * rng.standard_normal(partners)
    return _with_values(setting, Pages(
        KINDS[kind], np.where(rng.random(len(of)) < 0.1, np.nan, rating), of, quarters, deals.astype(float),
        own[of], np.zeros(len(of)), np.zeros(len(of)),
    ), rng)  # fmt: skip


def _with_values(setting: Setting, pages: Pages, rng: np.random.Generator) -> Pages:
    """The deals' values about the partner's mean, which stands in `log_sum`."""
    counts = pages.deals.astype(int)
    where = np.repeat(np.arange(len(pages)), counts)
    noise = rng.standard_normal(where.size)
    if setting.tails:
        noise /= np.sqrt(rng.chisquare(setting.tails, where.size) / setting.tails)
    logs = pages.log_sum[where] + 0.6 * noise
    sums = [np.bincount(where, own, len(pages)) for own in (logs, logs**2, np.exp(logs))]
    return Pages(pages.kind, pages.rating, pages.partner, pages.quarters, pages.deals, *sums)


def company_pages(options: DemoOptions) -> Pages:
    """Pages of the simulated company's partners over its last 12 months, and the deals that came of them."""
    world = build_world(options)
    assets, opened = world.assets, world.outcomes.opened
    start = options.end_day - YEAR
    asset = world.arrivals.asset
    counted = (asset >= 0) & (opened >= start * DAY) & (opened < options.cutoff) & (world.outcomes.amount > 0)
    logs = np.log(np.where(counted, world.outcomes.amount, 1.0))
    sums = [
        np.bincount(asset[counted], own[counted], len(assets))
        for own in (np.ones_like(logs), logs, logs**2, np.exp(logs))
    ]
    days = np.minimum(assets.retired, options.end_day) - np.maximum(assets.published, start)
    every = Pages(assets.kind.astype(str).astype(object), assets.rating, assets.partner, days / QUARTER_DAYS, *sums)
    return every.where((assets.partner >= 0) & (days >= 91))


def coverage(setting: Setting, worlds: int, seed: int) -> tuple[float, float, float, int]:
    """Shares of pages of partners never seen within their interval and above it, share of worlds in which the 95 %
    interval of ten points of rating holds the truth, and the number of pages."""
    rng = np.random.default_rng([seed, sum(map(ord, setting.name))])
    inside, above, right = [], [], []
    truth = setting.rating * 10 / 19.5
    for world in range(worlds):
        effects = setting.kinds * rng.standard_normal(len(KINDS))
        pages, new = (drawn(setting, count, rng, effects) for count in (setting.partners, 40))
        model = fit(pages, DRAWS, world)
        if model is None:
            continue
        low, high = shortest(model.brought(new.kind, new.rating, new.quarters, rng))
        real = new.worth / new.quarters
        inside.append((real >= low) & (real <= high))
        above.append(real > high)
        times = _rating_effect(model, pages).times
        right.append(np.log(times.low or 1.0) <= truth <= np.log(times.high or 1.0))
    together = np.concatenate(inside)
    return float(together.mean()), float(np.concatenate(above).mean()), float(np.mean(right)), len(together)


def claims(setting: Setting, worlds: int, seed: int) -> tuple[float, float, float, float, float]:
    """Shares of worlds in which the back test calls the model useful, calls it better than domain rating, and calls
    domain rating useful; mean rank correlations of model and rating."""
    rng = np.random.default_rng([seed, 1, sum(map(ord, setting.name))])
    found = []
    for world in range(worlds):
        tested = back_test(
            drawn(setting, setting.partners, rng, setting.kinds * rng.standard_normal(len(KINDS))), world
        )
        if tested is not None:
            bounds = (tested.model.low, tested.gain.low, tested.rating.low)
            found.append([*((own or 0.0) > 0 for own in bounds), tested.model.value, tested.rating.value])
    return tuple(np.mean(np.array(found, dtype=float), axis=0).tolist())


def of_companies(companies: int, partners: int, leads: int) -> tuple[float, float, float]:
    """Simulated companies: share of held-out pages within their interval, of companies where the model or the rating
    is called useful (in truth neither is)."""
    inside, model, rating = [], [], []
    for seed in range(companies):
        options = DemoOptions(leads=leads, partners=partners, seed=1000 + seed, until=date(2026, 10, 1))
        tested = back_test(company_pages(options), seed)
        if tested is not None:
            inside.append((tested.inside.value or 0.0, tested.pages))
            model.append((tested.model.low or 0.0) > 0)
            rating.append((tested.rating.low or 0.0) > 0)
    shares, pages = np.array(inside).T
    return float(shares @ pages / pages.sum()), float(np.mean(model)), float(np.mean(rating))


def main(worlds: int = 100, seed: int = 2026) -> None:
    print("own generator: inside 90 %, above, 95 % interval of the rating's effect holds, pages", flush=True)
    for setting in SETTINGS:
        few = max(10, worlds // 5) if setting.partners > 100 else worlds
        inside, above, right, pages = coverage(setting, few, seed)
        print(f"{setting.name}\t{inside:.3f}\t{above:.3f}\t{right:.2f}\t{pages}", flush=True)
    print("back test: model useful, better than rating, rating useful; mean rank correlations", flush=True)
    for setting in SETTINGS[:4]:
        print(setting.name, *(f"{value:.2f}" for value in claims(setting, worlds, seed)), sep="\t", flush=True)
    print("simulated companies: inside 90 %, model useful, rating useful", flush=True)
    for partners, leads in ((60, 40_000), (60, 8_000), (200, 60_000)):
        found = of_companies(worlds // 2, partners, leads)
        print(f"{partners} partners, {leads} leads", *(f"{value:.3f}" for value in found), sep="\t", flush=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
