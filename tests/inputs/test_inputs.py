"""The sets and parameters of a case: what takes part, what is signed, what may be opened, served and installed."""

from typing import Any

import pytest

from planner.case.case import CaseData
from planner.inputs import Inputs, make_inputs
from planner.inputs.inputs import BUSD_PER_GW_YEAR_PER_USD_PER_MWH
from tests.cases import FAMILIES, base_tables, full_tables, make_case


def inputs(tables: dict[str, Any] | None = None, **more: Any) -> Inputs:
    """Return the inputs of the tiny case with some tables or families replaced."""
    return make_inputs(make_case(tables, **more))


def changed(table: str, number: int, *, full: bool = False, **columns: Any) -> dict[str, list[dict[str, Any]]]:
    """Return a table of the tiny case with some columns of one row replaced."""
    rows = (full_tables() if full else base_tables())[table]
    rows[number] |= columns
    return {table: rows}


def contract(name: str, offer: str = "cloud_east", **more: Any) -> dict[str, Any]:
    """Return a signed contract of 100 IT MW over the whole horizon."""
    rent = {} if offer == "build_north" else {"rent_musd_per_mw_year": 1.0}
    return {
        "contract": name, "offer": offer, "role": "primary", "it_mw": 100.0, "start_date": "2025-01-01",
        "end_date": "2045-01-01", **rent, **more,
    }  # fmt: skip


def shuffled(case: CaseData) -> CaseData:
    """Return the same case with the rows of every table in the opposite order."""
    tables = {name: rows[::-1] for name, rows in case.tables.items()}
    return CaseData(model=case.model, tables=tables, present=case.present, origin=case.origin)


def test_money_is_discounted_from_the_middle_of_the_period_and_salvage_from_the_end() -> None:
    """Law: (1 + r)^-(middle) and (1 + r)^-(length of the horizon); at no rate everything counts in full."""
    found = inputs(objective={"discount_rate_per_year": 0.1}, horizon={"periods": 2, "period_months": (6, 18)})
    assert found.discount == pytest.approx([1.1**-0.25, 1.1**-1.25])
    assert found.discount_end == pytest.approx(1.1**-2.0)
    free = inputs(objective={"discount_rate_per_year": 0.0})
    assert (*free.discount, free.discount_end) == (1.0,) * 5


SETS = (
    "choices", "signed_gw", "signed_chip_gw", "chip_supply_gw", "site_it_limit_gw", "site_facility_limit_gw",
    "region_facility_limit_gw", "demand_compute", "reach", "serving_cost_busd", "single_source", "budget_limit_busd",
    "discount", "units",
)  # fmt: skip
LISTS = ("installs", "stocks", "onsite_builds")


def test_the_order_of_the_rows_is_not_data() -> None:
    """Law: tables turned upside down give the same sets, parameters, installations, stocks and builds."""
    case = make_case(full=True)
    one, other = make_inputs(case), make_inputs(shuffled(case))
    assert {name: getattr(one, name) for name in SETS} == {name: getattr(other, name) for name in SETS}
    assert {name: sorted(getattr(one, name)) for name in LISTS} == {
        name: sorted(getattr(other, name)) for name in LISTS
    }
    assert {frozenset(group) for group in one.nodes.values()} == {frozenset(group) for group in other.nodes.values()}
    assert len(one.installs) > 0


def test_signed_contracts_add_up_by_offer_role_and_chip() -> None:
    """What several contracts of an offer hold is one sum per role; chips that come with them one per chip."""
    rows = [
        contract("a"), contract("b", it_mw=50.0, chip="merchant", start_date="2026-01-01"),
        contract("c", role="backup", it_mw=25.0, end_date="2028-01-01"),
    ]  # fmt: skip
    found = inputs({"contracts": rows})
    assert found.signed_gw["cloud_east", "primary"] == pytest.approx([0.15] * 4)
    assert found.signed_gw["cloud_east", "backup"] == pytest.approx([0.025, 0.025, 0.0, 0.0])
    assert found.signed_chip_gw == {("cloud_east", "primary", "merchant"): pytest.approx((0.05,) * 4)}
    assert found.signed_chips == {"cloud_east": ("merchant",)}
    assert found.signed_at_start_gw("clouds") == pytest.approx(0.175)
    assert found.signed_at_start_gw("own") == 0.0


@pytest.mark.parametrize(
    ("start", "end", "present", "at_start"),
    [
        ("2020-01-01", "2026-01-01", False, 0.0),
        ("2020-01-01", "2026-01-02", True, 0.1),
        ("2026-01-01", "2027-01-01", True, 0.1),
        ("2026-01-02", "2027-01-01", True, 0.0),
    ],
)
def test_a_contract_that_ended_by_the_first_day_is_history(
    start: str, end: str, present: bool, at_start: float
) -> None:
    """A contract takes part if it ends after the first day; it counts at the start if it has begun by then."""
    found = inputs({"contracts": [contract("a", start_date=start, end_date=end)]})
    assert [c.row.contract for c in found.signed] == ["a"] * present
    assert found.signed_at_start_gw("clouds") == pytest.approx(at_start)


@pytest.mark.parametrize(
    ("start", "life", "expected"),
    [("2025-01-01", 5.0, 0.1), ("2024-01-01", 2.0, 0.0), ("2024-01-02", 2.0, 0.1), ("2026-06-01", 5.0, 0.0)],
)
def test_chips_there_at_the_start_have_come_and_are_alive(start: str, life: float, expected: float) -> None:
    """Signed chips count on the first day between their delivery and the end of their life, both to the day."""
    tables = {
        "contracts": [contract("a", start_date=start, chip="merchant"), contract("b", role="backup")],
        **changed("chips", 0, life_years=life),
    }
    assert inputs(tables).signed_chip_at_start_gw("merchant") == pytest.approx(expected)
    assert inputs(tables).signed_chip_at_start_gw("custom") == 0.0


@pytest.mark.parametrize(
    ("family", "columns", "openable"),
    [
        (None, {}, False),
        ({}, {}, False),
        ({"open_at_most": 3}, {}, True),
        ({"open_exactly": 2}, {}, True),
        ({}, {"opening_cost_busd": 0.5}, True),
        ({}, {"fixed_opex_busd_per_year": 0.5}, True),
        ({}, {"opening_cost_busd": 0.0, "fixed_opex_busd_per_year": 0.0}, False),
    ],
)
def test_opening_is_a_decision_where_it_costs_or_counts(
    family: dict[str, Any] | None, columns: dict[str, float], openable: bool
) -> None:
    """Neither cost nor count, no decision; and never at a site where a signed contract keeps it open."""
    families = {} if family is None else {"site_opening": family}
    assert inputs(changed("sites", 0, **columns), families=families).openable("north") is openable
    held = {**changed("sites", 0, **columns), "contracts": [contract("a", "build_north", it_mw=50.0)]}
    assert inputs(held, families=families).openable("north") is False


def test_a_site_that_is_not_available_takes_its_offers_and_options_along() -> None:
    """Sites, offers, on-site options and reach of a site that is not available are gone; the rest stays."""
    tables = full_tables()
    tables["contracts"] = []
    tables["sites"][0]["available"] = False
    found = make_inputs(make_case(tables, families={"power": {"utilisation": 0.8}, "site_opening": {}}, full=True))
    assert set(found.sites) == {"south", "east"}
    assert set(found.offers) == {"shell_south", "cloud_east"}
    assert set(found.power_options) == {"battery"}
    assert {s for s, _ in found.reach} <= {"south", "east"}
    assert found.options_at("north") == []
    assert found.offers_at("south") == ("shell_south",)


@pytest.mark.parametrize(
    ("columns", "starts"),
    [
        ({"lead_months": 6.0}, [1, 2, 3]),
        ({"lead_months": 0.0}, [0, 1, 2, 3]),
        ({"lead_months": 0.0, "earliest_date": "2027-07-02"}, [2, 3]),
        ({"lead_months": 48.0}, []),
    ],
)
def test_on_site_power_is_bought_after_its_lead_time_and_its_earliest_date(
    columns: dict[str, Any], starts: list[int]
) -> None:
    """An option enters service where its date is met and its lead time has passed since the start."""
    found = inputs(changed("power_options", 0, full=True, **columns), full=True)
    assert [t for g, t in found.onsite_builds if g == "turbines"] == starts


@pytest.mark.parametrize(
    ("life", "t", "alive"), [(1.0, 2, [2]), (1.5, 2, [1, 2]), (2.0, 3, [2, 3]), (9.0, 3, [0, 1, 2, 3])]
)
def test_on_site_power_in_service_is_what_is_still_alive(life: float, t: int, alive: list[int]) -> None:
    """Law: bought in u, in service in t while start(t) < start(u) + life."""
    found = inputs(changed("power_options", 1, full=True, life_years=life), full=True)
    assert found.onsite_in_service("battery", t) == alive


def test_prices_and_tariffs_grow_to_the_middle_of_the_period() -> None:
    """Law: price x (1 + growth)^middle, for chips (-5 %) and for the tariff of the site's region (+2 %)."""
    found = inputs()
    for t in range(4):
        assert found.chip_price_busd_per_gw("merchant", t) == pytest.approx(30.0 * 0.95 ** (t + 0.5))
        assert found.tariff_usd_per_mwh("east", t) == pytest.approx(50.0 * 1.02 ** (t + 0.5))


def test_energy_of_a_gw_year() -> None:
    """One facility GW over a year at 1 $/MWh costs 8760 h x 1000 MW = 8.76 million dollars."""
    assert pytest.approx(8760 * 1000 / 1e9) == BUSD_PER_GW_YEAR_PER_USD_PER_MWH


@pytest.mark.parametrize(("families", "expected"), [({}, 0.0), ({"power": {"utilisation": 0.75}}, 0.75 * 1.2)])
def test_energy_is_used_with_the_family_power_alone(families: dict[str, Any], expected: float) -> None:
    """Law: utilisation x average PUE facility GW per installed IT GW; without the family none."""
    assert inputs(families=families).average_facility_per_it("north") == pytest.approx(expected)


@pytest.mark.parametrize(("t", "share"), [(0, 1 / 5), (1, 2 / 5), (3, 4 / 5)])
def test_the_life_of_a_chip_left_at_the_end(t: int, share: float) -> None:
    """Law: (start + life - end of the horizon) / life, never negative."""
    assert inputs().chip_life_left_share("merchant", t) == pytest.approx(share)
    assert inputs(changed("chips", 0, life_years=1.0)).chip_life_left_share("merchant", 0) == 0.0


@pytest.mark.parametrize(
    ("share", "overrides", "expected"),
    [
        (0.5, [], {("america", "training"): 30.0, ("europe", "inference"): 20.0}),
        ({"inference": 0.25}, [], {("america", "training"): 0.0, ("europe", "inference"): 10.0}),
        (0.5, [("europe", "inference", 0.1)], {("america", "training"): 30.0, ("europe", "inference"): 4.0}),
        (0.0, [("america", "training", 1.0)], {("america", "training"): 60.0, ("europe", "inference"): 0.0}),
    ],
)
def test_critical_demand_is_a_share_of_all_demand(
    share: Any, overrides: list[tuple[str, str, float]], expected: dict[tuple[str, str], float]
) -> None:
    """Law: share x demand; an override replaces the share of its pair, a workload without a share has none."""
    rule: dict[str, Any] = {"name": "r", "domain": "site", "k": 1, "critical_share": share}
    rule["overrides"] = [dict(zip(("market", "workload", "share"), o, strict=True)) for o in overrides]
    found = inputs(families={"redundancy": {"rules": [rule]}}, checked=False)
    (stated,) = found.redundancy_rules
    assert {pair: found.critical_compute(stated, pair, 0) for pair in expected} == pytest.approx(expected)


def test_without_the_family_there_is_no_rule_and_no_limit() -> None:
    """A program without families has no redundancy rule and no budget; one with all of them has both."""
    bare, full = inputs(), make_inputs(make_case(full=True))
    assert (bare.redundancy_rules, bare.budget_limit_busd) == ((), None)
    assert [rule.name for rule in full.redundancy_rules] == [r["name"] for r in FAMILIES["redundancy"]["rules"]]
    assert len(full.budget_limit_busd or ()) == 4


@pytest.mark.parametrize(
    ("rates", "scale"),
    [
        ([(2.0, 1.0), (6.0, 3.0)], {"training": 2.0, "inference": 1.0}),
        ([(2.0, 1.0), (6.0, 3.001)], None),
        ([(2.0, 1.0), (None, 7.0)], {"training": 2.0, "inference": 1.0}),
        ([(None, 1.0), (1.0, None)], {"training": 1.0, "inference": 1.0}),
    ],
)
def test_workloads_have_a_common_measure_where_all_chips_agree(
    rates: list[tuple[float | None, float | None]], scale: dict[str, float] | None
) -> None:
    """Law: one ratio of training to inference for every chip that runs both, or none at all."""
    chips = base_tables()["chips"]
    for row, (training, inference) in zip(chips, rates, strict=True):
        row |= {"training_compute_per_it_mw": training, "inference_compute_per_it_mw": inference}
    found = make_inputs(make_case({"chips": chips}, checked=False)).workload_scale()
    assert found == (scale if scale is None else pytest.approx(scale))


def test_room_of_a_chip_is_what_its_offers_can_hold() -> None:
    """Law: blocks x size of the offers that host it, and what is signed there; other offers do not count."""
    tables = {**changed("offers", 0, chips=("merchant",)), "contracts": [contract("a")]}
    found = inputs(tables)
    assert found.room_gw("merchant", 0) == pytest.approx(3 * 8 * 0.05 + 0.1)
    assert found.room_gw("custom", 0) == pytest.approx(2 * 8 * 0.05 + 0.1)
    assert inputs().room_gw("custom", 0) == pytest.approx(3 * 8 * 0.05)


def test_chips_at_an_offer_are_those_it_hosts_and_those_signed_for_once() -> None:
    """A signed chip that the offer does not host stands there all the same, and none twice."""
    tables = {**changed("offers", 2, chips=("custom",)), "contracts": [contract("a", chip="merchant")]}
    assert inputs(tables).chips_at("cloud_east") == ("custom", "merchant")
    assert inputs({"contracts": [contract("a", chip="merchant")]}).chips_at("cloud_east") == ("merchant", "custom")


def test_sites_serve_the_markets_they_reach_where_they_can_have_chips() -> None:
    """Arcs are pairs within reach with demand for the workload; periods without chips at the node have none."""
    found = inputs()
    south = next(node for node, members in found.nodes.items() if "south" in members)
    supply = {(found.node_of["east"], "inference", 1), (south, "training", 0), (south, "inference", 0)}
    assert set(found.serving_arcs(supply)) == {
        (found.node_of["east"], "america", "inference", 1),
        (found.node_of["east"], "europe", "inference", 1),
        (south, "america", "training", 0),
        (south, "america", "inference", 0),
    }


def test_a_single_source_market_is_served_only_by_who_can_serve_all_of_it() -> None:
    """A site that cannot train serves nothing of a market that also trains, where one site must serve the whole."""
    found = inputs(changed("markets", 0, single_source=True))
    assert found.single_source == {"america"}
    whole = {("south", "training", 0), ("south", "inference", 0)}
    assert {m for _, m, _, _ in found.serving_arcs(whole)} == {"america"}
    assert found.serving_arcs({("south", "inference", 0)}) == []
    assert set(found.serving_arcs({("east", "inference", 0)})) == {("east", "europe", "inference", 0)}


def test_names_of_workloads_and_markets_are_those_with_demand() -> None:
    """Training is named first, markets in the order of demand; what nobody demands is not named."""
    found = inputs()
    assert found.workloads == ("training", "inference")
    assert found.markets == ("america", "europe")
    rows = [row for row in base_tables()["demand"] if row["market"] == "europe"]
    only = inputs({"demand": rows})
    assert (only.workloads, only.markets) == (("inference",), ("europe",))


def test_periods_and_zeros_have_one_entry_each() -> None:
    """Indices and zeros follow the number of periods, lengths their months."""
    found = inputs(horizon={"periods": 3, "period_months": (3, 12, 24)})
    assert (list(found.periods), found.zeros) == ([0, 1, 2], (0.0, 0.0, 0.0))
    assert [found.length_years(t) for t in found.periods] == pytest.approx([0.25, 1.0, 2.0])
    assert found.block_gw("build_north") == pytest.approx(0.05)


@pytest.mark.parametrize(("salvage", "credits"), [("none", False), ("straight_line", True)])
def test_salvage_is_credited_on_request(salvage: str, credits: bool) -> None:
    """Without the option no contract has a credit."""
    found = inputs(objective={"salvage": salvage})
    assert found.credits_salvage is credits
    assert any(c.salvage_busd > 0.0 for of_offer in found.choices.values() for c in of_offer) is credits
