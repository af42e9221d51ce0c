"""Tables of decisions: what follows from the values of the program, whatever they are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.inputs import Inputs, make_inputs
from planner.plan.decisions import added_gw, contracts, developments, installs, mw, openings
from planner.program.columns import ADDED, BLOCKS, DEVELOPMENT_ON, LEASE_BLOCKS, SITE_OPEN, STOCK
from planner.symbols import Values
from tests.program.tiny import chip, lease, own, site, tiny

PERIODS, LIFE = 6, 3
LEASED = make_inputs(tiny(100.0, periods=PERIODS, chips=[chip(life_years=float(LIFE))]))
BOUGHT = make_inputs(tiny(100.0, periods=PERIODS, offers=[own()], chips=[chip(life_years=float(LIFE))]))
STOCKS = st.lists(st.integers(0, 20).map(float), min_size=PERIODS, max_size=PERIODS)


def stocks(inputs: Inputs, series: list[float]) -> dict[Any, float]:
    """The stock of the one chip at the one offer."""
    return {key: series[key[3]] for key in inputs.stocks}


def leases(blocks: list[float]) -> Values:
    """So many blocks of the one lease begin in each period, and end with the horizon."""
    return Values({BLOCKS: {("lease", "primary", t, PERIODS): count for t, count in enumerate(blocks)}})


@given(STOCKS)
def test_a_lease_brings_its_chips_at_its_start(blocks: list[float]) -> None:
    """What is added in a period is what begins in it: whole blocks of 10 IT MW."""
    added = added_gw(LEASED, leases(blocks))
    assert added == {("lease", "primary", "chip", t): count * 0.01 for t, count in enumerate(blocks)}


@given(STOCKS)
def test_chips_of_a_lease_stand_until_the_end_of_their_life(blocks: list[float]) -> None:
    """What stands is what began within the life of a chip; after it the lease has none."""
    rows = {row["period"]: row["stock_it_mw"] for row in installs(LEASED, leases(blocks))}
    for t, label in enumerate(LEASED.calendar.labels):
        assert rows.get(label, 0.0) == pytest.approx(10.0 * sum(blocks[max(0, t - LIFE + 1) : t + 1]))


@given(STOCKS)
def test_additions_of_bought_chips_are_those_of_the_program(series: list[float]) -> None:
    """Chips that cost are counted by the program; the table says what it decided, rounding below zero left out."""
    decided = {key: series[key[3]] - 0.5 for key in BOUGHT.stocks}
    added = added_gw(BOUGHT, Values({ADDED: decided, STOCK: decided}))
    assert added == {key: max(0.0, gw) for key, gw in decided.items()}


@given(STOCKS)
def test_the_table_of_installations_has_what_is_added_or_stands(series: list[float]) -> None:
    """A row for every period in which something is added or stands, and for no other, in MW."""
    values = Values({STOCK: stocks(BOUGHT, series), ADDED: stocks(BOUGHT, series[::-1])})
    rows = {row["period"]: row for row in installs(BOUGHT, values)}
    stock = dict(zip(BOUGHT.calendar.labels, series, strict=True))
    added = dict(zip(BOUGHT.calendar.labels, series[::-1], strict=True))
    assert set(rows) == {label for label in stock if stock[label] or added[label]}
    for label, row in rows.items():
        assert (row["stock_it_mw"], row["added_it_mw"]) == (1000.0 * stock[label], 1000.0 * added[label])


@pytest.mark.parametrize(
    ("gw", "it_mw"),
    [(0.1234567891234, 123.456789), (1.2345678912e-4, 0.123456789), (-1e-15, 0.0), (1.0, 1000.0)],
)
def test_power_is_rounded_to_what_can_be_meant(gw: float, it_mw: float) -> None:
    """To a watt, below a megawatt to a milliwatt, and never to a negative zero."""
    assert mw(gw) == it_mw
    assert str(mw(gw))[0] != "-"


def test_contracts_that_start_together_have_keys_of_their_own() -> None:
    """Two contracts of one offer, role and start differ in their end, and in the key that the table gives them."""
    inputs = make_inputs(
        tiny(100.0, periods=3, offers=[lease(term_years=1.0, renewal_rent_musd_per_mw_year=10.0), lease("other")])
    )
    keys = [choice.key for of_offer in inputs.choices.values() for choice in of_offer]
    several = [key for key in keys if key[:3] == ("lease", "primary", 0)][:2]
    assert len(several) == 2
    blocks = {key: 2.0 if key in several else 0.0 for key in keys}
    rows = contracts(inputs, Values({BLOCKS: blocks}))
    assert len({row["contract"] for row in rows}) == len(rows) == 2
    assert {row["blocks"] for row in rows} == {2}
    (alone,) = contracts(inputs, Values({BLOCKS: {**blocks, several[1]: 0.0}}))
    assert str(alone["contract"]).count("/") == 2


def test_contracts_that_differ_in_their_chip_alone_have_keys_of_their_own() -> None:
    """Two contracts of one offer, role, start and end differ in their chip, which the table states, and in key."""
    inputs = make_inputs(tiny(100.0, offers=[lease(chips=("chip", "other"))], chips=[chip(), chip("other")]))
    keys = [choice.key for of_offer in inputs.leases.values() for choice in of_offer]
    values = Values({BLOCKS: {keys[0][:4]: 5.0}, LEASE_BLOCKS: {keys[0]: 2.0, keys[1]: 3.0}})
    rows = contracts(inputs, values)
    assert {(row["contract"], row["chip"], row["blocks"]) for row in rows} == {
        ("lease/primary/2026/end/chip", "chip", 2), ("lease/primary/2026/end/other", "other", 3),
    }  # fmt: skip


def test_what_opens_or_is_developed_counts_from_its_first_period() -> None:
    """A site and a development are stated once, in the first period in which their variable is one."""
    inputs = make_inputs(
        tiny(
            100.0,
            periods=3,
            sites=[site(opening_cost_busd=0.5)],
            offers=[own()],
            chips=[chip(development_cost_busd=0.2)],
            families={"site_opening": {}},
        )
    )
    later = {("a", t): float(t >= 1) for t in range(3)}
    blocks = {choice.key: 0.0 for of_offer in inputs.choices.values() for choice in of_offer}
    started = {("chip", t): float(t >= 2) for t in range(3)}
    values = Values({SITE_OPEN: later, BLOCKS: blocks, DEVELOPMENT_ON: started})
    (opened,) = openings(inputs, values)
    (development,) = developments(inputs, values)
    assert (opened["site"], str(opened["period"]), opened["opening_cost_busd"]) == ("a", "2027", 0.5)
    assert (development["chip"], str(development["period"]), development["cost_busd"]) == ("chip", "2028", 0.2)
    none = Values({SITE_OPEN: dict.fromkeys(later, 0.0), BLOCKS: blocks, DEVELOPMENT_ON: dict.fromkeys(started, 0.0)})
    assert openings(inputs, none) == developments(inputs, none) == []
