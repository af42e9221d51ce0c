"""What orders compete for in a scenario and in its case: power of sites and regions, blocks of offers, chips."""

from collections.abc import Mapping

from planner.inputs import Inputs

ROUNDING_GW = 1e-9
"""IT GW or facility GW (one watt), or blocks, that make no difference."""
TINY = 1e-9
Key = tuple[str, str]
"""``it``, ``facility``, ``region``, ``offer`` or ``chip``, and the key of the site and so on."""
PerPeriod = tuple[float, ...]
INFINITE = float("inf")


class Scarce:
    """Limits for decided contracts, in the case and in a scenario of it.

    Parameters
    ----------
    case, scenario : Inputs
        Over the same periods.
    """

    def __init__(self, case: Inputs, scenario: Inputs) -> None:
        self._scenario = scenario
        self._before, self._now = _Free(case), _Free(scenario)
        self._known: dict[Key, tuple[PerPeriod, PerPeriod]] = {}

    def limit(self, key: Key, t: int) -> float:
        """Return the limit of the scenario in a period: IT GW, facility GW or blocks."""
        return self._of(key)[1][t]

    def is_cut(self, key: Key, t: int) -> bool:
        """Whether the scenario has less than the case in a period."""
        before, now = self._of(key)
        return now[t] < before[t] - ROUNDING_GW

    def has_supply(self, chip: str) -> bool:
        """Whether the supply of a chip is limited."""
        return bool(chip) and self.supply(chip, 0) < INFINITE

    def supply(self, chip: str, t: int) -> float:
        """Return IT GW of a chip that can be bought in a period of the scenario."""
        return self.limit(("chip", chip), t)

    def needs(self, o: str) -> list[tuple[Key, float]]:
        """Return what a block of an offer of the scenario takes of what is scarce."""
        site = self._scenario.sites[self._scenario.offers[o].site]
        gw = self._scenario.block_gw(o)
        facility = gw * site.pue_peak
        return [
            (("it", site.site), gw),
            (("facility", site.site), facility),
            (("region", site.power_region), facility),
            (("offer", o), 1.0),
        ]

    def _of(self, key: Key) -> tuple[PerPeriod, PerPeriod]:
        if key not in self._known:
            self._known[key] = self._before.limit(key), self._now.limit(key)
        return self._known[key]


class _Free:
    """What decided contracts may use, per period."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._it = {s: self._signed_gw(s) for s in inputs.sites}
        self._power = inputs.case.model.families.power is not None

    def limit(self, key: Key) -> PerPeriod:
        """Return the limit of each period; infinite where there is none or the case does not know the key."""
        inputs, (kind, name) = self._inputs, key
        none = (INFINITE,) * inputs.calendar.count
        if kind == "region":
            return self._of_region(name)
        if kind == "chip":
            return tuple(inputs.chip_supply_gw.get(name, none))
        if kind == "offer":
            return (float(inputs.offers[name].max_blocks),) * len(none) if name in inputs.offers else none
        if name not in inputs.sites:
            return none
        if kind == "it":
            return _less(inputs.site_it_limit_gw[name], self._it[name])
        pue = inputs.sites[name].pue_peak
        return _less(inputs.site_facility_limit_gw[name], tuple(pue * gw for gw in self._it[name]))

    def _of_region(self, region: str) -> PerPeriod:
        inputs = self._inputs
        limits: Mapping[str, PerPeriod] = inputs.region_facility_limit_gw
        if not self._power or region not in limits:
            return (INFINITE,) * inputs.calendar.count
        needed = [0.0] * inputs.calendar.count
        for s, gw in self._it.items():
            if inputs.sites[s].power_region == region:
                needed = [n + inputs.sites[s].pue_peak * one for n, one in zip(needed, gw, strict=True)]
        return _less(limits[region], tuple(needed))

    def _signed_gw(self, s: str) -> PerPeriod:
        inputs = self._inputs
        rows = [gw for (o, _), gw in inputs.signed_gw.items() if inputs.offers[o].site == s]
        return tuple(sum(values) for values in zip(*rows, strict=True)) if rows else inputs.zeros


def _less(limit: PerPeriod, used: PerPeriod) -> PerPeriod:
    return tuple(max(0.0, a - b) for a, b in zip(limit, used, strict=True))
