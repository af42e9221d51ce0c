"""The program of a case with its limits, any of which may be left out, and whether there is a plan under the others.

Two questions are asked of a case. Can it be met *at all* (what may be left unserved or short, by the case's own words,
may be)? And can it be met *whole* (all demand served, every rule kept, nothing missing)? Its cost is of no account.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from planner.explain.conflict_hosts import Host, times_of, wider
from planner.explain.conflict_limits import Limit, Part
from planner.explain.conflict_look import FEASIBLE, INFEASIBLE, UNKNOWN, Look
from planner.explain.conflict_network import network_in_force, outline
from planner.explain.conflict_places import Places, place_rows
from planner.explain.conflict_relaxation import relaxation
from planner.explain.conflict_steps import Steps
from planner.explain.conflict_violations import violations_of
from planner.inputs import Inputs
from planner.options import SolveOptions
from planner.redundancy.network import Cut
from planner.redundancy.separate import violated_cuts
from planner.solve.arrays import INFINITY, Arrays, Floats, kernel
from planner.solve.highs import Engine, SolverResult
from planner.solve.linear import Judge
from planner.solve.mip import MixedIntegerProgram
from planner.solve.pipeline import BY_NODES, STAGES, run_pipeline
from planner.solve.records import SolveProgress
from planner.solve.settings import PLAN_TOLERANCE
from planner.status import Status
from planner.system import interrupts
from planner.system.cores import usable_cores
from planner.system.parallel import in_parallel
from planner.units import Units

WIDER = 100.0
"""By how much a link with the number of blocks on offer widens at least where that number is no limit: by more where as
many blocks would not fill all sites, as where a block is stated in the wrong unit."""
NOISE = 1e-9
"""Share of the largest multiplier of a proof below which one is rounding."""
MOST_ROUNDS = 200
ANY_GAP = 0.99
"""Gap of a search for any plan."""
LEAST_S = 0.05
LARGE = 10_000
"""Columns from which the cost is kept in the relaxation."""
FIRST = ("demand", "programme", "forced", "commitment", "signing", "blocks", "site")
"""Kinds of limits of the first step in a large relaxation: what is asked, and what is no matter of time."""
FEW_STEPS = 4
"""Where the solver's word will do, the simplex method has a fourth as many steps as there are rows; then the interior
point method is asked (150 sites without the supply of a year: infeasible after 8 s, and not after 60)."""
FEW = 400
"""Parts in force up to which their least violation is looked for as a proof."""
AT_ONCE = 2_000
"""Columns from which the quick search and the one with a cost are made at once."""
QUICK_NODES = 100
"""Nodes of a first search without a cost, which is enough for small programs."""
QUICK_NODES_AT_ONCE = 20
"""The same where it is made beside the search with a cost: what it has not found by then takes it long."""
QUICK_ROUNDS = 3
"""How often it is made where what it finds violates redundancy rules, each time with the cuts of the one before."""
NEAR = ((2.0, 4.0, 2),)
"""Restrictions around the cheapest point of the relaxation that are searched before it, with how often each where what
is found violates redundancy rules; see `planner.solve.arrays`. They are wide: what is divisible in the relaxation must
find room beside it, whatever that costs."""
WIDER_TOO = (*NEAR, (4.0, 8.0, 1))
"""The same where more is allowed than the relaxation needs: there should be a plan, but a wide one may take long."""
LARGE_NEAR = ((1.0, 1.0, 3),)
"""The same in a large program, where it is the first search, and the only one where changes are tried (150 sites of
which a chip may come earlier, 42,600 columns: 16 s of CPU with the relaxation, and 128 s by the clock for all)."""
InForce = Callable[[Part], bool]
Restrictions = tuple[tuple[float, float, int], ...]


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
    whole : bool
        Whether all demand is to be served and nothing may be missing.
    near : tuple
        Restrictions around the relaxation in which a plan is looked for first.
    hosts : tuple of Host
    """

    inputs: Inputs
    mip: MixedIntegerProgram
    places: dict[Part, Places]
    impossible: frozenset[Part]
    units: Units
    whole: bool
    found: list[Cut] = field(default_factory=list)
    steps: Steps = field(default_factory=Steps, repr=False)
    near: Restrictions = NEAR
    hosts: tuple[Host, ...] = ()

    @cached_property
    def limits(self) -> frozenset[Limit]:
        """Every limit of the program."""
        return frozenset(part.limit for part in {*self.places, *self.impossible})

    def apart(self) -> "World":
        """Return the same world, which grows by itself from here on."""
        places = {part: there.copied() for part, there in self.places.items()}
        return replace(self, places=places, found=list(self.found))

    def look(
        self, in_force: InForce, *, integer: bool, until: float, claim: bool = False, limited: bool = False
    ) -> Look:
        """Return whether there is a plan under the parts in force, whole blocks or not.

        With ``claim`` it is enough that the solver says that a relaxation has no point: nothing is proven then. With
        ``limited`` the search in whole blocks ends after so many nodes, the same in every run, even if it is open then.
        """
        broken = frozenset(part for part in self.impossible if in_force(part))
        if broken:
            return Look(INFEASIBLE, used=frozenset({min(broken)}), divisible=True)
        if integer and not self.whole:
            nothing = self.with_blocks(self.mip.arrays.lower, in_force, until)
            if nothing is not None:
                return Look(FEASIBLE, nothing)
        for _ in range(MOST_ROUNDS):
            interrupts.check()
            left = until - time.monotonic()
            if left <= 0.0:
                return Look(UNKNOWN)
            arrays = self.arrays(in_force)
            result = self._relaxed(arrays, in_force, left, claim=claim)
            if result.status == "infeasible":
                used = self._used(arrays, result.row_dual, in_force)
                return Look(INFEASIBLE, used=used, divisible=True, proof=result.row_dual)
            if result.x is None:
                return Look(UNKNOWN)
            if self.cut_off(result.x, in_force):
                continue
            if not integer:
                return Look(FEASIBLE, result.x)
            return self._whole_blocks(arrays, in_force, until, result, limited=limited)
        return Look(UNKNOWN)

    def _relaxed(self, arrays: Arrays, in_force: InForce, seconds: float, *, claim: bool) -> SolverResult:
        """Solve the relaxation; in a large program, by way of what its parts in force suggest."""
        end = time.monotonic() + seconds
        if arrays.column_count >= LARGE:
            few = sum(map(in_force, self.places)) <= FEW
            result = (
                self._least_violation(arrays, in_force, seconds) if few
                else self._from_what_is_asked(arrays, in_force, seconds, claim=claim)
            )  # fmt: skip
            if result is not None:
                return result
        return relaxation(arrays, end - time.monotonic(), claim=claim, large=arrays.column_count >= LARGE)

    def _from_what_is_asked(
        self, arrays: Arrays, in_force: InForce, seconds: float, *, claim: bool
    ) -> SolverResult | None:
        """Solve a large relaxation in two steps: first with what is asked and what is no matter of time, then with all.

        The second step begins with the basis of the first, and so ends sooner; and as there is no presolve in it, the
        solver has multipliers that prove it where there is no point. None: neither a point nor a proof. The first step
        is the same for all that ask the same.
        """

        def asked(part: Part) -> bool:
            return part.limit.kind in FIRST and in_force(part)

        first, end = self.arrays(asked), time.monotonic() + seconds
        which = first.row_count, frozenset(filter(asked, self.places))
        begun = self.steps.taken(which, lambda: Engine(first.relaxed()).run(time_limit_s=seconds))
        if claim and begun.status == "infeasible":  # so are all of them
            return begun
        if begun.status != "optimal":
            result = self._least_violation(first, asked, max(0.0, end - time.monotonic()))
            return result if result is not None and result.status == "infeasible" else None
        judge, engine = Judge(arrays.relaxed()), Engine(arrays.relaxed())
        engine.set_basis(begun.basis)
        steps = arrays.row_count // (FEW_STEPS if claim else 1)  # a proof that takes more is found sooner otherwise
        ended = engine.run(time_limit_s=max(0.0, end - time.monotonic()), simplex_iteration_limit=steps)
        if ended.x is not None and judge.feasible(ended.x):
            return ended
        if claim and ended.status == "limit" and time.monotonic() < end:
            ended = Engine(arrays.relaxed()).run(time_limit_s=max(0.0, end - time.monotonic()), solver="ipm")
            if ended.x is not None and judge.feasible(ended.x):
                return ended
        if claim and ended.status == "infeasible":
            return ended
        proof = engine.dual_ray() if ended.status == "infeasible" else None
        return replace(ended, row_dual=proof) if proof is not None and judge.infeasible(proof) else None

    def _least_violation(self, arrays: Arrays, in_force: InForce, seconds: float) -> SolverResult | None:
        """Return a point that keeps few parts, or multipliers that prove that there is none; None if it is neither.

        Either comes of their least violation. Presolve leaves little of that program; but of one that has no point it
        leaves no multipliers.
        """
        asked = {part: places for part, places in self.places.items() if in_force(part)}
        result = Engine(violations_of(arrays, asked)).run(time_limit_s=seconds)
        if result.x is None or result.row_dual is None:
            return None
        judge, x = Judge(arrays.relaxed()), result.x[: arrays.column_count]
        if judge.feasible(x):
            return replace(result, x=x)
        if not judge.infeasible(result.row_dual):
            return None
        return SolverResult("infeasible", None, INFINITY, INFINITY, result.seconds, row_dual=result.row_dual)

    def with_blocks(self, x: Floats, in_force: InForce, until: float) -> Floats | None:
        """Return a point under the parts in force with the integer variables of another one; None if none is found."""
        arrays = self.arrays(in_force)
        lower, upper = arrays.lower.copy(), arrays.upper.copy()
        blocks = (arrays.integer | arrays.implied) & np.isfinite(x)
        lower[blocks] = upper[blocks] = np.round(x[blocks])
        if (lower < arrays.lower).any() or (upper > arrays.upper).any():
            return None
        program = arrays.with_bounds(lower, upper).with_cost(np.zeros(arrays.column_count)).relaxed()
        result = Engine(program).run(time_limit_s=max(0.0, until - time.monotonic()))
        if result.x is None or arrays.worst_violation(result.x) > PLAN_TOLERANCE or self.cut_off(result.x, in_force):
            return None
        return result.x

    def _whole_blocks(
        self, arrays: Arrays, in_force: InForce, until: float, relaxed: SolverResult, *, limited: bool
    ) -> Look:
        """Return whether there is a plan in whole blocks; its cost guides the search, and is of no account."""
        mip = replace(self.mip, arrays=arrays, serve_first=False, relief=None)
        if mip.network is not None:
            mip = replace(mip, network=network_in_force(mip.network, in_force))

        decided, at_once = threading.Event(), arrays.column_count >= AT_ONCE
        large = arrays.column_count >= LARGE
        near = self._nearby(arrays, in_force, until, LARGE_NEAR, relaxed) if large else Look(UNKNOWN)
        if near.status != UNKNOWN or (large and limited):  # all else takes minutes there
            return near

        def quick() -> Look:
            near = self._nearby(arrays, in_force, until, self.near if at_once and not large else ())
            look = self._quickly(self.arrays(in_force), in_force, until) if near.status == UNKNOWN else near
            if look.status != UNKNOWN:
                decided.set()
            return look

        def searched() -> Look:
            def stop(progress: SolveProgress) -> bool:
                interrupts.check()
                return math.isfinite(progress.objective) or decided.is_set()  # any plan will do

            if decided.is_set():
                return Look(UNKNOWN)
            left = max(0.0, until - time.monotonic())
            limit = None if math.isinf(left) else max(LEAST_S, left)
            stages = BY_NODES if limited else STAGES
            answer = run_pipeline(mip, SolveOptions(gap=ANY_GAP, time_limit_s=limit), stop, stages=stages)
            if answer.x is not None:
                return Look(FEASIBLE, answer.x)
            if answer.status is Status.INFEASIBLE:
                return Look(INFEASIBLE, used=frozenset(part for part in self.places if in_force(part)))
            return Look(UNKNOWN)

        # What the quick search decides counts, whichever ends first: so the answer is the same on any machine.
        first, second = in_parallel([quick, searched], usable_cores() if at_once else 1)
        look = first if first.status != UNKNOWN else second
        ended = look.status != UNKNOWN or math.isfinite(until) or limited
        return look if ended else self._any_point(arrays, in_force, until)

    def _nearby(
        self,
        arrays: Arrays,
        in_force: InForce,
        until: float,
        there: Restrictions,
        cheapest: SolverResult | None = None,
    ) -> Look:
        """Return a point in whole blocks near the cheapest one of the relaxation, if a few nodes find any there."""
        for more, width, rounds in there:
            for _ in range(rounds):
                interrupts.check()
                left, known = max(0.0, until - time.monotonic()), len(self.found)
                cheapest = cheapest or Engine(arrays.relaxed()).run(time_limit_s=left)
                if cheapest.x is None or cheapest.column_dual is None:
                    return Look(UNKNOWN)
                near = kernel(arrays, cheapest.x, cheapest.column_dual, more=more, width=width)
                look = self._any_point(near, in_force, until, QUICK_NODES_AT_ONCE)
                if look.status == FEASIBLE:
                    return look
                if len(self.found) == known:
                    break
                arrays, cheapest = self.arrays(in_force), None  # with the cuts that the point violates
        return Look(UNKNOWN)

    def _quickly(self, arrays: Arrays, in_force: InForce, until: float, rounds: int = QUICK_ROUNDS) -> Look:
        """Return the same without a cost, of a few nodes; again with the cuts that what was found violates."""
        known, nodes = len(self.found), QUICK_NODES_AT_ONCE if arrays.column_count >= AT_ONCE else QUICK_NODES
        look = self._any_point(arrays, in_force, until, nodes)
        again = len(self.found) > known and rounds > 1
        return self._quickly(self.arrays(in_force), in_force, until, rounds - 1) if again else look

    def _any_point(self, arrays: Arrays, in_force: InForce, until: float, nodes: int | None = None) -> Look:
        """Return the same without a cost, such as where the cost has no lower bound."""
        free = arrays.with_cost(np.zeros(arrays.column_count))
        options: dict[str, Any] = {} if nodes is None else {"mip_max_nodes": nodes}
        result = Engine(free).run(gap=0.0, time_limit_s=max(0.0, until - time.monotonic()), **options)
        if result.status == "infeasible":
            return Look(INFEASIBLE, used=frozenset(part for part in self.places if in_force(part)))
        if result.x is None or free.worst_violation(result.x) > PLAN_TOLERANCE or self.cut_off(result.x, in_force):
            return Look(UNKNOWN)
        return Look(FEASIBLE, result.x)

    def arrays(self, in_force: InForce, *, open_all: bool = False) -> Arrays:
        """Return the program with only the parts in force; ``open_all``: what can host no cluster may be moved to."""
        arrays = self.mip.arrays
        of_rows, of_columns = (arrays.row_lower, arrays.row_upper), (arrays.lower, arrays.upper)
        row_lower, row_upper, lower, upper = (side.copy() for side in (*of_rows, *of_columns))
        times = times_of(self.hosts, in_force)
        for part, places in self.places.items():
            if not in_force(part):
                row_lower[places.rows], row_upper[places.rows] = -INFINITY, INFINITY
                lower[places.columns], upper[places.columns] = places.lower, places.upper
                if places.links:
                    times.update(dict.fromkeys(places.links, self._wider(part.member)))
        if not open_all:
            upper[[host.column for host in self.hosts if host.is_closed(in_force)]] = 0.0
        matrix = wider(arrays.matrix, times)
        return replace(arrays, row_lower=row_lower, row_upper=row_upper, lower=lower, upper=upper, matrix=matrix)

    def _wider(self, o: str) -> float:
        """By how much the links of an offer widen where the number of its blocks is no limit."""
        offer = self.inputs.offers[o]
        on_offer_it_mw = offer.max_blocks * offer.block_it_mw
        room_it_mw = sum(site.max_it_mw for site in self.inputs.sites.values())
        return max(WIDER, room_it_mw / on_offer_it_mw) if on_offer_it_mw > 0.0 else WIDER

    def cut_off(self, x: Floats, in_force: InForce, mip: MixedIntegerProgram | None = None) -> bool:
        """Add the redundancy cuts that a point violates, here or in a like program; return whether there are any."""
        network = (mip or self.mip).network_at(x)
        if network is None:
            return False
        cuts = violated_cuts(network_in_force(network, in_force), self.mip.installed_gw(x))
        if cuts:
            self.add(cuts)
        return bool(cuts)

    def shares_cuts(self, other: "World") -> bool:
        """Whether redundancy cuts of another program mean the same here: the same rules, domains and demands."""
        mine, theirs = self.mip.network, other.mip.network
        return mine is not None and theirs is not None and outline(mine) == outline(theirs)

    def add(self, cuts: list[Cut]) -> None:
        """Add redundancy cuts."""
        before = self.mip.arrays.row_count
        self.found += cuts
        self.mip = self.mip.with_cuts(cuts)[0]
        place_rows(self.places, self.mip.arrays, before)

    def _used(self, arrays: Arrays, multiplier: Floats | None, in_force: InForce) -> frozenset[Part]:
        """Return the parts that a proof of infeasibility uses."""
        every = frozenset(part for part in self.places if in_force(part))
        if multiplier is None or not multiplier.any():
            return every
        y = np.where(np.isfinite(arrays.row_lower) | np.isfinite(arrays.row_upper), multiplier, 0.0)
        used = np.abs(y) > NOISE * np.abs(y).max()
        combined = np.abs(arrays.matrix.T @ y)
        weighty = combined > NOISE * max(1e-300, float((abs(arrays.matrix).T @ np.abs(y)).max()))
        hosting = {part for host in self.hosts if used[host.row] or weighty[host.column] for part in host.parts}
        return frozenset(
            part
            for part in every
            if part in hosting
            or used[self.places[part].rows].any()
            or used[self.places[part].links].any()
            or weighty[self.places[part].columns].any()
        )
