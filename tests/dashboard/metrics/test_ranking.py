"""Are ranks, ties and outer groups those that a person would write down?"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.metrics.ranking import Group, Reason, rank, reasons_against

VALUES = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.one_of(st.none(), st.integers(0, 6).map(float), st.floats(0, 1e6)),
    max_size=40,
)


def ranked(values: dict[str, float | None], ascending: bool = False):
    return rank(values, {k: () if v is not None else (Reason.NO_VALUE,) for k, v in values.items()}, ascending)


def test_equal_values_share_the_better_rank() -> None:
    places = ranked({"a": 9.0, "b": 7.0, "c": 7.0, "d": 5.0, "e": None}).places
    assert [places[k].rank for k in "abcde"] == [1, 2, 2, 4, None]
    assert places["e"].reasons == (Reason.NO_VALUE,)


def test_a_fifth_is_rounded_down() -> None:
    """Nine eligible: ⌊1.8⌋ = 1 in each outer group; four: none."""
    nine = ranked({str(i): float(i) for i in range(9)})
    assert (nine.group_size, nine.members(Group.TOP), nine.members(Group.BOTTOM)) == (1, ["8"], ["0"])
    four = ranked({str(i): float(i) for i in range(4)})
    assert {place.group for place in four.places.values()} == {Group.MIDDLE}


def test_a_block_across_the_border_stays_outside_whole() -> None:
    """Ten eligible, groups of 2. Values 9 8 8 7 6 5 4 3 0 0: the two 8s hold ranks 2 and 3, so the top is 9 alone;
    the two 0s hold ranks 9 and 10 and fit."""
    found = ranked(dict(zip("abcdefghij", [9.0, 8.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 0.0, 0.0], strict=True)))
    assert found.members(Group.TOP) == ["a"]
    assert found.members(Group.BOTTOM) == ["i", "j"]


def test_three_zeros_at_the_bottom_of_ten_end_nobody() -> None:
    found = ranked(dict(zip("abcdefghij", [9.0, 8.5, 8.0, 7.0, 6.0, 5.0, 4.0, 0.0, 0.0, 0.0], strict=True)))
    assert found.members(Group.BOTTOM) == []


def test_everybody_alike_is_in_no_outer_group() -> None:
    found = ranked({str(i): 3.0 for i in range(20)})
    assert {(place.rank, place.group) for place in found.places.values()} == {(1, Group.MIDDLE)}


def test_costs_rank_ascending() -> None:
    assert [ranked({"a": 9.0, "b": 2.0}, ascending=True).places[k].rank for k in "ab"] == [2, 1]


def test_the_ineligible_move_nobody() -> None:
    values = {"a": 9.0, "b": 8.0, "c": 7.0}
    found = rank(values, {"a": (Reason.NOT_ACTIVE,), "b": (), "c": ()})
    assert [found.places[k].rank for k in "abc"] == [None, 1, 2]
    assert found.eligible == 2


@pytest.mark.parametrize(
    ("status", "joined", "value", "expected"),
    [
        ("active", date(2025, 7, 1), 0.0, ()),
        ("active", date(2025, 7, 2), 1.0, (Reason.JOINED_TOO_LATE,)),
        ("paused", None, None, (Reason.NOT_ACTIVE, Reason.JOIN_DATE_UNKNOWN, Reason.NO_VALUE)),
    ],
)
def test_reasons(status: str, joined: date | None, value: float | None, expected: tuple) -> None:
    assert reasons_against(status, joined, date(2025, 7, 1), value) == expected


@given(VALUES, st.randoms())
def test_names_and_their_order_do_not_matter(values: dict[str, float | None], random: object) -> None:
    names = list(values)
    random.shuffle(names)
    other = ranked({f"x{name}": values[name] for name in names}).places
    for name, place in ranked(values).places.items():
        assert other[f"x{name}"] == place


@given(VALUES)
def test_a_rank_is_one_more_than_the_number_of_better_ones(values: dict[str, float | None]) -> None:
    found = ranked(values)
    eligible = [v for v in values.values() if v is not None]
    for name, place in found.places.items():
        if place.rank is not None:
            assert place.rank == 1 + sum(v > values[name] for v in eligible)
    for group in (Group.TOP, Group.BOTTOM):
        assert len(found.members(group)) <= found.group_size == len(eligible) // 5
