"""How far do worked leads reach, and what is the most that leads beyond them can bring?

Worked leads support a band of 5 points (of 100) of the active score where there are 50 of them with 3 wins in it, or in
it and its neighbours on the same side of the threshold; leads that pass the active model's gates and the others apart.
Where support ends, only a bound is left: a lead that scores lower is supposed to win no more often than those just
above the threshold (Manski 1990: monotone bounds), whose win rate is at most the upper limit of Clopper & Pearson 1934,
doi:10.1093/biomet/26.4.404.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta as beta_distribution

from dashboard.metrics.intervals import Z95
from dashboard.scoring.cells import ScoreCells, Work
from dashboard.scoring.model import ScoringModel
from dashboard.scoring.outcome_features import Floats
from dashboard.scoring.outcome_fit import tally

FEWEST_WORKED, FEWEST_WON = 50, 3
HALF = 0.5  # of the leads asked about must be supported, else no point estimate is given
UPPER = 0.975


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """Bands of the active score, the lowest first; `band[s]` is the band of score s.

    `worked`, `won`: worked leads by gates (0 closed, 1 open) and band, shape (2, bands); `supported` and `at_most`, the
    bound of the win rate, by the same. `rate`: the win rate at the threshold that bounds those below; `arr_at_most`
    bounds the mean ARR of a won lead, in cents; both None where nothing was won there.
    """

    band: NDArray[np.int64]
    threshold_band: int
    worked: Floats
    won: Floats
    supported: NDArray[np.bool_]
    at_most: Floats
    rate: float | None
    arr_at_most: float | None

    def of(self, score: NDArray[np.int16], is_open: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Floats]:
        """Of leads by active score and gates: whether supported, and the bound of the win rate."""
        band, gates = self.band[score], is_open.astype(np.int64)
        return self.supported[gates, band], self.at_most[gates, band]


def support_of(training: ScoreCells, active: ScoringModel) -> Support:
    """Support by the worked leads of mature cohorts."""
    scores = training.scored(active)
    band, first = _bands(active)
    bands = int(band[-1]) + 1
    worked = (training.work == Work.WORKED) | (training.work == Work.EXPERIMENT)
    place = (scores.open.astype(np.int64) * bands + band[scores.score])[training.code]
    leads, won, arr = (
        tally(place[worked], training.measure(name)[worked].astype(np.float64), 2 * bands).reshape(2, bands)
        for name in ("leads", "won", "arr")
    )
    squares = tally(place[worked], training.arr_squares[worked], 2 * bands).reshape(2, bands)
    reached = _reached(leads[1, first:])
    tried, had = float(leads[1, first:][:reached].sum()), float(won[1, first:][:reached].sum())
    return Support(
        band, first, leads, won, _supported(leads, won, first), _bounds(leads[1], won[1], first),
        had / tried if had else None, _dearest(won[1], arr[1], squares[1], first),
    )  # fmt: skip


def _bands(active: ScoringModel) -> tuple[NDArray[np.int64], int]:
    """The band of every score, and that which begins at the threshold."""
    top = active.fit_total + active.intent_total
    width = max(top / 20, 1.0)
    steps = np.floor((np.arange(top + 1) - active.threshold) / width).astype(np.int64)
    return steps - steps[0], int(-steps[0])


def _supported(worked: Floats, won: Floats, first: int) -> NDArray[np.bool_]:
    """By gates and band: enough worked and won in the band, or with its neighbours on the same side."""
    enough = (worked >= FEWEST_WORKED) & (won >= FEWEST_WON)
    for gates in (0, 1):
        # Leads at closed gates are all on one side: none of them qualifies, whatever its score.
        # A threshold of 0 has no side below it.
        sides = (slice(0, first), slice(first, None))[not first :] if gates else (slice(None),)
        for side in sides:
            near = [np.convolve(what[gates, side], np.ones(3), "full")[1:-1] for what in (worked, won)]
            enough[gates, side] |= (near[0] >= FEWEST_WORKED) & (near[1] >= FEWEST_WON) & (worked[gates, side] > 0)
    return np.asarray(enough)


def _bounds(worked: Floats, won: Floats, first: int) -> Floats:
    """Bound of the win rate by gates and band: below the threshold, that at the threshold."""
    bounds = np.array([_limit(worked[band:], won[band:]) for band in range(len(worked))])
    bounds[:first] = bounds[first]
    return np.tile(bounds, (2, 1))


def _reached(worked: Floats) -> int:
    """How many bands, from the first on, it takes to have 50 worked leads; all where there are fewer."""
    return min(int(np.searchsorted(np.cumsum(worked), FEWEST_WORKED)), len(worked) - 1) + 1


def _limit(worked: Floats, won: Floats) -> float:
    """Upper limit of the win rate in the first of these bands, and in as many after it as it takes to have 50 leads."""
    reached = _reached(worked)
    return upper_limit(float(won[:reached].sum()), float(worked[:reached].sum()))


def upper_limit(won: float, worked: float) -> float:
    """Upper limit of Clopper and Pearson, 97.5 %; 1 where nothing was tried or all succeeded."""
    return 1.0 if won >= worked else float(beta_distribution.ppf(UPPER, won + 1, worked - won))


def _dearest(won: Floats, arr: Floats, squares: Floats, first: int) -> float | None:
    """Upper limit of the mean ARR of leads won from the threshold on, on the log scale."""
    count, total = float(won[first:].sum()), float(arr[first:].sum())
    if count < 1 or total <= 0:
        return None
    mean = total / count
    relative = max(float(squares[first:].sum()) / count / mean**2 - 1, 0.0) if count > 1 else 1.0
    return mean * float(np.exp(Z95 * np.sqrt(relative / count)))
