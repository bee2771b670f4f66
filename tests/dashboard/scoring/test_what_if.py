"""Do cells answer a what-if as the rows do, to the last lead and cent?"""

from __future__ import annotations

from dataclasses import asdict, replace
from random import Random

import numpy as np
import pytest

from dashboard.domain import NOTHING
from dashboard.metrics.intervals import rate
from dashboard.scoring.cells import Owner, ScoreCells
from dashboard.scoring.expected import expected_of
from dashboard.scoring.model import Gate, ScoringModel
from dashboard.scoring.outcome_model import fit
from dashboard.scoring.scorecard_file import default_model, parse
from dashboard.scoring.structure import structure_of
from dashboard.scoring.what_if import PartnerChange, WhatIf, what_if
from tests.dashboard.scoring.lead_facts import (
    TOTALS,
    Card,
    Lead,
    cells_of,
    count,
    random_leads,
    score_if_open,
    triggers_of,
)
from tests.scorecards import random_card

WINDOW = {"window_days": 90}


def random_pair(random: Random) -> tuple[Card, Card]:
    """An active card and a scenario: another card, or the same with other points, totals, threshold and gates."""
    active = random_card(random) | WINDOW
    other = random_card(random) | WINDOW
    if random.random() < 0.4:
        return active, other
    criteria = [
        {**criterion, "levels": [{**level, "points": random.randint(0, 25)} for level in criterion["levels"]]}
        for criterion in active["criteria"]
    ]
    names = ("threshold", "icp_at_least", "min_triggers", "required_gates")
    return active, active | {name: other[name] for name in names} | {
        "criteria": criteria,
        "group_totals": {"fit": random.choice([175, 200]), "intent": random.choice([100, 220])},
    }


def answer(leads: list[Lead], active: Card, scenario: Card) -> WhatIf:
    models = parse(active), parse(scenario)
    return what_if(cells_of(structure_of(*models), leads), models[1], models[0])


def qualified_of(leads: list[Lead], card: Card, threshold: int | None = None) -> list[bool]:
    least = card["threshold"] if threshold is None else threshold
    return [score is not None and score >= least for score in (score_if_open(lead, card) for lead in leads)]


@pytest.mark.parametrize("batch", range(10))
def test_cells_answer_as_rows_do(batch: int) -> None:
    for seed in range(batch * 50, batch * 50 + 50):
        random = Random(seed)
        leads = random_leads(random, random.choice([1, 40, 120]), dearest=random.choice([10**7, 10**15]))
        active, scenario = random_pair(random)
        check_sets(leads, active, scenario, answer(leads, active, scenario))


def check_sets(leads: list[Lead], active: Card, scenario: Card, found: WhatIf) -> None:
    now, then = qualified_of(leads, scenario), qualified_of(leads, active)
    pairs = list(zip(leads, now, then, strict=True))
    sets = {
        "cohort": (leads, scenario),
        "qualified": ([lead for lead, is_now, _ in pairs if is_now], scenario),
        "active_qualified": ([lead for lead, _, was in pairs if was], active),
        "gained": ([lead for lead, is_now, was in pairs if is_now and not was], scenario),
        "dropped": ([lead for lead, is_now, was in pairs if was and not is_now], scenario),
    }
    for name, (own, card) in sets.items():
        assert asdict(getattr(found, name)) == count(own, card), name
    check_rates(leads, active, found)
    check_curves(leads, scenario, then, found)
    check_partners(pairs, active, scenario, found)


def check_rates(leads: list[Lead], active: Card, found: WhatIf) -> None:
    qualified, own, cohort = found.qualified, found.active_qualified, found.cohort
    assert found.precision == rate(qualified.old_won, qualified.old)
    assert found.active_precision == rate(own.old_won, own.old)
    assert found.recall == (qualified.all_arr / cohort.all_arr if cohort.all_arr else None)
    assert found.active_recall == (own.all_arr / cohort.all_arr if cohort.all_arr else None)
    assert found.both_triggers == rate(qualified.both_triggers, qualified.leads)
    assert found.active_both_triggers == rate(own.both_triggers, own.leads)
    recorded = [lead for lead in leads if lead.recorded]
    both = sum(triggers_of(lead, active) >= 2 for lead in recorded)
    assert found.recorded_both_triggers == rate(both, len(recorded))


def check_curves(leads: list[Lead], scenario: Card, then: list[bool], found: WhatIf) -> None:
    top = sum(scenario["group_totals"].values())
    curves = found.curves
    assert curves.threshold.tolist() == list(range(top + 1))
    by_score: dict[int, list[tuple[Lead, bool]]] = {}
    for lead, was in zip(leads, then, strict=True):
        score = score_if_open(lead, scenario)
        by_score.setdefault(-1 if score is None else score, []).append((lead, was))
    above, kept = dict.fromkeys(("leads", *TOTALS), 0), 0
    rows = {name: getattr(curves, "qualified" if name == "leads" else name).tolist() for name in above}
    for threshold in range(top, -1, -1):
        own = by_score.get(threshold, [])
        if own:
            above = {name: above[name] + number for name, number in count([p[0] for p in own], scenario).items()}
            kept += sum(was for _, was in own)
        assert {name: row[threshold] for name, row in rows.items()} == above
        assert (curves.gained[threshold], curves.dropped[threshold]) == (above["leads"] - kept, sum(then) - kept)
        check_share(curves.precision[threshold], above["old_won"], above["old"])
        check_share(curves.recall[threshold], above["all_arr"], found.cohort.all_arr)


def check_share(found: np.float64, part: int, whole: int) -> None:
    assert np.isnan(found) if whole == 0 else abs(found - part / whole) <= 1e-12 * part / whole


def check_partners(pairs: list[tuple[Lead, bool, bool]], active: Card, scenario: Card, found: WhatIf) -> None:
    names = sorted({lead.partner for lead, _, _ in pairs if lead.partner is not None})
    assert [own.partner_id for own in found.partners] == names
    for own in (*found.partners, found.without_partner):
        check_partner([pair for pair in pairs if pair[0].partner == own.partner_id], active, scenario, own)


def check_partner(pairs: list[tuple[Lead, bool, bool]], active: Card, scenario: Card, own: PartnerChange) -> None:
    now, then = count([p[0] for p in pairs if p[1]], scenario), count([p[0] for p in pairs if p[2]], active)
    names = ("both_triggers", "worked", "sqls", "won", "pipeline", "arr", "old", "old_won", "all_pipeline", "all_arr")
    assert (own.qualified, own.active_qualified) == (now["leads"], then["leads"])
    assert {name: getattr(own, name) for name in names} == {name: now[name] for name in names}
    assert {name: getattr(own, f"active_{name}") for name in names} == {name: then[name] for name in names}
    assert own.gained == sum(is_now and not was for _, is_now, was in pairs)
    assert own.dropped == sum(was and not is_now for _, is_now, was in pairs)
    assert own.changed == any(is_now != was for _, is_now, was in pairs)
    recorded = [lead for lead, _, _ in pairs if lead.recorded]
    both = sum(triggers_of(lead, active) >= 2 for lead in recorded)
    assert (own.recorded, own.recorded_both_triggers) == (len(recorded), both)
    assert (own.expected_wins, own.expected_arr) == (None, None)


def test_a_worked_example() -> None:
    """Three leads of 60, 65 and 70 points with open gates. At 65 instead of 70 the second is gained.

    Both were worked, won and are old: precision 2 of 2. ARR of all: 10 + 20 + 30 = 60 (in cents); recall 30 / 60 at
    70 and 50 / 60 at 65, since the lead on the threshold counts in.
    """
    card = {
        "name": "Example",
        "threshold": 70,
        "min_triggers": 1,
        "trigger_signals": ["demo_request"],
        "required_gates": [],
        "criteria": [
            {"name": "size", "group": "fit", "field": "account.employees", "levels": [
                {"name": "s", "points": 10, "below": 50}, {"name": "m", "points": 15, "below": 200, "from": 50},
                {"name": "l", "points": 20, "from": 200},
            ]},
            {"name": "demo", "group": "intent", "signal": "demo_request", "levels": [
                {"name": "yes", "points": 50, "at_least": 1},
            ]},
        ],
    }  # fmt: skip
    filled = {
        "icp_at_least": 20,
        "ecosystem_signals": [],
        "buying_signals": [],
        "group_totals": {"fit": 40, "intent": 60},
    }
    leads = [
        Lead(
            {"account.employees": size}, (("demo_request", 1),), False, False, "P1", "a", 1, "won", True, True, arr, arr
        )
        for size, arr in ((10, 10), (100, 20), (500, 30))
    ]
    found = answer(leads, card | filled, card | filled | {"threshold": 65})
    assert (found.active_qualified.leads, found.qualified.leads, found.gained.leads) == (1, 2, 1)
    assert found.dropped.leads == 0
    assert (found.recall, found.active_recall) == (50 / 60, 30 / 60)
    assert found.precision.value == 1.0 and found.precision.n == 2
    assert found.curves.qualified[[0, 60, 61, 65, 66, 70, 71, 100]].tolist() == [3, 3, 2, 2, 1, 1, 0, 0]
    assert found.curves.gained[60] == 2 and found.curves.dropped[71] == 1


def nobody(model: ScoringModel) -> ScoreCells:
    return cells_of(structure_of(model), [])


def test_no_leads_at_all() -> None:
    model = default_model()
    found = what_if(nobody(model), replace(model, threshold=65), model)
    assert found.cohort.leads == found.qualified.leads == 0
    assert found.precision == found.both_triggers == found.recorded_both_triggers == NOTHING
    assert found.recall is None and found.active_recall is None
    assert found.partners == () and found.without_partner.qualified == 0
    assert np.isnan(found.curves.precision).all() and found.curves.qualified.tolist() == [0] * 101


def test_a_second_model_of_the_same_cells_is_answered_afresh() -> None:
    """What is kept with the cells for one question is not given to the next."""
    random = Random(5)
    leads = random_leads(random, 200)
    cards = [random_card(random) | WINDOW for _ in range(4)]
    models = [parse(card) for card in cards]
    cells = cells_of(structure_of(*models), leads)
    for _ in range(2):
        for place, scenario in enumerate(models):
            for other, active in enumerate(models):
                check_sets(leads, cards[other], cards[place], what_if(cells, scenario, active))
    gates = replace(models[0], requires=Gate(0), min_triggers=0, threshold=0)
    assert what_if(cells, gates, models[0]).qualified.leads == len(leads)


def test_money_that_floats_cannot_hold() -> None:
    """Two partners with 4 × 10^18 cents and one cent each: 2^62 is far beyond what a float tells apart."""
    random = Random(1)
    leads = [
        replace(lead, partner=partner, outcome="won", work=1, arr=arr, pipeline=arr)
        for lead in random_leads(random, 1)
        for partner, arr in (("P1", 4 * 10**18), ("P1", 1), ("P2", 4 * 10**18), ("P2", 3))
    ]
    card = random_card(random) | WINDOW | {"threshold": 0, "min_triggers": 0, "required_gates": []}
    found = answer(leads, card, card | {"threshold": 399})
    assert found.active_qualified.arr == found.cohort.all_arr == found.curves.arr[0] == 8 * 10**18 + 4
    assert [own.active_arr for own in found.partners] == [4 * 10**18 + 1, 4 * 10**18 + 3]
    assert [own.arr for own in found.partners] == [0, 0]


def test_leads_of_a_partner_with_several_channels_are_added_up() -> None:
    random = Random(2)
    leads = [replace(lead, partner="P1", channel=channel) for lead in random_leads(random, 30) for channel in "ab"]
    card = random_card(random) | WINDOW | {"threshold": 0, "min_triggers": 0, "required_gates": []}
    models = parse(card), parse(card)
    cells = cells_of(structure_of(*models), leads)
    assert cells.owners == (Owner("P1", "a"), Owner("P1", "b")) and cells.partners == ("P1",)
    assert what_if(cells, *models).partners[0].qualified == 60


def test_expectations_are_those_of_the_same_leads() -> None:
    """By profile and by code, in total and by partner: the same never-worked leads."""
    cells, model, active = expecting_cells()
    outcomes = fit(cells, active)
    assert outcomes is not None
    found = what_if(cells, model, active, outcomes, sensitivity=2.0)
    now, then = (cells.scored(each).qualified.astype(float) for each in (model, active))
    for own, signs in ((found.expected, now), (found.expected_active, then), (found.expected_change, now - then)):
        direct = expected_of(outcomes, cells, signs, 2.0)
        assert own is not None and (own.wins, own.arr, own.leads) == (direct.wins, direct.arr, direct.leads)
    assert found.expected is not None and found.expected.leads == found.qualified.never > 0
    change = found.expected_change
    assert change is not None and (change.leads, change.dropped) == (found.gained.never, found.dropped.never)
    assert change.wins_by_owner is not None
    for own in (*found.partners, found.without_partner):
        of_owner = [owner.partner_id == own.partner_id for owner in cells.owners]
        assert own.expected_wins == pytest.approx(change.wins_by_owner[of_owner].sum())
    assert found.curves.expected is not None
    assert found.curves.expected.wins.value[model.threshold] == pytest.approx(found.expected.wins.value)


def test_another_sensitivity_is_another_answer() -> None:
    cells, model, active = expecting_cells()
    outcomes = fit(cells, active)
    low = [what_if(cells, model, active, outcomes, sensitivity=own).expected_active for own in (1.0, 3.0, 1.0)]
    direct = [
        expected_of(outcomes, cells, cells.scored(active).qualified.astype(float), own) for own in (1.0, 3.0, 1.0)
    ]
    assert [own.wins for own in low if own] == [own.wins for own in direct]
    assert direct[0].wins.low != direct[1].wins.low


def expecting_cells() -> tuple[ScoreCells, ScoringModel, ScoringModel]:
    """Leads of every score of which half were worked: supported everywhere."""
    random = Random(11)
    card = random_card(random) | WINDOW | {"threshold": 20, "min_triggers": 0, "required_gates": []}
    active = parse(card)
    cells = cells_of(structure_of(active), random_leads(random, 4000))
    return cells, replace(active, threshold=15), active
