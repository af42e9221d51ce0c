"""The colours of figures: fixed for every provider and chip of a case, apart for the colour-blind, light and dark.

A colour is a `Tone`: a place in the palette and a texture. Providers and chips have theirs by the order of their keys
in the case, so that one has the same colour in every figure and in every plan of the case.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from planner.case.case import CaseData
from planner.case.rows import ChipRow, ProviderRow

LIGHT = (
    "#0067a5", "#d9690f", "#00876a", "#5b2a86", "#b3263a", "#3f9ad3", "#23304f", "#c9659f", "#5c4a12", "#6f9a28",
    "#8c6a52", "#6b7886",
)  # fmt: skip
"""The palette on a light ground: neighbours differ in lightness too, and each stands out 3 : 1 from the ground."""
DARK = (
    "#4c9fe0", "#f5953b", "#1fb38a", "#8a5fd0", "#f2707a", "#93d2f8", "#dfe3ee", "#f2a7d3", "#c9a94a", "#b6e06a",
    "#b08b70", "#8796a5",
)  # fmt: skip
"""The same on a dark ground."""
NAMED = {
    "primary": ("#0067a5", "#4c9fe0"),
    "backup": ("#d9690f", "#f5953b"),
    "other": ("#7d8590", "#8b949e"),
    "good": ("#00755b", "#2fc79a"),
    "bad": ("#b3263a", "#f2707a"),
    "ink": ("#1b2430", "#e8edf2"),
    "muted": ("#57616d", "#a4aeb9"),
    "grid": ("#dde2e8", "#2c343e"),
    "ground": ("#ffffff", "#12171d"),
    "land": ("#e9ebe6", "#222a33"),
    "water": ("#f7fafc", "#161d25"),
    "border": ("#b9c0c8", "#46515d"),
}
"""Colours with a meaning of their own: light, dark."""
HEAT = (
    ("#08306b", "#8ccbff"), ("#2171b5", "#4596d8"), ("#6baed6", "#2a6698"), ("#bdd7e7", "#1f4566"),
    ("#e6eef5", "#1a2b39"),
)  # fmt: skip
"""Head-room from none to much: light, dark."""
HEAT_STEPS = (0.01, 0.03, 0.1, 0.25)
"""Head-room at which the colour changes."""
GRID = {
    "now": NAMED["primary"], "same": HEAT[4], "more": NAMED["backup"], "less": NAMED["other"], "later": HEAT[3],
    "none": ("#f5f7f9", "#1a2129"),
}  # fmt: skip
"""Cells of a grid of decisions (`planner.figures.spec.GRID_KINDS`): light, dark."""
TEXTURES = 4
"""Plain, and three textures for those of whom the palette has no colour left."""
CHIPS_BEGIN = 6
"""Chips begin elsewhere in the palette than providers: no first provider looks like a first chip."""


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour: the name of one in `NAMED`, or ``s0`` to ``s11`` of the palette, and a texture (0: plain)."""

    name: str
    texture: int = 0

    def hex(self, *, dark: bool = False) -> str:
        """Return the colour as ``#rrggbb``.

        Examples
        --------
        >>> Tone("s0").hex(), Tone("backup").hex(dark=True)
        ('#0067a5', '#f5953b')
        """
        if self.name in NAMED:
            return NAMED[self.name][dark]
        return (DARK if dark else LIGHT)[int(self.name.removeprefix("s"))]


OTHER, PRIMARY, BACKUP, GOOD, BAD, INK = (Tone(name) for name in ("other", "primary", "backup", "good", "bad", "ink"))


def tones(keys: Iterable[str], begin: int = 0) -> dict[str, Tone]:
    """Return a tone for each key, by the order of the keys.

    Examples
    --------
    >>> tones(["oracle", "azure"])
    {'azure': Tone(name='s0', texture=0), 'oracle': Tone(name='s1', texture=0)}
    """
    count = len(LIGHT)
    return {
        key: Tone(f"s{(begin + place) % count}", place // count % TEXTURES) for place, key in enumerate(sorted(keys))
    }


def provider_tones(case: CaseData) -> dict[str, Tone]:
    """Return the tone of every provider of a case."""
    return tones(row.provider for row in case.rows(ProviderRow))


def chip_tones(case: CaseData) -> dict[str, Tone]:
    """Return the tone of every chip of a case."""
    return tones((row.chip for row in case.rows(ChipRow)), CHIPS_BEGIN)
