"""Does a Plotly figure drawn on paper show the same values at the same places as its axes say?"""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from dashboard.charts import arr, channel_page, channels, theme
from dashboard.domain import Estimate
from dashboard.reports.figure_paper import on_paper
from dashboard.reports.figure_words import extent, style_of
from dashboard.reports.figures import Picture

SVG = "{http://www.w3.org/2000/svg}"


def drawn(traces: list[theme.Trace], **layout: object) -> Picture:
    figure = theme.figure(traces, height=300, **layout)  # type: ignore[arg-type]
    return on_paper(figure.to_plotly_json(), "How much?", "In words")


def tree(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)


def boxes(picture: Picture) -> list[dict[str, float]]:
    """The filled rectangles by x, y, width and height."""
    found = [rect for rect in tree(picture).iter(f"{SVG}rect") if rect.get("fill", "").startswith("#")]
    return [{name: float(rect.get(name, "nan")) for name in ("x", "y", "width", "height")} for rect in found]


def words(picture: Picture) -> list[str]:
    return ["".join(text.itertext()).replace("\u00a0", " ") for text in tree(picture).iter(f"{SVG}text")]


def test_bars_are_as_high_as_their_values() -> None:
    one, two, four = boxes(drawn([theme.trace("bar", y=[1.0, 2.0, 4.0], marker={"color": "#2f6fde"})]))
    assert two["height"] == pytest.approx(2 * one["height"], abs=0.05)
    assert four["height"] == pytest.approx(4 * one["height"], abs=0.05)
    assert one["y"] + one["height"] == pytest.approx(four["y"] + four["height"], abs=0.05)
    assert two["x"] - one["x"] == pytest.approx(four["x"] - two["x"], abs=0.05)


def test_stacked_bars_stand_on_each_other_and_inside_the_picture() -> None:
    picture = drawn(
        [theme.trace("bar", y=[3.0, -1.0], marker={"color": colour}) for colour in ("#111111", "#222222")],
        barmode="relative",
    )
    up, down, second_up, second_down = boxes(picture)
    assert second_up["y"] + second_up["height"] == pytest.approx(up["y"], abs=0.05)
    assert second_down["y"] == pytest.approx(down["y"] + down["height"], abs=0.05)
    assert second_up["y"] >= 0
    assert second_down["y"] + second_down["height"] <= picture.height


def test_lying_bars_grow_to_the_right_from_their_base() -> None:
    short, long = boxes(
        drawn([theme.trace("bar", x=[1.0, 3.0], y=["a", "b"], orientation="h", base=[0.0, 1.0],
                           marker={"color": "#2f6fde"})])
    )  # fmt: skip
    assert long["width"] == pytest.approx(3 * short["width"], abs=0.05)
    assert long["x"] == pytest.approx(short["x"] + short["width"], abs=0.05)
    assert short["y"] > long["y"]  # the first category stands lowest, as on screen


def test_whiskers_reach_from_low_to_high() -> None:
    error = {"type": "data", "symmetric": False, "array": [2.0], "arrayminus": [1.0], "color": "#000000", "width": 0}
    trace = theme.trace("scatter", x=[3.0], y=[0.0], mode="markers", error_x=error, marker={"color": "#2f6fde"})
    picture = drawn([trace], xaxis=theme.axis(range=[0, 10], tickvals=[0, 10]))
    path = next(p.get("d", "") for p in tree(picture).iter(f"{SVG}path") if p.get("fill") == "none")
    first, last = (float(x) for x in re.findall(r"[ML]([\d.]+),", path))
    dot = float(next(tree(picture).iter(f"{SVG}circle")).get("cx", "nan"))
    assert dot - first == pytest.approx((last - dot) / 2, abs=0.05)


def test_steps_gaps_and_dates() -> None:
    days = np.array(["2026-01-01", "2026-02-01", "2026-03-01"], dtype="datetime64[ns]")
    trace = theme.trace("scatter", x=days, y=[1.0, None, 2.0], mode="lines+markers", line={"shape": "hv", "width": 2})
    picture = drawn([trace], xaxis=theme.axis(type="date"))
    assert len(list(tree(picture).iter(f"{SVG}circle"))) == 2
    assert any("2026" in text for text in words(picture))


def test_what_reaches_beyond_an_axis_is_cut_off() -> None:
    trace = theme.trace("scatter", x=[0.0, 10.0], y=[0.0, 1.0], mode="markers")
    band = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "fillcolor": "#eef", "line": {"width": 0}}
    bands = [{**band, "x0": 5, "x1": 99}, {**band, "x0": 50, "x1": 99}, {**band, "x0": 5, "x1": 10}]
    picture = drawn([trace], shapes=bands, xaxis=theme.axis(range=[0, 10]))
    one, two = [(rect.get("x"), rect.get("width")) for rect in boxes(picture)]
    assert one == two


def test_what_is_written_beside_the_plot_has_room() -> None:
    note = theme.note("A rather long name", x=1, xref="paper", xanchor="left", y=0)
    picture = drawn([theme.trace("scatter", x=[0, 1], y=[0, 1], mode="markers")], margin={"r": 8}, annotations=[note])
    (place,) = [
        float(t.get("x", "nan")) for t in tree(picture).iter(f"{SVG}text") if "".join(t.itertext()) == note["text"]
    ]
    assert place + extent(note["text"], style_of(note["font"]))[0] <= picture.width


def test_names_are_text_and_styles_stay() -> None:
    note = theme.note(f"<b>{theme.name('<script>&')}</b> 12 %<br>second", x=0, y=0)
    picture = drawn([theme.trace("scatter", x=[0], y=[0], mode="markers")], annotations=[note])
    assert {"<script>& 12 %", "second"} <= set(words(picture))
    assert "<script>" not in picture.svg
    bold = [span.text for span in tree(picture).iter(f"{SVG}tspan") if span.get("font-weight") == "600"]
    assert bold == ["<script>&"]


def test_the_house_charts_are_drawn_whole() -> None:
    quarters = [arr.Quarter(f"Q{n} 2026", (1e5 * n, 5e4), 1e5 * n + 5e4, 2e5, n == 4) for n in range(1, 5)]
    bars = on_paper(arr.by_quarter(quarters, ["Gold", "Silver"], "USD", 310, (0, 2e5, 4e5)).to_plotly_json(), "", "")
    assert len(boxes(bars)) == 8 + 2  # a bar for each tier and quarter, and two samples in the legend
    assert {"Gold", "Silver", "Target"} <= set(words(bars))
    rows = [channels.Row("Partners", "n = 300", Estimate(0.22, 0.18, 0.27, 300), True, (0.18, 0.25))]
    rates = on_paper(channels.comparison(rows).to_plotly_json(), "", "")
    assert "22.0\u202f%" in [text.strip() for text in words(rates)]


def test_bars_before_and_after_stand_beside_each_other() -> None:
    bars = [channel_page.Bar("Search", 60.0, 48.0, 30.0, 70.0, "$60", "$48")]
    figure = channel_page.before_and_after(bars, [(0.0, "$0"), (100.0, "$100")])
    seen, estimated = boxes(on_paper(figure.to_plotly_json(), "", ""))[:2]
    assert seen["x"] + seen["width"] == pytest.approx(estimated["x"], abs=0.05)
    assert estimated["height"] == pytest.approx(0.8 * seen["height"], abs=0.05)


def test_what_is_estimated_is_hatched_in_the_picture_and_in_the_legend() -> None:
    marker = {"color": "#2f6fde", "pattern": {"shape": "/"}}
    picture = drawn([theme.trace("bar", y=[1.0], name="Expected", marker=marker)], showlegend=True)
    (fill,) = {rect.get("fill") for rect in tree(picture).iter(f"{SVG}rect")}
    patterns = {pattern.get("id") for pattern in tree(picture).iter(f"{SVG}pattern")}
    assert fill == f"url(#{patterns.pop()})" and not patterns


def test_a_mark_is_the_same_in_the_legend() -> None:
    marker = {"size": 9, "symbol": "circle-open", "color": "#2f6fde"}
    trace = theme.trace("scatter", x=[1.0], y=[1.0], mode="markers", name="Before", marker=marker)
    circles = list(tree(drawn([trace], showlegend=True)).iter(f"{SVG}circle"))
    assert [circle.get("fill") for circle in circles] == ["none", "none"]
    assert len({circle.get("r") for circle in circles}) == 1


def test_nothing_to_draw_is_an_empty_frame() -> None:
    assert drawn([theme.trace("bar", x=[], y=[])]).svg.startswith("<svg")
    assert drawn([]).svg.startswith("<svg")
