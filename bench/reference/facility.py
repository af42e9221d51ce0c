"""Site allocation as an expert writes it: in Pyomo, in linopy."""

from typing import Any

import pyomo.environ as pyo

from bench.allocation import Allocation


def pyomo_model(allocation: Allocation) -> Any:
    """The textbook model, with capacity rows and the strong linking rows ``serve <= open``."""
    sites, regions = range(len(allocation.capacity)), range(len(allocation.demand))
    m = pyo.ConcreteModel()
    m.open = pyo.Var(sites, domain=pyo.Binary)
    m.serve = pyo.Var(sites, regions, domain=pyo.Binary if allocation.single_source else pyo.UnitInterval)
    m.cost = pyo.Objective(
        expr=pyo.quicksum(allocation.fixed_cost[s] * m.open[s] for s in sites)
        + pyo.quicksum(allocation.cost[s][r] * m.serve[s, r] for s in sites for r in regions)
    )
    m.served = pyo.Constraint(regions, rule=lambda m, r: pyo.quicksum(m.serve[s, r] for s in sites) == 1)
    m.capacity = pyo.Constraint(
        sites,
        rule=lambda m, s: (
            pyo.quicksum(allocation.demand[r] * m.serve[s, r] for r in regions) <= allocation.capacity[s] * m.open[s]
        ),
    )
    m.linked = pyo.Constraint(sites, regions, rule=lambda m, s, r: m.serve[s, r] <= m.open[s])
    if allocation.open_exactly is not None:
        m.count = pyo.Constraint(expr=pyo.quicksum(m.open[s] for s in sites) == allocation.open_exactly)
    return m


def linopy_model(allocation: Allocation) -> Any:
    """The same model in linopy, declared by arrays."""
    import linopy  # not a dependency of the project
    import xarray as xr

    cost = xr.DataArray(allocation.cost, dims=("site", "region"))
    fixed = xr.DataArray(list(allocation.fixed_cost), dims="site")
    capacity = xr.DataArray(list(allocation.capacity), dims="site")
    demand = xr.DataArray(list(allocation.demand), dims="region")
    coords = [range(len(allocation.capacity)), range(len(allocation.demand))]
    m = linopy.Model()
    opened = m.add_variables(binary=True, coords=coords[:1], dims=["site"], name="open")
    if allocation.single_source:
        serve = m.add_variables(binary=True, coords=coords, dims=["site", "region"], name="serve")
    else:
        serve = m.add_variables(lower=0, upper=1, coords=coords, dims=["site", "region"], name="serve")
    m.add_constraints(serve.sum("site") == 1, name="served")
    m.add_constraints((demand * serve).sum("region") - capacity * opened <= 0, name="capacity")
    m.add_constraints(serve - opened <= 0, name="linked")
    if allocation.open_exactly is not None:
        m.add_constraints(opened.sum("site") == allocation.open_exactly, name="count")
    m.add_objective((fixed * opened).sum() + (cost * serve).sum())
    return m
