"""Can everybody tell the colours apart, on both backgrounds?"""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from dashboard.charts import theme

CONFIG = tomllib.loads((Path(__file__).resolve().parents[3] / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
MEANINGS = ("PARTNER", "OTHER", "WON", "LOST", "OPEN", "REFERENCE", "BREACH")
TOGETHER = (
    ("PARTNER", "OTHER", "REFERENCE"),
    ("WON", "LOST", "OPEN", "REFERENCE"),
    ("ATTENTION", "BREACH", "REFERENCE"),
)
# Machado, Oliveira & Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1.
EYES = {
    "usual": np.eye(3),
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    dark, bright = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (bright + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    f = np.where(xyz / [0.9505, 1, 1.089] > 0.008856, np.cbrt(xyz / [0.9505, 1, 1.089]), 0)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("meaning", MEANINGS)
def test_marks_stand_out_from_the_background(mode: str, meaning: str) -> None:
    assert contrast(getattr(theme, meaning), CONFIG[mode]["backgroundColor"]) >= 3.0


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_can_be_read(mode: str) -> None:
    colours = CONFIG[mode]
    assert contrast(colours["textColor"], colours["backgroundColor"]) >= 7
    assert contrast(colours["textColor"], colours["sidebar"]["backgroundColor"]) >= 7
    assert contrast(colours["linkColor"], colours["backgroundColor"]) >= 4.5
    assert contrast(colours["orangeTextColor"], colours["orangeBackgroundColor"]) >= 4.5


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("group", TOGETHER)
def test_meanings_in_one_picture_can_be_told_apart(eyes: str, group: tuple[str, ...]) -> None:
    matrix = np.array(EYES[eyes])
    seen = {name: lab(np.clip(matrix @ linear(getattr(theme, name)), 0, 1)) for name in group}
    for one, other in itertools.combinations(group, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 12, f"{one} and {other} look alike"  # CIE76; 2.3 is just seen
