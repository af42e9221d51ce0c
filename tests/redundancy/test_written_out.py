"""Plans under cuts cost what the written-out program costs, in which every contingency's re-routing is a variable."""

import pytest

from bench.reference.written_out import FEASIBLE, solve_written_out
from planner.audit import audit
from planner.case.case import CaseData
from planner.inputs import make_inputs
from planner.options import SolveOptions
from planner.plan.extract import extract_tables
from planner.program import build_program
from planner.runs.compile import make_mip
from planner.solve import settings
from planner.solve.records import Answer
from planner.solve.serve import solve_mip
from planner.symbols import Values
from tests.length import some
from tests.redundancy.random_cases import KINDS, random_case

ALL = 240
FAST = [number for number in range(27) if number not in (0, 20, 22)]
"""24 cases without those that take seconds."""


def _solve(case: CaseData) -> tuple[Answer, list[str]]:
    """The planner's answer, and what the audit says of the redundancy of its plan."""
    inputs = make_inputs(case)
    m = build_program(inputs)
    mip = make_mip(m, inputs).hardened()  # the written-out program asks for the critical share of all demand
    answer = solve_mip(mip, SolveOptions(gap=0.0), lambda _news: False)
    if answer.x is None:
        return answer, []
    values = Values.at(mip.arrays.columns, answer.x)
    report = audit(case, extract_tables(m, inputs, values))
    return answer, [line for line in report.lines if line.startswith(("redundancy", "contingencies"))]


def _check(number: int) -> bool:
    case = random_case(number)
    answer, faults = _solve(case)
    reference = solve_written_out(case)
    feasible = reference.status in FEASIBLE
    assert feasible or reference.status == "infeasible"
    assert (answer.x is not None) == feasible, (number, answer.status, reference.status)
    if feasible:
        assert answer.objective == pytest.approx(reference.cost_busd, rel=1e-6, abs=1e-6), number
        assert faults == [], number
    else:
        assert answer.status == "infeasible", number
    return feasible


SPELLED_OUT = (1, 3, 5, 8, 11, 14, 17, 19, 23, 26, 30)
WRONG_OPTIMUM = 35
"""HiGHS 1.15.1 with its presolve's aggregator calls a plan of this case optimal that is 2 % dearer than another."""


@pytest.mark.parametrize("number", [*some(FAST, 6), WRONG_OPTIMUM])
@pytest.mark.slow
def test_cost_is_that_of_the_written_out_program(number: int) -> None:
    """Law: cuts on capacity say what re-routing written out says; the audit finds no fault in the certificates.

    Six of 24 cases and the one that a solver got wrong.
    """
    _check(number)


@pytest.mark.slow
def test_cost_is_that_of_the_written_out_program_on_all() -> None:
    """The same on 30 of 240 cases, of which most can be met and some cannot."""
    numbers = some(range(ALL), 30)
    feasible = sum(_check(number) for number in numbers)
    assert 0.5 * len(numbers) < feasible < 0.95 * len(numbers)


@pytest.mark.parametrize("number", [*some(SPELLED_OUT, 4), WRONG_OPTIMUM])
@pytest.mark.slow
def test_the_same_with_sums_of_blocks_written_out(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Law: the form in which tight gaps of larger programs are proven again has the same optima; five of twelve."""
    monkeypatch.setattr(settings, "SPELLED_OUT_INTEGERS", (0, 4000))
    _check(number)


def test_random_cases_cover_what_they_are_for() -> None:
    """The cases have every kind of domain, N-1 and N-2, overrides, years, both objectives and chips that disagree."""
    cases = [random_case(number) for number in FAST]
    rules = [rule for case in cases for rule in case.model.families.redundancy.rules]
    assert {rule.domain for rule in rules} == set(KINDS)
    assert {rule.k for rule in rules} == {1, 2}
    assert any(rule.overrides for rule in rules)
    assert any(rule.first_year for rule in rules)
    assert any(rule.last_year for rule in rules)
    assert {case.model.objective.unserved for case in cases} == {"priced", "lexicographic"}
    assert {make_inputs(case).workload_scale() is None for case in cases} == {True, False}
    assert any(chip.training_compute_per_it_mw is None for case in cases for chip in case.tables["chips"])
