"""What is drawn from each source of financing, paid for it and owed (formulation, section 18)."""

from collections.abc import Callable, Iterator

from planner.inputs import Inputs
from planner.inputs.financing import Source
from planner.plan import figures
from planner.plan.decisions import Row
from planner.plan.shortfalls import unpaid_busd
from planner.program.columns import BLOCKS, DRAWN, OWED, STOCK
from planner.program.ledger import Ledger
from planner.program.risen import factor
from planner.program.terms import Sum
from planner.symbols import Values


def as_needed(inputs: Inputs, ledger: Ledger, values: Values, value: Callable[[Sum], float]) -> Values:
    """The same values, but money that costs nothing is drawn only as far as cash is needed, the latest less first.

    Less than nothing, to the solver's tolerance, is nothing: tables and cost alike.
    """
    amounts = {name: {key: max(0.0, busd) for key, busd in values[name].items()} for name in (DRAWN, OWED)}
    values = values.replaced(amounts)
    budget, limits = inputs.case.model.families.budget, inputs.budget_limit_busd
    free = [(key, source) for key, source in inputs.financing.items() if source.is_free]
    if budget is None or limits is None or not free:
        return values
    left, carried, unpaid = [], 0.0, unpaid_busd(inputs, values)
    for t in inputs.periods:
        spent = sum(value(total) for (_, _, period), total in ledger.spend.items() if period == t)
        income = value(ledger.income[t]) if t in ledger.income and budget.backup_income_counts else 0.0
        left.append(limits[t] + carried - spent + income + (value(ledger.cash[t]) if t in ledger.cash else 0.0))
        left[t] += unpaid[t]
        carried = left[t] if budget.carry_over else 0.0
    drawn = dict(values[DRAWN])
    for key, source in reversed(free):
        for t in reversed(source.window):
            touched = range(t, len(left)) if budget.carry_over else range(t, t + 1)
            spare = min(drawn[key, t], max(0.0, min(left[later] for later in touched)))
            drawn[key, t] -= spare
            for later in touched:
                left[later] -= spare
    return values.replaced({DRAWN: drawn})


def financing(inputs: Inputs, values: Values) -> list[Row]:
    """Every source in every period."""
    found = {key: list(_rows(inputs, values, key, source)) for key, source in inputs.financing.items()}
    return [rows[t] for t in inputs.periods for rows in found.values()]


def _rows(inputs: Inputs, values: Values, key: str, source: Source) -> Iterator[Row]:
    row = source.row
    drawn = [max(0.0, values[DRAWN].get((key, t), 0.0)) for t in inputs.periods]
    owed = drawn_so_far = earned = 0.0
    risen = _risen_gw(inputs, values, source) if row.kind == "vendor" else []
    due = sum(busd * source.after_horizon[t] for t, busd in enumerate(drawn))
    for t in inputs.periods:
        interest = owed * source.interest[t]
        repaid = sum(drawn[u] * source.repaid_share.get((u, t), 0.0) for u in range(t))
        owed += (drawn[t] - repaid) if source.is_repaid else 0.0
        drawn_so_far += drawn[t]
        most = row.up_to_busd
        if row.kind == "vendor":
            earned = source.busd_per_gw * risen[t]
            most = earned if most is None else min(most, earned)
        amounts = {
            "drawn_busd": drawn[t],
            "fee_busd": (row.fee_share or 0.0) * drawn[t],
            "dilution_busd": (row.dilution_share or 0.0) * drawn[t],
            "interest_busd": interest,
            "repaid_busd": repaid,
            "owed_busd": owed,
            "after_horizon_busd": due if t + 1 == inputs.calendar.count else 0.0,
            "used_busd": owed if row.kind == "debt" else drawn_so_far,
            "most_busd": most or 0.0,
        }
        place: Row = {"period": inputs.calendar.labels[t], "financing": key, "kind": row.kind}
        yield place | {name: figures.money(inputs, busd) for name, busd in amounts.items()}


def _risen_gw(inputs: Inputs, values: Values, source: Source) -> list[float]:
    """By how much the level in service has risen in the window by the end of each period, in IT GW or facility GW."""
    level = [_level_gw(inputs, values, source, t) for t in inputs.periods]
    first = source.window[0] if source.window else inputs.calendar.count
    base, highest, found = max((source.at_start_gw, *level[:first])), 0.0, []
    for t in inputs.periods:
        highest = max(highest, level[t]) if t in source.window else highest
        found.append(max(0.0, highest - base))
    return found


def _level_gw(inputs: Inputs, values: Values, source: Source, t: int) -> float:
    row, total = source.row, source.signed_gw[t]
    for o, choices in inputs.choices.items():
        if row.provider is not None and inputs.offers[o].provider == row.provider:
            blocks = sum(values[BLOCKS][choice.key] * choice.share(t) for choice in choices)
            total += blocks * inputs.block_gw(o) * factor(inputs, source, o)
    if row.chip_vendor is not None:
        for o, role, k, period in inputs.stocks:
            if period == t and inputs.chips[k].vendor == row.chip_vendor:
                total += max(0.0, values[STOCK][o, role, k, t]) * factor(inputs, source, o)
    return total
