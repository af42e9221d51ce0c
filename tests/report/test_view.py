"""What a plan looks like: all of it on 80 columns, with the figures of its tables."""

from datetime import date
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from planner.case.model import Horizon
from planner.report.binding import Binding, binding_lines, find_bindings
from planner.report.grid import CELL_WIDTH, period_ranges, short, short_like, shown_periods, total, whole_like
from planner.report.listing import print_table
from planner.report.view import print_plan
from tests.cli.fake_plan import PERIODS, FakePlan


def shown(plan: FakePlan, width: int = 80) -> str:
    """Return a plan as printed."""
    stream = StringIO()
    print_plan(Console(width=width, file=stream, color_system=None), plan)
    return stream.getvalue()


def row_of(text: str, name: str) -> list[str]:
    """Return the cells of the first line that starts with a name."""
    return next(line for line in text.splitlines() if line.startswith(name)).removeprefix(name).split()


def test_figures_are_those_of_the_tables():
    """Capacity by provider and money by role are the sums of the plan's tables."""
    text = shown(FakePlan())
    assert row_of(text, "oracle") == ["1000", "2000", "4500"]
    assert row_of(text, "all providers") == ["1800", "2800", "4500"]
    assert row_of(text, "  of it backup") == ["450", "700", "1125"]
    assert row_of(text, "primary") == ["12.0", "12.0", "12.0"]
    assert row_of(text, "left") == ["·", "3.00", "·"]


def test_everything_fits_80_columns():
    """No line is wider than 80 columns, also with forty periods and long names."""
    plan = FakePlan()
    assert max(len(line.rstrip()) for line in shown(plan).splitlines()) <= 80
    periods = [f"{year}Q{quarter}" for year in range(2026, 2036) for quarter in (1, 2, 3, 4)]
    budget = plan.tables["budget"][0]
    plan.tables["budget"] = [{**budget, "period": period} for period in periods]
    plan.tables["capacity"] = [
        {"period": period, "provider": "a-provider-with-a-very-long-name", "role": "primary", "it_mw": 12345.0}
        for period in periods
    ]
    for table in ("spend", "unserved", "power", "power_regions", "emissions", "chips", "contingencies"):
        plan.tables[table] = []
    plan.horizon = Horizon(start=date(2026, 1, 1), periods=40, period_months=3)
    text = shown(plan)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    assert "of 40 periods not shown" in text
    assert {"2026Q1", "2035Q4"} <= set(row_of(text, "Installed, IT MW"))


@pytest.mark.parametrize(
    ("least", "words"),
    [(0.1, "20.000% unserved, proven at least 10.000%"), (0.2, "20.000% unserved\n"), (None, "20.000% unserved\n")],
)
def test_unserved_demand_that_may_not_be_the_least_says_what_is_proven(least, words):
    """The line of demand has the proven bound of the unserved share where the plan leaves more."""
    plan = FakePlan()
    plan.summary.update(unserved_share=0.2, unserved_share_bound=least)
    lines = "\n".join(line.rstrip() for line in shown(plan).splitlines())
    assert words in lines


def test_bindings_are_the_limits_that_are_used_up():
    """A limit binds where nothing is left of it; no limit, nil limits and slack limits do not."""
    assert find_bindings(FakePlan()) == [
        Binding("cash", "", ("2026", "2028")),
        Binding("site power", "abilene", ("2026", "2027")),
        Binding("chip supply", "gb200", ("2026",)),
        Binding("redundancy", "any site", ("2027",)),
    ]


def test_binding_lines_name_the_longest_first_and_count_the_rest():
    """Of many places the ones that bind longest are named, the others counted."""
    bindings = [Binding("site power", f"s{n}", PERIODS[: 1 + n % 3]) for n in range(9)]
    ((kind, text),) = binding_lines(bindings, PERIODS)
    assert kind == "site power"
    assert text.startswith("s2 all periods; s5 all periods; s8 all periods; s1 2026–2027")
    assert text.endswith("and 4 more")


def test_the_tightest_contingency_is_shown():
    """Of each redundancy rule the contingency with the least margin is shown."""
    assert row_of(shown(FakePlan()), "  any site") == ["abilene", "2027", "900", "·"]


def test_losses_that_leave_as_little_are_counted():
    """Law: no loss is called the tightest where others leave as little: they are counted."""
    plan = FakePlan()
    rows = [{**row, "margin_compute": 20.0, "binding": "no"} for row in plan.rows("contingencies")]
    plan.tables = {**plan.tables, "contingencies": rows}
    assert row_of(shown(plan), "  any site") == ["abilene,", "2", "more", "2026", "900", "20.0"]


@pytest.mark.parametrize(
    ("chosen", "text"),
    [
        ((), ""),
        (("2026",), "2026"),
        (("2026", "2028"), "2026, 2028"),
        (("2027", "2028"), "2027–2028"),
        (PERIODS, "all periods"),
    ],
)
def test_period_ranges(chosen, text):
    """Neighbouring periods are one range."""
    assert period_ranges(chosen, PERIODS) == text


@given(st.lists(st.floats(-9.9e9, 9.9e9), min_size=1, max_size=5))
def test_short_numbers_fit_their_cell(values):
    """Every number takes at most the columns of a cell and its sign, and says its value to the digits it has."""
    for form_of in (short_like, whole_like):
        form = form_of(values)
        for value in values:
            assert len(form(value).removeprefix("-")) <= CELL_WIDTH


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "·"), (1.25, "1.25"), (-12.34, "-12.3"), (1250.4, "1250"), (125_400.0, "125k")]
)
def test_short(value, text):
    """Short numbers, one by one."""
    assert short(value) == text


@given(st.integers(1, 200), st.integers(60, 120))
def test_shown_periods_fit_and_keep_both_ends(count, width):
    """The periods shown fit the width, are in order without repeats, and include the first and the last."""
    periods = [str(2000 + n) for n in range(count)]
    chosen = shown_periods(periods, width)
    assert chosen == sorted(set(chosen))
    assert chosen[0] == periods[0]
    assert chosen[-1] == periods[-1]
    assert 19 + 6 * len(chosen) <= max(width, 19 + 12)


def test_total_sums_by_key():
    """Rows with the same key are added up; empty counts as nil."""
    rows = [{"a": "x", "v": 1.0}, {"a": "y", "v": None}, {"a": "x", "v": 2.0}]
    assert total(rows, ("a",), "v") == {("x",): 3.0, ("y",): 0.0}


def test_a_table_is_printed_in_full(capsys):
    """A table wider than the terminal keeps every column and every row."""
    rows = [{"site": f"site-{n}", "market": "m" * 100} for n in range(3)]
    print_table(Console(width=80), "reach", rows)
    out = capsys.readouterr().out
    assert all(f"site-{n}" in out for n in range(3))
    assert out.count("m" * 100) == 3


def test_money_shows_what_the_limit_is_made_of_and_what_is_drawn():
    """With basis burn the parts of the limit are shown, what is paid negative; so are financing and envelopes."""
    plan = FakePlan()
    figures = {"base_busd": 5.0, "revenue_busd": 12.0, "partner_payment_busd": 2.0, "other_spending_busd": 8.0,
               "limit_busd": 7.0, "drawn_busd": 3.0, "fee_busd": 0.0, "interest_busd": 0.25, "repaid_busd": 1.0,
               "owed_busd": 6.0, "unpaid_busd": 0.0}  # fmt: skip
    plan.tables["cash"] = [{"period": period, "basis": "burn", **figures} for period in PERIODS]
    plan.tables["envelopes"] = [
        {"role": "primary", "envelope_busd": 40.0, "spend_busd": 40.0, "unpaid_busd": 0.0, "left_busd": 0.0},
        {"role": "backup", "envelope_busd": "", "spend_busd": 10.0, "unpaid_busd": 0.0, "left_busd": ""},
    ]
    plan.tables["financing"] = [
        {"period": period, "financing": "bank", "used_busd": used, "most_busd": 6.0}
        for period, used in zip(PERIODS, (6.0, 5.0, 6.0), strict=True)
    ]
    text = shown(plan)
    cells = {"burn": "5.00", "revenue": "12.0", "to the partner": "-2.00", "other spending": "-8.00", "drawn": "3.00",
             "interest": "-0.25", "repaid": "-1.00", "owed at the end": "6.00"}  # fmt: skip
    for name, cell in cells.items():
        assert row_of(text, name) == [cell] * 3
    assert "fees" not in text
    roles = text[text.index("Roles") :]
    assert row_of(roles, "primary  ")[-3:] == ["40.00", "40.00", "0.00"]
    assert {Binding("envelope", "primary", ()), Binding("financing", "bank", ("2026", "2028"))} <= set(
        find_bindings(plan)
    )


def test_money_shows_what_is_not_paid_by_year():
    """Law: of what is not paid in a year, signed contracts and other spending that is not covered are told apart."""
    plan = FakePlan()
    figures = {"base_busd": 5.0, "revenue_busd": 0.0, "partner_payment_busd": 0.0, "other_spending_busd": 8.0,
               "limit_busd": -3.0, "drawn_busd": 0.0, "fee_busd": 0.0, "interest_busd": 0.0, "repaid_busd": 0.0,
               "owed_busd": 0.0, "unpaid_busd": 5.5}  # fmt: skip
    plan.tables["cash"] = [{"period": period, "basis": "burn", **figures} for period in PERIODS]
    named = dict.fromkeys(("rule", "programme", "market", "workload"), "")
    plan.tables["shortfalls"] = [
        {"tier": "cash", **named, "period": period, "contract": contract, "amount": amount, "unit": "busd"}
        for period in PERIODS
        for contract, amount in (("c", 2.5), ("", 3.0))
    ]
    text = shown(plan)
    assert row_of(text, "not paid: signed") == ["2.50"] * 3
    assert row_of(text, "not paid: other") == ["3.00"] * 3
