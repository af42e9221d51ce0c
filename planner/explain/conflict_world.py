"""The program of a case with its limits, any of which may be left out, and whether there is a plan under the others.

Two questions are asked of a case. Can it be met *at all* (what may be left unserved or short, by the case's own words,
may be)? And can it be met *whole* (all demand served, every rule kept, nothing missing)? Its cost is of no account.
"""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from pyomo.common.gc_manager import PauseGC

from planner.case.case import CaseData
from planner.explain.conflict_limits import WIDENED, Limit, Part, part_of_column, part_of_row
from planner.inputs import Inputs, make_inputs
from planner.options import SolveOptions
from planner.program import build_program
from planner.program.columns import MISSING
from planner.program.families.forced import choices_that_count
from planner.program.shortfalls import SHORT, UNPAID
from planner.redundancy.network import Cut, Network
from planner.redundancy.separate import violated_cuts
from planner.runs.compile import make_mip
from planner.solve.arrays import INFINITY, Arrays, Floats
from planner.solve.highs import Engine, SolverResult
from planner.solve.linear import solve_by_itself
from planner.solve.mip import MixedIntegerProgram
from planner.solve.pipeline import run_pipeline
from planner.solve.records import SolveProgress
from planner.solve.scaling import scaled
from planner.solve.settings import PLAN_TOLERANCE
from planner.status import Status
from planner.symbols import Column
from planner.system import interrupts
from planner.units import Units

FEASIBLE, INFEASIBLE, UNKNOWN = "feasible", "infeasible", "unknown"
WIDER = 100.0
"""By how much a link with the number of blocks on offer widens where that number is no limit."""
NOISE = 1e-9
"""Share of the largest multiplier of a proof below which one is rounding."""
MOST_ROUNDS = 200
ANY_GAP = 0.99
"""Gap of a search for any plan."""
LEAST_S = 0.05
LARGE = 10_000
"""Columns from which the cost is kept in the relaxation."""
QUICK_S = 1.5
"""Time of a first search without a cost, which is enough for small programs."""
InForce = Callable[[Part], bool]


@dataclass(frozen=True, slots=True)
class Look:
    """Whether there is a plan under some limits.

    Attributes
    ----------
    status : str
        ``feasible``: a point was verified against all rows; ``infeasible``: proven; ``unknown``: neither, in time.
    x : array or None
        The point.
    used : frozenset of Part
        Where there is none: the parts that the proof uses. Without a proof of its own (whole blocks): all in force.
    divisible : bool
        Whether it is infeasible even if blocks were divisible.
    """

    status: str
    x: Floats | None = None
    used: frozenset[Part] = frozenset()
    divisible: bool = False


@dataclass
class Places:
    """Where the rows of a part stand, and the columns whose bounds belong to it, with those bounds without it."""

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    links: list[int] = field(default_factory=list)


@dataclass
class World:
    """The program of a case as it is asked about.

    Attributes
    ----------
    inputs : Inputs
    mip : MixedIntegerProgram
        In the units that suit it; it grows with every redundancy cut that is found.
    places : mapping of Part to Places
    impossible : frozenset of Part
        Parts that nothing in the program can meet.
    """

    inputs: Inputs
    mip: MixedIntegerProgram
    places: dict[Part, Places]
    impossible: frozenset[Part]
    units: Units
    found: list[Cut] = field(default_factory=list)

    @cached_property
    def limits(self) -> frozenset[Limit]:
        """Every limit of the program."""
        return frozenset(part.limit for part in {*self.places, *self.impossible})

    def look(self, in_force: InForce, *, integer: bool, until: float) -> Look:
        """Return whether there is a plan under the parts in force, whole blocks or not."""
        broken = frozenset(part for part in self.impossible if in_force(part))
        if broken:
            return Look(INFEASIBLE, used=frozenset({min(broken)}), divisible=True)
        for _ in range(MOST_ROUNDS):
            interrupts.check()
            left = until - time.monotonic()
            if left <= 0.0:
                return Look(UNKNOWN)
            arrays = self.arrays(in_force)
            result = _relaxation(arrays, left)
            if result.status == "infeasible":
                return Look(INFEASIBLE, used=self._used(arrays, result.row_dual, in_force), divisible=True)
            if result.x is None:
                return Look(UNKNOWN)
            if self.cut_off(result.x, in_force):
                continue
            if not integer:
                return Look(FEASIBLE, result.x)
            return self._whole_blocks(arrays, in_force, until)
        return Look(UNKNOWN)

    def _whole_blocks(self, arrays: Arrays, in_force: InForce, until: float) -> Look:
        """Return whether there is a plan in whole blocks; its cost guides the search, and is of no account."""
        mip = replace(self.mip, arrays=arrays, serve_first=False, relief=None)
        if mip.network is not None:
            mip = replace(mip, network=_in_force(mip.network, in_force))
        left = max(0.0, until - time.monotonic())
        limit = None if math.isinf(left) else max(LEAST_S, left)

        def stop(progress: SolveProgress) -> bool:
            interrupts.check()
            return math.isfinite(progress.objective)  # any plan will do

        quick = self._any_point(arrays, in_force, min(until, time.monotonic() + QUICK_S))
        if quick.status != UNKNOWN:
            return quick
        answer = run_pipeline(mip, SolveOptions(gap=ANY_GAP, time_limit_s=limit), stop)
        if answer.x is not None:
            return Look(FEASIBLE, answer.x)
        if answer.status is Status.INFEASIBLE:
            return Look(INFEASIBLE, used=frozenset(part for part in self.places if in_force(part)))
        return Look(UNKNOWN) if math.isfinite(until) else self._any_point(arrays, in_force, until)

    def _any_point(self, arrays: Arrays, in_force: InForce, until: float) -> Look:
        """Return the same without a cost, such as where the cost has no lower bound."""
        free = arrays.with_cost(np.zeros(arrays.column_count))
        result = Engine(free).run(gap=0.0, time_limit_s=max(0.0, until - time.monotonic()))
        if result.status == "infeasible":
            return Look(INFEASIBLE, used=frozenset(part for part in self.places if in_force(part)))
        if result.x is None or free.worst_violation(result.x) > PLAN_TOLERANCE or self.cut_off(result.x, in_force):
            return Look(UNKNOWN)
        return Look(FEASIBLE, result.x)

    def arrays(self, in_force: InForce) -> Arrays:
        """Return the program with only the parts in force."""
        arrays = self.mip.arrays
        row_lower, row_upper = arrays.row_lower.copy(), arrays.row_upper.copy()
        lower, upper, matrix = arrays.lower.copy(), arrays.upper.copy(), arrays.matrix
        widened: list[int] = []
        for part, places in self.places.items():
            if not in_force(part):
                row_lower[places.rows], row_upper[places.rows] = -INFINITY, INFINITY
                lower[places.columns], upper[places.columns] = places.lower, places.upper
                widened += places.links
        if widened:
            matrix = matrix.copy()
            for i in widened:
                there = slice(matrix.indptr[i], matrix.indptr[i + 1])
                matrix.data[there] = np.where(matrix.data[there] < 0.0, WIDER, 1.0) * matrix.data[there]
        return replace(arrays, row_lower=row_lower, row_upper=row_upper, lower=lower, upper=upper, matrix=matrix)

    def cut_off(self, x: Floats, in_force: InForce, mip: MixedIntegerProgram | None = None) -> bool:
        """Add the redundancy cuts that a point violates, here or in a like program; return whether there are any."""
        network = (mip or self.mip).network_at(x)
        if network is None:
            return False
        cuts = violated_cuts(_in_force(network, in_force), self.mip.installed_gw(x))
        if cuts:
            self.add(cuts)
        return bool(cuts)

    def add(self, cuts: list[Cut]) -> None:
        """Add redundancy cuts."""
        before = self.mip.arrays.row_count
        self.found += cuts
        self.mip = self.mip.with_cuts(cuts)[0]
        _place_rows(self.places, self.mip.arrays, before)

    def _used(self, arrays: Arrays, multiplier: Floats | None, in_force: InForce) -> frozenset[Part]:
        """Return the parts that a proof of infeasibility uses."""
        every = frozenset(part for part in self.places if in_force(part))
        if multiplier is None or not multiplier.any():
            return every
        y = np.where(np.isfinite(arrays.row_lower) | np.isfinite(arrays.row_upper), multiplier, 0.0)
        used = np.abs(y) > NOISE * np.abs(y).max()
        combined = np.abs(arrays.matrix.T @ y)
        weighty = combined > NOISE * max(1e-300, float((abs(arrays.matrix).T @ np.abs(y)).max()))
        return frozenset(
            part
            for part in every
            if used[self.places[part].rows].any()
            or used[self.places[part].links].any()
            or weighty[self.places[part].columns].any()
        )


def _relaxation(arrays: Arrays, seconds: float) -> SolverResult:
    """Solve a relaxation for any point; in large programs the cost leads there sooner than none."""
    if arrays.column_count >= LARGE:
        result = solve_by_itself(arrays, seconds / 2.0)
        if result.status == "infeasible" or (result.x is not None and result.status == "optimal"):
            return result
    return solve_by_itself(arrays.with_cost(np.zeros(arrays.column_count)), seconds)


def _in_force(network: Network, in_force: InForce) -> Network:
    """Return a network without the rules that are not in force, period by period."""
    rules = []
    for r, rule in enumerate(network.rules):
        held = np.array([in_force(Part(Limit("redundancy", str(r), t))) for t in range(len(rule.critical))])
        rules.append(replace(rule, critical=np.where(held[:, None], rule.critical, 0.0)))
    return replace(network, rules=tuple(rules))


def make_world(case: CaseData, *, whole: bool, units: Units | None = None, cuts: Iterable[Cut] = ()) -> World:
    """Make the program of a case for questions about its limits.

    Parameters
    ----------
    case : CaseData
    whole : bool
        Whether all demand is to be served and nothing may be missing; else what the case admits may be.
    units : Units or None
        Units to state it in; None: those that suit it.
    cuts : iterable of Cut
        Redundancy cuts of a similar program, to begin with.
    """
    with PauseGC():  # nothing made here is garbage; collecting takes as long as building
        return _made(case, whole, units, list(cuts))


def _made(case: CaseData, whole: bool, units: Units | None, known_cuts: list[Cut]) -> World:
    given = make_inputs(case)
    impossible = frozenset(
        Part(Limit("forced", str(number)))
        for number, one in enumerate(case.model.forced)
        if not any(choices_that_count(given, one))
    )
    inputs = make_inputs(_softened(case, impossible))
    mip = make_mip(build_program(inputs), inputs)
    known = mip.units if units is None else units
    plain = scaled(replace(mip, units=known))
    base = plain.relieved()
    asked = _Asked(
        refused=whole or case.model.objective.shortfall == "hard",
        all_served=whole,
        relief=plain.arrays.column_count,
    )
    bounded, places, beyond = _bounded(base, asked)
    world = World(inputs, bounded, places, impossible | beyond, known)
    numbers = [n for n in range(len(case.model.forced)) if Part(Limit("forced", str(n))) not in impossible]
    _place_rows(world.places, world.mip.arrays, 0, numbers)
    _place_rules(world)
    if known_cuts and world.mip.network is not None:
        world.add(known_cuts)
    return world


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a program: nothing missing, all demand served; and where its relief begins."""

    refused: bool
    all_served: bool
    relief: int


def _softened(case: CaseData, impossible: frozenset[Part]) -> CaseData:
    """Return the case with columns for what may be missing, and without what nothing can meet."""
    model = case.model
    forced = tuple(one for n, one in enumerate(model.forced) if Part(Limit("forced", str(n))) not in impossible)
    objective = model.objective.model_copy(update={"shortfall": None})
    return case.replace(model=model.model_copy(update={"objective": objective, "forced": forced}))


def _bounded(
    mip: MixedIntegerProgram, asked: _Asked
) -> tuple[MixedIntegerProgram, dict[Part, Places], frozenset[Part]]:
    """Return the program with the bounds of what is asked, the columns of each part, and the parts beyond reach."""
    arrays = mip.arrays
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    places: dict[Part, Places] = {}
    beyond: set[Part] = set()
    for j, column in enumerate(arrays.columns):
        missing = j >= asked.relief and column.variable in (UNPAID, SHORT, MISSING)
        if missing and not asked.refused:
            continue
        part = part_of_column(column, all_served=asked.all_served)
        if part is None or (part.limit.kind == "programme" and not missing):
            part = None
        elif part.limit.kind != "financing" or np.isfinite(upper[j]):
            there = places.setdefault(part, Places())
            there.columns.append(j)
            there.lower.append(float(lower[j]))
            there.upper.append(_without_limit(column, float(upper[j])))
            if missing and lower[j] > 0.0:
                beyond.add(part)
        if missing or (part is not None and part.limit.kind == "demand"):
            lower[j], upper[j] = 0.0, 0.0
    return mip.with_arrays(arrays.with_bounds(lower, upper)), places, frozenset(beyond)


def _without_limit(column: Column, upper: float) -> float:
    """Return the upper bound of a column where its limit is not in force."""
    return upper if column.variable.name == "unserved_compute" else INFINITY


def _place_rules(world: World) -> None:
    """Note every redundancy rule and period in which something is critical: some have no cut yet."""
    network = world.mip.network
    for r, rule in enumerate(() if network is None else network.rules):
        for t in np.flatnonzero(rule.critical.any(axis=1)):
            world.places.setdefault(Part(Limit("redundancy", str(r), int(t))), Places())


def _place_rows(places: dict[Part, Places], arrays: Arrays, first: int, forced: list[int] | None = None) -> None:
    """Note the rows of each part, from the first given on."""
    for i in range(first, arrays.row_count):
        row = arrays.rows[i]
        if row.constraint.name in WIDENED:
            places.setdefault(Part(Limit("blocks"), str(row.part("offer"))), Places()).links.append(i)
            continue
        part = part_of_row(row)
        if part is not None and part.limit.kind == "forced" and forced is not None:
            part = Part(Limit("forced", str(forced[int(part.limit.subject)])))
        if part is not None:
            places.setdefault(part, Places()).rows.append(i)
