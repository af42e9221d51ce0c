"""Figures over many futures: fans of the years, distributions of the cost, what is signed now and what can wait."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planner.figures.colours import BACKUP, OTHER, PRIMARY
from planner.figures.spec import Fan, Grid, GridCell, Mark, Spread, Steps, short_number, shown

Row = Mapping[str, Any]
Rows = Sequence[Row]
NOTHING = 1e-6
ROUNDING = 1e-9
MOST_COLUMNS = 10
"""Futures that a grid has a column for."""
MOST_ROWS = 28
"""Rows of a group of a grid."""
NOTHING_ORDERED = "nothing; no future would, if it were known"
"""Where neither this first stage nor any future by itself orders anything by the decision date."""


@dataclass(frozen=True, slots=True)
class FanMeasure:
    """What is drawn over the years: its key in the table of years, its title and unit."""

    key: str
    title: str
    unit: str


FANS = {
    "capacity": FanMeasure("it_gw_in_force", "IT GW in force", "IT GW"),
    "unserved": FanMeasure("unserved_compute", "Unserved demand", "compute"),
    "cash": FanMeasure("spent_busd", "Spending and what financing takes, $B nominal", "$B"),
}
"""The measures of fans."""


def fan_of(
    measure: str, rows: Rows, compute_unit: str = "", planned_name: str = "the plan of the case", more: str = ""
) -> Fan:
    """Return a measure over the years; ``rows`` are those of the table ``years`` of this measure."""
    about = FANS[measure]
    planned = None if not rows or any(row["planned"] is None for row in rows) else _column(rows, "planned")
    unit = f"compute ({shown(compute_unit)})" if measure == "unserved" and compute_unit else about.unit
    note = "Band: from P10 to P90, in each period by itself; line: P50."
    if planned is not None:
        note += f" Dashed: {planned_name}."
    note += more
    return Fan(
        about.title, note, unit, tuple(shown(row["period"]) for row in rows), _column(rows, "p10"),
        _column(rows, "p50"), _column(rows, "p90"), planned,
    )  # fmt: skip


def protection_fan(rows: Rows, more: str = "") -> Fan:
    """Return how well a plan is protected over the years; ``rows`` are those of one rule, or of one kind of loss.

    Parameters
    ----------
    rows : sequence of mapping
        Of the table ``protection`` of a plan that was replayed in other futures.
    more : str
        What else is to be known of the futures.
    """
    what = shown(rows[0]["what"], 40).replace("_", " ") if rows[0]["kind"] == "loss" else shown(rows[0]["what"], 60)
    title, unit = f"Critical demand that is served and protected: {what}", "% of all critical demand"
    note = "Band: from P10 to P90 over the futures that have a plan, in each period by itself; line: P50."
    if rows[0]["kind"] == "loss":
        title, unit = f"Demand that is still served after the loss of any one {what}", "% of all demand"
        note += " Of the losses in a future and period the one that leaves least."
    planned = None if any(row["planned"] is None for row in rows) else _shares(rows, "planned")
    note += ("" if planned is None else " Dashed: the plan as it was made.") + more
    periods = tuple(shown(row["period"]) for row in rows)
    return Fan(title, note, unit, periods, _shares(rows, "p10"), _shares(rows, "p50"), _shares(rows, "p90"), planned)


def _shares(rows: Rows, name: str) -> tuple[float, ...]:
    return tuple(100.0 * one for one in _column(rows, name))


def _column(rows: Rows, name: str) -> tuple[float, ...]:
    return tuple(float(row[name]) for row in rows)


def spread_of(curves: Sequence[Steps], marks: Sequence[Mark], tail: float | None, note: str = "") -> Spread:
    """Return distributions of the cost, with the marks of the first."""
    return Spread("Cost over the futures, $B present value", note, "$B", tuple(curves), tuple(marks), tail)


def steps_of(name: str, style: str, costs: Iterable[tuple[float, float]]) -> Steps:
    """Return how probable it is that a cost is not exceeded, from costs with their probabilities.

    Examples
    --------
    >>> steps_of("x", "solid", [(3.0, 0.5), (1.0, 0.25), (3.0, 0.25)]).values
    ((1.0, 0.25), (3.0, 1.0))
    """
    ordered = sorted(costs)
    whole, upto, found = sum(chance for _, chance in ordered) or 1.0, 0.0, dict[float, float]()
    for cost, chance in ordered:
        upto += chance
        found[cost] = min(1.0, upto / whole)
    tone = {"solid": PRIMARY, "dashed": BACKUP, "dotted": OTHER}[style]
    return Steps(name, tone, style, tuple(found.items()))


def commit_grid(summary: Row, tables: Mapping[str, Rows]) -> Grid:
    """Return what is signed now, what can wait and until when, and what each future would change.

    Parameters
    ----------
    summary : mapping
    tables : mapping of str to rows
        Those of a study of risk: ``decisions``, ``later``, ``changes`` and ``futures``.
    """
    chosen, all_shown = _columns(tables["futures"])
    changes: dict[tuple[str, ...], Row] = {
        (row["future"], row["kind"], row["what"], row["role"], row["period"]): row for row in tables["changes"]
    }
    day = str(summary["decide_by"])
    decided = list(tables["decisions"])
    now = _most([row for row in decided if row["now"] > NOTHING])
    open_ = [row for row in decided if row["now"] <= NOTHING]
    rows: list[tuple[str, str]] = []
    cells: list[tuple[GridCell, ...]] = []
    for group, some in ((f"Signed by {day}", now), (f"Not by {day}, though some future would", open_)):
        for row in some[:MOST_ROWS]:
            rows.append((group, _named(row)))
            own = _amount(row["now"], row["unit"])
            first = GridCell(own, "now" if row["now"] > NOTHING else "none", f"{_named(row)}\nordered now: {own}")
            cells.append((first, *(_by_itself(row, changes, future) for future in chosen)))
    if not rows:
        rows.append((f"Signed by {day}", NOTHING_ORDERED))
        cells.append((GridCell("", "none", f"By {day}: {NOTHING_ORDERED}"),) * (1 + len(chosen)))
    for row in list(tables["later"])[:MOST_ROWS]:
        rows.append(("Can wait until this date (blocks signed later)", f"{row['decide_by']}  {_named(row)}"))
        cells.append((GridCell("", "none", _named(row)), *(_later(row, changes, future) for future in chosen)))
    legend = (
        ("ordered now", "now"), ("by itself as much", "same"), ("by itself more", "more"), ("by itself less", "less"),
        ("signed later", "later"),
    )  # fmt: skip
    note = "Columns: what each future would order by the date if it were known, less what is ordered; and what it signs"
    note += " later. From the future that costs least to the one that costs most."
    if not all_shown:
        note += f" Of {len(tables['futures'])} futures the {len(chosen)} that lose most by not being known."
    heads = ("now", *(shown(row["future"], 24) for row in chosen))
    chances = tuple(float(row["probability"]) for row in chosen)
    return Grid(
        "What is signed now, what can wait", note, heads, tuple(rows), tuple(cells), legend,
        "future", chances, len(tables["futures"]),
    )  # fmt: skip


def _columns(futures: Rows) -> tuple[list[Row], bool]:
    """Return the futures that have a column, by what they cost, and whether these are all."""

    def regret_and_cost(row: Row) -> tuple[float, float]:
        return -float(row["regret_busd"] or 0.0), -float(row["cost_busd"] or 0.0)

    most = sorted(futures, key=regret_and_cost)[:MOST_COLUMNS]
    return sorted(most, key=lambda row: float(row["cost_busd"] or 0.0)), len(most) == len(futures)


def _named(row: Row) -> str:
    """Return the name of a decision: what, in which role, of what kind if no contract, with which chip, from when."""
    kind = "" if row.get("kind", "contract") == "contract" else f" ({row['kind']})"
    start = f" from {shown(row['period'], 24)}" if row["period"] else ""
    name = shown(f"{row['what']}{', ' if row['role'] else ''}{row['role']}{kind}", 60)
    chip = f" with {shown(row['chip'], 24)}" if row.get("chip") else ""
    return f"{name}{chip}{start}"


def _most(rows: Sequence[Row]) -> list[Row]:
    """Return as many decisions as have a row, those with the largest amounts, in the order of the table."""
    chosen = sorted(range(len(rows)), key=lambda place: -float(rows[place]["now"]))[:MOST_ROWS]
    return [rows[place] for place in sorted(chosen)]


def _amount(value: float, unit: str) -> str:
    if unit == "yes/no":
        return "yes" if value > 0.5 else "no"
    return f"{short_number(value)} {unit.removesuffix('s') if value == 1.0 else unit}"


def _by_itself(row: Row, changes: Mapping[tuple[str, ...], Row], future: Row) -> GridCell:
    """The cell of a decision and a future: what that future would order by the date, less what is ordered."""
    change = changes.get((future["future"], row["kind"], row["what"], row["role"], row["period"]))
    alone = float(row["now"]) if change is None else float(change["alone"])
    less = alone - float(row["now"])
    tip = f"{_named(row)}\n{shown(future['future'])} by itself: {_amount(alone, row['unit'])}"
    if abs(less) <= NOTHING:
        return GridCell("=", "same", tip)
    words = f"{'+' if less > 0 else '−'}{short_number(abs(less))}"
    if row["unit"] == "yes/no":
        words = "yes" if alone > 0.5 else "no"
    return GridCell(words, "more" if less > 0 else "less", tip)


def _later(row: Row, changes: Mapping[tuple[str, ...], Row], future: Row) -> GridCell:
    change = changes.get((future["future"], "contract", row["what"], row["role"], row["period"]))
    blocks = 0.0 if change is None else float(change["later"])
    tip = f"{_named(row)}\nsigned later in {shown(future['future'])}: {_amount(blocks, 'blocks')}"
    return GridCell(short_number(blocks), "later", tip) if blocks > NOTHING else GridCell("", "none", tip)
