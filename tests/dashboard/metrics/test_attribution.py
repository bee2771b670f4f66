"""Do two rules beside each other differ by nothing in sum, and does a missing cent show?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import UserError
from dashboard.metrics.attribution import Attribution, Deals, Line, gaps, moved, side_by_side
from dashboard.metrics.attribution_rules import (
    DEFAULT,
    FALLBACKS,
    FIFTHS,
    MEANINGS,
    NAMES,
    Base,
    Kind,
    Options,
    Role,
    Rule,
)


def found(*credits: dict[Rule, int]) -> Attribution:
    """Lines of each kind with the given credits."""
    lines = [
        Line(kind, f"K{number}", None, True, dict.fromkeys(Rule, 0) | own, 12)
        for kind in Kind
        for number, own in enumerate(credits)
    ]
    total = sum(own.get(Rule.SOURCE, 0) for own in credits)
    parts = Deals(1, total), Deals(0, 0), Deals(0, 0), Deals(1, total)
    return Attribution(Base.ARR, DEFAULT, tuple(lines), *parts, unconverted=0)


def same(cents: int) -> dict[Rule, int]:
    return dict.fromkeys(Rule, cents)


def test_what_changes_hands_between_two_rules() -> None:
    result = found(same(100) | {Rule.LAST: 40}, same(0) | {Rule.LAST: 50}, same(7) | {Rule.LAST: 17})
    pairs = side_by_side(result, Kind.PARTNER, Rule.FIRST, Rule.LAST)
    assert [(pair.line.key, pair.difference) for pair in pairs] == [("K0", -60), ("K1", 50), ("K2", 10)]
    assert moved(result, Kind.PARTNER, Rule.FIRST, Rule.LAST) == 60
    assert gaps(result) == {}


def test_a_missing_cent_shows_where_it_is_missing() -> None:
    result = found(same(100) | {Rule.TIME_DECAY: 99}, same(5))
    assert gaps(result) == {(kind, Rule.TIME_DECAY): -1 for kind in Kind}


shares = st.lists(st.integers(0, 10**12), min_size=1, max_size=8)


@given(shares, st.randoms(use_true_random=False))
def test_differences_add_up_to_nothing(cents: list[int], chance: object) -> None:
    other = cents.copy()
    chance.shuffle(other)  # type: ignore[attr-defined]
    result = found(*(same(a) | {Rule.LAST: b} for a, b in zip(cents, other, strict=True)))
    pairs = side_by_side(result, Kind.ASSET, Rule.LINEAR, Rule.LAST)
    assert sum(pair.difference for pair in pairs) == 0
    assert moved(result, Kind.ASSET, Rule.LINEAR, Rule.LAST) == sum(abs(p.difference) for p in pairs) // 2
    sizes = [abs(pair.difference) for pair in pairs]
    assert sizes == sorted(sizes, reverse=True)


def test_few_deals_are_marked() -> None:
    line = found(same(1)).lines[0]
    assert not line.few
    assert Line(line.kind, "K", None, True, line.cents, 9).few


def test_every_rule_says_what_it_does_and_what_where_it_cannot() -> None:
    assert set(NAMES) == set(MEANINGS) == set(FALLBACKS) == set(Rule)
    for fifths in FIFTHS.values():
        assert sum(fifths.values()) == 5
        assert {Role.FIRST, Role.LAST} < set(fifths)


@pytest.mark.parametrize("days", [0.0, 0.99, 3651.0, float("nan"), float("inf")])
def test_a_half_life_out_of_range_is_refused(days: float) -> None:
    with pytest.raises(UserError, match="half-life"):
        Options(half_life_days=days)
