"""What each process of a run under ``mpiexec`` does: a part of mpi-sppy, with HiGHS for the programs of scenarios.

A third of the processes each are the hub (progressive hedging), the spoke that bounds with the hub's multipliers, and
the spoke that tries first stages. A scenario is a Pyomo model made from the planner's own arrays.
"""

import os
import pickle
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyomo.environ as pyo
from mpi4py import MPI
from mpisppy.cylinders.hub import PHHub
from mpisppy.cylinders.lagrangian_bounder import LagrangianOuterBound
from mpisppy.cylinders.xhatshufflelooper_bounder import XhatShuffleInnerBound
from mpisppy.extensions.norm_rho_updater import NormRhoUpdater
from mpisppy.opt.ph import PH
from mpisppy.spin_the_wheel import WheelSpinner
from mpisppy.utils import sputils
from mpisppy.utils.xhat_eval import Xhat_Eval
from pyomo.core.expr import LinearExpression

from planner.solve.arrays import INFINITY, Floats
from planner.system.lifeline import hold
from planner.uncertainty.mpi import FOUND, MARK, PARTS, READY, REQUEST, MpiFound, MpiProblem

SCENARIO = "Scenario"
ROUNDING = 1e-9
PENALTY_SHARE = 0.1
"""Share of the cost that the first penalties come to if all scenarios are as far off as they are on average."""
LEAST_GAP, GAP_SHARE = 1e-4, 0.1
"""Gap of the program of a scenario, and its share of that of the problem: what is proposed need not be exact."""


def main() -> None:
    """Solve the problem of a folder as one of its processes; the first process of all reads and writes the files."""
    hold(os.getppid())
    world, processes = MPI.COMM_WORLD, int(sys.argv[-2])
    if world.size != processes:
        raise RuntimeError(
            f"{world.size} of {processes} processes know of one another: mpiexec is of another MPI than that of mpi4py"
        )
    folder = Path(sys.argv[-1])
    problem = pickle.loads((folder / REQUEST).read_bytes()) if world.rank == 0 else None
    problem = world.bcast(problem)
    world.barrier()
    if world.rank == 0:
        print(MARK, READY, flush=True)  # noqa: T201  all have loaded their libraries: from now on their time counts
    found = spin(problem)
    if world.rank == 0 and found is not None:
        part = folder / f"{FOUND}.part"
        part.write_bytes(pickle.dumps(found))
        part.rename(folder / FOUND)


def spin(problem: MpiProblem) -> MpiFound | None:
    """Run hub and spokes, and return what they found; None on all processes but the first."""
    world = MPI.COMM_WORLD
    _Bounding.end = time.monotonic() + problem.seconds
    ending = {"rel_gap": problem.gap, "abs_gap": ROUNDING, "max_stalled_iters": problem.stalled}
    hub = {
        "hub_class": PHHub,
        "hub_kwargs": {"options": ending},
        "opt_class": PH,
        "opt_kwargs": {**_arguments(problem), "extensions": _Progress},
    }
    spokes = [
        {"spoke_class": _Bounding, "opt_class": PH, "opt_kwargs": _arguments(problem)},
        {"spoke_class": XhatShuffleInnerBound, "opt_class": Xhat_Eval, "opt_kwargs": _arguments(problem)},
    ]
    wheel = WheelSpinner(hub, spokes)
    wheel.spin()
    parts = world.gather(_part(wheel))
    if parts is None:
        return None
    return _found(problem, parts, float(wheel.BestOuterBound), float(wheel.BestInnerBound), wheel.spcomm.opt._PHIter)


class _Bounding(LagrangianOuterBound):  # type: ignore[misc]
    """The spoke that bounds; it keeps the multipliers of its best bound."""

    best, end = -INFINITY, INFINITY
    prices: Mapping[str, Floats] = {}

    def send_bound(self, value: float) -> None:
        """Send a bound to the hub."""
        if value > self.best:
            self.best = value
            self.prices = {name: _values(one._mpisppy_model.W) for name, one in self.opt.local_scenarios.items()}
        super().send_bound(value)

    def finalize(self) -> float:
        """Bound with the last multipliers of the hub too, which may have been quicker than the bounds; not too late."""
        late = self.allreduce_or(time.monotonic() >= self.end)  # all of its processes go on, or none
        if not late and self.update_Ws():
            bound = self._set_weights_and_solve(need_solution=False)
            if bound is not None:
                self.send_bound(bound)
        return float(super().finalize())


class _Progress(NormRhoUpdater):  # type: ignore[misc]
    """What the hub reports after each of its iterations, as a line of its output."""

    def post_iter0_after_sync(self) -> None:
        """Set the first penalties: a share of the cost, spread over what the scenarios differ in."""
        ph = self.ph
        ph.Compute_Xbar(False)
        off = self._compute_primal_residual_norm(ph)
        differ = [one for one in off.values() if one > ROUNDING]
        if differ:
            cost = abs(float(ph.trivial_bound)) or 1.0
            least = float(np.mean(differ))
            for one in ph.local_scenarios.values():
                for place, rho in one._mpisppy_model.rho.items():
                    rho._value = PENALTY_SHARE * cost / (len(differ) * max(off[place], least))

    def enditer_after_sync(self) -> None:
        """Report the iteration."""
        if self.ph.cylinder_rank == 0:
            print(MARK, self.ph._PHIter, flush=True)  # noqa: T201  the process that waits reads it


def _part(wheel: WheelSpinner) -> tuple[int, dict[str, Floats], list[Floats]]:
    """What a process has: the number of its part, its multipliers, and its first stages."""
    opt, part = wheel.spcomm.opt, int(wheel.strata_rank)
    scenarios = opt.local_scenarios
    if part == 0:
        return part, {}, [_values(one._mpisppy_model.xbars) for one in list(scenarios.values())[:1]]
    if part == 1:
        return part, dict(wheel.spcomm.prices), []
    if opt.best_solution_obj_val is None:
        return part, {}, []
    return part, {}, [_values(one._mpisppy_data.nonant_indices) for one in list(scenarios.values())[:1]]


def _found(problem: MpiProblem, parts: list[Any], bound: float, value: float, iterations: int) -> MpiFound:
    prices = np.array(problem.begin)
    candidates = []
    for _, some, first in sorted(parts, key=lambda one: -one[0]):
        candidates += first
        for name, price in some.items():
            prices[_number(name)] += price
    chances = np.array([one.probability for one in problem.scenarios])
    return MpiFound(prices - chances @ prices, candidates, bound, value, iterations)


def _arguments(problem: MpiProblem) -> dict[str, Any]:
    of_each = -(-PARTS * len(problem.scenarios) // MPI.COMM_WORLD.size)  # an iteration takes the time limit at most
    layers = {"threads": problem.threads, "random_seed": problem.seed, "time_limit": problem.seconds / of_each}
    layers |= {"mip_rel_gap": max(LEAST_GAP, GAP_SHARE * problem.gap)}
    options = {
        "solver_name": "appsi_highs",
        "solver_options_layers": [sputils.solver_options_layer("default", layers)],
        "PHIterLimit": problem.iterations,
        "time_limit": problem.seconds,
        "defaultPHrho": 1.0,
        "convthresh": 0.0,
        "verbose": False,
        "toc": False,
        "display_progress": False,
        "linearize_proximal_terms": True,
        "proximal_linearization_tolerance": 0.01,
        "xhat_looper_options": {"xhat_solver_options": layers, "scen_limit": 3},
    }
    return {
        "options": options,
        "all_scenario_names": [f"{SCENARIO}{s}" for s in range(len(problem.scenarios))],
        "scenario_creator": _scenario,
        "scenario_creator_kwargs": {"problem": problem},
    }


def _scenario(name: str, problem: MpiProblem) -> pyo.ConcreteModel:
    """Make the model of a scenario."""
    one = problem.scenarios[_number(name)]
    model = pyo.ConcreteModel(name)
    model.x = pyo.Var(range(len(one.cost)), domain=lambda _, j: pyo.Integers if one.integer[j] else pyo.Reals)
    columns = [model.x[j] for j in range(len(one.cost))]
    for column, lower, upper in zip(columns, one.lower, one.upper, strict=True):
        column.setlb(None if lower == -INFINITY else float(lower))
        column.setub(None if upper == INFINITY else float(upper))
        column.set_value(float(min(max(lower, 0.0), upper)))  # a column in no row has this value, and may have any
    model.cost = pyo.Objective(expr=_sum(columns, range(len(columns)), one.cost, one.offset))
    model.rows = pyo.ConstraintList()
    begins, matrix = one.matrix.indptr, one.matrix
    for i, (lower, upper) in enumerate(zip(one.row_lower, one.row_upper, strict=True)):
        part = slice(begins[i], begins[i + 1])
        if begins[i] < begins[i + 1] and (lower > -INFINITY or upper < INFINITY):
            _row(model.rows, _sum(columns, matrix.indices[part], matrix.data[part]), float(lower), float(upper))
    sputils.attach_root_node(model, 0.0, columns[: problem.begin.shape[1]])
    model._mpisppy_probability = one.probability
    return model


def _row(rows: Any, body: Any, lower: float, upper: float) -> None:
    if lower == upper:
        rows.add(body == lower)
    else:
        rows.add((None if lower == -INFINITY else lower, body, None if upper == INFINITY else upper))


def _sum(columns: list[Any], places: Any, factors: Any, constant: float = 0.0) -> LinearExpression:
    some = [(float(a), columns[j]) for j, a in zip(places, factors, strict=True) if a]
    return LinearExpression(
        constant=float(constant), linear_coefs=[a for a, _ in some], linear_vars=[column for _, column in some]
    )


def _values(indexed: Any) -> Floats:
    return np.array([float(pyo.value(one)) for one in indexed.values()])


def _number(name: str) -> int:
    return int(name.removeprefix(SCENARIO))


if __name__ == "__main__":
    main()
