"""Records of the program: every column and every row has exactly one, and nothing else knows what they are called."""

import ast
import re
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest

from planner import Case
from planner.case.case import CaseData
from planner.errors import PlannerError
from planner.inputs import Inputs, make_inputs
from planner.program import build_program, columns
from planner.program.declare import add_constraint, add_row, add_variable, evaluator
from planner.program.families import FAMILIES
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import Expr, PyomoModel, Sum
from planner.redundancy import symbols as redundancy_symbols
from planner.runs.compile import compile_program, make_mip
from planner.solve.arrays import Arrays
from planner.symbols import COMPUTE, MONEY, PERIOD, Column, ColumnIndex, Constraint, Row, Values, Variable, parts
from tests.cases import make_case
from tests.program.golden_cases import CASES
from tests.program.tiny import lease, tiny

ROOT = Path(__file__).resolve().parents[2]
COMPONENT = re.compile(r"\b[vc]_(?![\d_])\w*")
PYOMO_OWN = {"c_offset"}
"""Attributes of Pyomo's own that look like names of the program."""
RECORDS = [
    record
    for module in (columns, redundancy_symbols)
    for record in vars(module).values()
    if isinstance(record, Variable)
]
UNITS = {
    "_gw": ("IT GW", "facility GW", "IT GW or facility GW"),
    "_busd": (MONEY,),
    "_compute": (COMPUTE,),
    "_mt": ("Mt",),
    "_blocks": ("blocks",),
}
"""Units by the end of a name."""


def _full() -> CaseData:
    return make_case(full=True)


def _programs() -> list[tuple[str, CaseData]]:
    return [("full", _full()), *((name, case()) for name, case in CASES.items())]


@pytest.fixture(scope="module", params=_programs(), ids=lambda pair: pair[0])
def compiled(request: pytest.FixtureRequest) -> tuple[PyomoModel, Inputs, Arrays]:
    """The program of a case, its inputs and its arrays: one with every family, and that of each golden file."""
    inputs = make_inputs(request.param[1])
    m = build_program(inputs)
    return m, inputs, make_mip(m, inputs).arrays


def _names(tree: ast.AST) -> list[str]:
    """Names, attributes and texts of a module; bare prefixes too, but for docstrings, whose formulas have indices."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [name for name in COMPONENT.findall(node.value) if len(name) > 2 or id(node) not in docstrings]
        for field in ("attr", "id", "name"):
            name = getattr(node, field, None)
            found += [name] if isinstance(name, str) and COMPONENT.fullmatch(name) else []
    return [name for name in found if name not in PYOMO_OWN]


@pytest.mark.parametrize("folder", ["planner", "bench"])
def test_no_name_of_a_column_or_row_stands_anywhere(folder: str) -> None:
    """What a Pyomo component is called is known by its record alone: no text, attribute or function is called so.

    The prefixes stand where records are made into names of components, and names without a record into records.
    """
    found = {
        str(path.relative_to(ROOT)): names
        for path in sorted((ROOT / folder).rglob("*.py"))
        if COMPONENT.search(text := path.read_text(encoding="utf-8")) and (names := _names(ast.parse(text)))
    }
    prefixes = {"planner/symbols.py": ["c_", "v_"], "planner/program/symbols.py": ["c_"]}
    assert {path: sorted(set(names)) for path, names in found.items()} == (prefixes if folder == "planner" else {})


def test_every_column_has_one_record_and_is_found_by_it(compiled: tuple[PyomoModel, Inputs, Arrays]) -> None:
    """Each column is one variable and key, each variable and key one column, and Pyomo's variable is the record's."""
    m, _, arrays = compiled
    index = ColumnIndex(arrays.columns)
    assert [index[column.variable][column.key] for column in arrays.columns] == list(range(arrays.column_count))
    for variable, key in arrays.columns:
        assert variable in RECORDS
        assert len(parts(key)) == len(variable.index)
        assert variable.of(m)[key].index() == key


def test_every_row_has_a_record_of_its_family(compiled: tuple[PyomoModel, Inputs, Arrays]) -> None:
    """Each row's record names its family and what the parts of its key are; the period is one of the case."""
    m, inputs, arrays = compiled
    names = {family.name for family in FAMILIES} | {"ledger"}
    assert len(set(arrays.rows)) == arrays.row_count
    for row in arrays.rows:
        assert row.family in names
        assert row.constraint.dual
        assert row.constraint.name.startswith(row.family) or row.family == "ledger"
        assert len(parts(row.key)) == len(row.constraint.index)
        assert row.period is None or row.period in inputs.periods
        assert row.constraint.of(m) is not None


def test_rows_of_redundancy_name_rule_loss_and_period() -> None:
    """The key of a cut is the rule, what is lost and when, so that nobody reads its title."""
    inputs = make_inputs(_full())
    mip = make_mip(build_program(inputs), inputs)
    assert mip.network is not None
    cuts = [row for row in mip.arrays.rows if row.constraint == redundancy_symbols.CUT]
    assert cuts
    for row in cuts:
        rule = mip.network.rules[row.rule]
        (lost,) = row.place
        assert rule.contingency(lost)
        assert rule.critical[row.period].any()


@pytest.mark.slow
def test_every_record_is_of_a_column_of_some_program() -> None:
    """No record is left over: each is declared by the family it names, in a case that has what it needs."""
    signed = [{
        "contract": "signed", "offer": "lease", "role": "primary", "it_mw": 20.0, "chip": "chip",
        "start_date": "2025-01-01", "end_date": "2099-07-01", "rent_musd_per_mw_year": 9.0,
    }]  # fmt: skip
    all_signed = tiny(contracts=signed, families={"site_opening": {"open_exactly": 1}})
    income = {"price_busd_per_compute_year": 0.001, "workload": "inference", "largest_share": 0.5}
    by_compute = tiny(families={"backup_income": income})
    found: Counter[Variable[Any]] = Counter()
    bare = [{key: cell for key, cell in signed[0].items() if key != "chip"}]
    shell = lease(tenure="shell", take_or_pay_share=0.5)
    more = [
        ("a signed lease without a chip", tiny(contracts=bare)),
        ("a shell", tiny(offers=[shell], contracts=signed)),
        ("a ramp", tiny(offers=[lease(ramp="all")], ramps=[{"ramp": "all", "months": 0, "share": 1.0}])),
    ]
    for _, case in [*_programs(), ("all sites signed", all_signed), ("backup sold by compute", by_compute), *more]:
        m = build_program(make_inputs(case))
        found.update(column.variable for column in compile_program(m).columns)
    assert set(RECORDS) == set(found)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_a_record_says_what_a_value_is(record: Variable[Any]) -> None:
    """Each has a meaning and a family; the unit is that in its name, and what has none in its name is yes or no."""
    assert record.meaning
    assert record.family in {family.name for family in FAMILIES} | {"ledger"}
    ends = [unit for end, unit in UNITS.items() if record.name.endswith(end) or record.name == end[1:]]
    assert record.unit in (ends[0] if ends else ("", "sites"))


@pytest.mark.parametrize("family", [family.name for family in FAMILIES])
def test_each_family_states_formula_indices_variables_and_duals(family: str) -> None:
    """The docstring of a family has its formula, and names its indices, each of its variables and each of its rows."""
    module = import_module(f"planner.program.families.{family}")
    text = str(module.__doc__)
    records = {**vars(columns), **vars(redundancy_symbols), **vars(module)}
    mine = [
        name
        for name, record in records.items()
        if isinstance(record, (Variable, Constraint)) and record.family == family
    ]
    assert mine
    assert [name for name in mine if f"``{name}``" not in text] == []
    assert ".. math::" in text
    assert "Indices: " in text
    assert re.search(r"Duals?( of ``\w+``)? \(\$B of present value", text)


def test_records_have_names_of_their_own() -> None:
    """No two records share a name: they would be one variable."""
    assert max(Counter(record.name for record in RECORDS).values()) == 1


WATER = Variable[tuple[str, int]]("water_ml", ("site", PERIOD), "Ml", "water drawn", "water")
CAP = Constraint[tuple[str, int]]("water_cap", ("site", PERIOD), "value of one more Ml of water", "water")
TOTAL = Constraint[None]("water_total", dual="value of one more Ml in all", family="water")


def _build_water(m: PyomoModel, inputs: Inputs, ledger: Ledger) -> None:
    keys = [(site, t) for site in inputs.sites for t in inputs.periods]
    water = add_variable(m, WATER, keys, domain=pyo.NonNegativeReals)
    total = Sum()

    @add_constraint(m, CAP, keys)
    def cap_row(_m: PyomoModel, site: str, t: int) -> Expr:
        return Sum().add(1.0, water[site, t]).at_least(1.0 + t)

    for key in keys:
        total.add(1.0, water[key])
        ledger.pay("x_water", "primary", key[1], 0.5, water[key])
    add_row(m, TOTAL, total.at_most(100.0))


def test_a_family_of_the_users_own_declares_like_a_shipped_one() -> None:
    """Its columns and rows have its records, and its costs are what its variables come to."""
    inputs = make_inputs(tiny(periods=2))
    m = build_program(inputs, [Family("water", _build_water)])
    arrays = make_mip(m, inputs).arrays
    assert ColumnIndex(arrays.columns)[WATER].keys() == {("a", 0), ("a", 1)}
    mine = [row for row in arrays.rows if row.family == "water"]
    assert mine == [Row(CAP, ("a", 0)), Row(CAP, ("a", 1)), Row(TOTAL)]
    values = Values.at(arrays.columns, np.zeros(arrays.column_count)).replaced({WATER: {("a", 0): 1.0, ("a", 1): 2.0}})
    value = evaluator(m, values)
    assert [value(m.ledger.spend["x_water", "primary", t]) for t in inputs.periods] == [0.5, 1.0]


def _build_raw(m: PyomoModel, inputs: Inputs, _ledger: Ledger) -> None:
    m.v_raw = pyo.Var(inputs.periods, domain=pyo.NonNegativeReals)
    m.plain = pyo.Var(domain=pyo.NonNegativeReals)
    m.c_raw = pyo.Constraint(inputs.periods, rule=lambda m, t: m.v_raw[t] + m.plain >= 1.0)


def test_plain_pyomo_is_admitted_and_gets_records() -> None:
    """A family that adds Pyomo components as they are keeps working: they are known by their name and index."""
    m = build_program(make_inputs(tiny(periods=2)), [Family("raw", _build_raw)])
    arrays = compile_program(m)
    index = ColumnIndex(arrays.columns)
    assert index[Variable("raw")].keys() == {0, 1}
    assert index[Variable("plain")].keys() == {None}
    assert [row.key for row in arrays.rows if row.constraint == Constraint("raw")] == [0, 1]
    values = Values.at(arrays.columns, [float(column.variable.name == "raw") for column in arrays.columns])
    assert evaluator(m, values)(Sum().add(2.0, m.v_raw[1]).add(1.0, m.plain)) == 2.0


@pytest.mark.parametrize("record", [columns.BLOCKS, Constraint("contract_max_blocks", family="mine")])
def test_a_name_that_is_taken_is_refused(record: Variable[Any] | Constraint[Any]) -> None:
    """A family that declares what another has declared is refused by name, and replaces nothing."""

    def build(m: PyomoModel, _inputs: Inputs, _ledger: Ledger) -> None:
        if isinstance(record, Variable):
            add_variable(m, record, [1])
        else:
            add_row(m, record, Sum().add(1.0, m.v_spend_busd["primary", 0]).at_least(0.0))

    with pytest.raises(PlannerError, match=f"{record.component}, which the program has already"):
        build_program(make_inputs(tiny()), [Family("mine", build)])


def test_names_in_files_are_those_of_the_components(tmp_path: Path) -> None:
    """What the program is called in an LP file is what its records say: prefix, name, key."""
    case = Case.read("three_sites")
    path = tmp_path / "program.lp"
    case.build().write(str(path), io_options={"symbolic_solver_labels": True})
    text = path.read_text(encoding="utf-8")
    arrays = make_mip(case.build(), case.inputs).arrays
    for variable in {column.variable for column in arrays.columns}:
        assert f" {variable.component}(" in text
    for constraint in {row.constraint for row in arrays.rows}:
        assert f"_{constraint.component}(" in text


def test_messages_name_columns_in_words() -> None:
    """What earns most in a direction is told by the words of the record."""
    arrays = make_mip(build_program(make_inputs(tiny())), make_inputs(tiny())).arrays
    place = ColumnIndex(arrays.columns)[columns.UNSERVED]["m", "inference", 0]
    cost = np.zeros(arrays.column_count)
    cost[place] = -1.0
    assert arrays.with_cost(cost).earners(np.ones(arrays.column_count)) == "unserved compute of m, inference, 0"
    assert str(Column(columns.SPEND, ("primary", 0))) == "spend busd of primary, 0"
