"""How are whole numbers summed by group, fast and to the last cent?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# NumPy sums by group in floats of 53 bits. Rows whose sums could need more are split into two parts that do not, for
# up to 2**27 numbers.
EXACT = 2**53
LOW_BITS = 26


@dataclass(frozen=True, slots=True, eq=False)
class Summands:
    """Rows of whole numbers, as floats; of rows with large sums only the low bits, the high ones in `high` by row."""

    rows: NDArray[np.float64]
    high: dict[int, NDArray[np.float64]]

    def by(self, places: NDArray[np.intp], groups: int) -> NDArray[np.int64]:
        """The sums of every row by group, shape (rows, groups); `places` names each number's group."""
        found = np.empty((len(self.rows), groups), np.int64)
        for row, values in enumerate(self.rows):
            found[row] = np.bincount(places, values, groups)
            if row in self.high:
                found[row] += np.bincount(places, self.high[row], groups).astype(np.int64) << LOW_BITS
        return found


def summands(values: NDArray[np.int64]) -> Summands:
    """Rows of numbers, shape (rows, numbers), none of whose sums leaves an int64."""
    rows = values.astype(np.float64)
    high = {}
    # Sums of floats are off by far less than the factor of two that is left here.
    for row in np.flatnonzero(np.abs(rows).sum(axis=1) >= EXACT / 2):
        high[int(row)] = (values[row] >> LOW_BITS).astype(np.float64)
        rows[row] = values[row] & ((1 << LOW_BITS) - 1)
    return Summands(rows, high)
