"""Do the filters read links, offer periods, and say what is chosen?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import filters
from dashboard.filters import Filters
from dashboard.frames import Choices
from dashboard.metrics.performance import Partner
from dashboard.settings import Settings

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PARTNERS = [
    Partner("p1", "Acme", "agency", "gold", "EMEA", None, "active", None),
    Partner("p2", "Acme", "agency", "silver", "APAC", None, "active", None),
    Partner("p3", "Zed [x](y)", "content", None, "EMEA", None, "active", None),
]
CHOICES = Choices(
    PARTNERS, ("agency", "content"), ("gold", "silver", None), ("APAC", "EMEA"), ("organic", "partner", None),
    datetime(2025, 1, 5, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC),
)  # fmt: skip


def old(earliest: datetime, latest: datetime) -> Choices:
    return Choices([], (), (), (), (), earliest, latest)


def page() -> None:
    import streamlit as st

    from dashboard import filters
    from tests.dashboard.test_filters import CHOICES, NOW

    chosen = filters.sidebar(CHOICES, NOW)
    st.text(repr(chosen))
    st.text(chosen.period.label)


def run(**link: str | list[str]) -> AppTest:
    app = AppTest.from_function(page, default_timeout=20)
    for key, value in link.items():
        app.query_params[key] = value
    return app.run()


def test_partner_attributes_narrow_each_other() -> None:
    assert Filters("2026-Q3").partner_ids(CHOICES) is None
    assert Filters("2026-Q3", types=("agency",)).partner_ids(CHOICES) == {"p1", "p2"}
    assert Filters("2026-Q3", types=("agency",), regions=("EMEA",)).partner_ids(CHOICES) == {"p1"}
    assert Filters("2026-Q3", tiers=(filters.NOT_SET,)).partner_ids(CHOICES) == {"p3"}
    assert Filters("2026-Q3", partners=("p2",), tiers=("gold",)).partner_ids(CHOICES) == frozenset()
    assert filters.without_partners(Filters("2026-Q3", types=("agency",))).partner_ids(CHOICES) == frozenset()


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Q3 2026", "2026-Q3"),
        ("2026-Q3", "2026-Q3"),
        ("2026q3", "2026-Q3"),
        ("FY 2026", "2026"),
        ("Q1 FY 2025", "2025-Q1"),
        ("2026-07", "2026-07"),
        ("2026-01-01..2026-07-01", "2026-01-01..2026-07-01"),
        ("2026-07-01..2026-01-01", None),
        ("'; DROP TABLE lead; --", None),
        ("", None),
        ("9" * 5000, None),
    ],
)
def test_periods_are_read_as_people_write_them(text: str, canonical: str | None) -> None:
    assert filters.read_period(text, Settings(_env_file=None)) == canonical


def test_default_is_the_last_full_quarter() -> None:
    assert filters.default_period(CHOICES, filters.reference(CHOICES, NOW)) == "2026-Q3"


def test_data_that_ended_long_ago_are_shown_where_they_are() -> None:
    ended = old(datetime(2017, 6, 1, tzinfo=UTC), datetime(2018, 11, 14, tzinfo=UTC))
    assert filters.default_period(ended, filters.reference(ended, NOW)) == "2018-Q3"


def test_data_that_have_just_begun_are_shown_too() -> None:
    young = old(datetime(2026, 10, 3, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))
    assert filters.default_period(young, filters.reference(young, NOW)) == "2026-Q4"


def test_presets() -> None:
    assert filters.presets(NOW) == {
        "Last quarter": "2026-Q3",
        "This quarter": "2026-Q4",
        "This year": "2026",
        "12 months": "2025-11-23..2026-11-23",  # up to and including today
    }


def test_summary_says_what_is_chosen() -> None:
    chosen = Filters("2026-Q3", types=("agency",), regions=("EMEA", "APAC"))
    assert filters.summary(chosen, CHOICES) == "Q3 2026 against Q2 2026 · 2 partners · Agency · EMEA and APAC"
    one = filters.summary(Filters("2026-Q3", filters.NONE, partners=("p3",)), CHOICES)
    assert one == "Q3 2026 · Zed \\[x\\]\\(y\\)"  # a name from the data is no link


def test_a_bare_link_shows_the_default_and_pins_it() -> None:
    app = run()
    assert not app.exception
    assert app.text[1].value == "2026-Q3"
    assert app.query_params["period"] == "Q3 2026"


def test_a_link_chooses() -> None:
    app = run(period="2026-07", against="Last year", partner=["Acme (p2)"], tier=["Not set"], channel=["Organic"])
    assert app.text[0].value == repr(
        Filters("2026-07", "year_before", partners=("p2",), tiers=("",), channels=("organic",))
    )


def test_a_link_that_asks_for_what_is_not_here() -> None:
    app = run(period="soon", against="never", partner=["Nobody", "Acme (p1)"], region=["Mars"])
    assert not app.exception
    assert app.text[0].value == repr(Filters("2026-Q3", partners=("p1",)))
    said = " ".join(note.value for note in app.markdown)
    assert "“Nobody” and “Mars”" in said and "“soon” is no period" in said


def test_presets_and_reset() -> None:
    app = run(tier=["Gold"])
    app.get_by_key("preset").set_value("This year").run()
    assert app.text[1].value == "2026"
    app.get_by_key("preset").set_value("Dates").run()
    assert app.text[1].value == "2026-01-01..2027-01-01"
    app.date_input(key="dates").set_value((datetime(2026, 2, 1).date(), datetime(2026, 2, 28).date())).run()
    assert app.text[1].value == "2026-02-01..2026-03-01"  # both days included on screen, the end excluded inside
    app.button(key="reset").click().run()
    assert not app.exception
    assert app.text[0].value == repr(Filters("2026-Q3"))
