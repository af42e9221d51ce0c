"""Pyomo imported without the parts of SciPy that only its extensions use (`planner.system.light_scipy`)."""

from planner.system.light_scipy import NEEDLESS, standing_in

with standing_in(NEEDLESS):
    import pyomo.common.dependencies
    import pyomo.core as pyo
    from pyomo.core.expr.numeric_expr import LinearExpression

__all__ = ["LinearExpression", "pyo", "pyomo"]
