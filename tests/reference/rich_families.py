"""The families and rules of a random small case, and what is drawn first of it: its keys and its horizon."""

from random import Random
from typing import Any

from tests.reference.rich_ramps import RAMPS

KINDS = ("site", "provider", "power_region", "country", "chip_vendor", "sites")
STARTS = ("2026-01-01", "2026-01-01", "2026-04-01", "2026-10-01")
LENGTHS: tuple[Any, ...] = (
    12,
    12,
    6,
    9,
    (12, 6, 18),
    (3, 12, 7),
    (24, 5, 12),
    (1, 11, 40),
    (12, 12, 24, 6),
    (6, 6, 12, 36),
)
UNEVEN: tuple[Any, ...] = ((12, 6, 18), (3, 12, 7), (24, 5), (15, 6), (10, 29))
TOGETHER = 7000
"""Cases from this number on have all rules that came later, together, in few places and uneven periods."""


class _Never(Random):
    """Draws that are always the largest: nothing whose share of the cases is below one is there."""

    def random(self) -> float:
        return 1.0


def hardened(rule: dict[str, Any], rng: Random) -> dict[str, Any]:
    """A rule that in one case of five may not fall short: less is served instead."""
    return rule | ({"shortfall": "hard"} if rng.random() < 0.2 else {})


def priced(rule: dict[str, Any], rng: Random) -> dict[str, Any]:
    """A rule that in one case of six may be missed at a price."""
    if "shortfall" in rule or rng.random() >= 1 / 6:
        return rule
    return rule | {"price_busd_per_missing_compute_year": rng.choice([0.001, 0.004, 0.012, 0.04, 0.2])}


class Families:
    """The families of one case in the making; its tables come after (`tests.reference.rich_cases`)."""

    def __init__(self, number: int, rng: Random, *, extras: bool) -> None:
        self.number, self.rng = number, rng
        self.together = number >= TOGETHER
        self.extra = Random(f"realised {number}") if extras else _Never()
        self.prices = Random(f"prices {number}") if extras else _Never()
        self.leases = Random(f"leases {number}") if extras else _Never()
        self.refresh = Random(f"refresh {number}") if extras and (number % 10 == 9 or number >= RAMPS) else _Never()
        self.cluster = Random(f"contiguity {number}") if extras else _Never()
        self.sites = [f"s{i}" for i in range(3 if self.together else rng.choice([3, 3, 4]))]
        self.providers = [f"p{i}" for i in range(rng.choice([2, 3]))]
        self.chips = [f"c{i}" for i in range(2 if self.together else rng.choice([2, 2, 3]))]
        self.markets = [f"m{i}" for i in range(rng.choice([1, 2] if self.together else [1, 2, 2, 3]))]
        self.home = {site: (i + number) % 3 for i, site in enumerate(self.sites)}
        self.start, lengths = rng.choice(STARTS), rng.choice(UNEVEN if self.together else LENGTHS)
        self.periods = rng.choice([2, 3, 4]) if isinstance(lengths, int) else len(lengths)
        self.lengths = lengths
        months = lengths * self.periods if isinstance(lengths, int) else sum(lengths)
        self.years = range(2026, 2026 + (int(self.start[5:7]) - 1 + months + 11) // 12)
        self.custom = rng.random() < 0.5
        self.power = rng.random() < 0.6
        self.opening = rng.random() < 0.4

    def some(self, share: float) -> bool:
        """Whether a device is there."""
        return self.rng.random() < share

    def there(self, share: float) -> bool:
        """Whether a device is there: in cases with everything together always."""
        return self.together or self.some(share)

    def amount(self, low: float, high: float) -> float:
        """A figure with three digits after the point."""
        return round(self.rng.uniform(low, high), 3)

    def families(self) -> dict[str, Any]:
        """Draw the families."""
        rng = self.rng
        families: dict[str, Any] = {}
        if self.opening:
            count = rng.choice([{}, {"open_at_most": rng.randint(1, 2)}, {"open_exactly": rng.randint(1, 2)}])
            families["site_opening"] = count
        if self.power:
            families["power"] = {"utilisation": rng.choice([0.7, 1.0])}
            if self.some(0.6):
                families["carbon"] = self._carbon()
        if self.there(0.6):
            families["budget"] = self._budget_options()
        if self.there(0.8):
            rules = [self._rule(KINDS[self.number % len(KINDS)], 0)]
            rules += [self._headroom()] if self.together or self.extra.random() < 0.4 else []
            rules += [self._rule(rng.choice(KINDS), 1)] if self.some(0.3) else []
            rules = [hardened(rule, rng) for rule in rules] if self.together else rules
            families["redundancy"] = {"rules": [priced(rule, self.prices) for rule in rules]}
        if self.some(0.35):
            rule: dict[str, Any] = {"domain": rng.choice(KINDS[:5]), "largest_share": rng.choice([0.65, 0.8])}
            families["diversity"] = {"rules": [rule | ({"first_year": 2027} if self.some(0.6) else {})]}
        if self.some(0.6):
            growth = {"first_year_it_mw": rng.choice([2.0, 8.0, 30.0]), "growth_per_year": rng.choice([0.3, 1.0])}
            families["integration"] = {"custom_chip": growth} if self.some(0.6) else {}
        if self.some(0.55):
            families["backup_income"] = self._backup_income()
        return families

    def _carbon(self) -> dict[str, Any]:
        cap = self.rng.choice([0.02, 0.08, 0.2])
        price = self.rng.choice([20.0, 150.0])
        return self.rng.choice(
            [
                {"price_usd_per_tonne": price},
                {"cap_mt_per_year": cap},
                {"price_usd_per_tonne": price, "cap_mt_per_year": cap},
            ]
        )

    def _budget_options(self) -> dict[str, Any]:
        rng = self.rng
        row: dict[str, Any] = {
            "basis": rng.choice(["cash_limit", "burn"]),
            "carry_over": self.some(0.5),
            "backup_income_counts": self.some(0.5),
        }
        if row["basis"] == "cash_limit":
            row["reinvested_share"] = rng.choice([0.0, 0.5, 1.0])
        if self.some(0.6):
            row["partner_payment_cap_busd"] = rng.choice([0.2, 0.8])
        if self.some(0.3):
            row["primary_envelope_busd"] = self.amount(1.0, 6.0)
        if self.some(0.3):
            row["backup_envelope_busd"] = self.amount(0.0, 0.3)
        return row

    def _backup_income(self) -> dict[str, Any]:
        rng = self.rng
        row = {"price_musd_per_mw_year": rng.choice([2.0, 7.0, 13.0]), "largest_share": rng.choice([0.5, 1.0])}
        if self.some(0.5):
            row["market_it_mw"] = 30.0
        return self._sold_by_compute() if self.extra.random() < 0.4 else row

    def _sold_by_compute(self) -> dict[str, Any]:
        """Idle backup priced by compute, drawn apart like `_realised`."""
        rng = self.extra
        row: dict[str, Any] = {
            "price_busd_per_compute_year": rng.choice([0.003, 0.008, 0.02]),
            "workload": rng.choice(["training", "inference"]),
            "largest_share": rng.choice([0.5, 1.0]),
        }
        return row | ({"market_compute": 20.0} if rng.random() < 0.5 else {})

    def _headroom(self) -> dict[str, Any]:
        """A rule that loses nothing and asks for more than the demand, drawn apart like `_realised`."""
        rng = self.extra
        share: Any = rng.choice([0.9, 1.1, 1.3])
        if rng.random() < 0.5:
            share = {"training": rng.choice([0.0, 1.0]), "inference": rng.choice([1.1, 1.5])}
        rule: dict[str, Any] = {"name": "head-room", "domain": "none", "critical_share": share}
        if rng.random() < 0.4:
            rule["overrides"] = [
                {"market": self.markets[0], "workload": "inference", "share": rng.choice([0.0, 1.2, 1.7])}
            ]
        if rng.random() < 0.6:
            rule["first_year"] = rng.choice([2027, 2028])
        return rule

    def _rule(self, kind: str, number: int) -> dict[str, Any]:
        rng = self.rng
        share: Any = rng.choice([0.2, 0.4, 0.6, 0.8])
        if self.some(0.4):
            share = {"training": rng.choice([0.0, 0.2]), "inference": share}
        rule: dict[str, Any] = {"name": f"rule {number}", "domain": kind, "critical_share": share}
        if kind == "sites":
            rule["sites"] = tuple(sorted(rng.sample(self.sites, rng.randint(1, 2))))
        elif self.some(0.4) and kind in ("site", "power_region", "provider"):
            rule |= {"k": 2, "critical_share": {"training": 0.0, "inference": rng.choice([0.3, 0.6])}}
        if self.some(0.3):
            rule["overrides"] = [
                {"market": rng.choice(self.markets), "workload": "inference", "share": rng.choice([0.0, 0.3])}
            ]
        if kind != "sites" and self.cluster.random() < (0.8 if self.together else 0.3):
            rule |= {"outage_days": 40.0, "pause_days": {"inference": self.cluster.choice([4.0, 18.0])}}
            if "overrides" in rule and self.cluster.random() < 0.5:
                rule["overrides"][0]["pause_days"] = self.cluster.choice([0.0, 30.0])
        if self.some(0.75):
            rule["first_year"] = rng.choice([2027, 2028])
        elif self.some(0.3):
            rule["last_year"] = 2027
        return rule
