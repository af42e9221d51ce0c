"""The report of a sweep: all runs in a table to sort and to filter, their differences, and where these come from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from planner.analysis.waterfall import waterfall
from planner.changes.schema import BASE
from planner.errors import PlannerError
from planner.figures.spec import short_number
from planner.figures.studies import MEASURES, comparable, differences, dots, largest, varied, waterfall_bars, within_gap
from planner.report.html.columns import bars_svg
from planner.report.html.grids import dots_svg
from planner.report.html.page import Page, render
from planner.report.html.parts import NARROW, WIDE, Amount, Section, cards, clean, details, figure, heading, para
from planner.report.html.regret import regret_section
from planner.report.html.sources import sources
from planner.report.html.svg import el

if TYPE_CHECKING:
    from planner.analysis.regret import Regret
    from planner.analysis.sweep_result import Sweep
    from planner.api import Plan

Rows = Sequence[Mapping[str, Any]]
MOST_WATERFALLS, MOST_ON_A_LINE = 6, 20
HALF = WIDE / 2 - 14
STATUS_WORDS = {
    "optimal": "optimal", "gap_reached": "within the gap", "time_limit": "stopped at the time limit",
    "infeasible": "proven infeasible",
}  # fmt: skip
HEADS = (
    "run", "status", "cost, $B", "less base, $B", "± $B", "unserved", "spent on primary, $B", "spent on backup, $B",
    "primary at the end, IT GW", "backup at the end, IT GW", "gap", "remarks",
)  # fmt: skip


def sweep_report(
    sweep: "Sweep",
    *,
    regret: "Regret | None" = None,
    first: Sequence[Section] = (),
    last: Sequence[Section] = (),
) -> str:
    """Return the report of a sweep as one file of HTML.

    Parameters
    ----------
    sweep : Sweep
    regret : Regret or None
        What the contracts of each run cost in the case of each other; None: which command finds it.
    first, last : sequence of Section
        As in `plan_report`.
    """
    rows = list(sweep.overview())
    base = _base(sweep)
    parts = [_headline(rows), _table(rows, sweep.missing), *first]
    compared = [row for row in rows[1:] if row["cost_less_base"] is not None]
    if compared:
        spec = differences(rows)
        drawn = figure(bars_svg(spec, WIDE), bars_svg(spec, NARROW), spec.note)
        parts.append(Section("differences", "Differences", heading(spec.title) + drawn))
    parts += [part for part in (_waterfalls(sweep, rows, base), _frontiers(rows)) if part is not None]
    parts += [regret_section(regret), *last, *([sources(base.case)] if base is not None else [])]
    return render(_page(sweep, base), parts)


def _base(sweep: "Sweep") -> "Plan | None":
    """Return the plan of the base, where there is one."""
    try:
        return sweep.plan(BASE)
    except PlannerError:
        return None


def _page(sweep: "Sweep", base: "Plan | None") -> Page:
    name = base.case.name if base is not None else str(sweep.folder or "sweep")
    title = (base.case.model.title if base is not None else "") or name
    facts = [f"case {name}", f"{len(sweep.names):,} runs"]
    missing = [f"{len(sweep.missing):,} runs have not ended."] if sweep.missing else []
    return Page("Sweep", title, "", facts, [*missing, "Capacity is IT load. Differences are to the run `base`."])


def _headline(rows: Rows) -> Section:
    base = next((row for row in rows if row["name"] == BASE), None)
    entries: list[tuple[str, Markup | str, Sequence[object]]] = []
    if base is not None and base["cost"] is not None:
        gap = "gap not known" if base["gap"] is None else f"gap {base['gap']:.2%}"
        entries.append(("Cost of the base, present value", f"${base['cost']:,.2f}B", [gap]))
    ended = Counter(STATUS_WORDS.get(str(row["status"]), str(row["status"])) for row in rows)
    entries.append(("Runs", f"{len(rows):,}", [f"{count:,} {words}" for words, count in ended.items()]))
    if base is not None and base["cost"] is not None:
        entries += _extremes([row for row in rows if row is not base and row["cost_less_base"] is not None], base)
    return Section("headline", "Headline", cards(entries), quiet=True)


def _extremes(rows: Rows, base: Mapping[str, Any]) -> list[tuple[str, Markup | str, Sequence[object]]]:
    """Return the runs that cost most and least of those that can be compared, and how many differ at all."""
    alike = [row for row in rows if comparable(row, base)]
    real = [row for row in alike if not within_gap(row)]
    found: list[tuple[str, Markup | str, Sequence[object]]] = []
    for words, best in (("Costs most", max), ("Costs least", min)):
        row = best(real, key=lambda one: float(one["cost_less_base"]), default=None)
        if row is not None and (float(row["cost_less_base"]) > 0.0) is (best is max):
            found.append((words, signed_busd(float(row["cost_less_base"])), [clean(row["name"])]))
    inside = len(alike) - len(real)
    lines = [f"of {len(alike):,} runs that serve as much demand and meet every limit"]
    found.append(("Differences within the gap", f"{inside:,}", lines))
    return found


def _table(rows: Rows, missing: Sequence[str]) -> Section:
    """Return all runs as a table with a filter; differences that the gaps leave open are greyed."""
    statuses = dict.fromkeys(str(row["status"]) for row in rows)
    options = [el("option", "all", value="")]
    options += [el("option", STATUS_WORDS.get(status, status), value=status) for status in statuses]
    form = el(
        "div",
        el("label", "Filter ", el("input", type="search", placeholder="part of a name", autocomplete="off")),
        el("label", "Status ", el("select", *options)),
        el("output", f"{len(rows):,} of {len(rows):,} runs", aria_live="polite"),
        class_="filter", data_table="runs-table", role="search",
    )  # fmt: skip
    heads = [
        el("th", el("button", name, type="button"), scope="col", class_=None if place in (0, 1, 11) else "n")
        for place, name in enumerate(HEADS)
    ]
    base = rows[0] if rows else {}
    body = el("tbody", *(_run(row, base) for row in rows))
    made = el("table", el("thead", el("tr", *heads)), body, id="runs-table", class_="sortable")
    scroll = el("div", made, class_="scroll", tabindex="0", role="group", aria_label="All runs")
    note = para(
        "A heading sorts. Grey: no larger than what the gaps leave open, other demand unserved, or not all limits met."
    )
    lost = details(f"{len(missing)} runs without a result", para(", ".join(missing))) if missing else Markup()
    return Section("runs", "All runs", form + scroll + note + lost)


def _run(row: Mapping[str, Any], base: Mapping[str, Any]) -> Markup:
    grey = row is not base and (within_gap(row) or not comparable(row, base))
    busd = ("cost", "cost_less_base", "cost_uncertainty", "spend_primary", "spend_backup")
    figures = {key: row[key] for key in busd}
    if row is not base and not comparable(row, base):  # a difference of costs would read as a saving
        figures["cost_less_base"] = figures["cost_uncertainty"] = None
    money = {
        key: Amount(found, _money(found, "+" if key == "cost_less_base" else "")) for key, found in figures.items()
    }
    cells = [
        *(money[key] for key in busd[:3]), _share(row["unserved_share"]), *(money[key] for key in busd[3:]),
        _gw(row["capacity_end_primary"]), _gw(row["capacity_end_backup"]), _share(row["gap"]),
    ]  # fmt: skip
    status = str(row["status"])
    made = [el("td", cell.text, class_="n", data_value=_value(cell)) for cell in cells]
    remark, name = clean(row["reason"] or ""), clean(row["name"])
    first = el("td", name, class_="s" if len(name) <= MOST_ON_A_LINE else None)
    return el(
        "tr", first, el("td", STATUS_WORDS.get(status, clean(status)), class_="s"), *made,
        el("td", remark, class_="long" if remark else None), class_="within" if grey else None, data_status=status,
    )  # fmt: skip


def _value(cell: Amount) -> str:
    return "" if cell.value is None else f"{cell.value:.9g}"


def signed_busd(value: float) -> str:
    """Return a difference of costs in words of money.

    Examples
    --------
    >>> signed_busd(6.708), signed_busd(-4.913)
    ('+$6.71B', '-$4.91B')
    """
    return f"{'-' if value < 0.0 else '+'}${abs(value):,.2f}B"


def _money(value: float | None, sign: str = "") -> str:
    return "" if value is None else f"{value:{sign},.2f}"


def _share(value: float | None) -> Amount:
    return Amount(value, "" if value is None else f"{value:.2%}")


def _gw(it_mw: float | None) -> Amount:
    return Amount(it_mw, "" if it_mw is None else short_number(it_mw / 1000.0))


def _waterfalls(sweep: "Sweep", rows: Rows, base: "Plan | None") -> Section | None:
    """Return where the largest differences come from, part by part of the cost."""
    if base is None:
        return None
    drawn = []
    for name in largest(rows, MOST_WATERFALLS):
        try:
            spec = waterfall_bars(waterfall(name, base, sweep.plan(name)), name)
        except PlannerError:
            continue  # the plan is gone or changed: its row in the table remains
        drawn.append(el("div", heading(name), figure(bars_svg(spec, HALF), bars_svg(spec, NARROW))))
    if not drawn:
        return None
    note = para(
        "The largest differences to the base that the gaps do not explain, part by part of the cost, $B present value."
    )
    return Section("waterfalls", "Where they come from", note + el("div", *drawn, class_="two"))


def _frontiers(rows: Rows) -> Section | None:
    """Return cost against each measure that differs between the runs."""
    drawn = [
        el("div", heading(spec.title), figure(dots_svg(spec, HALF, 300), dots_svg(spec, NARROW, 280), spec.note))
        for measure in MEASURES
        if varied(rows, measure)
        for spec in [dots(rows, measure)]
    ]
    return Section("frontier", "What the cost buys", el("div", *drawn, class_="two")) if drawn else None
