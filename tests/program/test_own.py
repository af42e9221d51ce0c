"""A constraint family of the user's own: its rows, cost, columns and section count like any other, and what no
audit recomputes is listed as such.
"""

import csv
import json
from dataclasses import replace

import pyomo.environ as pyo
import pytest

from planner import Case, Family, Plan, PlanColumn, audit_folder, front, prove_bound
from planner.case.write import write_case
from planner.cli import main
from planner.errors import AuditError, CaseError, OptionError
from planner.runs.task import content_of
from tests.program.tiny import lease, site, tiny
from tests.program.water import WATER

SECTION = [
    "model.families.own.water.gl_per_gw_year=10",
    "model.families.own.water.recycling_busd_per_gl=0.5",
    "model.families.own.water.cap_gl_per_year.a=0.6",
]


@pytest.fixture(scope="module")
def dry():
    """100 MW for a year from 10 MW blocks at a ($0.1B each) or, dearer, at b ($0.14B); water for 60 MW only at a."""
    offers = [lease("near", "a"), lease("far", "b", rent_musd_per_mw_year=14.0)]
    return Case.of(tiny(100.0, offers=offers, sites=[site("a"), site("b")])).what_if(SECTION)


@pytest.fixture(scope="module")
def plan(dry):
    """Its plan: 60 MW at a, 40 MW at b."""
    return dry.with_families(WATER).solve(gap=0.0)


def water_of(plan):
    """What is recycled at each site."""
    return {row["site"]: row["x_water_recycled_gl"] for row in plan.rows("power")}


def test_rows_and_cost_by_hand(dry, plan):
    """A block beyond the cap costs $0.05B of recycled water or $0.04B more at b: b, until recycling is cheaper."""
    assert plan.cost_busd == pytest.approx(0.6 + 4 * 0.14)
    assert water_of(plan) == pytest.approx({"a": 0.0, "b": 0.0})
    cheap = dry.what_if(["model.families.own.water.recycling_busd_per_gl=0.3"]).with_families(WATER).solve(gap=0.0)
    assert cheap.cost_busd == pytest.approx(1.0 + 0.4 * 0.3)
    assert water_of(cheap) == pytest.approx({"a": 0.4})
    (row,) = [row for row in cheap.rows("spend") if row["item"] == "x_water"]
    assert row["amount_busd"] == pytest.approx(0.12)


def test_the_two_ways_to_give_a_family_are_one(dry, plan):
    """A family given with the call is one given with the case; the plan's case has it and can be planned again."""
    assert dry.solve(families=[WATER], gap=0.0).cost_busd == plan.cost_busd
    assert plan.case.families == (WATER,)
    assert (
        plan.case.what_if(["model.families.own.water.cap_gl_per_year.a=1.0"]).solve(gap=0.0).cost_busd < plan.cost_busd
    )


def test_studies_keep_the_families_of_a_case(dry, plan):
    """A study solves its variants with the families of the case, and two cases with other families are not one."""
    found = front(dry.with_families(WATER), "unserved", (0.0,))
    assert found.rows[0]["cost_busd"] == pytest.approx(plan.cost_busd)
    assert dry.with_families(WATER) != dry
    assert dry.with_families(WATER).hash == dry.hash


def test_a_section_without_its_family_is_refused(dry, tmp_path, capsys):
    """A case that names a family is never solved as if it did not; `check` says so before."""
    with pytest.raises(OptionError, match=r"section families\.own\.water"):
        dry.solve()
    write_case(dry, tmp_path / "case")
    assert main(["check", str(tmp_path / "case")]) == 0
    assert "only Python can give it" in " ".join(capsys.readouterr().err.split())
    assert main(["solve", str(tmp_path / "case"), "--out", str(tmp_path / "plan")]) == 1
    assert "families.own.water" in capsys.readouterr().err


def test_the_section_is_content(dry, tmp_path):
    """The section is hashed, written and read back; a case without one keeps its hash."""
    write_case(dry, tmp_path / "case")
    assert Case.read(tmp_path / "case") == dry
    changed = dry.what_if(["model.families.own.water.cap_gl_per_year.a=0.7"])
    assert changed.hash != dry.hash
    assert "own" not in Case.read("three_sites").model.model_dump(exclude_none=True)["families"]


def test_faults_that_the_family_finds_are_faults_of_the_case(dry):
    """What `check` finds is reported like every fault, with the section as its place."""
    wrong = dry.what_if(["model.families.own.water.cap_gl_per_year.nowhere=1"])
    with pytest.raises(CaseError, match="there is no site 'nowhere'") as caught:
        wrong.solve(families=[WATER])
    assert caught.value.problems[0].column == "families.own.water"


@pytest.mark.parametrize(
    ("pay", "word"),
    [
        (lambda ledger, v: ledger.pay("capex", "primary", 0, 1.0, v), "capex"),
        (lambda ledger, _: ledger.pay_fixed("rent", "primary", 0, 1.0), "rent"),
        (lambda ledger, v: ledger.income[0].add(1.0, v), "backup income"),
        (lambda ledger, v: ledger.salvage.add(1.0, v), "salvage"),
    ],
)
def test_money_under_another_name_is_refused(pay, word):
    """The audit recomputes the items of the planner: a family of your own cannot write into them."""

    def build(m, inputs, ledger):
        m.v_mine = pyo.Var(domain=pyo.NonNegativeReals)
        pay(ledger, m.v_mine)

    with pytest.raises(OptionError, match=rf"'mine' writes money down as {word}"):
        Case.of(tiny()).build([Family("mine", build)])


def test_names_must_differ():
    """Two families of one name, and one that is called as a shipped one, are refused."""
    with pytest.raises(OptionError, match="another of that name"):
        Case.of(tiny()).build([Family("one", lambda *_: None), Family("one", lambda *_: None)])
    with pytest.raises(OptionError, match=r"'demand'.*in this version of the planner; give yours another name"):
        Case.of(tiny()).build([Family("demand", lambda *_: None)])


def test_columns_must_fit_the_plan(dry):
    """A column of a table that is none, one that is not called x_..., and a cell that is no figure are refused."""
    with pytest.raises(OptionError, match="no table 'pwoer'"):
        dry.with_families(replace(WATER, columns=(PlanColumn("pwoer", "x_a", lambda *_: 1.0),)))
    with pytest.raises(OptionError, match="must be called x_"):
        PlanColumn("power", "water", lambda *_: 1.0)
    with pytest.raises(OptionError, match="already"):
        dry.with_families(WATER, replace(WATER, name="other"))
    for cell in (float("nan"), None):
        family = replace(WATER, columns=(PlanColumn("power", "x_a", lambda *_, cell=cell: cell),))
        with pytest.raises(OptionError, match="neither a finite number nor a text"):
            dry.solve(families=[family], gap=0.0)


def test_a_family_that_brings_an_audit_is_audited(dry, plan):
    """Its audit is a check like any other; a plan that fails it is not handed out, and whose fault it is is said."""
    assert "not_recomputed" not in plan.summary["audit"]
    broken = replace(WATER, audit=lambda *_: ["a leak"])
    with pytest.raises(AuditError, match=r"the audit that its constraint family brings \(water\)[\s\S]*a leak"):
        dry.solve(families=[broken], gap=0.0)


def test_a_family_without_an_audit_is_said_not_to_be_audited(dry, tmp_path):
    """The plan, its folder and the audit of the folder list what of the family is not recomputed."""
    cheap = dry.what_if(["model.families.own.water.recycling_busd_per_gl=0.3"])
    blind = cheap.solve(families=[replace(WATER, audit=None)], gap=0.0)
    folder = blind.write(tmp_path / "plan")
    for said in (blind.summary["audit"]["not_recomputed"], audit_folder(folder).not_recomputed):
        words = "; ".join(said)
        assert "constraint family water" in words
        assert "spending on x_water ($0.12B in all" in words
        assert "column x_water_recycled_gl of power" in words
    report = audit_folder(folder, [WATER])
    assert report.passed
    assert not [line for line in report.not_recomputed if "water" in line]


def test_people_see_what_is_not_audited(dry, tmp_path, capsys):
    """`show` lists what of the family is not recomputed, and its columns; a hostile summary is no traceback."""
    cheap = dry.what_if(["model.families.own.water.recycling_busd_per_gl=0.3"])
    folder = cheap.solve(families=[replace(WATER, audit=None)], gap=0.0).write(tmp_path / "plan")
    assert main(["show", str(folder)]) == 0
    assert "not recomputed: constraint family water" in " ".join(capsys.readouterr().out.split())
    assert main(["show", str(folder), "--table", "power"]) == 0
    head, _units, row = capsys.readouterr().out.splitlines()[:3]
    assert head.split()[-1] == "x_water_recycled_gl"
    assert row.split()[-1] == "0.4"
    summary = json.loads((folder / "summary.json").read_text())
    for hostile in (7, "water", None):
        changed = {**summary, "audit": {**summary["audit"], "not_recomputed": hostile}, "families_added": hostile}
        (folder / "summary.json").write_text(json.dumps(changed))
        assert main(["show", str(folder)]) == 0
        assert main(["audit", str(folder)]) == 1
        capsys.readouterr()


def test_a_bound_is_proven_again_with_the_family_or_not_at_all(dry, plan, tmp_path):
    """With the family the bound is confirmed; a plan that was read has none, and the proof says so."""
    assert prove_bound(plan).status == "confirmed"
    read = prove_bound(Plan.read(plan.write(tmp_path / "plan")))
    assert read.status == "not_confirmed"
    assert "without the plan's own constraint families (water)" in read.reason
    assert prove_bound(
        dry.what_if(["model.families.own.water.cap_gl_per_year.a=9"]).solve(families=[WATER])
    ).status == ("confirmed")


def test_a_sweep_knows_runs_with_a_family_from_those_without(dry):
    """The fingerprint of a run names the families: what was solved without one is not taken over."""
    assert content_of(dry) == dry.hash
    assert content_of(dry.with_families(WATER)) != dry.hash


def test_a_folder_keeps_the_columns(plan, tmp_path):
    """What is read again is what was written, as numbers; tables that the family does not touch are as ever."""
    read = Plan.read(plan.write(tmp_path / "plan"))
    assert water_of(read) == water_of(plan)
    assert list(read.power.columns)[-1] == "x_water_recycled_gl"
    assert list(read.capacity.columns) == list(plan.capacity.columns)


def rewritten(folder, table, change):
    """Change the rows of a table of a plan folder."""
    path = folder / "tables" / f"{table}.csv"
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    change(rows)
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_planted_faults_are_found(plan, tmp_path):
    """Own spending in a plan that names no family, a family left out, and water beyond the cap each fail the audit."""
    folder = plan.write(tmp_path / "plan")
    summary = json.loads((folder / "summary.json").read_text())
    (folder / "summary.json").write_text(json.dumps({**summary, "families_added": []}))
    assert any("without the family water" in line for line in audit_folder(folder).lines)
    (folder / "summary.json").write_text(json.dumps(summary))

    def more_water(rows):
        for row in rows:
            row["x_water_recycled_gl"] = "-1.0"

    rewritten(folder, "power", more_water)
    assert any("a draws 1.6 GL" in line for line in audit_folder(folder, [WATER]).lines)
    rewritten(folder, "power", lambda rows: rows[0].update(x_water_recycled_gl="much"))
    assert any("cannot judge" in line for line in audit_folder(folder, [WATER]).lines)

    def rebate(rows):
        rows.append({**rows[0], "item": "x_rebate", "amount_busd": "-0.1", "present_value_busd": "-0.1"})

    free = Case.of(tiny()).solve(gap=0.0).write(tmp_path / "free")
    rewritten(free, "spend", rebate)
    assert any("'x_rebate' is not known" in line for line in audit_folder(free).lines)
