"""When what was ordered is there in a scenario: an order starts, and pays, when its power is there."""

from collections.abc import Callable, Mapping

from planner.inputs import Inputs

ROUNDING_GW = 1e-9
"""IT GW or facility GW (one watt) that make no difference."""
PerPeriod = tuple[float, ...]


class Delivery:
    """The power that decided contracts may use at each site, in the case and in a scenario of it.

    Parameters
    ----------
    case, scenario : Inputs
        Over the same periods.
    """

    def __init__(self, case: Inputs, scenario: Inputs) -> None:
        self._case, self._scenario = case, scenario
        self._before = _Free(case)
        self._now = _Free(scenario)
        self._known: dict[tuple[str, int], list[float]] = {}

    def period(self, site: str, ordered: int, can_start: Callable[[int], bool]) -> tuple[int | None, bool]:
        """Return the period in which what was ordered for a period is there, and whether all of it is.

        It is there in the first period, not before the one ordered, in which the scenario has a contract of its kind
        and as much power at the site, and in its power region, as the case has in the period ordered. If that never
        comes, it is the first with as much of it as ever comes, and part of what was ordered may be missing. Without
        any power, or any such contract, it is never there (None).
        """
        last = self._scenario.calendar.count
        allowed = [t for t in range(ordered, last) if can_start(t)]
        if site not in self._scenario.sites or not allowed:
            return None, False
        share = [self._share(site, ordered, t) for t in allowed]
        best = max(share)
        if best <= 0.0:
            return None, False
        return next(t for t, found in zip(allowed, share, strict=True) if found >= best), best >= 1.0

    def _share(self, site: str, ordered: int, t: int) -> float:
        """Share of the power of the case in the period ordered that a period of the scenario has; 1 at most."""
        share = 1.0
        for before, now in zip(self._before.at(site), self._now.at(site), strict=True):
            needed = before[ordered]
            if now[t] < needed - ROUNDING_GW:
                share = min(share, max(0.0, now[t]) / needed)
        return share

    def supply_is_cut(self, chip: str, ordered: int, t: int) -> bool:
        """Whether less of a chip can be delivered than the case has in the period ordered."""
        now = self._scenario.chip_supply_gw.get(chip)
        if now is None:
            return False
        before = self._case.chip_supply_gw.get(chip)
        return before is None or now[t] < before[ordered] - ROUNDING_GW


class _Free:
    """What decided contracts may use of each site and power region: IT GW, and facility GW, per period."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._it = {s: self._signed_gw(s) for s in inputs.sites}
        self._power = inputs.case.model.families.power is not None

    def at(self, site: str) -> tuple[PerPeriod, PerPeriod, PerPeriod]:
        """Return IT GW and facility GW of the site, and facility GW of its power region, that are free per period."""
        inputs = self._inputs
        pue = inputs.sites[site].pue_peak
        it = _less(inputs.site_it_limit_gw[site], self._it[site])
        facility = _less(inputs.site_facility_limit_gw[site], tuple(pue * gw for gw in self._it[site]))
        return it, facility, self._of_region(inputs.sites[site].power_region)

    def _of_region(self, region: str) -> PerPeriod:
        inputs = self._inputs
        limits: Mapping[str, PerPeriod] = inputs.region_facility_limit_gw
        if not self._power or region not in limits:
            return (float("inf"),) * inputs.calendar.count
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
