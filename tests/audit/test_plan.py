"""The plan of the two yards passes; broken in one place, it fails by the name of what was broken."""

import csv
import io
from typing import Any

import pytest

from planner.audit import audit, recovery
from planner.audit.registry import PARTS
from planner.plan.columns import COLUMNS
from tests.audit import faults, yards, yards_money
from tests.audit.faults_leases import FAULTS as LEASE_FAULTS
from tests.length import some


def failed(report):
    """Return the rules that failed, as family and name."""
    return {(check.family, check.name) for check in report.checks if not check.passed}


def test_the_plan_worked_out_by_hand_passes():
    """Every table, limit and dollar worked out on paper agrees with the audit."""
    report = audit(yards.case(), yards.plan(), yards.summary())
    assert report.lines == ()
    assert report.passed
    assert report.cost_busd == pytest.approx(yards.COST, rel=1e-12)
    families = {check.family for check in report.checks}
    covered = {part.family for part in PARTS if part.constraints} - {"forced"}  # nothing is forced here
    assert covered | {"money", "summary"} <= families
    assert all(row["count"] > 0 for row in report.to_rows())


def test_cells_may_be_text():
    """The tables as read back from CSV pass as well."""
    texts = {}
    for name, rows in yards.plan().items():
        stream = io.StringIO()
        writer = csv.DictWriter(stream, list(COLUMNS[name]))
        writer.writeheader()
        writer.writerows(rows)
        stream.seek(0)
        texts[name] = list(csv.DictReader(stream))
    assert audit(yards.case(), texts, yards.summary()).lines == ()


def test_a_routing_may_be_left_out_of_a_long_table_only(monkeypatch):
    """A short table must route every loss; a long one may not, and what cannot be carried fails all the same."""
    tables = yards.plan()
    del tables["recovery"][3]
    assert failed(audit(yards.case(), tables, yards.summary())) == {("contingencies", "carried compute")}
    monkeypatch.setattr(recovery, "LONG_TABLE", 3)
    assert audit(yards.case(), tables, yards.summary()).passed

    found = failed(audit(yards.case(critical(1.0)), tables, yards.summary()))
    assert any(family == "redundancy" for family, _ in found)


FAULTS = {**faults.FAULTS, **LEASE_FAULTS}


def critical(share):
    """Return a change of the critical share of the first rule."""
    return lambda model: model["families"]["redundancy"]["rules"][0].update(critical_share=share)


def test_a_lost_site_that_is_not_covered_is_named():
    """75.1 of what is served in 2027 is critical and 75 is there: the loss, the amount and the demand are named."""
    report = audit(yards.case(critical(75.1 / 150.0 / 0.8)), yards.plan(), yards.summary())
    words = 'redundancy "any one site": losing a in 2027 leaves 0.1 of critical compute unserved (group: g inference)'
    assert any(line.startswith(words) for line in report.lines), report.lines


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_named(name):
    """One thing broken, in the plan or in the case under it, fails the rule that forbids it, in the user's words."""
    change_case, change_plan, rule, words = FAULTS[name]

    def change(rows):
        for table, lines in (change_case or {}).items():
            for number, cells in lines.items():
                rows[table][number].update(cells)

    tables = yards.plan()
    if change_plan is not None:
        change_plan(tables)
    report = audit(yards.case(tables=change), tables, yards.summary())
    assert rule in failed(report)
    assert any(rule[0] in line and words in line for line in report.lines), report.lines


MODEL_FAULTS = {
    "one site too many": (("site_opening", {"open_at_most": 1}), ("site", "open at most")),
    "not as many sites as asked": (("site_opening", {"open_exactly": 1}), ("site", "open exactly")),
    "a domain too large": (
        ("diversity", {"rules": [{"domain": "provider", "largest_share": 0.61}]}),
        ("diversity", "largest share of a provider"),
    ),
    "a vendor too large": (
        ("diversity", {"rules": [{"domain": "chip_vendor", "largest_share": 0.9, "first_year": 2027}]}),
        None,
    ),
    "a custom chip too fast": (
        ("integration", {"custom_chip": {"first_year_it_mw": 24.0, "growth_per_year": 9.0}}),
        ("integration", "growth of a chip"),
    ),
    "too much carbon": (
        ("carbon", {"price_usd_per_tonne": 20.0, "cap_mt_per_year": 0.36}),
        ("carbon", "emission cap"),
    ),
    "both sites at once": (
        (
            "redundancy",
            {"rules": [{"name": "all", "domain": "sites", "sites": ["a", "b"], "k": 1, "critical_share": 0.1}]},
        ),
        ("redundancy", "all"),
    ),
    "a campus too many": (
        (
            "contiguity",
            {"rules": [{**yards_money.CONTIGUITY["rules"][0], "most_campuses": 1}, yards_money.CONTIGUITY["rules"][1]]},
        ),
        ("contiguity", "campuses"),
    ),
    "no backup market": (
        ("backup_income", {"price_musd_per_mw_year": 1.0, "largest_share": 0.5, "market_it_mw": 20.0}),
        ("backup_income", "backup sold"),
    ),
}


@pytest.mark.parametrize("name", MODEL_FAULTS)
def test_a_stricter_family_is_told(name):
    """The passing plan fails the rule of a family made stricter than it, and only that of those that limit."""
    (family, options), rule = MODEL_FAULTS[name]
    report = audit(yards.case(model=lambda model: model["families"].update({family: options})), yards.plan())
    limiting = {part.family for part in PARTS if part.constraints}
    told = {entry for entry in failed(report) if entry[0] in limiting}
    assert told == (set() if rule is None else {rule})


@pytest.mark.parametrize("key", yards.summary())
def test_a_wrong_summary_is_named(key):
    """Every figure of the summary is compared, and a missing or senseless one is a failed check."""
    for value in (17.5, None, "much", float("nan"), {"p": 1.0, "nobody": 2.0}):
        report = audit(yards.case(), yards.plan(), {**yards.summary(), key: value})
        assert {family for family, _ in failed(report)} == {"summary"}
        assert any(key in line for line in report.lines)
    assert not audit(yards.case(), yards.plan(), {}).passed


def test_emissions_without_the_family_power_are_a_fault():
    """Law: without the family power no energy is counted: the table of emissions is empty, or states none."""

    def without_power(model):
        for name in ("power", "carbon"):
            del model["families"][name]

    stated = audit(yards.case(model=without_power), yards.plan())
    assert ("derived tables", "emissions: Mt") in failed(stated)
    empty = audit(yards.case(model=without_power), {**yards.plan(), "emissions": []})
    assert ("derived tables", "emissions: Mt") not in failed(empty)


def test_cost_differs_beyond_the_tolerance():
    """A cost off by 1e-5 of itself fails, off by 1e-8 passes."""
    wrong = {**yards.summary(), "cost_busd": yards.COST * (1 + 1e-5)}
    assert failed(audit(yards.case(), yards.plan(), wrong)) == {("summary", "cost_busd")}
    right = {**yards.summary(), "cost_busd": yards.COST * (1 + 1e-8)}
    assert audit(yards.case(), yards.plan(), right).passed


@pytest.mark.parametrize("table", [name for name in COLUMNS if name != "ranges"])  # only where it was asked for
def test_a_missing_table_is_named(table):
    """A plan without one of its tables fails with a message."""
    tables = yards.plan()
    del tables[table]
    case = yards.case(tables=_may_be_refreshed) if table == "refreshes" else yards.case()
    report = audit(case, tables, yards.summary())
    assert ("tables", f"{table} can be read") in failed(report)
    assert any(f"table {table} is missing" in line for line in report.lines)


def _may_be_refreshed(rows: Any) -> None:
    """The lease of the yards may be refreshed: only then must there be a table of what is."""
    rows["offers"][1] |= {"refresh_after_years": 1.0, "refresh_price_busd_per_gw_it": 1.0}


NONSENSE = [
    (table, value)
    for table in COLUMNS
    if yards.plan()[table]  # nothing is missing or refreshed in the yards: test_shortfalls.py, test_every_cell.py
    for value in ("", None, float("nan"), "inf", "what", -1e9, "1e999", True, [], "2099")
]


@pytest.mark.parametrize(
    ("table", "value"),
    [
        pytest.param(*NONSENSE[number], marks=() if number % 47 == 0 else pytest.mark.slow)
        for number in sorted({*range(0, len(NONSENSE), 47), *some(range(len(NONSENSE)), 120)})
    ],
)
def test_no_cell_makes_a_traceback(table, value):
    """Every cell of the first row of every table, replaced by nonsense, at worst fails checks, never raises.

    Of every table and every nonsense some are drawn, all at length.
    """
    for column in COLUMNS[table]:
        tables = yards.plan()
        tables[table][0][column] = value
        report = audit(yards.case(), tables, yards.summary())
        empty = value == "" or value is None or value != value
        # What may be empty is empty in the first row; nothing else passes, and nothing but empty passes there.
        assert report.passed is (empty and yards.plan()[table][0][column] == ""), (column, report.lines)


def test_bad_rows_are_named():
    """Repeated rows, missing and unknown columns, rows that are no rows, unknown tables: each fails with its place."""
    tables: Any = yards.plan()
    tables["installs"].append(dict(tables["installs"][0]))
    del tables["served"][0]["chip"]
    tables["spend"][0]["extra"] = 1
    tables["reach"].append("a, g")
    tables["wishes"] = []
    lines = audit(yards.case(), tables, yards.summary()).lines
    assert any("installs, row 6: repeats an earlier row" in line for line in lines)
    assert any("served, row 1: column chip is missing" in line for line in lines)
    assert any("spend, row 1: unknown column extra" in line for line in lines)
    assert any("reach, row 3: not a row of cells" in line for line in lines)
    assert any("table wishes is not a table of a plan" in line for line in lines)


def test_a_case_without_a_year_is_told():
    """A demand year missing in the case is an error of the case, not a zero and not a traceback."""
    report = audit(yards.case(tables=lambda rows: rows["demand"].pop()), yards.plan())
    assert not report.passed
    assert any("demand of g inference: no row for 2027" in line for line in report.lines)


def test_rows_of_what_is_not_used_may_be_missing():
    """An idle site, chip or region needs no row, whatever the case would allow it; one in use does."""

    def idle(rows):
        rows["sites"].append(yards.site("z", power_region="far"))
        rows["energisation"].append({"site": "z", "date": "2026-01-01", "facility_mw": 9.0})
        rows["power_regions"].append(yards.region("far"))

    tables = yards.plan()
    tables["chips"] = [row for row in tables["chips"] if (row["period"], row["chip"]) != ("2026", "c")]
    assert audit(yards.case(tables=idle), tables, yards.summary()).lines == ()
    tables["power_regions"].pop()
    assert failed(audit(yards.case(tables=idle), tables)) == {("derived tables", "power_regions: facility MW")}
