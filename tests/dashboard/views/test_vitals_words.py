"""Do the sentences say what the vitals say, and do rows lie on the right side of the reference?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from dashboard.domain import NOTHING, Estimate
from dashboard.metrics.vitals import Better, Labelled, State, Vital, light
from dashboard.views import vitals_words as words
from tests.dashboard.summaries import summary


def vital(name: str, value: tuple[float, float, float] | None, reference: tuple[float, float] | None = None,
          better: Better = Better.MORE, n: int = 100, **own: Any) -> Vital:  # fmt: skip
    estimate = Estimate(*value, n) if value else NOTHING
    known = Labelled(*reference, "reference") if reference else None
    return Vital(name, estimate, better, own.pop("of", "2026-Q3"), reference=known,
                 state=light(estimate, known, better), **own)  # fmt: skip


GOOD = vital("eql_to_won", (0.22, 0.19, 0.26), (0.18, 0.25), of="2026-Q2", too_young=("2026-Q3",))
MISSED = vital("cost_per_eql", (420, 390, 460), (220, 350), Better.LESS)
CLOSE = vital("cac_change", (-0.26, -0.44, -0.02), (-0.15, -0.12), Better.LESS, against="2026-Q1")
UNKNOWN = vital("pipeline_growth", None, (1.8, 2.3))
SPEED = vital("speed", (0.72, 0.65, 0.79), (0.6, 0.7), Better.LESS, further=(Labelled(0.33, 0.33, "third"),))
CAC = vital("cac", (1_700, 1_400, 2_000), better=Better.LESS)
ALL = [GOOD, MISSED, CLOSE, UNKNOWN, SPEED, CAC]


def test_the_verdict_counts_lights_and_names_what_is_not_good() -> None:
    said = words.verdict(ALL)
    assert said.startswith("1 of 4 vitals surely meet their reference")
    assert "surely missed: Cost per EQL" in said
    assert "too close to call: CAC in two quarters and Days to close" in said
    assert "too little data: Pipeline in a year" in said
    assert words.verdict([UNKNOWN, CAC]) == "Too little data to judge any vital of the programme."


def test_young_quarters_are_named() -> None:
    assert words.too_young(ALL) == "EQL → won is that of Q2 2026, since Q3 2026 cannot be judged yet."
    assert words.too_young([MISSED]) == ""


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (GOOD, "22.0\u202f% (19.0–26.0\u202f%)"),
        (MISSED, "$420 ($390–$460)"),
        (CLOSE, "−26\u202f% (−44 to −2\u202f%)"),
        (SPEED, "28\u202f% faster (21–35\u202f% faster)"),
        (vital("speed", (0.9, 0.8, 1.1), (0.6, 0.7), Better.LESS),
         "10\u202f% faster (10\u202f% slower to 20\u202f% faster)"),
        (UNKNOWN, "no deal to compare"),
        (vital("pipeline_multiple", (43.1, 36.1, 52.5), (5, 5)), "43.1× (36.1–52.5×)"),
        (vital("eql_to_won", None, of=None, too_young=("2026-Q3",)), "no quarter is old enough yet"),
    ],
)  # fmt: skip
def test_values_are_worded(own: Vital, said: str) -> None:
    assert words.measured(own, "USD") == said


def test_references_are_worded() -> None:
    assert words.references(SPEED, "USD") == "30–40\u202f% faster; at least 67\u202f% faster"
    assert words.references(MISSED, "USD") == "$220–$350"
    assert words.references(vital("cost_per_sql", (1, 1, 1), (800, 800), Better.LESS), "USD") == "at most $800"
    assert words.references(CAC, "USD") == "none"


def test_right_of_the_reference_is_better_for_all() -> None:
    rows = {row.name: row for row in words.rows(ALL, "USD")}
    assert "CAC" not in rows  # nothing to judge by
    assert rows["EQL → won"].low >= 0 and rows["EQL → won"].place > 0
    assert rows["Cost per EQL"].high < 0
    assert rows["CAC in two quarters"].low < 0 < rows["CAC in two quarters"].high
    assert rows["Pipeline in a year"].place is None
    assert rows["EQL → won"].band == pytest.approx(0.474, abs=1e-3)  # log₂ of 25 ÷ 18
    assert rows["Days to close"].lines == pytest.approx([1.085], abs=1e-3)


@pytest.mark.parametrize("state", [GOOD, MISSED, CLOSE])
def test_places_and_lights_agree(state: Vital) -> None:
    (row,) = words.rows([state], "USD")
    side = State.GOOD if row.low >= 0 else State.BREACH if row.high < 0 else State.ATTENTION
    assert state.state is side


def test_what_is_far_away_is_cut_and_zero_can_be_drawn() -> None:
    high, low = vital("pipeline_multiple", (400, 300, 500), (5, 5)), vital("eql_to_won", (0, 0, 0.1), (0.18, 0.25))
    far = words.rows([high, low], "USD")
    assert [row.place for row in far] == [words.FARTHEST, -words.FARTHEST]
    scale = words.scale(far)
    assert scale.start < -2 < 2 < scale.end and scale.words[0] == "≤ ¼"


@dataclass(frozen=True)
class Programme:
    """As much of a Performance as the sentence reads."""

    partner_sourced: Any


def said(over: bool = True, begun: bool = True, **numbers: Any) -> str:
    own = Programme(summary(**numbers))
    return words.sentence(own, "Q3 2026", over, begun, "The programme", "USD")  # type: ignore[arg-type]


def test_the_sentence_says_cost_and_return() -> None:
    assert (
        said(programme_cost=226_000.0, pipeline_created=9_700_000.0, arr=6_300_000.0, pipeline_multiple=42.9,
             eqls_in_period=500, sqls_in_period=0, won_deals=100)
        == "The programme cost $226\u202fk in Q3 2026 and returned $9.7\u202fM pipeline and $6.3\u202fM ARR, 42.9× its "
        "cost in pipeline (gate 5×): $452 per EQL and $2.3\u202fk per won deal."
    )  # fmt: skip


def test_the_sentence_without_costs_or_a_beginning() -> None:
    assert said(programme_cost=0.0) == "What the programme cost in Q3 2026 is not in the data."
    assert said(programme_cost=None, over=False) == "What the programme cost in Q3 2026 so far is not in the data."
    assert said(begun=False) == "Q3 2026 has not begun yet."
