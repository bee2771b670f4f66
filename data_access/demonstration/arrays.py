"""Which array types do the modules hand to each other, and how do arrays become columns?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER = np.int64(2**61)


def pick(words: Sequence[str] | pl.Series, index: Ints) -> pl.Series:
    """The word at each index; none where the index is negative."""
    series = words if isinstance(words, pl.Series) else pl.Series(list(words), dtype=pl.String)
    places = pl.Series(np.maximum(index, 0)).cast(pl.UInt32)
    return masked(series.gather(places), index >= 0)


def masked(values: pl.Series, known: Flags) -> pl.Series:
    """The values where they are known, else none."""
    return pl.select(pl.when(pl.Series(known)).then(values).otherwise(None)).to_series()


def instants(seconds: Ints, known: Flags | None = None) -> pl.Series:
    """Seconds since 1970 as instants in UTC; none where unknown, or where it never happens."""
    happens = seconds < NEVER
    series = pl.Series(np.where(happens, seconds, 0) * 1_000_000).cast(pl.Datetime("us", "UTC"))
    return masked(series, happens if known is None else happens & known)


def dates(days: Ints, known: Flags | None = None) -> pl.Series:
    """Days since 1970 as dates; none where unknown."""
    series = pl.Series(days).cast(pl.Int32).cast(pl.Date)
    return series if known is None else masked(series, known)


def keys(prefix: str, count: int, width: int = 7) -> pl.Series:
    """`count` keys that sort as they were made: prefix and a number of `width` digits, from 1."""
    numbers = pl.Series(np.arange(1, count + 1)).cast(pl.String).str.zfill(width)
    return pl.select(pl.lit(prefix) + numbers).to_series()


def frame(**columns: pl.Series) -> pl.DataFrame:
    """A table of simulated rows: the columns, and where they come from."""
    return pl.DataFrame(columns).with_columns(source=pl.lit("simulated"))


def chance(stream: np.random.Generator, probability: float | Floats, size: int) -> Flags:
    """True with the given probability, independently for each."""
    return np.asarray(stream.random(size) < probability)


def weighted(stream: np.random.Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """Indices drawn with the given weights."""
    shares = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn = np.searchsorted(shares, stream.random(size) * shares[-1], side="right")
    return np.asarray(np.minimum(drawn, len(shares) - 1), dtype=np.int64)
