"""Infeasible cases whose cause is when things are there: on-site power, mature chips, buildings, what is signed."""

from collections.abc import Iterator

from tests.explain.planted import HARD, NO_RULES, Changes, Plant, _contract
from tests.explain.planted_families import NONE, SITES, TWO_YEARS, _option, _plant, _rule, _set

FINE = ("offers.block_it_mw=1", "offers.max_blocks=200")
"""Blocks so small that whole ones are no matter."""


def _options(mw: float, **cells: object) -> list[dict[str, object]]:
    """Return an on-site power option at each site, with some cells of its own, that adds to the power of the site."""
    options = [_option(site, mw) for site in SITES]
    for option in options:
        option["row"] = {**option["row"], "in_energisation": "no", **cells}  # type: ignore[dict-item]
    return options


def _of_options(n: int) -> Iterator[Plant]:
    """On-site power that comes too late, takes too long, or does not last."""
    little = (*NO_RULES, *FINE, f"energisation.facility_mw={5 + n}")
    grid = (*NO_RULES, *FINE, f"power_regions.firm_facility_mw={5 + n}")
    ends = (*TWO_YEARS, "model.families.budget.carry_over=false", "budget[2027].cash_limit_busd=2.42")
    demand = ("demand[*,*,2027].compute=50", "offers.rent_musd_per_mw_year=10")
    late, slow, brief = {"earliest_date": f"2026-{n + 8:02d}-01"}, {"lead_months": 6 + n}, {"life_years": 1}
    yield _plant(
        f"on-site power too late {n}", (*little, *_options(60, **late)), "energised demand onsite_earliest_date"
    )
    yield _plant(
        f"on-site power takes too long {n}", (*little, *_options(60, **slow)), "energised demand onsite_lead_months"
    )
    yield _plant(
        f"on-site power too late for the grid {n}", (*grid, *_options(60, **late)), "region demand onsite_earliest_date"
    )
    yield _plant(
        f"on-site power does not last {n}", (*little, *ends, *demand, *_options(60, capex_busd_per_gw=20, **brief)),
        "energised cash demand onsite_life_years",
    )  # fmt: skip


def _maturing(years: float, share: float, first: str) -> Changes:
    cells = {"maturity_years": years, "first_volume_maturity_share": share, "first_date": first}
    return [{"op": "set", "table": "chips", "column": column, "value": value} for column, value in cells.items()]


def _of_maturity(n: int) -> Iterator[Plant]:
    """Chips that are not mature yet, and chips that are, where nothing else can begin in time."""
    room = (*NO_RULES, *FINE, f"sites.max_it_mw={50 + n}")
    early = (*TWO_YEARS, *room, *_maturing(2.0, 0.1, "2024-07-01"), "demand.compute=40", f"offers.lead_months={6 + n}")
    yield _plant(f"chips not mature {n}", (*room, *_maturing(2.0, 0.2, "2025-12-01")), "site demand maturity")
    yield _plant(f"lead time of mature chips {n}", tuple(early), "dates demand")


def _own(**cells: object) -> Changes:
    """Return the changes that make every offer a building of one's own."""
    values = {
        "tenure": "build", "rent_musd_per_mw_year": "", "rent_growth_per_year": "", "take_or_pay_share": "",
        "capex_busd_per_gw_it": 5.0, "capex_milestones": "0.5;0.5", "term_years": 20, **cells,
    }  # fmt: skip
    return [{"op": "set", "table": "chips", "column": "price_busd_per_gw_it", "value": 1.0}] + [
        {"op": "set", "table": "offers", "column": column, "value": value} for column, value in values.items()
    ]


def _of_buildings(n: int) -> Iterator[Plant]:
    """Buildings of one's own: how long they take, when they can begin, how long they last, when they are paid."""
    bare = (*NO_RULES, *FINE)
    two = (*TWO_YEARS, *bare, "model.families.budget.carry_over=false")
    waits = ("offers.first_start=2027-01-01", "demand[*,*,2026].compute=0", "demand[*,*,2027].compute=50")
    brief = _own(term_years=1, last_start=f"2026-0{n + 1}-01")
    yield _plant(f"building takes too long {n}", (*bare, *_own(lead_months=6 + n)), "dates demand")
    yield _plant(f"building in a later year {n}", (*bare, *_own(first_start=f"2027-0{n + 1}-01")), "dates demand")
    yield _plant(
        f"site in a later year {n}", (*bare, *_own(), f"sites.earliest_date=2026-{n + 8:02d}-01"), "dates demand"
    )
    yield _plant(f"building does not last {n}", (*TWO_YEARS, *bare, *brief), "term dates demand")
    yield _plant(
        f"building is paid too late {n}",
        (*two, *_own(lead_months=18 + n), *waits, "budget[2027].cash_limit_busd=0.3", "sites.opening_cost_busd="),
        "dates demand",
    )  # fmt: skip


def _of_exclusion(n: int) -> Iterator[Plant]:
    """Redundancy beside what keeps sites from being used together: numbers of sites, shares, one source."""
    one = f"sites.max_it_mw={180 + n}"
    source = ("markets[users].single_source=yes", f"sites.max_it_mw={65 + n}", "sites[south].available=no")
    shares = _set("families.diversity.rules", [{"domain": "provider", "largest_share": 0.5}])
    yield _plant(
        f"exactly one site and its loss {n}", ("model.families.site_opening.open_exactly=1", one), "count redundancy"
    )
    yield _plant(f"one source and the loss of a site {n}", source, "redundancy site")
    yield _plant(
        f"two providers, one of them lost {n}",
        (_rule("any one provider", "provider", 0.9), shares, f"sites.max_it_mw={80 + n}"), "redundancy",
    )  # fmt: skip
    exact = ("model.families.site_opening.open_exactly=1", f"sites.max_it_mw={80 + n}", "sites.opening_cost_busd=0.3")
    money = ("budget[2026].cash_limit_busd=1.9", *NO_RULES)
    yield _plant(f"exactly one site, money for two {n}", (*exact, *money), "count site")
    held = (*HARD, _contract(60.0 + n, 1.0), "model.families.site_opening.open_exactly=0")
    yield _plant(f"signed at a site that is not to open {n}", held, "count signed", NONE)


def _of_agreed(n: int) -> Iterator[Plant]:
    """A signed contract that ends too early, and for which there is no money a year later."""
    halves = ("model.horizon.period_months=6", "model.horizon.periods=4", "model.families.budget.carry_over=false")
    held = (_contract(200.0, 10.0 + n), "contracts[held].end_date=2026-07-01", "offers.max_blocks=0")
    later = ("demand[*,*,2027].compute=0", "budget[2027].cash_limit_busd=0.2")
    yield _plant(f"signed ends, and is too dear later {n}", (*NO_RULES, *halves, *held, *later), "ends blocks demand")


def dates(number: int) -> list[Plant]:
    """Return every planted cause of this module in so many sizes."""
    makers = (_of_options, _of_maturity, _of_buildings, _of_exclusion, _of_agreed)
    return [plant for n in range(number) for maker in makers for plant in maker(n)]
