"""From a declared program to the program that the pipeline solves: one compile, arrays from there on.

The solver's process does without Pyomo and the case: importing them would take it longer than most solves need.
"""

from itertools import chain
from typing import Any

import numpy as np
from scipy import sparse

from planner.inputs import Inputs
from planner.program.columns import BLOCKS, HOSTED, LEASE_BLOCKS, REFRESH_BLOCKS, SERVED, SITE_OPEN, UNSERVED
from planner.program.listed import ListedProgram
from planner.program.terms import Program, Relation
from planner.redundancy.network import Network
from planner.redundancy.symbols import COVERABLE, INSTALLED
from planner.runs.relief import make_relief, soft_of_prices
from planner.solve.arrays import INFINITY, Arrays, Floats, Ints
from planner.solve.mip import Links, MixedIntegerProgram
from planner.symbols import Column, ColumnIndex, Constraint, Row, entries_of
from planner.system.garbage import not_collected


def compile_program(m: Program) -> Arrays:
    """Compile a program to arrays.

    Columns stand by variable, in the order in which the variables come up in the objective and then row by row. Terms
    of one column in a row are added up, and columns that occur nowhere are left out.

    Parameters
    ----------
    m : ListedProgram or pyomo.environ.ConcreteModel
        A linear program with one active objective.

    Returns
    -------
    Arrays
    """
    with not_collected():  # nothing made here is garbage
        if isinstance(m, ListedProgram):
            return _of_lists(m)
        from planner.runs.compile_pyomo import of_pyomo

        return of_pyomo(m)


def _of_lists(m: ListedProgram) -> Arrays:
    """Compile a program of lists: all terms at once, in the order in which they were written."""
    rows = m.rows
    sums = [m.objective, *(relation.terms for _, _, relation in rows)]
    counts = np.array([len(one.variables) for one in sums], dtype=np.int64)
    term_column = np.fromiter(chain.from_iterable(one.variables for one in sums), np.int64, int(counts.sum()))
    term_value = np.fromiter(chain.from_iterable(one.coefficients for one in sums), np.float64, int(counts.sum()))
    term_row = np.repeat(np.arange(len(sums)), counts)
    width = len(m.columns)
    place, which = np.unique(term_row * width + term_column, return_inverse=True)
    value = np.bincount(which, weights=term_value, minlength=len(place))  # adds in the order of the terms
    row, old = np.divmod(place[value != 0.0], width)
    value = value[value != 0.0]

    order = _order(m, term_column, old)
    new = np.full(width, -1, dtype=np.int32)
    new[order] = np.arange(len(order))

    low = np.array([-INFINITY if one.lower is None else one.lower for _, _, one in rows])
    up = np.array([INFINITY if one.upper is None else one.upper for _, _, one in rows])
    filled = np.bincount(row, minlength=len(sums))[1:] > 0
    kept = (np.isfinite(low) | np.isfinite(up)) & (filled | (low > 0.0) | (up < 0.0))
    number = np.concatenate([[-1], np.cumsum(kept) - 1]).astype(np.int32)
    priced = row == 0
    inside = np.concatenate([[False], kept])[row]
    cost = np.zeros(len(order))
    cost[new[old[priced]]] = value[priced]
    matrix = sparse.csr_array(
        (value[inside], (number[row[inside]], new[old[inside]])), shape=(int(kept.sum()), len(order))
    )
    matrix.sort_indices()
    taken = [one for one, is_kept in zip(rows, kept.tolist(), strict=True) if is_kept]
    return _arrays(m, order.tolist(), taken, cost, matrix, (low[kept], up[kept]))


def _order(m: ListedProgram, term_column: Ints, occurring: Ints) -> Ints:
    """The columns that occur, by variable, as these come up in the terms, and then as they were declared."""
    numbers: dict[str, int] = {}
    variable = np.array([numbers.setdefault(one.component, len(numbers)) for one, _ in m.columns], dtype=np.int64)
    rank = np.full(len(numbers), len(term_column), dtype=np.int64)
    np.minimum.at(rank, variable[term_column], np.arange(len(term_column)))
    columns = np.flatnonzero(np.bincount(occurring, minlength=len(m.columns)))
    return columns[np.argsort(rank[variable[columns]], kind="stable")]


def _arrays(
    m: ListedProgram,
    order: list[int],
    rows: list[tuple[Constraint[Any], object, Relation]],
    cost: Floats,
    matrix: sparse.csr_array,
    limits: tuple[Floats, Floats],
) -> Arrays:
    """The columns in an order and the rows that are kept, with their records."""
    columns = entries_of(Column, (m.columns[j] for j in order))
    declared = np.array(m.whole, dtype=bool)[order]
    named = m.symbols.row_keys
    keyed = [
        (record, named[record.component].get(index, index) if record.component in named else index)
        for record, index, _ in rows
    ]
    return Arrays(
        cost=cost,
        offset=float(m.objective.constant),
        lower=np.array(m.lower)[order],
        upper=np.array(m.upper)[order],
        integer=declared.copy(),
        implied=np.array([column.variable.implied_integer for column in columns], dtype=bool) & ~declared,
        declared=declared,
        matrix=matrix,
        row_lower=limits[0],
        row_upper=limits[1],
        columns=columns,
        rows=entries_of(Row, keyed),
    )


def make_mip(m: Program, inputs: Inputs) -> MixedIntegerProgram:
    """Compile a program and lay out what the pipeline needs.

    Parameters
    ----------
    m : ListedProgram or pyomo.environ.ConcreteModel
        As built by `planner.program`.
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
        coverable = {group: column[COVERABLE][total] for group, total in m.coverable_of_group.items()}
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
        site=_sites(inputs, arrays),
        units=inputs.units,
        relief=make_relief(inputs, arrays, network, beyond),
        soft=None if network is None else soft_of_prices(inputs, network, column),
    )


def _sites(inputs: Inputs, arrays: Arrays) -> Ints:
    """The site of each column whose key has one, or an offer, a power option or a contract of one; -1 elsewhere."""
    number = {s: n for n, s in enumerate(inputs.sites)}
    of_offer = {o: number[row.site] for o, row in inputs.offers.items()}
    known: dict[str, dict[str, int]] = {
        "site": number,
        "offer": of_offer,
        "power_option": {g: number[s] for s in inputs.sites for g in inputs.options_at(s)},
        "contract": {c: of_offer[contract.row.offer] for c, contract in inputs.rooms.items()},
    }
    found = np.full(arrays.column_count, -1, dtype=np.int64)
    for j, (variable, key) in enumerate(arrays.columns):
        for part, name in enumerate(variable.index):
            if name in known and isinstance(key, tuple):
                found[j] = known[name].get(key[part], -1)
                break
    return found


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
