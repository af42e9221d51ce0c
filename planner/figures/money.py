"""Figures of money: spending against what each period allows, and who is paid what."""

from itertools import accumulate
from typing import TYPE_CHECKING

from planner.case.rows import ProviderRow
from planner.figures.capacity import few
from planner.figures.colours import BACKUP, OTHER, PRIMARY, Tone, tones
from planner.figures.names import Shown, number
from planner.figures.spec import Bar, Bars, Columns, Layer, Level, short_number, shown
from planner.plan.columns_money import TERMS

if TYPE_CHECKING:
    from planner.plan.plan import PlanData

LEAST_BUSD = 0.005
"""Money below is shown as nothing."""
FINANCING = Tone("s3")
DRAWN = Tone("s2")


def cash(plan: "PlanData", *, tail: bool = False) -> Columns:
    """Spending by role in each period, with what financing costs, against what may be spent."""
    view = Shown(plan, tail)
    paid = [row for row in plan.rows("spend") if row["part"] == "spend"]
    by_role = view.sums(paid, "amount_busd", "role")
    layers = [
        Layer(f"{role} capacity", tone, tuple(by_role[role]))
        for role, tone in (("primary", PRIMARY), ("backup", BACKUP))
        if role in by_role
    ]
    rows = plan.rows("cash")
    costs = [
        sum(values)
        for values in zip(
            *(view.total(rows, name) for name in ("fee_busd", "interest_busd", "repaid_busd")), strict=True
        )
    ]
    if any(value >= LEAST_BUSD for value in costs):
        layers.append(Layer("financing paid", FINANCING, tuple(costs)))
    note = "" if not rows else "May be spent: the limit of the period, money carried in, backup income, loans drawn."
    return Columns("Cash, $B nominal", note, "$B", view.labels, tuple(layers), tuple(_limits(view)))


def _limits(view: Shown) -> list[Level]:
    rows = view.plan.rows("cash")
    if not rows:
        return []
    limit, owed = view.total(rows, "limit_busd"), view.total(rows, "owed_busd")
    parts = ("limit_busd", "carried_in_busd", "backup_income_busd", "drawn_busd")
    may = [sum(values) for values in zip(*(view.total(rows, name) for name in parts), strict=True)]
    found = [Level("limit of the period", "solid", tuple(limit)), Level("may be spent", "dashed", tuple(may))]
    if any(value >= LEAST_BUSD for value in owed):
        found.append(Level("owed at the end", "dotted", tuple(owed)))
    return found


def envelopes(plan: "PlanData", *, tail: bool = False) -> list[Columns]:
    """For each role with an envelope: what is spent on it from the first period to the end of each, $B nominal."""
    view = Shown(plan, tail)
    paid = [row for row in plan.rows("spend") if row["part"] == "spend"]
    by_role = view.sums(paid, "amount_busd", "role")
    found = []
    for row in plan.rows("envelopes"):
        role, limit = str(row["role"]), number(row["envelope_busd"])
        if limit > 0.0:
            spent = tuple(accumulate(by_role.get(role, [0.0] * view.count)))
            layer = Layer("spent so far", BACKUP if role == "backup" else PRIMARY, spent)
            level = Level("envelope", "solid", (limit,) * view.count)
            found.append(Columns(f"Spent on {role} capacity, $B nominal", "", "$B", view.labels, (layer,), (level,)))
    return found


def payee_tones(plan: "PlanData") -> dict[str, Tone]:
    """Return the tone of everyone who may be paid: providers have theirs, the others stand apart."""
    view = Shown(plan)
    vendors = {str(row["vendor"]) for row in plan.rows("spend") if row["vendor"]} - set(view.providers)
    others = tones([*vendors, *TERMS], begin=len(view.providers))
    return {**{name: Tone(tone.name, max(1, tone.texture)) for name, tone in others.items()}, **view.providers}


def _payee(plan: "PlanData", key: str) -> str:
    row = plan.case.by_key(ProviderRow).get(key)
    return shown((row.name if row is not None else "") or key)


def spend(plan: "PlanData", *, tail: bool = False) -> Columns:
    """Who is paid in each period, $B nominal."""
    view, colours = Shown(plan, tail), payee_tones(plan)
    sums = view.sums((row for row in plan.rows("spend") if row["part"] == "spend"), "amount_busd", "payee")
    ordered = sorted(sums.items(), key=lambda item: (-sum(item[1]), item[0]))
    layers = [
        Layer(_payee(plan, key), colours.get(key, OTHER), tuple(values)) for key, values in ordered if any(values)
    ]
    return Columns("Who is paid, $B nominal", "", "$B", view.labels, tuple(few(layers)))


def payees(plan: "PlanData", most: int = 15, *, tail: bool = False) -> Bars:
    """Who is paid over all periods, the largest first, $B nominal."""
    view, colours = Shown(plan, tail), payee_tones(plan)
    sums: dict[str, float] = {}
    for row in plan.rows("spend"):
        if row["part"] == "spend" and view.index(row["period"]) is not None:
            sums[str(row["payee"])] = sums.get(str(row["payee"]), 0.0) + number(row["amount_busd"])
    ordered = sorted(((key, value) for key, value in sums.items() if value >= LEAST_BUSD), key=lambda item: -item[1])
    bars = [
        Bar(_payee(plan, key), 0.0, value, colours.get(key, OTHER), f"{short_number(value)}") for key, value in ordered
    ]
    rest = sum(bar.end for bar in bars[most:])
    kept = bars if len(bars) <= most else [
        *bars[:most], Bar(f"{len(bars) - most} others", 0.0, rest, OTHER, short_number(rest)),
    ]  # fmt: skip
    return Bars("Paid over the horizon, $B nominal", "", "$B", tuple(kept))
