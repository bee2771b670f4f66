"""Is what would have qualified a lead really the least that would have, and is nothing smaller left out?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dashboard.scoring.model import Criterion, Gate, Kind, ScoringModel
from dashboard.scoring.scorecard_file import default_model, parse
from dashboard.scoring.structure import AnyOf, HowMany, Structure, score_codes, structure_of
from dashboard.scoring.why import MOST_CHANGES, Change, Does, Why, why
from tests.scorecards import random_card

MODEL = default_model()
Facts = Mapping[str, int]  # level by field, 0 unknown; `confirmed` 0 or 1


def digits_of(structure: Structure, seen: Mapping[str, int], fields: Facts) -> NDArray[np.uint8]:
    """The answers of a lead whose signals all lie close to its creation."""
    return np.array([_digit(question, seen, fields) for question in structure.questions], dtype=np.uint8)


def _digit(question: object, seen: Mapping[str, int], fields: Facts) -> int:
    if isinstance(question, Criterion):
        if question.kind is not Kind.SIGNAL:
            return min(fields.get(question.looks_at, 0), len(question.levels) + 1)
        times = seen.get(question.looks_at, 0)
        for place, level in enumerate(question.levels, 1):
            if level.otherwise or times >= (level.at_least or 0):
                return place
        return len(question.levels) + 1
    if isinstance(question, AnyOf):
        return int(any(seen.get(signal, 0) for signal in question.signals))
    if isinstance(question, HowMany):
        return sum(seen.get(signal, 0) > 0 for signal in question.signals)
    return fields.get("confirmed", 0) if question.gate is Gate.CONFIRMED else 0


def asks(model: ScoringModel, seen: Mapping[str, int], fields: Facts) -> Why:
    structure = structure_of(model)
    return why(structure, digits_of(structure, seen, fields), seen, model)


# Company size 200–999 (12), industry core (8), stack of CRM and warehouse (12), use case close (5): 37 of 40.
COMPANY = {"account.employees": 3, "account.industry": 1, "account.tech_stack": 1, "account.use_case": 2}


def test_two_points_short_and_what_would_do() -> None:
    # 37 + demo request 12 + partner referral 12 + confirmed budget 6 = 67, and the line is at 69: two more points.
    found = asks(
        replace(MODEL, threshold=69),
        dict.fromkeys(("demo_request", "partner_referral", "budget_confirmed"), 1),
        COMPANY,
    )
    assert (found.fit, found.intent, found.score, found.lacking) == (37, 30, 67, 2)
    assert found.missing == Gate.SCORE and found.triggers == 3 and found.known == len(MODEL.criteria)
    named = [(way[0].subject, way[0].times, way[0].points) for way in found.ways]
    assert named == [
        ("webinar_attended", 1, 4), ("integration_click", 1, 6), ("pricing_page_view", 1, 8),
        ("integration_install", 1, 12),
    ]  # fmt: skip
    assert all(len(way) == 1 for way in found.ways) and found.more == 0


def test_one_signal_can_bring_points_a_trigger_and_a_gate_at_once() -> None:
    # 37 + 12 + 8 + 6 + 6 = 69 without an ecosystem signal: an install or a referral brings 12 points and the gate.
    seen = dict.fromkeys(("demo_request", "pricing_page_view", "integration_click", "budget_confirmed"), 1)
    found = asks(MODEL, seen, COMPANY)
    assert found.score == 69 and found.missing == Gate.SCORE | Gate.ECOSYSTEM
    assert {way[0].subject for way in found.ways} == {"integration_install", "partner_referral"}
    assert all(way[0].opens == Gate.ECOSYSTEM and way[0].trigger and way[0].points == 12 for way in found.ways)


def test_unknown_field_would_do_but_a_known_one_stays_what_it_is() -> None:
    seen = dict.fromkeys(
        ("demo_request", "partner_referral", "budget_confirmed", "pricing_page_view", "webinar_attended"), 1
    )
    unknown = asks(MODEL, seen, COMPANY | {"account.employees": 0})  # 25 + 42 = 67
    assert unknown.score == 67 and unknown.known == len(MODEL.criteria) - 1
    ways = {(way[0].does, way[0].subject): way[0] for way in unknown.ways}
    assert ways[Does.KNOWN, "account.employees"].points == 6  # the least of its levels with three points or more
    small = asks(MODEL, seen, COMPANY | {"account.employees": 1})  # 27 + 42 = 69
    assert small.score == 69 and {way[0].does for way in small.ways} == {Does.SEEN}


def test_qualified_lead_lacks_nothing() -> None:
    seen = dict.fromkeys(("demo_request", "partner_referral", "budget_confirmed", "pricing_page_view"), 1)
    found = asks(MODEL, seen, COMPANY)  # 37 + 38 = 75
    assert found.qualified and found.ways == () and found.lacking == 0 and not found.missing


def test_hopeless_lead_has_no_way() -> None:
    found = asks(MODEL, {}, dict.fromkeys(COMPANY, 5))
    assert not found.qualified and found.ways == ()


def moves(model: ScoringModel, seen: Mapping[str, int], fields: Facts) -> Iterator[list[tuple[str, str, int]]]:
    """By subject, everything that could have been otherwise."""
    structure = structure_of(model)
    for signal in sorted(set(model.signals())):
        yield [("seen", signal, times) for times in range(seen.get(signal, 0) + 1, 5)]
    for question in structure.questions:
        if isinstance(question, Criterion) and question.kind is not Kind.SIGNAL and not fields.get(question.looks_at):
            yield [("known", question.looks_at, place) for place in range(1, len(question.levels) + 2)]
    if Gate.CONFIRMED in model.required and not fields.get("confirmed"):
        yield [("known", "confirmed", 1)]


def qualifies_with(model: ScoringModel, seen: Mapping[str, int], fields: Facts, changed: object) -> bool:
    seen, fields = dict(seen), dict(fields)
    for kind, subject, value in changed:
        (seen if kind == "seen" else fields)[subject] = value
    structure = structure_of(model)
    digits = digits_of(structure, seen, fields).reshape(-1, 1)
    return bool(score_codes(structure, digits, model).qualified[0])


@given(st.integers(0, 10**9))
@settings(max_examples=150)
def test_against_every_change_tried_out(seed: int) -> None:
    random = Random(seed)
    model = parse(random_card(random))
    structure = structure_of(model)
    seen = {signal: random.choice((0, 0, 1, 2)) for signal in set(model.signals())}
    asked = [question for question in structure.questions if isinstance(question, Criterion)]
    fields = {own.looks_at: random.randint(0, len(own.levels) + 1) for own in asked if own.kind is not Kind.SIGNAL}
    fields["confirmed"] = random.randint(0, 1)
    found = why(structure, digits_of(structure, seen, fields), seen, model)
    assert found.qualified == qualifies_with(model, seen, fields, ())
    if found.qualified:
        return
    subjects = list(moves(model, seen, fields))
    for size in range(1, 3):
        done = any(
            qualifies_with(model, seen, fields, changed)
            for chosen in combinations(subjects, size)
            for changed in product(*chosen)
        )
        assert done == (bool(found.ways) and len(found.ways[0]) <= size)
        if done:
            break
    for way in found.ways:
        assert len(way) == len(found.ways[0]) <= MOST_CHANGES
        changed = [_as_move(own) for own in way]
        assert qualifies_with(model, seen, fields, changed)
        assert not any(qualifies_with(model, seen, fields, less) for less in combinations(changed, len(changed) - 1))


def _as_move(own: Change) -> tuple[str, str, int]:

    if own.does is Does.SEEN:
        return ("seen", own.subject, own.times)
    if own.does is Does.CONFIRMED:
        return ("known", "confirmed", 1)
    ((criterion, level),) = own.criteria
    return ("known", criterion.looks_at, criterion.levels.index(level) + 1)
