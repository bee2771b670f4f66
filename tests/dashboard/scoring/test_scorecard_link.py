"""Does a link say what the scorecard is, so that people can read it and nothing wrong gets in?"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from random import Random
from urllib.parse import quote_plus, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import UserError
from dashboard.scoring.edits import (
    as_link,
    can_be_linked,
    from_link,
    locked,
    made_for_another,
    with_gates,
    with_levels,
    with_threshold,
)
from dashboard.scoring.model import Gate
from dashboard.scoring.scorecard_file import default_model
from dashboard.scoring.soundness import check
from tests.dashboard.scoring.sound_models import edited, sound_model

ROOT = Path(__file__).resolve().parents[3]
MODEL = default_model()
SEEDS = st.integers(0, 10**9).map(Random)


def test_a_link_can_be_read() -> None:
    moved = with_gates(with_threshold(locked(MODEL, "company size", 20), 65), Gate.ECOSYSTEM)
    text = as_link(moved, MODEL)
    assert text.rsplit("~", 1)[0] == ("threshold.65~gates.ecosystem~company_size.20~industry.6~tech_stack.8~use_case.6")
    assert re.fullmatch(r"of\.[0-9a-f]{6}", text.rsplit("~", 1)[1])
    levels = with_levels(MODEL, "use case", [8, 3, 3, 0])
    assert as_link(levels, MODEL).startswith("use_case.8-3-3-0~")
    assert as_link(with_gates(MODEL, Gate(0)), MODEL).startswith("gates.none~")


def test_a_link_may_be_written_by_hand() -> None:
    assert from_link("threshold.65~use_case.4", MODEL) == with_threshold(
        with_levels(MODEL, "use case", [4, 3, 1, 0]), 65
    )
    assert from_link("", MODEL) is not None
    assert from_link("", MODEL) == MODEL
    assert as_link(MODEL, MODEL) == ""


def test_the_link_of_the_documentation_is_one() -> None:
    said = re.findall(r"`scorecard=(\S+)`", (ROOT / "docs" / "scoring-model.md").read_text(encoding="utf-8"))
    assert [from_link(text, MODEL).threshold for text in said] == [65]


@given(SEEDS)
def test_every_edit_comes_back_and_needs_no_escape(random: Random) -> None:
    active = sound_model(random)
    model = edited(active, random)
    text = as_link(model, active)
    assert can_be_linked(model, active)
    assert bool(text) == (model != active)
    assert from_link(text, active) == model
    assert not made_for_another(text, active)
    assert quote_plus(text) == text


@given(SEEDS, st.lists(st.text(min_size=1, max_size=60).filter(str.strip), min_size=12, max_size=12))
def test_any_name_comes_back(random: Random, names: list[str]) -> None:
    names += ["threshold", "Of", "gates", "C1", "a~b", "a.b", "50%", "two  blanks", "two blanks", "x" * 200, "شركة"]
    random.shuffle(names)
    own = list({name.strip().casefold(): name.strip() for name in names}.values())
    base = sound_model(random)
    active = replace(base, criteria=tuple(map(_renamed, base.criteria, own)))
    check(active)
    model = edited(active, random)
    text = as_link(model, active)
    assert from_link(text, active) == model
    if all(ord(sign) < 0xD800 for sign in text):
        assert unquote_plus(quote_plus(text)) == text


def _renamed(criterion: object, name: str) -> object:
    return replace(criterion, name=name)  # type: ignore[type-var]


def test_another_scorecard_is_not_put_into_the_link() -> None:
    for other in (
        replace(MODEL, name="Other"),
        replace(MODEL, window_days=30),
        replace(MODEL, overlap=()),
        replace(MODEL, criteria=MODEL.criteria[1:]),
        replace(MODEL, criteria=(replace(MODEL.criteria[0], name="size"), *MODEL.criteria[1:])),
        replace(MODEL, criteria=(replace(MODEL.criteria[0], levels=MODEL.criteria[0].levels[:3]), *MODEL.criteria[1:])),
    ):
        assert not can_be_linked(other, MODEL)
        assert as_link(other, MODEL) == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("threshold", "the part “threshold”, which cannot be read"),
        ("threshold.65~threshold.66", "the part “threshold.66”, which cannot be read"),
        ("threshold.abc", "says “abc” for “threshold”, where a number from 0 to 3650 belongs"),
        ("threshold.9999", "where a number from 0 to 3650"),
        ("threshold.-5", "says “-5” for “threshold”"),
        ("threshold.101", "threshold of 101 is above the 100 points"),
        ("size.3", "names “size”, which the active scorecard does not have"),
        ("C3.3", "names “C3”, which the active"),
        ("industry.3-4", "has 2 numbers for criterion “industry”, which has 4 levels"),
        ("industry.20", "With 20 instead of 8 points for “industry” a lead can reach 52 points of fit"),
        ("gates.both", "the gate “both”; known are icp, ecosystem, buying, confirmed"),
        ("triggers.9", "asks for 9 different signals"),
        ("icp.41", "above the 40 points of fit"),
        ("fit.10", "more than the group's total of 10"),
        ("x" * 9000, "too long"),
        ("<script>.1", "names “<script>”"),
    ],
)
def test_a_wrong_link_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        from_link(text, MODEL)


@given(st.text(alphabet="ab.~-0123456789CthresholdgatesfitC", max_size=60))
def test_whatever_a_link_says_makes_a_sound_model_or_a_sentence(text: str) -> None:
    try:
        check(from_link(text, MODEL))
    except UserError as error:
        assert str(error).endswith(".")


def test_a_link_made_for_an_older_active_model_is_known() -> None:
    text = as_link(with_threshold(MODEL, 65), MODEL)
    assert not made_for_another(text, MODEL)
    assert made_for_another(text, with_threshold(MODEL, 80))
    assert from_link(text, with_threshold(MODEL, 80)).threshold == 65
    assert not made_for_another("threshold.65", MODEL)
