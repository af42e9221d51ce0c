"""Questions to a plan on the command line: ``show PLAN TABLE --where --by``, on the case checked by hand."""

import csv
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

import planner
from planner.changes.apply import apply_changes
from planner.report.listing import print_view
from planner.report.query import ask
from tests.cases import make_case
from tests.cli.fake_plan import FakePlan
from tests.program.tiny import lease, tiny

EARLIER = Path(__file__).parent.parent / "data" / "plans_0_1_0"


def table_of(text: str) -> list[list[str]]:
    """Return the words of each line."""
    return [line.split() for line in text.splitlines()]


def test_what_is_owed_to_a_provider_in_a_year_is_one_line(run, solved_folder):
    """Law: filters and sums are those of the table: rents of 0.8 in the north and 0.96 in the south in 2027."""
    out = run("show", solved_folder, "spend", "--where", "provider=acme", "--where", "year=2027", "--by", "item").out
    assert table_of(out) == [
        ["item", "amount_busd", "present_value_busd"],
        ["$B", "nominal", "$B", "present", "value"],
        ["rent", "1.76", "1.76"],
    ]


def test_totals_are_the_cost(run, solved_folder):
    """The last line of all money is the cost; the parts add up to it."""
    assert table_of(run("show", solved_folder, "spend").out)[-2] == ["total", "4.05", "4.05"]
    document = run("show", solved_folder, "spend", "--by", "part", "--json").document()
    assert {row["part"]: row["present_value_busd"] for row in document["rows"]} == {
        "backup_income": -0.12,
        "spend": 4.17,
    }
    assert document["totals"] == {"amount_busd": 4.05, "present_value_busd": 4.05}
    assert document["units"] == {"amount_busd": "$B nominal", "present_value_busd": "$B present value"}


def test_megawatts_of_several_years_do_not_add_up(run, solved_folder):
    """Capacity is summed within a period only; else the column is left out, and the text says how to have it."""
    out = run("show", solved_folder, "capacity", "--by", "provider").out
    assert "it_mw" not in out.splitlines()[0]
    assert "not added up: it_mw, training_compute, inference_compute; those of a period add up with --by period" in out
    by_period = run("show", solved_folder, "capacity", "--by", "provider,period", "--json").document()
    assert [(row["provider"], row["period"], row["it_mw"]) for row in by_period["rows"]] == [
        ("acme", 2026, 80.0), ("zenith", 2026, 40.0), ("acme", 2027, 160.0), ("zenith", 2027, 80.0),
    ]  # fmt: skip
    assert by_period["totals"] == {}
    one = run("show", solved_folder, "capacity", "--where", "year=2027", "--by", "role", "--json").document()
    assert one["totals"]["it_mw"] == 240.0


def test_several_values_of_a_column_are_any_of_them(run, solved_folder):
    """Repeating a column widens the question, another column narrows it; an empty value means an empty cell."""
    words = ("show", solved_folder, "spend", "--csv", "--where", "item=fixed", "--where", "item=opening")
    rows = list(csv.DictReader(StringIO(run(*words).out)))
    assert {row["item"] for row in rows} == {"fixed", "opening"}
    assert len(rows) == 9
    assert len(list(csv.DictReader(StringIO(run(*words, "--where", "site=north").out)))) == 3
    nowhere = run("show", solved_folder, "spend", "--where", "site=", "--by", "item", "--json").document()
    assert [row["item"] for row in nowhere["rows"]] == ["backup_income"]
    assert "(none)" in run("show", solved_folder, "spend", "--by", "provider").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("spendd",), "'spendd' is not a table of a plan; did you mean 'spend'?"),
        (("spend", "--where", "provder=acme"), "table spend has no column 'provder'; did you mean 'provider'?"),
        (("spend", "--where", "provider=acmee"), "no row of spend has provider 'acmee'; did you mean 'acme'?"),
        (("spend", "--by", "yaer"), "table spend has no column 'yaer'; did you mean 'year'?"),
        (("spend", "--where", "period=2028Q1"), "'2028Q1' is not a period of the plan"),
        (
            ("spend", "--where", "year=2036"),
            "2036 is not a year of the plan, which are 2026 to 2028",
        ),
        (("spend", "--where", "payee=zennith"), "no row of spend has payee 'zennith'; did you mean 'zenith'?"),
        (("spend", "--where", "chip=xyzzy"), "no row of spend has chip 'xyzzy' (there are: standard)"),
        (("spendd",), "did you mean 'spend'? (there are: calendar, contracts"),
        (("spend", "--where", "item=spend"), "no row of spend has item 'spend' (there are: backup_income, capex"),
        (("spend", "--where", "item=rents"), "no row of spend has item 'rents'; did you mean 'rent'?"),
        (("objective", "--where", "item=rent"), "no row of objective has item 'rent' (there are: backup_income, fin"),
        (("spend", "--where", "year=soon"), "year of spend holds numbers, not 'soon'"),
        (("spend", "--where", "provider"), "'provider': write COLUMN=VALUE"),
        (("--by", "item"), "--where, --by and --csv go with a table"),
        (("spend", "--table", "served"), "both TABLE (spend) and --table (served) are given"),
        (("spend", "--csv", "--json"), "--csv and --json cannot both be given"),
    ],
)
def test_wrong_words_are_named_with_the_nearest(run, solved_folder, words, told):
    """A table, column, period or value that is not there ends in 1, with the nearest that is."""
    outcome = run("show", solved_folder, *words)
    assert outcome.code == 1
    said = outcome.document()["message"] if "--json" in words else outcome.err
    assert told in " ".join(said.split())


def test_a_key_of_the_case_without_rows_is_an_answer(run, solved_folder):
    """Law: what exists and has nothing in a table gives no rows and a total of zero, not an error."""
    outcome = run("show", solved_folder, "spend", "--where", "chip=standard", "--by", "item")
    assert outcome.code == 0
    assert "no rows" in outcome.out
    document = run("show", solved_folder, "spend", "--where", "chip=standard", "--json").document()
    assert (document["rows"], document["totals"]["amount_busd"]) == ([], 0.0)


def test_periods_are_asked_for_by_label_or_date_and_shown_by_label(run):
    """Periods that are no years: label and date mean the same, people see labels, machines dates."""
    words = ("show", EARLIER / "mixed", "unserved", "--where")
    assert run(*words, "period=2026Q1").out == run(*words, "period=2026-01-01").out
    assert "2026Q1" in run(*words, "period=2026-01-01").out
    assert {row["period"] for row in run(*words, "period=2026Q1", "--json").document()["rows"]} == {"2026-01-01"}
    spans = run("show", EARLIER / "mixed", "spend", "--where", "year=2028", "--by", "period", "--json").document()
    assert [row["period"] for row in spans["rows"]] == ["2028-01-01", "2028-07-01"]


def test_an_earlier_name_of_a_table_is_understood(run):
    """The table that version 0.1 called programmes is shown, with a note."""
    outcome = run("show", EARLIER / "mixed", "programmes")
    assert outcome.code == 0
    assert "now called developments" in outcome.err
    assert table_of(outcome.out)[2] == ["custom", "2027", "0.02"]


def test_payees_of_the_case_are_known_whether_paid_or_not(run, solved_folder):
    """Law: a vendor or a supplier whom this plan pays nothing is an answer of zero, not a typing error."""
    for payee in ("energy supplier", "not stated"):
        words = ("show", solved_folder, "spend", "--where", f"payee={payee}", "--json")
        assert run(*words).document()["totals"]["amount_busd"] == 0.0
    paid = run("show", solved_folder, "spend", "--where", "payee=acme", "--by", "payee,item", "--json").document()
    assert [(row["payee"], row["item"], row["amount_busd"]) for row in paid["rows"]] == [("acme", "rent", 2.64)]


def test_every_year_of_the_horizon_can_be_asked_for(run, tmp_path):
    """Law: periods of two years have money in both, divided evenly; other tables show the period of the year."""
    case = make_case(horizon={"start": date(2026, 1, 1), "periods": 2, "period_months": 24})
    plan = planner.Case.of(case).solve(gap=0.01, time_limit_s=60)
    folder = plan.write(tmp_path / "plan")
    by_year = run("show", folder, "spend", "--where", "part=spend", "--by", "year", "--json").document()["rows"]
    assert [row["year"] for row in by_year] == [2026, 2027, 2028, 2029]
    assert by_year[0]["amount_busd"] == pytest.approx(by_year[1]["amount_busd"])
    for year in range(2026, 2030):
        asked = run("show", folder, "spend", "--where", f"year={year}", "--where", "part=spend", "--json").document()
        assert asked["totals"]["amount_busd"] == pytest.approx(by_year[year - 2026]["amount_busd"])
        for table in ("capacity", "budget", "calendar"):
            rows = run("show", folder, table, "--where", f"year={year}", "--json").document()["rows"]
            assert {row["period"] for row in rows} == {"2026-01-01" if year < 2028 else "2028-01-01"}
    assert "asked for with year=2027" in " ".join(run("show", folder, "spend", "--where", "period=2027").err.split())
    refused = run("show", folder, "budget", "--where", "year=2031")
    assert (refused.code, "which are 2026 to 2030" in " ".join(refused.err.split())) == (1, True)


def test_the_year_in_which_the_horizon_ends_is_a_year_of_it(run, tmp_path):
    """Law: of a period from October 2026 to September 2028, all tables have the years 2026, 2027 and 2028."""
    case = make_case(horizon={"start": date(2026, 10, 1), "periods": 1, "period_months": 24})
    folder = planner.Case.of(case).solve(gap=0.01, time_limit_s=60).write(tmp_path / "plan")
    for year in (2026, 2027, 2028):
        for table in ("spend", "capacity", "budget"):
            assert run("show", folder, table, "--where", f"year={year}", "--json").document()["rows"], (table, year)


@pytest.fixture
def with_empty_cells():
    """A plan made by hand: the budget without a limit in 2027, one chip of two without a limit of its supply."""
    plan = FakePlan()
    budget = plan.tables["budget"]
    plan.tables["budget"] = [{**row, "limit_busd": "" if row["period"] == 2027 else 17.0} for row in _whole(budget)]
    plan.tables["chips"] = [
        {"period": period, "chip": chip, "added_it_mw": 5.0, "supply_it_mw": supply}
        for period, chip, supply in ((2026, "a", 50.0), (2026, "b", ""), (2027, "a", 50.0), (2027, "b", 20.0))
    ]
    plan.tables["contracts"] = [
        {
            "contract": contract,
            "provider": provider,
            "origin": "signed" if blocks == "" else "decided",
            "blocks": blocks,
        }
        for contract, provider, blocks in (("old", "acme", ""), ("new", "acme", 12), ("early", "zenith", ""))
    ]
    return plan


def _whole(rows):
    """Rows whose period is a year, as in the tables of a plan that is read."""
    return [{**row, "period": int(row["period"])} for row in rows]


def _printed(view, by=()):
    """What is printed of a view."""
    stream = StringIO()
    print_view(Console(width=200, file=stream, color_system=None), view, by=by)
    return stream.getvalue()


def test_a_sum_over_an_empty_cell_is_empty(with_empty_cells):
    """Law: no limit and a limit of 50 are no limit of 50, nor one of zero: neither of a group nor of all."""
    plan = with_empty_cells
    by_year = ask(plan, "budget", by=["year"])
    assert [row["limit_busd"] for row in by_year.rows] == [17.0, "", 17.0]
    assert by_year.totals["limit_busd"] == ""
    assert by_year.totals["spend_busd"] == pytest.approx(sum(row["spend_busd"] for row in plan.rows("budget")))
    assert ask(plan, "budget").totals["limit_busd"] == ""
    assert ask(plan, "budget", where=[("year", "2026")]).totals["limit_busd"] == 17.0
    by_period = ask(plan, "chips", by=["period"])
    assert [(row["period"], row["supply_it_mw"]) for row in by_period.rows] == [(2026, ""), (2027, 70.0)]
    assert "a sum is empty where a cell added up is: supply_it_mw (not limited)" in _printed(by_period, ["period"])
    assert [line.split() for line in _printed(by_year, ["year"]).splitlines() if "2027" in line] == [
        ["2027", "14", "0.5"]
    ]


def test_an_empty_cell_that_has_nothing_to_add_is_skipped(with_empty_cells):
    """Law: signed contracts have no blocks that the plan decides: the sum is that of the others, empty without any."""
    view = ask(with_empty_cells, "contracts", by=["provider"])
    assert [(row["provider"], row["blocks"]) for row in view.rows] == [("acme", 12), ("zenith", "")]
    assert view.totals["blocks"] == 12
    assert "a sum is empty" not in _printed(ask(with_empty_cells, "contracts", by=["origin"])).replace("it_mw", "")


def test_a_tail_is_shown_when_it_is_asked_for(run, tmp_path):
    """Law: the view and every table end with the reported periods, and say so; --tail shows all."""
    case = tiny([30.0, 50.0], periods=2, offers=[lease(block_it_mw=10.0)])
    case = apply_changes(case, ["model.horizon.tail={period_months=[24, 36]}"])
    folder = planner.Case.of(case).solve(gap=0.0, own_process=False).write(tmp_path / "plan")
    view = run("show", folder).out
    assert "$0.800B of it in the periods shown" in view
    assert "2028-2029 to 2030-2032 not shown: `planner show --tail`" in view
    assert "2030-2032" in run("show", folder, "--tail").out.replace("to 2030-2032 not shown", "")
    shown = run("show", folder, "spend", "--json").document()
    assert ({row["period"] for row in shown["rows"]}, shown["totals"]["amount_busd"]) == ({2026, 2027}, 0.8)
    assert "not shown" in run("show", folder, "spend").out
    whole = run("show", folder, "spend", "--tail", "--json").document()
    assert whole["totals"]["amount_busd"] == pytest.approx(3.3)
    assert {row["period"] for row in whole["rows"]} == {2026, 2027, 2028, 2030}
