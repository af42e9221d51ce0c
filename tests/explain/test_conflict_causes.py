"""Conflicts with all of their causes, the first one and further ones: each holds by itself."""

import pytest

from planner.api import Case
from planner.case.read import read_case
from planner.case.rows import ChipRow, ContractRow, OfferRow
from planner.changes.apply import apply_changes
from planner.explain.conflict import diagnose
from planner.explain.conflict_causes import MAY_BE_MORE, MOST_FURTHER, Conflict, further_conflicts, whole_conflict
from planner.explain.conflict_limits import DATES, REMADE
from planner.explain.conflict_make import make_world
from planner.explain.conflict_question import Question
from planner.explain.conflict_search import find_conflict
from tests.explain.laws import hold, is_met
from tests.explain.planted import HARD, Plant, roomy
from tests.explain.planted_families import _next_chip, _rule, families
from tests.length import some

CAUSES = ("refresh", "chips end", "leases end", "signed ends", "ramp ", "several")
TAIL = (
    "model.horizon.tail={period_months=[12]}", "chips.life_years=1", "offers[north_cloud].last_start=2026-12-31",
)  # fmt: skip
"""Chips that do not last, a tail, and an offer that ends: nothing conflicts where the chips last longer."""


def _both() -> list[Plant]:
    """A cause that shapes the program beside another one that has nothing to do with it."""
    room = "sites.max_it_mw=40"
    power = "energisation.facility_mw=40"
    late = _next_chip(1.4, 1.0)
    ends = next(plant for plant in families(1) if plant.name.startswith("chips end"))
    return [
        Plant("several: refresh and room", (*late, room), frozenset()),
        Plant("several: refresh and power", (*late, power), frozenset()),
        Plant("several: lives and room", (*ends.changes, "sites.max_it_mw=20"), frozenset()),
        Plant("several: lives and power", (*ends.changes, power), frozenset()),
    ]


def _loose(case, kind):
    """The changes that take a kind of data that shapes the program out of a case, stated apart from the explanation."""
    if kind == "life":
        return [_cell("chips", row.chip, "life_years", 50.0) for row in case.rows(ChipRow)]
    if kind == "refresh":
        rows = [row for row in case.rows(OfferRow) if row.refresh_after_years is not None]
        return [_cell("offers", row.offer, "refresh_after_years", 0.0) for row in rows]
    if kind == "renewal":
        rows = [row for row in case.rows(OfferRow) if row.renewal_rent_musd_per_mw_year is None]
        return [_cell("offers", row.offer, "renewal_rent_musd_per_mw_year", row.rent_musd_per_mw_year) for row in rows]
    if kind == "ends":
        return [_cell("contracts", row.contract, "end_date", "2060-01-01") for row in case.rows(ContractRow)]
    rows = [row for row in case.rows(OfferRow) if row.ramp is not None]
    return [_cell("offers", row.offer, "ramp", "") for row in rows]


SHAPING = ("life", "refresh", "renewal", "ends", "ramp")


def _cell(table, key, column, value):
    return {"op": "set", "table": table, "key": key, "column": column, "value": value}


def _dates(case, names):
    start = case.model.horizon.start
    every = {
        "earliest_date": ("sites", start), "first_start": ("offers", start), "last_start": ("offers", ""),
        "lead_months": ("offers", 0), "first_date": ("chips", start),
    }  # fmt: skip
    return [
        {"op": "set", "table": table, "column": name, "value": value}
        for name, (table, value) in every.items()
        if name in names
    ]


ALL_DATES = ("earliest_date", "first_start", "last_start", "lead_months", "first_date")


def can_be_kept(conflict: Conflict, limits, shaping) -> bool:
    """Whether some causes of a conflict can be kept where all else is loosened; by the case made anew."""
    question, parts = conflict.question, conflict.found.parts
    case = question.case
    dates = parts.get(DATES, ()) if DATES in limits else ()
    changes = [change for kind in SHAPING if kind not in shaping for change in _loose(case, kind)]
    changes += _dates(case, [name for name in ALL_DATES if name not in dates])
    changes += question.changes_without(
        frozenset(one for one in question.remade if one.kind in REMADE and one not in limits and one != DATES)
    )
    world = make_world(apply_changes(case, changes), whole=question.whole)

    def in_force(part):
        needed = parts.get(part.limit, ())
        return part.limit in limits and (not needed or part.member in needed)

    status = world.look(in_force, integer=True, until=float("inf")).status
    assert status != "unknown"
    return status == "feasible"


def conflicts_of(case, verdict="short") -> list[Conflict]:
    """All conflicts of a case that cannot be met."""
    question = Question(case, whole=verdict == "short")
    look = question.look(question.limits, integer=True)
    first = whole_conflict(question, find_conflict(question, question.limits, integer=not look.divisible, first=look))
    return [first, *further_conflicts(first, ())]


def hold_alone(conflict: Conflict) -> None:
    """The causes of a conflict cannot all be kept with all else loosened; without any one of them the others can."""
    limits = frozenset(conflict.found.limits)
    shaping = frozenset(one.kind for one in conflict.beside)
    assert shaping <= set(SHAPING)
    assert not can_be_kept(conflict, limits, shaping)
    for limit in limits:
        assert can_be_kept(conflict, limits - {limit}, shaping), limit
    for kind in shaping:
        assert can_be_kept(conflict, limits, shaping - {kind}), kind


PLANTS = [plant for plant in (*families(2), *_both()) if plant.name.startswith(CAUSES)]


@pytest.mark.slow
@pytest.mark.parametrize("plant", some(PLANTS, 12), ids=lambda one: one.name)
def test_every_conflict_holds_by_itself(plant: Plant) -> None:
    """Law: the causes of each conflict, further ones too, cannot all be kept with all else loosened; any fewer can."""
    case = plant.case()
    verdict = plant.verdict if HARD[0] not in plant.changes else "infeasible"
    for conflict in conflicts_of(case, verdict):
        hold_alone(conflict)


@pytest.mark.slow
@pytest.mark.parametrize("plant", _both(), ids=lambda one: one.name)
def test_a_further_conflict_is_left_where_the_first_allows_enough(plant: Plant) -> None:
    """Law: two causes that have nothing to do with each other stand in one of the conflicts each."""
    kinds = {one.kind for conflict in conflicts_of(plant.case()) for one in conflict.named()}
    assert kinds & {"refresh", "life"}, kinds
    assert kinds & {"site", "energised"}, kinds


@pytest.mark.slow
def test_no_further_conflict_where_one_cause_is_behind_all() -> None:
    """Law: where chips that last longer are enough by themselves, no conflict is left where they do."""
    case = apply_changes(read_case("three_sites"), list(TAIL))
    found = diagnose(case)
    assert "life" in {one.kind for one in found.limits}
    longer = next(way for way in found.ways if way.title.startswith("life of chip"))
    assert is_met(apply_changes(case, longer.changes), "short")
    assert found.further == ()
    for conflict in conflicts_of(case):
        hold_alone(conflict)


@pytest.mark.slow
def test_a_rule_that_nothing_can_keep_hides_no_other_cause() -> None:
    """Law: what conflicts without the rule is named, and there are ways out that do without it and allow more.

    The one change that is enough by itself gives up all demand: that comes last. Nothing is moved that is not needed.
    """
    rule = _rule("any one vendor", "chip_vendor", 0.1)
    case = apply_changes(roomy(), [rule, "budget[2026].cash_limit_busd=0.5"])
    found = diagnose(case)
    assert [sorted(one.kind for one in limits) for limits in (found.limits, *found.further)] == [
        ["demand", "redundancy"], ["cash", "demand"]
    ]  # fmt: skip
    assert "Even if less were asked for there, these limits cannot all be kept either:" in found.lines()
    both = ['without the rule "any one vendor"', "cash of 2026"]
    assert any([move.what for move in way.moves] == both for way in found.ways)
    assert [way.gives_up for way in found.ways] == sorted(way.gives_up for way in found.ways)
    assert [way.gives_up for way in found.ways if len(way.moves) == 1] == [True]
    assert not any(move.amount < 1e-3 for way in found.ways for move in way.moves)
    assert is_met(apply_changes(case, found.ways[0].changes), "short")


def _replaced(after_years: float, facility_mw: float):
    """Chips twice as fast from 2027 on, in few blocks, under the rule: demand is met where they are replaced."""
    faster = next(change for change in _next_chip(1.0, 5.0) if isinstance(change, dict) and change["op"] == "add")
    cells = {
        "chips": "standard;faster", "max_blocks": 4, "term_years": 4, "refresh_after_years": after_years,
        "refresh_price_busd_per_gw_it": 5.0,
    }  # fmt: skip
    offers = [{"op": "set", "table": "offers", "column": name, "value": value} for name, value in cells.items()]
    demand = ("demand[research,*,2027].compute=136", "demand[users,*,2027].compute=204")
    power = [f"energisation[{site},*].facility_mw={facility_mw}" for site in ("north", "south")]
    changes = [faster, *offers, *demand, "energisation.facility_mw=80", *power]
    return apply_changes(read_case("three_sites"), changes)


@pytest.mark.slow
def test_a_further_conflict_names_when_chips_can_be_replaced() -> None:
    """Law: what shapes the program is named in a further conflict too, where its limits rest on it.

    With more power alone the case is not met; with chips that may be replaced after a year besides, it is.
    """
    first, *more = conflicts_of(_replaced(3.0, 80.0))
    assert "energised" in {limit.kind for limit in first.found.limits}
    assert "refresh" not in {one.kind for one in first.beside}
    assert any("refresh" in {one.kind for one in conflict.named()} for conflict in more)
    for conflict in (first, *more):
        hold_alone(conflict)
    assert not is_met(_replaced(3.0, 250.0), "short")
    assert is_met(_replaced(1.0, 250.0), "short")


HALL = {"name": "hall", "market": "users", "workload": "inference", "at_least_it_mw": 120, "most_campuses": 1}
"""A rule of contiguity: all inference of users at one campus."""


def test_what_else_is_in_the_way_beside_a_rule_of_contiguity_is_named_and_changed_too():
    """Law: blocks and room that each allow no campus of the least size are two conflicts; more of both is a way out."""
    changes = [
        {"op": "set", "model": "families.contiguity.rules", "value": [HALL]},
        "sites.max_it_mw=100",
        "offers.max_blocks=5",
    ]
    case = Case.of(apply_changes(Case.of("three_sites"), changes))
    found = hold(case, "short", frozenset({"blocks", "cluster", "demand"}))
    assert [{limit.kind for limit in limits} for limits in found.further] == [{"site", "cluster", "demand"}]
    allowing = [{edit.place.partition("[")[0] for edit in way.edits} for way in found.ways if not way.asks_less]
    assert allowing == [{"sites", "offers"}]


def test_sites_are_made_available_together_where_none_is_enough():
    """Law: of two sites that are not available and are both needed, both together are a way out."""
    changes = ["sites[site=north].available=no", "sites[site=east].available=no"]
    found = diagnose(apply_changes(Case.of("three_sites"), changes))
    places = [{edit.place for edit in way.edits} for way in found.ways]
    assert {"sites[north].available", "sites[east].available"} in places
    assert not any(len(one) == 1 and next(iter(one)).startswith("sites[") for one in places)
    for way in found.ways:
        assert is_met(apply_changes(Case.of(apply_changes(Case.of("three_sites"), changes)), way.changes), "short")


@pytest.mark.slow
def test_three_limits_short_at_all_sites_are_raised_together_and_more_than_four_conflicts_are_not_denied():
    """Law: a triple in proportion is a way out where less demand is not the only one; the list says where it ends."""
    changes = ["offers.max_blocks=3", "sites.max_it_mw=60", "energisation.facility_mw=75"]
    found = diagnose(apply_changes(Case.of("three_sites"), changes))
    kinds = [{edit.place.partition("[")[0] for edit in way.edits} for way in found.ways if not way.asks_less]
    assert {"sites", "offers", "energisation"} in kinds
    assert MAY_BE_MORE not in found.notes
    more = [*changes, "power_regions.firm_facility_mw=75", "budget.cash_limit_busd=0.1"]
    found = diagnose(apply_changes(Case.of("three_sites"), more), ways=False)
    assert len(found.further) == MOST_FURTHER
    assert MAY_BE_MORE in found.notes
