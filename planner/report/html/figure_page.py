"""A figure on a page of its own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from planner.figures.spec import Bars, Columns, Dots, Fan, Figure, Grid, Heat, SiteMap, Spread, Timeline
from planner.report.html.columns import bars_svg
from planner.report.html.grids import dots_svg, heat_key, heat_svg, timeline_svg
from planner.report.html.maps import map_svg
from planner.report.html.page import Page, render
from planner.report.html.parts import NARROW, WIDE, Section, columns_figure, figure, legend
from planner.report.html.uncertain_svg import curves_key, fan_key, fan_svg, grid_key, grid_svg, spread_svg

if TYPE_CHECKING:
    from planner.plan.plan import PlanData


def figure_of(spec: Figure) -> Markup:
    """Return a figure in both widths, with its legend and its note."""
    if isinstance(spec, Columns):
        return columns_figure(spec)
    if isinstance(spec, Timeline):
        return figure(timeline_svg(spec, WIDE), timeline_svg(spec, NARROW), spec.note, legend(spec.legend))
    if isinstance(spec, Heat):
        return figure(heat_svg(spec, WIDE), heat_svg(spec, NARROW), spec.note, heat_key())
    if isinstance(spec, SiteMap):
        narrow = map_svg(spec, NARROW, 420, narrow=True)
        return figure(map_svg(spec, WIDE, 470), narrow, spec.note, legend(spec.legend))
    if isinstance(spec, Bars):
        return figure(bars_svg(spec, WIDE), bars_svg(spec, NARROW), spec.note)
    if isinstance(spec, Dots):
        return figure(dots_svg(spec, WIDE, 380), dots_svg(spec, NARROW, 300), spec.note)
    return _over_futures(spec)


def _over_futures(spec: Fan | Spread | Grid) -> Markup:
    if isinstance(spec, Fan):
        return figure(fan_svg(spec, WIDE, 340), fan_svg(spec, NARROW, 240), spec.note, fan_key(spec))
    if isinstance(spec, Spread):
        return figure(spread_svg(spec, WIDE, 400), spread_svg(spec, NARROW, 320), spec.note, curves_key(spec))
    return figure(grid_svg(spec, WIDE), grid_svg(spec, NARROW), spec.note, grid_key(spec))


def figure_page(plan: "PlanData", spec: Figure) -> str:
    """Return a figure of a plan as a page."""
    summary, model = plan.summary, plan.case.model
    facts = [f"case {summary['case_name']}", str(summary["case_hash"])[:8]]
    return page_of(spec, model.title or model.name, facts)


def page_of(spec: Figure, title: str, facts: Sequence[str] = ()) -> str:
    """Return a figure of anything as a page, below a title and facts of it."""
    return render(Page("Figure", title, "", facts, ()), [Section("figure", spec.title, figure_of(spec))])
