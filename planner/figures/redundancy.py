"""The heat map of contingencies: what each loss leaves, period by period."""

from typing import TYPE_CHECKING

from planner.figures.names import Row, Shown, number
from planner.figures.spec import Cell, Heat, short_number, shown

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

MOST_ROWS = 40
"""Losses shown, those that leave least; the table has them all."""
LONGEST_LOSS = 42


def contingencies(plan: "PlanData", most: int = MOST_ROWS, *, tail: bool = False) -> Heat:
    """Head-room after each loss, as a share of the critical demand: how much more of it could be carried."""
    view = Shown(plan, tail)
    found: dict[tuple[str, str], list[Cell | None]] = {}
    for row in plan.rows("contingencies"):
        place = view.index(row["period"])
        if place is not None:
            own = found.setdefault((str(row["rule"]), str(row["contingency"])), [None] * view.count)
            own[place] = _cell(view, row)
    rules = list(dict.fromkeys(rule for rule, _ in found))
    alike: dict[tuple[object, ...], list[str]] = {}
    for (rule, loss), cells in found.items():
        alike.setdefault((rule, *(None if cell is None else (cell.value, cell.short) for cell in cells)), []).append(
            loss
        )
    heads = {(str(key[0]), losses[0]): len(losses) - 1 for key, losses in alike.items()}
    tightest = sorted(heads, key=lambda key: (_least(found[key]), key[1]))
    kept = sorted(tightest[:most], key=lambda key: rules.index(key[0]))
    left_out = len(heads) - len(kept)
    note = "Head-room: how much more critical demand the survivors could carry, as a share of it."
    if left_out:
        note += f" {left_out} other losses leave more."
    return Heat(
        "Head-room after each loss", note, view.labels,
        tuple((shown(rule), _named(_loss(view, loss), heads[rule, loss])) for rule, loss in kept),
        tuple(tuple(found[key]) for key in kept),
    )  # fmt: skip


def _named(loss: str, alike: int) -> str:
    """Return a loss and how many others leave the same in every period."""
    more = f" and {alike} more" if alike else ""
    return f"{shown(loss, LONGEST_LOSS - len(more))}{more}"


def _least(cells: list[Cell | None]) -> float:
    return min((cell.value for cell in cells if cell is not None), default=float("inf"))


def _loss(view: Shown, contingency: str) -> str:
    """Return a loss with the names of the sites and providers in it."""
    if contingency == "nothing":
        return "no loss: a rise of use"
    return " + ".join(_domain(view, part) for part in contingency.split(" + "))


def _domain(view: Shown, key: str) -> str:
    for kind in ("site", "provider"):
        name = view.name(kind, key)
        if name != shown(key):
            return name
    return shown(key)


def _cell(view: Shown, row: Row) -> Cell:
    margin, critical = number(row["margin_compute"]), number(row["critical_compute"])
    carried = number(row["carried_compute"])
    share = margin / critical if critical > 0.0 else float("inf")
    short = carried < critical * (1.0 - 1e-6) - 1e-6
    period = view.periods.label(row["period"])
    text = (
        f"{period}: {short_number(number(row['lost_it_mw']))} IT MW lost, "
        f"{short_number(number(row['surviving_it_mw']))} left; critical demand {short_number(critical)}, "
        + (
            f"of which {short_number(critical - carried)} NOT carried"
            if short
            else f"head-room {short_number(margin)} ({share:.1%})"
        )
    )
    return Cell(max(0.0, share), text, short)
