"""Serve first, then cheapest: the pipeline run as often as the objective asks for."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np

from planner.solve.arrays import INFINITY, Floats, NewRow
from planner.solve.highs import Status
from planner.solve.pipeline import Pipeline
from planner.solve.problem import Problem
from planner.solve.records import Answer, News, Options
from planner.solve.scaling import cost_exponent, point_in_units, restored, scaled
from planner.units import Units, times_ten_to

UNSERVED_GAP = 1e-6
"""Relative gap to which unserved demand is minimised before cost is looked at."""


class Solving(Protocol):
    """A run on one problem with one objective."""

    def run(self) -> Answer:
        """Solve it."""


Make = Callable[[Problem, Options, Callable[[News], bool], Floats | None], Solving]
"""Makes a run of a problem, options, a listener and a plan to start from."""


def solve_problem(
    problem: Problem,
    options: Options,
    tell: Callable[[News], bool],
    start: Floats | None = None,
    make: Make = Pipeline,
) -> Answer:
    """Solve a problem under its objective.

    With unserved demand minimised first, a plan that serves everything is looked for at once: where there is one, the
    least unserved demand is zero and nothing else needs to be solved. Compute and money are solved in the problem's
    units (`planner.inputs.units`); what is told and answered is in those of the case.

    Parameters
    ----------
    problem : Problem
    options : Options
    tell : callable
        Hears `News`; returns True to stop.
    start : array or None
        A plan to start from.
    make : callable
        Makes the runs; by default those of the embedded solver.

    Returns
    -------
    Answer
        Objective and bound are those of the cost; for a plan that leaves demand unserved the bound holds for the
        unserved demand found.
    """
    if problem.units.own:
        return _solve(problem, options, tell, start, make)
    units, width = problem.units, problem.arrays.column_count
    cost = cost_exponent(problem.arrays, units)

    def restore(x: Floats | None) -> Floats | None:
        return None if x is None else point_in_units(problem.arrays, x, units)

    def tell_restored(news: News) -> bool:
        objective, bound = times_ten_to(news.objective, cost), times_ten_to(news.bound, cost)
        return tell(replace(news, objective=objective, bound=bound, x=restore(news.x)))

    down = Units(-units.compute, -units.money)
    begin = None if start is None else point_in_units(problem.arrays, start[:width], down)
    answer = _solve(scaled(problem), options, tell_restored, begin, make)
    return replace(
        answer,
        x=restore(answer.x),
        objective=times_ten_to(answer.objective, cost),
        bound=times_ten_to(answer.bound, cost),
        problem=restored(answer.problem, problem),
    )


def _solve(
    problem: Problem, options: Options, tell: Callable[[News], bool], start: Floats | None, make: Make
) -> Answer:
    """Solve a problem in the units that it is in."""
    if not problem.serve_first:
        return make(problem, options, tell, start).run()
    begin = time.monotonic()

    def left() -> float:
        return options.time_limit_s - (time.monotonic() - begin)

    answer = make(_serving_all(problem), options, tell, start).run()
    gave_up = answer.status == "limit" and answer.x is None and left() > 0.0
    if answer.status != "infeasible" and not gave_up:
        return answer
    least = _least_unserved(problem, replace(options, time_limit_s=left() / 2), tell, make)
    if least.x is None:
        return least
    limited = _unserved_at_most(problem, least)
    begun = least.x[: problem.arrays.column_count]
    final = make(limited, replace(options, time_limit_s=left()), tell, begun).run()
    notes = tuple(dict.fromkeys((*answer.notes, *least.notes, *final.notes)))
    if final.x is not None or final.status == "unbounded":
        return replace(final, notes=notes)
    # The plan that leaves least unserved is there: it counts, whatever came of its cost.
    status: Status = "interrupted" if final.status == "interrupted" else "limit"
    bound = min(final.bound, least.objective) if np.isfinite(final.bound) else -INFINITY
    return replace(least, status=status, bound=bound, notes=notes)


def _serving_all(problem: Problem) -> Problem:
    upper = problem.arrays.upper.copy()
    upper[problem.unserved] = 0.0
    return problem.with_arrays(problem.arrays.with_bounds(problem.arrays.lower, upper))


def _least_unserved(problem: Problem, options: Options, tell: Callable[[News], bool], make: Make) -> Answer:
    """Minimise unserved compute over time; news carries no cost while this runs."""
    cost = np.zeros(problem.arrays.column_count)
    cost[problem.unserved] = problem.unserved_weight

    def tell_stage(news: News) -> bool:
        return tell(News("unserved demand", news.seconds, float("inf"), float("-inf")))

    measured = problem.with_arrays(problem.arrays.with_cost(cost))
    answer = make(measured, replace(options, gap=UNSERVED_GAP), tell_stage, None).run()
    if answer.status == "infeasible" or answer.x is None:
        return answer
    true_cost = problem.arrays.objective(answer.x[: problem.arrays.column_count])
    return replace(answer, objective=true_cost, bound=float("-inf"))


def _unserved_at_most(problem: Problem, least: Answer) -> Problem:
    """Hold unserved compute at the least found, up to the solver's tolerance."""
    assert least.x is not None  # the caller has a plan
    amount = float(problem.unserved_weight @ least.x[problem.unserved])
    row = NewRow(
        key=("c_demand_least_unserved", None),
        index=problem.unserved.astype(np.int32),
        value=problem.unserved_weight,
        lower=-INFINITY,
        upper=amount * (1.0 + 1e-9) + 1e-9,
    )
    return problem.with_arrays(problem.arrays.extended([], [row]))
