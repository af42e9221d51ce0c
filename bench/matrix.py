"""One matrix with all its redundancy cuts, solved by several engines: the planner with each of its own, each alone."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.curves import Moment, Recorder
from bench.importer import import_instance
from bench.recipes import drawn
from planner.case.case import CaseData
from planner.case.read import read_case
from planner.inputs import make_inputs
from planner.options import DEFAULT_GAP, SolveOptions
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.solve.engines import engine_of
from planner.solve.highs import Engine
from planner.solve.mip import MixedIntegerProgram
from planner.solve.pipeline import run_pipeline
from planner.solve.scaling import scaled
from planner.solve.serve import serving_all
from planner.synthetic import generate

USE_SCIP = ("planner-scip", "scip")
WALL_GUARD = 20.0
"""Wall time of a run that is limited by processor time, as a multiple of that."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How a matrix is to be solved."""

    gap: float
    limit_s: float
    threads: int
    seed: int
    clock: str

    @property
    def wall_s(self) -> float:
        """Wall time after which a run is ended whatever its clock says."""
        return self.limit_s if self.clock == "wall" else WALL_GUARD * self.limit_s


@dataclass(slots=True)
class Curve:
    """What an engine found on a matrix, and when."""

    status: str
    moments: list[Moment] = field(default_factory=list)
    seconds: float = 0.0
    broken_cuts: int = 0


def make_matrix(case: str, file: Path, *, time_limit_s: float) -> None:
    """Solve a case with the planner, and keep its program with all cuts; without redundancy it is kept as it is.

    Cases are shipped ones, ``synthetic-SITES-SEED``, and drawn site allocations ``RECIPE-SITES-REGIONS-SEED``.
    """
    inputs = make_inputs(_case(case))
    mip = serving_all(scaled(make_mip(build_program(inputs), inputs)))
    if mip.network is None:
        file.write_bytes(pickle.dumps(replace(mip, serve_first=False, relief=None)))
        return
    options = SolveOptions(DEFAULT_GAP, time_limit_s=time_limit_s)
    answer = run_pipeline(mip, options, lambda _progress: False)
    file.write_bytes(pickle.dumps(replace(answer.mip, serve_first=False, relief=None)))


def _case(name: str) -> CaseData:
    kind, *numbers = name.split("-")
    if kind == "synthetic":
        return generate(int(numbers[0]), 10, 12, int(numbers[1]))
    instance = drawn(name)
    if instance is None:
        return read_case(name)
    imported = import_instance(instance)
    if imported.cost_per_busd != 1.0 or not make_inputs(imported.case).units.own:
        raise ValueError(f"{name}: the matrix would be in other units than the hand-written models")
    return imported.case


def solve_matrix(method: str, file: Path, asked: Asked) -> Curve:
    """Solve a kept matrix by one of `ENGINES`."""
    mip = pickle.loads(file.read_bytes())
    if method in USE_SCIP:
        import_module("planner.solve.scip_run")  # imports are not timed
    return ENGINES[method](mip, asked)


def _by_planner(solver: str) -> Callable[[MixedIntegerProgram, Asked], Curve]:
    def run(mip: MixedIntegerProgram, asked: Asked) -> Curve:
        threads = 1 if solver == "scip" else asked.threads
        options = SolveOptions(asked.gap, asked.wall_s, threads=threads, seed=asked.seed, solver=solver)
        recorder = Recorder(asked.clock, asked.limit_s)
        answer = engine_of(options)(mip, options, lambda p: recorder.record(p.objective, p.bound), None)
        recorder.record(answer.objective, answer.bound)
        return Curve(recorder.ended(answer.status.value), recorder.moments, recorder.seconds)

    return run


def _alone(mip: MixedIntegerProgram, asked: Asked, engine: Any, recorder: Recorder) -> Curve:
    def heard(event: Any) -> bool:
        return recorder.record(event.objective, event.bound)

    result = engine.run(gap=asked.gap, time_limit_s=asked.wall_s, callback=heard)
    recorder.record(result.objective, result.bound)
    broken = 0 if result.x is None else len(mip.violated_cuts(result.x))
    return Curve(recorder.ended(result.status), recorder.moments, recorder.seconds, broken)


def _highs_alone(mip: MixedIntegerProgram, asked: Asked) -> Curve:
    recorder = Recorder(asked.clock, asked.limit_s)
    return _alone(mip, asked, Engine(mip.arrays, threads=asked.threads, seed=asked.seed), recorder)


def _scip_alone(mip: MixedIntegerProgram, asked: Asked) -> Curve:
    recorder = Recorder(asked.clock, asked.limit_s)
    return _alone(mip, asked, import_module("planner.solve.scip").ScipEngine(mip.arrays, seed=asked.seed), recorder)


ENGINES: dict[str, Callable[[MixedIntegerProgram, Asked], Curve]] = {
    "planner": _by_planner("highs"),
    "planner-scip": _by_planner("scip"),
    "portfolio": _by_planner("portfolio"),
    "highs": _highs_alone,
    "scip": _scip_alone,
}
"""``planner``, ``planner-scip``, ``portfolio``: the planner with its engines; ``highs``, ``scip``: solvers alone."""
