"""Do the pictures show the numbers, in colours that mean something, with names that cannot break them?"""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from dashboard import palette
from dashboard.domain import NOTHING, Estimate
from dashboard.reports.figures import Picture
from dashboard.reports.partner_pack import Compared, CurvePoint, FunnelStep, Month
from dashboard.reports.partner_pictures import funnel_bars, incidence_curve, percentile_strip, twelve_months
from dashboard.reports.pictures import band, fitted, path, round_ticks
from dashboard.reports.rank_pictures import NAMED_AT_MOST, NAMES, rank_intervals
from dashboard.reports.review_pack import RankLine, Zone
from dashboard.reports.typesetting import FONTS
from tests.dashboard.reports import documents

INTER = ImageFont.truetype(FONTS / "Inter-Regular.ttf", 100)
SVG = "{http://www.w3.org/2000/svg}"
PALETTE = {palette.PARTNER, palette.WON, palette.REFERENCE, palette.ATTENTION, palette.BREACH}


def parts(picture: Picture, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(picture.svg).iter(SVG + tag))


def texts(picture: Picture) -> list[str]:
    return [element.text or "" for element in parts(picture, "text")]


def ranks(number: int) -> list[RankLine]:
    return list(documents.review(number).ranks)


def all_pictures(name: str) -> list[Picture]:
    partner = documents.partner(name)
    found = [
        *rank_intervals([dataclasses.replace(entry, name=name) for entry in ranks(12)], 2, "90 %"),
        funnel_bars([dataclasses.replace(step, stage=name) for step in partner.funnel]),
        incidence_curve(partner.curve, name, name),
        *twelve_months(partner.months, "USD"),
        percentile_strip(Compared(name, "1", "2", 50, 40, 60)),
    ]
    return [picture for picture in found if picture]


def test_two_partners_stand_where_their_ranks_are() -> None:
    # Ranks 1 (1–2) and 2 (2–2) of 2. The axis begins at NAMES + 10 = 142 and ends at 482 − 52 = 430: 144 a rank.
    # The first bar goes from 142 over both ranks, 288 long, its dot in the middle of rank 1: 142 + 72 = 214.
    lines = [RankLine("A", 1, 1, 2, 0.9, 0.1), RankLine("B", 2, 2, 2, 0.1, 0.9, Zone.BOTTOM)]
    (picture,) = rank_intervals(lines, 0, "90 %")
    bars, dots = parts(picture, "rect"), parts(picture, "circle")
    assert [(b.get("x"), b.get("width")) for b in bars] == [("142", "288"), ("286", "144")]
    assert [d.get("cx") for d in dots] == ["214", "358"]
    assert [d.get("fill") for d in dots] == [palette.REFERENCE, palette.BREACH]
    assert "1 (1–2)" in texts(picture) and "2 (2)" in texts(picture)


def test_the_shaded_zones_are_the_outer_fifths_of_all_ranked() -> None:
    # 5 of 10 ranked partners are listed; a fifth is 2: shaded are ranks 1–2 and 9–10, each 2 · 28.8 wide.
    picture = rank_intervals(ranks(5), 2, "90 %", ranked=10)[0]
    shaded = [r for r in parts(picture, "rect") if r.get("fill") == "currentColor"]
    assert [(r.get("x"), r.get("width")) for r in shaded] == [("142", "57.6"), ("372.4", "57.6")]


def test_equal_ranks_have_a_line_to_the_last_place_that_they_share() -> None:
    lines = [RankLine(name, 1, 1, 3, 0.3, 0.3) for name in "ABC"]
    (picture,) = rank_intervals(lines, 0, "90 %")
    shared = [entry for entry in parts(picture, "line") if entry.get("stroke") == palette.REFERENCE]
    assert [(entry.get("x1"), entry.get("x2")) for entry in shared] == [("190", "382")] * 3  # 142 + 48, 142 + 5 · 48


@pytest.mark.parametrize("number", [1, 2, 60, 64, 65, NAMED_AT_MOST])
def test_every_partner_has_its_row_while_one_can_read_them(number: int) -> None:
    found = rank_intervals(ranks(number), number // 5, "90 %")
    assert sum(len(parts(picture, "circle")) for picture in found) == number
    assert all(picture.height < 720 for picture in found), "fits on a page"


def test_of_too_many_partners_all_are_drawn_and_the_sure_ones_named() -> None:
    lines = ranks(500)
    overview, *named = rank_intervals(lines, 100, "90 %")
    assert len(parts(overview, "circle")) == 500
    sure = [entry.name for entry in lines if entry.zone is not Zone.MIDDLE]
    assert sum(len(parts(picture, "circle")) for picture in named) == len(sure) > 0
    assert set(sure) <= {text for picture in named for text in texts(picture)}


def test_nobody_ranked_is_no_picture() -> None:
    assert rank_intervals([], 0, "90 %") == []
    assert funnel_bars([]) is None
    assert incidence_curve([], "x", "y") is None
    assert incidence_curve([CurvePoint(0, None)], "x", "y") is None
    assert twelve_months([], "USD") == []
    assert percentile_strip(Compared("x", "1", "2")) is None


@pytest.mark.parametrize("name", [*documents.NASTY, "", " "])
def test_names_are_words_in_well_formed_pictures(name: str) -> None:
    for picture in all_pictures(name):
        root = ElementTree.fromstring(picture.svg)
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
            "svg", "title", "desc", "text", "rect", "line", "circle", "path"
        }  # fmt: skip
        assert root.find(f"{SVG}title") is not None and root.find(f"{SVG}desc") is not None


def test_colours_come_from_the_palette() -> None:
    for picture in all_pictures("x"):
        assert set(re.findall(r"#[0-9A-Fa-f]{6}", picture.svg)) <= PALETTE | {"#1b2430"}


LETTERS = st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=["Cc", "Cf"])


@given(st.text(LETTERS, max_size=120))
def test_cut_names_fit_their_room(name: str) -> None:
    short = fitted(name, NAMES, 7.5)
    assert fitted(short, NAMES, 7.5) == short
    assert INTER.getlength(short) * 7.5 / 100 <= NAMES * 1.02


def test_no_sign_is_wider_than_thought() -> None:
    signs = [chr(code) for code in range(0x20, 0x180) if chr(code).isprintable()]
    lengths = {sign: INTER.getlength(fitted(sign * 200, NAMES, 7.5)) * 7.5 / 100 for sign in signs}
    assert {sign: length for sign, length in lengths.items() if length > NAMES * 1.02} == {}


@pytest.mark.parametrize("name", ["W" * 200, "Wide Name " * 20, documents.NASTY[0]])
def test_long_names_use_their_room(name: str) -> None:
    short = fitted(name, NAMES, 7.5)
    assert short.endswith("…")
    assert INTER.getlength(short) * 7.5 / 100 >= 0.8 * NAMES


@given(st.floats(1e-6, 1e9), st.integers(2, 8))
def test_ticks_are_few_round_and_within(highest: float, wanted: int) -> None:
    ticks = round_ticks(highest, wanted)
    assert ticks[0] == 0
    assert ticks[-1] <= highest * 1.001
    assert 2 <= len(ticks) <= 2.6 * wanted + 2
    if len(ticks) > 1:
        assert float(f"{ticks[1]:.2e}") == pytest.approx(ticks[1])


def test_ticks_of_nothing() -> None:
    assert round_ticks(0) == [0.0]


def test_a_curve_is_a_staircase() -> None:
    # The value of day 0 holds until day 10, where it drops in y by 5: two corners, not a slope.
    assert 'd="M0,20 10,20 10,15"' in path([(0, 20), (10, 15)], palette.WON)
    assert 'd="M0,18 10,18 10,12 L10,17 10,22 0,22 Z"' in band([(0, 22), (10, 17)], [(0, 18), (10, 12)], "#000000", 0.2)


def test_the_curve_ends_where_it_is_known_and_says_so() -> None:
    points = [CurvePoint(0, 0.0, 0.0, 0.0, 0.0), CurvePoint(50, 0.2, 0.1, 0.3, 0.1), CurvePoint(365, None)]
    picture = incidence_curve(points, "resellers", "days since the deal was opened")
    assert picture is not None
    assert "this partner: 20.0\u202f% won within 50\u202fdays; resellers: 10.0\u202f%" in picture.alt
    assert {"20\u202f%", "10\u202f%", "this partner", "resellers"} <= set(texts(picture))
    assert "300" not in texts(picture)


def test_bars_of_the_funnel_are_as_long_as_their_counts() -> None:
    # 100 leads and 25 EQLs: the second bar is a quarter of the first.
    picture = funnel_bars([FunnelStep("Lead", 100, Estimate(0.25, 0.175, 0.343, 100), True), FunnelStep("EQL", 25)])
    assert picture is not None
    first, second = (float(r.get("width", "0")) for r in parts(picture, "rect"))
    assert second == pytest.approx(first / 4, abs=0.01)
    assert "↓ 25.0\u202f% (17.5–34.3\u202f%), n = 100, too early to say" in texts(picture)


def test_a_funnel_of_nobody_is_drawn() -> None:
    picture = funnel_bars([FunnelStep("Lead", 0, NOTHING), FunnelStep("Won", 0)])
    assert picture is not None and "↓ –" in texts(picture)


def test_months_without_a_value_stay_empty_and_measures_without_any_are_left_out() -> None:
    months = [Month(date(2026, month, 1), leads=value) for month, value in ((1, 10), (2, None), (3, 0), (4, 5))]
    (picture,) = twelve_months(months, "USD")
    tall = [float(r.get("height", "0")) for r in parts(picture, "rect")]
    assert tall == pytest.approx([34, 17])
    assert picture.alt == "Leads, by month: 10, –, 0, 5."
    assert "15" in texts(picture)


def test_a_percentile_stands_at_its_place() -> None:
    # The strip runs from 4 to 114: 88 lies at 4 + 88 · 1.1 = 100.8; the interval from 81 over 27 · 1.1 = 29.7.
    picture = percentile_strip(Compared("Pipeline", "1", "2", 88, 70, 97))
    assert picture is not None
    (dot,), (bar,) = parts(picture, "circle"), parts(picture, "rect")
    assert dot.get("cx") == "100.8"
    assert (bar.get("x"), bar.get("width")) == ("81", "29.7")
    assert picture.alt == "Pipeline: 88 (70–97)."
