"""The money of the two yards by level, what is owed after their horizon, and their unit costs, worked out by hand."""

from typing import Any

from planner.plan.columns_money import COUNTED

Rows = list[dict[str, Any]]

SIGNED: Rows = [
    {
        "contract": "s1", "offer": "ob", "role": "primary", "it_mw": 50.0, "start_date": "2025-07-01",
        "end_date": "2027-07-01", "rent_musd_per_mw_year": 1.5, "chip": "m",
    },
    {
        "contract": "s2", "offer": "ob", "role": "backup", "it_mw": 50.0, "start_date": "2026-01-01",
        "end_date": "2031-01-01", "rent_musd_per_mw_year": 1.0,
    },
]  # fmt: skip
"""The signed contracts: rows of the case. The second brings no chip."""
D1, D2, DE = 1 / 1.1, 1 / 1.331, 1 / 1.4641
"""Discount factors of 2026, of 2027 and of the end of the horizon."""
A26, A27, B26, S1, S2 = (
    {"contract": "oa/primary/2026", "offer": "oa"}, {"contract": "oa/primary/2027", "offer": "oa"},
    {"contract": "ob/backup/2026", "offer": "ob"}, {"contract": "s1", "offer": "ob"},
    {"contract": "s2", "offer": "ob"},
)  # fmt: skip
OA_M, OA_C, OB_M = ({"offer": o, "chip": k} for o, k in (("oa", "m"), ("oa", "c"), ("ob", "m")))
GAS = {"site": "a", "power_option": "gas"}
A_G = {"site": "a", "market": "g"}
PAID: dict[tuple[str, str], list[tuple[str, dict[str, str], float]]] = {
    ("2026", "primary"): [
        ("rent", S1, 0.075),  # 50 MW at 1.5 $M
        ("capex", A26, 1.0),  # 100 MW at 10 $B a GW
        ("chips", OA_M, 3.0),  # 100 MW at 30 $B a GW
        ("opex", A26, 0.01),  # 100 MW at 0.1 $M
        ("energy", OA_M, 0.042048),  # 100 MW x 0.8 x 1.2 = 96 MW; x 8.76 TWh a GW x 50 $
        ("onsite", GAS, 0.02),  # 20 MW at 1 $B a GW, the year before
        ("opening", {"site": "a"}, 0.3),
        ("fixed", {"site": "a"}, 0.1),
        ("fixed", {"site": "b"}, 0.05),
        ("signing", {"offer": "ob"}, 0.2),
        ("serving", A_G, 0.1),
        ("carbon", OA_M, 0.00504576),  # 96 MW x 8760 h x 300 kg = 0.252288 Mt at 20 $
        ("carbon", OB_M, 0.00084096),  # both roles: (50 + 50) x 0.96 = 96 MW x 50 kg
    ],
    ("2027", "primary"): [
        ("rent", S1, 0.0375),  # half a year
        ("capex", A27, 1.0),
        ("chips", OA_C, 0.5),  # 25 MW at 20 $B a GW
        ("opex", A26, 0.01),
        ("opex", A27, 0.01),
        ("energy", OA_M, 0.042048),
        ("energy", OA_C, 0.010512),  # 24 MW
        ("energy", GAS, -0.00876),  # 20 MW made on site
        ("fuel", GAS, 0.005256),  # 20 MW x 8.76 x 30 $
        ("fixed", {"site": "a"}, 0.1),
        ("fixed", {"site": "b"}, 0.05),
        ("development", {"chip": "c"}, 0.5),
        ("serving", A_G, 0.125),  # 125 of compute from a
        ("carbon", OA_M, 0.00504576),
        ("carbon", OA_C, 0.00126144),
        ("carbon", GAS, 0.0003504),  # 20 MW x (400 - 300) kg more than the grid
        ("carbon", OB_M, 0.00063072),  # (25 + 50) x 0.96 = 72 MW
    ],
    # Half of 2 $M on 50 MW, and the other half of it; 50 MW at 1 $M.
    ("2026", "backup"): [("rent", B26, 0.05), ("usage", B26, 0.05), ("rent", S2, 0.05)],
    ("2027", "backup"): [("rent", B26, 0.05), ("usage", B26, 0.05), ("rent", S2, 0.05)],
}
SALVAGE = [
    (A26, 0.8),  # 8 of 10 years of 1.0
    (A27, 0.9),
    (OA_M, 1.5),  # 2 of 4 years of 3.0
    (OA_C, 0.375),
    (GAS, 0.018),
]
NOWHERE = dict.fromkeys(
    ("provider", "site", "offer", "contract", "chip", "vendor", "payee", "power_option", "market",
     "programme"), ""
)  # fmt: skip
OF_OFFER = {
    "oa": {"site": "a", "provider": "p", "tenure": "build"},
    "ob": {"site": "b", "provider": "q", "tenure": "cloud"},
}


PAYEES = {
    "capex": "construction contractor", "opening": "construction contractor", "opex": "site operations",
    "fixed": "site operations", "onsite": "power equipment supplier", "energy": "energy supplier",
    "fuel": "fuel supplier", "serving": "network operator", "carbon": "carbon account",
}  # fmt: skip


def _placed(part: str, item: str, place: dict[str, str]) -> dict[str, str]:
    found = {**NOWHERE, **place}
    if found["offer"]:
        found |= {key: OF_OFFER[found["offer"]][key] for key in ("site", "provider")}
    if item in ("chips", "development", "salvage") and found["chip"]:
        found["vendor"] = f"vendor_{found['chip']}"
    if part == "spend":
        named = found["provider"] if item in ("rent", "usage", "exit", "signing") else found["vendor"]
        found["payee"] = PAYEES.get(item, named)
    return found


def spend() -> Rows:
    """Return every amount at its place."""
    amounts = [
        (period, "spend", item, role, place, busd)
        for (period, role), rows in PAID.items()
        for item, place, busd in rows
    ]
    amounts += [(period, "backup_income", "backup_income", "backup", {}, -0.025) for period in ("2026", "2027")]
    amounts += [("2028", "salvage", "salvage", "primary", place, -busd) for place, busd in SALVAGE]
    factor = {"2026": D1, "2027": D2, "2028": DE}
    return [
        {
            "period": period,
            "year": int(period),
            "part": part,
            "item": item,
            "role": role,
            **_placed(part, item, place),
            "amount_busd": busd,
            "present_value_busd": busd * factor[period],
        }
        for period, part, item, role, place, busd in amounts
    ]


def obligations() -> Rows:
    """Half of 2 $M on 50 MW for three years, as 1 $M on 50; 21 % over 2.5, 3.5 and 4.5 years is 1.1 ** 5, 7, 9."""
    return [
        {
            "year": year,
            "contract": contract,
            "origin": origin,
            "offer": "ob",
            **OF_OFFER["ob"],
            "role": "backup",
            "it_mw": 50.0,
            "in_force_years": 1.0,
            "amount_busd": 0.05,
            "present_value_busd": 0.05 / 1.1**power,
        }
        for year, power in ((2028, 5), (2029, 7), (2030, 9))
        for contract, origin in (("ob/backup/2026", "decided"), ("s2", "signed"))
    ]


CHIPS_OA = 3.0 * D1 + 0.5 * D2 - (1.5 + 0.375) * DE
"""Chips m and c bought at offer oa, less what is left of their lives."""
ENERGY_OA = 0.042048 * D1 + (0.042048 + 0.010512) * D2 + 0.00504576 * D1 + (0.00504576 + 0.00126144) * D2
CONTRACTS = {
    "s1": 0.075 * D1 + 0.0375 * D2,
    "oa/primary/2026": 1.01 * D1 + 0.01 * D2 - 0.8 * DE,
    "oa/primary/2027": 1.01 * D2 - 0.9 * DE,
    "ob/backup/2026": 0.1 * D1 + 0.1 * D2,
    "s2": 0.05 * D1 + 0.05 * D2,
}
OA = CONTRACTS["oa/primary/2026"] + CONTRACTS["oa/primary/2027"] + CHIPS_OA + ENERGY_OA
OB = CONTRACTS["s1"] + CONTRACTS["ob/backup/2026"] + CONTRACTS["s2"] + 0.2 * D1 + 0.00084096 * D1 + 0.00063072 * D2
SITE_A = (
    OA + 0.3 * D1 + 0.1 * D1 + 0.1 * D2 + 0.02 * D1 - 0.018 * DE + (0.005256 - 0.00876 + 0.0003504) * D2
    + 0.1 * D1 + 0.125 * D2
)  # fmt: skip
SITE_B = OB + 0.05 * D1 + 0.05 * D2


def unit_costs(cost_busd: float) -> Rows:
    """Return the unit costs; ``cost_busd`` is the cost of the plan, in which nothing is unserved.

    Level, site, offer, contract, role; cost; IT MW-years, the same discounted, compute-years, compute-years served.
    """
    lines = (
        # m fills all 100 MW in 2026; in 2027 m (100) and c (25 at 2) stand half in each of two contracts of 100 MW
        ("contract", "a", "oa", "oa/primary/2026", "primary", 200, 100 * D1 + 100 * D2, 100 * D1 + 75 * D2),
        ("contract", "a", "oa", "oa/primary/2027", "primary", 100, 100 * D2, 75 * D2),
        ("contract", "b", "ob", "ob/backup/2026", "backup", 100, 50 * D1 + 50 * D2, 50 * D1 + 50 * D2),
        ("contract", "b", "ob", "s2", "backup", 100, 50 * D1 + 50 * D2, 0.0),
        ("contract", "b", "ob", "s1", "primary", 75, 50 * D1 + 25 * D2, 50 * D1 + 25 * D2),
        ("offer", "a", "oa", "", "", 300, 100 * D1 + 200 * D2, 100 * D1 + 150 * D2),
        ("offer", "b", "ob", "", "", 275, 150 * D1 + 125 * D2, 100 * D1 + 75 * D2),
        ("site", "a", "", "", "", 300, 100 * D1 + 200 * D2, 100 * D1 + 150 * D2),
        ("site", "b", "", "", "", 275, 150 * D1 + 125 * D2, 100 * D1 + 75 * D2),
        ("plan", "", "", "", "", 575, 250 * D1 + 325 * D2, 200 * D1 + 225 * D2),
    )
    served = {("site", "a"): 100 * D1 + 125 * D2, ("site", "b"): 25 * D2, ("plan", ""): 100 * D1 + 150 * D2}
    busd = {**CONTRACTS, ("offer", "a"): OA, ("offer", "b"): OB}
    busd |= {("site", "a"): SITE_A, ("site", "b"): SITE_B, ("plan", ""): cost_busd}
    return [_unit(line, busd[line[3] or line[:2]], served.get(line[:2]) if not line[2] else None) for line in lines]


def _unit(line: tuple[Any, ...], busd: float, served: float | None) -> dict[str, Any]:
    level, site, offer, contract, role, mw_years, discounted, compute = line
    own = OF_OFFER.get(offer, {})
    return {
        "level": level,
        "site": site,
        "provider": own.get("provider", ""),
        "offer": offer,
        "tenure": own.get("tenure", ""),
        "contract": contract,
        "role": role,
        "counted": COUNTED[level],
        "present_value_busd": busd,
        "it_mw_years": float(mw_years),
        "discounted_it_mw_years": discounted,
        "discounted_training_compute_years": compute,
        "discounted_inference_compute_years": compute,
        "discounted_served_compute_years": "" if served is None else served,
        "cost_musd_per_it_mw_year": busd * 1e3 / discounted,
        "cost_usd_per_training_compute_year": busd * 1e9 / compute if compute else "",
        "cost_usd_per_inference_compute_year": busd * 1e9 / compute if compute else "",
        "cost_usd_per_served_compute_year": "" if served is None else busd * 1e9 / served,
    }


def calendar() -> Rows:
    """Return the two years."""
    return [
        {
            "period": year,
            "label": year,
            "year": year,
            "start_date": f"{year}-01-01",
            "end_date": f"{year + 1}-01-01",
            "length_years": 1.0,
        }
        for year in (2026, 2027)
    ]


def programme_path() -> Rows:
    """Return what is in force at both yards: 100 and 150, then 200 and 125 IT MW, at a PUE of 1.25."""
    columns = ("it_mw", "at_least_it_mw", "at_most_it_mw", "facility_mw", "at_least_facility_mw", "at_most_facility_mw")
    words = {"programme": "both", "kind": "committed", "undertaken": "yes"}
    none = {"missing_it_mw": 0.0, "missing_facility_mw": 0.0}
    figures = {"2026": (250.0, 200.0, "", 312.5, "", ""), "2027": (325.0, 200.0, 400.0, 406.25, 300.0, 450.0)}
    return [
        {"period": period, **words, **none, **dict(zip(columns, row, strict=True))} for period, row in figures.items()
    ]


PROGRAMMES: dict[str, Rows] = {
    "programmes": [{"programme": "both", "name": "both", "sites": ("a", "b"), "kind": "committed"}],
    "programme_steps": [
        {"programme": "both", "date": "2025-10-01", "at_least_it_mw": 200.0},
        {
            "programme": "both",
            "date": "2026-06-30",
            "at_least_facility_mw": 300.0,
            "at_most_it_mw": 400.0,
            "at_most_facility_mw": 450.0,
        },
    ],
}
"""The programme of both yards: rows of the case."""


def emissions() -> Rows:
    """Return the million tonnes of both years, with their cap."""
    grid = 0.294336  # 2026: 96 MW x 300 kg + 96 MW x 50 kg; 2027: (120 - 20) MW x 300 kg + 72 MW x 50 kg; x 8760 h
    onsite = 0.07008  # 2027: 20 MW x 400 kg x 8760 h
    return [
        {"period": year, "grid_mt": grid, "onsite_mt": mt, "emissions_mt": grid + mt, "cap_mt": 0.37}
        for year, mt in ((2026, 0.0), (2027, onsite))
    ]


CONTIGUITY = {
    "rules": [
        {
            "name": "large",
            "market": "g",
            "workload": "inference",
            "at_least_compute": 20.0,
            "most_campuses": 2,
            "at_least_years": 2.0,
        },
        {"name": "halls", "market": "g", "workload": "inference", "at_least_it_mw": 25.0, "first_year": 2027},
    ]
}
"""Two rules of contiguity, both about all that is served."""


def clusters() -> Rows:
    """Return what serves at the yards: 100 compute at a, then 125 (of 112.5 IT MW) at a and 25 at b."""
    columns = ("period", "rule", "site", "it_mw", "compute", "least_it_mw", "least_compute", "begins")
    lines = (
        ("2026", "large", "a", 100.0, 100.0, "", 20.0, "yes"),
        ("2027", "large", "a", 112.5, 125.0, "", 20.0, "no"),
        ("2027", "large", "b", 25.0, 25.0, "", 20.0, "yes"),
        ("2027", "halls", "a", 112.5, 125.0, 25.0, "", "yes"),
        ("2027", "halls", "b", 25.0, 25.0, 25.0, "", "yes"),
    )
    words = {"market": "g", "workload": "inference"}
    return [{**dict(zip(columns, line, strict=True)), **words} for line in lines]


RULE: dict[str, Any] = {
    "name": "any one site",
    "domain": "site",
    "k": 1,
    "critical_share": 0.625,
    "outage_days": 50.0,
    "pause_days": {"inference": 10.0},
}
"""The redundancy rule: of 0.625, a fifth of the time may be lost, which leaves 0.5."""


def tables_of_rules() -> dict[str, Rows]:
    """Return the tables of programmes, of contiguity and of pauses."""
    shares = {"stated_share": 0.625, "outage_days": 50.0, "pause_days": 10.0, "critical_share": 0.5}
    pauses = [{"rule": "any one site", "market": "g", "workload": "inference", **shares}]
    return {"programme_path": programme_path(), "clusters": clusters(), "critical_shares": pauses}
