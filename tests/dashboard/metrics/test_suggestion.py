"""Is only suggested what the probabilities carry, and is a wait said where only the table speaks?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import NOTHING
from dashboard.metrics.certainty import RankCertainty
from dashboard.metrics.ranking import Group, Place, Reason
from dashboard.metrics.suggestion import Suggested, Suggestion, Why, suggest

FIRST, MIDDLE, LAST = Place(1, Group.TOP, ()), Place(20, Group.MIDDLE, ()), Place(60, Group.BOTTOM, ())


def sure(top: float, bottom: float) -> RankCertainty:
    return RankCertainty(1, 60, 0.93, top, bottom, NOTHING)


@pytest.mark.parametrize(
    ("place", "top", "bottom", "expected"),
    [
        (FIRST, 0.8, 0.0, Suggested(Suggestion.DOUBLE, Why.SURELY_TOP, 0.8)),
        (FIRST, 0.79, 0.0, Suggested(Suggestion.WAIT, Why.NOT_SURELY_TOP, 0.79)),
        (LAST, 0.0, 0.8, Suggested(Suggestion.END, Why.SURELY_BOTTOM, 0.8)),
        (LAST, 0.0, 0.79, Suggested(Suggestion.WAIT, Why.NOT_SURELY_BOTTOM, 0.79)),
        # The table's group does not matter where the probability is high: a tie may have kept it out.
        (MIDDLE, 0.0, 0.95, Suggested(Suggestion.END, Why.SURELY_BOTTOM, 0.95)),
        (MIDDLE, 0.25, 0.25, Suggested(Suggestion.KEEP, Why.IN_THE_MIDDLE, 0.5)),
    ],
)
def test_rules(place: Place, top: float, bottom: float, expected: Suggested) -> None:
    assert suggest(place, sure(top, bottom), eqls_in_period=0) == expected


@pytest.mark.parametrize(("top", "bottom"), [(0.9, 0.0), (0.0, 0.9)])
def test_both_actions_wait_for_fifty_eqls_where_that_is_asked(top: float, bottom: float) -> None:
    assert suggest(MIDDLE, sure(top, bottom), 49, needs_50_eqls=True) == Suggested(
        Suggestion.WAIT, Why.TOO_FEW_EQLS, 0.9
    )
    assert suggest(MIDDLE, sure(top, bottom), 50, needs_50_eqls=True).suggestion in {Suggestion.DOUBLE, Suggestion.END}
    assert suggest(MIDDLE, sure(0.3, 0.3), 0, needs_50_eqls=True).suggestion is Suggestion.KEEP


def test_without_events_everybody_waits() -> None:
    for place in (FIRST, MIDDLE, LAST):
        assert suggest(place, None, 1000) == Suggested(Suggestion.WAIT, Why.TOO_FEW_EVENTS, None)


def test_who_is_not_ranked_gets_no_suggestion() -> None:
    assert suggest(Place(None, None, (Reason.NOT_ACTIVE,)), None, 1000) is None


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([FIRST, MIDDLE, LAST]), st.integers(0, 100), st.booleans())
def test_nobody_is_ended_or_doubled_on_less_than_it_takes(
    top: float, rest: float, place: Place, eqls: int, needs: bool
) -> None:
    certainty = sure(top, (1 - top) * rest)
    found = suggest(place, certainty, eqls, needs)
    assert (found.suggestion is Suggestion.DOUBLE) == (certainty.p_top >= 0.8 and (eqls >= 50 or not needs))
    assert (found.suggestion is Suggestion.END) == (certainty.p_bottom >= 0.8 and (eqls >= 50 or not needs))
    assert 0 <= found.probability <= 1
