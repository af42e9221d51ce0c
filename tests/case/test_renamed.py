"""The law of renamed columns: until the version named, the earlier name means the same, and says what is new."""

import json
from pathlib import Path

import pytest

from planner.analysis.tornado import groups_of
from planner.api import Case
from planner.case.read import read_case
from planner.case.renamed import RENAMED
from planner.case.rows import TABLES
from planner.changes.figures import number_at
from planner.errors import CaseError, DeprecatedNameWarning
from tests.case.helpers import FILES, problems_of, spoilt

OLD, NEW = "programme_cost_busd", "development_cost_busd"
CHIPS = FILES["chips.csv"].replace(f",{NEW},", f",{NEW},{NEW}_low,{NEW}_high,")
RANGED = "\n".join(
    line if number == 0 else line.replace(",0.5,", ",0.5,0.25,1,") if ",0.5," in line else line.replace(",,", ",,,,", 1)
    for number, line in enumerate(CHIPS.splitlines())
)
"""The chips of the good case, the development cost of the custom one between 0.25 and 1."""


@pytest.fixture
def today(tmp_path):
    """A case with a custom chip."""
    return spoilt(tmp_path / "today", {"chips.csv": RANGED})


@pytest.fixture
def earlier(tmp_path):
    """The same with the column names of version 0.1."""
    return spoilt(tmp_path / "earlier", {"chips.csv": RANGED.replace(NEW, OLD)})


def test_renamed_columns_exist_and_their_earlier_names_do_not():
    """What is renamed is a column today, and its earlier name is none."""
    for (table, earlier_name), name in RENAMED.items():
        assert name in TABLES[table].model_fields
        assert earlier_name not in TABLES[table].model_fields


def test_a_table_with_the_earlier_name_is_the_same_case(today, earlier):
    """Rows, ranges and hash are equal; the warning names file, both names and the version that ends the earlier one."""
    with pytest.warns(DeprecatedNameWarning, match=rf"chips\.csv: column {OLD} .* now called {NEW}; .* version 0\.3"):
        old = read_case(earlier)
    new = read_case(today)
    assert old.tables["chips"] == new.tables["chips"]
    assert old.ranges["chips"] == {"custom": {NEW: (0.25, 1.0)}} == new.ranges["chips"]
    assert old.hash == new.hash


@pytest.mark.filterwarnings("ignore::planner.errors.DeprecatedNameWarning")
def test_a_hash_is_the_one_of_before_the_renaming():
    """The fingerprint of a case with custom chips, stored with a plan of 0.1, did not change with the name."""
    folder = Path(__file__).parents[1] / "data" / "plans_0_1_0" / "mixed"
    stored = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["case_hash"]
    assert read_case(folder / "inputs" / "model.toml").hash == stored


@pytest.mark.filterwarnings("ignore::planner.errors.DeprecatedNameWarning")
def test_faults_name_the_column_as_the_file_does(tmp_path):
    """A fault of a cell, and both names in one header, are told in the words of the file."""
    wrong = spoilt(tmp_path / "wrong", {"chips.csv": RANGED.replace(NEW, OLD).replace(",0.5,", ",much,")})
    (fault,) = problems_of(wrong)
    assert (fault.column, fault.value) == (OLD, "much")
    both = spoilt(
        tmp_path / "both", {"chips.csv": RANGED.replace(f"{NEW}_low", OLD).replace(f",{NEW}_high", ",x_high")}
    )
    assert any(f"({OLD} is the earlier name of {NEW})" in fault.message for fault in problems_of(both))


def test_changes_may_use_the_earlier_name(today):
    """``--set``, what-ifs (set, where, add), break-even places and tornado groups mean the same by either name."""
    case = Case.read(today)
    cell = f"chips[custom].{OLD}"
    expected = case.what_if([f"chips[custom].{NEW}=0.75"]).hash
    forms = (
        [f"{cell}=0.75"],
        [{"op": "set", "table": "chips", "key": "custom", "column": OLD, "value": 0.75}],
        [{"op": "set", "table": "chips", "where": {OLD: 0.5}, "column": NEW, "value": 0.75}],
    )
    for changes in forms:
        with pytest.warns(DeprecatedNameWarning, match=NEW):
            assert case.what_if(changes).hash == expected
    row = {"chip": "later", "name": "Later", "vendor": "own", "power_w_per_accelerator": 1000, "life_years": 5}
    row |= {"price_growth_per_year": 0, "first_date": "2027-01-01", "training_compute_per_it_mw": 1}
    with pytest.warns(DeprecatedNameWarning):
        added = case.what_if([{"op": "add", "table": "chips", "row": {**row, OLD: 2}}])
    assert added.index("chips")["later"].development_cost_busd == 2.0
    with pytest.warns(DeprecatedNameWarning):
        assert number_at(case, cell).value == 0.5
    with pytest.warns(DeprecatedNameWarning):
        (group,) = groups_of(case, [f"chips.{OLD}"])
    assert group.changes("low") == [f"chips[custom].{NEW}=0.25"]


def test_a_name_that_never_was_is_refused_as_ever(today):
    """An earlier name of one table is no name of another."""
    with pytest.raises(CaseError, match="no column 'programme_cost_busd'"):
        Case.read(today).what_if([f"sites[north].{OLD}=1"])
