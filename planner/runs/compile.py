"""From a Pyomo program to the program that the pipeline solves: one compile, no Pyomo from there on.

The solver's process does without Pyomo and the case: importing them would take it longer than most solves need.
"""

import numpy as np
from pyomo.common.gc_manager import PauseGC
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

from planner.inputs import Inputs
from planner.program.columns import BLOCKS, HOSTED, LEASE_BLOCKS, REFRESH_BLOCKS, SERVED, SITE_OPEN, UNSERVED
from planner.program.declare import symbols_of
from planner.program.terms import PyomoModel
from planner.redundancy.network import Network
from planner.redundancy.symbols import COVERABLE, INSTALLED
from planner.runs.relief import make_relief, soft_of_prices
from planner.solve.arrays import INFINITY, Arrays
from planner.solve.mip import Links, MixedIntegerProgram
from planner.symbols import ColumnIndex


def compile_program(m: PyomoModel) -> Arrays:
    """Compile a Pyomo program to arrays.

    Parameters
    ----------
    m : pyomo.environ.ConcreteModel
        A linear program with one active objective.

    Returns
    -------
    Arrays
    """
    with PauseGC():  # nothing made here is garbage
        return _compiled(m)


def _compiled(m: PyomoModel) -> Arrays:
    form = LinearStandardFormCompiler().write(m, mixed_form=True)
    columns = symbols_of(m).columns(form.columns)
    matrix = form.A.tocsr()
    senses = np.array([sense for _, sense in form.rows], dtype=np.int8)
    rhs = np.asarray(form.rhs, dtype=np.float64)
    bounds = [variable.bounds for variable in form.columns]
    declared = np.array([not variable.is_continuous() for variable in form.columns], dtype=bool)
    cost = np.zeros(len(form.columns))
    objective = form.c.tocsr()
    cost[objective.indices] = objective.data
    return Arrays(
        cost=cost,
        offset=float(form.c_offset[0]),
        lower=np.array([-INFINITY if low is None else low for low, _ in bounds]),
        upper=np.array([INFINITY if up is None else up for _, up in bounds]),
        integer=declared.copy(),
        implied=np.array([column.variable.implied_integer for column in columns], dtype=bool) & ~declared,
        declared=declared,
        matrix=sparse.csr_array(matrix),
        row_lower=np.where(senses <= 0, rhs, -INFINITY),
        row_upper=np.where(senses >= 0, rhs, INFINITY),
        columns=columns,
        rows=symbols_of(m).rows(row for row, _ in form.rows),
    )


def make_mip(m: PyomoModel, inputs: Inputs) -> MixedIntegerProgram:
    """Compile a program and lay out what the pipeline needs.

    Parameters
    ----------
    m : pyomo.environ.ConcreteModel
        As built by `planner.program.build_program`.
    inputs : Inputs
    """
    arrays = compile_program(m)
    column = ColumnIndex(arrays.columns)
    network: Network | None = getattr(m, "redundancy_network", None)
    units = network.units if network else ()
    installed = np.array(
        [[column[INSTALLED].get((*unit, t), -1) for unit in units] for t in inputs.periods], dtype=np.int64
    ).reshape(len(inputs.periods), len(units))
    coverable = {}
    if network is not None:
        coverable = {group: column[COVERABLE][total.index()] for group, total in m.coverable_of_group.items()}
    period = np.full(arrays.column_count, -1, dtype=np.int64)
    group = np.full(arrays.column_count, -1, dtype=np.int64)
    numbers: dict[tuple[str, ...], int] = {}
    decided = [(o, role, start, place) for (o, role, start, _), place in column[BLOCKS].items()]
    decided += [(o, role, start, place) for (o, role, start, _, _), place in column[LEASE_BLOCKS].items()]
    decided += [(o, role, p, place) for (o, role, _, _, _, p, _), place in column[REFRESH_BLOCKS].items()]
    for o, role, start, place in decided:
        period[place] = start
        group[place] = numbers.setdefault((o, role), len(numbers))
    for (name, s, t), place in column[HOSTED].items():
        period[place] = t
        group[place] = numbers.setdefault(("hosted", name, s), len(numbers))
    unserved = column[UNSERVED]
    beyond = getattr(m, "programme_beyond", {})
    return MixedIntegerProgram(
        arrays=arrays,
        network=network,
        installed=installed,
        coverable=coverable,
        unserved=np.array(list(unserved.values()), dtype=np.int64),
        unserved_weight=np.array([inputs.length_years(t) for _, _, t in unserved], dtype=np.float64),
        serve_first=inputs.case.model.objective.unserved == "lexicographic",
        period=period,
        group=group,
        links=_links(inputs, column),
        units=inputs.units,
        relief=make_relief(inputs, arrays, network, beyond),
        soft=None if network is None else soft_of_prices(inputs, network, column),
    )


def _links(inputs: Inputs, column: ColumnIndex) -> Links:
    """Links between service and opening, where a node is one site whose opening is a decision."""
    found = []
    balances: dict[object, int] = {}
    opened = column[SITE_OPEN]
    alone = {node for node, sites in inputs.nodes.items() if len(sites) == 1 and inputs.openable(node)}
    for (node, market, workload, t), place in column[SERVED].items():
        if node in alone:
            balance = balances.setdefault((market, workload, t), len(balances))
            found.append((place, opened[node, t], inputs.demand_compute[market, workload][t], balance))
    return Links(
        np.array([served for served, _, _, _ in found], dtype=np.int64),
        np.array([opened for _, opened, _, _ in found], dtype=np.int64),
        np.array([demand for _, _, demand, _ in found], dtype=np.float64),
        np.array([balance for _, _, _, balance in found], dtype=np.int64),
    )
