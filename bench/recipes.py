"""Site-allocation instances drawn by published recipes, in the format of the public ones.

``capa``: Beasley (1988): 100 sites and 1,000 regions drawn in a square of 1,000 by 1,000, demand of 5 to 111, opening
cost of 1.36 to 2.26 million, the same capacity everywhere; cost of service per unit: the distance, times 1 to 1.25.
Optima of drawn instances are not published: they are for times, and for comparing solvers.

``tbed1``: Avella and Boccia (2009), after Cornuejols and others (1991): all in the unit square, demand of 5 to 35,
capacity of 10 to 160 scaled to a multiple of all demand, opening cost of 0 to 90 plus 100 to 110 times the square root
of the capacity before that, cost of service per unit: ten times the distance.

``single``: the same, with each region served by one site.

``pmedian``: points in a square of 1,000 by 1,000, exactly so many of them opened, cost of service: the distance.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def capa(seed: int, sites: int = 100, regions: int = 1000, capacity: float = 12_000.0) -> dict[str, Any]:
    """Return an instance of the kind of ``capa``, ``capb`` and ``capc``.

    Examples
    --------
    >>> instance = capa(0, sites=3, regions=5)
    >>> len(instance["sites"]), len(instance["regions"]), instance["sites"][0]["capacity"]
    (3, 5, 12000.0)
    """
    random = np.random.default_rng(seed)
    distance = _distance(random, sites, regions, 1000.0)
    demand = random.integers(5, 112, regions).astype(np.float64)
    opening = random.integers(1_360_000, 2_260_000, sites).astype(np.float64)
    unit_cost = distance * random.uniform(1.0, 1.25, (sites, regions))
    return _instance(
        f"capa-{sites}-{regions}-{capacity:g}-{seed}", np.full(sites, capacity), opening, demand, unit_cost
    )


def tbed1(seed: int, sites: int = 300, regions: int = 300, ratio: float = 5.0) -> dict[str, Any]:
    """Return an instance of the kind of the first test bed; ``ratio`` is all capacity over all demand."""
    random = np.random.default_rng(seed)
    distance = _distance(random, sites, regions, 1.0)
    demand = random.uniform(5.0, 35.0, regions)
    drawn = random.uniform(10.0, 160.0, sites)
    opening = random.uniform(0.0, 90.0, sites) + random.uniform(100.0, 110.0, sites) * np.sqrt(drawn)
    capacity = drawn * ratio * demand.sum() / drawn.sum()
    return _instance(f"tbed1-{sites}-{regions}-{ratio:g}-{seed}", capacity, opening, demand, 10.0 * distance)


def single(seed: int, sites: int = 50, regions: int = 200, ratio: float = 5.0) -> dict[str, Any]:
    """Return an instance of ``tbed1`` in which each region is served by one site.

    Examples
    --------
    >>> single(0, sites=4, regions=6)["name"]
    'single-4-6-5-0'
    """
    problem = "single-source site allocation; drawn, no published optimum"
    return {
        **tbed1(seed, sites, regions, ratio), "name": f"single-{sites}-{regions}-{ratio:g}-{seed}", "problem": problem
    }  # fmt: skip


def pmedian(seed: int, sites: int = 1000, opened: int = 50, reach: int = 80) -> dict[str, Any]:
    """Return a p-median instance in the unit square: any point can be opened, and serves those that it is near to.

    Only the ``reach`` points nearest to each may serve it.

    Examples
    --------
    >>> instance = pmedian(0, sites=4, opened=2, reach=3)
    >>> instance["p"], [sum(d is not None for d in row) for row in zip(*instance["distance"])]
    (2, [3, 3, 3, 3])
    """
    random = np.random.default_rng(seed)
    place = random.uniform(0.0, 1000.0, (sites, 2))
    distance: list[list[float | None]] = [[None] * sites for _ in range(sites)]
    for here in range(sites):
        away = np.hypot(*(place - place[here]).T)
        for site in np.argsort(away, kind="stable")[:reach]:
            distance[int(site)][here] = round(float(away[site]), 6)
    name = f"pmedian-{sites}-{opened}-{reach}-{seed}"
    return {"format": "pmedian-1", "name": name, "p": opened, "distance": distance}


CAPACITATED: Mapping[str, Callable[..., dict[str, Any]]] = {"capa": capa, "tbed1": tbed1}
RECIPES: Mapping[str, Callable[..., dict[str, Any]]] = {**CAPACITATED, "single": single, "pmedian": pmedian}


def drawn(name: str) -> dict[str, Any] | None:
    """Return the instance ``RECIPE-SITES-REGIONS-SEED``; None if a name is not one of these.

    Costs of ``capa`` are in thousands: the planner solves these in their own unit, in which models written by hand are.

    Examples
    --------
    >>> len(drawn("tbed1-4-6-0")["regions"]), drawn("stargate")
    (6, None)
    """
    kind, *numbers = name.split("-")
    if kind not in CAPACITATED or len(numbers) != len(("sites", "regions", "seed")):
        return None
    sites, regions, seed = map(int, numbers)
    instance = CAPACITATED[kind](seed, sites=sites, regions=regions)
    return _in_thousands(instance) if kind == "capa" else instance


def _in_thousands(instance: dict[str, Any]) -> dict[str, Any]:
    sites = [{**site, "fixed_cost": site["fixed_cost"] / 1000.0} for site in instance["sites"]]
    return {**instance, "sites": sites, "cost_per_unit": (np.array(instance["cost_per_unit"]) / 1000.0).tolist()}


def _distance(random: np.random.Generator, sites: int, regions: int, side: float) -> Floats:
    place, there = random.uniform(0.0, side, (sites, 2)), random.uniform(0.0, side, (regions, 2))
    return np.asarray(np.hypot(*(place[:, None, :] - there[None, :, :]).transpose(2, 0, 1)))


def _instance(name: str, capacity: Floats, opening: Floats, demand: Floats, unit_cost: Floats) -> dict[str, Any]:
    return {
        "format": "cflp-unit-1",
        "name": name,
        "problem": "capacitated site allocation, split service; drawn, no published optimum",
        "sites": [
            {"id": f"S{s + 1}", "capacity": float(capacity[s]), "fixed_cost": float(opening[s])}
            for s in range(len(capacity))
        ],
        "regions": [{"id": f"R{r + 1}", "demand": float(amount)} for r, amount in enumerate(demand)],
        "cost_per_unit": np.round(unit_cost, 6).tolist(),
    }
