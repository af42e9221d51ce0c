"""The report of a front or of a tornado, from the JSON that its command wrote: a figure, and all rows as a table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from planner.errors import PlannerError
from planner.figures.ranges import front_dots, tornado_bars
from planner.report.html.figure_page import figure_of
from planner.report.html.page import Page, render
from planner.report.html.parts import Amount, Section, cards, table
from planner.report.kept import checked, read_document

FRONT_HEAD = ("value", "status", "cost, $B", "proven at least, $B", "gap", "unserved", "beaten", "reason")
TORNADO_HEAD = (
    "input", "figures", "grade", "end", "status", "cost, $B", "less base, $B", "± $B", "unserved, less base",
    "IT MW at the end, less base", "reason",
)  # fmt: skip


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class FrontRow(_Row):
    """A point of a front, as ``planner front --json`` writes it."""

    value: float
    label: str
    status: str
    cost_busd: float | None
    bound_busd: float | None
    gap: float | None
    unserved_share: float | None
    dominated: str
    reason: str


class TornadoRow(_Row):
    """An end of an input, as ``planner tornado --json`` writes it."""

    input: str
    cells: int
    grade: str | None
    end: str
    status: str
    cost_busd: float | None
    cost_difference_busd: float | None
    cost_uncertainty_busd: float | None
    unserved_share_difference: float | None
    shortfall_tier: str
    shortfall_difference: float | None
    final_it_mw_difference: float | None
    reason: str
    sign: str = ""


def study_report(file: Path) -> str:
    """Return the report of a kept front or tornado as one file of HTML.

    Raises
    ------
    PlannerError
        If the file cannot be read, or is neither.
    """
    document = read_document(file)
    name = str(document.get("case_name", ""))
    if "points" in document and "against" in document:
        points: tuple[FrontRow, ...] = checked(TypeAdapter(tuple[FrontRow, ...]), document["points"], file)
        return _front(name, str(document.get("title", document["against"])), [row.model_dump() for row in points])
    if "rows" in document and "base_cost_busd" in document:
        ends: tuple[TornadoRow, ...] = checked(TypeAdapter(tuple[TornadoRow, ...]), document["rows"], file)
        base: float = checked(TypeAdapter(float), document["base_cost_busd"], file)
        return _tornado(name, base, [row.model_dump() for row in ends])
    raise PlannerError(
        f"{file}: is no folder of a plan or sweep, and no result of `planner front --json` or `planner tornado --json`"
    )


_DOMINATED = {"yes": "dominated", "open": "dominated, if not inside the gaps"}


def _change(row: Mapping[str, Any]) -> Amount:
    """What an end changes of the cost; where the gaps leave open whether more or less, that they do."""
    change = _money(row["cost_difference_busd"], "+")
    return Amount(row["cost_difference_busd"], f"{change.text}, open") if row["sign"] == "open" else change


def _front(name: str, title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    spec = front_dots(rows, title)
    kept = [row for row in rows if row["cost_busd"] is not None and row["dominated"] == "no"]
    entries = [("Points", f"{len(rows):,}", [f"{len(kept):,} that no other beats"])]
    if kept:
        low, high = (best(kept, key=lambda row: row["cost_busd"]) for best in (min, max))
        entries.append(("Least cost", f"${low['cost_busd']:,.2f}B", [f"at {low['label']}"]))
        entries.append(("Most", f"${high['cost_busd']:,.2f}B", [f"at {high['label']}"]))
    cells = [
        [
            row["label"], row["status"].replace("_", " "), _money(row["cost_busd"]), _money(row["bound_busd"]),
            _share(row["gap"]), _share(row["unserved_share"]), _DOMINATED.get(row["dominated"], ""),
            row["reason"],
        ]
        for row in rows
    ]  # fmt: skip
    parts = [Section("headline", "Headline", cards(entries), quiet=True)]
    parts += [Section("figure", spec.title, figure_of(spec))] if spec.dots else []
    parts.append(Section("points", "All points", table(FRONT_HEAD, cells)))
    return render(Page("Front", f"Least cost against {title}", "", [f"case {name}"], _FOOTER), parts)


def _tornado(name: str, base_busd: float, rows: Sequence[Mapping[str, Any]]) -> str:
    spec = tornado_bars(rows)
    inputs = len({row["input"] for row in rows})
    entries = [("Cost of the base", f"${base_busd:,.2f}B", []), ("Inputs", f"{inputs:,}", ["each at its low and high"])]
    cells = [
        [
            row["input"], Amount(row["cells"], f"{row['cells']:,}"), row["grade"] or "", row["end"],
            row["status"].replace("_", " "), _money(row["cost_busd"]), _change(row),
            _money(row["cost_uncertainty_busd"]), _share(row["unserved_share_difference"], "+"),
            Amount(row["final_it_mw_difference"], _text(row["final_it_mw_difference"], "+,.0f")), row["reason"],
        ]
        for row in rows
    ]  # fmt: skip
    parts = [Section("headline", "Headline", cards(entries), quiet=True)]
    parts += [Section("figure", spec.title, figure_of(spec))] if spec.bars else []
    parts.append(Section("inputs", "All inputs", table(TORNADO_HEAD, cells)))
    return render(Page("Tornado", "What the ranges of the inputs change", "", [f"case {name}"], _FOOTER), parts)


_FOOTER = ("Costs are present values. Capacity is IT load.",)


def _text(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _money(value: float | None, sign: str = "") -> Amount:
    return Amount(value, _text(value, f"{sign},.3f"))


def _share(value: float | None, sign: str = "") -> Amount:
    return Amount(value, _text(value, f"{sign}.2%"))
