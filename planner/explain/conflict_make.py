"""The program of a case made for questions about its limits: compiled once, and bounded by what is asked."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from planner.case.case import CaseData
from planner.explain.conflict_hosts import host_share, hosts_of
from planner.explain.conflict_limits import Limit, Part, part_of_column
from planner.explain.conflict_places import Places, place_rows
from planner.explain.conflict_world import World
from planner.inputs import Inputs, make_inputs
from planner.program import quickest_program
from planner.program.columns import MISSING
from planner.program.families.forced import choices_that_count
from planner.program.shortfalls import SHORT, UNPAID, UNPAID_PROGRAMME
from planner.redundancy.network import Cut
from planner.runs.compile import make_mip
from planner.solve.arrays import INFINITY
from planner.solve.mip import MixedIntegerProgram
from planner.solve.scaling import scaled
from planner.symbols import Column
from planner.system.garbage import not_collected
from planner.units import Units

_MAKING = threading.RLock()
"""Programs are made one at a time: threads cannot share what Pyomo keeps, and would gain nothing."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The program of a case before anything is asked of it, with columns for what may be missing.

    Attributes
    ----------
    inputs : Inputs
    mip : MixedIntegerProgram
        In the units that suit it.
    relief : int
        Where the columns of what may be missing begin.
    impossible : frozenset of Part
        Forced decisions that nothing in the program can meet.
    units : Units
    """

    inputs: Inputs
    mip: MixedIntegerProgram
    relief: int
    impossible: frozenset[Part]
    units: Units


def compile_case(case: CaseData, units: Units | None = None, *, hosts: bool = True) -> Compiled:
    """Compile a case for questions about its limits.

    Parameters
    ----------
    case : CaseData
    units : Units or None
        Units to state it in; None: those that suit it.
    hosts : bool
        Whether any site can host a cluster where the limits on it are left out; see `planner.explain.conflict_hosts`.
    """
    with _MAKING, not_collected():  # nothing made here is garbage; collecting takes as long as building
        impossible = _impossible(case) if case.model.forced else frozenset()
        inputs = make_inputs(_softened(case, impossible))
        inputs = replace(inputs, host_share=host_share(inputs) if hosts else None, every_limit=True)
        mip = make_mip(quickest_program(inputs), inputs)
        known = mip.units if units is None else units
        plain = scaled(replace(mip, units=known))
        return Compiled(inputs, plain.relieved(), plain.arrays.column_count, impossible, known)


def _impossible(case: CaseData) -> frozenset[Part]:
    """Return the forced decisions that nothing in the program can meet."""
    inputs = make_inputs(case)
    return frozenset(
        Part(Limit("forced", str(number)))
        for number, one in enumerate(case.model.forced)
        if not any(choices_that_count(inputs, one))
    )


def make_world(
    case: CaseData, *, whole: bool, units: Units | None = None, cuts: Iterable[Cut] = (), hosts: bool = True
) -> World:
    """Make the program of a case for questions about its limits; see `compile_case` and `world_of`."""
    return world_of(compile_case(case, units, hosts=hosts), case, whole=whole, cuts=cuts)


def without_hosts(world: World, case: CaseData, made: World | None) -> World:
    """Return the program of a case with only the hosts that it has as it is, and the redundancy cuts of another one.

    ``made`` is the same program as it was returned before, with fewer cuts; None where it is the first time.
    """
    bare = made or make_world(case, whole=world.whole, units=world.units, hosts=False)
    known = set(bare.found)
    new = [cut for cut in world.found if cut not in known]
    if new:
        bare.add(new)
    return bare


def world_of(compiled: Compiled, case: CaseData, *, whole: bool, cuts: Iterable[Cut] = ()) -> World:
    """Return the program of a case as it is asked about.

    Parameters
    ----------
    compiled : Compiled
    case : CaseData
        Of which it was compiled.
    whole : bool
        Whether all demand is to be served and nothing may be missing; else what the case admits may be.
    cuts : iterable of Cut
        Redundancy cuts of a similar program, to begin with.
    """
    with _MAKING, not_collected():
        asked = _Asked(
            refused=whole or case.model.objective.shortfall == "hard", all_served=whole, relief=compiled.relief
        )
        bounded, places, beyond = _bounded(compiled.mip, asked)
        impossible = compiled.impossible
        world = World(compiled.inputs, bounded, places, impossible | beyond, compiled.units, whole)
        numbers = [n for n in range(len(case.model.forced)) if Part(Limit("forced", str(n))) not in impossible]
        place_rows(world.places, world.mip.arrays, 0, numbers)
        _place_rules(world)
        arrays = world.mip.arrays
        world.hosts = hosts_of(world.inputs, arrays.rows, arrays.columns, world.places)
        known_cuts = list(cuts)
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
        missing = j >= asked.relief and column.variable in (UNPAID, UNPAID_PROGRAMME, SHORT, MISSING)
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
