"""The map of sites as SVG: ground, bubbles, rings and as many names as there is room for."""

import math

from markupsafe import Markup

from planner.figures.land import LAYERS, ground
from planner.figures.panels import Panel, names_on, panels
from planner.figures.spec import Bubble, SiteMap
from planner.report.html.svg import arc, drawing, el, path, rect, text

LARGEST_SHARE = 0.034
"""Radius of the largest bubble, as a share of the width of the figure."""
RING = 5.0


def map_svg(spec: SiteMap, width: float, height: float, *, narrow: bool = False) -> Markup:
    """Draw the map; sites that are far from the others have panels of their own."""
    largest = max((bubble.it_gw for bubble in spec.bubbles), default=1.0)
    radius = max(14.0, LARGEST_SHARE * width)
    parts = [_panel(panel, largest, radius) for panel in panels(spec.bubbles, width, height, narrow=narrow)]
    return drawing(spec.title, width, height, parts, "map")


def _panel(panel: Panel, largest: float, radius: float) -> Markup:
    """Draw a panel: a map of its own, which cuts off what lies outside."""
    parts = [rect(panel.x, panel.y, panel.width, panel.height, class_="water")]
    for layer in LAYERS:
        lines = ground(layer, panel.box)
        closed = layer in ("land", "lakes")
        d = "".join(path([panel.place(*point) for point in line], closed=closed) for line in lines)
        if d:
            parts.append(el("path", d=d, class_=layer))
    circles = [
        (*panel.place(one.longitude_deg, one.latitude_deg), max(3.5, radius * math.sqrt(one.it_gw / largest)), one)
        for one in panel.bubbles
    ]
    parts += [_bubble(*circle) for circle in circles]
    parts += [text(one.x, one.base, one.words, "place", one.anchor) for one in names_on(panel, circles, 1.0, RING)]
    frame = rect(panel.x + 0.5, panel.y + 0.5, panel.width - 1, panel.height - 1, class_="frame")
    inner = el("svg", *parts, x=panel.x, y=panel.y, width=panel.width, height=panel.height, overflow="hidden",
               viewBox=f"{panel.x:.1f} {panel.y:.1f} {panel.width:.1f} {panel.height:.1f}")  # fmt: skip
    return inner + frame


def _bubble(x: float, y: float, radius: float, bubble: Bubble) -> Markup:
    parts = [el("circle", cx=x, cy=y, r=radius, class_=f"bubble f-{bubble.tone.name}")]
    if bubble.tone.texture:
        parts.append(el("circle", cx=x, cy=y, r=radius, class_=f"t{bubble.tone.texture}"))
    if bubble.backup_share > 0.0:
        parts.append(el("circle", cx=x, cy=y, r=radius + RING, class_="ring-ground"))
        parts.append(arc(x, y, radius + RING, min(1.0, bubble.backup_share), "ring"))
    hit = el("circle", cx=x, cy=y, r=max(radius + RING, 11.0), class_="hit", data_tip=bubble.tip)
    return el("g", *parts, hit, class_="site")
