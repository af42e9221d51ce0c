"""The colours of the report as a style sheet, light and dark; on paper it is light."""

from planner.figures.colours import DARK, GRID, HEAT, LIGHT, NAMED

ALIASES = {"accent": "primary", "line": "grid"}
PANEL, HOVER, WEAVE = ("#f5f7f9", "#1a2129"), ("#1b243014", "#e8edf21f"), ("#ffffff8c", "#12171d8c")


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as the guidelines for accessible pages define it.

    Examples
    --------
    >>> luminance("#ffffff"), luminance("#000000")
    (1.0, 0.0)
    """
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21.

    Examples
    --------
    >>> contrast("#ffffff", "#000000")
    21.0
    """
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _on(colour: str) -> str:
    """Return the colour of text on a colour."""
    return max(("#ffffff", "#000000"), key=lambda text: contrast(text, colour))


def _values(*, dark: bool) -> dict[str, str]:
    palette = {f"s{place}": colour for place, colour in enumerate(DARK if dark else LIGHT)}
    palette |= {name: pair[dark] for name, pair in NAMED.items()}
    palette |= {f"h{place}": pair[dark] for place, pair in enumerate(HEAT)}
    palette |= {f"g-{name}": pair[dark] for name, pair in GRID.items()}
    texts = {f"on-{name}": _on(colour) for name, colour in palette.items()}
    more = {"panel": PANEL[dark], "hover": HOVER[dark], "weave": WEAVE[dark]}
    return {**palette, **texts, **more, **{alias: palette[name] for alias, name in ALIASES.items()}}


def style_of_tones() -> str:
    """Return the style sheet: what each tone is, and the classes that fill and draw with it."""
    light, dark = (
        "".join(f"--{name}:{value};" for name, value in _values(dark=dark).items()) for dark in (False, True)
    )
    names = [f"s{place}" for place in range(len(LIGHT))] + ["primary", "backup", "other", "good", "bad", "ink"]
    fills = "".join(f".f-{name}{{fill:var(--{name})}}.k-{name}{{stroke:var(--{name})}}" for name in names)
    fills += "".join(f".b-{name}{{background:var(--{name})}}text.o-{name}{{fill:var(--on-{name})}}" for name in names)
    heat = "".join(f".cell.h{n}{{fill:var(--h{n})}}text.in.h{n}{{fill:var(--on-h{n})}}" for n in range(len(HEAT)))
    heat += "".join(
        f".cell.g-{name}{{fill:var(--g-{name})}}text.in.g-{name}{{fill:var(--on-g-{name})}}" for name in GRID
    )
    screen = f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}color-scheme:dark}}}}"
    return f":root{{{light}color-scheme:light}}{screen}{fills}{heat}"
