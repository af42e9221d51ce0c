"""Programs held as lists: the same as in Pyomo, entry by entry."""

import json
import subprocess
import sys

import numpy as np
import pytest

from planner.case.case import CaseData
from planner.errors import OptionError, PlannerError
from planner.inputs import make_inputs
from planner.program import Family, add_row, build_program, list_program, quickest_program
from planner.program.columns import SPEND
from planner.program.declare import add_variable, evaluator
from planner.program.listed import ListedProgram
from planner.program.terms import Domain, Program, Sum
from planner.runs.compile import compile_program
from planner.solve.arrays import INFINITY, Arrays
from planner.symbols import Column, Constraint, Row, Values, Variable
from tests.cases import make_case
from tests.length import some
from tests.program.golden_cases import CASES
from tests.program.tiny import tiny
from tests.reference.rich_cases import rich_case

HELD = Constraint[None]("held", family="mine")
SOLD = Variable[int]("sold_gw", ("period",), "IT GW", "sold", "mine")


def assert_same(left: Arrays, right: Arrays) -> None:
    """Every number, record and key of one is that of the other, in the same place, and so is every kind of number."""
    for name in ("cost", "lower", "upper", "integer", "implied", "declared", "row_lower", "row_upper"):
        ours, theirs = getattr(left, name), getattr(right, name)
        assert ours.dtype == theirs.dtype, name
        np.testing.assert_array_equal(ours, theirs, err_msg=name)
    for name in ("data", "indices", "indptr"):
        ours, theirs = getattr(left.matrix, name), getattr(right.matrix, name)
        assert ours.dtype == theirs.dtype, name
        np.testing.assert_array_equal(ours, theirs, err_msg=name)
    assert (left.matrix.shape, left.offset) == (right.matrix.shape, right.offset)
    assert (left.columns, left.rows) == (right.columns, right.rows)


def both(case: CaseData) -> tuple[Arrays, Arrays]:
    """The arrays of a case from lists and from Pyomo."""
    inputs = make_inputs(case)
    return compile_program(list_program(inputs)), compile_program(build_program(inputs))


@pytest.mark.parametrize("name", ["full", *CASES])
def test_lists_and_pyomo_give_the_same_arrays(name: str) -> None:
    """Law: of every family's case, both ways of holding the program compile to the same arrays, entry by entry."""
    assert_same(*both(make_case(full=True) if name == "full" else CASES[name]()))


@pytest.mark.slow
@pytest.mark.parametrize("number", some(range(40), 10))
def test_lists_and_pyomo_give_the_same_arrays_of_random_cases(number: int) -> None:
    """Law: as above, of random cases with everything that a case may have; ten of 40."""
    assert_same(*both(rich_case(number)))


def test_sums_have_the_same_value_either_way() -> None:
    """Law: what a sum of the ledger comes to at a point does not depend on what holds the program."""
    inputs = make_inputs(make_case(full=True))
    listed, in_pyomo = list_program(inputs), build_program(inputs)
    columns = compile_program(listed).columns
    values = Values.at(columns, [0.37 * (1 + n % 11) for n in range(len(columns))])
    ours, theirs = evaluator(listed, values), evaluator(in_pyomo, values)
    assert listed.ledger.spend
    for key, total in listed.ledger.spend.items():
        assert ours(total) == theirs(in_pyomo.ledger.spend[key])


def _small(*terms: tuple[float, int], lower: float | None = None, upper: float | None = None) -> Arrays:
    """The arrays of a program of three columns, bounded in three ways, and one row."""
    m = ListedProgram()
    sold = add_variable(
        m,
        SOLD,
        range(3),
        domain=Domain.NON_NEGATIVE,
        bounds=lambda _m, t: (-1.0 if t else 2.0, 5.0 if t else None),
    )
    total = Sum()
    for coefficient, t in terms:
        total.add(coefficient, sold[t])
    add_row(m, HELD, total.at_most(upper) if upper is not None else total.at_least(lower or 0.0))
    m.form.set_objective(Sum(7.0).add(1.0, sold[2]))
    return compile_program(m)


def test_terms_of_one_column_are_added_up() -> None:
    """Law: a column has one entry in a row, none if its terms cancel out; a column without any is left out."""
    arrays = _small((1.0, 0), (2.0, 1), (3.0, 0), (-2.0, 1), upper=6.0)
    assert arrays.matrix.toarray().tolist() == [[4.0, 0.0]]
    assert arrays.columns == (Column(SOLD, 0), Column(SOLD, 2))
    assert (arrays.cost.tolist(), arrays.offset) == ([0.0, 1.0], 7.0)
    assert (arrays.lower.tolist(), arrays.upper.tolist()) == ([2.0, 0.0], [INFINITY, 5.0])
    assert (arrays.row_lower.tolist(), arrays.row_upper.tolist()) == ([-INFINITY], [6.0])


def test_a_row_without_terms_stays_only_if_nothing_meets_it() -> None:
    """Law: what always holds is no row; what never does is one, so that the solver finds the case infeasible."""
    assert _small(upper=0.0).row_count == 0
    assert _small(lower=-1.0).row_count == 0
    assert _small(lower=1.0).rows == (Row(HELD, None),)
    assert _small(upper=-1.0).row_upper.tolist() == [-1.0]


def test_a_name_is_declared_once() -> None:
    """Law: a second variable or constraint of a name is refused, whatever holds the program."""
    m = ListedProgram()
    add_variable(m, SOLD, [0])
    with pytest.raises(PlannerError, match="which the program has already"):
        add_variable(m, SOLD, [1])


def test_families_of_ones_own_are_declared_in_pyomo() -> None:
    """Law: a case with families of the user's own is held in Pyomo, in which these are written; any other is not."""

    def build(m: Program, _inputs: object, _ledger: object) -> None:
        add_row(m, HELD, Sum().add(1.0, SPEND.of(m)["primary", 0]).at_least(0.0))

    inputs = make_inputs(tiny())
    assert isinstance(quickest_program(inputs), ListedProgram)
    own = quickest_program(inputs, [Family("mine", build)])
    assert not isinstance(own, ListedProgram)
    assert Row(HELD, None) in compile_program(own).rows


def test_a_case_that_needs_a_family_is_refused_without_it() -> None:
    """Law: the lists refuse a section of a family that is not given, as Pyomo does."""
    case = tiny()
    families = case.model.families.model_copy(update={"own": {"water": {"cap": 1.0}}})
    inputs = make_inputs(case.replace(model=case.model.model_copy(update={"families": families})))
    with pytest.raises(OptionError, match=r"families\.own\.water"):
        list_program(inputs)


@pytest.mark.slow
def test_a_solve_does_not_import_pyomo() -> None:
    """Law: a case without families of its own is solved, audited and written without Pyomo and pandas."""
    code = (
        "import json, sys; from planner import Case; plan = Case.read('three_sites').solve(gap=0.0); "
        "print(json.dumps(sorted({'pyomo', 'pandas'} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
