"""Do the sums of the cost table agree, whichever way they are taken?"""

from __future__ import annotations

from math import fsum, isclose

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.metrics.cost_table import CATEGORIES, CostKind, Share, added, cost_table

CELL = st.tuples(
    st.sampled_from(CATEGORIES), st.sampled_from(list(CostKind)), st.integers(-10**9, 10**9), st.integers(1, 9),
    st.integers(0, 9),
)  # fmt: skip


@settings(max_examples=1_000)
@given(st.lists(CELL, max_size=21, unique_by=lambda cell: cell[:2]))
def test_sums_agree_for_a_thousand_tables(cells: list[tuple[str, CostKind, int, int, int]]) -> None:
    rows = [(c, k.value, cents / 100 if lacking < n else 0.0, n, min(lacking, n)) for c, k, cents, n, lacking in cells]
    schema = {"category": pl.String, "kind": pl.String, "cost": pl.Float64, "rows": pl.Int64, "unconverted": pl.Int64}
    table = cost_table(pl.DataFrame(rows, schema, orient="row"))
    whole = fsum(row[2] for row in rows)
    for parts in (
        [table.total],
        [table.of_kind(kind) for kind in CostKind],
        [table.of_category(category) for category in CATEGORIES],
        [table.programme, table.of_kind(CostKind.CHANNEL)],
        [table.cell(category, kind) for category in CATEGORIES for kind in CostKind],
    ):
        assert isclose(fsum(part.cost or 0.0 for part in parts), whole, rel_tol=1e-12, abs_tol=1e-6)
        assert sum(part.rows for part in parts) == sum(row[3] for row in rows)
        assert sum(part.unconverted for part in parts) == sum(row[4] for row in rows)


def test_no_row_is_no_cost_and_not_a_cost_of_0() -> None:
    assert added([]) == Share(None, 0, 0)
    assert added([Share(None, 2, 2), Share(None)]) == Share(None, 2, 2)
    assert added([Share(None, 1, 1), Share(0.0, 1)]) == Share(0.0, 2, 1)
