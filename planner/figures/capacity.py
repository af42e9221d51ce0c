"""Figures of capacity: by provider, by chip, against demand, programmes and what redundancy needs; of demand."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from planner.case.rows import ChipRow
from planner.case.rows_programmes import ProgrammeRow
from planner.figures.colours import BACKUP, BAD, OTHER, PRIMARY
from planner.figures.names import Row, Shown, number
from planner.figures.spec import Columns, Layer, Level, shown

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

MOST_LAYERS = 11
"""Parts of a column, the largest; the others are one."""
GW_PER_MW = 1e-3


def capacity(plan: "PlanData", by: Literal["provider", "chip", "role"] = "provider", *, tail: bool = False) -> Columns:
    """Installed IT GW in each period by provider, chip or role, and what it is held against."""
    view = Shown(plan, tail)
    sums = view.sums(plan.rows("capacity"), "it_mw", by, GW_PER_MW)
    layers = [_layer(view, by, key, values) for key, values in _largest_first(view, by, sums) if any(values)]
    return Columns(
        f"Installed IT GW by {by}",
        "Lines: what demand uses, what programmes ask for, and what the redundancy rules need (the capacity lost in "
        "the contingency that needs most, and what then carries the critical demand).",
        "IT GW",
        view.labels,
        tuple(few(layers)),
        tuple(_levels(view)),
    )


def _layer(view: Shown, by: str, key: str, values: Sequence[float]) -> Layer:
    if by == "role":
        return Layer(key, BACKUP if key == "backup" else PRIMARY, tuple(values))
    return Layer(view.name(by, key), view.tone(by, key), tuple(values))


def _largest_first(view: Shown, by: str, sums: dict[str, list[float]]) -> list[tuple[str, list[float]]]:
    """Chips stand in the order of the case, which is that of their generations; all else by size."""
    if by == "chip":
        order = {row.chip: place for place, row in enumerate(view.plan.case.rows(ChipRow))}
        return sorted(sums.items(), key=lambda item: order.get(item[0], len(order)))
    return sorted(sums.items(), key=lambda item: (-sum(item[1]), item[0]))


def few(layers: Sequence[Layer], most: int = MOST_LAYERS) -> list[Layer]:
    """Return at most so many layers: the largest as they stand, and all others as one."""
    if len(layers) <= most:
        return list(layers)
    large = set(sorted(range(len(layers)), key=lambda place: -sum(layers[place].values))[: most - 1])
    rest = [layer for place, layer in enumerate(layers) if place not in large]
    values = tuple(sum(column) for column in zip(*(layer.values for layer in rest), strict=True))
    kept = [layer for place, layer in enumerate(layers) if place in large]
    return [*kept, Layer(f"{len(rest)} others", OTHER, values)]


def _levels(view: Shown) -> list[Level]:
    plan = view.plan
    used = view.total(plan.rows("served"), "it_mw", GW_PER_MW)
    asked = _asked(view)
    need = _need(view)
    found = [
        Level("in use for demand", "solid", tuple(used)),
        Level("asked for by programmes", "dashed", tuple(value or None for value in asked)),
        Level("needed by the redundancy rules", "dotted", tuple(need)),
    ]
    return [level for level in found if any(level.values)]


def _asked(view: Shown) -> list[float]:
    """What programmes ask for, IT GW; facility MW at the ratio of the programme's sites in the period.

    Of programmes that have a site in common only the one that asks for most counts: its sites may serve the others.
    """
    sites = {str(key): set(row.sites) for key, row in view.plan.case.by_key(ProgrammeRow).items()}
    found: list[list[tuple[float, str]]] = [[] for _ in view.labels]
    for row in view.plan.rows("programme_path"):
        place = view.index(row["period"])
        if place is not None and row["undertaken"] != "no":
            in_force = number(row["facility_mw"])
            share = number(row["it_mw"]) / in_force if in_force > 0.0 else 0.0
            least = max(number(row["at_least_it_mw"]), number(row["at_least_facility_mw"]) * share)
            found[place].append((GW_PER_MW * least, str(row["programme"])))
    return [_apart(asks, sites) for asks in found]


def _apart(asks: Sequence[tuple[float, str]], sites: Mapping[str, set[str]]) -> float:
    """Add up what programmes without a common site ask for, the largest first."""
    total, taken = 0.0, set[str]()
    for it_gw, name in sorted(asks, reverse=True):
        if not taken & sites.get(name, set()):
            total += it_gw
            taken |= sites.get(name, set())
    return total


def _need(view: Shown) -> list[float | None]:
    """What must be installed: the contingency that needs most, of those whose recovery the plan lists."""
    lost: dict[tuple[object, ...], float] = {
        (row["rule"], row["period"], row["contingency"]): number(row["lost_it_mw"])
        for row in view.plan.rows("contingencies")
    }
    used: dict[tuple[object, ...], float] = {}
    for row in view.plan.rows("recovery"):
        key: tuple[object, ...] = (row["rule"], row["period"], row["contingency"])
        used[key] = used.get(key, 0.0) + number(row["it_mw"])
    need: list[float | None] = [None] * view.count
    for loss, it_mw in used.items():
        place = view.index(loss[1])
        if place is not None and loss in lost:
            need[place] = max(need[place] or 0.0, GW_PER_MW * (it_mw + lost[loss]))
    return need


def demand(plan: "PlanData", *, tail: bool = False) -> Columns:
    """Compute served by workload in each period, and what is demanded."""
    view = Shown(plan, tail)
    rows = plan.rows("unserved")
    served = view.sums(rows, "served_compute", "workload")
    missing = view.total(rows, "unserved_compute")
    names = {"training": PRIMARY, "inference": BACKUP}
    layers = [Layer(shown(name), names.get(name, OTHER), tuple(values)) for name, values in served.items()]
    if any(value > 5e-7 for value in missing):
        layers.append(Layer("not served", BAD, tuple(missing)))
    wanted = Level("demanded", "solid", tuple(view.total(rows, "demand_compute")))
    unit = shown(plan.case.model.compute_unit)
    return Columns("Demand and what is served", "", f"compute ({unit})", view.labels, tuple(layers), (wanted,))


def programmes(plan: "PlanData", *, tail: bool = False) -> list[Columns]:
    """For each programme: what is in force at its sites, against what it asks for and allows."""
    view, rows = Shown(plan, tail), plan.rows("programme_path")
    found = []
    for name in dict.fromkeys(str(row["programme"]) for row in rows):
        own = [row for row in rows if row["programme"] == name]
        found += [_programme(view, name, own, measure) for measure in ("it", "facility") if _asks(own, measure)]
    return found


def _asks(rows: Sequence[Row], measure: str) -> bool:
    return any(number(row[f"{end}_{measure}_mw"]) for row in rows for end in ("at_least", "at_most"))


def _programme(view: Shown, name: str, rows: Sequence[Row], measure: str) -> Columns:
    unit = "IT GW" if measure == "it" else "facility GW"
    in_force = view.total(rows, f"{measure}_mw", GW_PER_MW)
    levels = []
    for column, style in (("at_least", "dashed"), ("at_most", "dotted")):
        values = view.total(rows, f"{column}_{measure}_mw", GW_PER_MW)
        if any(values):
            levels.append(Level(column.replace("_", " "), style, tuple(value or None for value in values)))
    declined = " (declined)" if any(row["undertaken"] == "no" for row in rows) else ""
    row = view.plan.case.by_key(ProgrammeRow).get(name)
    title = f"{shown(name if row is None else row.name)}{declined}"
    return Columns(title, "", unit, view.labels, (Layer("in force", PRIMARY, tuple(in_force)),), tuple(levels))
