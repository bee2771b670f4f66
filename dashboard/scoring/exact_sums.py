"""How are rows of whole numbers summed by group, fast and to the last cent?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

# Whole numbers are exact in floats up to here, and floats are added up several at a time.
EXACT = 2**53


def summands(rows: NDArray[np.int64]) -> NDArray[np.float64] | NDArray[np.int64]:
    """Rows of numbers, one an object, ready for `summed`: floats where no sum can leave their exact range.

    Shape (objects, numbers); no sum may leave an int64.
    """
    # Float sums are off by far less than the factor of two that is left here.
    floats = np.ascontiguousarray(rows, dtype=np.float64)
    exact = np.abs(floats).sum(axis=0).max(initial=0.0) < EXACT / 2
    return floats if exact else np.ascontiguousarray(rows)


def summed(rows: NDArray[np.float64] | NDArray[np.int64], groups: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """Sums of `summands` by group, shape (groups, numbers); `groups` names the group of each row."""
    ends = np.arange(len(rows) + 1, dtype=np.int32)
    belongs = csc_array(
        (np.ones(len(rows), dtype=rows.dtype), groups.astype(np.int32, copy=False), ends), shape=(count, len(rows))
    )
    return np.asarray(belongs @ rows, dtype=np.int64)
