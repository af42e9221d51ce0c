"""The price at which something enters a plan: an interval, each end of which is proven."""

import time
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from planner.api import Case
from planner.changes.apply import apply_changes
from planner.changes.values import change_text
from planner.explain.linear_cuts import LinearAnswer, relaxation_of, solve_with_cuts
from planner.explain.why_program import Force, PlanProgram
from planner.explain.why_target import offers_of
from planner.program import quickest_program
from planner.program.build import SPEND_SUM
from planner.program.columns import BLOCKS, SPEND
from planner.runs.compile import make_mip
from planner.solve.arrays import Arrays, Floats
from planner.solve.scaling import point_in_units
from planner.symbols import ColumnIndex, rows_of

CHEAPER = 0.9
"""Factor at which the program is built again; it is linear in the factor."""
LARGEST = 4.0
"""Largest factor looked at."""
MOST_STEPS = 6
PADDING = (1e-3, 1e-2, 5e-2)
"""Shares by which a factor is raised until its proof holds."""
PRICED = frozenset({"site", "offer", "provider"})
"""Kinds of things that have a price of entry: that of their offers."""
IN_OTHERS = "no price of entry: one of a single period is stated only where the plan has none of it in the others"
NO_PRICE_COUNTS = "no price of entry: what stands in its way is no matter of its price"
NOT_FOR_NOTHING = (
    "no price of entry: no plan that misses no more than this one has it at a price of zero either: proven"
)
LESS_UNKNOWN = "price of entry: not known; at its price of today no plan can have it, of a lower one this is not proven"
SEVERAL_PRICES = "no price of entry: its offers have no one kind of price, such as rent for some and capex for others"
TIME_OVER = "price of entry: not known, as the time was over (--time-limit gives more)"


@dataclass(frozen=True, slots=True)
class EntryRange:
    """Between which prices something enters the plan.

    The price is that of all its offers, as a factor of what the case says: rent, or capex of what the planner builds.

    Attributes
    ----------
    column : str
        The column that moves.
    price : float or None
        Its value in the case; None where the offers have different ones.
    enters_at : float or None
        At this factor and below, the plan found with it costs less than any without it can: proven. None: not proven
        at any price, as of what begins in one period: plans without that have the price too, in other periods.
    found_at : float or None
        At this factor the plan found with it costs what the plan costs.
    stays_out_at : float or None
        At this factor and above, no plan with it costs less than the plan: proven. None: not proven at any price up to
        four times today's.
    """

    column: str
    price: float | None
    enters_at: float | None
    found_at: float | None
    stays_out_at: float | None


@dataclass(frozen=True, slots=True)
class _Lever:
    """By how much the program changes from a factor of 1 to `CHEAPER`."""

    column: str
    price: float | None
    matrix: sparse.csr_array
    cost: Floats

    def at(self, arrays: Arrays, factor: float) -> Arrays:
        """A program, which may have more rows and columns than the first had, at a factor of the price."""
        steps = (1.0 - factor) / (1.0 - CHEAPER)
        row, column, value = sparse.find(self.matrix)
        cost = arrays.cost.copy()
        cost[: len(self.cost)] += steps * self.cost
        more = arrays.with_entries(row.astype(np.int64), column.astype(np.int64), steps * value)
        return replace(more, cost=cost)

    def exposure_busd(self, arrays: Arrays, x: Floats) -> float | None:
        """Present value of what a point pays at this price; None where the price counts in other rows than spending."""
        point = x[: len(self.cost)]
        spend, change = dict(rows_of(SPEND_SUM, arrays.rows)), self.matrix @ point
        price = {key: arrays.cost[place] for key, place in ColumnIndex(arrays.columns)[SPEND].items()}
        rows = set(map(int, np.unique(sparse.find(self.matrix)[0])))
        if not rows <= set(spend):
            return None
        saved = sum(price[spend[place]] * change[place] for place in rows) - float(self.cost @ point)
        return float(saved) / (1.0 - CHEAPER)


def entry_range(
    program: PlanProgram, force: Force, x: Floats | None, cost_busd: float | None, bound_busd: float, seconds: float
) -> EntryRange | None:
    """Between which prices a site, an offer or a provider that the plan does not use enters it.

    None where the plan uses it, if in other periods: it pays the price too, so that no such statement holds.

    Parameters
    ----------
    program : PlanProgram
    force : Force
        In.
    x : array or None
        The best plan found with it, and
    cost_busd : float or None
        its cost.
    bound_busd : float
        What no plan with it costs less than.
    seconds : float
        Wall time of all linear programs together; what they have not shown by then is not known.
    """
    if _is_used(program, force):
        return None
    lever = _lever(program, force)
    if lever is None:
        return None
    enters = found = None
    paid = None if x is None else lever.exposure_busd(program.mip.arrays, x)
    if paid and paid > 0.0 and cost_busd is not None:
        found = _positive(1.0 - (cost_busd - program.cost_busd) / paid)
        if np.isfinite(program.bound_busd) and force.target.period is None:
            enters = _positive(1.0 - (cost_busd - program.bound_busd) / paid)
    out = _stays_out(program, force, lever, seconds)
    if bound_busd >= program.cost_busd:
        out = min(out or 1.0, 1.0)
    return EntryRange(lever.column, lever.price, enters, found, out)


def no_entry_note(
    program: PlanProgram, force: Force, *, excluded: bool, infeasible: bool, ended: bool, seconds: float
) -> str:
    """Say why a thing forced in has no price of entry, or none that is known; nothing of what has no price.

    Parameters
    ----------
    program : PlanProgram
    force : Force
        In.
    excluded : bool
        Whether what keeps it out is known to depend on no price.
    infeasible : bool
        Whether it is proven that no plan can have it at its price of today.
    ended : bool
        Whether the time was over before a price was looked for.
    seconds : float
        Wall time to prove that no plan can have it at a price of zero either.
    """
    if force.target.kind not in PRICED:
        return ""
    if excluded:
        return NO_PRICE_COUNTS
    if _is_used(program, force):
        return IN_OTHERS
    if ended:
        return TIME_OVER
    lever = _lever(program, force)
    if lever is None:
        return SEVERAL_PRICES
    if not infeasible:
        return ""
    free = program.mip.with_arrays(lever.at(force.hard(program.mip.arrays), 0.0))
    return NOT_FOR_NOTHING if solve_with_cuts(free, relaxation_of, seconds).status == "infeasible" else LESS_UNKNOWN


def _is_used(program: PlanProgram, force: Force) -> bool:
    """Whether the plan has blocks of what is forced, in whatever period."""
    offers = offers_of(force.target, program.inputs)
    blocks = ColumnIndex(program.mip.arrays.columns)[BLOCKS]
    return any(program.start[place] > 0.5 for (o, *_), place in blocks.items() if o in offers)


def _positive(factor: float) -> float | None:
    return factor if factor > 0.0 else None


def _lever(program: PlanProgram, force: Force) -> _Lever | None:
    """How the program depends on the price of what is forced."""
    inputs = program.inputs
    offers = offers_of(force.target, inputs)
    columns = {
        "capex_busd_per_gw_it" if inputs.offers[o].tenure == "build" else "rent_musd_per_mw_year" for o in offers
    }
    if len(columns) != 1:
        return None
    column = columns.pop()
    prices = {o: getattr(inputs.offers[o], column) for o in offers}
    if not all(prices.values()):
        return None
    changes = [change_text(f"offers[{o}].{column}", CHEAPER * price) for o, price in prices.items()]
    cheaper = Case.of(apply_changes(program.plan.case, changes)).inputs
    other, arrays = make_mip(quickest_program(cheaper), cheaper).arrays, program.whole.arrays
    if other.columns != arrays.columns or other.rows != arrays.rows:
        return None
    known = set(prices.values())
    matrix = sparse.csr_array(other.matrix - arrays.matrix)
    matrix.data[np.abs(matrix.data) < 1e-15] = 0.0
    matrix.eliminate_zeros()
    return _Lever(column, known.pop() if len(known) == 1 else None, matrix, other.cost - arrays.cost)


def _stays_out(program: PlanProgram, force: Force, lever: _Lever, seconds: float) -> float | None:
    """The lowest factor found at which the relaxation with it costs as much as the plan.

    The optimum of the relaxation is a concave function of the factor: tangents meet the cost of the plan at factors
    that are too low, ever less so; then the factor is raised until the proof holds.
    """
    hard, end = force.hard(program.mip.arrays), time.monotonic() + seconds

    def solved(factor: float) -> LinearAnswer:
        mip = program.mip.with_arrays(lever.at(hard, factor))
        return solve_with_cuts(mip, relaxation_of, max(0.0, end - time.monotonic()))

    factor, found = 1.0, None
    for _ in range(MOST_STEPS):
        answer = solved(factor)
        if answer.x is None:
            return found if answer.status == "failed" else None  # failed: the time is over
        if answer.bound_busd >= program.cost_busd:
            found = min(found or factor, factor)
        point = point_in_units(hard, answer.x[: hard.column_count], program.mip.units)
        slope = lever.exposure_busd(program.mip.arrays, point)
        if not slope or slope <= 0.0:
            return found
        step = factor + (program.cost_busd - answer.bound_busd) / slope
        if not 0.0 < step <= LARGEST or abs(step - factor) <= PADDING[0] * factor:
            break
        factor = step
    for share in PADDING:
        if found is not None and found <= factor * (1.0 + share):
            break
        if solved(factor * (1.0 + share)).bound_busd >= program.cost_busd:
            return factor * (1.0 + share)
    return found
