"""The tables of the case: each function returns the rows of one CSV file, in its order of columns."""

from collections.abc import Iterable

from sources.us_campuses.data import ASSUMPTION, ATLAS, DECIDED, Assumptions, Row, by_key, facts, number
from sources.us_campuses.places import Place

GRADES = {"confirmed": "B", "reported": "B", "rumored": "C"}
"""Of an announced size, by how sure the atlas is: a page quoting filings, permits or press was seen, not these."""
JUPITER = "project_jupiter_fuel_cells"
ENDS = ("", "_low", "_high")


def _sourced(source: str, as_of: str, grade: str, notes: str) -> Row:
    return {"source": source, "as_of": as_of, "grade": grade, "notes": notes}


ASSUMED = {
    "sites": ("pue_peak", "pue_average", "max_it_mw", "opening_cost_busd", "fixed_opex_busd_per_year"),
    "providers": ("growth_per_year",),
    "chips": ("price_growth_per_year", "training_compute_per_it_mw", "inference_compute_per_it_mw"),
    "offers": (
        "block_it_mw", "max_blocks", "first_start", "last_start", "lead_months", "term_years", "rent_growth_per_year",
        "take_or_pay_share", "opex_musd_per_mw_year",
    ),
}  # fmt: skip
"""The columns that are assumed whatever the source of the row says."""


def graded(table: str, rows: list[Row]) -> list[Row]:
    """Return a table in which the assumed columns of rows of a better grade have grade D."""
    return [row | {"grade": _grades(row, ASSUMED.get(table, ()))} for row in rows]


def _grades(row: Row, assumed: Iterable[str]) -> str:
    own = [] if row["grade"] == "D" else [f"{column}=D" for column in assumed if row[column]]
    return "; ".join([row["grade"], *own])


def sites(places: Iterable[Place], assumptions: Assumptions) -> list[Row]:
    """Return the table of sites, with columns of our own for what the atlas says."""
    return [_site(one, assumptions["opening"]) for one in places]


def _site(one: Place, opening: Assumptions) -> Row:
    campus, kind = one.campus, one.kind
    pue_peak = float(kind["pue_peak"])
    left_out = "" if one.offered else f"not on offer: {campus.left_out or 'less than the smallest signing'}; "
    return {
        "site": campus.key,
        "name": campus.name,
        "available": "yes" if one.offered else "no",
        "country": "US",
        "power_region": campus.utility,
        "latitude_deg": campus.latitude_deg,
        "longitude_deg": campus.longitude_deg,
        "pue_peak": number(pue_peak),
        "pue_average": number(float(one.region["pue_average"]) * float(kind["pue_average_factor"]), 3),
        "max_it_mw": number(campus.facility_mw / pue_peak, 3),
        "earliest_date": one.schedule.steps[0][0].isoformat(),
        "opening_cost_busd": number(opening["cost_busd"]),
        "fixed_opex_busd_per_year": number(opening["fixed_opex_busd_per_year"]),
        "x_state": campus.state,
        "x_status": campus.status,
        "x_operator": campus.operator,
        "x_announced_facility_mw": number(campus.facility_mw),
        "x_running_facility_mw": number(one.running_facility_mw),
        **_sourced(
            f"{ATLAS}, record {campus.key}, citing {campus.source_url} | {ASSUMPTION}",
            campus.as_of,
            GRADES[campus.confidence],
            f"{left_out}announced MW taken as facility MW (D); {campus.status}, {campus.confidence}; PUE of a "
            f"{kind['name']} and of the region (D); opening and fixed cost (D)",
        ),
    }


def energisation(places: Iterable[Place]) -> list[Row]:
    """Return the dated steps of facility MW."""
    return [
        {
            "site": one.campus.key,
            "date": day.isoformat(),
            "facility_mw": number(facility_mw),
            **_sourced(f"{ATLAS} | {ASSUMPTION}", one.campus.as_of, "D", one.schedule.reason),
        }
        for one in places
        for day, facility_mw in one.schedule.steps
    ]


def providers(places: Iterable[Place]) -> list[Row]:
    """Return the sellers, one row each."""
    found = {one.campus.seller.provider: one for one in places}
    return [
        {
            "provider": key,
            "name": one.campus.seller.name,
            **{f"first_year_it_mw{end}": one.kind[f"first_year_it_mw{end}"] for end in ENDS},
            "growth_per_year": "0.25",
            **_sourced(
                one.kind["source"],
                one.kind["as_of"],
                one.kind["grade"],
                f"{one.kind['name']}; growth on top of the yearly limit (D)",
            ),
        }
        for key, one in sorted(found.items())
    ]


def power_regions(places: Iterable[Place], assumptions: Assumptions) -> list[Row]:
    """Return the utilities, with the mean tariff of the states in which their campuses stand."""
    by_utility: dict[str, list[Place]] = {}
    for one in places:
        by_utility.setdefault(one.campus.utility, []).append(one)
    return [_utility(key, by_utility[key], assumptions["power"]) for key in sorted(by_utility)]


def _utility(key: str, places: list[Place], rules: Assumptions) -> Row:
    largest = max(places, key=lambda one: one.campus.facility_mw)
    tariff, sources, note = _tariff(places)
    grid = largest.region
    if key == JUPITER:
        tariff, sources, note = rules["jupiter_tariff_usd_per_mwh"], [], "cost of the fuel cells (D)"
        grid = by_key("regions.csv", "region")["nm_offgrid"]
    sources = [*sources, grid["source"]]
    return {
        "power_region": key,
        "name": largest.campus.utility_name,
        "country": "US",
        "tariff_usd_per_mwh": number(tariff, 1),
        "tariff_growth_per_year": number(rules["tariff_growth_per_year"]),
        "carbon_kg_per_mwh": grid["carbon_kg_per_mwh"],
        "firm_facility_mw": number(sum(one.running_facility_mw for one in places)),
        **{f"added_facility_mw_per_year{end}": grid[f"new_firm_mw_per_year{end}"] for end in ENDS},
        **_sourced(
            " | ".join(sources if ASSUMPTION in grid["source"] else [*sources, ASSUMPTION]),
            grid["as_of"],
            "D",
            f"{note}; firm MW at the start: energised at its campuses by then; firm MW a year for one buyer and "
            f"carbon: {grid['name']} (D)",
        ),
    }


def _tariff(places: list[Place]) -> tuple[float, list[str], str]:
    """Return the mean industrial price over the campuses of a utility in USD per MWh, where it is from, and a note."""
    whole = sum(one.campus.facility_mw for one in places)
    cents = sum(one.campus.facility_mw * float(one.state["industrial_cents_per_kwh_2023"]) for one in places) / whole
    states = ", ".join(sorted({one.campus.state for one in places}))
    note = f"tariff: industrial price of 2023 in {states} taken as that of 2027 (D)"
    return 10 * cents, sorted({one.state["source"] for one in places}), note


def offers(places: Iterable[Place], assumptions: Assumptions) -> list[Row]:
    """Return the offers: of each seller's kind, every line of terms.csv."""
    return [_offer(one, terms, assumptions["offers"]) for one in places for terms in one.terms]


def _offer(one: Place, terms: Row, rules: Assumptions) -> Row:
    campus = one.campus
    return {
        "offer": f"{campus.key}_{terms['suffix']}",
        "name": f"{campus.seller.name}, {campus.name}, {terms['name']}",
        "site": campus.key,
        "provider": campus.seller.provider,
        "tenure": one.kind["tenure"],
        "roles": "primary",
        "chips": terms["chips"],
        "block_it_mw": number(one.block_it_mw),
        "max_blocks": str(one.max_blocks),
        "first_start": terms["first_start"],
        "last_start": terms["last_start"],
        "lead_months": str(rules["lead_months"]),
        "term_years": terms["term_years"],
        **{f"rent_musd_per_mw_year{end}": terms[f"rent{end}"] for end in ENDS},
        "rent_growth_per_year": "0",
        "take_or_pay_share": terms["take_or_pay_share"],
        **{f"opex_musd_per_mw_year{end}": terms[f"opex{end}"] for end in ENDS},
        **_sourced(
            terms["source"],
            terms["as_of"],
            terms["grade"],
            f"{terms['notes']}; blocks, lead time and {number(one.on_offer_it_mw, 0)} IT MW on offer to one buyer (D)",
        ),
    }


def markets() -> list[Row]:
    """Return where users are."""
    point = ("market", "name", "latitude_deg", "longitude_deg", "latency_limit_ms")
    return [
        {
            **{column: row[column] for column in point},
            "residency": "US",
            "single_source": "no",
            **_sourced(row["source"], row["as_of"], row["grade"], row["notes"]),
        }
        for row in facts("markets.csv")
    ]


def demand(assumptions: Assumptions) -> list[Row]:
    """Return the growth of the buyer's path beyond the base year, as compute, by market, workload and year."""
    rows = []
    for market in facts("markets.csv"):
        workload = "inference" if market["share"] else "training"
        path = {int(row["year"]): row for row in facts("demand_path.csv") if row["workload"] == workload}
        rows += [_demand(market, row, path, assumptions["demand"]) for _, row in sorted(path.items())]
    return rows


def _demand(market: Row, row: Row, path: dict[int, Row], rules: Assumptions) -> Row:
    share, rate = float(market["share"] or 1), rules["compute_per_it_mw"].get(row["year"], 0.0)
    level, base = float(row["facility_gw"]), float(path[rules["base_year"]]["facility_gw"])
    grown = share * 1000 / rules["facility_mw_per_it_mw"] * rate * (level - base)
    return {
        "market": market["market"],
        "workload": row["workload"],
        "year": row["year"],
        **{f"compute{end}": number(grown * float(row[f"facility_gw{end}"]) / level, 1) for end in ENDS},
        **_sourced(
            f"{row['source']} | {ASSUMPTION}",
            max(row["as_of"], DECIDED),
            "D",
            f"{number(share)} of the growth of {row['workload']} beyond {rules['base_year']} in facility GW, at "
            f"{rules['facility_mw_per_it_mw']} facility MW per IT MW and {number(rate)} thousand H100e per IT MW",
        ),
    }
