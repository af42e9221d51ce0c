"""Public site-allocation instances in one form, whatever their files say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import acos, cos, floor, hypot, inf, radians, sin
from typing import Any


class NotMappedError(Exception):
    """The instance asks something the case format does not say; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """A site-allocation instance in one form, whatever its file said.

    ``cost[s][r]`` is the cost of serving all of region ``r`` from site ``s``; infinite where it may not.
    """

    name: str
    capacity: Sequence[float]
    fixed_cost: Sequence[float]
    demand: Sequence[float]
    cost: Sequence[Sequence[float]]
    single_source: bool
    open_exactly: int | None = None
    site_names: Sequence[str] = ()

    def __post_init__(self) -> None:
        if len(self.fixed_cost) != len(self.capacity) or len(self.cost) != len(self.capacity):
            raise ValueError(f"{self.name}: capacity, fixed cost and cost rows differ in number")
        if any(len(row) != len(self.demand) for row in self.cost):
            raise ValueError(f"{self.name}: a row of costs does not have one entry per region")

    @property
    def usable_capacity(self) -> list[float]:
        """Capacity that can be of use: no more than all demand."""
        total = sum(self.demand)
        return [min(capacity, total) for capacity in self.capacity]


def _is_single_source(instance: Mapping[str, Any]) -> bool:
    """Whether each region has one site: the problem text, else the name of the family, decides."""
    text = str(instance.get("problem", "")).lower()
    if "split" in text:
        return False
    if "sscflp" in text or "single-source" in text or "single source" in text or "exactly one site" in text:
        return True
    if "cflp" in text:
        return False
    raise NotMappedError(
        f"it is not stated whether service may be split: the problem reads {instance.get('problem')!r}"
    )


def _warehouses(instance: Mapping[str, Any], cost: Sequence[Sequence[float]]) -> Allocation:
    sites, regions = instance["sites"], instance["regions"]
    return Allocation(
        name=str(instance["name"]),
        capacity=[float(site["capacity"]) for site in sites],
        fixed_cost=[float(site["fixed_cost"]) for site in sites],
        demand=[float(region["demand"]) for region in regions],
        cost=cost,
        single_source=_is_single_source(instance),
        open_exactly=instance.get("p"),
        site_names=[str(site["id"]) for site in sites],
    )


def _read_cflp(instance: Mapping[str, Any]) -> Allocation:
    return _warehouses(instance, [[float(cost) for cost in row] for row in instance["cost_full_demand"]])


def _read_cflp_unit(instance: Mapping[str, Any]) -> Allocation:
    demand = [float(region["demand"]) for region in instance["regions"]]
    cost = [
        [float(unit) * amount for unit, amount in zip(row, demand, strict=True)] for row in instance["cost_per_unit"]
    ]
    return _warehouses(instance, cost)


def _read_pmedian(instance: Mapping[str, Any]) -> Allocation:
    distance = instance["distance"]
    weight = [float(w) for w in instance.get("weight", [1.0] * len(distance[0]))]
    return Allocation(
        name=str(instance["name"]),
        capacity=[float(len(distance[0]))] * len(distance),
        fixed_cost=[0.0] * len(distance),
        demand=[1.0] * len(distance[0]),
        cost=[[inf if d is None else float(d) * w for d, w in zip(row, weight, strict=True)] for row in distance],
        single_source=False,
        open_exactly=int(instance["p"]),
        site_names=[f"S{s + 1}" for s in range(len(distance))],
    )


def _read_cpmedian(instance: Mapping[str, Any]) -> Allocation:
    nodes = instance["nodes"]
    return Allocation(
        name=str(instance["name"]),
        capacity=[float(node.get("capacity", instance.get("capacity"))) for node in nodes],
        fixed_cost=[0.0] * len(nodes),
        demand=[float(node["demand"]) for node in nodes],
        cost=[[float(floor(hypot(a["x"] - b["x"], a["y"] - b["y"]))) for b in nodes] for a in nodes],
        single_source=True,
        open_exactly=int(instance["p"]),
        site_names=[str(node["id"]) for node in nodes],
    )


def _great_circle(a: Mapping[str, float], b: Mapping[str, float], radius: float) -> float:
    """Distance by the arc cosine, as the instances of this family were computed."""
    lat_a, lat_b = radians(a["lat"]), radians(b["lat"])
    cosine = sin(lat_a) * sin(lat_b) + cos(lat_a) * cos(lat_b) * cos(radians(a["lon"] - b["lon"]))
    return 0.0 if a is b else radius * acos(max(-1.0, min(1.0, cosine)))


def _read_uflp_geo(instance: Mapping[str, Any]) -> Allocation:
    nodes, radius = instance["nodes"], float(instance["earth_radius_miles"])
    total = sum(float(node["demand"]) for node in nodes)
    return Allocation(
        name=str(instance["name"]),
        capacity=[total] * len(nodes),
        fixed_cost=[float(node["fixed_cost"]) for node in nodes],
        demand=[float(node["demand"]) for node in nodes],
        cost=[[_great_circle(a, b, radius) * float(b["demand"]) for b in nodes] for a in nodes],
        single_source=False,
        open_exactly=instance.get("p"),
        site_names=[str(node["id"]) for node in nodes],
    )


READERS: Mapping[str, Callable[[Mapping[str, Any]], Allocation]] = {
    "cflp-1": _read_cflp,
    "cflp-unit-1": _read_cflp_unit,
    "pmedian-1": _read_pmedian,
    "cpmedian-1": _read_cpmedian,
    "uflp-geo-1": _read_uflp_geo,
}
"""The formats that have a mapping."""

NOT_MAPPED: Mapping[str, str] = {
    "sslp-1": "the demand of a client depends on the site, that of a market does not",
    "sp-1": "a general stochastic program given by its matrix, not a site allocation",
    "capacity-lands-1": "the budget row counts capacity but not operation, the budget of a case counts both",
    "supply-network-1": "goods pass from factory to depot to customer, service in a case is direct",
}
"""Formats without a natural mapping, and why."""


def read_allocation(instance: Mapping[str, Any]) -> Allocation:
    """The instance in the one form shared by the importer and the hand-written models.

    Raises
    ------
    NotMappedError
        If the format has no mapping, or the file does not say whether service may be split.
    """
    kind = str(instance.get("format"))
    if kind in READERS:
        return READERS[kind](instance)
    raise NotMappedError(NOT_MAPPED.get(kind, f"format {kind!r} is not known; known are {', '.join(READERS)}"))
