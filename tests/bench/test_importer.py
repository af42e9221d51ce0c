"""The importer of public instances: the planner's answer equals an enumeration that knows nothing of cases."""

from itertools import combinations, product
from random import Random
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from bench.allocation import Allocation, NotMappedError, read_allocation
from bench.importer import allocation_case, import_instance, to_case
from planner.api import Case
from planner.case.check import check_case
from planner.case.rows import ServingRow
from tests.length import thinned


def enumerate_split(a: Allocation, opened: tuple[int, ...]) -> float:
    """Least cost of service from the open sites, service split at will: a small linear program."""
    n, k = len(a.demand), len(opened)
    cost = [a.cost[s][r] for s in opened for r in range(n)]
    capacity = np.zeros((k, k * n))
    served = np.zeros((n, k * n))
    for i in range(k):
        for r in range(n):
            capacity[i, i * n + r] = a.demand[r]
            served[r, i * n + r] = 1.0
    found = linprog(
        cost, A_ub=capacity, b_ub=[a.capacity[s] for s in opened], A_eq=served, b_eq=np.ones(n), bounds=(0, 1)
    )
    return float(found.fun) if found.success else float("inf")


def enumerate_single(a: Allocation, opened: tuple[int, ...]) -> float:
    """Least cost of service with every region at one open site: all assignments."""
    best = float("inf")
    for chosen in product(opened, repeat=len(a.demand)):
        load = {s: sum(a.demand[r] for r, by in enumerate(chosen) if by == s) for s in opened}
        if all(load[s] <= a.capacity[s] + 1e-9 for s in opened):
            best = min(best, sum(a.cost[s][r] for r, s in enumerate(chosen)))
    return best


def enumerate_all(a: Allocation) -> float:
    """Least cost over all sets of open sites."""
    sites = range(len(a.capacity))
    sizes = [a.open_exactly] if a.open_exactly is not None else list(range(1, len(sites) + 1))
    serve = enumerate_single if a.single_source else enumerate_split
    return min(
        sum(a.fixed_cost[s] for s in opened) + serve(a, opened)
        for size in sizes
        for opened in combinations(sites, size)
    )


def solved(a: Allocation) -> float:
    """The planner's cost in the units of the instance."""
    imported = allocation_case(a)
    assert check_case(imported.case) == []
    plan = Case.of(imported.case).solve(gap=0.0, own_process=False)
    assert plan.summary["audit"]["passed"]
    assert plan.summary["status"] == "optimal"
    assert sum(float(row["unserved_compute"]) for row in plan.rows("unserved")) <= 1e-6 * max(1.0, sum(a.demand))
    return float(plan.summary["cost_busd"]) * imported.cost_per_busd


def draw(seed: int, *, single_source: bool, zero: int = 0, p: int | None = None, scale: float = 1.0) -> Allocation:
    """A random instance of 3 sites and 4 regions with room to spare."""
    rng = Random(seed)
    demand = [float(rng.randint(3, 9)) * scale for _ in range(4)]
    for r in range(zero):
        demand[r] = 0.0
    return Allocation(
        name=f"tiny{seed}",
        capacity=[sum(demand) * rng.choice((0.6, 0.7, 1.5)) + 9 * scale for _ in range(3)],
        fixed_cost=[float(rng.randint(0, 60)) for _ in range(3)],
        demand=demand,
        cost=[[float(rng.randint(0, 50)) for _ in range(4)] for _ in range(3)],
        single_source=single_source,
        open_exactly=p,
    )


@pytest.mark.parametrize("single_source", [False, True])
@pytest.mark.parametrize("seed", thinned(range(3), 3))
def test_plain_instances(seed: int, single_source: bool) -> None:
    """Split and single-source instances cost what the enumeration says."""
    a = draw(seed, single_source=single_source)
    assert solved(a) == pytest.approx(enumerate_all(a), rel=1e-7)


@pytest.mark.parametrize("single_source", [False, True])
def test_regions_without_demand_still_pay_for_their_site(single_source: bool) -> None:
    """A region without demand takes no capacity, but its site must be open and its cost is paid."""
    a = draw(11, single_source=single_source, zero=2)
    assert solved(a) == pytest.approx(enumerate_all(a), rel=1e-7)


@pytest.mark.parametrize("p", [1, 2, 3])
def test_exactly_p_sites(p: int) -> None:
    """With a number of sites to open, exactly that many are open, wanted or not."""
    a = draw(5, single_source=False, p=p)
    if p == 1:
        a = Allocation(a.name, [99.0] * 3, a.fixed_cost, a.demand, a.cost, False, p)
    assert solved(a) == pytest.approx(enumerate_all(a), rel=1e-7)


@pytest.mark.parametrize("scale", [1e-4, 1e7])
def test_units_do_not_matter(scale: float) -> None:
    """Demand and capacity in far smaller or larger units give the same cost."""
    a = draw(2, single_source=False, scale=scale)
    assert solved(a) == pytest.approx(enumerate_all(a), rel=1e-7)


def test_large_costs_are_scaled_and_scaled_back() -> None:
    """Costs beyond what a case holds well are divided by a power of ten, and the answer multiplied again."""
    a = draw(3, single_source=False)
    dear = Allocation(
        a.name, a.capacity, [c * 1e8 for c in a.fixed_cost], a.demand, [[c * 1e8 for c in row] for row in a.cost], False
    )
    assert allocation_case(dear).cost_per_busd > 1
    assert solved(dear) == pytest.approx(1e8 * enumerate_all(a), rel=1e-7)


def test_a_site_without_capacity_can_be_opened_but_serves_nobody() -> None:
    """A capacity of nil is kept: the site counts, and never serves."""
    a = Allocation("nil", [0.0, 50.0], [1.0, 2.0], [3.0, 4.0], [[0.0, 0.0], [5.0, 6.0]], False, 2)
    assert solved(a) == pytest.approx(14.0)


WAREHOUSES: dict[str, Any] = {
    "format": "cflp-1",
    "name": "w",
    "problem": "CFLP (split allowed)",
    "sites": [{"id": "S1", "capacity": 10, "fixed_cost": 7}],
    "regions": [{"id": "R1", "demand": 4}, {"id": "R2", "demand": 5}],
    "cost_full_demand": [[8, 15]],
}


def test_cost_of_all_demand_becomes_a_unit_cost() -> None:
    """A cost of serving a whole region is divided by its demand, a unit cost is taken as it is."""
    whole = {row.market: row.cost_busd_per_compute_year for row in to_case(WAREHOUSES).rows(ServingRow)}
    assert whole == {"R1": 2.0, "R2": 3.0}
    per_unit = {key: value for key, value in WAREHOUSES.items() if key != "cost_full_demand"}
    per_unit |= {"format": "cflp-unit-1", "cost_per_unit": [[2, 3]]}
    assert read_allocation(per_unit).cost == [[8.0, 15.0]]


@pytest.mark.parametrize(
    ("problem", "single"),
    [
        ("CFLP (split allowed)", False),
        ("SSCFLP (each region from exactly one site)", True),
        ("capacitated, single-source", True),
        ("CFLP", False),
    ],
)
def test_the_problem_text_says_whether_service_is_split(problem: str, single: bool) -> None:
    """Whether a region may be split is read from the problem text."""
    assert read_allocation({**WAREHOUSES, "problem": problem}).single_source is single


def test_what_cannot_be_told_or_mapped_is_refused_with_a_reason() -> None:
    """No guess: an unclear text, a format with no mapping and an unknown one are refused."""
    with pytest.raises(NotMappedError, match="split"):
        read_allocation({**WAREHOUSES, "problem": "allocation"})
    with pytest.raises(NotMappedError, match="depends on the site"):
        read_allocation({"format": "sslp-1"})
    with pytest.raises(NotMappedError, match="known are cflp-1"):
        read_allocation({"format": "tsp"})


def test_unread_keys_are_named() -> None:
    """Keys of a file that were not read are named, so that a changed problem is not taken for the old one."""
    assert import_instance({**WAREHOUSES, "budget": 3}).ignored == ("budget",)


def test_pmedian_serves_itself_and_weighs_nothing() -> None:
    """Every node of a p-median is a site and a region of weight 1; a capacitated one has floored distances."""
    plain = read_allocation({"format": "pmedian-1", "name": "m", "p": 1, "n": 2, "distance": [[0, 3], [3, 0]]})
    assert (plain.cost, plain.demand, plain.open_exactly) == ([[0.0, 3.0], [3.0, 0.0]], [1.0, 1.0], 1)
    nodes = [{"id": 1, "x": 0, "y": 0, "demand": 3}, {"id": 2, "x": 1, "y": 1, "demand": 2}]
    capacitated = read_allocation({"format": "cpmedian-1", "name": "m", "p": 1, "capacity": 9, "nodes": nodes})
    assert capacitated.cost == [[0.0, 1.0], [1.0, 0.0]]
    assert capacitated.single_source
