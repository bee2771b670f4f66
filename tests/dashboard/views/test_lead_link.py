"""Does a link ask for what it says, and is what cannot be read left out with a note?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import Stage
from dashboard.metrics.performance import Selection
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.views.lead_link import PARAMETERS, Asked, Stop, read_link, read_stop, stop_text
from data_access.lead_list import LeadQuery, Place

SETTINGS = Settings()
QUARTER = parse_period("2026-Q3", SETTINGS)


def read(everybody: bool = False, chosen: Selection | None = None, **link: str | Sequence[str]) -> Asked:
    lists = {name: [value] if isinstance(value, str) else value for name, value in link.items()}
    return read_link(lists, QUARTER, chosen or Selection(), lambda: everybody, ["P1", "P2"], SETTINGS)


def test_everything_that_a_link_may_say() -> None:
    asked = read(
        reached="eql", missing="won", cohort="2026-Q2", of="P1", group="channel", attribute="industry",
        value=["paid_search", "Media"], signal="demo_request", fails=["icp", "score"], passes="ecosystem",
        sourced="all",
    )  # fmt: skip
    assert asked.notes == () and asked.period.label == "2026-Q2"
    assert asked.query == LeadQuery(
        sourced=False, reached=Stage.EQL, missing=Stage.WON, of="P1", group="channel", group_value="paid_search",
        attribute="industry", attribute_value="Media", signal="demo_request", fails=("icp", "score"),
        passes=("ecosystem",),
    )  # fmt: skip


def test_an_empty_link_asks_for_the_leads_of_partners() -> None:
    assert read() == Asked(QUARTER, LeadQuery())
    assert read(everybody=True).query == LeadQuery(sourced=False)
    assert read(everybody=True, sourced="partner").query == LeadQuery()


def test_filters_apply_and_an_unset_channel_is_a_missing_one() -> None:
    query = read(chosen=Selection(frozenset({"P1"}), frozenset({"", "email"}))).query
    assert query.partners == {"P1"} and query.channels == {None, "email"}


@pytest.mark.parametrize(
    ("value", "size"),
    [("50-199", (50, 199)), ("50–199", (50, 199)), ("5000+", (5000, None)), ("1,000-4,999", (1000, 4999))],
)
def test_sizes(value: str, size: tuple[int, int | None]) -> None:
    assert read(attribute="size", value=value).query.size == size


def test_an_empty_value_is_a_missing_one() -> None:
    assert read(attribute="size", value="").query == LeadQuery(attribute="size")
    assert read(group="tier", value="").query == LeadQuery(group="tier")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("reached", "gold", "known are lead, mql"),
        ("missing", "lead", "known are mql"),
        ("cohort", "banana", "no period"),
        ("cohort", "2026-Q9", "no period"),
        ("of", "P9", "no such partner"),
        ("group", "zodiac", "known are type"),
        ("group", "tier", "needs a value"),
        ("attribute", "size", "needs a value"),
        ("fails", "luck", "known are overlap, icp"),
        ("passes", "<img src=x>", "known are"),
        ("sourced", "maybe", "known are partner, all"),
    ],
)
def test_what_cannot_be_read_is_left_out_with_a_note(name: str, value: str, why: str) -> None:
    asked = read(**{name: value})
    assert (asked.period, asked.query) == (QUARTER, LeadQuery())
    assert len(asked.notes) == 1 and f"{name} “{value}”" in asked.notes[0] and why in asked.notes[0]


@given(
    st.dictionaries(
        st.sampled_from(PARAMETERS),
        st.lists(st.sampled_from(["", "\x00", "size", "asset", "a\x00b", "1-2"]) | st.text(max_size=300), max_size=3),
    )
)
def test_no_link_breaks_the_page(link: dict[str, list[str]]) -> None:
    asked = read_link(link, QUARTER, Selection(), lambda: False, ["P1"], SETTINGS)
    texts = [getattr(asked.query, name) for name in asked.query.__slots__]
    assert not any("\x00" in text for text in texts if isinstance(text, str)), "Postgres takes no such text"


def test_the_place_in_the_list_survives_the_link_and_belongs_to_its_list() -> None:
    asked, other = read(reached="eql"), read(reached="sql")
    place = Place(datetime(2026, 9, 16, 7, 4, 51, 5, tzinfo=UTC), "L~1~ü")
    for stop in (Stop(100, after=place), Stop(200, before=place)):
        assert read_stop(asked, stop_text(asked, stop)) == stop
        assert read_stop(other, stop_text(asked, stop)) == Stop()
    assert stop_text(asked, Stop()) == "" and read_stop(asked, None) == Stop()
    mark = stop_text(asked, Stop(1, after=place)).split("~")[0]
    for wrong in (
        "x",
        "~~~~",
        f"{mark}~1~a~yesterday~L",
        f"{mark}~1~a~2026-09-16~L",
        f"{mark}~-1~a~2026-09-16T00:00+00:00~L",
    ):
        assert read_stop(asked, wrong) == Stop()
