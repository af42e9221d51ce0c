"""Prices of a plan: what one more, or one less, of each limit and of each demand would change, the decisions kept."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from planner.api import Case
from planner.changes.apply import apply_changes
from planner.errors import CaseError
from planner.explain.linear_cuts import LinearAnswer, relaxation_of, solve_with_cuts
from planner.explain.prices_demand import Asked, changed_demand, nothing_critical
from planner.explain.prices_parametric import Direction, FixedPlan, Slope
from planner.explain.prices_rows import Rows
from planner.explain.why_program import PlanProgram, program_of
from planner.inputs import Inputs
from planner.plan.plan import PlanData, required_plan
from planner.program.columns import DEVELOPMENT_ON, SITE_OPEN
from planner.program.families import budget, chip_mix, power, site_opening
from planner.solve.arrays import INFINITY
from planner.symbols import COMPUTE, MONEY
from planner.units import times_ten_to

PER_MW = 1e-3
"""IT GW of one IT MW, and facility GW of one facility MW."""
PER_CENT = 1e-2
NO_PRICE_BUSD = 1e-9
"""Below this, $B for a unit, a price is none."""
KINDS: Mapping[str, str] = {
    "site_power": "one more facility MW energised at the site, in every period",
    "site_it": "one more IT MW allowed at the site, in every period",
    "region_power": "one more firm facility MW of the power region, in every period",
    "cash": "one more $B of cash in the period",
    "envelope": "one more $B in the envelope of the role",
    "chip_supply": "one more IT MW of the chip delivered in the period",
    "energisation": "all energisation steps of the site one month earlier (less: later)",
    "demand": "one per cent more of what the period demands, of every market and workload",
    "market_demand": "one per cent more of what the market demands of the workload, in every period",
    "protection": "one per cent more critical compute under the redundancy rule in the period",
    "head_room": "one per cent more head-room under the rule in the period",
}
"""What one more is, by kind of price."""
UNITS: Mapping[str, str] = {
    "site_power": "facility MW",
    "site_it": "IT MW",
    "region_power": "facility MW",
    "cash": "$B",
    "envelope": "$B",
    "chip_supply": "IT MW",
    "energisation": "month",
    "demand": "%",
    "market_demand": "%",
    "protection": "%",
    "head_room": "%",
}


STRICTER_WITH_MORE = frozenset({"demand", "market_demand", "protection", "head_room"})
"""Kinds of which more is harder to meet; of all others, less is."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one more and one less of something would change, with the integer decisions of the plan kept.

    Attributes
    ----------
    kind : str
        One of `KINDS`, which says what one more is.
    place : str
        Whose: a site, a region, a role, a chip, a rule, a market and workload; empty for the whole plan.
    period : str
        Empty for all periods together.
    unit : str
        Of one more and of the two ranges.
    more_busd, less_busd : float or None
        Change of the cost, $B of present value, for one more and for one less: below 0 it saves. At a kink the two
        differ by more than their sign. None: the decisions of the plan cannot be kept then.
    more_until, less_until : float or None
        How much more, and how much less, at that price; None where it was not looked for.
    kept_until : float or None
        How much more demand, protection or head-room, or how much less of anything else, the decisions bear before they
        cannot be kept; the end of what is looked at, if they bear all of it. None for shifts in time.
    divisible_busd : float or None
        What one more would change if blocks could be divided: by the dual of the relaxation.
    """

    kind: str
    place: str
    period: str
    unit: str
    more_busd: float | None
    less_busd: float | None
    more_until: float | None
    less_until: float | None
    kept_until: float | None
    divisible_busd: float | None

    @property
    def counts(self) -> bool:
        """Whether it is not zero to both sides."""
        return any(one is None or abs(one) > NO_PRICE_BUSD for one in (self.more_busd, self.less_busd))


@dataclass(frozen=True, slots=True, repr=False)
class Prices:
    """The prices of a plan: changes of its cost, $B of present value, with its integer decisions kept.

    Attributes
    ----------
    cost_busd : float
        Cost with these decisions and all else at its best.
    prices : tuple of Price
        By kind, place and period, those that are zero included.
    missing : tuple of str
        Those that the time limit did not leave time for, in words: ``chip_supply: gb300 2027``.
    """

    cost_busd: float
    prices: tuple[Price, ...]
    missing: tuple[str, ...] = ()

    def __repr__(self) -> str:
        count = sum(one.counts for one in self.prices)
        return f"Prices({count} of {len(self.prices)} limits and demands have a price; plan fixed)"

    def of(self, kind: str, place: str = "", period: str = "") -> Price:
        """The price of one thing.

        Raises
        ------
        KeyError
            If there is none.
        """
        for one in self.prices:
            if (one.kind, one.place, one.period) == (kind, place, period):
                return one
        raise KeyError((kind, place, period))

    @property
    def not_looked_for(self) -> str:
        """What the time limit left out, in one sentence; empty if nothing."""
        if not self.missing:
            return ""
        kinds = Counter(name.partition(":")[0] for name in self.missing)
        number, asked = len(self.missing), len(self.prices) + len(self.missing)
        which = ", ".join(f"{count} of {kind}" for kind, count in kinds.items())
        return f"The time limit came first: {number} of {asked} prices were not looked for ({which})."

    def document(self) -> dict[str, Any]:
        """Everything as plain values, for JSON."""
        found = [asdict(one) for one in self.prices]
        return {"cost_busd": self.cost_busd, "prices": found, "missing": list(self.missing), "meaning": dict(KINDS)}


def prices(plan: PlanData, *, time_limit_s: float | None = None) -> Prices:
    """Say what one more and one less of each limit and demand would change, with the plan's decisions kept.

    Blocks, openings and everything else that is whole stay as they are; what is not (chips within blocks that are
    bought, who serves whom, on-site output, money) is best again. ``divisible_busd`` says beside it what the relaxation
    gives, in which blocks too may change.

    Parameters
    ----------
    plan : Plan
    time_limit_s : float or None
        Wall time: prices that are not found by then are ``missing``. None: no limit.

    Raises
    ------
    PlanError
        If the tables of the plan do not fit its case.

    Examples
    --------
    >>> found = prices(Case.read("three_sites").solve(gap=0.0))
    >>> found.of("site_power", "north").more_busd
    0.0
    """
    until = time.monotonic() + (INFINITY if time_limit_s is None else time_limit_s)
    program = program_of(required_plan(plan, "prices"))
    fixed = FixedPlan.of(program.mip, program.start)
    relaxed = solve_with_cuts(program.mip, relaxation_of, max(0.0, until - time.monotonic()))
    found, missing = [], []
    for one in _asked(program):
        if time.monotonic() < until:
            found.append(_priced(program, fixed, relaxed, one))
        else:
            missing.append(" ".join(part for part in (f"{one.kind}:", one.place, one.period) if part))
    return Prices(fixed.busd, tuple(found), tuple(missing))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A price that is asked for: what one more is, and for shifts in time what one less is."""

    kind: str
    place: str
    period: str
    more: Direction
    whole: bool = False
    less: Direction | None = None
    """Another direction to the side of one less: the whole of a shift, or where other rows move than for one more."""
    opened: Mapping[int, tuple[int, float]] | None = None


def _priced(program: PlanProgram, fixed: FixedPlan, relaxed: LinearAnswer, asked: _Asked) -> Price:
    divisible = _divisible(program, relaxed, asked)
    names = asked.kind, asked.place, asked.period, UNITS[asked.kind]
    if asked.whole:
        less = None if asked.less is None else fixed.change(asked.less)
        return Price(*names, fixed.change(asked.more), less, None, None, None, divisible)
    below = asked.less or asked.more
    up, down = fixed.slope(asked.more, 1), fixed.slope(below, -1)
    lower = None if down.busd is None else _zero(-down.busd)
    side = 1 if asked.kind in STRICTER_WITH_MORE or asked.more.critical is not None else -1
    kept = fixed.kept_until(asked.more, side) if asked.more.rows or asked.more.critical is not None else None
    if kept is not None:  # both are found by halving: as far as a slope holds, the decisions are kept
        kept = max(kept, _until(up if side > 0 else down) or 0.0)
    return Price(*names, _zero(up.busd), lower, _until(up), _until(down), kept, divisible)


def _zero(busd: float | None) -> float | None:
    """Zero for what is next to nothing, without a sign."""
    return 0.0 if busd is not None and abs(busd) <= NO_PRICE_BUSD else busd


def _until(slope: Slope) -> float | None:
    return None if not slope.busd else slope.until


def _divisible(program: PlanProgram, relaxed: LinearAnswer, asked: _Asked) -> float | None:
    """The change of the relaxation for one more, by its duals."""
    if relaxed.x is None or relaxed.row_dual is None:
        return None
    units, direction = program.mip.units, asked.more
    power = {MONEY: -units.money, COMPUTE: -units.compute}.get(direction.unit, 0)
    total = 0.0
    for place, coefficient in direction.rows.items():
        share = 1.0
        if asked.opened and place in asked.opened:
            column, coefficient = asked.opened[place]
            share = float(relaxed.x[column])
        total += float(relaxed.row_dual[place]) * times_ten_to(coefficient * share, power)
    if direction.critical is not None:
        for place, cut in relaxed.mip.cuts():
            more = float(direction.critical[cut.rule, cut.period] @ np.array(cut.weights))
            total += float(relaxed.row_dual[place]) * times_ten_to(more, power)
    return _zero(relaxed.busd(total))


def _asked(program: PlanProgram) -> Iterator[_Asked]:
    rows, inputs = Rows(program), program.inputs
    yield from _of_power(rows, inputs)
    yield from _of_energisation(rows, program)
    yield from _of_money(rows, inputs)
    yield from _of_supply(rows, inputs)
    yield from _of_demand(rows, program)
    yield from _of_protection(program)


def _of_power(rows: Rows, inputs: Inputs) -> Iterator[_Asked]:
    for kind, constraint in (("site_power", site_opening.ENERGISED), ("site_it", site_opening.IT_LIMIT)):
        for s in inputs.sites:
            found, opened = rows.switched(constraint, {(s, t): PER_MW for t in inputs.periods}, SITE_OPEN)
            if found or kind == "site_power":
                yield _Asked(kind, s, "", Direction(found, step=1e-1, most=1e4), opened=opened)
    for r in inputs.region_facility_limit_gw if inputs.case.model.families.power else ():
        places = (rows.of(power.REGION_LIMIT, (r, t)) for t in inputs.periods)
        found = {place: PER_MW for place in places if place is not None}
        if found:
            yield _Asked("region_power", r, "", Direction(found, step=1e-1, most=1e4))


def _of_energisation(rows: Rows, program: PlanProgram) -> Iterator[_Asked]:
    """One month earlier, and one later, of every site's steps: what that makes of its power in each period."""
    inputs, case = program.inputs, program.plan.case
    sites = {str(row.site) for row in case.rows("energisation")}  # type: ignore[attr-defined]
    for s in (s for s in inputs.sites if s in sites):
        shifts = [_shifted(rows, case, inputs, s, months) for months in (-1, 1)]
        if shifts[0] is not None:
            yield _Asked("energisation", s, "", shifts[0], whole=True, less=shifts[1])


def _shifted(rows: Rows, case: Any, inputs: Inputs, s: str, months: int) -> Direction | None:
    change = {"op": "shift", "table": "energisation", "where": {"site": s}, "months": months}
    try:
        after = Case.of(apply_changes(case, [change])).inputs
    except CaseError:
        return None  # nothing lies after the start of the horizon
    more = {
        (s, t): after.site_facility_limit_gw[s][t] - inputs.site_facility_limit_gw[s][t]
        for t in inputs.periods
        if after.site_facility_limit_gw[s][t] != inputs.site_facility_limit_gw[s][t]
    }
    return Direction(rows.switched(site_opening.ENERGISED, more, SITE_OPEN)[0])


def _of_money(rows: Rows, inputs: Inputs) -> Iterator[_Asked]:
    for t in inputs.periods:
        place = rows.of(budget.YEARLY, t)
        if place is not None:
            direction = Direction({place: 1.0}, unit=MONEY, step=1e-2, most=1e3)
            yield _Asked("cash", "", inputs.calendar.labels[t], direction)
    for role in ("primary", "backup"):
        place = rows.of(budget.ENVELOPE, role)
        if place is not None:
            yield _Asked("envelope", role, "", Direction({place: 1.0}, unit=MONEY, step=1e-2, most=1e3))


def _of_supply(rows: Rows, inputs: Inputs) -> Iterator[_Asked]:
    for k in inputs.chip_supply_gw:
        for t in inputs.periods:
            place, opened = rows.of(chip_mix.SUPPLY, (k, t)), None
            amount = PER_MW
            if place is None:
                found, opened = rows.switched(chip_mix.DEVELOPMENT, {(k, t): PER_MW}, DEVELOPMENT_ON)
                if not found:
                    continue
                place, amount = next(iter(found.items()))
            direction = Direction({place: amount}, step=1e-1, most=1e4)
            yield _Asked("chip_supply", k, inputs.calendar.labels[t], direction, opened=opened)


def _of_demand(rows: Rows, program: PlanProgram) -> Iterator[_Asked]:
    inputs = program.inputs
    for t in inputs.periods:
        asked = {(m, w, t): PER_CENT * of[t] for (m, w), of in inputs.demand_compute.items() if of[t] > 0.0}
        if asked:
            yield _of_changed("demand", "", inputs.calendar.labels[t], rows, program, asked)
    for (m, w), of in inputs.demand_compute.items():
        asked = {(m, w, t): PER_CENT * of[t] for t in inputs.periods if of[t] > 0.0}
        if asked:
            yield _of_changed("market_demand", f"{m}, {w}", "", rows, program, asked)


def _of_changed(kind: str, place: str, period: str, rows: Rows, program: PlanProgram, asked: Asked) -> _Asked:
    more, less = (changed_demand(rows, program, asked, side) for side in (1, -1))
    return _Asked(kind, place, period, more, less=less)


def _of_protection(program: PlanProgram) -> Iterator[_Asked]:
    network, labels = program.mip.network, program.inputs.calendar.labels
    for number, rule in enumerate(network.rules if network is not None else ()):
        for t in program.inputs.periods:
            if rule.critical[t].any():
                critical = nothing_critical(program)
                critical[number, t] = PER_CENT * rule.critical[t]
                kind = "head_room" if rule.loses_nothing else "protection"
                yield _Asked(kind, rule.name, labels[t], Direction({}, critical, COMPUTE, step=1e-1, most=1e3))
