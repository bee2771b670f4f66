"""Are attributes, tags and signals compared with the right leads, all tests held to one false discovery rate?"""

from __future__ import annotations

import polars as pl
import pytest

from dashboard.domain import Stage
from dashboard.metrics.converting import converting
from dashboard.metrics.discovery import benjamini_hochberg, two_proportions
from dashboard.metrics.intervals import newcombe, rate

STAGES = ("mql", "eql", "sql", "opportunity", "won")


def cells(*rows: tuple[str, str, int, int]) -> pl.DataFrame:
    """(attribute, value, leads, won)."""
    return pl.DataFrame(
        [{"attribute": a, "value": v, "leads": n} | dict.fromkeys(STAGES, k) for a, v, n, k in rows],
        schema={"attribute": pl.String, "value": pl.String, "leads": pl.Int64} | dict.fromkeys(STAGES, pl.Int64),
    )


def test_worked_example() -> None:
    """100 leads, 20 won. A demo: 40 leads, 16 won; without 60, 4 won. The stack of 50 (15 won) is known: 30 use a CRM
    (12 won), 20 of the known do not (3 won). The industry of 60 is known: 25 retail (2 won), 35 software (14 won)."""
    found = converting(
        cells(
            ("all", "", 100, 20),
            ("signal", "demo", 40, 16),
            ("tech_stack", "crm", 30, 12),
            ("tech_stack_known", "yes", 50, 15),
            ("industry", "retail", 25, 2),
            ("industry", "software", 35, 14),
        ),
        Stage.WON,
    )
    by_title = {(each.attribute, each.value): each for each in found}
    demo, crm = by_title["signal", "demo"], by_title["tech_stack", "crm"]
    assert (demo.with_, demo.without) == (rate(16, 40), rate(4, 60))
    assert demo.difference == newcombe(16, 40, 4, 60) and demo.unknown.n == 0
    assert (crm.with_, crm.without, crm.unknown) == (rate(12, 30), rate(3, 20), rate(5, 50))
    assert by_title["industry", "retail"].without == rate(14, 35)
    # Four lines, three tests: retail against software is one.
    p = [two_proportions(16, 40, 4, 60), two_proportions(12, 30, 3, 20), two_proportions(2, 25, 14, 35)]
    assert [demo.q, crm.q, by_title["industry", "retail"].q] == pytest.approx(list(benjamini_hochberg(p)))
    assert by_title["industry", "retail"].q == by_title["industry", "software"].q
    assert len(found) == 4


def test_without_leads_there_is_nothing_to_compare() -> None:
    assert converting(cells(), Stage.WON) == []
    assert converting(cells(("all", "", 0, 0)), Stage.WON) == []


def test_groups_too_small_are_shown_but_not_tested() -> None:
    (found,) = converting(cells(("all", "", 100, 20), ("signal", "rare", 19, 19)), Stage.SQL)
    assert found.with_ == rate(19, 19) and found.p is None and not found.discovered
