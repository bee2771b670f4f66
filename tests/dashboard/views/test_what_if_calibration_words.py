"""Do the sentences of the tab "Calibration" say what the numbers say, and no more?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dashboard.domain import NOTHING, Estimate
from dashboard.scoring.audit import AuditAge
from dashboard.scoring.calibration import Band, Calibration
from dashboard.scoring.discrimination import AucDifference
from dashboard.scoring.model import Group
from dashboard.scoring.reweighting import Cohort, LevelPoints, Suggestion, Verdict
from dashboard.scoring.scorecard_file import default_model
from dashboard.scoring.source_points import Carries, ScoreRange, SourcePoints
from dashboard.views import what_if_calibration_words as words


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("−", "-")


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (Estimate(0.61, 0.58, 0.64, 2000), "moderately: AUC 0.61 (0.58 to 0.64), 2 000 worked leads, 400 won."),
        (Estimate(0.56, 0.51, 0.61, 2000), "weakly"),
        (Estimate(0.75, 0.7, 0.8, 2000), "losers well"),
        (Estimate(0.9, 0.8, 0.95, 2000), "very well"),
        (Estimate(0.56, 0.49, 0.63, 2000), "no better than a coin could"),
        (Estimate(0.4, 0.35, 0.45, 2000), "the wrong way"),
        (Estimate(0.8, None, None, 2000), "no better than a coin could"),
        (NOTHING, "all were won or none"),
    ],
)
def test_the_answer(found: Estimate, says: str) -> None:
    assert says in plain(words.answer(found, 400))


def test_scenarios_are_called_better_only_where_the_interval_says_so() -> None:
    first, second = Estimate(0.6, 0.55, 0.65, 900), Estimate(0.65, 0.6, 0.7, 900)
    better = words.scenario_answer(AucDifference(first, second, Estimate(0.05, 0.02, 0.08, 900)))
    assert "better" in better and "+0.050 (+0.020 to +0.080)" in better
    unclear = words.scenario_answer(AucDifference(first, second, Estimate(0.05, -0.02, 0.12, 900)))
    assert "no better and no worse" in unclear
    worse = words.scenario_answer(AucDifference(second, first, Estimate(-0.05, -0.08, -0.02, 900)))
    assert "worse: AUC 0.60" in worse


def test_rows_of_the_chart() -> None:
    whole, older, newer = (Estimate(value, 0.5, 0.7, 100) for value in (0.6, 0.58, 0.62))
    rows = words.auc_rows(whole, older, newer, None)
    assert [(row.name, row.auc.value, row.marked) for row in rows] == [
        ("active points", 0.6, True), ("older leads", 0.58, False), ("newer leads", 0.62, False),
    ]  # fmt: skip
    assert words.auc_rows(whole, older, newer, older)[-1].name == "yours, newer leads"
    assert "AUC of newer leads: 0.62 (0.50 to 0.70), n = 100" in words.areas_in_words(rows)


def calibrated(**changes: object) -> Calibration:
    bands = (
        Band(0, 69, 5, Estimate(0.05, 0.02, 0.11, 100), 0.06),
        Band(70, 100, 40, Estimate(0.4, 0.31, 0.5, 100), 0.2),
    )
    base = Calibration(bands, 200, 45, 26.0, Estimate(0.7, 0.3, 1.1, 200), Estimate(1.1, 0.8, 1.4, 200))
    return replace(base, **changes)  # type: ignore[arg-type]


def test_calibration_in_words() -> None:
    said = plain(words.calibrated(calibrated(), pooled=False))
    assert "too low for newer ones: 26 wins predicted, 45 came" in said
    assert "Outside the interval at 70–100 points" in said and "1 band in 20" in said
    assert "Their spread is right, calibration slope 1.10 (0.80 to 1.40)" in said
    right = words.calibrated(calibrated(shift=Estimate(0.1, -0.2, 0.4, 200), slope=NOTHING), pooled=True)
    assert "One rate for all" in right and "holds" in right and "slope" not in right
    assert "too high" in words.calibrated(calibrated(shift=Estimate(-0.5, -0.9, -0.1, 200)), pooled=False)
    assert "too far" in words.calibrated(calibrated(slope=Estimate(0.6, 0.4, 0.8, 200)), pooled=False)
    assert "Nothing predicts" in words.calibrated(calibrated(expected=None), pooled=False)
    assert [row.name for row in words.band_rows(calibrated())] == ["70–100", "0–69"]
    assert "70–100 points: 40.0 % of 100 won, 20.0 % predicted" in plain(words.bands_in_words(calibrated()))


def source(name: str | None, verdict: Carries, **changes: object) -> SourcePoints:
    base = SourcePoints(
        name, 400, 41.26, 200, 55.0, Estimate(0.1, 0.066, 0.149, 200), Estimate(0.3, 0.27, 0.33, 200),
        Estimate(-0.2, -0.25, -0.14, 200), 0.001, verdict, NOTHING,
        (ScoreRange(0, 69, Estimate(0.05, 0.02, 0.11, 100)), ScoreRange(70, 100, NOTHING)),
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def test_sources_in_words() -> None:
    too_many = source("AI overviews", Carries.TOO_MUCH, points_too_many=Estimate(9.4, 3.1, 15.2, 200))
    said = plain(words.sources_answer([too_many, source("direct", Carries.FITTING)]))
    assert said == (
        "AI overviews leads carry about 9 points too many (3 to 15): 10.0 % won (6.6–14.9 %, n = 200), 30.0 % promised "
        "by their points."
    )
    few = source("email", Carries.TOO_LITTLE, points_too_many=Estimate(-9.4, -15.2, -3.1, 200))
    assert "Email leads carry about 9 points too few (3 to 15)" in words.sources_answer([few])
    assert "carry too many points: " in words.sources_answer([replace(too_many, points_too_many=NOTHING)])


def test_ai_overviews_are_always_spoken_of() -> None:
    fitting = words.sources_answer([source("AI overviews", Carries.FITTING), source("direct", Carries.FITTING)])
    assert fitting.startswith("No source is seen to bring more or less")
    assert "Clicks from AI overviews are not seen to carry too many points" in fitting
    unknown = words.sources_answer([source("AI overviews", Carries.TOO_FEW, worked=3)])
    assert unknown == (
        "Whether clicks from AI overviews carry too many points cannot be told: of 400 leads 3 were worked."
    )
    assert words.sources_answer([]) == "Too few leads were worked to judge any source."


def test_names_of_sources_are_no_markup() -> None:
    said = words.sources_answer([source("<b>x</b>_[y](z)", Carries.TOO_MUCH)])
    assert "\\<b\\>" in said and "](z)" not in said
    assert words.sources_table([source(None, Carries.FITTING)])["Source"] == ["Not set"]


def test_table_of_sources() -> None:
    table = words.sources_table([source("direct", Carries.FITTING)])
    assert {name: values[0] for name, values in table.items() if name in ("Points", "Won %", "Promised %")} == {
        "Points": 41.3, "Won %": 10.0, "Promised %": 30.0,
    }  # fmt: skip
    assert table["95 % of it"] == ["−25.0 to −14.0"]
    assert plain(str(table["Won at 0–69"][0])) == "5.0 % (2.0–11.0 %, n = 100)"
    assert table["Won at 70–100"] == ["–"]
    assert words.sources_table([])["Source"] == []


def suggestion(verdict: Verdict, low: float = -0.01, high: float = 0.03) -> Suggestion:
    areas = AucDifference(
        Estimate(0.6, 0.55, 0.65, 500), Estimate(0.61, 0.56, 0.66, 500), Estimate(0.01, low, high, 500)
    )
    levels = (LevelPoints("company size", "1–49", Group.FIT, 2, 5, 80),)
    return Suggestion(verdict, Cohort(900, 200), Cohort(500, 100), default_model(), 0.1, areas, 66, levels)


def test_suggestion_in_words() -> None:
    assert words.suggestion_answer(suggestion(Verdict.NO_BETTER)).startswith("No better than today's")
    assert "+0.010 (−0.010 to +0.030) on 500 newer worked leads" in words.suggestion_answer(
        suggestion(Verdict.NO_BETTER)
    )
    assert "better than today's" in words.suggestion_answer(suggestion(Verdict.BETTER, 0.002))
    assert "worse than today's" in words.suggestion_answer(suggestion(Verdict.WORSE, -0.02, -0.001))
    assert "the same points" in words.suggestion_answer(suggestion(Verdict.UNCHANGED))
    few = words.suggestion_answer(Suggestion(Verdict.TOO_FEW, Cohort(90, 9), Cohort(40, 4)))
    assert "50 wins" in few and "(there are 9 of 90)" in few and "(4 of 40)" in few
    assert words.suggestion_table(suggestion(Verdict.BETTER))["Difference"] == [3]
    assert "at a threshold of 66" in words.load(suggestion(Verdict.BETTER), 70)
    assert "At the threshold of 66" in words.load(suggestion(Verdict.BETTER), 66)
    assert words.load(suggestion(Verdict.UNCHANGED), 70) == ""


def test_audits_in_words() -> None:
    assert words.overdue(AuditAge(30, False)) == ""
    assert (
        words.overdue(AuditAge(31, True)) == "The last audit of the scoring model is 31 days old; it is due every 30."
    )
    assert "No audit" in words.overdue(AuditAge(None, True))
    said = words.audited(AuditAge(12, False), "1 Jul 2026 09:00 UTC", "Ana", False, "all well")
    assert said == "The scoring model was last audited 12 days ago (1 Jul 2026 09:00 UTC by Ana). “all well”"
    assert "published, which counts as an audit, today" in words.audited(AuditAge(0, False), "x", "Ana", True, None)


def test_months() -> None:
    assert words.stretch(date(2024, 11, 1), date(2026, 7, 1)) == "Nov 2024 – Jun 2026"
    assert words.stretch(date(2024, 11, 1), date(2024, 12, 1)) == "Nov 2024"
    assert "19 of 20" in words.basis(date(2024, 11, 1), date(2026, 7, 1), 143.0, True)
    assert "half a year" in words.basis(date(2024, 11, 1), date(2026, 7, 1), None, False)
