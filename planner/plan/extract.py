"""From the values of the program to the tables of a plan and its headline figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from planner.inputs import Inputs
from planner.inputs.periods import Periods
from planner.plan import (
    balance,
    decisions,
    figures,
    financing,
    leases,
    money,
    programmes,
    protection,
    service,
    shortfalls,
    state,
    tidy,
)
from planner.plan.added import add_own_columns
from planner.plan.complete import completed
from planner.plan.decisions import Row
from planner.plan.spikes import spikes_first
from planner.plan.tidy import Cell
from planner.program.declare import evaluator
from planner.program.terms import Program
from planner.symbols import Values


def extract_tables(m: Program, inputs: Inputs, values: Values, *, certified: bool = True) -> dict[str, list[Row]]:
    """Every table of a plan.

    Parameters
    ----------
    m : pyomo.environ.ConcreteModel
        The program, for its ledger and its redundancy network.
    inputs : Inputs
    values : Values
        As solved; served and unserved compute are first made to add up to demand, for tables and cost alike.
    certified : bool
        Whether ``contingencies`` and ``recovery`` are made: without them the plan does not say what becomes of a loss.
    """
    parts, values = balance.balanced(inputs, leases.settled(inputs, values))
    values = financing.as_needed(inputs, m.ledger, values, evaluator(m, values))
    network = getattr(m, "redundancy_network", None)
    values = shortfalls.as_stated(inputs, spikes_first(inputs, values, network))
    value = evaluator(m, values)
    contingencies, recovery = protection.contingencies(inputs, values, network) if network and certified else ([], [])
    tables = {
        "contracts": decisions.contracts(inputs, values),
        "refreshes": decisions.refreshes(inputs, values),
        "installs": decisions.installs(inputs, values),
        "capacity": state.capacity(inputs, values),
        "in_force": state.in_force(inputs, values),
        "openings": decisions.openings(inputs, values),
        "developments": decisions.developments(inputs, values),
        "power_built": decisions.power_built(inputs, values),
        "power": state.power(inputs, values),
        "power_options": state.power_options(inputs, values),
        "programme_path": programmes.programme_path(inputs, values),
        "power_regions": state.power_regions(inputs, values),
        "served": service.served(inputs, parts),
        "unserved": service.unserved(inputs, values),
        "shortfalls": shortfalls.shortfalls(inputs, values),
        "objective": money.objective(inputs, m.ledger, value),
        "budget": money.budget(inputs, m.ledger, value, shortfalls.unpaid_busd(inputs, values)),
        "financing": financing.financing(inputs, values),
        "backup": state.backup(inputs, values),
        "chips": state.chips(inputs, values),
        "demand": service.demand(inputs),
        "reach": service.reach(inputs),
        "contingencies": contingencies,
        "recovery": recovery,
    }
    periods = Periods(inputs.calendar)
    by_schema = {name: tidy.tidied(name, rows, periods) for name, rows in tables.items()}
    found = completed(inputs, by_schema, money.totals(inputs, m.ledger, value))
    add_own_columns(m, inputs, values, found)
    return found


def headline(inputs: Inputs, tables: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    """The figures of a summary that follow from the tables."""
    demanded = demanded_compute_years(inputs, tables)
    lengths = _lengths(inputs)
    lacking = sum(float(row["unserved_compute"]) * lengths[row["period"]] for row in tables["unserved"])
    periods = Periods(inputs.calendar)
    by_role = {"primary": 0.0, "backup": 0.0}
    for row in tables["spend"]:
        if row["part"] == "spend" and periods.is_reported(row["period"]):
            by_role[str(row["role"])] += float(row["amount_busd"])
    income = (float(row["income_busd"]) for row in tables["backup"] if periods.is_reported(row["period"]))
    last = periods.cells[periods.reported - 1]
    by_provider: dict[str, float] = {}
    for row in tables["capacity"]:
        if row["period"] == last:
            by_provider[str(row["provider"])] = by_provider.get(str(row["provider"]), 0.0) + float(row["it_mw"])
    return {
        "unserved_share": lacking / demanded if demanded else 0.0,
        "spend_primary_busd": figures.money(inputs, by_role["primary"]),
        "spend_backup_busd": figures.money(inputs, by_role["backup"]),
        "backup_income_busd": figures.money(inputs, sum(income)),
        "capacity_by_provider": {p: round(gw, 6) for p, gw in sorted(by_provider.items())},
        **_reported_cost(inputs, periods, tables),
    }


def _reported_cost(inputs: Inputs, periods: Periods, tables: Mapping[str, Sequence[Row]]) -> dict[str, float]:
    """The part of the cost that falls in the reported periods; nothing for a case without a tail."""
    if periods.reported == periods.count:
        return {}
    cost = sum(
        float(row["present_value_busd"])
        for row in tables["spend"]
        if row["part"] not in ("salvage", "financing") and periods.is_reported(row["period"])
    )
    return {"reported_cost_busd": figures.money(inputs, cost)}


def demanded_compute_years(inputs: Inputs, tables: Mapping[str, Sequence[Row]]) -> float:
    """All demand of the horizon, compute times years."""
    lengths = _lengths(inputs)
    return sum(float(row["demand_compute"]) * lengths[row["period"]] for row in tables["unserved"])


def _lengths(inputs: Inputs) -> dict[Cell, float]:
    """Length of every period in years, by its cell."""
    cells = Periods(inputs.calendar).cells
    return {cells[t]: inputs.length_years(t) for t in inputs.periods}
