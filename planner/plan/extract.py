"""From the values of the program to the tables of a plan and its headline figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from planner.inputs import Inputs
from planner.plan import balance, decisions, figures, money, protection, service, state
from planner.plan.added import add_own_columns
from planner.plan.decisions import Row
from planner.program.declare import evaluator
from planner.program.terms import PyomoModel
from planner.symbols import Values


def extract_tables(m: PyomoModel, inputs: Inputs, values: Values) -> dict[str, list[Row]]:
    """Every table of a plan.

    Parameters
    ----------
    m : pyomo.environ.ConcreteModel
        The program, for its ledger and its redundancy network.
    inputs : Inputs
    values : Values
        As solved; served and unserved compute are first made to add up to demand, for tables and cost alike.
    """
    parts, values = balance.balanced(inputs, values)
    value = evaluator(m, values)
    network = getattr(m, "redundancy_network", None)
    contingencies, recovery = protection.contingencies(inputs, values, network) if network else ([], [])
    tables = {
        "contracts": decisions.contracts(inputs, values),
        "installs": decisions.installs(inputs, values),
        "capacity": state.capacity(inputs, values),
        "in_force": state.in_force(inputs, values),
        "openings": decisions.openings(inputs, values),
        "developments": decisions.developments(inputs, values),
        "power_built": decisions.power_built(inputs, values),
        "power": state.power(inputs, values),
        "power_options": state.power_options(inputs, values),
        "power_regions": state.power_regions(inputs, values),
        "served": service.served(inputs, parts),
        "unserved": service.unserved(inputs, values),
        "spend": money.spend(inputs, m.ledger, value),
        "objective": money.objective(inputs, m.ledger, value),
        "budget": money.budget(inputs, m.ledger, value),
        "backup": state.backup(inputs, values),
        "chips": state.chips(inputs, values),
        "demand": service.demand(inputs),
        "reach": service.reach(inputs),
        "contingencies": contingencies,
        "recovery": recovery,
    }
    add_own_columns(m, inputs, values, tables)
    return tables


def headline(inputs: Inputs, tables: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    """The figures of a summary that follow from the tables."""
    demanded = demanded_compute_years(inputs, tables)
    lacking = sum(float(row["unserved_compute"]) * _years(inputs, row) for row in tables["unserved"])
    by_role = {"primary": 0.0, "backup": 0.0}
    for row in tables["spend"]:
        by_role[str(row["role"])] += float(row["amount_busd"])
    last = inputs.calendar.labels[-1]
    by_provider: dict[str, float] = {}
    for row in tables["capacity"]:
        if row["period"] == last:
            by_provider[str(row["provider"])] = by_provider.get(str(row["provider"]), 0.0) + float(row["it_mw"])
    return {
        "unserved_share": lacking / demanded if demanded else 0.0,
        "spend_primary_busd": figures.money(inputs, by_role["primary"]),
        "spend_backup_busd": figures.money(inputs, by_role["backup"]),
        "backup_income_busd": figures.money(inputs, sum(float(row["income_busd"]) for row in tables["backup"])),
        "capacity_by_provider": {p: round(gw, 6) for p, gw in sorted(by_provider.items())},
    }


def demanded_compute_years(inputs: Inputs, tables: Mapping[str, Sequence[Row]]) -> float:
    """All demand of the horizon, compute times years."""
    return sum(float(row["demand_compute"]) * _years(inputs, row) for row in tables["unserved"])


def _years(inputs: Inputs, row: Row) -> float:
    return inputs.length_years(inputs.calendar.labels.index(str(row["period"])))
