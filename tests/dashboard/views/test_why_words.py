"""Does the page say of one lead what its score is made of, and what little more would have done?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl

from dashboard.frames.lead_why import Explained
from dashboard.scoring.model import Gate, ScoringModel
from dashboard.scoring.scorecard_file import default_model
from dashboard.scoring.structure import structure_of
from dashboard.scoring.why import Why, why
from dashboard.views import why_words as words
from data_access.lead_why import Fate, LeadFacts
from tests.dashboard.scoring.test_why import COMPANY, digits_of

MODEL = default_model()
CREATED = datetime(2025, 8, 1, 12, tzinfo=UTC)
LEAD = LeadFacts(
    lead_id="L1", company="*Acme* <b>", partner="[Pine](x)", partner_id="P", channel="partner", email_domain=None,
    created_at=CREATED, crm_score=55.0, experiment=False, eql_at=None, sql_at=None, won=False, handed_over_at=None,
    handed_over_by=None,
    fields={"account.employees": "500", "account.industry": "Software", "account.tech_stack": '{crm,"data_warehouse"}'},
)  # fmt: skip


def signals(**days: float) -> pl.DataFrame:
    """Signals by name, so many days after the lead's creation; a hand-over on day 30."""
    fate = [Fate.AFTER_HAND_OVER.value if day > 30 else Fate.COUNTS.value for day in days.values()]
    return pl.DataFrame(
        {"signal": list(days), "occurred_at": [CREATED] * len(days), "days": list(days.values()), "fate": fate},
        schema={"signal": pl.String, "occurred_at": pl.Datetime("us", "UTC"), "days": pl.Float64, "fate": pl.String},
    )


def judged(model: ScoringModel, seen: dict[str, int]) -> Why:
    structure = structure_of(model)
    return why(structure, digits_of(structure, seen, COMPANY), seen, model)


SEEN = dict.fromkeys(("demo_request", "partner_referral", "budget_confirmed"), 1)  # 37 + 30 = 67
SIGNALS = signals(demo_request=1, partner_referral=2, budget_confirmed=3, newsletter_opened=4, webinar_attended=40)


def explained(threshold: int = 70) -> Explained:
    return Explained(LEAD, judged(MODEL, SEEN), judged(replace(MODEL, threshold=threshold), SEEN), SIGNALS, SIGNALS)


def test_first_line_names_score_and_what_is_missing_under_both_models() -> None:
    assert words.answer(explained()) == (
        r"\*Acme\* \<b\> has 67 of 100 points and does not qualify: 3 points below 70."
    )
    assert words.answer(explained(65)).endswith("In the scenario it has 67 and qualifies (threshold 65).")
    bare = judged(MODEL, {})
    assert words._verdict(bare) == (
        "and does not qualify: 33 points below 70, too few triggers, no ecosystem signal and no buying signal"
    )


def test_ways_say_points_gates_and_triggers() -> None:
    found = explained().now
    assert words.lacks(found) == "Any one of these would have qualified it:"
    assert words.ways(found)[:3] == ["webinar attended (+4)", "integration click (+6)", "pricing page view (+8)"]
    seen = dict.fromkeys(("demo_request", "pricing_page_view", "integration_click", "budget_confirmed"), 1)
    assert words.ways(judged(MODEL, seen)) == [
        "integration install (+12, ecosystem signal)", "partner referral (+12, ecosystem signal)",
    ]  # fmt: skip
    strict = replace(MODEL, requires=MODEL.requires | Gate.CONFIRMED, threshold=60)
    assert words.ways(judged(strict, SEEN)) == ["partner and vendor confirm it"]
    assert words.ways(judged(replace(MODEL, threshold=60), SEEN)) == []


def test_lines_show_what_is_known_and_what_the_scenario_gives() -> None:
    rows = {row["criterion"]: row for row in words.scorecard(explained()).iter_rows(named=True)}
    assert rows["company size"] == {
        "group": "Fit", "criterion": "company size", "known": "500", "level": "200–999", "points": 12, "most": 12,
        "scenario": 12,
    }  # fmt: skip
    assert rows["tech stack"]["known"] == "crm, data_warehouse"
    assert (rows["demo request"]["known"], rows["pricing page"]["known"]) == ("seen once", "not seen")
    assert rows["webinar"]["known"] == "not seen"  # it was, but after the hand-over


def test_gates_and_signals_say_by_what_and_why_not() -> None:
    gates = {row["gate"]: row for row in words.gates(explained(), "UTC").iter_rows(named=True)}
    assert not gates["Enough points"]["passed"] and gates["Enough points"]["by"] == "67 of at least 70"
    assert gates["Ecosystem signal"]["by"] == "partner referral on 1 Aug 2025"
    assert gates["ICP match (not required)"]["by"] == "37 of at least 20 points of fit"
    assert gates["Enough triggers"]["by"].startswith("3 of at least 2: demo request on 1 Aug 2025")
    said = dict(words.signals(explained()).select("signal", "counts").iter_rows())
    assert said == {
        "Demo request": "counts", "Partner referral": "counts", "Budget confirmed": "counts",
        "Newsletter opened": "not asked by the scorecard",
        "Webinar attended": "no: seen after the hand-over to sales",
    }  # fmt: skip


def test_names_from_data_stay_text() -> None:
    said = words.about(LEAD, explained().now, "UTC")
    assert r"through \[Pine\]\(x\)" in said and "CRM score 55" in said and "not handed over to sales" in said
    handed = replace(LEAD, handed_over_at=CREATED, handed_over_by="sql_at", experiment=True)
    assert "when it became sales-qualified" in words.about(handed, explained().now, "UTC")
