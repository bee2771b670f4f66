"""Does every text that a spreadsheet would run come out as text?"""

from __future__ import annotations

import pytest

from dashboard.formulas import harmless


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", " =1", "\t=1", "\r@x"])
def test_a_formula_becomes_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_everything_else_stays() -> None:
    assert [harmless(cell) for cell in ("a=1", "", None, -1, 2.5)] == ["a=1", "", None, -1, 2.5]
