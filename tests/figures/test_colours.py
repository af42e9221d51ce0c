"""Colours of figures: the same for a provider in every plan of a case, and distinct for the colour-blind."""

import math
from itertools import combinations

import pytest

from planner.figures.colours import DARK, HEAT, LIGHT, NAMED, Tone, chip_tones, provider_tones, tones
from planner.report.html.tones import contrast, style_of_tones
from tests.cases import make_case

SEEN = {
    "everybody": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""What the eye makes of linear red, green and blue (Machado, Oliveira and Fernandes 2009)."""
LEAST_DIFFERENCE = 10.0
"""Of two colours, in CIELAB; 2.3 is what is just noticed."""


def lab(colour: str, eye: str) -> tuple[float, float, float]:
    """Return a colour as an eye sees it, in CIELAB."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    red, green, blue = (min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in SEEN[eye])
    xyz = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
    )
    x, y, z = (value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("eye", SEEN)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_first_eight_colours_differ_for_every_eye(palette, eye):
    """Law: any two of the first eight colours are distinct, for the colour-blind too."""
    seen = [lab(colour, eye) for colour in palette[:8]]
    assert min(math.dist(one, other) for one, other in combinations(seen, 2)) >= LEAST_DIFFERENCE


@pytest.mark.parametrize(("palette", "dark"), [(LIGHT, False), (DARK, True)], ids=["light", "dark"])
def test_every_colour_stands_out_from_its_ground(palette, dark):
    """Law: colours stand out 3 : 1 from the ground, texts 4.5 : 1 (guidelines for accessible pages)."""
    ground = NAMED["ground"][dark]
    assert min(contrast(colour, ground) for colour in palette) >= 3.0
    assert min(contrast(NAMED[name][dark], ground) for name in ("ink", "muted", "bad")) >= 4.5
    for colour in (*palette, *(pair[dark] for pair in HEAT)):
        assert max(contrast(colour, "#ffffff"), contrast(colour, "#000000")) >= 4.5


def test_a_provider_has_its_colour_whatever_else_a_plan_uses():
    """Law: colours follow from the keys of the case alone; no two of the first 48 share colour and texture."""
    case = make_case()
    assert provider_tones(case) == tones(sorted({row.provider for row in case.rows("providers")}))
    assert set(chip_tones(case)) == {row.chip for row in case.rows("chips")}
    many = tones(f"provider-{number:02d}" for number in range(48))
    assert len(set(many.values())) == 48
    assert Tone("s0").hex() == LIGHT[0]
    assert Tone("s0").hex(dark=True) == DARK[0]


def test_the_style_sheet_has_every_tone():
    """Law: what a figure may be filled with is in the style sheet."""
    style = style_of_tones()
    for place in range(len(LIGHT)):
        assert f".f-s{place}{{" in style
        assert f".k-s{place}{{" in style
