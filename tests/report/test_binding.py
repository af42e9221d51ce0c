"""What binds: a limit is used up within a thousandth of it; no limit, and no use, never bind."""

from io import StringIO

import pytest
from rich.console import Console

from planner.report.binding import BINDING_SHARE, MOST_PLACES, Binding, binding_lines, find_bindings
from planner.report.view import print_plan
from tests.cli.fake_plan import PERIODS, FakePlan

EMPTY = ("budget", "power", "power_regions", "emissions", "chips", "contingencies")


def bindings(**tables: list[dict[str, object]]) -> list[Binding]:
    """Return what binds in a plan that has only these rows."""
    plan = FakePlan()
    plan.tables = {**{name: [] for name in EMPTY}, **tables}
    return find_bindings(plan)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("slack", "limit", "binds"),
    [
        (0.0, 10.0, True), (0.00999, 10.0, True), (0.0101, 10.0, False), (-3.0, 10.0, True), (0.0009, 0.5, True),
        (0.0011, 0.5, False), (0.0, 0.0, True), (0.009, -10.0, True), (0.0, "", False), ("", 10.0, False),
    ],
)  # fmt: skip
def test_cash_binds_where_nothing_is_left(slack: object, limit: object, binds: bool) -> None:
    """Law: what is left is within a thousandth of the limit, or of a billion where the limit is smaller."""
    found = bindings(budget=[{"period": "2027", "slack_busd": slack, "limit_busd": limit}])
    assert found == [Binding("cash", "", ("2027",))] * binds


@pytest.mark.parametrize(
    ("emitted", "cap", "binds"), [(0.37, 0.37, True), (0.3, 0.37, False), (0.3, "", False), (0.0, 0.0, False)]
)
def test_the_carbon_cap_binds_where_all_of_it_is_emitted(emitted: object, cap: object, binds: bool) -> None:
    """Law: a carbon cap binds in the periods that use it up; it has no place."""
    found = bindings(emissions=[{"period": "2027", "emissions_mt": emitted, "cap_mt": cap}])
    assert found == [Binding("carbon cap", "", ("2027",))] * binds


@pytest.mark.parametrize(
    ("table", "kind", "place", "used", "limit"),
    [
        ("power", "site power", "site", "facility_mw", "energised_facility_mw"),
        ("power_regions", "region power", "power_region", "facility_mw", "limit_facility_mw"),
        ("chips", "chip supply", "chip", "added_it_mw", "supply_it_mw"),
    ],
)
@pytest.mark.parametrize(
    ("use", "most", "binds"),
    [
        (100.0, 100.0, True),
        (99.91, 100.0, True),
        (99.89, 100.0, False),
        (101.0, 100.0, True),
        (0.0, 0.0, False),
        (5.0, 0.0, True),
        (100.0, "", False),
        ("", 100.0, False),
    ],
)
def test_a_place_binds_where_its_limit_is_used_up(
    table: str, kind: str, place: str, used: str, limit: str, use: object, most: object, binds: bool
) -> None:
    """Law: use is positive and at least 99.9 % of the limit, for power of sites, of regions and supply of chips."""
    found = bindings(**{table: [{"period": "2026", place: "here", used: use, limit: most}]})
    assert found == [Binding(kind, "here", ("2026",))] * binds
    assert BINDING_SHARE == 1e-3


def test_periods_of_a_place_are_collected_once_in_their_order() -> None:
    """A rule that binds for several losses in a period binds in that period once."""
    rows = [
        {"rule": rule, "period": period, "binding": word}
        for rule, period, word in (
            ("one", "2026", "yes"), ("two", "2026", "yes"), ("one", "2026", "yes"), ("one", "2028", "yes"),
            ("two", "2027", "no"),
        )
    ]  # fmt: skip
    assert bindings(contingencies=rows) == [
        Binding("redundancy", "one", ("2026", "2028")), Binding("redundancy", "two", ("2026",)),
    ]  # fmt: skip


@pytest.mark.parametrize("count", [1, MOST_PLACES, MOST_PLACES + 1, MOST_PLACES + 30])
def test_at_most_five_places_are_named(count: int) -> None:
    """The others are counted; places that bind as long come by name, whatever the order they are found in."""
    found = [Binding("site power", f"s{n:02d}", ("2026",)) for n in reversed(range(count))]
    ((kind, text),) = binding_lines(found, PERIODS)
    named = text.split("; ")
    more = count - MOST_PLACES
    assert kind == "site power"
    assert named[:MOST_PLACES] == [f"s{n:02d} 2026" for n in range(min(count, MOST_PLACES))]
    assert named[MOST_PLACES:] == ([f"and {more} more"] if more > 0 else [])


def test_kinds_come_in_the_order_they_are_found_and_cash_has_no_place() -> None:
    """One line per kind."""
    found = [Binding("cash", "", PERIODS), Binding("redundancy", "r", ("2027",)), Binding("cash", "", ("2026",))]
    assert binding_lines(found, PERIODS) == [("cash", "all periods; 2026"), ("redundancy", "r 2027")]
    assert binding_lines([], PERIODS) == []


def test_what_is_missed_does_not_bind() -> None:
    """Law: a rule or an obligation that is missed in a period is listed as missed there, not as binding."""
    plan = FakePlan()
    keys = dict.fromkeys(("programme", "market", "workload", "contract"), "")
    plan.tables["shortfalls"] = [
        {"tier": "protection", "period": "2027", **keys, "rule": "any site", "amount": 220.0, "unit": "compute"}
    ]
    found = {binding.kind: binding for binding in find_bindings(plan)}
    assert "redundancy" not in found
    assert found["missed"] == Binding("missed", "any site", ("2027",))
    stream = StringIO()
    plan.tables["calendar"] = [{"label": period, "length_years": 1.0} for period in PERIODS]
    print_plan(Console(width=80, file=stream, color_system=None), plan)
    (line,) = [line for line in stream.getvalue().splitlines() if "missed by" in line]
    assert line.split()[-3:] == ["missed", "by", "220.0"]
