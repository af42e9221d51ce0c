"""Which engine solves a program with one objective, by the name of the solver."""

from importlib import import_module

from planner.options import PORTFOLIO, SCIP, SolveOptions
from planner.solve.pipeline import run_pipeline
from planner.solve.tiers import SolveOnce


def engine_of(options: SolveOptions) -> SolveOnce:
    """Return what solves a program: HiGHS' pipeline, SCIP, or both in parallel.

    The others are imported only where they are asked for: their library belongs to an extra.
    """
    if options.solver == SCIP:
        run: SolveOnce = import_module("planner.solve.scip_run").run_scip
        return run
    if options.solver == PORTFOLIO:
        both: SolveOnce = import_module("planner.solve.portfolio").run_portfolio
        return both
    return run_pipeline
