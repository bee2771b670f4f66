"""Are scorecards read as they are written, and is everything that is wrong with one said in a sentence?"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain import UserError
from dashboard.scoring.model import FIELDS, Gate, Group, Kind
from dashboard.scoring.scorecard_file import DEFAULT, as_document, default_model, parse
from data_access.demonstration import scorecard as simulated
from data_access.scoring_sql import COLUMNS
from tests.scorecards import random_card

DOCS = Path(__file__).resolve().parents[3] / "docs" / "scoring-model.md"


def card(**changes: Any) -> dict[str, Any]:
    """A small sound card with changes; `criteria` of fit: size, industry, tags; of intent: one signal."""
    document = {
        "name": "Small",
        "min_triggers": 1,
        "trigger_signals": ["demo_request"],
        "criteria": [
            {
                "name": "size",
                "group": "fit",
                "field": "account.employees",
                "levels": [{"name": "s", "points": 1, "below": 50}, {"name": "m", "points": 2, "from": 50}],
            },
            {
                "name": "industry",
                "group": "fit",
                "field": "account.industry",
                "levels": [
                    {"name": "a", "points": 3, "any_of": ["Software"]},
                    {"name": "b", "points": 1, "any_of": ["Media"]},
                ],
            },
            {
                "name": "tags",
                "group": "fit",
                "field": "account.tech_stack",
                "levels": [
                    {"name": "both", "points": 5, "all_of": ["crm", "dw"]},
                    {"name": "one", "points": 2, "any_of": ["crm"]},
                ],
            },
            {
                "name": "demo",
                "group": "intent",
                "signal": "demo_request",
                "levels": [{"name": "twice", "points": 9, "at_least": 2}, {"name": "once", "points": 4, "at_least": 1}],
            },
        ],
    }
    return document | changes


def with_levels(place: int, levels: list[dict[str, Any]]) -> dict[str, Any]:
    changed = deepcopy(card())
    changed["criteria"][place]["levels"] = levels
    return changed


def with_criterion(place: int, **changes: Any) -> dict[str, Any]:
    changed = deepcopy(card())
    changed["criteria"][place] |= changes
    return changed


def test_a_card_is_read() -> None:
    model = parse(json.dumps(card()))
    assert (model.fit_total, model.intent_total, model.threshold, model.window_days) == (40, 60, 70, 90)
    assert model.requires == Gate.ECOSYSTEM | Gate.BUYING
    assert model.required == Gate.ECOSYSTEM | Gate.BUYING | Gate.TRIGGERS | Gate.SCORE
    assert [criterion.kind for criterion in model.criteria] == [Kind.NUMBER, Kind.TEXT, Kind.TAGS, Kind.SIGNAL]
    assert [criterion.most for criterion in model.of(Group.FIT)] == [2, 3, 5]
    size = model.criteria[0].levels
    assert (size[0].at_or_above, size[0].below, size[1].at_or_above, size[1].below) == (None, 50, 50, None)


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_every_sound_card_comes_back_as_it_was(seed: int) -> None:
    model = parse(random_card(Random(seed)))
    assert parse(json.dumps(as_document(model))) == model


def test_default_model_uses_all_its_points() -> None:
    model = default_model()
    assert sum(criterion.most for criterion in model.of(Group.FIT)) == model.fit_total == 40
    assert sum(criterion.most for criterion in model.of(Group.INTENT)) == model.intent_total == 60
    assert as_document(model) == json.loads(DEFAULT.read_text(encoding="utf-8"))


def test_default_model_agrees_with_the_simulated_sales_desk() -> None:
    model = default_model()
    points = {criterion.looks_at: criterion.most for criterion in model.of(Group.INTENT)}
    assert points == {name: each for name, each in zip(simulated.SIGNALS, simulated.SIGNAL_POINTS, strict=True) if each}
    assert (model.threshold, model.min_triggers) == (simulated.THRESHOLD, simulated.MIN_TRIGGERS)
    assert (model.ecosystem, model.buying) == (simulated.ECOSYSTEM, simulated.BUYING)


def test_example_of_the_documentation_is_sound() -> None:
    example = re.search(r"```json\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    assert parse(example[1]).criteria[2].within_days == 30


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_documented_and_has_its_column(field: str) -> None:
    assert f"`{field}`" in DOCS.read_text(encoding="utf-8")
    assert re.fullmatch(r"[alps]\.[a-z_]+", COLUMNS[field])


WRONG = {
    "no JSON": ("{", "is no JSON"),
    "no object": ("[1]", "must be an object"),
    "not a number": ('{"threshold": NaN}', "is no number"),
    "unknown key": (card(treshold=65), "unknown key “treshold”"),
    "no name": (card(name=" "), "“name” must be a text"),
    "other format": (card(format=2), "format 2"),
    "no criteria": (card(criteria="all"), "“criteria”, a list"),
    "unknown gate": (card(required_gates=["luck"]), "“luck”"),
    "points in words": (with_levels(3, [{"name": "x", "points": "4", "at_least": 1}]), "“demo”, level “x”: “points”"),
    "fraction of a point": (
        with_levels(3, [{"name": "x", "points": 1.5, "at_least": 1}]),
        "“demo”, level “x”: “points”",
    ),
    "negative points": (with_levels(3, [{"name": "x", "points": -1, "at_least": 1}]), "“demo”, level “x”: “points”"),
    "true points": (with_levels(3, [{"name": "x", "points": True, "at_least": 1}]), "“demo”, level “x”: “points”"),
    "unknown group": (with_criterion(0, group="luck"), "“size” needs a “group”"),
    "unknown field": (with_criterion(0, field="lead.eql_at"), "“size” looks at the unknown field “lead.eql_at”"),
    "field and signal": (with_criterion(0, signal="x"), "“size” needs either"),
    "days of a field": (with_criterion(0, within_days=3), "“size” looks at a field"),
    "days too long": (with_criterion(3, within_days=91), "“demo” looks 91 days far"),
    "no levels": (with_criterion(0, levels=[]), "“size” needs “levels”"),
    "condition of another kind": (
        with_levels(0, [{"name": "x", "points": 1, "any_of": ["a"]}]),
        "unknown key “any_of”",
    ),
    "no condition": (with_levels(0, [{"name": "x", "points": 1}]), "“size”, level “x” needs either"),
    "two conditions": (with_levels(2, [{"name": "x", "points": 1, "any_of": ["a"], "all_of": ["b"]}]), "needs either"),
    "nothing to be of": (with_levels(1, [{"name": "x", "points": 1, "any_of": []}]), "at least one value"),
    "same criterion twice": (card(criteria=card()["criteria"][:1] * 2), "two criteria named “size”"),
    "same level twice": (
        with_levels(3, [{"name": "A", "points": 2, "at_least": 2}, {"name": "a", "points": 1, "at_least": 1}]),
        "“demo” has two levels named “a”",
    ),
    "too many points of fit": (
        with_levels(2, [{"name": "x", "points": 36, "any_of": ["a"]}]),
        "A lead can reach 41 points of fit, more than the group's total of 40",
    ),
    "too many points of intent": (
        with_levels(3, [{"name": "x", "points": 61, "at_least": 1}]),
        "With 61 points for “demo” a lead can reach 61 points of intent",
    ),
    "threshold out of reach": (card(threshold=101), "threshold of 101"),
    "icp out of reach": (card(icp_at_least=41), "“icp_at_least” (41)"),
    "too many triggers": (card(min_triggers=2), "“min_triggers” asks for 2 different signals"),
    "gate without signals": (card(buying_signals=[]), "“buying_signals”"),
    "bands overlap": (
        with_levels(0, [{"name": "s", "points": 1, "below": 51}, {"name": "m", "points": 2, "from": 50}]),
        "“size”: the levels “s” and “m” overlap",
    ),
    "empty band": (with_levels(0, [{"name": "s", "points": 1, "from": 5, "below": 5}]), "level “s” is never reached"),
    "nothing left for otherwise": (
        with_levels(0, [*card()["criteria"][0]["levels"], {"name": "o", "points": 0, "otherwise": True}]),
        "“size”: level “o” is never reached",
    ),
    "text in two levels": (
        with_levels(1, [{"name": "a", "points": 3, "any_of": ["x"]}, {"name": "b", "points": 1, "any_of": ["X"]}]),
        "“industry”: the levels overlap, “x” is in “a” and “b”",
    ),
    "behind otherwise": (
        with_levels(1, [{"name": "o", "points": 0, "otherwise": True}, {"name": "b", "points": 1, "any_of": ["x"]}]),
        "“otherwise” stands at level “o”",
    ),
    "tags behind any": (
        with_levels(
            2, [{"name": "one", "points": 2, "any_of": ["crm"]}, {"name": "both", "points": 5, "all_of": ["CRM", "dw"]}]
        ),
        "“tags”: level “both” is never reached",
    ),
    "fewer before more": (
        with_levels(3, [{"name": "once", "points": 4, "at_least": 1}, {"name": "twice", "points": 9, "at_least": 2}]),
        "“demo”: level “twice” is never reached",
    ),
}


def test_too_many_points_are_told_of_those_that_were_raised() -> None:
    """Not of the criterion that stands last, which was never touched."""
    raised = [{"name": "s", "points": 1, "below": 50}, {"name": "m", "points": 33, "from": 50}]
    with pytest.raises(UserError, match=r"^With 33 instead of 2 points for “size” a lead can reach 41 points of fit"):
        parse(with_levels(0, raised), parse(card()))
    lower = card(group_totals={"fit": 9, "intent": 60}, icp_at_least=0)
    with pytest.raises(UserError, match=r"^A lead can reach 10 points of fit, more than the group's total of 9: take"):
        parse(lower, parse(card()))


@pytest.mark.parametrize("why", WRONG)
def test_a_wrong_card_is_refused_with_a_sentence(why: str) -> None:
    document, said = WRONG[why]
    with pytest.raises(UserError) as refused:
        parse(document)
    assert said in str(refused.value)
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)


def test_a_tag_level_that_some_lead_reaches_is_kept() -> None:
    levels = [{"name": "one", "points": 2, "any_of": ["crm"]}, {"name": "other", "points": 1, "any_of": ["crm", "dw"]}]
    assert len(parse(with_levels(2, levels)).criteria[2].levels) == 2
