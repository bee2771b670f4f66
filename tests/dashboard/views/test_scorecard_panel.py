"""Does the scorecard's column do what its controls say, and does the link keep it?"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.domain import UserError
from dashboard.scoring.edits import as_link, from_link, with_threshold
from dashboard.scoring.model import Gate, Level, ScoringModel
from dashboard.scoring.scorecard_file import as_document, default_model
from dashboard.views.scorecard_files import as_json, file_name, read

MODEL = default_model()
FIT, INTENT = [12, 8, 12, 8], [8, 12, 6, 12, 4, 12, 6]


def page() -> None:
    """A page with nothing but the scorecard, in a fragment as on the real one."""
    import streamlit as st

    from dashboard.scoring.scorecard_file import default_model
    from dashboard.views import scorecard_panel, scorecard_state

    @st.fragment
    def body() -> None:
        active = st.session_state.get("test_active") or default_model()
        scorecard_state.current(active)
        st.session_state["test_scenario"] = scorecard_panel.draw(active)

    body()


def opened(active: ScoringModel | None = None, **link: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=60)
    if active:
        app.session_state["test_active"] = active
    for name, value in link.items():
        app.query_params[name] = value
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception
    assert not app.warning, "a control has a value of its own beside the session's"
    return app


def scenario(app: AppTest) -> ScoringModel:
    model: ScoringModel = app.session_state["test_scenario"]
    return model


def sliders(app: AppTest) -> list[int]:
    return [slider.value for slider in app.slider]


def link(app: AppTest) -> str:
    said: Any = app.query_params.get("scorecard", "")
    return said if isinstance(said, str) else "".join(said)


def press(app: AppTest, name: str) -> AppTest:
    app.button(key=f"scorecard_{name}").click()
    return run(app)


def preset(app: AppTest, key: str | None) -> AppTest:
    app.button_group(key="scorecard_preset").set_value(key)
    return run(app)


def part(app: AppTest, name: str) -> AppTest:
    app.button_group(key="scorecard_part").set_value(name)
    return run(app)


def texts(app: AppTest) -> str:
    return " ".join(str(one.value) for one in [*app.markdown, *app.caption])


def test_the_active_scorecard_comes_first() -> None:
    app = opened()
    assert scenario(app) == MODEL
    assert sliders(app) == FIT
    assert link(app) == ""
    assert app.session_state["scorecard_preset"] == "active"
    assert all(button.disabled for button in app.button)
    assert "This is the active scorecard." in texts(app)
    assert sliders(part(app, "intent")) == INTENT


def test_a_slider_moves_the_rest_and_comes_back() -> None:
    app = opened()
    app.slider[0].set_value(20)
    assert sliders(run(app)) == [20, 6, 8, 6]
    assert app.session_state["scorecard_preset"] is None
    assert link(app).startswith("company_size.20~industry.6~tech_stack.8~use_case.6~of.")
    assert "company size 12 → 20" in texts(app)
    app.slider[0].set_value(40)
    assert sliders(run(app)) == [40, 0, 0, 0]
    app.slider[0].set_value(12)
    assert sliders(run(app)) == FIT
    assert scenario(app) == MODEL
    assert link(app) == ""


def test_undo_redo_and_reset() -> None:
    app = opened()
    for value in (20, 30):
        app.slider[0].set_value(value)
        run(app)
    assert sliders(press(app, "undo"))[0] == 20
    assert sliders(press(app, "undo")) == FIT
    assert app.button(key="scorecard_undo").disabled
    assert sliders(press(app, "redo"))[0] == 20
    assert sliders(press(app, "reset")) == FIT
    assert sliders(press(app, "undo"))[0] == 20
    assert link(app).startswith("company_size.20~")


def test_an_old_value_and_an_old_link_that_come_back_change_nothing() -> None:
    app = opened()
    app.slider[0].set_value(20)
    old = link(run(app))
    # The browser has heard of no answer when it reports the next moves: with the old link, preset and other sliders.
    for value, expected in ((30, [30, 3, 4, 3]), (31, [31, 3, 4, 2])):
        app.query_params["scorecard"] = old
        app.button_group(key="scorecard_preset").set_value("active")
        for slider, reported in zip(app.slider, (value, *FIT[1:]), strict=True):
            slider.set_value(reported)
        assert sliders(run(app)) == expected
        assert link(app).startswith(f"company_size.{value}~")


def test_an_unlocked_slider_is_refused_where_there_are_no_points() -> None:
    app = opened()
    app.toggle(key="scorecard_lock").set_value(False)
    run(app)
    app.slider[1].set_value(20)
    assert sliders(run(app)) == FIT
    assert "“industry” can have 8 points at most" in texts(app).replace("\\", "")
    app.slider[0].set_value(2)
    assert sliders(run(app)) == [2, 8, 12, 8]
    assert "at most" not in texts(app)
    app.slider[1].set_value(18)
    assert sliders(run(app)) == [2, 18, 12, 8]


def test_presets() -> None:
    app = opened()
    assert sliders(preset(app, "45/55")) == [14, 9, 13, 9]
    assert scenario(app).intent_total == 55
    assert preset(app, "stricter") and scenario(app).threshold == 75
    assert sliders(preset(app, "blank")) == [0, 0, 0, 0]
    assert app.toggle(key="scorecard_lock").value is False
    app.slider[0].set_value(12)
    assert sliders(run(app)) == [12, 0, 0, 0]
    assert scenario(app).criteria[0] == MODEL.criteria[0]
    assert sliders(preset(app, "active")) == FIT


def test_levels_open_and_are_set() -> None:
    app = opened()
    app.session_state["scorecard_levels_0"] = True
    run(app)
    fields = [field for field in app.number_input if (field.key or "").startswith("scorecard_points_0")]
    assert [field.value for field in fields] == [2, 8, 12, 10, 6]
    fields[1].set_value(11)
    assert [level.points for level in scenario(run(app)).criteria[0].levels] == [2, 11, 12, 10, 6]
    fields = [field for field in app.number_input if (field.key or "").startswith("scorecard_points_0")]
    fields[1].set_value(20)
    assert sliders(run(app)) == [20, 6, 8, 6]
    assert [level.points for level in scenario(app).criteria[0].levels] == [2, 20, 12, 10, 6]


def test_triggers_and_gates() -> None:
    app = part(opened(), "gates")
    app.number_input(key="scorecard_triggers").set_value(3)
    run(app)
    app.toggle(key="scorecard_gate_confirmed").set_value(True)
    app.toggle(key="scorecard_gate_buying").set_value(False)
    assert scenario(run(app)).min_triggers == 3
    assert scenario(app).requires == Gate.ECOSYSTEM | Gate.CONFIRMED
    assert link(app).startswith("triggers.3~gates.ecosystem-confirmed~")


def test_a_gate_that_nothing_can_pass_is_refused() -> None:
    without = replace(MODEL, buying=(), requires=Gate.ECOSYSTEM)
    app = part(opened(without), "gates")
    app.toggle(key="scorecard_gate_buying").set_value(True)
    assert scenario(run(app)) == without
    assert app.toggle(key="scorecard_gate_buying").value is False
    assert "names none" in texts(app)


def test_the_link_is_taken_in_and_a_wrong_one_said() -> None:
    wanted = from_link("threshold.65~industry.4", MODEL)
    app = opened(scorecard=as_link(wanted, MODEL))
    assert scenario(app) == wanted
    assert sliders(press(app, "undo")) == FIT
    app = opened(scorecard="nonsense.12")
    assert scenario(app) == MODEL
    assert "names “nonsense”, which the active scorecard does not have" in texts(app).replace("\\", "")
    assert link(app) == ""
    app = opened(scorecard=as_link(wanted, with_threshold(MODEL, 80)))
    assert scenario(app) == wanted
    assert "another scorecard was active" in texts(app)


def test_an_untouched_scenario_follows_the_active_model() -> None:
    app = opened()
    newer = with_threshold(MODEL, 60)
    app.session_state["test_active"] = newer
    assert scenario(run(app)) == newer
    app.slider[0].set_value(20)
    tried = scenario(run(app))
    app.session_state["test_active"] = MODEL
    assert scenario(run(app)) == tried
    assert link(app).startswith("threshold.60~company_size.20~")


def card(**changes: Any) -> bytes:
    return json.dumps(as_document(MODEL) | changes).encode()


def test_another_scorecard_from_a_file() -> None:
    app = opened()
    app.session_state["scorecard_files"] = True
    run(app)
    app.file_uploader[0].upload("mine.json", card(name="Mine", criteria=as_document(MODEL)["criteria"][1:]))
    assert sliders(run(app)) == FIT[1:]
    assert scenario(app).name == "Mine"
    assert link(app) == ""
    assert "the link does not hold it" in texts(app)
    app.slider[0].set_value(20)
    assert sum(sliders(run(app))) == 40
    assert sliders(press(app, "reset")) == FIT
    app.file_uploader[0].upload("wrong.json", card(threshold=101))
    assert scenario(run(app)) == MODEL
    assert "threshold of 101 is above the 100 points" in texts(app)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe", "no text in UTF-8"),
        (b"{", "no JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (card(criteria="x"), "needs “criteria”, a list"),
    ],
)
def test_a_file_that_is_no_scorecard_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        read(content, MODEL)


def test_a_file_comes_back_as_it_went() -> None:
    assert read(as_json(MODEL).encode(), MODEL) == MODEL
    assert read(b"\xef\xbb\xbf" + as_json(MODEL).encode(), MODEL) == MODEL
    assert file_name(MODEL) == "joint-scorecard-40-60.json"
    assert file_name(replace(MODEL, name="شركة")) == "scorecard.json"


def test_odd_names_and_odd_scorecards() -> None:
    names = [
        "<img src=x onerror=alert(1)>",
        "**bold** [a](b) $x$",
        "شركة الشركاء",
        "🤝 :red[x]",
        "x" * 200,
        "threshold",
    ]
    criteria = tuple(replace(own, name=name) for own, name in zip(MODEL.criteria, names, strict=False))
    levels = (Level("<b>", 12, otherwise=True),)
    odd = replace(MODEL, name="<b>", criteria=(*criteria[:-1], replace(criteria[-1], levels=levels)))
    app = opened(odd)
    assert app.slider[0].label == r"\<img src=x onerror=alert\(1\)\>"
    app.slider[3].set_value(20)
    assert sum(sliders(run(app))) == 40
    part(app, "intent")
    assert [slider.disabled for slider in app.slider] == [False, False]
    assert link(app)
    for model in (
        replace(MODEL, criteria=()),
        replace(MODEL, criteria=MODEL.criteria[:1], triggers=(), min_triggers=0),
        replace(MODEL, criteria=(), fit_total=0, intent_total=0, threshold=0, icp_at_least=0),
    ):
        app = opened(model)
        assert scenario(app) == model
        for name in ("intent", "gates", "fit"):
            part(app, name)
        for key in ("45/55", "stricter", "looser", "blank", "active"):
            preset(app, key)
