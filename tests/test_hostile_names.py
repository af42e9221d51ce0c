"""Names that try to be markup, formulas, styles or commands are texts: in every section, every sheet, every table.

Keys of a case are plain by rule; its names, titles, sources, rules and market words are what their author writes.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from planner.analysis.regret import Regret
from planner.explain.alternatives import Span
from planner.explain.prices_table import Price, Prices
from planner.explain.why_moved import Moved
from planner.plan.plan import PlanData
from planner.report.kept import FoundAlternatives, OtherPlan
from tests.cli.conftest import run as run_command
from tests.figures.plans import kept_plan
from tests.length import thinned

run = run_command
NAMES = (
    '<script>alert("x")</script>',
    "=cmd()",
    "+1+cmd|' /C calc'!A0",
    "[bold red]x[/bold red]",
    "\u200fright to left\u200f",
    "{{7*7}}${x}$a^b$",
    "x" * 500,
)
"""Names that a case may have; they are given to its rows in turn."""
ALIKE = "=cmd()<script>alert(1)</script>[red]y[/red]" + "y" * 450
CODE = re.compile(r"<script>alert|<b>|\x1b|[\u202a-\u202e\u2066-\u2069]")
TURNED = re.compile(r"[\u0590-\u08ff\u200f](?![^\w\u200e]*[\u0590-\u08ff\u200f]|\u200e)")
"""A letter or mark from right to left after which the line does not go on from left to right."""
TERMINAL = re.compile(r"\x1b|[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f]")


def hostile() -> PlanData:
    """Return a kept plan all of whose free texts are hostile, each row's another one."""
    plan = kept_plan("three_sites")
    case, number, tables = plan.case, 0, {}
    for name, rows in case.tables.items():
        named = []
        for row in rows:
            number += 1
            texts = {key: NAMES[number % len(NAMES)] for key in ("name", "source") if key in type(row).model_fields}
            named.append(row.model_copy(update=texts))
        tables[name] = tuple(named)
    model = case.model.model_copy(update={"title": ALIKE, "description": ALIKE, "compute_unit": NAMES[1]})
    return PlanData(replace(case, model=model, tables=tables), plan.summary, plan.tables)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a plan with hostile names."""
    place = tmp_path_factory.mktemp("hostile") / "plan"
    hostile().write(place)
    return place


def answers() -> tuple[Prices, FoundAlternatives]:
    """Return prices and alternatives all of whose texts are hostile."""
    prices = [Price(ALIKE, ALIKE, "2027", ALIKE, -1.0, 1.0, None, None, None, 0.5)]
    prices += [Price("site_power", name, "", name, -1.0, 1.0, None, None, None, 0.5) for name in NAMES]
    spans = [Span(kind, name, 9.0, 5.0, 12.0, 4.0, 13.0, "must") for kind in ("site", "provider") for name in NAMES]
    others = [OtherPlan(cost_busd=4.1, extreme=name, moved=(Moved("site", name, 1.0, 1.0),)) for name in NAMES]
    found = FoundAlternatives(
        within=0.01, plan_cost_busd=4.0, limit_busd=4.1, spans=tuple(spans), plans=tuple(others), folders=NAMES
    )
    return Prices(4.0, tuple(prices)), found


def test_every_section_of_a_report(folder):
    """Law: with every section that a report has, a name is a text in it, and no script but ours is there."""
    report = pytest.importorskip("planner.report.html.plan_report", reason="needs the extra report")
    story = pytest.importorskip("planner.report.html.story")
    plan, (prices, found) = PlanData.read(folder), answers()
    page = report.plan_report(plan, prices=prices, alternatives=found, first=[story.story_section(plan)])
    assert page.count("<script") == 1
    assert CODE.search(page) is None
    assert ">49<" not in page
    assert "\u200f" in page
    assert TURNED.findall(page) == []
    assert "y" * 460 not in page.split("</header>")[1]


def test_every_section_of_a_sweep():
    """Law: names of runs and reasons are texts in the table, the figures and the regret."""
    regret = pytest.importorskip("planner.report.html.regret", reason="needs the extra report")
    row = {"status": "optimal", "kept_busd": 1.0, "best_busd": 1.0, "uncertainty_busd": 0.0, "sign": "more"}
    row |= {"low_busd": 0.5, "high_busd": 1.5}
    rows = [
        {**row, "plan": one, "case": other, "regret_busd": 1.0 if one > other else None, "reason": one}
        for one in NAMES
        for other in NAMES
    ]
    body = regret.regret_section(Regret(NAMES, tuple(rows))).body
    assert CODE.search(body) is None
    assert "&lt;script&gt;" in body


@pytest.mark.slow
def test_every_sheet_of_a_workbook(folder, tmp_path):
    """Law: no cell of an exported plan or of a case as a workbook is a formula, whatever its text begins with."""
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
    from planner.api import Case

    plan = PlanData.read(folder)
    plan.export(tmp_path / "plan.xlsx")
    Case.of(plan.case).write(tmp_path / "case.xlsx")
    for name in ("plan.xlsx", "case.xlsx"):
        book = openpyxl.load_workbook(tmp_path / name)
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    texts = {str(cell.value) for cell in cells}
    assert {"=cmd()", NAMES[0]} <= texts


@pytest.mark.parametrize(
    "words", thinned([["show"], ["show", "--tail"], ["explain"], ["audit"], ["check"]], 3), ids=str
)
def test_what_commands_print(run, folder, words):
    """Law: nothing that a command prints of a hostile plan is obeyed by a terminal, or read as a style."""
    target = str(folder / "inputs") if words == ["check"] else str(folder)
    outcome = run(words[0], target, *words[1:])
    assert TERMINAL.search(outcome.out + outcome.err) is None
    assert "Traceback" not in outcome.err


@pytest.mark.slow
def test_every_table_that_a_command_prints(run, folder):
    """Law: every table of a hostile plan is printed as it is: a name in brackets stays in its brackets."""
    plan = PlanData.read(folder)
    for name in plan.tables:
        outcome = run("show", str(folder), "--table", name)
        assert outcome.code == 0, (name, outcome.err)
        assert TERMINAL.search(outcome.out) is None
    shown = run("compare", str(folder), str(folder / ".." / "plan"), "--table", "summary")
    assert TERMINAL.search(shown.out + shown.err) is None
