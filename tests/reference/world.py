"""What the second formulation needs all over: the rows of the case, its periods, the program, and the money."""

from collections import defaultdict
from typing import Any

from planner.case.case import CaseData
from tests.reference.linear import Lin, Mip
from tests.reference.when import When

GW = 1e-3
"""GW per MW."""
ROLES = ("primary", "backup")
GWH_FACTOR = 8.76e6 / 1e9
"""$B of a GW over a year at $1 per MWh; million tonnes of it at 1 kg per MWh."""


class World:
    """The case by rows, and what is added to the program as it is written down."""

    def __init__(self, case: CaseData) -> None:
        self.case = case
        self.families = case.model.families
        self.when = When(case.model.horizon)
        self.mip = Mip()
        offered = {row.site for row in self.table("offers")}
        self.sites = {row.site: row for row in self.table("sites") if row.available and row.site in offered}
        self.offers = {row.offer: row for row in self.table("offers") if row.site in self.sites}
        self.signed = [row for row in self.table("contracts") if row.offer in self.offers]
        self.chips = {row.chip: row for row in self.table("chips")}
        self.regions = {row.power_region: row for row in self.table("power_regions")}
        self.options = {row.power_option: row for row in self.table("power_options") if row.site in self.sites}
        self.periods = self.when.periods
        self.spend: dict[tuple[str, int], Lin] = defaultdict(Lin)
        self.income: dict[int, Lin] = defaultdict(Lin)
        self.salvage = Lin()
        self.financed: dict[int, Lin] = defaultdict(Lin)
        self.financing_cost = Lin()
        # Filled in by the sections.
        self.signed_gw: dict[tuple[str, str, int], float] = defaultdict(float)
        self.signed_chip_gw: dict[tuple[str, str, str, int], float] = defaultdict(float)
        self.decided_gw: dict[tuple[str, str, int], Lin] = defaultdict(Lin)
        self.reached_gw: dict[tuple[str, int], Lin] = defaultdict(Lin)
        """IT GW by which the largest share of a ramp in the period is above its average, by offer."""
        """IT GW of decided contracts that come into force, by offer and period."""
        self.blocks: dict[tuple[str, int], Lin] = defaultdict(Lin)
        self.contracts: dict[tuple[str, str, int, int, str], Lin] = {}
        self.leased: dict[tuple[str, str, str, int], Lin] = defaultdict(Lin)
        """IT GW of the chips of decided leases."""
        self.brought: dict[tuple[str, str, str, int], Lin] = defaultdict(Lin)
        """IT GW of chips that come with decided leases at their start."""
        self.stock: dict[tuple[str, str, str, int], Lin] = {}
        self.added: dict[tuple[str, str, str, int], Lin] = {}
        self.onsite_gw: dict[tuple[str, int], Lin] = defaultdict(Lin)
        self.output_gw: dict[tuple[str, int], Lin] = {}
        self.unserved: dict[tuple[str, str, int], Lin] = {}
        self.flows: dict[tuple[str, str, str, str, int], Lin] = {}
        """IT GW of primary chips in use, by site, chip, market, workload and period."""
        self.missing: dict[str, Lin] = defaultdict(Lin)
        """What is missing in each tier of section 19, in its measure."""
        self.unpaid: dict[tuple[str, int], Lin] = defaultdict(Lin)
        self.promised: dict[tuple[str, int], Lin] = defaultdict(Lin)
        """What is due for declining or missing a programme, by programme and period."""
        self.unprotected: dict[int, Lin] = defaultdict(Lin)
        """What redundancy rules with a price miss, $B by period."""
        self.notes: dict[str, list[Lin]] = defaultdict(list)
        """Expressions that tell, when they are not zero, that something is used: what the coverage counts."""

    def table(self, name: str) -> tuple[Any, ...]:
        """The rows of a table."""
        return self.case.tables[name]

    @property
    def hard(self) -> bool:
        """Whether the case refuses every shortfall but unserved demand."""
        return bool(self.case.model.objective.shortfall == "hard")

    def miss(self, tier: str, amount: Lin, weight: float) -> None:
        """Count what is missing in a tier."""
        self.missing[tier] += amount * weight
        self.notes[f"shortfall: {tier}"].append(amount)

    def pay(self, role: str, t: int, busd: Lin | float) -> None:
        """Spending of a period."""
        self.spend[role, t] += busd

    def at(self, site: str) -> list[str]:
        """The offers at a site."""
        return [o for o, row in self.offers.items() if row.site == site]

    def in_force_gw(self, offer: str, t: int) -> Lin:
        """IT GW in force, both roles, decided and signed."""
        found = Lin()
        for role in ROLES:
            found += self.decided_gw[offer, role, t]
            found += self.signed_gw[offer, role, t]
        return found

    def installed_gw(self, offer: str, role: str, chip: str, t: int) -> Lin:
        """IT GW installed, chips of signed contracts included."""
        return self.stock.get((offer, role, chip, t), Lin()) + self.signed_chip_gw[offer, role, chip, t]

    def all_installed_gw(self, offer: str, role: str, t: int) -> Lin:
        """IT GW installed at an offer and role, over all chips."""
        found = Lin()
        for chip in self.chips:
            found += self.installed_gw(offer, role, chip, t)
        return found

    def rate(self, chip: str, workload: str, t: int) -> float:
        """Realised compute of an IT GW in a period."""
        row = self.chips[chip]
        per_mw = row.training_compute_per_it_mw if workload == "training" else row.inference_compute_per_it_mw
        return (per_mw or 0.0) / GW * self.realised(row, t)

    def realised(self, row: Any, t: int) -> float:
        """Share of the nameplate compute: the ramp is averaged piece by piece, between its corners."""
        found = (1.0 if row.utilisation_of_peak_share is None else row.utilisation_of_peak_share) * (
            1.0 - (0.0 if row.failure_loss_share is None else row.failure_loss_share)
        )
        if row.maturity_years is None:
            return float(found)
        first = self.when.after(row.first_date)
        corners = sorted({self.when.tau(t), self.when.tau(t + 1), first, first + row.maturity_years})
        inside = [c for c in corners if self.when.tau(t) <= c <= self.when.tau(t + 1)]
        ramp = [min(1.0, max(0.0, (c - first) / row.maturity_years)) for c in inside]
        area = sum((inside[n + 1] - inside[n]) * (ramp[n] + ramp[n + 1]) / 2 for n in range(len(inside) - 1))
        low = row.first_volume_maturity_share
        return float(found * (low + (1.0 - low) * area / self.when.length(t)))

    def steps(self, row: Any) -> list[tuple[float, float]]:
        """The ramp of a signed contract or of the contracts of an offer: years after the start, share from then on."""
        if row.ramp is None:
            return [(0.0, 1.0)]
        return sorted((one.months / 12, one.share) for one in self.table("ramps") if one.ramp == row.ramp)

    def pieces(self, row: Any, begin: float, end: float) -> list[tuple[float, float, float]]:
        """Spans of a contract that starts at ``begin``, each with its share in force."""
        steps = self.steps(row)
        closes = [begin + years for years, _ in steps[1:]] + [end]
        return [(begin + years, min(until, end), share)
                for (years, share), until in zip(steps, closes, strict=True) if begin + years < end]  # fmt: skip

    def ramped(self, row: Any, t: int, begin: float, end: float) -> float:
        """Time average over a period of the share of a contract in force."""
        return sum(share * self.when.share(t, opens, closes) for opens, closes, share in self.pieces(row, begin, end))

    def in_force_share(self, offer: Any, t0: int, t: int, q: int) -> float:
        """Share in force of a decided contract whose term ends at boundary ``q``."""
        return self.ramped(offer, t, self.when.tau(t0), float("inf")) if t < q else 1.0

    def grown(self, price: float | None, growth: float | None, t: int) -> float:
        """A growing price."""
        return float((price or 0.0) * (1.0 + (growth or 0.0)) ** self.when.mid(t))

    def domain(self, kind: str, offer: str, chip: str) -> str:
        """The failure domain of a chip at an offer."""
        row = self.offers[offer]
        if kind == "chip_vendor":
            return str(self.chips[chip].vendor)
        if kind in ("site", "sites"):
            return str(row.site)
        if kind == "provider":
            return str(row.provider)
        site = self.sites[row.site]
        return str(site.power_region if kind == "power_region" else site.country)

    def domains(self, kind: str) -> list[str]:
        """Every failure domain of a kind."""
        if kind == "chip_vendor":
            return sorted({row.vendor for row in self.chips.values()})
        return sorted({self.domain(kind, offer, "") for offer in self.offers})

    def credit(self, paid: Lin, bought: float, life_years: float) -> None:
        """Salvage of what was bought at a time and has a life."""
        left = bought + life_years - self.when.end
        if self.case.model.objective.salvage == "straight_line" and left > 0.0:
            self.salvage += paid * (left / life_years)
            self.notes["salvage"].append(paid)
