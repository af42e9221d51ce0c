"""Regret: what the contracts of each run of a sweep cost in the case of each other."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from planner.figures.ranges import worst_bars
from planner.figures.spec import shown
from planner.figures.studies import FOUND
from planner.report.html.columns import bars_svg
from planner.report.html.parts import NARROW, WIDE, Section, clean, code, figure, heading, para
from planner.report.html.svg import el

if TYPE_CHECKING:
    from planner.analysis.regret import Regret

TITLE = "Regret"
MEANING = (
    "The regret of a run's plan in the case of another run: the least cost there with the contracts of the plan kept, "
    "while all else adapts (chips, who serves whom, on-site power), less the cost of the plan of that case."
)
NOTE = (
    "A row is a plan, a column the case in which its contracts are kept: $B of present value more than the plan of "
    "that case, and below it what is proven of it. Grey: that it is more than nothing is not proven. Words: the costs "
    "do not compare there."
)
MOST_RUNS = 40


def regret_section(found: "Regret | None") -> Section:
    """Return the regret of each plan; where it was not asked, the command that asks."""
    if found is None:
        words = Markup(
            "Not asked for: {} solves the case of each run with the contracts of each other, {} names the runs."
        )
        asked = para(words.format(code("planner report SWEEP --regret"), code("--run NAME")))
        return Section("regret", TITLE, para(MEANING) + asked)
    worst = found.worst()
    spec = worst_bars(worst, len(found.names))
    drawn = heading(spec.title) + figure(bars_svg(spec, WIDE), bars_svg(spec, NARROW), spec.note)
    order = [str(row["plan"]) for row in worst][:MOST_RUNS]
    return Section("regret", TITLE, para(MEANING) + drawn + _matrix(order, found.rows))


def _matrix(order: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Markup:
    """Return all pairs as a table, the plans and cases in the order of the figure."""
    of = {(row["plan"], row["case"]): row for row in rows}
    heads = [el("th", "contracts of", scope="col")]
    heads += [el("th", f"in {shown(name)}", scope="col", class_="n") for name in order]
    body = [
        el("tr", el("th", clean(name), scope="row"), *(_cell(of[name, case]) for case in order if (name, case) in of))
        for name in order
    ]
    made = el("table", el("thead", el("tr", *heads)), el("tbody", *body), class_="matrix")
    scroll = el("div", made, class_="scroll", tabindex="0", role="group", aria_label="Regret of each plan in each case")
    return heading("All plans in all cases") + scroll + para(NOTE)


def _cell(row: Mapping[str, Any]) -> Markup:
    value, low, high = row["regret_busd"], row["low_busd"], row["high_busd"]
    if row["plan"] == row["case"]:
        words = "·" if value is not None else "–"
        return el("td", words, class_="n", title=clean(row["reason"]) or None)
    if value is None:
        return el("td", clean(row["reason"]), class_="r within")
    ends = ["" if end is None else f"{end:,.2f}" for end in (low, high)]
    proven = " to ".join(ends) if all(ends) else f"at least {ends[0]}" if ends[0] else f"at most {ends[1]}"
    said = el("div", proven, class_="range") if any(ends) and set(ends) != {f"{value:,.2f}"} else ""
    return el("td", f"{value:,.2f}", said, class_="n" if row["sign"] in FOUND else "n within")
