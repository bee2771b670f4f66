"""Do ranks, actions and “too few EQLs” change as a person would work out from the two sets of qualified leads?"""

from __future__ import annotations

from datetime import date
from random import Random

from dashboard.metrics.ranking import Reason
from dashboard.metrics.suggestion import Suggestion
from dashboard.scoring.rank_change import RankChange, Ranked, rank_changes
from dashboard.scoring.scorecard_file import parse
from dashboard.scoring.structure import structure_of
from dashboard.scoring.what_if import WhatIf, what_if
from tests.dashboard.scoring.lead_facts import Card, Lead, cells_of, random_leads, score_if_open
from tests.scorecards import random_card

BEGIN = date(2025, 7, 1)
ACTIVE = Ranked("active", date(2024, 1, 1), 10)
CARD: Card = {
    "name": "Size alone",
    "threshold": 20,
    "min_triggers": 0,
    "trigger_signals": [],
    "required_gates": [],
    "icp_at_least": 0,
    "ecosystem_signals": [],
    "buying_signals": [],
    "criteria": [
        {"name": "size", "group": "fit", "field": "account.employees", "levels": [
            {"name": "small", "points": 10, "below": 100}, {"name": "large", "points": 20, "from": 100},
        ]},
    ],
}  # fmt: skip


def lead(partner: str, employees: int, pipeline: int, work: int = 1) -> Lead:
    return Lead(
        {"account.employees": employees}, (), False, False, partner, "a", work, "open", False, True, pipeline, 0
    )


def answer(leads: list[Lead], threshold: int) -> WhatIf:
    models = parse(CARD), parse(CARD | {"threshold": threshold})
    return what_if(cells_of(structure_of(*models), leads), models[1], models[0])


def five_partners() -> list[Lead]:
    """Pipeline of large leads: 900, 800, 700, 600, 500; of small ones: E has 1,000 more, the others nothing."""
    leads = [lead(name, 500, pipeline) for name, pipeline in zip("ABCDE", (900, 800, 700, 600, 500), strict=True)]
    return [*leads, lead("E", 5, 1000)]


def by_name(changes: tuple[RankChange, ...]) -> dict[str, RankChange]:
    return {change.partner_id: change for change in changes}


def test_a_partner_of_small_companies_rises_to_the_top() -> None:
    """At 10 instead of 20 points E has 1,500 ÷ 10 pages instead of 500 ÷ 10: from last to first of five.

    ⌊0.2 × 5⌋ = 1 partner in each outer group: A was doubled, now it is kept; D was kept, now it is ended.
    """
    found = rank_changes(answer(five_partners(), 10), dict.fromkeys("ABCDE", ACTIVE), BEGIN)
    own = by_name(found.partners)
    assert [change.partner_id for change in found.partners] == ["E", "A", "B", "C", "D"]
    assert (own["E"].then.value, own["E"].now.value) == (50.0, 150.0)
    assert (own["E"].then.action, own["E"].now.action) == (Suggestion.END, Suggestion.DOUBLE)
    assert (own["A"].then.action, own["A"].now.action) == (Suggestion.DOUBLE, Suggestion.KEEP)
    assert (own["D"].then.action, own["D"].now.action) == (Suggestion.KEEP, Suggestion.END)
    assert {name: change.steps for name, change in own.items()} == {"A": -1, "B": -1, "C": -1, "D": -1, "E": 4}
    assert len(found.changed) == 5


def test_nothing_changes_without_a_change() -> None:
    found = rank_changes(answer(five_partners(), 20), dict.fromkeys("ABCDE", ACTIVE), BEGIN)
    assert found.changed == ()
    assert found.then.places == found.now.places


def test_pages_decide_as_well() -> None:
    """D's 600 on a single page beat A's 900 on ten."""
    pages = dict.fromkeys("ABCDE", ACTIVE) | {"D": Ranked("active", date(2024, 1, 1), 1)}
    assert rank_changes(answer(five_partners(), 20), pages, BEGIN).partners[0].partner_id == "D"


def test_who_is_not_ranked_says_why() -> None:
    partners = {
        "A": Ranked("paused", date(2024, 1, 1), 10),
        "B": Ranked("active", None, 10),
        "C": Ranked("active", date(2025, 7, 2), 10),
        "D": Ranked("active", date(2025, 7, 1), None),
        "E": ACTIVE,
        "without leads": ACTIVE,
    }
    own = by_name(rank_changes(answer(five_partners(), 20), partners, BEGIN).partners)
    assert own["A"].now.place.reasons == (Reason.NOT_ACTIVE,)
    assert own["B"].now.place.reasons == (Reason.JOIN_DATE_UNKNOWN,)
    assert own["C"].now.place.reasons == (Reason.JOINED_TOO_LATE,)
    assert own["D"].now.place.reasons == (Reason.NO_VALUE,) and own["D"].now.value is None
    assert own["A"].now.action is None and own["A"].steps is None and not own["A"].changed
    assert (own["E"].now.place.rank, own["without leads"].now.place.rank) == (1, 2)
    assert own["without leads"].now.value == 0.0 and own["without leads"].now.too_few


def test_fifty_qualified_leads_are_enough() -> None:
    """49 large leads are too few; with one small one they are 50. The rank stays, and yet something changes."""
    leads = [lead("A", 500, 1) for _ in range(49)] + [lead("A", 5, 0)]
    (change,) = rank_changes(answer(leads, 10), {"A": ACTIVE}, BEGIN).changed
    assert (change.then.qualified, change.then.too_few) == (49, True)
    assert (change.now.qualified, change.now.too_few) == (50, False)
    assert change.steps == 0


def test_pipeline_of_leads_never_worked_counts() -> None:
    leads = [lead("A", 500, 400, work=0), lead("B", 500, 300)]
    found = rank_changes(answer(leads, 20), {"A": ACTIVE, "B": ACTIVE}, BEGIN)
    assert [change.partner_id for change in found.partners] == ["A", "B"]


def qualifies(lead: Lead, card: Card) -> bool:
    score = score_if_open(lead, card)
    return score is not None and score >= card["threshold"]


def test_values_of_random_models_are_those_of_their_leads() -> None:
    for seed in range(20):
        random = Random(seed)
        leads = random_leads(random, 100)
        cards = [random_card(random) | {"window_days": 90} for _ in range(2)]
        models = [parse(card) for card in cards]
        found = what_if(cells_of(structure_of(*models), leads), models[1], models[0])
        partners = {name: Ranked("active", date(2024, 1, 1), 7) for name in ("P1", "P2", "P3")}
        for change in rank_changes(found, partners, BEGIN).partners:
            for side, card in ((change.then, cards[0]), (change.now, cards[1])):
                own = [each.pipeline for each in leads if each.partner == change.partner_id and qualifies(each, card)]
                assert (side.qualified, side.value) == (len(own), sum(own) / 7)
