"""Random small cases with redundancy rules of every kind; the same number gives the same case on every machine."""

from random import Random
from typing import Any

from planner.case.case import CaseData
from planner.errors import CaseError
from tests.cases import make_case

KINDS = ("site", "provider", "power_region", "country", "chip_vendor", "sites")
ROLES = (("primary", "backup"), ("primary", "backup"), ("primary",), ("backup",))
SHARES = (0.1, 0.2, 0.3, 0.5, 0.8, 1.0)


def random_case(number: int) -> CaseData:
    """A case of 3 to 6 sites, 2 or 3 providers and chips, 2 to 4 markets, 2 or 3 periods, one or two rules.

    The kind of the first rule goes through all kinds in turn. Draws that are no sound case (a demand that nobody can
    serve) are thrown away.
    """
    for draw in range(100):
        try:
            return _draw(number, Random(1000 * number + draw))
        except CaseError:
            continue
    raise AssertionError(f"no sound case in a hundred draws of {number}")


def _draw(number: int, rng: Random) -> CaseData:
    sites = [f"s{i}" for i in range(rng.randint(3, 6))]
    providers = [f"p{i}" for i in range(rng.randint(2, 3))]
    chips = [f"c{i}" for i in range(rng.randint(2, 3))]
    markets = [f"m{i}" for i in range(rng.randint(2, 4))]
    years = range(2026, 2026 + rng.randint(2, 3))
    home = {site: rng.randrange(3) for site in sites}
    tables: dict[str, Any] = {
        "sites": [_site(site, home[site]) for site in sites],
        "energisation": [{"site": site, "date": "2026-01-01", "facility_mw": 1000.0} for site in sites],
        "providers": [{"provider": provider, "name": provider} for provider in providers],
        "power_regions": [_region(r) for r in range(3)],
        "chips": _chips(rng, chips),
        "offers": [offer for site in sites for offer in _offers(rng, site, providers, chips)],
        "markets": [{"market": market, "name": market, "single_source": False} for market in markets],
        "demand": _demand(rng, markets, years),
        "serving": _serving(rng, sites, markets),
    }
    signed = [offer for offer in tables["offers"] if rng.random() < 0.15]
    if signed:
        tables["contracts"] = [_contract(rng, offer) for offer in signed]
    rules = [_rule(rng, KINDS[number % len(KINDS)], 0, sites, markets, years)]
    if rng.random() < 0.4:
        rules.append(_rule(rng, rng.choice(KINDS), 1, sites, markets, years))
    priced = {"unserved": "priced", "unserved_price_busd_per_compute_year": rng.choice([0.002, 0.02, 0.2])}
    return make_case(
        tables,
        families={"redundancy": {"rules": rules}},
        objective=priced if rng.random() < 0.7 else {"unserved": "lexicographic"},
        horizon={"periods": len(years)},
        model={"name": f"random{number}"},
    )


def _site(site: str, home: int) -> dict[str, Any]:
    return {
        "site": site, "name": site, "available": True, "country": ("US", "US", "FR")[home], "power_region": f"r{home}",
        "pue_peak": 1.25, "pue_average": 1.2, "max_it_mw": 500.0, "earliest_date": "2026-01-01",
    }  # fmt: skip


def _region(number: int) -> dict[str, Any]:
    return {
        "power_region": f"r{number}", "name": f"r{number}", "country": ("US", "US", "FR")[number],
        "tariff_usd_per_mwh": 50.0, "tariff_growth_per_year": 0.0, "carbon_kg_per_mwh": 300.0,
        "firm_facility_mw": 5000.0, "added_facility_mw_per_year": 0.0,
    }  # fmt: skip


def _chips(rng: Random, chips: list[str]) -> list[dict[str, Any]]:
    """Half the time chips agree on the ratio of training to inference; some only infer."""
    agree = rng.random() < 0.5
    rows = []
    for number, chip in enumerate(chips):
        inference = rng.choice([0.5, 1.0, 1.7])
        training: float | None = inference * 0.8 if agree else rng.choice([0.4, 0.9, 1.5])
        if number and rng.random() < 0.25:
            training = None
        rows.append({
            "chip": chip, "name": chip, "vendor": f"v{number if rng.random() < 0.7 else 0}",
            "power_w_per_accelerator": 1500.0, "price_busd_per_gw_it": rng.choice([20.0, 27.0, 34.0]),
            "price_growth_per_year": -0.05, "life_years": rng.choice([1.0, 2.0, 5.0]), "first_date": "2025-01-01",
            "training_compute_per_it_mw": training, "inference_compute_per_it_mw": inference,
        })  # fmt: skip
    return rows


def _offers(rng: Random, site: str, providers: list[str], chips: list[str]) -> list[dict[str, Any]]:
    rows = []
    for number in range(rng.choice([1, 1, 2])):
        tenure = rng.choice(["build", "shell", "cloud"])
        row: dict[str, Any] = {
            "offer": f"{site}_{number}", "name": site, "site": site, "provider": rng.choice(providers),
            "tenure": tenure, "roles": rng.choice(ROLES),
            "chips": tuple(sorted(rng.sample(chips, rng.choice([1, len(chips), len(chips)])))),
            "block_it_mw": rng.choice([20.0, 35.0, 60.0]), "max_blocks": rng.randint(3, 8),
            "first_start": "2027-01-01" if rng.random() < 0.15 else "2026-01-01", "lead_months": 0.0,
            "term_years": rng.choice([1.0, 2.0, 10.0]), "opex_musd_per_mw_year": rng.choice([0.1, 0.4]),
        }  # fmt: skip
        if tenure == "build":
            row |= {"capex_busd_per_gw_it": rng.choice([9.0, 12.0]), "capex_milestones": (1.0,)}
        else:
            rent = rng.uniform(1.0, 3.0) if tenure == "shell" else rng.uniform(8.0, 13.0)
            row |= {"rent_musd_per_mw_year": round(rent, 2), "rent_growth_per_year": 0.0, "take_or_pay_share": 0.8}
        rows.append(row)
    return rows


def _contract(rng: Random, offer: dict[str, Any]) -> dict[str, Any]:
    row = {
        "contract": f"signed_{offer['offer']}", "offer": offer["offer"], "role": offer["roles"][0], "it_mw": 30.0,
        "start_date": "2025-01-01", "end_date": rng.choice(["2027-07-01", "2040-01-01"]),
    }  # fmt: skip
    if offer["tenure"] != "build":
        row["rent_musd_per_mw_year"] = 5.0
    if rng.random() < 0.7:
        row["chip"] = offer["chips"][0]
    return row


def _demand(rng: Random, markets: list[str], years: range) -> list[dict[str, Any]]:
    wanted = [(market, workload) for market in markets for workload in ("training", "inference") if rng.random() < 0.7]
    wanted = wanted or [(markets[0], "inference")]
    size = {key: rng.uniform(5.0, 30.0) for key in wanted}
    growth = rng.uniform(1.0, 1.5)
    return [
        {"market": m, "workload": w, "year": year, "compute": round(size[m, w] * growth ** (year - 2026), 3)}
        for m, w in wanted
        for year in years
    ]


def _serving(rng: Random, sites: list[str], markets: list[str]) -> list[dict[str, Any]]:
    return [
        {"site": site, "market": market, "cost_busd_per_compute_year": round(rng.uniform(0.0, 0.002), 6)}
        for site in sites
        for market in markets
        if rng.random() < 0.85
    ]


def _rule(rng: Random, kind: str, number: int, sites: list[str], markets: list[str], years: range) -> dict[str, Any]:
    share: Any = rng.choice(SHARES)
    if rng.random() < 0.4:
        share = {"training": rng.choice((0.0, *SHARES)), "inference": rng.choice(SHARES)}
    two = rng.random() < (0.4 if kind in ("site", "provider", "power_region") else 0.1)
    rule: dict[str, Any] = {"name": f"rule {number}", "domain": kind, "k": 1 + two, "critical_share": share}
    if kind == "sites":
        rule["sites"] = tuple(sorted(rng.sample(sites, rng.randint(1, 2))))
        rule["k"] = 1
    if rng.random() < 0.3:
        rule["overrides"] = [{"market": rng.choice(markets), "workload": "inference", "share": rng.choice(SHARES)}]
    if rng.random() < 0.3:
        rule["first_year"] = years[-1]
    elif rng.random() < 0.2:
        rule["last_year"] = years[0]
    return rule
