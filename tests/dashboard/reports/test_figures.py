"""Are figures on paper written as on screen?"""

from __future__ import annotations

import pytest

from dashboard.domain import NOTHING, Estimate
from dashboard.reports.figures import Kind, bounds, probability, rate_with_doubt, written


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (1_234_567.0, Kind.MONEY, "$1.2\u202fM"),
        (0.0, Kind.MONEY, "$0"),
        (12_345, Kind.COUNT, "12\u202f345"),
        (0.243, Kind.RATE, "24.3\u202f%"),
        (0.873, Kind.PROBABILITY, "87\u202f%"),
        (6.12, Kind.MULTIPLE, "6.1×"),
        (41.0, Kind.DAYS, "41\u202fdays"),
        ("End", Kind.TEXT, "End"),
        ("", Kind.TEXT, ""),
    ],
)
def test_each_kind_has_its_form(value: object, kind: Kind, text: str) -> None:
    assert written(value, kind, "USD") == text


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.TEXT])
def test_nothing_is_a_dash_and_never_zero(kind: Kind) -> None:
    assert written(None, kind, "USD") == "–"


def test_what_is_simulated_is_never_certain() -> None:
    assert probability(1.0) == probability(0.9951) == ">\u202f99\u202f%"
    assert probability(0.0) == probability(0.0099) == "<\u202f1\u202f%"
    assert probability(0.99) == "99\u202f%"
    assert probability(0.01) == "1\u202f%"
    assert probability(None) == "–"


def test_bounds_of_a_rank() -> None:
    assert bounds(8, 17) == "8–17"
    assert bounds(8, 8) == "8"
    assert bounds(None, 17) == "–"


def test_a_rate_carries_its_doubt() -> None:
    assert rate_with_doubt(Estimate(0.243, 0.182, 0.31, 120)) == "24.3\u202f% (18.2–31.0\u202f%), n = 120"
    assert rate_with_doubt(NOTHING) == "–"
