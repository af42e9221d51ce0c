"""What each site costs a plan: bounds below every plan that opens it, or does without it; the sites they decide."""

from dataclasses import replace
from itertools import combinations
from random import Random

import numpy as np
import pytest
from scipy.optimize import linprog

from bench.allocation import Allocation
from bench.importer import allocation_case
from planner import Case
from planner.case.case import CaseData
from planner.case.model import Budget
from planner.case.rows import BudgetRow
from planner.options import SolveOptions
from planner.program import build_program
from planner.program.build import SPEND_SUM
from planner.program.columns import SITE_OPEN
from planner.program.families.demand import BALANCE
from planner.runs.compile import make_mip
from planner.solve import settings
from planner.solve.highs import Engine
from planner.solve.mip import MixedIntegerProgram
from planner.solve.penalties import Penalties, penalties
from planner.solve.pipeline import run_pipeline
from planner.solve.relaxation import relax
from planner.solve.stages.sites import PENALTIES
from planner.solve.state import State
from planner.symbols import Column
from tests.length import thinned

SITES, REGIONS = 5, 7


def draw(seed: int, exactly: int | None = None) -> Allocation:
    """A random instance in the plane, whose service may be split."""
    rng = Random(seed)
    place = [(rng.random(), rng.random()) for _ in range(SITES + REGIONS)]
    demand = [float(rng.randint(2, 20)) for _ in range(REGIONS)]
    cost = [
        [
            round(40 * demand[r] * ((a - place[SITES + r][0]) ** 2 + (b - place[SITES + r][1]) ** 2) ** 0.5, 3)
            for r in range(REGIONS)
        ]
        for a, b in place[:SITES]
    ]
    capacity = [sum(demand) * rng.choice((0.5, 0.6, 0.8)) for _ in range(SITES)]
    return Allocation(
        f"a{seed}", capacity, [float(rng.randint(100, 400)) for _ in range(SITES)], demand, cost, False, exactly
    )


def cost_of(a: Allocation, opened: tuple[int, ...]) -> float:
    """The least cost with these sites open, by a small linear program."""
    if not opened:
        return float("inf")
    shares = np.zeros((len(opened), len(opened) * REGIONS))
    whole = np.zeros((REGIONS, len(opened) * REGIONS))
    for i in range(len(opened)):
        for r in range(REGIONS):
            shares[i, i * REGIONS + r] = a.demand[r]
            whole[r, i * REGIONS + r] = 1.0
    cost = [a.cost[s][r] for s in opened for r in range(REGIONS)]
    limits = [a.capacity[s] for s in opened]
    found = linprog(cost, A_ub=shares, b_ub=limits, A_eq=whole, b_eq=np.ones(REGIONS), bounds=(0, 1))
    return sum(a.fixed_cost[s] for s in opened) + float(found.fun) if found.success else float("inf")


def costs(a: Allocation) -> dict[tuple[int, ...], float]:
    """The least cost of every set of open sites that is allowed."""
    sizes = range(SITES + 1) if a.open_exactly is None else [a.open_exactly]
    return {opened: cost_of(a, opened) for size in sizes for opened in combinations(range(SITES), size)}


def mip_of(a: Allocation) -> tuple[MixedIntegerProgram, float, list[int]]:
    """The program, the instance's cost in a unit of the program's, and the site of each opening in column order."""
    imported = allocation_case(a)
    inputs = Case.of(imported.case).inputs
    mip = make_mip(build_program(inputs), inputs)
    upper = mip.arrays.upper.copy()
    upper[mip.unserved] = 0.0
    mip = mip.with_arrays(mip.arrays.with_bounds(mip.arrays.lower, upper))
    sites = [int(mip.arrays.columns[j][1][0][1:]) - 1 for j in np.unique(mip.links.opened)]  # "S1" is site 0
    return mip, imported.cost_per_busd, sites


def relaxed(mip: MixedIntegerProgram) -> State:
    """A run whose LP relaxation is solved."""
    state = State.beginning(mip, SolveOptions(gap=0.0), lambda _progress: False)
    state.relaxation = relax(state)
    return state


def penalised(state: State) -> Penalties | None:
    """What the stage finds in a state."""
    PENALTIES.work(state, PENALTIES.limits)
    return state.penalties


@pytest.mark.parametrize("exactly", [None, 3])
@pytest.mark.parametrize("seed", thinned(range(6), 3))
def test_bounds_are_below_every_plan(seed, exactly):
    """No set of sites costs less than the bounds for what it opens and closes; the bound is that of the relaxation."""
    a = draw(seed, exactly)
    mip, scale, sites = mip_of(a)
    state = relaxed(mip)
    relaxation = state.relaxation
    found = penalties(state.mip, relaxation.row_dual, lambda part: Engine(part).run())
    assert found is not None
    assert found.bound == pytest.approx(relaxation.objective, rel=1e-6)
    every = costs(a)
    slack = 1e-6 * min(every.values())
    for number, site in enumerate(sites):
        with_site = min((cost for opened, cost in every.items() if site in opened), default=float("inf"))
        without = min((cost for opened, cost in every.items() if site not in opened), default=float("inf"))
        assert found.if_open[number] * scale <= with_site + slack
        assert found.if_closed[number] * scale <= without + slack


@pytest.mark.parametrize("seed", thinned(range(6), 3))
def test_any_duals_give_bounds(seed):
    """The bounds rest on no optimality of the duals: drawn at random they hold too."""
    a = draw(seed)
    mip, scale, sites = mip_of(a)
    rng = np.random.default_rng(seed)
    # Money has its price: another would be a price for a column without limits.
    price = {BALANCE: lambda: rng.uniform(0.0, 2.0) / scale, SPEND_SUM: lambda: 1.0}
    dual = np.array([price.get(row.constraint, lambda: 0.0)() for row in mip.arrays.rows])
    found = penalties(mip, dual, lambda part: Engine(part).run())
    assert found is not None
    every = costs(a)
    for number, site in enumerate(sites):
        with_site = min(cost for opened, cost in every.items() if site in opened)
        assert found.if_open[number] * scale <= with_site * (1.0 + 1e-6)
        assert found.bound * scale <= min(every.values()) * (1.0 + 1e-6)


@pytest.mark.parametrize("exactly", [None, 2])
@pytest.mark.parametrize("seed", range(6, 12))
@pytest.mark.slow
def test_what_is_decided_keeps_the_best_plan(seed, exactly):
    """The whole pipeline, which leaves sites out by these bounds, finds and proves the least cost of all sets."""
    a = draw(seed, exactly)
    mip, scale, _ = mip_of(a)
    answer = run_pipeline(mip, SolveOptions(gap=0.0), lambda _progress: False)
    least = min(costs(a).values())
    if not np.isfinite(least):
        assert answer.status == "infeasible"
        return
    assert answer.status == "optimal"
    assert answer.objective * scale == pytest.approx(least, rel=1e-6)
    assert answer.bound * scale == pytest.approx(least, rel=1e-6)


def test_sites_are_decided_at_all():
    """Where one site is far too dear, the bounds shut it; where one must be open, they open it."""
    a = draw(1)
    dear = Allocation(a.name, a.capacity, [9000.0, *a.fixed_cost[1:]], a.demand, a.cost, False)
    mip, _, sites = mip_of(dear)
    state = relaxed(mip)
    relaxation = state.relaxation
    found = penalties(state.mip, relaxation.row_dual, lambda part: Engine(part).run())
    answer = run_pipeline(mip, SolveOptions(gap=0.0), lambda _progress: False)
    arrays, decided = found.decided(state.mip.arrays, answer.objective)
    assert decided >= 1
    assert arrays.upper[found.opened[sites.index(0)]] == 0.0
    assert found.level(1) == found.if_open.min()
    assert found.level(99) == found.if_open.max()


def test_without_links_no_bounds_are_sought():
    """A case without links between service and opening has no such stage."""
    plan = Case.read("three_sites").solve(gap=0.0, own_process=False)
    assert "penalties" not in plan.summary["solver_stages"]


def test_duals_of_the_first_rows_do():
    """Rows added after the relaxation have no dual yet: bounds follow from the others, and are those without them."""
    mip, _, _ = mip_of(draw(2))
    state = relaxed(mip)
    before = penalised(state)
    x = np.where(state.mip.arrays.integer, 0.0, 1.0)
    state.mip = state.mip.with_rows(state.mip.links.nearest(x, np.zeros(len(x)), 2))
    after = penalised(state)
    assert state.mip.arrays.row_count > len(state.relaxation.row_dual)
    assert after.if_open == pytest.approx(before.if_open, rel=1e-6)


def test_sites_that_open_in_several_periods_have_none():
    """Two openings of one site are two decisions, whose bounds would not add up to anything useful."""
    mip, _, _ = mip_of(draw(3))
    state = relaxed(mip)
    assert penalised(state) is not None
    opened = set(state.mip.links.opened.tolist())
    columns = tuple(
        Column(SITE_OPEN, ("one", j)) if j in opened else key for j, key in enumerate(state.mip.arrays.columns)
    )
    state.mip = state.mip.with_arrays(replace(state.mip.arrays, columns=columns))
    assert penalised(state) is None


def with_envelope(case: CaseData, most_busd: float) -> CaseData:
    """The case with a budget of its own: an envelope for all it spends."""
    model = case.model
    family = Budget(
        basis="burn",
        carry_over=True,
        backup_income_counts=False,
        primary_envelope_busd=most_busd,
        backup_envelope_busd=0.0,
    )
    families = model.families.model_copy(update={"budget": family})
    year = BudgetRow(year=model.horizon.start.year, cash_burn_busd=10 * most_busd, revenue_busd=0.0, partner_share=0.0)
    tables = {**case.tables, "budget": (year,)}
    changed = model.model_copy(update={"families": families})
    return case.replace(model=changed, tables=tables)


def test_a_site_allocation_under_a_budget(monkeypatch):
    """Rows held back and bounds site by site go together: the least cost is found, and proven."""
    monkeypatch.setattr(settings, "LARGE_COLUMNS", 0)
    a = draw(4)
    imported = allocation_case(a)
    least = min(costs(a).values())
    for share in (1.2, 1.0 + 1e-6):
        case = with_envelope(imported.case, share * least / imported.cost_per_busd)
        plan = Case.of(case).solve(gap=0.0, own_process=False)
        assert plan.summary["cost_busd"] * imported.cost_per_busd == pytest.approx(least, rel=1e-6)
        assert plan.summary["status"] == "optimal"
        assert "penalties" in plan.summary["solver_stages"]
