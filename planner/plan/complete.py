"""The tables that follow from the others: periods, realised compute, emissions, money by level, what is owed."""

from collections.abc import Mapping, Sequence

from planner.inputs import Inputs
from planner.plan.calendar import calendar
from planner.plan.cash import cash, envelopes
from planner.plan.clusters import clusters
from planner.plan.columns import TABLES
from planner.plan.critical import critical_shares
from planner.plan.decisions import Row
from planner.plan.earlier import unserved_as_shortfalls
from planner.plan.emissions import emissions
from planner.plan.obligations import obligations
from planner.plan.realised import realised
from planner.plan.spend import Total, spend
from planner.plan.unit_costs import unit_costs


def completed(
    inputs: Inputs, tables: Mapping[str, Sequence[Row]], totals: Mapping[Total, float]
) -> dict[str, list[Row]]:
    """The tables of a plan with those that follow from the others: money by level, what is owed, unit costs.

    Parameters
    ----------
    inputs : Inputs
    tables : mapping of str to rows
        All others, by the schema.
    totals : mapping of (period, part, item, role) to float
        The amounts that ``spend`` adds up to.
    """
    found = {name: list(rows) for name, rows in tables.items()}
    found.setdefault("programme_path", [])  # plans of version 0.1 have no programmes
    found.setdefault("financing", [])  # nor sources of financing
    found.setdefault("shortfalls", unserved_as_shortfalls(found["unserved"]))  # nor those of format 4 shortfalls
    found.setdefault("refreshes", [])  # nor refreshes of chips
    found |= {"calendar": calendar(inputs), "spend": spend(inputs, found, totals)}
    found["clusters"] = clusters(inputs, found["served"])
    found["critical_shares"] = critical_shares(inputs)
    found["realised"] = realised(inputs, found["capacity"])
    found["emissions"] = emissions(inputs, found["capacity"], found["power_options"])
    found["obligations"] = obligations(inputs, found["contracts"])
    found |= {"cash": cash(inputs, found), "envelopes": envelopes(inputs, found)}
    found["unit_costs"] = unit_costs(inputs, found)
    found.setdefault("ranges", [])  # none were looked for yet
    return {name: found[name] for name in TABLES}
