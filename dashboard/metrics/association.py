"""What goes together with converting? Each attribute's values against the rest; association, not effect."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from dashboard.domain import Estimate
from dashboard.metrics.discovery import benjamini_hochberg, two_proportions
from dashboard.metrics.intervals import Difference, newcombe, rate

# Groups smaller than this are listed with their intervals but not tested: they could hardly be discovered, and each
# test more makes all the others harder to pass.
SMALLEST_GROUP = 20
FALSE_DISCOVERY_RATE = 0.05

Group = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Association:
    """Conversion of leads with a value of an attribute and of those known to have another, with their difference.

    `unknown` is the conversion of leads of which the attribute is not known. p and q are None where a group is too
    small to be tested; `discovered` where q ≤ 5 %, over all rows of the answer.
    """

    attribute: str
    value: str
    with_: Estimate
    without: Estimate
    unknown: Estimate
    difference: Difference
    p: float | None
    q: float | None
    discovered: bool


@dataclass(frozen=True, slots=True)
class _Row:
    attribute: str
    value: str
    has: Group
    lacks: Group
    unknown: Group
    test: tuple[str, str]


def associations(
    cells: pl.DataFrame,
    total_leads: int,
    total_converted: int,
    flags: Collection[str] = (),
    smallest: int = SMALLEST_GROUP,
) -> list[Association]:
    """The largest differences that hold up first, what was not tested last.

    `cells` has columns attribute, value, leads, converted, one row for each value (null: unknown). A lead has at most
    one value of an attribute, and is unknown where it is in no row; of the attributes in `flags` (signals, tags) it
    may have any number, and nothing is unknown. An attribute with two values is one test, not two.
    ValueError where more leads have a value than there are.
    """
    rows = _rows(cells, (total_converted, total_leads), flags)
    p = [_p(row, smallest) for row in rows]
    tests = {row.test: own for row, own in zip(rows, p, strict=True)}
    adjusted = dict(zip(tests, benjamini_hochberg(list(tests.values())), strict=True))
    found = [_association(row, own, adjusted[row.test]) for row, own in zip(rows, p, strict=True)]
    return sorted(found, key=_order)


def _rows(cells: pl.DataFrame, total: Group, flags: Collection[str]) -> list[_Row]:
    known = cells.filter(pl.col("value").is_not_null())
    sums = known.group_by("attribute").agg(pl.col("converted").sum(), pl.col("leads").sum(), pl.len())
    known_of = {str(name): (int(k), int(n)) for name, k, n, _ in sums.iter_rows()}
    pairs = {str(name) for name, *_, values in sums.iter_rows() if values == 2} - set(flags)
    rows = []
    for attribute, value, k, n in known.select("attribute", "value", "converted", "leads").iter_rows():
        base = total if attribute in flags else known_of[attribute]
        lacks = (base[0] - int(k), base[1] - int(n))
        unknown = (total[0] - base[0], total[1] - base[1])
        if unknown[1] < 0:
            raise ValueError(f"{attribute}: more leads than there are have a value; does it belong to flags?")
        test = attribute, "" if attribute in pairs else value
        rows.append(_Row(attribute, value, (int(k), int(n)), lacks, unknown, test))
    return rows


def _p(row: _Row, smallest: int) -> float | None:
    if min(row.has[1], row.lacks[1]) < max(smallest, 1):
        return None
    return two_proportions(*row.has, *row.lacks)


def _association(row: _Row, p: float | None, q: float | None) -> Association:
    difference = newcombe(*row.has, *row.lacks)
    found = q is not None and q <= FALSE_DISCOVERY_RATE
    return Association(
        row.attribute, row.value, rate(*row.has), rate(*row.lacks), rate(*row.unknown), difference, p, q, found
    )


def _order(found: Association) -> tuple[bool, bool, float, str, str]:
    size = abs(found.difference.value or 0.0)
    return found.p is None, not found.discovered, -size, found.attribute, found.value
