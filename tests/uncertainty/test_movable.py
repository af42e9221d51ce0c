"""What a shift would move is what a shift moves."""

import pytest

from planner import Case, CaseError
from planner.changes.apply import apply_whatif, make_whatif
from planner.uncertainty.movable import movable
from tests.cases import make_case


@pytest.mark.parametrize("table", ["sites", "chips"])
@pytest.mark.parametrize("name", ["full", "plain", "four_campuses", "three_sites"])
def test_it_says_what_the_shift_does(name, table):
    """Law: a key is movable just if shifting it by a month is no error."""
    case = make_case(full=name == "full") if name in ("full", "plain") else Case.read(name)

    for key in case.index(table):
        shift = make_whatif({"op": "shift", "table": table, "key": key, "months": 1})
        if key in movable(case, table):
            assert apply_whatif(case, shift).data != case
        else:
            with pytest.raises(CaseError, match="nothing moves"):
                apply_whatif(case, shift)
