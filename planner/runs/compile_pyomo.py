"""From a program in Pyomo to arrays, by Pyomo's own compiler."""

import planner.system.light_pyomo  # noqa: F401  # before anything else imports Pyomo

# isort: split
import numpy as np
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

from planner.program.symbols import symbols_of
from planner.program.terms import PyomoModel
from planner.solve.arrays import INFINITY, Arrays


def of_pyomo(m: PyomoModel) -> Arrays:
    """Compile a program in Pyomo (`planner.runs.compile.compile_program`)."""
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
