"""For every check of the audit a planted fault that this very check catches; a new check without one is named here."""

import ast
import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import planner.audit as package
from planner.audit import AuditReport, audit
from planner.audit.proof import check_proof
from planner.audit.report import Checks
from tests.audit import yards, yards_ranges
from tests.audit.faults import FAULTS as PLAN_FAULTS
from tests.audit.faults_leases import FAULTS as LEASE_FAULTS
from tests.audit.test_money_tables import FAULTS as MONEY_FAULTS
from tests.audit.test_plan import MODEL_FAULTS

Tables = dict[str, list[dict[str, Any]]]
Name = tuple[str, str]


def names(report: AuditReport) -> set[Name]:
    """Return the checks that failed, by family and name."""
    return {(check.family, check.name) for check in report.failures}


def cells(table: str, number: int, **values: Any) -> Callable[[Tables], None]:
    """Return a change of a row of a table."""
    return lambda tables: tables[table][number].update(values)


def both(*changes: Callable[[Tables], object]) -> Callable[[Tables], object]:
    """Return several changes as one."""
    return lambda tables: [change(tables) for change in changes]


def single_source(rows: Tables) -> None:
    """Make the market of the yards a single-source market that also asks for training."""
    rows["markets"][0]["single_source"] = True
    rows["demand"] += [{"market": "g", "workload": "training", "year": year, "compute": 9.0} for year in (2026, 2027)]


Fault = tuple[Callable[[Tables], object] | None, Callable[[Tables], object] | None, str]
MORE: dict[Name, Fault] = {
    ("chips", "development cost"): (None, cells("developments", 0, cost_busd=0.4), "development of c"),
    ("contiguity", "a cluster or nothing"): (
        None,
        cells("served", 3, it_mw=15.0, compute=15.0),
        "large: b in 2027 serves 15 of at least 20 compute of g inference",
    ),
    ("contiguity", "years"): (
        None,
        lambda tables: tables.update(served=[tables["served"][n] for n in (0, 3)]),
        "large: the cluster at a begins in 2026 and is not there in 2027, before 2 years are over",
    ),
    ("contiguity", "table"): (
        None,
        cells("clusters", 2, begins="no"),
        "clusters, 2027, large, b, begins is 'no', the audit has 'yes'",
    ),
    ("ranges", "ranges of other plans"): (
        None,
        lambda tables: tables.update(ranges=[{**yards_ranges.ranges()[0], "low_it_mw": 113.0}]),
        "ranges, provider p, low_it_mw: 113 IT MW, at most 112.5 IT MW",
    ),
    ("pauses", "critical shares"): (
        None,
        cells("critical_shares", 0, critical_share=0.625),
        "critical_shares, any one site, g, inference, critical_share: the plan says 0.625 share, the audit 0.5",
    ),
    ("demand", "single source serves all"): (single_source, None, "a serves 0 of the 9 training compute of g in 2026"),
    ("site", "origin of openings"): (None, cells("openings", 1, origin="decided"), "b in 2026 is marked decided"),
    ("contingencies", "IT MW surviving"): (
        None,
        cells("contingencies", 0, surviving_it_mw=101.0),
        "losing a in 2026: the plan says 101 IT MW, the audit 100",
    ),
    ("contingencies", "critical compute"): (
        None,
        cells("contingencies", 1, critical_compute=51.0),
        "losing b in 2026: the plan says 51 compute, the audit 50",
    ),
    ("contingencies", "routing carries all"): (
        None,
        both(cells("contingencies", 0, carried_compute=48.0), cells("recovery", 0, it_mw=48.0, compute=48.0)),
        "2 is not carried",
    ),
    ("contingencies", "routing carries what is critical"): (
        None,
        cells("recovery", 1, it_mw=60.0, compute=60.0),
        "losing b in 2026: g inference: 60 compute, at most 50 compute",
    ),
    ("derived tables", "backup: IT MW"): (None, cells("backup", 0, installed_it_mw=49.0), "backup, 2026"),
    ("derived tables", "backup: busd"): (None, cells("backup", 1, income_busd=0.03), "backup, 2027, income_busd"),
    ("derived tables", "capacity: compute"): (
        None,
        cells("capacity", 4, training_compute=49.0),
        "capacity, 2027, oa, primary, c, training_compute: the plan says 49 compute, the audit 50",
    ),
    ("derived tables", "chips: IT MW"): (None, cells("chips", 2, stock_it_mw=170.0), "chips, 2027, m, stock_it_mw"),
    ("derived tables", "realised: IT MW"): (None, cells("realised", 1, it_mw=174.0), "realised, 2027, m, it_mw"),
    ("derived tables", "emissions: Mt"): (
        None,
        cells("emissions", 1, onsite_mt=0.07),
        "emissions, 2027, onsite_mt: the plan says 0.07 Mt",
    ),
    ("derived tables", "realised: share"): (None, cells("realised", 0, realised_share=0.99), "2026, m, realised_share"),
    ("derived tables", "realised: compute"): (
        None,
        cells("realised", 2, training_realised_compute=49.0),
        "realised, 2027, c, training_realised_compute: the plan says 49 compute, the audit 50",
    ),
    ("derived tables", "realised: words"): (None, cells("realised", 2, vendor="vendor_m"), "vendor is 'vendor_m'"),
    ("derived tables", "in_force: words"): (
        None,
        cells("in_force", 0, provider="q"),
        "in_force, 2026, oa, primary, provider is 'q', the audit has 'p'",
    ),
    ("derived tables", "power: IT MW"): (None, cells("power", 0, it_mw=99.0), "power, 2026, a, it_mw"),
    ("derived tables", "power: words"): (None, cells("power", 0, power_region="east"), "is 'east'"),
    ("derived tables", "power_options: facility MW"): (
        None,
        cells("power_options", 0, in_service_facility_mw=21.0),
        "power_options, 2027, gas, in_service_facility_mw",
    ),
    ("derived tables", "power_options: words"): (None, cells("power_options", 0, site="b"), "site is 'b'"),
    ("derived tables", "power_regions: facility MW"): (
        None,
        cells("power_regions", 3, limit_facility_mw=201.0),
        "power_regions, 2027, east, limit_facility_mw",
    ),
    ("money", "owed after the horizon: IT MW"): (
        None,
        cells("obligations", 0, it_mw=90.0),
        "ob/backup/2026 in 2028, it_mw",
    ),
    ("carbon", "energy is known"): (None, None, "carbon needs the power family"),
    ("case", "the case can be evaluated"): (lambda rows: rows["demand"].pop(), None, "no row for 2027"),
    ("financing", "window"): (
        lambda rows: rows["financing"][0].update(last_date="2025-12-31"),
        None,
        "bank in 2026",
    ),
    ("financing", "most of a source"): (
        cells("financing", 0, up_to_busd=0.9),
        None,
        "bank, owed at the end of 2026",
    ),
    ("financing", "table"): (None, cells("financing", 2, owed_busd=0.9), "financing, 2027, bank, owed_busd"),
    ("money", "cash table"): (None, cells("cash", 1, interest_busd=0.2), "cash, 2027, interest_busd"),
    ("money", "envelopes"): (None, cells("envelopes", 0, left_busd=0.3), "envelopes, primary, left_busd"),
    ("programme", "at least"): (
        cells("programme_steps", 0, at_least_it_mw=251.0),
        None,
        "both in 2026: 250 of at least 251 IT MW in force",
    ),
    ("programme", "at most"): (cells("programme_steps", 1, at_most_facility_mw=400.0), None, "both in 2027"),
    ("programme", "declining"): (None, cells("programme_path", 0, undertaken="no"), "both is declined in some periods"),
    ("programme", "table"): (None, cells("programme_path", 1, it_mw=324.0), "programme_path, 2027, both, it_mw"),
    ("tables", "known tables"): (None, lambda p: p.update(wishes=[]), "table wishes is not a table of a plan"),
}
"""Check: what is changed in the case, what in the plan, and words of the line that follows."""


def without_power(model: dict[str, Any]) -> None:
    """Take the power family from the model; carbon needs it."""
    del model["families"]["power"]


@cache
def planted(name: Name) -> AuditReport:
    """Return the report of the yards with a fault of `MORE` planted."""
    change_case, change_plan, _ = MORE[name]
    tables = yards.plan()
    if change_plan is not None:
        change_plan(tables)
    model = without_power if name == ("carbon", "energy is known") else None
    return audit(yards.case(model, change_case), tables, yards.summary())


@pytest.mark.parametrize("name", MORE, ids=": ".join)
def test_the_fault_is_caught_by_the_check_it_is_planted_for(name):
    """Law: the check fails, and a line states its family, its name and the place."""
    report = planted(name)
    assert name in names(report)
    assert any(line.startswith(f'{name[0]} "{name[1]}"') and MORE[name][2] in line for line in report.lines), (
        report.lines
    )


TABLES_READ = {"tables": "a table that is missing, a cell that cannot be read: test_plan.py, every table"}
SHORTFALLS = (
    "no more unpaid than is due", "admitted", "unserved", "tiers can be read", "amount of a tier", "bound of a tier",
    "least of a tier proven", "contracts before other spending", "programmes before contracts", "last programme first",
)  # fmt: skip
ELSEWHERE: dict[Name, str] = {
    ("forced", "forced decisions"): "test_forced.py",
    ("chips", "stock of leased chips"): "test_leases.py, in a plan of an earlier version",
    ("summary", "forced"): "test_forced.py",
    ("summary", "capacity_by_provider"): "test_plan.py, every key of the summary",
    ("summary", "families of the case"): "tests/program/test_own.py",
    ("summary", "case_hash"): "test_folder.py",
    ("summary", "complete"): "test_proof.py",
    ("summary", "audit"): "test_proof.py",
    ("files", "as they were written"): "test_proof.py",
    ("programme", "shortfall"): "test_shortfalls.py",
    ("shortfalls", "no more missing than is critical"): "tests/program/test_closed_priced_rules.py",
    **{("shortfalls", name): "test_shortfalls.py" for name in SHORTFALLS},
}
"""Checks that need a summary or a folder, and where a fault is planted for them."""


JUDGES = ("seen", "fault", "limit", "equal", "amount", "in_each_period")


def stated_in_source() -> set[Name]:
    """Return family and name of every check that the modules of the audit state as plain texts."""
    found = set()
    for path in Path(package.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = dict(_constants(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in JUDGES:
                pair = [_text(argument, texts) for argument in node.args[:2]]
                if len(pair) == 2 and None not in pair:
                    found.add((str(pair[0]), str(pair[1])))
    return found


def _constants(tree: ast.Module) -> list[tuple[str, str]]:
    """Return names of a module, or of its functions, that stand for a text."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                several = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                pairs = zip(target.elts, node.value.elts, strict=False) if several else [(target, node.value)]
                for one, value in pairs:
                    if isinstance(one, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                        found.append((one.id, value.value))
    return found


def _text(node: ast.expr, texts: dict[str, str]) -> str | None:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return texts.get(node.id) if isinstance(node, ast.Name) else None


def caught() -> set[Name]:
    """Return every check for which a fault is planted in the tests of the audit."""
    rules = {rule for _, rule in MODEL_FAULTS.values() if rule is not None}
    rules |= {fault[2] for fault in (*PLAN_FAULTS.values(), *LEASE_FAULTS.values())} | {
        fault[1] for fault in MONEY_FAULTS.values()
    }
    return rules | set(MORE) | set(ELSEWHERE) | {("summary", key) for key in PROOF_FAULTS}


GOOD = {"status": "gap_reached", "cost_busd": 100.0, "bound_busd": 99.6, "gap": 0.004, "gap_target": 0.005,
        "unserved_share": 0.2, "unserved_share_bound": 0.2}  # fmt: skip
PROOF_FAULTS: dict[str, dict[str, Any]] = {
    "status": {"status": "splendid"},
    "bound_busd": {"bound_busd": 100.5, "gap": -0.005},
    "gap": {"gap": 0.0045},
    "bound and gap can be read": {"gap": "small"},
    "status optimal": {"status": "optimal"},
    "status gap_reached": {"bound_busd": 99.0, "gap": 0.01},
    "unserved_share_bound": {"unserved_share_bound": 0.25},
    "unserved_share_bound can be read": {"unserved_share_bound": "none"},
    "least unserved demand proven": {"unserved_share_bound": 0.1},
}


@pytest.mark.parametrize("name", PROOF_FAULTS)
def test_a_summary_that_contradicts_itself_fails_that_check_alone(name):
    """Law: one figure of a sound summary changed fails the check of that figure and no other."""
    sound, checks = Checks(), Checks()
    check_proof(GOOD, 100.0, sound)
    assert sound.report(0.0).passed
    check_proof({**GOOD, **PROOF_FAULTS[name]}, 100.0, checks)
    assert names(checks.report(0.0)) == {("summary", name)}


def test_no_check_is_without_a_planted_fault():
    """Law: every check that the source names is caught by a fault; one that never fails would check nothing."""
    assert len(stated_in_source()) > 50
    assert stated_in_source() - caught() == set()


def test_every_check_of_the_full_plan_is_caught():
    """Law: the checks of a plan with every family, their names made at run time included, each have a fault."""
    met = {(check.family, check.name) for check in audit(yards.case(), yards.plan(), yards.summary()).checks}
    run_time = {
        ("summary", key) for key in yards.summary()
    } | {("redundancy", "any one site"), ("forced", "forced decisions")}  # fmt: skip
    open_ones = {name for name in met - caught() - run_time if name[0] not in TABLES_READ}
    spending = {name for name in open_ones if name[1].startswith("spending on ")}
    assert open_ones - spending == set()
    assert {f"spending on {item}" for item in ITEMS} >= {name for _, name in spending}


ITEMS = ("capex", "carbon", "chips", "development", "energy", "fixed", "fuel", "onsite", "opening", "opex", "rent",
         "serving", "signing", "usage")  # fmt: skip


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("share", [0.999, 1.001])
def test_a_payment_off_by_a_thousandth_is_named_by_its_item(item, share):
    """Law: an amount of any item, too small or too large, fails the check of that item and of its place."""
    tables = yards.plan()
    row = next(row for row in tables["spend"] if row["item"] == item)
    row["amount_busd"] *= share
    if abs(row["amount_busd"]) < 0.02:  # a thousandth of that is within the tolerance of all payments
        row["amount_busd"] *= share**20
    assert {("money", f"spending on {item}"), ("money", "money by level")} <= names(
        audit(yards.case(), tables, yards.summary())
    )


@pytest.mark.parametrize("item", ITEMS)
def test_a_payment_that_the_plan_leaves_out_is_named(item):
    """Law: a row of spend taken away fails the check of its item, its place and of the sum of all."""
    tables = copy.deepcopy(yards.plan())
    tables["spend"].remove(max((row for row in tables["spend"] if row["item"] == item), key=lambda r: r["amount_busd"]))
    found = names(audit(yards.case(), tables, yards.summary()))
    assert {("money", f"spending on {item}"), ("money", "spend adds up to the cost")} <= found
