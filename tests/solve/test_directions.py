"""More of what is scarce, or the same for less money, never makes a plan worse; more demand never makes it better."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.case.case import CaseData
from planner.errors import InfeasibleError
from tests.program.tiny import CASH, cash, chip, lease, own, region, site, solve, tiny

FEW = settings(max_examples=6, deadline=None, derandomize=True)
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Given:
    """The figures of a case in which everything is scarce: two years, two sites, rent or build."""

    demand: float = 80.0
    limit_busd: float = 0.9
    facility_mw: float = 60.0
    firm_mw: float = 110.0
    supply_mw: float = 60.0
    rent_musd: float = 10.0
    chip_price_busd: float = 30.0
    critical_share: float = 0.3
    priced: bool = False

    def case(self) -> CaseData:
        """The case."""
        offers = [
            lease("x", "a", rent_musd_per_mw_year=self.rent_musd, take_or_pay_share=0.7, term_years=1.0),
            own("y", "b", term_years=10.0, roles=("primary", "backup")),
        ]
        steps = [{"site": name, "date": "2026-01-01", "facility_mw": self.facility_mw} for name in "ab"]
        rules = [{"name": "any site", "domain": "site", "critical_share": self.critical_share}]
        return tiny(
            [self.demand / 2, self.demand], periods=2, sites=[site("a"), site("b")], offers=offers, energisation=steps,
            power_regions=[region(firm_facility_mw=self.firm_mw)], budget=cash(2, self.limit_busd),
            chip_supply=[{"chip": "chip", "year": year, "it_mw": self.supply_mw} for year in (2026, 2027)],
            chips=[chip(price_busd_per_gw_it=self.chip_price_busd)],
            families={
                "power": {"utilisation": 0.8}, "budget": {**CASH, "carry_over": True}, "redundancy": {"rules": rules}
            },
            objective={
                "salvage": "straight_line",
                "unserved": "priced" if self.priced else "lexicographic",
                "unserved_price_busd_per_compute_year": 0.05 if self.priced else None,
            },
        )  # fmt: skip


def outcome(figures: Given) -> tuple[float, float]:
    """Unserved compute over time and cost of the best plan; nothing serves when no plan can be found."""
    try:
        plan = solve(figures.case())
    except InfeasibleError:
        return float("inf"), float("inf")
    return sum(float(row["unserved_compute"]) for row in plan.rows("unserved")), float(plan.summary["cost_busd"])


def no_worse(better: tuple[float, float], worse: tuple[float, float]) -> bool:
    """Whether less is unserved, or as much for no more money."""
    more, less = better[0] - TOLERANCE, better[0] + TOLERANCE
    return less < worse[0] or (more <= worse[0] and better[1] <= worse[1] + TOLERANCE * max(1.0, abs(worse[1])))


SCARCE = ["limit_busd", "facility_mw", "firm_mw", "supply_mw"]
PRICES = ["rent_musd", "chip_price_busd"]


@pytest.mark.parametrize("name", SCARCE)
@FEW
@given(factor=st.floats(1.01, 2.0), demand=st.floats(20.0, 120.0))
@pytest.mark.slow
def test_more_of_what_is_scarce_is_never_worse(name, factor, demand):
    """More money, energised power, firm power or chips: every plan stays allowed, so the best is no worse."""
    before = Given(demand=demand)
    after = replace(before, **{name: getattr(before, name) * factor})
    assert no_worse(outcome(after), outcome(before))


@pytest.mark.parametrize("name", PRICES)
@FEW
@given(factor=st.floats(0.3, 0.99), demand=st.floats(20.0, 120.0))
@pytest.mark.slow
def test_a_lower_price_is_never_worse(name, factor, demand):
    """With a price lowered, every plan is allowed still and costs no more."""
    before = Given(demand=demand)
    after = replace(before, **{name: getattr(before, name) * factor})
    assert no_worse(outcome(after), outcome(before))


@pytest.mark.parametrize("priced", [False, True])
@FEW
@given(factor=st.floats(1.01, 1.5), demand=st.floats(10.0, 80.0))
@pytest.mark.slow
def test_more_demand_is_never_better(priced, factor, demand):
    """Serving more never costs less: unserved demand or cost grows; with unserved demand priced the cost does."""
    before = Given(demand=demand, priced=priced)
    less, more = outcome(before), outcome(replace(before, demand=demand * factor))
    assert no_worse((0.0, less[1]), (0.0, more[1])) if priced else no_worse(less, more)


@FEW
@given(low=st.just(0.0) | st.floats(0.01, 0.5), more=st.floats(0.05, 0.5))
@pytest.mark.slow
def test_more_critical_demand_is_never_better(low, more):
    """A larger critical share only takes plans away (shares that ask for less than a kilowatt are refused by check)."""
    assert no_worse(outcome(Given(critical_share=low)), outcome(Given(critical_share=low + more)))


@pytest.mark.slow
def test_the_case_of_these_tests_is_scarce():
    """A plan exists, and each limit binds somewhere: much less of it leaves more unserved."""
    unserved, cost = outcome(Given())
    assert 0.0 <= unserved < float("inf")
    assert cost > 0.0
    for name in SCARCE:
        assert outcome(replace(Given(), **{name: getattr(Given(), name) * 0.3}))[0] > unserved, name
