"""A family of the user's own by records: an integer variable, its column in the plan, and a start from the plan."""

from dataclasses import replace

import pyomo.environ as pyo
import pytest

from planner import Case, Constraint, Family, Plan, PlanColumn, Variable, add_constraint, add_variable
from planner.program.columns import IN_FORCE_BLOCKS
from planner.runs.compile import make_mip
from planner.runs.start import start_values
from planner.symbols import ColumnIndex, Values
from tests.program.tiny import lease, tiny

GATES = Variable[tuple[str, int]]("gates", ("offer", "period"), "gates", "gates of four blocks each", "gates")
ENOUGH = Constraint[tuple[str, int]]("gates_enough", ("offer", "period"), "value of one more block", "gates")
TOTAL = Constraint[None]("gates_total", dual="value of one more gate", family="gates")


def build(m, inputs, ledger):
    """Four blocks share a gate, which costs $0.03B a year; there are at most ten."""
    keys = [(o, t) for o in inputs.offers for t in inputs.periods]
    gates = add_variable(m, GATES, keys, domain=pyo.NonNegativeIntegers)
    blocks = IN_FORCE_BLOCKS.of(m)

    @add_constraint(m, ENOUGH, keys)
    def enough_row(_m, o, t):
        return 4.0 * gates[o, t] - blocks[o, "primary", t] >= 0.0

    @add_constraint(m, TOTAL)
    def total_row(_m):
        return sum(gates[key] for key in keys) <= 10.0

    for o, t in keys:
        ledger.pay("x_gates", "primary", t, 0.03, gates[o, t])


def gates_of(solution, row):
    """The gates of an offer in a period."""
    return solution.values[GATES][row["offer"], solution.period(row)]


def start(inputs, tables):
    """The gates of a plan, as its table in_force states them."""
    labels = {label: t for t, label in enumerate(inputs.calendar.labels)}
    period = {**labels, **{int(label): t for label, t in labels.items()}}
    return {GATES: {(row["offer"], period[row["period"]]): row["x_gates"] for row in tables["in_force"]}}


FAMILY = Family(
    "gates",
    build,
    requires=("contract",),
    columns=(PlanColumn("in_force", "x_gates", gates_of, "gates"),),
    start=start,
)


@pytest.fixture(scope="module")
def plan():
    """100 MW in ten blocks of 10 MW: 8 at the cheap offer, whose last two would need a third gate there or here."""
    offers = [lease("near", max_blocks=9), lease("far", rent_musd_per_mw_year=10.1)]
    return Case.of(tiny(100.0, offers=offers)).with_families(FAMILY).solve(gap=0.0, own_process=False)


def test_gates_by_hand(plan):
    """Ten blocks need three gates, and so do nine and one: what is cheap is full, $0.09B of gates."""
    assert plan.cost_busd == pytest.approx(8 * 0.1 + 2 * 0.101 + 0.03 * 3)
    assert {row["offer"]: row["x_gates"] for row in plan.rows("in_force")} == {"near": 2.0, "far": 1.0}
    assert sum(row["amount_busd"] for row in plan.rows("spend") if row["item"] == "x_gates") == pytest.approx(0.09)


def test_a_start_has_the_integer_variables_of_the_family(plan, tmp_path):
    """A start from the plan, in memory or read, gives every integer column of its program, the family's too."""
    inputs = plan.case.inputs
    columns = make_mip(plan.case.build(), inputs).arrays.columns
    assert set(ColumnIndex(columns)[GATES]) == {("near", 0), ("far", 0)}
    again = Plan.read(plan.write(tmp_path / "plan"))
    read = Plan(again.case.with_families(FAMILY), again.summary, again.tables)
    for one in (plan, read):
        assert start_values(one)[GATES] == {("near", 0): 2.0, ("far", 0): 1.0}
    assert plan.case.solve(gap=0.9, start=start_values(plan), own_process=False).cost_busd <= plan.cost_busd + 1e-9


def test_without_its_start_a_family_starts_at_zero(plan):
    """A family that gives no start leaves its variables at zero, and the plan is found all the same."""
    silent = plan.case.with_families(replace(FAMILY, start=None))
    values = start_values(Plan(silent, plan.summary, plan.tables))
    assert values[GATES] == {}
    assert values != Values()
    assert silent.solve(gap=0.0, start=values, own_process=False).cost_busd == pytest.approx(plan.cost_busd)
