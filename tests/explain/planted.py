"""Infeasible cases with a planted cause: a small case that can be met, and limits that cannot be kept beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from planner.case.case import CaseData
from planner.case.read import read_case
from planner.changes.apply import apply_changes

Changes = list[object]
ROOMY: Changes = [
    "model.horizon.periods=1",
    "model.families.backup_income=",
    "budget[2026].cash_limit_busd=100",
    "budget[2027].cash_limit_busd=100",
]
"""One year of three sites with money enough: everything can be met."""
NO_RULES: Changes = ["model.families.redundancy="]
HARD: Changes = ['model.objective.shortfall="hard"']
DAY = {"source": "assumed", "as_of": "2026-01-01", "grade": "D"}


@dataclass(frozen=True)
class Plant:
    """A planted cause: what is changed, and the kinds of limits that must be in the conflict."""

    name: str
    changes: tuple[object, ...]
    kinds: frozenset[str]
    verdict: str = "short"
    divisible: bool = True

    def case(self) -> CaseData:
        """The case with its cause."""
        return apply_changes(roomy(), list(self.changes))


@cache
def roomy() -> CaseData:
    """The case that can be met."""
    return apply_changes(read_case("three_sites"), ROOMY)


def _row(table: str, **cells: object) -> dict[str, object]:
    return {"op": "add", "table": table, "row": {**cells, **DAY}}


def _contract(it_mw: float, rent: float) -> dict[str, object]:
    return _row(
        "contracts", contract="held", offer="north_cloud", role="primary", it_mw=it_mw, start_date="2025-01-01",
        end_date="2028-01-01", rent_musd_per_mw_year=rent, chip="standard",
    )  # fmt: skip


def _programme(facility_mw: float) -> Changes:
    return [
        _row("programmes", programme="promise", name="Promise", sites="north;east", kind="committed"),
        _row("programme_steps", programme="promise", date="2026-01-01", at_least_facility_mw=facility_mw),
    ]


def _cluster(it_mw: float) -> Changes:
    rule = {"name": "hall", "market": "research", "workload": "training", "at_least_it_mw": it_mw, "most_campuses": 1}
    return [{"op": "set", "model": "families.contiguity.rules", "value": [rule]}]


def _forced(blocks: int, offer: str = "north_cloud") -> dict[str, object]:
    return {"op": "force", "offer": offer, "by": 2026, "blocks": blocks}


def _of_whole(n: int) -> Iterator[Plant]:
    """Causes for which no plan meets everything; demand of 100 in the year, 80 to be kept after the loss of a site."""
    yield Plant(f"cash {n}", (f"budget[2026].cash_limit_busd={0.3 + 0.1 * n}",), frozenset({"cash"}))
    yield Plant(
        f"envelope {n}", (f"model.families.budget.primary_envelope_busd={0.3 + 0.1 * n}",), frozenset({"envelope"})
    )
    yield Plant(f"room {n}", (f"sites.max_it_mw={20 + 5 * n}",), frozenset({"site"}))
    yield Plant(f"power {n}", (f"energisation.facility_mw={25 + 5 * n}",), frozenset({"energised"}))
    yield Plant(f"grid {n}", (f"power_regions.firm_facility_mw={25 + 5 * n}",), frozenset({"region"}))
    supply = tuple(_row("chip_supply", chip="standard", year=year, it_mw=60.0 + 10 * n) for year in (2026,))
    yield Plant(f"chips {n}", supply, frozenset({"supply"}))
    yield Plant(f"blocks {n}", ("offers.max_blocks=1", f"offers.block_it_mw={20 + n}"), frozenset({"blocks", "demand"}))
    yield Plant(f"count {n}", ("model.families.site_opening.open_at_most=1", f"sites.max_it_mw={180 + n}"),
                frozenset({"count", "redundancy"}))  # fmt: skip
    yield Plant(
        f"growth {n}",
        ("model.families.integration={}", f"providers.first_year_it_mw={10 + 5 * n}"),
        frozenset({"growth"}),
    )
    yield Plant(f"carbon {n}", (f"model.families.carbon.cap_mt_per_year={0.05 * (n + 1)}",), frozenset({"carbon"}))
    yield Plant(
        f"provider {n}",
        ("model.families.diversity.rules=[{domain=\"provider\",largest_share=0.5}]",
         f"offers[east_cloud].max_blocks={n}"),
        frozenset({"diversity"}),
    )  # fmt: skip
    yield Plant(
        f"one source {n}", ("markets[users].single_source=yes", f"sites.max_it_mw={40 + 3 * n}", *NO_RULES),
        frozenset({"single_source"}),
    )  # fmt: skip
    yield Plant(
        f"cluster {n}", (*_cluster(30.0 + n), "sites.max_it_mw=40", *NO_RULES, f"demand.compute={45 + n}"),
        frozenset({"cluster"}),
    )  # fmt: skip
    yield Plant(
        f"country {n}",
        ("markets[users].residency=DE", "sites[north].country=DE", "power_regions[grid_north].country=DE",
         f"sites[north].max_it_mw={30 + n}", *NO_RULES),
        frozenset({"residency"}),
    )  # fmt: skip
    yield Plant(f"dates {n}", (f"offers.first_start=2027-0{n + 1}-01", *NO_RULES), frozenset({"dates"}))
    yield Plant(
        f"rule {n}", (f"sites.max_it_mw={60 + n}", "sites[south].available=no"), frozenset({"redundancy", "site"})
    )
    yield Plant(f"demand {n}", (f"demand.compute={310 + 30 * n}",), frozenset({"demand"}))
    yield Plant(
        f"whole blocks {n}", (f"sites.max_it_mw={50 + n}", *NO_RULES, f"demand.compute={65 + n}"),
        frozenset({"site", "demand"}), divisible=False,
    )  # fmt: skip


def _of_hard(n: int) -> Iterator[Plant]:
    """Causes for which there is no plan at all."""
    forced = (*HARD, _forced(4 + n))
    none = "infeasible"
    yield Plant(
        f"forced and cash {n}",
        (*forced, f"budget[2026].cash_limit_busd={0.1 * n}"),
        frozenset({"forced", "cash"}),
        none,
    )
    yield Plant(f"forced and room {n}", (*forced, "sites[north].max_it_mw=50"), frozenset({"forced", "site"}), none)
    yield Plant(
        f"forced and power {n}",
        (*forced, "energisation[north,*].facility_mw=60"),
        frozenset({"forced", "energised"}),
        none,
    )
    yield Plant(
        f"forced and date {n}", (*forced, f"offers[north_cloud].first_start=2026-{n + 7:02d}-02"),
        frozenset({"forced"}), none,
    )  # fmt: skip
    yield Plant(
        f"forced and count {n}", (*forced, "model.families.site_opening.open_at_most=0"),
        frozenset({"forced", "count"}), none,
    )  # fmt: skip
    yield Plant(
        f"promise and grid {n}",
        (*HARD, *_programme(300.0 + 10 * n), "power_regions.firm_facility_mw=120"),
        frozenset({"programme", "region"}), none,
    )  # fmt: skip
    yield Plant(
        f"promise and cash {n}", (*HARD, *_programme(200.0 + 10 * n), "budget[2026].cash_limit_busd=0.5"),
        frozenset({"programme", "cash"}), none,
    )  # fmt: skip
    yield Plant(
        f"signed and cash {n}", (*HARD, _contract(100.0, 10.0 + n), "budget[2026].cash_limit_busd=0.5"),
        frozenset({"cash", "signed"}), none,
    )  # fmt: skip
    yield Plant(
        f"signed and carbon {n}", (*HARD, _contract(100.0 + 10 * n, 1.0), "model.families.carbon.cap_mt_per_year=0.1"),
        frozenset({"carbon", "signed"}), none,
    )  # fmt: skip
    yield Plant(
        f"open and money {n}",
        (*HARD, "model.families.site_opening.open_exactly=3", f"budget[2026].cash_limit_busd={0.02 * n}"),
        frozenset({"count", "cash"}), none,
    )  # fmt: skip
    yield Plant(
        f"three at once {n}",
        (*HARD, *_programme(200.0), _forced(4 + n), "sites[north].max_it_mw=50", "budget[2026].cash_limit_busd=0.2"),
        frozenset({"forced"}), none,
    )  # fmt: skip
    yield Plant(
        f"forced in whole blocks {n}",
        (*HARD, f"offers[north_cloud].block_it_mw={30 + n}", "sites[north].max_it_mw=50",
         {"op": "force", "offer": "north_cloud", "by": 2026, "blocks": 2}),
        frozenset({"forced", "site"}), none,
    )  # fmt: skip
    yield from _of_agreed(n)


def _of_agreed(n: int) -> Iterator[Plant]:
    """Causes for which there is no plan at all, with what is agreed: smallest numbers of blocks, programmes, supply."""
    forced, none = (*HARD, _forced(4 + n)), "infeasible"
    few = (*HARD, {"op": "force", "offer": "north_cloud", "by": 2026, "blocks": 1}, f"sites[north].max_it_mw={30 + n}")
    yield Plant(
        f"commitment, forced and room {n}", (*few, "offers[north_cloud].min_blocks=4"),
        frozenset({"commitment", "forced", "site"}), none,
    )  # fmt: skip
    yield Plant(
        f"signing, forced and room {n}", (*few, "offers[north_cloud].min_blocks_per_start=4"),
        frozenset({"signing", "forced", "site"}), none,
    )  # fmt: skip
    cap = [
        _row("programmes", programme="promise", name="Promise", sites="north;east", kind="committed"),
        _row("programme_steps", programme="promise", date="2026-01-01", at_most_facility_mw=20.0 + n),
    ]
    yield Plant(
        f"promise and power {n}", (*HARD, *_programme(250.0 + 10 * n), "energisation.facility_mw=60"),
        frozenset({"programme", "energised"}), none,
    )  # fmt: skip
    yield Plant(
        f"forced and chips {n}", (*HARD, _forced(5), _row("chip_supply", chip="standard", year=2026, it_mw=30.0 + n)),
        frozenset({"forced", "supply"}), none,
    )  # fmt: skip
    yield Plant(f"cap of a programme {n}", (*forced, *cap), frozenset({"programme_cap", "forced"}), none)


def plants(number: int) -> list[Plant]:
    """Return every planted cause in so many sizes."""
    return [plant for n in range(number) for plant in (*_of_whole(n), *_of_hard(n))]
