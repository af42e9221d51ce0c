"""The course of a solve as a small figure: cost of the best plan and proven bound over time."""

from collections.abc import Sequence

from markupsafe import Markup

from planner.app.records import Point
from planner.figures.spec import short_number
from planner.report.html.svg import el, text

WIDTH, HEIGHT = 760.0, 170.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 12.0, 10.0, 26.0
MOST = 400
"""Points that are drawn; of more, every so many."""


def course(points: Sequence[Point]) -> Markup:
    """Return the figure; nothing where there is neither a plan nor a bound yet."""
    known = [one for one in points if one.cost is not None or one.bound is not None]
    if len(known) < 2:
        return Markup()
    thin = known[:: 1 + len(known) // MOST]
    drawn = thin if thin[-1] is known[-1] else [*thin, known[-1]]
    values = [value for one in drawn for value in (one.cost, one.bound) if value is not None]
    low, high = min(values), max(values)
    low, high = (low, high) if high - low > 1e-9 * max(1.0, abs(high)) else (low - 0.5, high + 0.5)
    end = max(drawn[-1].seconds, 1e-3)

    def place(seconds: float, value: float) -> tuple[float, float]:
        across = LEFT + (WIDTH - LEFT - RIGHT) * seconds / end
        return across, TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)

    parts = []
    for value in (low, high):
        y = place(0.0, value)[1]
        parts += [el("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid")]
        parts += [text(LEFT - 6, y + 4, f"${short_number(value, 5)}B", "tick", "end")]
    parts += [text(LEFT, HEIGHT - 6, "0 s", "tick"), text(WIDTH - RIGHT, HEIGHT - 6, f"{end:,.1f} s", "tick", "end")]
    for kind, name in (("proven", "bound"), ("best", "cost")):
        steps = [(one.seconds, getattr(one, name)) for one in drawn if getattr(one, name) is not None]
        if steps:
            parts.append(el("path", d=_stairs([place(*step) for step in steps], WIDTH - RIGHT), class_=kind))
    words = "Course of the solve: best plan (line) above the proven bound (dashed)"
    return el("figure", el("svg", *parts, viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}", role="img", aria_label=words,
                           class_="chart")) + el("p", f"{words}, $B by seconds.", class_="small")  # fmt: skip


def _stairs(points: Sequence[tuple[float, float]], end: float) -> str:
    """Return the commands of a line that stays as it is until the next point."""
    (x, y), *others = points
    found = [f"M{x:.1f} {y:.1f}"]
    found += [f"H{across:.1f}V{down:.1f}" for across, down in others]
    return "".join([*found, f"H{end:.1f}"])
