"""The planner answers what a second formulation answers, written from docs/formulation.md alone."""

from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest

from planner import Case
from planner.case.case import CaseData
from planner.case.model import Families
from planner.errors import InfeasibleError
from tests.reference.coverage import DEVICES, DEVICES_OF_FAMILIES, binding, forms
from tests.reference.rich_cases import rich_case, sound_draws
from tests.reference.rich_horizon import HORIZON
from tests.reference.rich_money import MONEY
from tests.reference.rich_programmes import LATER
from tests.reference.rich_ramps import RAMPS
from tests.reference.second import TIERS, Found, solve_second

ALL = 300
MOST_LATER = 200
MOST_MONEY = 200
MOST_HORIZON = 200
MOST_RAMPS = 24
FAST = (0, 1, 2, 3, 4, 5, 6, 7, 9, LATER, LATER + 1, LATER + 2, LATER + 4, MONEY, MONEY + 1, HORIZON, RAMPS + 10)
LEAST = 3
"""In how many of the 924 cases each device must bind, so that agreement says something of it."""
USED = (
    "exit",
    "renewal",
    "term ends inside a period",
    "chip end of life",
    "signing cost",
    "minimum commitment",
    "development",
    "development started before the first volume",
    "on-site generation",
    "on-site storage",
    "salvage",
    "opening",
    "backup sold",
    "backup sold by compute",
    "programme declined",
    "programme missed",
    "lease outlasts its chip",
    "smallest signing",
    "refresh",
    "refresh after renewal",
    "refresh of a chip at its end of life",
    "ramp",
    "ramp of a signed lease",
    "refresh within a ramp",
    "refresh before a rise of a ramp",
    "chip of the plan in a signed lease",
    "drawn: equity",
    "drawn: vendor",
    "drawn: debt",
    "interest",
    "owed at the end",
)
FORMS = (
    "lexicographic",
    "priced",
    "start in the middle of a year",
    "uneven periods",
    "a tail",
    "a site that is not available",
)


def _planner(case: CaseData) -> tuple[float, ...] | None:
    """Cost, unserved share and tiers of the planner's plan, which has passed its audit; None: proven that none is."""
    try:
        summary = Case.of(case).solve(gap=0.0, own_process=False).summary
    except InfeasibleError:
        return None
    missing = {entry["tier"]: float(entry["amount"]) for entry in summary["shortfalls"]}
    return float(summary["cost_busd"]), float(summary["unserved_share"]), *(missing.get(tier, 0.0) for tier in TIERS)


def agree(number: int, case: CaseData) -> Found | None:
    """Hold the planner's answer to that of the second formulation, and return the latter; None: neither has a plan."""
    second, planner = solve_second(case), _planner(case)
    assert (second is None) == (planner is None), f"rich case {number}: {planner} here, {second} there"
    if second is not None and planner is not None:
        missing = [second.missing.get(tier, 0.0) * (1e3 if tier == "programme" else 1.0) for tier in TIERS]
        expected = (
            pytest.approx(second.cost_busd, rel=1e-6, abs=1e-6),
            pytest.approx(second.unserved_share, abs=1e-6),
            *(pytest.approx(amount, rel=2e-6, abs=1e-5) for amount in missing),
        )
        assert planner == expected, f"rich case {number}"
    return second


def test_every_family_of_the_model_has_devices() -> None:
    """Law: a constraint family that no device takes out is not shown to agree with the second formulation."""
    families = set(Families.model_fields) - {"own"}
    lacking = sorted(families - set(DEVICES_OF_FAMILIES))
    assert lacking == [], f"DEVICES_OF_FAMILIES of tests/reference/coverage.py lacks {lacking}"
    assert set(DEVICES_OF_FAMILIES) == families
    for name, devices in DEVICES_OF_FAMILIES.items():
        assert devices, name
        assert set(devices) <= set(DEVICES), name


def test_every_family_of_the_model_is_drawn_and_taken_out() -> None:
    """Law: random rich cases have every constraint family, and each of its devices takes something out of one."""
    cases = [next(sound_draws(number)) for number in (*range(60), *range(MONEY, MONEY + 30))]
    for name, devices in DEVICES_OF_FAMILIES.items():
        having = [case for case in cases if getattr(case.model.families, name) is not None]
        assert having, f"tests/reference/rich_cases.py draws no case with the family {name}"
        for device in devices:
            assert any(DEVICES[device](case) is not None for case in having), f"{name}: {device}"


@pytest.mark.parametrize("number", FAST)
def test_cost_and_unserved_share_are_those_of_the_second_formulation(number: int) -> None:
    """Law: two programs written from one page have one answer."""
    agree(number, rich_case(number))


def below_zero(number: int) -> CaseData:
    """A rich case of which revenue, or the cash limit, is so little that the budget of some year is below zero."""
    case = rich_case(number)
    budget = case.tables["budget"]
    column = "cash_burn_busd" if case.model.families.budget.basis == "burn" else "cash_limit_busd"
    lower = [
        row.model_copy(update={column: getattr(row, column) - (1.0 + place % 3)}) for place, row in enumerate(budget)
    ]
    return replace(case, tables={**case.tables, "budget": tuple(lower)})


def with_budget(first: int, count: int) -> list[int]:
    """The first numbers of rich cases that have a budget of basis burn."""
    numbers = (n for n in range(first, first + 400) if _burns(rich_case(n)))
    return list(islice(numbers, count))


def _burns(case: CaseData) -> bool:
    family = case.model.families.budget
    return family is not None and family.basis == "burn" and case.model.objective.unserved == "lexicographic"


def test_a_budget_below_zero_is_that_of_the_second_formulation() -> None:
    """Law: what other spending lacks is a shortfall of cash in both programs, and of the same amount."""
    for number in with_budget(0, 2):
        found = agree(number, below_zero(number))
        assert found is None or found.missing["cash"] > 0.0


@pytest.mark.slow
def test_budgets_below_zero_are_those_of_the_second_formulation() -> None:
    """The same on more cases."""
    for number in with_budget(MONEY, 12):
        agree(number, below_zero(number))


@pytest.mark.slow
@pytest.mark.xfail(
    reason="open: of the numbers up to 899, 169 ends at a limit, 449 and 619 differ by 5e-5 in what is missed, and "
    "679 has a plan that the second formulation refuses (its slack of 1e-7 per tier); shares of infeasible cases are "
    "those of before shortfalls",
    strict=False,
)
def test_cost_and_unserved_share_are_those_of_the_second_formulation_on_all() -> None:
    """The same on 924 cases, in which every device of the page is there, and binds in several."""
    used: Counter[str] = Counter(dict.fromkeys((*USED, *FORMS), 0))
    bound: Counter[str] = Counter(dict.fromkeys(DEVICES, 0))
    feasible = 0
    later = ((LATER, MOST_LATER), (MONEY, MOST_MONEY), (HORIZON, MOST_HORIZON), (RAMPS, MOST_RAMPS))
    numbers = (*range(ALL), *(number for first, count in later for number in range(first, first + count)))
    for number in numbers:
        case = rich_case(number)
        found = agree(number, case)
        feasible += found is not None
        used.update(forms(case))
        used.update(found.used if found is not None else ())
        bound.update(binding(case, found, frozenset(name for name in bound if bound[name] < LEAST)))
    print(f"{feasible} of {len(numbers)} feasible; used: {dict(used)}; binding (counted to {LEAST}): {dict(bound)}")  # noqa: T201
    assert 0.6 * len(numbers) < feasible < 0.95 * len(numbers)
    assert [name for name, count in used.items() if count < LEAST] == []
    assert [name for name, count in bound.items() if count < LEAST] == []
