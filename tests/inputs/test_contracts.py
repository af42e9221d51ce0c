"""Contracts that can be decided and contracts that are signed, in closed form (formulation, section 2)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.case.model import Horizon
from planner.case.rows import ContractRow, OfferRow
from planner.inputs.calendar import Calendar, make_calendar
from planner.inputs.contracts import (
    ContractChoice,
    contract_choices,
    rent_musd_per_mw_year,
    signed_contract,
    spread_capex,
)
from tests.cases import base_tables

ALWAYS = date(2020, 1, 1)


def years(count: int = 4, months: int = 12, start: str = "2026-01-01") -> Calendar:
    """Return the calendar of so many periods of equal length."""
    return make_calendar(Horizon(start=date.fromisoformat(start), periods=count, period_months=months))


def offer(number: int, **more: Any) -> OfferRow:
    """Return the build (0), shell (1) or cloud (2) offer of the tiny case with some columns replaced."""
    return OfferRow.model_validate({**base_tables()["offers"][number], "roles": ("primary",), **more})


def build(**more: Any) -> OfferRow:
    """Return a building: 50 IT MW blocks, 12 $B per IT GW, paid at once unless given a lead time."""
    return offer(0, **{"opex_musd_per_mw_year": None, "capex_milestones": (1.0,), **more})


def cloud(**more: Any) -> OfferRow:
    """Return a lease of 50 IT MW blocks at 10 $M per IT MW and year, all of it take-or-pay."""
    return offer(2, **{"rent_musd_per_mw_year": 10.0, "take_or_pay_share": 1.0, **more})


def choices(
    row: OfferRow, calendar: Calendar, site_date: date = ALWAYS, *, salvage: bool = True
) -> list[ContractChoice]:
    """Return every contract of an offer that can be decided."""
    return contract_choices(row, site_date, calendar, salvage=salvage)


def spans(found: list[ContractChoice]) -> list[tuple[int, int]]:
    """Return first period and end of each contract."""
    return [(choice.start, choice.end) for choice in found]


@pytest.mark.parametrize(
    ("columns", "site_date", "starts"),
    [
        ({}, ALWAYS, [0, 1, 2, 3]),
        ({"lead_months": 12.0}, ALWAYS, [1, 2, 3]),
        ({"lead_months": 12.1}, ALWAYS, [2, 3]),
        ({"lead_months": 48.0}, ALWAYS, []),
        ({"first_start": date(2027, 7, 1)}, ALWAYS, [1, 2, 3]),
        ({"first_start": date(2027, 7, 3)}, ALWAYS, [2, 3]),
        ({"last_start": date(2027, 1, 1)}, ALWAYS, [0, 1]),
        ({"last_start": date(2026, 12, 31)}, ALWAYS, [0]),
        ({"last_start": date(2025, 12, 31)}, ALWAYS, []),
        ({}, date(2028, 7, 1), [2, 3]),
        ({"first_start": date(2027, 1, 1), "last_start": date(2028, 3, 1), "lead_months": 6.0}, ALWAYS, [1, 2]),
    ],
)
def test_a_contract_starts_where_every_date_allows(columns: dict[str, Any], site_date: date, starts: list[int]) -> None:
    """Lead time, the site's date, first and last start each take away periods, to the day."""
    assert [choice.start for choice in choices(build(**columns), years(), site_date)] == starts


@pytest.mark.parametrize(
    ("term", "columns", "expected"),
    [
        (2.0, {}, [(0, 2), (1, 3), (2, 4), (3, 4)]),
        (1.5, {}, [(0, 2), (1, 3), (2, 4), (3, 4)]),
        (0.1, {}, [(0, 1), (1, 2), (2, 3), (3, 4)]),
        (1e-12, {}, [(0, 1), (1, 2), (2, 3), (3, 4)]),
        (9.0, {}, [(0, 4), (1, 4), (2, 4), (3, 4)]),
        (3.0, {"exit_after_years": 2.0}, [(0, 2), (0, 3), (1, 3), (1, 4), (2, 4), (3, 4)]),
        (3.0, {"exit_after_years": 0.0}, [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)]),
        (2.0, {"renewal": 1.0}, [(0, 2), (0, 3), (0, 4), (1, 3), (1, 4), (2, 4), (3, 4)]),
        (2.0, {"renewal": 1.0, "exit_after_years": 1.0},
         [(0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)]),
    ],
)  # fmt: skip
def test_a_contract_ends_with_its_term_a_renewal_or_an_exit(
    term: float, columns: dict[str, float], expected: list[tuple[int, int]]
) -> None:
    """The term lasts to the first boundary not before its end; renewals end later, exits earlier, none elsewhere."""
    names = {"renewal": "renewal_rent_musd_per_mw_year"}
    row = cloud(term_years=term, exit_cost_share=0.5, **{names.get(name, name): v for name, v in columns.items()})
    assert spans(choices(row, years())) == expected


def test_every_role_has_the_same_contracts() -> None:
    """A contract can be signed in each role of the offer, at the same payments; role and span make its key."""
    found = choices(cloud(roles=("primary", "backup")), years())
    assert len({choice.key for choice in found}) == len(found)
    primary, backup = ([c for c in found if c.role == role] for role in ("primary", "backup"))
    assert spans(primary) == spans(backup)
    assert [c.pays_busd for c in primary] == [c.pays_busd for c in backup]
    assert primary[0].key == ("cloud_east", "primary", 0, 2)


def test_the_rent_grows_from_the_start_of_the_horizon_to_the_middle_of_the_period() -> None:
    """Law: rent x (1 + growth)^middle, in years after the start of the horizon; a building has none."""
    row, calendar = cloud(rent_growth_per_year=0.1), years(2, 24)
    assert [rent_musd_per_mw_year(row, calendar, t) for t in (0, 1)] == pytest.approx([10 * 1.1, 10 * 1.1**3])
    assert rent_musd_per_mw_year(build(), calendar, 1) == 0.0


@pytest.mark.parametrize("months", [1, 3, 12, 18])
def test_a_block_pays_take_or_pay_rent_and_running_cost_for_each_period_in_force(months: int) -> None:
    """Law: share x rent x IT MW x years, in $B; and running cost on IT MW in force, whatever the share."""
    row = offer(1, rent_musd_per_mw_year=2.0, take_or_pay_share=0.75, opex_musd_per_mw_year=0.3, term_years=50.0)
    calendar = years(3, months)
    pays = choices(row, calendar)[1].pays_busd
    length = months / 12
    assert pays == pytest.approx(
        {
            **{("rent", t): 0.75 * 2.0 * 50.0 / 1000 * length for t in (1, 2)},
            **{("opex", t): 0.3 * 50.0 / 1000 * length for t in (1, 2)},
        }
    )


def test_a_renewed_block_pays_the_renewal_rent_which_does_not_grow() -> None:
    """Law: the growing rent in the term, the renewal rent after it, both times the take-or-pay share."""
    row = cloud(
        term_years=1.0, rent_growth_per_year=0.2, renewal_rent_musd_per_mw_year=7.0, take_or_pay_share=0.5,
    )  # fmt: skip
    (renewed,) = (c for c in choices(row, years(3)) if (c.start, c.end) == (0, 3))
    gw = 0.05
    expected = [0.5 * 10.0 * 1.2**0.5 * gw, 0.5 * 7.0 * gw, 0.5 * 7.0 * gw]
    assert [renewed.pays_busd["rent", t] for t in range(3)] == pytest.approx(expected)
    assert renewed.term_end == 1


def test_a_contract_without_any_rent_due_pays_nothing() -> None:
    """Without take-or-pay a block in force has no payment at all: no item of zero is written."""
    assert [dict(c.pays_busd) for c in choices(cloud(take_or_pay_share=0.0), years())] == [{}] * 4


@pytest.mark.parametrize(
    ("term", "end", "left_years"),
    [
        (4.0, 1, 3.0),
        (4.0, 3, 1.0),
        (2.5, 1, 1.5),
        (2.5, 2, 0.5),
        (7.0, 2, 2.0 + 3.0),
    ],
)
def test_leaving_early_costs_a_share_of_the_rent_that_is_left(term: float, end: int, left_years: float) -> None:
    """Law: exit share x take-or-pay share x rent x years left of the exact term, those beyond the horizon included."""
    row = cloud(term_years=term, exit_after_years=1.0, exit_cost_share=0.25, take_or_pay_share=0.8)
    (left,) = (c for c in choices(row, years()) if (c.start, c.end) == (0, end))
    assert left.pays_busd["exit", end] == pytest.approx(0.25 * 0.8 * 10.0 * 0.05 * left_years)
    assert [item for item, t in left.pays_busd if t >= end] == ["exit"]


def test_the_rent_left_grows_to_the_last_period_and_no_further() -> None:
    """Beyond the horizon the rent that is left is counted at the rent of the last period."""
    row = cloud(term_years=6.0, rent_growth_per_year=0.1, exit_after_years=1.0, exit_cost_share=1.0)
    (left,) = (c for c in choices(row, years(3)) if (c.start, c.end) == (0, 1))
    expected = 0.05 * 10.0 * (1.1**1.5 + 1.1**2.5 + 3.0 * 1.1**2.5)
    assert left.pays_busd["exit", 1] == pytest.approx(expected)


@pytest.mark.parametrize("renewal", [None, 5.0])
def test_a_contract_that_ends_with_its_term_or_later_pays_no_exit(renewal: float | None) -> None:
    """Only those who leave before the end of the term pay for it."""
    row = cloud(
        term_years=2.0, renewal_rent_musd_per_mw_year=renewal, exit_after_years=0.0, exit_cost_share=1.0,
    )  # fmt: skip
    late = [c for c in choices(row, years()) if c.end >= c.term_end]
    early = [c for c in choices(row, years()) if c.end < c.term_end]
    assert {item for c in late for item, _ in c.pays_busd} == {"rent"}
    assert all(("exit", c.end) in c.pays_busd for c in early)
    assert len(early) == 3


@pytest.mark.parametrize(
    ("lead", "milestones", "start", "expected"),
    [
        (0.0, (0.4, 0.6), 2, {2: 10.0}),
        (12.0, (1.0,), 2, {1: 10.0}),
        (24.0, (0.4, 0.6), 2, {0: 4.0, 1: 6.0}),
        (24.0, (1.0,), 3, {1: 5.0, 2: 5.0}),
        (18.0, (0.3, 0.3, 0.4), 3, {1: 3.0, 2: 7.0}),
        (18.0, (1.0,), 2, {0: 10.0 / 3, 1: 20.0 / 3}),
        (6.0, (0.0, 1.0), 1, {0: 10.0}),
    ],
)
def test_capex_is_spread_over_the_lead_time_by_milestones(
    lead: float, milestones: tuple[float, ...], start: int, expected: dict[int, float]
) -> None:
    """Equal parts of the lead time pay their shares evenly; without a lead time all is paid at the start."""
    assert spread_capex(10.0, milestones, lead, years(), start) == pytest.approx(expected)


@settings(max_examples=100, deadline=None)
@given(
    months=st.integers(1, 24),
    start=st.integers(0, 11),
    lead_share=st.floats(0.0, 1.0),
    weights=st.lists(st.integers(1, 9), min_size=1, max_size=5),
)
def test_capex_is_paid_whole_and_before_its_contract_starts(
    months: int, start: int, lead_share: float, weights: list[int]
) -> None:
    """Law: whatever the lead time and the milestones, all of it is paid, none after the start, none negative."""
    calendar = years(12, months)
    lead_months = lead_share * calendar.start_years[start] * 12
    milestones = tuple(weight / sum(weights) for weight in weights)
    pays = spread_capex(7.0, milestones, lead_months, calendar, start)
    assert sum(pays.values()) == pytest.approx(7.0)
    assert max(pays) <= start
    assert min(pays.values()) >= 0.0


def test_no_capex_is_no_payment() -> None:
    """An offer without capex has no item of zero."""
    assert spread_capex(0.0, (1.0,), 12.0, years(), 2) == {}


@pytest.mark.parametrize(
    ("term", "start", "share"),
    [(20.0, 0, 16 / 20), (20.0, 3, 19 / 20), (4.0, 0, 0.0), (5.0, 1, 2 / 5), (3.0, 2, 1 / 3)],
)
def test_salvage_is_the_share_of_the_term_beyond_the_horizon(term: float, start: int, share: float) -> None:
    """Law: capex x (start + term - end of the horizon) / term, per block of 50 IT MW; none without the option."""
    credited = {c.start: c for c in choices(build(term_years=term), years())}
    without = {c.start: c for c in choices(build(term_years=term), years(), salvage=False)}
    assert credited[start].salvage_busd == pytest.approx(12.0 * 0.05 * share)
    assert without[start].salvage_busd == 0.0
    assert without[start].pays_busd == credited[start].pays_busd


def test_only_contracts_in_force_to_the_end_are_credited() -> None:
    """A shell with fit-out that is left early, or whose term ends inside the horizon, has nothing to credit."""
    row = offer(1, capex_busd_per_gw_it=1.0, capex_milestones=(1.0,), exit_after_years=1.0, exit_cost_share=0.0)
    credit = {(c.start, c.end): c.salvage_busd for c in choices(row, years())}
    assert [span for span, busd in credit.items() if busd > 0.0] == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert credit[0, 1] == credit[0, 2] == 0.0
    renewed = offer(1, capex_busd_per_gw_it=1.0, capex_milestones=(1.0,), term_years=2, renewal_rent_musd_per_mw_year=1)
    by_span = {(c.start, c.end): c.salvage_busd for c in choices(renewed, years())}
    assert by_span[0, 4] == 0.0
    assert by_span[3, 4] == pytest.approx(0.05 * 0.5)


@settings(max_examples=40, deadline=None)
@given(mw=st.floats(1.0, 500.0), factor=st.floats(0.1, 10.0))
def test_payments_of_a_block_are_proportional_to_its_size(mw: float, factor: float) -> None:
    """Law: a block of twice the IT MW pays twice of everything."""
    terms = {"exit_after_years": 1.0, "exit_cost_share": 0.5, "capex_busd_per_gw_it": 2.0, "capex_milestones": (1.0,)}
    one = choices(offer(1, block_it_mw=mw, **terms), years())
    many = choices(offer(1, block_it_mw=mw * factor, **terms), years())
    assert spans(one) == spans(many)
    for a, b in zip(one, many, strict=True):
        assert b.pays_busd == pytest.approx({key: factor * busd for key, busd in a.pays_busd.items()})
        assert b.salvage_busd == pytest.approx(factor * a.salvage_busd)


@pytest.mark.parametrize("term", [1.0, 2.0, 3.0, 5.5])
def test_a_term_costs_the_same_in_years_and_in_months(term: float) -> None:
    """Cutting years into months changes no total, as long as the rent does not grow and the term ends on a boundary."""
    row = cloud(term_years=term, opex_musd_per_mw_year=0.5)
    (yearly,) = (c for c in choices(row, years(6)) if c.start == 0)
    (monthly,) = (c for c in choices(row, years(72, 1)) if c.start == 0)
    whole = 6.0 if term == 5.5 else term
    for item, rate in (("rent", 10.0), ("opex", 0.5)):
        in_years = sum(busd for (found, _), busd in yearly.pays_busd.items() if found == item)
        in_months = sum(busd for (found, _), busd in monthly.pays_busd.items() if found == item)
        assert in_months == pytest.approx(rate * 0.05 * term)
        assert in_years == pytest.approx(rate * 0.05 * whole)


def signed(begin: str, end: str, *, chip: str | None = "merchant", rent: float | None = 10.0) -> ContractRow:
    """Return a signed contract of 100 IT MW."""
    return ContractRow(
        contract="c", offer="cloud_east", role="primary", it_mw=100.0, chip=chip, rent_musd_per_mw_year=rent,
        start_date=date.fromisoformat(begin), end_date=date.fromisoformat(end),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("begin", "end", "life", "in_force", "chips"),
    [
        ("2025-07-01", "2028-07-01", 5.0, [1.0, 1.0, 0.5, 0.0], [1.0, 1.0, 0.5, 0.0]),
        ("2025-07-01", "2028-07-01", 2.0, [1.0, 1.0, 0.5, 0.0], [1.0, 0.5, 0.0, 0.0]),
        ("2027-04-01", "2029-10-01", 1.0, [0.0, 0.75, 1.0, 0.75], [0.0, 0.75, 0.25, 0.0]),
        ("2020-01-01", "2050-01-01", 5.0, [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]),
        ("2026-01-01", "2026-02-01", 9.0, [1 / 12, 0.0, 0.0, 0.0], [1 / 12, 0.0, 0.0, 0.0]),
        ("2026-01-01", "2027-01-01", None, [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]),
    ],
)
def test_a_signed_contract_is_in_force_for_the_overlap_of_its_dates(
    begin: str, end: str, life: float | None, in_force: list[float], chips: list[float]
) -> None:
    """Law: IT MW by time average; its chip to the end of its exact life; rent and running cost by years of overlap."""
    row = signed(begin, end, chip=None if life is None else "merchant")
    placed = signed_contract(row, cloud(opex_musd_per_mw_year=0.2), life, years())
    assert placed.in_force_gw == pytest.approx([0.1 * share for share in in_force])
    assert placed.chip_gw == pytest.approx([0.1 * share for share in chips])
    assert placed.rent_busd == pytest.approx([0.1 * 10.0 * share for share in in_force])
    assert placed.opex_busd == pytest.approx([0.1 * 0.2 * share for share in in_force])


@pytest.mark.parametrize(("count", "months"), [(4, 12), (16, 3), (48, 1), (2, 24), (1, 48)])
def test_a_signed_contract_pays_the_same_whatever_the_periods(count: int, months: int) -> None:
    """Law: the sum of rent, running cost and IT MW-years does not depend on how the horizon is cut."""
    calendar = years(count, months)
    placed = signed_contract(signed("2026-05-01", "2028-11-01"), cloud(opex_musd_per_mw_year=0.2), 1.5, calendar)
    assert sum(placed.rent_busd) == pytest.approx(0.1 * 10.0 * 2.5)
    assert sum(placed.opex_busd) == pytest.approx(0.1 * 0.2 * 2.5)
    gw_years = [gw * calendar.length_years(t) for t, gw in enumerate(placed.chip_gw)]
    assert sum(gw_years) == pytest.approx(0.1 * 1.5)


def test_a_signed_contract_without_a_rent_pays_running_cost_alone() -> None:
    """An empty rent is none, and an offer without running cost has none."""
    placed = signed_contract(signed("2026-01-01", "2030-01-01", rent=None), build(), None, years())
    assert placed.rent_busd == placed.opex_busd == (0.0,) * 4
    assert placed.in_force_gw == pytest.approx([0.1] * 4)
