"""What follows from the decisions, site by site: capacity in force, installed, powered (sections 2 to 5)."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from planner.audit import tolerance
from planner.audit.calendar import NEVER
from planner.audit.decisions import Built, Decisions, in_force
from planner.audit.facts import Facts, OfferRole, OfferRoleChip
from planner.audit.shortfalls import Shortfalls
from planner.audit.throughout import site_free_mw

OWN_ENERGY = ("build", "shell")
"""Tenures whose energy the plan pays."""


@dataclass
class State:
    """The plan's capacity, recomputed; IT MW, one number per period."""

    facts: Facts
    decisions: Decisions
    shortfalls: Shortfalls = field(default_factory=Shortfalls)

    @cached_property
    def unserved_compute(self) -> dict[tuple[str, str, int], float]:
        """Compute not served per market, workload and period; nothing where it is rounding."""
        facts, served = self.facts, defaultdict[tuple[str, str, int], float](float)
        for row in self.decisions.served:
            served[row.market, row.workload, row.period] += row.compute
        found = {}
        for (market, workload), series in facts.demand.items():
            for t in facts.periods:
                left = series[t] - served[market, workload, t]
                if left > tolerance.compute(facts.largest_rate, series[t]):
                    found[market, workload, t] = left
        return found

    @cached_property
    def decided_mw(self) -> dict[OfferRole, list[float]]:
        """IT MW of decided contracts in force."""
        return in_force(self.facts, self.decisions.contracts)

    @cached_property
    def force_mw(self) -> dict[OfferRole, list[float]]:
        """IT MW in force, signed and decided."""
        return self.facts.summed((*self.facts.signed_mw.items(), *self.decided_mw.items()))

    @cached_property
    def chip_mw(self) -> dict[OfferRoleChip, list[float]]:
        """IT MW installed, chips of signed contracts included."""
        return self.facts.summed((*self.decisions.stock.items(), *self.facts.signed_chip_mw.items()))

    @cached_property
    def installed_mw(self) -> dict[OfferRole, list[float]]:
        """IT MW installed per offer and role."""
        return self.facts.summed((key[:2], series) for key, series in self.chip_mw.items())

    @cached_property
    def site_mw(self) -> dict[str, list[float]]:
        """IT MW in force per site."""
        return self.facts.by_site(self.force_mw)

    def in_service(self, built: Built, t: int) -> bool:
        """Whether on-site power is in service in period ``t``."""
        tau = self.facts.calendar.tau
        if self.facts.throughout:
            return t >= built.period and tau[t + 1] <= tau[built.period] + built.option.life_years + NEVER
        if t == built.period:
            return True
        return t > built.period and tau[t] < tau[built.period] + built.option.life_years - NEVER

    @cached_property
    def option_mw(self) -> dict[str, list[float]]:
        """Facility MW in service per on-site option."""
        parts = [(option, self.facts.zeros()) for option in self.facts.options]
        for built in self.decisions.built:
            mw = [built.facility_mw if self.in_service(built, t) else 0.0 for t in self.facts.periods]
            parts.append((built.option.power_option, mw))
        return self.facts.summed(parts)

    @cached_property
    def _onsite(self) -> dict[tuple[str, bool], list[float]]:
        rows = ((self.facts.options[option], series) for option, series in self.option_mw.items())
        return self.facts.summed(((row.site, row.in_energisation), series) for row, series in rows)

    def onsite_mw(self, site: str, t: int, extra_only: bool = False) -> float:
        """Facility MW of on-site power in service at a site, all or only what is not in the energisation steps."""
        kinds = (False,) if extra_only else (False, True)
        return sum(self._onsite[site, kind][t] for kind in kinds if (site, kind) in self._onsite)

    @cached_property
    def _output(self) -> dict[tuple[str, int], float]:
        found: dict[tuple[str, int], float] = {}
        for (option, t), mw in self.decisions.output_mw.items():
            site = self.facts.options[option].site
            found[site, t] = found.get((site, t), 0.0) + mw
        return found

    def site_output_mw(self, site: str, t: int) -> float:
        """Average facility MW generated at a site."""
        return self._output.get((site, t), 0.0)

    def powered_mw(self, site: str, t: int) -> float:
        """Facility MW that can be drawn at a site: energised (at least what is signed needs), and on-site power."""
        signed = self.facts.signed_site_mw[site][t] * self.facts.sites[site].pue_peak
        if self.facts.throughout:
            energised = signed + site_free_mw(self.facts, site, t)
        else:
            energised = max(self.facts.energised_mw[site][t], signed)
        return energised + self.onsite_mw(site, t, extra_only=True)

    def reached_mw(self, site: str, t: int) -> float:
        """IT MW by which the largest share of ramps within a period is above the average, where that needs power."""
        if not self.facts.throughout:
            return 0.0
        found = 0.0
        for row in self.decisions.contracts:
            if row.offer.site == site and row.offer.ramp is not None and row.start <= t < row.end:
                average = self.facts.shares_in_force(row.offer, row.start, row.end)[t]
                found += row.it_mw * (self.facts.largest_share(row.offer, row.start, row.end, t) - average)
        return found

    def load_mw(self, own_only: bool) -> dict[tuple[str, str], list[float]]:
        """Average facility MW per site and role, of ``build`` and ``shell`` alone or of all tenures.

        None without the power family, which holds the utilisation.
        """
        power, parts = self.facts.model.families.power, []
        for (offer, role), series in self.installed_mw.items() if power is not None else ():
            row = self.facts.offers[offer]
            if not own_only or row.tenure in OWN_ENERGY:
                factor = (power.utilisation if power else 0.0) * self.facts.sites[row.site].pue_average
                parts.append(((row.site, role), [mw * factor for mw in series]))
        return self.facts.summed(parts)

    @cached_property
    def own_load_mw(self) -> dict[tuple[str, str], list[float]]:
        """Average facility MW of own energy per site and role."""
        return self.load_mw(own_only=True)

    @cached_property
    def all_load_mw(self) -> dict[tuple[str, str], list[float]]:
        """Average facility MW of all installed chips per site and role."""
        return self.load_mw(own_only=False)

    def site_load(self, loads: dict[tuple[str, str], list[float]], site: str, t: int) -> float:
        """Sum both roles of a load at a site."""
        return sum(loads[site, role][t] for role in ("primary", "backup") if (site, role) in loads)
