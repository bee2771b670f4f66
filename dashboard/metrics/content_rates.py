"""How many EQLs does an asset of a kind bring in a quarter, when a few partners bring most of them?

The rate of a group (a kind, an origin, an age) is its EQLs ÷ its asset-quarters, a ratio estimate whose partners are
the clusters: a partner's EQLs vary about rate × asset-quarters with variance mean + c² mean², c being learned from all
groups together, for in a small one it cannot be seen. Log rates of the groups are then drawn to a common mean, so that
small groups lean on the others: normal, the spread between groups integrated out on a grid. With fewer than three
groups each stands alone. Source: Cochran, Sampling Techniques, 3rd ed., ch. 6 (ratio estimates); Lawless 1987,
doi:10.2307/3314912 (variance of counts); Gelman et al., Bayesian Data Analysis, 3rd ed., section 5.4 (partial pooling).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, logsumexp

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.intervals import Z95

FEWEST_GROUPS = 3
ROUNDING = 1e-12
# The spread of the groups' log rates, flat.
SPREAD = np.linspace(0.02, 1.6, 60)
# shape^-½ of how assets of one kind differ, flat: 2 is a coefficient of variation of 200 %.
OVERDISPERSION = np.linspace(0.02, 4.0, 60)


@dataclass(frozen=True, slots=True)
class Group:
    """EQLs and asset-quarters by partner, and how many assets they are."""

    eqls: np.ndarray
    quarters: np.ndarray
    assets: int


def group_rates(groups: Mapping[str, Group]) -> dict[str, Estimate]:
    """EQLs per asset-quarter of each group with its 95 % interval, n = assets; none without exposure or any EQL."""
    known = {name: own for name, own in groups.items() if own.quarters.sum() > 0}
    if not sum(own.eqls.sum() for own in known.values()):
        return dict.fromkeys(groups, NOTHING)
    pooled = sum(own.eqls.sum() for own in known.values()) / sum(own.quarters.sum() for own in known.values())
    # Half an EQL at the pooled rate keeps the logarithm of a group without any.
    rate = np.array([(own.eqls.sum() + 0.5) / (own.quarters.sum() + 0.5 / pooled) for own in known.values()])
    variance = _relative_variances(list(known.values()), rate)
    middle, deviation = _drawn_together(np.log(rate), variance)
    low, high = middle - Z95 * deviation, middle + Z95 * deviation
    bounds = zip(np.exp(middle).tolist(), np.exp(low).tolist(), np.exp(high).tolist(), strict=True)
    found = {name: Estimate(*own, groups[name].assets) for name, own in zip(known, bounds, strict=True)}
    return {name: found.get(name, NOTHING) for name in groups}


@dataclass(frozen=True, slots=True)
class Past:
    """What assets brought before: EQLs, and how many an ordinary asset of their kind would have brought."""

    eqls: np.ndarray
    expected: np.ndarray


def silence(eqls: np.ndarray, expected: np.ndarray, past: Past | None = None) -> np.ndarray:
    """Each asset's probability to bring nothing where `expected` EQLs are, at the overdispersion that all assets show.

    With its `past`, an asset's own rate is taken to last: what brought much is less likely to fall silent. The shape of
    the gamma is averaged over its posterior on a grid, shape^-½ flat.
    """
    if not len(eqls):
        return np.zeros(0)
    shape = OVERDISPERSION**-2.0
    safe = np.maximum(expected, 1e-12)
    log_density = np.array([_negative_binomial(eqls, safe, own).sum() for own in shape])
    weight = np.exp(log_density - logsumexp(log_density))
    seen, due = (0.0, 0.0) if past is None else (past.eqls[None, :], past.expected[None, :])
    own, rate = shape[:, None] + seen, shape[:, None] + due
    return np.asarray(weight @ (rate / (rate + expected[None, :])) ** own)


def _negative_binomial(counts: np.ndarray, mean: np.ndarray, shape: float) -> np.ndarray:
    """Log probability of counts but for their factorials."""
    fixed = gammaln(counts + shape) - gammaln(shape) + shape * np.log(shape)
    return np.asarray(fixed + counts * np.log(mean) - (counts + shape) * np.log(mean + shape))


def _relative_variances(groups: Sequence[Group], rate: np.ndarray) -> np.ndarray:
    """Variance of each group's log rate: that of its ratio estimate by the delta method."""
    means = [own.quarters * each for own, each in zip(groups, rate, strict=True)]
    beyond = sum(((own.eqls - mean) ** 2 - mean).sum() for own, mean in zip(groups, means, strict=True))
    # A group's own rate follows its partners and hides a part of how they differ: a degree of freedom a group.
    square = sum((mean**2).sum() - (mean**3).sum() / mean.sum() for mean in means)
    # Where each group has one partner alone nothing tells how partners differ: 0, but for what is left of roundings.
    told = square > ROUNDING * sum((mean**2).sum() for mean in means)
    unlike = max(0.0, float(beyond / square)) if told else 0.0
    return np.array([(mean.sum() + unlike * (mean**2).sum()) / mean.sum() ** 2 for mean in means])


def _drawn_together(log_rate: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means and standard deviations of the groups' log rates."""
    if len(log_rate) < FEWEST_GROUPS:
        return log_rate, np.sqrt(variance)
    total = variance[None, :] + SPREAD[:, None] ** 2
    precision = (1 / total).sum(axis=1)
    centre = (log_rate / total).sum(axis=1) / precision
    misfit = (log_rate - centre[:, None]) ** 2 / total
    log_density = -(np.log(total).sum(axis=1) + np.log(precision) + misfit.sum(axis=1)) / 2
    weight = np.exp(log_density - logsumexp(log_density))
    own = SPREAD[:, None] ** 2 / total
    mean = own * log_rate + (1 - own) * centre[:, None]
    spread = own * variance + (1 - own) ** 2 / precision[:, None]
    middle = weight @ mean
    return middle, np.sqrt(weight @ (spread + mean**2) - middle**2)
