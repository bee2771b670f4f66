"""Is the line given the right places and texts, and does it take nothing from the browser but a new threshold?"""

from __future__ import annotations

import json
import subprocess
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import playwright
import pytest
from hypothesis import given
from hypothesis import strategies as some
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from dashboard.threshold_line.drawing import NO_BARS, Bar, Number, drawn
from tests.browser import threshold_page

ROOT = Path(__file__).resolve().parents[2]
# Playwright brings a Node along, so that the tests of the script need none of the machine's.
NODE = Path(playwright.__file__).parent / "driver" / "node"


def texts(top: int, word: str = "at") -> tuple[str, ...]:
    return tuple(f"{word} {threshold}" for threshold in range(top + 1))


def data(**changes: Any) -> dict[str, Any]:
    """Three scores of 0..9, the highest bar 10 leads high."""
    known = {
        "value": 7,
        "top": 9,
        "active": 5,
        "bars": [Bar(2, 0, 0, 4), Bar(5, 1, 3, 6), Bar(6, 0, 0, 0), Bar(9, 2, 3, 0)],
        "numbers": [Number("eqls", "EQLs", texts(9), texts(9, "change"))],
        "spoken": texts(9, "say"),
        "best": (4, 6),
    }
    return drawn(**(known | changes))


def test_bars_stand_right_of_their_score() -> None:
    # 0..9 are ten places of 10 % each; the highest bar has 10 leads, and the scale ends at 4 steps of 5: 10.
    assert data()["bars"] == [
        [20.0, 10.0, 0.0, 0.0, 40.0, "Score 2: 0 won, 0 worked but not won, 4 never worked"],
        [50.0, 10.0, 10.0, 30.0, 60.0, "Score 5: 1 won, 3 worked but not won, 6 never worked"],
        [90.0, 10.0, 20.0, 30.0, 0.0, "Score 9: 2 won, 3 worked but not won, 0 never worked"],
    ]
    assert data()["scale"] == [[0.0, "0"], [50.0, "5"], [100.0, "10"]]


def test_a_band_of_scores_is_as_wide_as_the_step_between_them() -> None:
    bars = data(bars=[Bar(0, 0, 0, 1), Bar(5, 0, 2, 0)])["bars"]
    assert [bar[:2] for bar in bars] == [[0.0, 50.0], [50.0, 50.0]]
    assert bars[1][5].startswith("Scores 5 to 9:")


@pytest.mark.parametrize(("leads", "ends"), [(0, 1), (1, 1), (3, 3), (4, 4), (5, 6), (17, 20), (1_901, 2_000)])
def test_the_scale_ends_at_a_round_number_above_the_highest_bar(leads: int, ends: int) -> None:
    last = data(bars=[Bar(5, 0, leads, 0)])["scale"][-1]
    assert last == [100.0, f"{ends:,}".replace(",", "\u202f")]


def test_nothing_to_draw_is_said() -> None:
    assert data()["note"] == ""
    for bars in ([], [Bar(3, 0, 0, 0)]):
        nothing = data(bars=bars, active=None, best=None)
        assert (nothing["bars"], nothing["note"]) == ([], NO_BARS)
        assert nothing["active"] is None and nothing["best"] is None


def test_every_tenth_score_is_written_and_every_other_of_them_on_a_phone() -> None:
    ticks = data(value=0, top=100, active=0, bars=[], numbers=[], spoken=texts(100), best=None)["ticks"]
    assert [tick[1] for tick in ticks] == [str(score) for score in range(0, 101, 10)]
    assert [tick[1] for tick in ticks if tick[2]] == ["0", "20", "40", "60", "80", "100"]


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"value": 10}, "thresholds"),
        ({"value": -1}, "thresholds"),
        ({"active": 10}, "thresholds"),
        ({"best": (4, 10)}, "thresholds"),
        ({"best": (6, 4)}, "ends before it begins"),
        ({"bars": [Bar(10, 1, 0, 0)]}, "bars"),
        ({"bars": [Bar(5, 1, 0, 0), Bar(5, 1, 0, 0)]}, "bars"),
        ({"spoken": texts(8)}, "spoken"),
        ({"numbers": [Number("arr", "ARR", texts(8))]}, "arr"),
        ({"numbers": [Number("arr", "ARR", texts(9), texts(10))]}, "arr \\(changes\\)"),
    ],
)
def test_what_does_not_fit_the_thresholds_is_refused(changes: dict[str, Any], names: str) -> None:
    with pytest.raises(ValueError, match=names):
        data(**changes)


counts = some.integers(0, 10**7)


@given(
    some.integers(1, 150).flatmap(
        lambda top: some.tuples(
            some.just(top), some.dictionaries(some.integers(0, top), some.tuples(counts, counts, counts))
        )
    )
)
def test_every_drawing_fits_its_frame(case: tuple[int, dict[int, tuple[int, int, int]]]) -> None:
    top, leads = case
    bars = [Bar(score, *leads[score]) for score in sorted(leads)]
    made = data(value=top, top=top, active=0, bars=bars, numbers=[], spoken=texts(top), best=(0, top))
    assert json.loads(json.dumps(made)) == made, "plain JSON"
    shown = [bar for bar in bars if bar.leads]
    highest = max((bar.leads for bar in shown), default=0)
    most = max(highest, 1) * 5 / 2
    for bar, (left, width, *heights, _) in zip(shown, made["bars"], strict=True):
        assert left == pytest.approx(float(Fraction(100 * bar.score, top + 1)), abs=1e-3)
        assert width > 0 and left + width <= 100.002
        assert sum(heights) <= 100.002
        assert sum(heights) >= 100 * bar.leads / most - 0.01, "and the frame is at most two and a half times as high"
    edges = [column[0] for column in made["bars"]]
    assert all(edge + made["bars"][0][1] <= following + 0.002 for edge, following in pairwise(edges))
    assert len(made["ticks"]) <= 11 and 2 <= len(made["scale"]) <= 5


def page() -> AppTest:
    shown = AppTest.from_file(threshold_page.__file__, default_timeout=60).run()
    assert not shown.exception
    return shown


def sent(shown: AppTest) -> dict[str, Any]:
    """What the browser gets."""
    return dict(json.loads(shown.get("bidi_component")[0].proto.json))


def release(shown: AppTest, message: object, event: str = "released") -> AppTest:
    """As the browser sends it; `message` is whatever somebody puts into it."""
    states: WidgetStates = shown._tree.get_widget_states()
    component = shown.get("bidi_component")[0].proto.id
    states.widgets.append(
        WidgetState(
            id=f"$$STREAMLIT_INTERNAL_KEY_{component}__events",
            json_trigger_value=json.dumps([{"event": event, "value": message}]),
        )
    )
    done = shown._run(states)
    assert not done.exception, done.exception
    return done


def test_a_release_moves_the_field_and_is_answered_by_its_number() -> None:
    shown = page()
    assert (sent(shown)["value"], sent(shown)["rev"]) == (70, 0)
    release(shown, {"value": 55, "rev": 1})
    assert shown.number_input[0].value == 55
    assert (sent(shown)["value"], sent(shown)["rev"]) == (55, 1)
    release(shown, {"value": 0, "rev": 9})
    assert (sent(shown)["value"], sent(shown)["rev"]) == (0, 9)
    assert shown.session_state["releases"] == 2


def test_the_field_moves_the_line() -> None:
    shown = page()
    shown.number_input[0].set_value(33).run()
    assert (sent(shown)["value"], sent(shown)["rev"]) == (33, 0)


def test_the_same_release_again_is_not_taken_twice() -> None:
    shown = release(page(), {"value": 55, "rev": 3})
    shown.number_input[0].set_value(80).run()
    for old in (3, 2):
        release(shown, {"value": 55, "rev": old})
        assert (sent(shown)["value"], sent(shown)["rev"]) == (80, 3)


def test_a_foreign_value_is_dropped_but_answered() -> None:
    shown = page()
    for rev, value in enumerate([55.5, 55.0, "55", "x", True, None, -1, 101, 10**30, [1], {"at": 1}], start=1):
        release(shown, {"value": value, "rev": rev})
        assert (sent(shown)["value"], sent(shown)["rev"]) == (70, rev), value
    assert "releases" not in shown.session_state


def test_a_foreign_message_is_dropped() -> None:
    shown = page()
    shapes = [None, 5, "x", [1], [], {}, {"value": 55}, {"rev": 1}, {"value": 55, "rev": 1, "more": 1}]
    revs = [0, -1, 1.5, 1.0, "1", True, None, [1], 2**53, 10**400]
    for message in [*shapes, *({"value": 55, "rev": rev} for rev in revs)]:
        release(shown, message)
        assert (sent(shown)["value"], sent(shown)["rev"]) == (70, 0), message
    assert "releases" not in shown.session_state


def test_a_foreign_event_is_dropped() -> None:
    assert sent(release(page(), {"value": 55, "rev": 1}, event="other"))["value"] == 70


def test_nothing_of_the_page_moves_the_line_but_its_value() -> None:
    shown = page()
    before = shown.get("bidi_component")[0].proto
    shown.run()
    after = shown.get("bidi_component")[0].proto
    assert (before.json, before.id) == (after.json, after.id), "unchanged data do not run the script of the line again"
    assert len(before.json) < 40_000, "eight numbers with changes for 101 thresholds"


def test_the_script_under_node(tmp_path: Path) -> None:
    """Each threshold of some drawings: what Python formatted, and where exact fractions put the line."""
    cases = [
        {
            "data": data(value=0, top=top, active=top, bars=[], best=None, spoken=texts(top, "say"), numbers=numbers),
            "threshold": threshold,
            "texts": [one.texts[threshold] for one in numbers],
            "changes": [one.changes[threshold] if one.changes else "" for one in numbers],
            "spoken": f"say {threshold}",
            "percent": float(Fraction(100 * threshold, top + 1)),
        }
        for top in (1, 9, 100)
        for numbers in [
            [Number("a", "<b>A</b>", texts(top, "🙂 مرحبا"), texts(top, "+")), Number("b", "B", texts(top))]
        ]
        for threshold in range(top + 1)
    ]
    (tmp_path / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    done = subprocess.run(
        [str(NODE), "--test", "--test-reporter=tap", str(ROOT / "tests" / "threshold_line" / "line.test.mjs")],
        env={"CASES": str(tmp_path / "cases.json"), "SCRIPT": str(ROOT / "dashboard" / "threshold_line" / "line.js")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout and "# skipped 0" in done.stdout
