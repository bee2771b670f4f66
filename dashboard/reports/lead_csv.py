"""How does a list of leads become a file? CSV with a byte order mark, batch by batch, harmless for spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import polars as pl

from dashboard.formulas import STARTS

_MARK = b"\xef\xbb\xbf"


def lead_csv(batches: Iterable[pl.DataFrame], columns: Sequence[str]) -> bytes:
    """These columns of all batches under one header, which stands there even without rows; instants in UTC."""
    out = io.BytesIO()
    out.write(_MARK + (",".join(columns) + "\n").encode())
    for rows in batches:
        ready = rows.with_columns(pl.col(pl.Datetime("us", "UTC")).dt.strftime("%Y-%m-%dT%H:%M:%SZ")).select(columns)
        out.write(ready.with_columns(_harmless(pl.col(pl.String))).write_csv(include_header=False).encode())
    return out.getvalue()


def exactly(cents: str) -> pl.Expr:
    """Cents as a decimal number in text; amounts of deals are never negative."""
    whole, rest = pl.col(cents) // 100, pl.col(cents) % 100
    return whole.cast(pl.String) + "." + rest.cast(pl.String).str.zfill(2)


def _harmless(text: pl.Expr) -> pl.Expr:
    """What `dashboard.formulas.harmless` does to one text, done to a column."""
    plain, stripped = (each.str.slice(0, 1).is_in(STARTS) for each in (text, text.str.strip_chars_start()))
    return pl.when(plain | stripped).then("'" + text).otherwise(text).name.keep()
