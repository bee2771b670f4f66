"""Are leads counted where they were, and skipped stages neither guessed nor counted?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import NOTHING, Stage
from dashboard.metrics.funnel import stage_counts, stages_present, step_conversion, steps
from dashboard.metrics.intervals import rate
from tests.dashboard.metrics.synthetic import COHORT, frame

LATER = ("mql", "eql", "sql", "opportunity", "won")
ROWS = st.lists(
    st.fixed_dictionaries({name: st.booleans() for name in LATER} | {"leads": st.integers(1, 50)}), max_size=12
)


def test_worked_example() -> None:
    """10 leads; 6 are MQL, of which 3 also EQL; 1 skipped MQL and is EQL. 2 EQLs won, 1 of them the one that skipped.

    MQL→EQL: 3 of 6, not 4 of 6. EQL→won: 2 of 4. Lead→won: 2 of 10.
    """
    cohort = frame(
        COHORT,
        [
            {"leads": 3},
            {"leads": 3, "mql": True},
            {"leads": 2, "mql": True, "eql": True},
            {"leads": 1, "mql": True, "eql": True, "won": True},
            {"leads": 1, "eql": True, "won": True},
        ],
    )
    counts = stage_counts(cohort)
    assert [counts[stage] for stage in Stage] == [10, 6, 4, 0, 0, 2]
    found = step_conversion(cohort, [Stage.LEAD, Stage.MQL, Stage.EQL, Stage.WON])
    assert found["lead_to_mql"] == rate(6, 10)
    assert found["mql_to_eql"] == rate(3, 6)
    assert found["eql_to_won"] == rate(2, 4)
    assert found["lead_to_won"] == rate(2, 10)


def test_steps_join_what_is_present() -> None:
    present = stages_present({Stage.LEAD: True, Stage.EQL: True, Stage.WON: True, Stage.MQL: False})
    assert present == (Stage.LEAD, Stage.EQL, Stage.WON)
    assert steps(present) == [(Stage.LEAD, Stage.EQL), (Stage.EQL, Stage.WON), (Stage.LEAD, Stage.WON)]
    assert steps([Stage.LEAD]) == []


def test_a_step_from_nobody_has_no_value() -> None:
    assert step_conversion(frame(COHORT, [{"leads": 4}]), [Stage.LEAD, Stage.SQL, Stage.WON])["sql_to_won"] == NOTHING


@given(ROWS)
def test_agrees_with_leads_counted_one_by_one(rows: list[dict]) -> None:
    cohort = frame(COHORT, rows)
    leads = [row | {"lead": True} for row in rows for _ in range(row["leads"])]
    assert stage_counts(cohort) == {stage: sum(lead[stage.value] for lead in leads) for stage in Stage}
    for name, estimate in step_conversion(cohort, tuple(Stage)).items():
        first, second = name.split("_to_")
        base = [lead for lead in leads if lead[first]]
        assert estimate == rate(sum(lead[second] for lead in base), len(base))
