"""Published two-stage stochastic programs: ``python -m bench stochastic FOLDER...``.

The instances are read into the arrays of ``planner.uncertainty.two_stage`` and solved by the code that solves
``planner risk``: written out as one program, in bundles with multipliers, or by mpi-sppy, whose multipliers and first
stages are then verified here. A tree with more stages is a two-stage
program whose scenarios are the trees below its root.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from bench.bundling import FIRST_GAP, State, solving
from bench.public import published_value
from planner.options import SolveOptions
from planner.runs.summary import relative_gap
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.symbols import Column, Constraint, Row, Variable
from planner.uncertainty.bounding import ScenarioProgram, TwoStageProgram, solve_whole
from planner.uncertainty.bundles import Bundles, bundles_of, merged
from planner.uncertainty.measure import Measure
from planner.uncertainty.mpi import EngineError, problem_of, solve_by_mpi
from planner.uncertainty.two_stage import Block, FirstStage

COLUMN = Variable[int]("column")
ROW = Constraint[int]("row")
METHODS = ("written-out", "bundles")
MPI = "mpi-sppy"
HEADER = ("family", "instance", "method", "published", "value", "bound", "gap", "seconds", "verdict")
BUNDLES, MOST_ROUNDS = (5, 2, 1), (12, 6, 1)
"""Bundles that the scenarios are divided into, one after the other, and rounds of each at most."""
SHRUNK = (0.0, 0.5, 1.0)
"""Shares of the duals of the relaxation that the first rounds have as multipliers: with integer variables all of them
may be too much (SSLP 15_45_5: -266.6 with half, -272.3 with all, -270.6 without)."""
STALLED, SMALL_SHARE = 0.8, 0.5
"""Bundles are merged where a round leaves more than this share of what was open, and after this share of the time."""
PROCESSES = 3
"""Of mpi-sppy: the hub, the bounds and the first stages."""
OFF = 1e-6
"""By how much a first stage may be off its rows."""


@dataclass(frozen=True, slots=True)
class Line:
    """An instance solved by a method; ``failed`` says why a method had no answer."""

    family: str
    instance: str
    method: str
    published: float | None
    value: float
    bound: float
    seconds: float
    failed: str = ""

    @property
    def gap(self) -> float:
        """Value less bound, relative to the value: infinite without a value."""
        if self.value == INFINITY:
            return INFINITY
        return (self.value - self.bound) / max(1.0, abs(self.value))

    def verdict(self, tolerance: float) -> str:
        """Whether the published value was reached, and proven."""
        if self.failed:
            return f"failed: {self.failed}"
        if self.published is None:
            return "nothing published"
        if abs(self.value - self.published) > tolerance * max(1.0, abs(self.published)):
            return "worse than published" if self.value > self.published else "better than published"
        return "proven" if self.gap <= tolerance else "reached, not proven"

    def row(self, tolerance: float) -> tuple[str, ...]:
        """The line as text."""
        published = "" if self.published is None else f"{self.published:.6f}"
        figures = (published, f"{self.value:.6f}", f"{self.bound:.6f}", f"{self.gap:.2e}", f"{self.seconds:.1f}")
        return (self.family, self.instance, self.method, *figures, self.verdict(tolerance))


def run_folder(folder: Path, methods: Sequence[str], gap: float, time_limit_s: float | None) -> Iterator[Line]:
    """Solve every instance of a folder by every method."""
    expected_file = folder / "expected.json"
    expected = json.loads(expected_file.read_text(encoding="utf-8")) if expected_file.exists() else {}
    for file in sorted(folder.glob("*.json"), key=lambda one: (one.stat().st_size, one.name)):
        if file.name == "expected.json":
            continue
        published = published_value(expected.get("instances", {}).get(file.stem, {}))
        instance = json.loads(file.read_text(encoding="utf-8"))
        for method in methods:
            begin = time.monotonic()
            value, bound, failed = INFINITY, -INFINITY, ""
            try:
                value, bound = solve(read(instance), method, SolveOptions(gap=gap, time_limit_s=time_limit_s))
            except EngineError as error:
                failed = str(error)
            yield Line(folder.name, file.stem, method, published, value, bound, time.monotonic() - begin, failed)


def tolerance_of(folder: Path) -> float:
    """Relative tolerance that the folder states for its published values."""
    file = folder / "expected.json"
    stated = json.loads(file.read_text(encoding="utf-8")).get("tolerance_relative") if file.exists() else None
    return float(stated or 1e-6)


@dataclass(frozen=True, slots=True)
class Instance:
    """A two-stage program, and a constant of its cost."""

    first: FirstStage
    blocks: tuple[Block, ...]


def solve(instance: Instance, method: str, options: SolveOptions) -> tuple[float, float]:
    """Return value and bound of an instance."""
    scenarios = [ScenarioProgram(block) for block in instance.blocks]
    program = TwoStageProgram(instance.first, scenarios, Measure(), options)
    if method == "written-out":
        found = program.whole(lambda _progress: None, options.gap)
        value = INFINITY if found.x is None else program.together().arrays.objective(found.x)
        return value, min(found.bound, value)
    return _in_bundles(instance, program, options, by_mpi=method == MPI)


def _in_bundles(
    instance: Instance, program: TwoStageProgram, options: SolveOptions, *, by_mpi: bool
) -> tuple[float, float]:
    """Bundles of scenarios with multipliers, fewer and larger ones where those before did not close the gap.

    The first multipliers are the duals of the relaxation; larger bundles begin with the best ones of the smaller. With
    mpi-sppy its multipliers and first stages come first, where there is more than one bundle: it begins with half of
    the duals, in larger bundles with the best multipliers so far.
    """
    end, bound = time.monotonic() + options.seconds, -INFINITY
    known: dict[tuple[float, ...], float] = {}
    shares = program.relaxation().shares
    given = np.zeros((len(program.scenarios), program.width)) if shares is None else shares.price
    shrunk: Sequence[float] = SHRUNK
    for count, most_rounds in zip(BUNDLES, MOST_ROUNDS, strict=True):
        claimed = INFINITY
        places = bundles_of(program, max(1, -(-program.columns // count)))
        begins = [share * merged(program, places, given) for share in shrunk]
        if by_mpi and len(places) > 1:
            problem = problem_of(program, places, options, begins[len(begins) // 2])
            proposed = solve_by_mpi(problem, PROCESSES, lambda _done: None)
            _try(instance, program, proposed.candidates, known, options)
            begins = [proposed.prices, *begins]
            claimed = INFINITY if proposed.value == INFINITY else relative_gap(proposed.value, proposed.bound)
        state = State(known, bound, options, min(FIRST_GAP, claimed))
        bundles = Bundles(program, places, solving(program, state, alone=len(places) == 1), begins=begins)
        left = INFINITY
        for number, found in enumerate(islice(bundles.rounds(), most_rounds)):
            _try(instance, program, [*found.candidates, found.common], known, options)
            value = min(known.values(), default=INFINITY)
            # Without a bound a round has no point: there is no first stage but those tried, and the best is optimal.
            state.bound = bound = max(bound, min(max(bundles.best, found.bound), value))
            before, left = left, value - bound
            if bound == INFINITY or (value < INFINITY and left <= options.gap * max(1.0, abs(value))):
                return value, bound
            stalled = number >= len(begins) and left > STALLED * before
            if count > 1 and not by_mpi and (stalled or time.monotonic() > end - (1.0 - SMALL_SHARE) * options.seconds):
                break
        given, shrunk = bundles.prices, (1.0,)
    return min(known.values(), default=INFINITY), bound


def _try(
    instance: Instance,
    program: TwoStageProgram,
    candidates: Sequence[Floats],
    known: dict[tuple[float, ...], float],
    options: SolveOptions,
) -> None:
    """Try first stages in all scenarios; those of zeros and ones are then excluded from the program."""
    first = instance.first
    binary = bool(first.integer.all() and (first.lower == 0.0).all() and (first.upper == 1.0).all())
    for candidate in candidates:
        key = tuple(np.round(candidate, 6))
        if key not in known:
            known[key] = value_of(instance, candidate, options)
            if binary:
                program.exclude(np.round(candidate))


def value_of(instance: Instance, candidate: Floats, options: SolveOptions) -> float:
    """Return the value of a first stage: the recourse of every scenario is solved with it."""
    whole = instance.first.integer
    n = np.where(whole, np.round(candidate), candidate)
    rows = instance.first.matrix @ n
    if (rows < instance.first.row_lower - OFF).any() or (rows > instance.first.row_upper + OFF).any():
        return INFINITY
    total = float(instance.first.cost @ n)
    chances = sum(block.probability for block in instance.blocks)
    for block in instance.blocks:
        answer = solve_whole(block.given(n), SolveOptions(gap=0.0, seed=options.seed), lambda _progress: None)
        if answer.x is None:
            return INFINITY
        total += block.probability / chances * answer.objective
    return total


def read(instance: Mapping[str, Any]) -> Instance:
    """Read an instance in one of the formats ``sslp-1`` and ``sp-1``.

    Raises
    ------
    ValueError
        If it has another format.
    """
    if instance["format"] == "sslp-1":
        return _server_location(instance)
    if instance["format"] == "sp-1":
        return _tree(instance)
    raise ValueError(f"format {instance['format']!r}: must be sslp-1 or sp-1")


def _server_location(data: Mapping[str, Any]) -> Instance:
    """Servers are opened now; each client that comes is served by one of them, beyond its capacity at a penalty."""
    sites, clients = data["sites"], int(data["clients"])
    count = len(sites)
    rows = data["first_stage_rows"]
    matrix = sparse.csr_array(np.array([row["coef"] for row in rows], dtype=np.float64).reshape(len(rows), count))
    sides = np.array([_sides(row["type"], float(row["rhs"])) for row in rows]).reshape(len(rows), 2)
    cost = np.array([float(site["open_cost"]) for site in sites])
    whole = np.ones(count, dtype=bool)
    first = FirstStage(cost, np.zeros(count), np.ones(count), whole, matrix, sides[:, 0], sides[:, 1])
    units, revenue = np.array(data["demand_units"]), np.array(data["revenue"])
    if revenue.shape != (count, clients):
        revenue = revenue.T
    if units.shape != (count, clients):
        units = units.T
    penalty = np.array(data["overflow_penalty"], dtype=np.float64)
    blocks = []
    for scenario in data["scenarios"]:
        present = [int(i) - 1 for i in scenario["present"]]
        served = [(j, i) for j in range(count) for i in present]
        width = len(served) + count
        own = np.zeros((count, width))
        once = np.zeros((len(present), width))
        for place, (j, i) in enumerate(served):
            own[j, place] = units[j, i]
            once[present.index(i), place] = 1.0
        own[:, len(served) :] = -np.eye(count)
        arrays = _arrays(
            np.concatenate([[-revenue[j, i] for j, i in served], penalty]),
            np.concatenate([np.ones(len(served)), np.full(count, INFINITY)]),
            np.concatenate([np.ones(len(served), dtype=bool), np.zeros(count, dtype=bool)]),
            sparse.csr_array(once),
            np.ones(len(present)),
            np.ones(len(present)),
        )
        capacity = -np.diag([float(site["capacity"]) for site in sites])
        lower, upper = np.full(count, -INFINITY), np.zeros(count)
        blocks.append(
            Block(float(scenario["p"]), arrays, sparse.csr_array(own), sparse.csr_array(capacity), lower, upper)
        )
    return Instance(first, tuple(blocks))


def _tree(data: Mapping[str, Any]) -> Instance:
    """A scenario tree: the root is the first stage, each tree below it a scenario."""
    reader = _Tree(data)
    roots = [node["id"] for node in data["nodes"] if node["parent"] == reader.root]
    return Instance(reader.first(), tuple(reader.block(root) for root in roots))


class _Tree:
    """A node-based stochastic program."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.columns, self.rows, self.nodes = data["columns"], data["rows"], {n["id"]: n for n in data["nodes"]}
        self.objective = data["objective_row"]
        self.root = next(node["id"] for node in data["nodes"] if node["parent"] < 0)
        self.entries: dict[str, dict[str, float]] = {}
        for row, column, value in (_entry(one) for one in data["entries"]):
            self.entries.setdefault(row, {})[column] = value

    def _of_stage(self, of: Sequence[Mapping[str, Any]], node: int) -> list[Mapping[str, Any]]:
        return [one for one in of if one["stage"] == self.nodes[node]["stage"]]

    def _changed(self, node: int) -> dict[tuple[str, str | None], float]:
        return {(row, column): float(value) for row, column, value in self.nodes[node]["changes"]}

    def first(self) -> FirstStage:
        columns, rows = self._of_stage(self.columns, self.root), self._of_stage(self.rows, self.root)
        names = {column["name"]: j for j, column in enumerate(columns)}
        matrix = np.zeros((len(rows), len(columns)))
        for i, row in enumerate(rows):
            for name, value in self.entries.get(row["name"], {}).items():
                matrix[i, names[name]] = value
        sides = np.array([_sides(row["type"], float(row["rhs"])) for row in rows]).reshape(len(rows), 2)
        lower, upper, whole = _bounds(columns)
        cost = np.array([float(column["cost"]) for column in columns])
        return FirstStage(cost, lower, upper, whole, sparse.csr_array(matrix), sides[:, 0], sides[:, 1])

    def block(self, root: int) -> Block:
        """The tree below a node of the second stage, with costs relative to its probability."""
        nodes = [root]
        for node in nodes:
            nodes += [one["id"] for one in self.nodes.values() if one["parent"] == node]
        chance = float(self.nodes[root]["p"])
        place: dict[tuple[int, str], int] = {}
        cost: list[float] = []
        columns: list[Mapping[str, Any]] = []
        for node in nodes:
            changed, share = self._changed(node), float(self.nodes[node]["p"]) / chance
            for column in self._of_stage(self.columns, node):
                place[node, column["name"]] = len(columns)
                columns.append(column)
                cost.append(share * changed.get((self.objective, column["name"]), float(column["cost"])))
        roots = {column["name"]: j for j, column in enumerate(self._of_stage(self.columns, self.root))}
        own: list[tuple[int, int, float]] = []
        first: list[tuple[int, int, float]] = []
        sides: list[tuple[float, float]] = []
        for node in nodes:
            changed = self._changed(node)
            for row in self._of_stage(self.rows, node):
                entries = {**self.entries.get(row["name"], {})}
                entries |= {c: value for (r, c), value in changed.items() if r == row["name"] and c is not None}
                for name, value in entries.items():
                    above = self._above(node, name, place)
                    target = first if above is None else own
                    target.append((len(sides), roots[name] if above is None else above, value))
                sides.append(_sides(row["type"], changed.get((row["name"], None), float(row["rhs"]))))
        lower, upper, whole = _bounds(columns)
        none = sparse.csr_array((0, len(columns)))
        arrays = _arrays(np.array(cost), upper, whole, none, np.zeros(0), np.zeros(0), lower)
        pair = np.array(sides).reshape(len(sides), 2)
        made = [_sparse(part, len(sides), width) for part, width in ((own, len(columns)), (first, len(roots)))]
        return Block(chance, arrays, made[0], made[1], pair[:, 0], pair[:, 1])

    def _above(self, node: int, name: str, place: Mapping[tuple[int, str], int]) -> int | None:
        """The column of a name at a node or the nearest above it; None: it is of the first stage."""
        while node != self.root:
            if (node, name) in place:
                return place[node, name]
            node = self.nodes[node]["parent"]
        return None


def _entry(one: Any) -> tuple[str, str, float]:
    if isinstance(one, Mapping):
        return str(one["row"]), str(one["col"]), float(one["value"])
    row, column, value = one
    return str(row), str(column), float(value)


def _sides(kind: str, rhs: float) -> tuple[float, float]:
    """Both sides of a row by its type: L, G or E."""
    return (-INFINITY if kind == "L" else rhs, INFINITY if kind == "G" else rhs)


def _bounds(columns: Sequence[Mapping[str, Any]]) -> tuple[Floats, Floats, Any]:
    lower = np.array([-INFINITY if one["lb"] is None else float(one["lb"]) for one in columns])
    upper = np.array([INFINITY if one["ub"] is None else float(one["ub"]) for one in columns])
    return lower, upper, np.array([bool(one["integer"]) for one in columns], dtype=bool)


def _sparse(entries: Sequence[tuple[int, int, float]], height: int, width: int) -> sparse.csr_array:
    row, column, value = (np.array(part) for part in zip(*entries, strict=True)) if entries else ([], [], [])
    return sparse.csr_array((value, (row, column)), (height, width))


def _arrays(
    cost: Floats,
    upper: Floats,
    whole: Any,
    matrix: sparse.csr_array,
    row_lower: Floats,
    row_upper: Floats,
    lower: Floats | None = None,
) -> Arrays:
    return Arrays(
        cost=cost,
        offset=0.0,
        lower=np.zeros(len(cost)) if lower is None else lower,
        upper=upper,
        integer=whole,
        implied=np.zeros(len(cost), dtype=bool),
        declared=whole,
        matrix=matrix,
        row_lower=row_lower,
        row_upper=row_upper,
        columns=tuple(Column(COLUMN, j) for j in range(len(cost))),
        rows=tuple(Row(ROW, i) for i in range(len(row_lower))),
    )
