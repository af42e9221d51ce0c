"""Random small cases with everything in them; the same number gives the same case on every machine."""

from collections.abc import Iterator
from random import Random
from typing import Any

from planner.case.case import CaseData
from planner.errors import CaseError
from tests.cases import make_case
from tests.reference.rich_contiguity import contiguity
from tests.reference.rich_families import TOGETHER, Families
from tests.reference.rich_horizon import HORIZON, with_horizon_rules
from tests.reference.rich_money import MONEY, with_financing, with_other_spending
from tests.reference.rich_programmes import LATER, programmes
from tests.reference.rich_ramps import with_ramps
from tests.reference.second import solve_second

Rows = list[dict[str, Any]]
TERMS = (0.1, 1 / 3, 1.0, 1.0, 1.5, 2.0, 2.3, 3.0, 7.77, 20.0)
COUNTRIES = ("US", "US", "FR")


def rich_case(number: int, *, extras: bool = True) -> CaseData:
    """A sound case; draws that are none (a demand that nobody can serve) are thrown away.

    So are, in three cases of four, draws that the second formulation finds infeasible: too many of those say little. Of
    the cases with everything together few are.
    """
    for case in sound_draws(number, extras=extras):
        if number % 4 == 3 or number >= TOGETHER or solve_second(case, twice=False) is not None:
            return case
    raise AssertionError(f"no sound case in two hundred draws of {number}")


def sound_draws(number: int, *, extras: bool = True) -> Iterator[CaseData]:
    """The sound cases of the draws of a number, not solved."""
    for draw in range(200):
        try:
            case = _Draft(number, Random(7919 * number + draw), extras=extras).case()
            if number >= HORIZON:
                rng = Random(f"horizon {number} {draw}")
                case = with_horizon_rules(case, rng, tail=number < TOGETHER)
            yield case
        except CaseError:
            continue


class _Draft(Families):
    """One case in the making."""

    def case(self) -> CaseData:
        """Draw the tables and the families."""
        tables: dict[str, Any] = {
            "sites": [self._site(s) for s in self.sites],
            "energisation": [row for s in self.sites for row in self._energisation(s)],
            "providers": [self._provider(p) for p in self.providers],
            "power_regions": [self._region(r) for r in range(3)],
            "chips": [self._chip(i) for i in range(len(self.chips))],
            "offers": [
                self._offer(s, i) for s in self.sites for i in range(1 if self.together else self.rng.choice([1, 1, 2]))
            ],
            "markets": [self._market(m) for m in self.markets],
            "demand": self._demand(),
        }
        signed = [offer for offer in tables["offers"] if self.some(0.3)]
        tables["contracts"] = [self._contract(offer) for offer in signed] or None
        tables["chip_supply"] = self._supply() or None
        tables["power_options"] = (
            [self._option(s) for s in self.sites if self.some(0.5)] if self.power else []
        ) or None
        tables["serving"] = self._serving() if self.some(0.35) else None
        families = self.families()
        if self.together or self.cluster.random() < 0.35:
            families["contiguity"] = contiguity(self.cluster, tables["demand"])
        tables["budget"] = self._budget(families["budget"]["basis"]) if "budget" in families else None
        if MONEY <= self.number < HORIZON and "budget" not in families:
            families["budget"] = self._budget_options()
            tables["budget"] = self._budget(families["budget"]["basis"])
        families, tables["financing"] = with_financing(self.number, families, tables, self.providers)
        priced = {
            "unserved": "priced",
            "unserved_price_busd_per_compute_year": self.rng.choice([0.005, 0.02, 0.1, 0.4]),
        }
        objective = priced if self.some(0.1 if self.together else 0.6) else {"unserved": "lexicographic"}
        if self.together and self.some(0.05):
            objective["shortfall"] = "hard"
        objective |= {
            "salvage": self.rng.choice(["none", "straight_line"]),
            "discount_rate_per_year": self.rng.choice([0.0, 0.1]),
        }
        if self.together or (self.number >= LATER and self.some(0.8)):
            tables["programmes"], tables["programme_steps"] = programmes(self.rng, self.sites)
        return make_case(
            with_ramps(self.number, tables),
            families=families,
            objective=objective,
            horizon={"start": self.start, "periods": self.periods, "period_months": self.lengths},
            model={"name": f"rich{self.number}", **self._latency()},
        )

    def _latency(self) -> dict[str, Any]:
        return {"latency": {"route_factor": 1.4, "fibre_km_per_ms": 204.0, "overhead_ms": 2.0}}

    def _site(self, s: str) -> dict[str, Any]:
        row: dict[str, Any] = {
            "site": s, "name": s, "available": not self.some(0.05), "country": COUNTRIES[self.home[s]],
            "power_region": f"r{self.home[s]}", "pue_peak": self.rng.choice([1.2, 1.35, 1.4]), "pue_average": 1.15,
            "latitude_deg": self.amount(30.0, 50.0), "longitude_deg": self.amount(-100.0, 10.0),
            "max_it_mw": self.rng.choice([60.0, 150.0, 400.0]),
            "earliest_date": self.rng.choice(["2026-01-01", "2026-01-01", "2026-01-01", "2026-09-17"]),
        }  # fmt: skip
        if self.opening:
            row |= {
                "opening_cost_busd": self.rng.choice([None, 0.05, 0.3]),
                "fixed_opex_busd_per_year": self.rng.choice([None, 0.02]),
            }
        return row

    def _energisation(self, s: str) -> Rows:
        rows = [
            {"site": s, "date": self.rng.choice(["2025-01-01", "2026-02-15"]), "facility_mw": self.amount(20.0, 250.0)}
        ]
        if self.some(0.5):
            date = self.rng.choice(["2026-12-31", "2027-07-01", "2028-02-29"])
            rows.append({"site": s, "date": date, "facility_mw": rows[0]["facility_mw"] + self.amount(20.0, 200.0)})
        return rows

    def _provider(self, p: str) -> dict[str, Any]:
        row: dict[str, Any] = {"provider": p, "name": p}
        if self.some(0.5):
            row |= {
                "first_year_it_mw": self.rng.choice([25.0, 60.0]),
                "growth_per_year": self.rng.choice([None, 0.5, 1.0]),
            }
        return row

    def _region(self, r: int) -> dict[str, Any]:
        return {
            "power_region": f"r{r}", "name": f"r{r}", "country": COUNTRIES[r],
            "tariff_usd_per_mwh": self.rng.choice([30.0, 60.0, 90.0]),
            "tariff_growth_per_year": self.rng.choice([0.0, 0.03]),
            "carbon_kg_per_mwh": self.rng.choice([20.0, 300.0, 600.0]),
            "firm_facility_mw": self.rng.choice([60.0, 150.0, 1000.0]),
            "added_facility_mw_per_year": self.rng.choice([0.0, 30.0]),
        }  # fmt: skip

    def _chip(self, i: int) -> dict[str, Any]:
        inference = self.rng.choice([0.6, 1.0, 1.6])
        row: dict[str, Any] = {
            "chip": f"c{i}", "name": f"c{i}", "vendor": f"v{i if self.some(0.9) else 0}",
            "power_w_per_accelerator": 1200.0,
            "price_busd_per_gw_it": self.rng.choice([15.0, 22.0, 30.0]),
            "price_growth_per_year": self.rng.choice([0.0, -0.1]),
            "life_years": self.rng.choice([0.9, 1.0, 2.0, 2.5, 5.0]), "first_date": "2025-01-01",
            "inference_compute_per_it_mw": inference,
            "training_compute_per_it_mw": inference * self.rng.choice([0.7, 0.7, 1.2]),
        }  # fmt: skip
        row |= self._realised()
        if i and self.refresh.random() < 0.4:
            row["first_date"] = self.refresh.choice(["2026-06-01", "2026-11-15", "2027-03-01"])
            row["inference_compute_per_it_mw"] = inference = 2.0 * inference
            row["training_compute_per_it_mw"] = inference
        if i and self.some(0.25):
            row["training_compute_per_it_mw"] = None
        if i and self.some(0.15):
            row["price_busd_per_gw_it"] = None
        if i == len(self.chips) - 1 and self.custom:
            cheaper = None if row["price_busd_per_gw_it"] is None else row["price_busd_per_gw_it"] * 0.6
            row |= {"development_cost_busd": self.rng.choice([0.05, 0.2]), "price_busd_per_gw_it": cheaper,
                    "first_date": self.rng.choice(["2025-01-01", "2026-11-15", "2027-03-01"])}  # fmt: skip
        return row

    def _realised(self) -> dict[str, Any]:
        """What a chip realises, drawn apart from everything else: the rest of a case stays as it is without it."""
        rng = self.extra
        row: dict[str, Any] = {}
        if rng.random() < 0.25:
            row["utilisation_of_peak_share"] = rng.choice([0.6, 0.9])
        if rng.random() < 0.2:
            row["failure_loss_share"] = rng.choice([0.03, 0.1])
        if rng.random() < 0.3:
            row |= {
                "first_volume_maturity_share": rng.choice([0.3, 0.7]),
                "maturity_years": rng.choice([0.25, 2.0, 3.3]),
            }
        return row

    def _offer(self, s: str, i: int) -> dict[str, Any]:
        rng = self.rng
        tenure = rng.choice(["build", "shell", "cloud", "cloud"])
        row: dict[str, Any] = {
            "offer": f"{s}_{i}", "name": s, "site": s, "provider": rng.choice(self.providers), "tenure": tenure,
            "roles": rng.choice([("primary", "backup"), ("primary", "backup"), ("primary",), ("backup",)]),
            "chips": tuple(sorted(rng.sample(self.chips, rng.choice([1, len(self.chips), len(self.chips)])))),
            "block_it_mw": rng.choice([12.0, 25.0, 40.0]), "max_blocks": rng.randint(3, 9),
            "first_start": rng.choice(["2026-01-01", "2026-01-01", "2026-06-30"]),
            "lead_months": rng.choice([0.0, 0.0, 0.0, 4.5, 9.0]),
            "term_years": rng.choice(TERMS), "opex_musd_per_mw_year": rng.choice([None, 0.3]),
        }  # fmt: skip
        if self.some(0.15):
            row["min_blocks"] = rng.randint(1, row["max_blocks"])
        if self.some(0.2):
            row["signing_cost_busd"] = rng.choice([0.01, 0.1])
        if self.some(0.1):
            row["last_start"] = "2027-06-15"
        if self.leases.random() < 0.25:
            row["min_blocks_per_start"] = self.leases.randint(2, max(2, row["max_blocks"]))
        row |= self._refresh() if tenure == "cloud" else {}
        return row | (self._built() if tenure == "build" else self._rented(tenure))

    def _refresh(self) -> dict[str, Any]:
        """Whether, from when and at what price chips are refreshed, drawn apart from everything else."""
        if self.refresh.random() >= 0.6:
            return {}
        return {
            "refresh_after_years": self.refresh.choice([0.0, 0.5, 1.0, 1.3]),
            "refresh_price_busd_per_gw_it": self.refresh.choice([0.0, 0.3, 1.5]),
            "term_years": self.refresh.choice([1.5, 2.3, 3.0, 7.77]),
            "chips": tuple(sorted(self.chips)),
        }

    def _built(self) -> dict[str, Any]:
        return {
            "capex_busd_per_gw_it": self.rng.choice([6.0, 11.0]),
            "capex_milestones": self.rng.choice([(1.0,), (0.3, 0.7)]),
        }

    def _rented(self, tenure: str) -> dict[str, Any]:
        rng = self.rng
        row: dict[str, Any] = {
            "rent_musd_per_mw_year": self.amount(1.0, 3.0) if tenure == "shell" else self.amount(6.0, 13.0),
            "rent_growth_per_year": rng.choice([0.0, 0.04]), "take_or_pay_share": rng.choice([1.0, 0.8, 0.4, 0.0]),
        }  # fmt: skip
        if tenure == "shell" and self.some(0.5):
            row |= {"capex_busd_per_gw_it": 1.5, "capex_milestones": (0.5, 0.5)}
        if self.some(0.4):
            row["renewal_rent_musd_per_mw_year"] = row["rent_musd_per_mw_year"] * rng.choice([0.8, 1.1])
        if self.some(0.5):
            row |= {"exit_after_years": rng.choice([0.0, 0.4, 1.0]), "exit_cost_share": rng.choice([0.0, 0.2, 0.6])}
        return row

    def _contract(self, offer: dict[str, Any]) -> dict[str, Any]:
        rng = self.rng
        row: dict[str, Any] = {
            "contract": f"signed_{offer['offer']}", "offer": offer["offer"],
            "role": rng.choice(["primary", "primary", "backup"]),
            "it_mw": rng.choice([10.0, 23.0, 70.2]),
            "start_date": rng.choice(["2024-02-29", "2026-01-01", "2026-08-20"]),
            "end_date": rng.choice(["2027-03-31", "2028-02-29", "2040-01-01"]),
        }  # fmt: skip
        if offer["tenure"] != "build":
            row["rent_musd_per_mw_year"] = self.amount(1.0, 9.0)
        if self.some(0.6):
            row["chip"] = rng.choice(self.chips)
        return row

    def _supply(self) -> Rows:
        limited = [chip for chip in self.chips if self.some(0.35)]
        return [
            {"chip": k, "year": year, "it_mw": self.rng.choice([20.0, 60.0, 120.0])}
            for k in limited
            for year in self.years
        ]

    def _option(self, s: str) -> dict[str, Any]:
        row: dict[str, Any] = {
            "power_option": f"g_{s}", "site": s, "kind": "storage", "max_facility_mw": self.rng.choice([20.0, 80.0]),
            "in_energisation": self.some(0.4), "earliest_date": self.rng.choice(["2026-01-01", "2026-10-10"]),
            "lead_months": self.rng.choice([0.0, 5.0]), "life_years": self.rng.choice([1.5, 10.0]),
            "capex_busd_per_gw": self.rng.choice([0.4, 1.5]),
        }  # fmt: skip
        if self.some(0.65):
            row |= {
                "kind": "generation",
                "fuel_usd_per_mwh": self.rng.choice([15.0, 45.0]),
                "carbon_kg_per_mwh": self.rng.choice([50.0, 450.0]),
            }
        return row

    def _market(self, m: str) -> dict[str, Any]:
        row: dict[str, Any] = {
            "market": m,
            "name": m,
            "single_source": self.some(0.2),
            "latitude_deg": 41.0,
            "longitude_deg": self.amount(-90.0, 0.0),
        }
        if self.some(0.15):
            row["residency"] = self.rng.choice([("US",), ("FR", "US")])
        if self.some(0.25):
            row["latency_limit_ms"] = self.rng.choice([45.0, 70.0])
        return row

    def _demand(self) -> Rows:
        keys = [(m, w) for m in self.markets for w in ("training", "inference") if self.some(0.65)] or [
            (self.markets[0], "inference")
        ]
        growth = self.rng.choice([0.7, 1.0, 1.3])
        size = {key: self.amount(8.0, 45.0) for key in keys}
        return [
            {
                "market": m,
                "workload": w,
                "year": year,
                "compute": 0.0 if self.some(0.04) else round(size[m, w] * growth ** (year - 2026), 3),
            }
            for m, w in keys
            for year in self.years
        ]

    def _serving(self) -> Rows:
        return [
            {"site": s, "market": m, "cost_busd_per_compute_year": self.amount(-0.0005, 0.003)}
            for s in self.sites
            for m in self.markets
            if self.some(0.85)
        ]

    def _budget(self, basis: str) -> Rows:
        level = self.amount(0.1, 1.5) if self.together else self.amount(0.15, 2.5)
        left_out = self.rng.choice([None, None, None, "reference_share", "partner_share"])
        rows: Rows = [
            {"year": year, "cash_limit_busd": round(level * self.rng.choice([0.5, 1.0, 1.5]), 3),
             "cash_burn_busd": round(level * self.rng.choice([0.0, 0.5]), 3), "revenue_busd": self.amount(0.5, 4.0),
             "partner_share": self.rng.choice([0.1, 0.3]), "reference_share": 0.2}
            for year in self.years
        ]  # fmt: skip
        rows = [{column: cell for column, cell in row.items() if column != left_out} for row in rows]
        return with_other_spending(self.number, rows) if basis == "burn" else rows
