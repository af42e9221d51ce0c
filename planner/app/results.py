"""What a variant comes to: its headline, beside it the base, and the figures of both, from the parts of the report."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from planner.app.rendering import strict
from planner.app.words import money, share
from planner.errors import PlannerError
from planner.figures.capacity import capacity, demand
from planner.figures.money import cash, spend
from planner.figures.redundancy import contingencies
from planner.figures.sites import site_map, timeline
from planner.figures.spec import Columns, Figure
from planner.plan.plan import PlanData
from planner.report.html.figure_page import figure_of
from planner.report.html.parts import Amount, Section, clean, columns_figure, details, heading, para, table
from planner.report.html.plan_sections import headline, shortfalls
from planner.report.html.story import story_section
from planner.report.html.svg import el
from planner.report.reported import reported
from planner.runs.difference import Difference
from planner.runs.variants import unserved_compute_years

LEAST_GW, LEAST_BUSD = 5e-4, 5e-4
MORE: tuple[tuple[str, Callable[[PlanData], Figure]], ...] = (
    ("Where", site_map),
    ("When", timeline),
    ("Demand", demand),
    ("Who is paid", spend),
    ("Backup", contingencies),
)
"""Figures that are shown on demand."""


def sections_of(plan: PlanData, base: PlanData | None, base_name: str) -> list[Section]:
    """Return the sections of a plan, with those that hold it against another one."""
    shown = reported(plan)
    found = [headline(shown), story_section(plan)]
    missed = shortfalls(shown)
    if missed is not None:
        found.append(missed)
    if base is not None:
        found.append(compared(shown, reported(base), base_name))
    found.append(figures(shown, None if base is None else reported(base), base_name))
    return [Section(one.id, one.title, strict(one.body), one.quiet) for one in found]


def compared(plan: PlanData, base: PlanData, base_name: str) -> Section:
    """Return a plan beside the base: cost with bound and gap, capacity by provider, money by year."""
    name = clean(base_name)
    head = ["measure", "this variant", name, "difference"]
    rows: list[list[object]] = [
        ["cost, present value", money(plan.cost_busd), money(base.cost_busd), cost_words(plan, base)],
        ["proven bound", money(plan.bound_busd), money(base.bound_busd), ""],
        ["gap", share(plan.gap), share(base.gap), ""],
        ["unserved demand", *_unserved(plan, base)],
    ]
    parts = [table(head, rows)]
    for title, note, make, least in (
        ("IT GW by provider", "installed", capacity, LEAST_GW),
        ("Money by period, $B nominal", "spent", cash, LEAST_BUSD),
    ):
        parts.append(heading(title))
        parts.append(pair_table(make(plan), make(base), note, least))
    return Section("against", f"Against {name}", Markup().join(parts))


def _unserved(plan: PlanData, base: PlanData) -> list[str]:
    one, other = unserved_compute_years(plan), unserved_compute_years(base)
    words = [f"{value:,.4g} compute-years" for value in (one, other)]
    return [*words, f"{one - other:+,.4g} compute-years" if abs(one - other) > 1e-6 else "none"]


def cost_words(plan: PlanData, base: PlanData) -> str:
    """Return the difference of two costs, as far as they are to be compared and proven."""
    found = Difference.between(plan.summary, base.summary)
    return str(found) if found.comparable else f"not to be compared: the plans miss different amounts ({found})"


def pair_table(one: Columns, other: Columns, what: str, least: float) -> Markup:
    """Return the values of two figures in one table: those of the first, below each what differs."""
    periods = list(dict.fromkeys([*one.periods, *other.periods]))
    mine, theirs = _by_name(one), _by_name(other)
    names = list(dict.fromkeys([*mine, *theirs]))
    rows: list[list[object]] = [_row(name, periods, mine.get(name, {}), theirs.get(name, {}), least) for name in names]
    if len(names) > 1:
        rows.append(_row("together", periods, _sums(mine, periods), _sums(theirs, periods), least))
    made = table([what, *periods], rows)
    return Markup(str(made).replace("<table>", '<table class="pair">', 1))


def _by_name(spec: Columns) -> dict[str, dict[str, float]]:
    return {layer.name: dict(zip(spec.periods, layer.values, strict=True)) for layer in spec.layers}


def _sums(each: dict[str, dict[str, float]], periods: Sequence[str]) -> dict[str, float]:
    return {period: sum(values.get(period, 0.0) for values in each.values()) for period in periods}


def _row(
    name: str, periods: Sequence[str], mine: dict[str, float], theirs: dict[str, float], least: float
) -> list[object]:
    return [name, *(_pair(mine.get(period, 0.0), theirs.get(period, 0.0), least) for period in periods)]


def _pair(one: float, other: float, least: float) -> Amount:
    less = one - other
    text: Markup | str = f"{one:,.3f}"
    if abs(less) >= least:
        text = Markup("{}{}").format(text, el("small", f"{less:+,.3f}"))
    return Amount(one, text)


def figures(plan: PlanData, base: PlanData | None, base_name: str) -> Section:
    """Return the figures of a plan; capacity and cash beside those of the base."""
    parts: list[Markup] = []
    for make in (capacity, cash):
        mine = make(plan)
        parts.append(heading(mine.title))
        if base is None:
            parts.append(columns_figure(mine, 340))
            continue
        halves = []
        for spec, name in ((mine, "This variant"), (make(base), clean(base_name))):
            plain = Columns(f"{spec.title}: {name}", "", spec.unit, spec.periods, spec.layers, spec.levels)
            halves.append(el("div", el("h4", name), columns_figure(plain, 320, half=True)))
        parts.append(el("div", *halves, class_="side"))
    for title, draw in MORE:
        drawn = _drawn(plan, draw)
        if drawn is not None:
            parts.append(details(title, drawn))
    return Section("figures", "Figures", Markup().join(parts))


def _drawn(plan: PlanData, make: Callable[[PlanData], Figure]) -> Markup | None:
    """Return a figure; None where a plan has nothing of it."""
    try:
        spec = make(plan)
    except (KeyError, PlannerError) as error:
        return para(f"This figure cannot be drawn: {error}")
    return None if not getattr(spec, "rows", True) else figure_of(spec)
