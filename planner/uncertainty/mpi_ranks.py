"""What each process of a run under ``mpiexec`` does: a part of mpi-sppy, with HiGHS for the programs of scenarios.

A third of the processes each are the hub (progressive hedging), the spoke that bounds with the hub's multipliers and
with its own, and the spoke that tries first stages. A scenario is a Pyomo model made from the planner's own arrays.
"""

import os
import pickle
import sys
import time
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

from planner.options import SolveOptions
from planner.solve.arrays import INFINITY, Floats
from planner.system.lifeline import hold
from planner.uncertainty.mixing import Mixing
from planner.uncertainty.mpi import FOUND, MARK, PARTS, READY, REQUEST, MpiFound, MpiProblem

SCENARIO = "Scenario"
ROUNDING = 1e-9
MIXTURES = 3
"""Times that the spoke that bounds takes multipliers of its own between two of the hub that are no better."""
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
    _Bounding.end, _Bounding.problem = time.monotonic() + problem.seconds, problem
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
    """The spoke that bounds; it keeps the multipliers of its best bound.

    Between the multipliers of the hub it bounds with those of the mixture of all first stages that its scenarios had so
    far (`planner.uncertainty.mixing`), which has only what it knows itself and soon has the better ones.
    """

    end = INFINITY
    problem: MpiProblem
    common: Floats | None = None
    _mixing: Mixing | None = None
    _turns = 0
    _own = False

    @property
    def prices(self) -> Floats:
        """Multipliers of the best bound, of all scenarios; those that it began from where nothing was bounded."""
        return np.zeros(self.problem.begin.shape) if self._mixing is None else self._mixing.centre

    def main(self, need_solution: bool = True) -> None:
        """Bound until the hub ends; the first stages of the scenarios are needed."""
        super().main(need_solution=need_solution)

    def lagrangian(self, need_solution: bool = True, **more: Any) -> float | None:
        """Bound with the multipliers that are set, and take what the scenarios gave."""
        bound: float | None = super().lagrangian(need_solution=need_solution, **more)
        local = [
            (_number(name), one._mpisppy_data.outer_bound, _values(one, one._mpisppy_model.W),
             _values(one, one._mpisppy_data.nonant_indices))
            for name, one in self.opt.local_scenarios.items()
        ]  # fmt: skip
        whole = sorted((one for part in self.cylinder_comm.allgather(local) for one in part), key=lambda one: one[0])
        bounds = np.array([np.nan if one[1] is None else one[1] for one in whole], dtype=np.float64)
        if bound is None or not np.isfinite(bounds).all():
            return bound
        if self._mixing is None:
            chances = np.array([one.probability for one in self.problem.scenarios])
            self._mixing = Mixing(chances / chances.sum(), np.zeros(self.problem.begin.shape), careful=True)
        better = self._mixing.best
        prices, points = (np.array([one[place] for one in whole]) for place in (2, 3))
        self._mixing.take(bounds, prices, points, own=self._own)
        if not self._own:
            self._turns = 0 if self._mixing.best > better else MIXTURES
        return bound

    def update_Ws(self) -> bool:
        """Take new multipliers of the hub, if there are any and it is their turn."""
        if self._turns > 0:
            return False
        return bool(super().update_Ws())

    def do_while_waiting_for_new_Ws(self, need_solution: bool = True, **more: Any) -> None:
        """Bound with the multipliers of the mixture; the first process of the part finds them for all."""
        self._turns -= 1
        if self._mixing is None:
            return
        use = SolveOptions(threads=self.problem.threads, seed=self.problem.seed)
        mixed = self._mixing.mixed(use) if self.cylinder_rank == 0 else None
        self.common, prices = self.cylinder_comm.bcast(mixed)
        self.opt.W_from_flat_list(np.concatenate([prices[_number(name)] for name in self.opt.local_scenarios]))
        self._own = True
        bound = self.lagrangian(need_solution=need_solution, **more)
        self._own = False
        if bound is not None:
            self.send_bound(bound)

    def finalize(self) -> float:
        """Bound with the last multipliers of the hub too, which may have been quicker than the bounds; not too late."""
        late = self.allreduce_or(time.monotonic() >= self.end)  # all of its processes go on, or none
        self._turns = 0
        if not late and self.update_Ws():
            bound = self._set_weights_and_solve(need_solution=True)
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


def _part(wheel: WheelSpinner) -> tuple[int, Floats | None, list[Floats]]:
    """What a process has: the number of its part, the multipliers of all scenarios, and its first stages."""
    opt, part = wheel.spcomm.opt, int(wheel.strata_rank)
    scenarios = opt.local_scenarios
    if part == 0:
        return part, None, [_values(one, one._mpisppy_model.xbars) for one in list(scenarios.values())[:1]]
    if part == 1:
        return part, wheel.spcomm.prices, [] if wheel.spcomm.common is None else [wheel.spcomm.common]
    if opt.best_solution_obj_val is None:
        return part, None, []
    return part, None, [_values(one, one._mpisppy_data.nonant_indices) for one in list(scenarios.values())[:1]]


def _found(problem: MpiProblem, parts: list[Any], bound: float, value: float, iterations: int) -> MpiFound:
    prices = np.array(problem.begin)
    candidates = []
    for _, _, first in sorted(parts, key=lambda one: -one[0]):
        candidates += first
    prices += next(some for _, some, _ in parts if some is not None)  # all of the part have the same
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


def _values(scenario: Any, indexed: Any) -> Floats:
    """Return values by column of the first stage; those of a parameter do not stand in the order of their columns."""
    return np.array([float(pyo.value(indexed[key])) for key in scenario._mpisppy_data.nonant_indices])


def _number(name: str) -> int:
    return int(name.removeprefix(SCENARIO))


if __name__ == "__main__":
    main()
