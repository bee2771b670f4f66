"""Are groups composed as the whole is, months marked when they are young, and differences tested together?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import NOTHING, Stage
from dashboard.metrics.discovery import benjamini_hochberg, two_proportions
from dashboard.metrics.funnel import stage_counts, step_conversion
from dashboard.metrics.funnel_groups import (
    By,
    CohortCells,
    all_steps,
    band_moments,
    band_starts,
    compare,
    funnel,
    funnels,
    group_key,
    main_steps,
    narrowest,
    of_bands,
)
from dashboard.metrics.intervals import newcombe, rate
from dashboard.metrics.maturity import maturity
from dashboard.metrics.performance import Partner
from dashboard.period import Period
from dashboard.window import Window
from tests.dashboard.metrics.synthetic import AGES, COHORT, frame

PRESENT = tuple(Stage)
P90 = {Stage.MQL: 10.0, Stage.EQL: 20.5, Stage.SQL: None, Stage.OPPORTUNITY: 40.0, Stage.WON: 100.0}
EQL_TO_WON, LEAD_TO_EQL = (Stage.EQL, Stage.WON), (Stage.LEAD, Stage.EQL)


def cells(reached: list[dict], ages: list[dict]) -> CohortCells:
    return CohortCells(frame(COHORT, reached), frame(AGES, ages))


def test_worked_example() -> None:
    """A: 8 leads, 4 EQLs, 1 of these won. B: 2 leads, 1 won without ever being an EQL. Nobody's: 5 leads.

    Lead→EQL: A 4 of 8, B 0 of 2. EQL→won: A 1 of 4, B none to divide by. Lead→won: A 1 of 8, B 1 of 2.
    """
    found = funnels(
        cells(
            [
                {"partner_id": "A", "leads": 4},
                {"partner_id": "A", "leads": 3, "eql": True},
                {"partner_id": "A", "leads": 1, "eql": True, "won": True},
                {"partner_id": "B", "leads": 1, "won": True},
                {"partner_id": "B", "leads": 1},
                {"partner_id": None, "leads": 5},
            ],
            [{"partner_id": "A", "age_days": 101, "leads": 7}, {"partner_id": "A", "age_days": 100, "leads": 1}],
        ).keyed(pl.col("partner_id")),
        PRESENT,
        P90,
    )
    assert list(found) == ["A", "B", None]
    assert found["A"].counts[Stage.EQL] == 4 and found[None].counts[Stage.LEAD] == 5
    assert found["A"].step(LEAD_TO_EQL) == rate(4, 8) and found["B"].step(LEAD_TO_EQL) == rate(0, 2)
    assert found["A"].step(EQL_TO_WON) == rate(1, 4) and found["B"].step(EQL_TO_WON) == NOTHING
    assert found["B"].step((Stage.LEAD, Stage.WON)) == rate(1, 2)
    # 7 of 8 leads are more than 100 days old: 87.5 %, short of 90 %.
    assert found["A"].mature(EQL_TO_WON) is False and found["A"].mature(LEAD_TO_EQL) is True
    assert found["A"].mature((Stage.EQL, Stage.SQL)) is None  # how long an SQL takes is not known


ROWS = st.lists(
    st.fixed_dictionaries(
        {name: st.booleans() for name in ("mql", "eql", "sql", "opportunity", "won")}
        | {"leads": st.integers(1, 50), "partner_id": st.sampled_from(["A", "B", None])}
    ),
    min_size=1,
    max_size=12,
)
AGE_ROWS = st.lists(
    st.fixed_dictionaries(
        {"age_days": st.integers(0, 150), "leads": st.integers(1, 9), "partner_id": st.sampled_from(["A", "B", None])}
    ),
    max_size=12,
)


@given(ROWS, AGE_ROWS)
def test_each_group_is_what_it_is_alone(rows: list[dict], ages: list[dict]) -> None:
    known = {row["partner_id"] for row in rows}
    whole = cells(rows, [row for row in ages if row["partner_id"] in known])
    found = funnels(whole.keyed(pl.col("partner_id")), PRESENT, P90)
    assert set(found) == known
    for key, each in found.items():
        own = whole.where(pl.col("partner_id").eq_missing(key))
        assert each.counts == stage_counts(own.reached)
        for name, estimate in step_conversion(own.reached, PRESENT).items():
            assert each.step_conversion[name] == estimate
        alone = maturity(own.ages, P90)
        assert {stage: each.maturity[stage] for stage in P90} == {stage: alone[stage] for stage in P90}


def test_nobody_has_a_funnel_of_zeros() -> None:
    empty = funnel(cells([], []), PRESENT, P90)
    assert set(empty.counts.values()) == {0}
    assert all(estimate == NOTHING for estimate in empty.step_conversion.values())
    assert funnels(cells([], []).keyed(pl.col("channel")), PRESENT, P90) == {}


def test_flags_are_plain_booleans() -> None:
    """`is False` is how the pages ask; a numpy bool would answer no."""
    found = funnel(cells([{"leads": 3}], [{"age_days": 5, "leads": 3}]), PRESENT, P90)
    assert type(found.maturity[Stage.WON].mature) is bool
    assert type(found.maturity[Stage.WON].older) is float


def test_steps_of_the_stages_that_the_data_know() -> None:
    present = (Stage.LEAD, Stage.SQL, Stage.WON)
    assert all_steps(present) == [(Stage.LEAD, Stage.SQL), (Stage.SQL, Stage.WON), (Stage.LEAD, Stage.WON)]
    assert main_steps(PRESENT)[:2] == [(Stage.LEAD, Stage.MQL), (Stage.MQL, Stage.EQL)]
    assert len(set(main_steps(PRESENT))) == len(main_steps(PRESENT)) == 9
    assert main_steps(present) == [(Stage.LEAD, Stage.SQL), (Stage.SQL, Stage.WON), (Stage.LEAD, Stage.WON)]


def test_comparison_tests_all_steps_together() -> None:
    """A: 60 of 100 become EQLs, 6 won. B: 40 of 100, 4 won."""
    a = funnel(cells([{"leads": 40}, {"leads": 54, "eql": True}, {"leads": 6, "eql": True, "won": True}], []),
               PRESENT, P90)  # fmt: skip
    b = funnel(cells([{"leads": 60}, {"leads": 36, "eql": True}, {"leads": 4, "eql": True, "won": True}], []),
               PRESENT, P90)  # fmt: skip
    first, second, third = compare(a, b, [LEAD_TO_EQL, EQL_TO_WON, (Stage.SQL, Stage.OPPORTUNITY)])
    assert first.difference == newcombe(60, 100, 40, 100)
    p = [two_proportions(60, 100, 40, 100), two_proportions(6, 60, 4, 40), None]
    assert [first.q, second.q, third.q] == list(benjamini_hochberg(p))
    assert first.discovered and not second.discovered and not third.discovered
    assert third.difference.value is None  # nobody was sales-qualified


def test_narrowest_step_and_those_that_the_data_cannot_tell_from_it() -> None:
    """Lead→MQL 500 of 1,000; MQL→EQL 100 of 500 = 20 %; EQL→SQL 25 of 100 (17.5–34.3 %) overlaps 16.7–23.7 %."""
    rows = [
        {"leads": 500},
        {"leads": 400, "mql": True},
        {"leads": 75, "mql": True, "eql": True},
        {"leads": 25, "mql": True, "eql": True, "sql": True},
    ]
    found = funnel(cells(rows, []), PRESENT[:4], P90)
    assert narrowest(found, PRESENT[:4]) == [(Stage.MQL, Stage.EQL), (Stage.EQL, Stage.SQL)]
    young = funnel(cells(rows, [{"age_days": 15, "leads": 1000}]), PRESENT[:4], P90)  # too young for EQL: 20.5 days
    assert narrowest(young, PRESENT[:4]) == [(Stage.EQL, Stage.SQL)]


@given(st.dates(date(2025, 1, 1), date(2025, 12, 1)), st.integers(1, 400), st.lists(st.floats(0, 300), max_size=5))
def test_a_band_lies_in_one_month_and_on_one_side_of_every_limit(first: date, length: int, limits: list) -> None:
    end, today = first + timedelta(days=length), first + timedelta(days=length + 30)
    starts = band_starts(first, end, today, [*limits, None])
    assert starts == sorted(set(starts)) and starts[0] == first and starts[-1] < end
    for day in (first + timedelta(days=n) for n in range(length)):
        band = max(start for start in starts if start <= day)
        assert (band.year, band.month) == (day.year, day.month)
        for limit in limits:
            assert ((today - band).days > limit) == ((today - day).days > limit)


def test_bands_begin_at_midnight_in_the_reporting_zone() -> None:
    period = Period("x", datetime(2025, 3, 1, 5, tzinfo=UTC), datetime(2025, 5, 1, 4, tzinfo=UTC))
    seen = Window(period, datetime(2025, 6, 1, 12, tzinfo=UTC), "America/New_York")
    # 1 March is winter time, 1 April summer time.
    assert [at.astimezone(UTC).hour for at in band_moments(seen, [])] == [5, 4]
    frame_ = pl.DataFrame({"band": [date(2025, 5, 30)], "leads": [2]})
    assert of_bands(frame_, date(2025, 6, 1)).ages["age_days"].to_list() == [2]


@pytest.mark.parametrize(
    ("by", "expected"),
    [(By.PARTNER, ["A", None]), (By.TYPE, ["agency", None]), (By.TIER, [None, None]), (By.CHANNEL, ["c", "d"])],
)
def test_group_of_a_cell(by: By, expected: list) -> None:
    partner = Partner("A", "Acme", "agency", None, "EMEA", None, "active", None)
    rows = pl.DataFrame(
        {"partner_id": ["A", None], "channel": ["c", "d"]}, schema={"partner_id": pl.String, "channel": pl.String}
    )
    assert rows.select(group_key(by, [partner])).to_series().to_list() == expected
