"""The plan of the two yards passes; broken in one place, it fails by the name of what was broken."""

import csv
import io
from typing import Any

import pytest

from planner.audit import audit, recovery
from planner.plan.columns import COLUMNS
from tests.audit import yards


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
    assert {"contract", "site", "chips", "power", "demand", "budget", "redundancy", "diversity", "integration",
            "carbon", "backup_income", "money", "summary"} <= families  # fmt: skip
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


def _row(tables: dict[str, Any], table: str, number: int, **cells: Any) -> None:
    tables[table][number].update(cells)


FAULTS: dict[str, tuple[Any, Any, tuple[str, str], str]] = {
    "start before the lead": (
        {"offers": {0: {"lead_months": 6.0}}},
        None,
        ("contract", "start is allowed"),
        "before the lead of 6 months",
    ),
    "start before the first start": (
        {"offers": {0: {"first_start": "2026-07-02"}}},
        None,
        ("contract", "start is allowed"),
        "oa/primary/2026 of 2026 starts before the first start",
    ),
    "start after the last start": (
        {"offers": {0: {"last_start": "2026-12-31"}}},
        None,
        ("contract", "start is allowed"),
        "oa/primary/2027 of 2027 starts after the last start",
    ),
    "start before the site's date": (
        {"sites": {0: {"earliest_date": "2026-08-01"}}},
        None,
        ("contract", "start is allowed"),
        "earliest date of site a",
    ),
    "left early without the right": (
        None,
        lambda p: _row(p, "contracts", 3, end_period="2027", end_date="2027-01-01"),
        ("contract", "end is allowed"),
        "may not end after 1 years",
    ),
    "half a block": (
        None,
        lambda p: _row(p, "contracts", 3, blocks=0.5, it_mw=50.0),
        ("tables", "contracts can be read"),
        "not a whole number of blocks",
    ),
    "blocks and MW disagree": (
        None,
        lambda p: _row(p, "contracts", 3, it_mw=90.0),
        ("tables", "contracts can be read"),
        "1 blocks are 100 IT MW",
    ),
    "too many blocks": (
        {"offers": {0: {"max_blocks": 1}}},
        None,
        ("contract", "most blocks in force"),
        "offer oa in 2027 (1 blocks)",
    ),
    "too few blocks": (
        {"offers": {1: {"min_blocks": 2}}},
        None,
        ("contract", "minimum commitment"),
        "at least 2 blocks",
    ),
    "a role the offer does not have": (
        {"offers": {1: {"roles": ("primary",)}}},
        None,
        ("tables", "contracts can be read"),
        "backup is not a role of offer ob",
    ),
    "a signed contract changed": (
        None,
        lambda p: _row(p, "contracts", 0, it_mw=60.0),
        ("contract", "signed IT MW unchanged"),
        "s1",
    ),
    "a signed contract moved": (
        None,
        lambda p: _row(p, "contracts", 0, end_date="2028-07-01"),
        ("contract", "signed contracts unchanged"),
        "2028-07-01 for 2027-07-01",
    ),
    "a signed contract forgotten": (
        None,
        lambda p: p["contracts"].pop(0),
        ("contract", "signed contracts unchanged"),
        "s1 (50 IT MW of ob) is missing",
    ),
    "a signed contract invented": (
        None,
        lambda p: p["contracts"].append({**p["contracts"][0], "contract": "s2"}),
        ("contract", "signed contracts unchanged"),
        "s2 is not a signed contract",
    ),
    "a site too small": ({"sites": {0: {"max_it_mw": 199.0}}}, None, ("site", "IT MW of a site"), "a in 2027"),
    "a site without power": (
        {"energisation": {1: {"facility_mw": 229.0}}},
        None,
        ("site", "energised facility MW"),
        "a in 2027: 250 facility MW, at most 249 facility MW",
    ),
    "a closed site used": (
        None,
        lambda p: p["openings"].pop(0),
        ("site", "contracts only at open sites"),
        "a has a contract in force in 2026",
    ),
    "opened for too little": (
        None,
        lambda p: _row(p, "openings", 0, opening_cost_busd=0.2),
        ("site", "opening cost"),
        "opening of a",
    ),
    "chips not hosted": (
        {"offers": {0: {"chips": ("m",)}}},
        None,
        ("chips", "chip is admitted"),
        "not among the offer's chips",
    ),
    "chips before their date": (
        {"chips": {1: {"first_date": "2027-09-01"}}},
        None,
        ("chips", "chip is admitted"),
        "before its first date",
    ),
    "chips that cannot be bought": (
        {"chips": {0: {"price_busd_per_gw_it": None}}},
        None,
        ("chips", "chip is admitted"),
        "cannot be bought",
    ),
    "chips that vanish": (
        None,
        lambda p: _row(p, "installs", 1, stock_it_mw=90.0),
        ("chips", "stock of bought chips"),
        "m at oa primary in 2027",
    ),
    "leased chips that appear": (
        None,
        lambda p: _row(p, "installs", 4, stock_it_mw=60.0),
        ("chips", "stock of leased chips"),
        "m at ob backup in 2027",
    ),
    "chips past their life": (
        {"chips": {0: {"life_years": 1.0}}},
        None,
        ("chips", "stock of leased chips"),
        "m at ob backup in 2027: 50 IT MW, at most 0 IT MW",
    ),
    "more chips than in force": (
        None,
        lambda p: _row(p, "installs", 3, added_it_mw=101.0, stock_it_mw=101.0),
        ("chips", "installed within what is in force"),
        "ob backup in 2026: 101 IT MW, at most 100 IT MW",
    ),
    "more chips than supplied": (
        {"chip_supply": {1: {"it_mw": 24.0}}},
        None,
        ("chips", "supply of a chip"),
        "chip c in 2027: 25 IT MW, at most 24 IT MW",
    ),
    "no development": (None, lambda p: p["developments"].clear(), ("chips", "developments"), "before its development"),
    "region overdrawn": (
        {"power_regions": {0: {"firm_facility_mw": 70.0}}},
        None,
        ("power", "firm facility MW of a region"),
        "power region west in 2027: 230 facility MW, at most 220 facility MW",
    ),
    "on-site power before its lead": (
        {"power_options": {0: {"lead_months": 18.0}}},
        None,
        ("power", "on-site options"),
        "gas of 2027: in service before its lead",
    ),
    "on-site power too large": (
        {"power_options": {0: {"max_facility_mw": 10.0}}},
        None,
        ("power", "largest power of an option"),
        "gas in 2027",
    ),
    "more output than power": (
        None,
        lambda p: _row(p, "power_options", 0, output_mw=21.0),
        ("power", "output within the option's power"),
        "gas in 2027",
    ),
    "more output than use": (
        {"sites": {0: {"pue_average": 1.0}}, "power_options": {0: {"kind": "storage"}}},
        lambda p: _row(p, "power_options", 0, output_mw=101.0),
        ("power", "output within own use"),
        "on-site generation of a in 2027: 101 facility MW, at most 100 facility MW",
    ),
    "output told wrong": (
        None,
        lambda p: _row(p, "power", 2, onsite_output_mw=19.0),
        ("derived tables", "power: facility MW"),
        "power, 2027, a, onsite_output_mw: the plan says 19 facility MW, the audit 20",
    ),
    "a market out of reach": (
        {"markets": {0: {"residency": ("US",)}}},
        None,
        ("demand", "sites may serve the market"),
        "b serving g inference",
    ),
    "compute out of nothing": (
        None,
        lambda p: _row(p, "served", 1, compute=110.0),
        ("demand", "compute of chips"),
        "a serving g inference with m in 2027",
    ),
    "capacity used twice": (
        None,
        lambda p: _row(p, "served", 3, it_mw=30.0, compute=30.0),
        ("demand", "each IT MW used once"),
        "primary m at b in 2027: 30 IT MW, at most 25 IT MW",
    ),
    "more served than asked": (
        {"demand": {1: {"compute": 149.0}}},
        None,
        ("demand", "no more than demanded"),
        "g inference in 2027",
    ),
    "a single source that is two": (
        {"markets": {0: {"single_source": True}}},
        None,
        ("demand", "single source"),
        "g in 2027 is served by a, b",
    ),
    "over the budget": (
        {"budget": {0: {"cash_limit_busd": 4.0}}},
        None,
        ("budget", "limit of a period"),
        "spending to the end of 2026 is 0.527935 busd over",
    ),
    "over an envelope": (
        {"offers": {1: {"rent_musd_per_mw_year": 2.1}}},
        None,
        ("budget", "envelope of a role"),
        "backup spending",
    ),
    "a lost site not covered": (
        {"demand": {1: {"compute": 150.2}}},
        None,
        ("redundancy", "any one site"),
        'redundancy "any one site": losing a in 2027 leaves 0.1 of critical compute unserved (group: g inference)',
    ),
    "too fast a provider": (
        {"providers": {0: {"growth_per_year": 0.0, "first_year_it_mw": 99.0}}},
        None,
        ("integration", "growth of a provider"),
        "provider p in 2026",
    ),
    "too much backup sold": (
        None,
        lambda p: _row(p, "backup", 1, sold_it_mw=26.0),
        ("backup_income", "backup sold"),
        "backup sold in 2027: 26 IT MW, at most 25 IT MW",
    ),
    "a wrong payment": (
        None,
        lambda p: _row(p, "spend", 2, amount_busd=3.001),
        ("money", "spending on chips"),
        "primary chips of 2026: the plan says 3.001 busd, the audit 3",
    ),
    "a payment left out": (
        None,
        lambda p: p["spend"].pop(9),
        ("money", "spending on signing"),
        "primary signing of 2026",
    ),
    "a wrong present value": (
        None,
        lambda p: _row(p, "spend", 2, present_value_busd=3.0),
        ("money", "present value of spending"),
        "primary chips of 2026",
    ),
    "a wrong objective": (
        None,
        lambda p: _row(p, "objective", 2, present_value_busd=-3.593),
        ("money", "objective"),
        "objective, salvage",
    ),
    "a wrong budget": (
        None,
        lambda p: _row(p, "budget", 1, carried_in_busd=0.0),
        ("money", "budget table"),
        "budget, 2027, carried_in_busd",
    ),
    "a budget left out": (None, lambda p: p["budget"].pop(), ("money", "budget table"), "no row for 2027"),
    "a contingency left out": (
        None,
        lambda p: p["contingencies"].pop(0),
        ("contingencies", "listed"),
        "losing a in 2026",
    ),
    "recovery from what is lost": (
        None,
        lambda p: _row(p, "recovery", 2, site="a"),
        ("contingencies", "routing uses what survives"),
        "m at a",
    ),
    "recovery of too little": (
        None,
        lambda p: _row(p, "recovery", 0, it_mw=40.0, compute=40.0),
        ("contingencies", "carried compute"),
        "losing a in 2026",
    ),
    "a loss told too small": (
        None,
        lambda p: _row(p, "contingencies", 3, lost_it_mw=70.0),
        ("contingencies", "IT MW lost"),
        "losing b in 2027: the plan says 70 IT MW, the audit 75",
    ),
    "a margin told too large": (
        None,
        lambda p: _row(p, "contingencies", 2, margin_compute=5.0, binding="no"),
        ("contingencies", "margin"),
        "at most 0 is left",
    ),
    "a binding contingency not told": (
        None,
        lambda p: _row(p, "contingencies", 2, binding="no"),
        ("contingencies", "binding"),
        "binding is no",
    ),
    "capacity told wrong": (
        None,
        lambda p: _row(p, "capacity", 1, it_mw=51.0),
        ("derived tables", "capacity: IT MW"),
        "capacity, 2026, ob, primary, m, it_mw",
    ),
    "a vendor told wrong": (
        None,
        lambda p: _row(p, "capacity", 1, vendor="vendor_c"),
        ("derived tables", "capacity: words"),
        "'vendor_c', the audit has 'vendor_m'",
    ),
    "demand told wrong": (
        None,
        lambda p: _row(p, "demand", 0, compute=99.0),
        ("derived tables", "demand: compute"),
        "demand, 2026, g, inference",
    ),
    "unserved left out": (
        None,
        lambda p: p["unserved"].clear(),
        ("derived tables", "unserved: compute"),
        "no row; demand_compute",
    ),
    "accelerators told wrong": (
        None,
        lambda p: _row(p, "chips", 0, accelerators=100_010),
        ("derived tables", "chips: accelerators"),
        "chips, 2026, m",
    ),
    "reach left out": (None, lambda p: p["reach"].pop(), ("derived tables", "reach"), "b may serve g"),
    "power told wrong": (
        None,
        lambda p: _row(p, "power", 2, facility_mw=240.0),
        ("derived tables", "power: facility MW"),
        "power, 2027, a, facility_mw",
    ),
    "in force told wrong": (
        None,
        lambda p: _row(p, "in_force", 4, signed_it_mw=50.0),
        ("derived tables", "in_force: IT MW"),
        "in_force, 2027, ob, primary, signed_it_mw: the plan says 50 IT MW, the audit 25",
    ),
}


def test_a_routing_may_be_left_out_of_a_long_table_only(monkeypatch):
    """A short table must route every loss; a long one may not, and what cannot be carried fails all the same."""
    tables = yards.plan()
    del tables["recovery"][3]
    assert failed(audit(yards.case(), tables, yards.summary())) == {("contingencies", "carried compute")}
    monkeypatch.setattr(recovery, "LONG_TABLE", 3)
    assert audit(yards.case(), tables, yards.summary()).passed

    def more_critical(rows):
        rows["demand"][1]["compute"] = 300.0

    found = failed(audit(yards.case(tables=more_critical), tables, yards.summary()))
    assert any(family == "redundancy" for family, _ in found)


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
    limiting = {"site", "diversity", "integration", "carbon", "redundancy", "backup_income", "contract", "chips"}
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


def test_cost_differs_beyond_the_tolerance():
    """A cost off by 1e-5 of itself fails, off by 1e-8 passes."""
    wrong = {**yards.summary(), "cost_busd": yards.COST * (1 + 1e-5)}
    assert failed(audit(yards.case(), yards.plan(), wrong)) == {("summary", "cost_busd")}
    right = {**yards.summary(), "cost_busd": yards.COST * (1 + 1e-8)}
    assert audit(yards.case(), yards.plan(), right).passed


@pytest.mark.parametrize("table", COLUMNS)
def test_a_missing_table_is_named(table):
    """A plan without one of its tables fails with a message."""
    tables = yards.plan()
    del tables[table]
    report = audit(yards.case(), tables, yards.summary())
    assert ("tables", f"{table} can be read") in failed(report)
    assert any(f"table {table} is missing" in line for line in report.lines)


@pytest.mark.parametrize("value", ["", None, float("nan"), "inf", "what", -1e9, "1e999", True, [], "2099"])
@pytest.mark.parametrize("table", COLUMNS)
def test_no_cell_makes_a_traceback(table, value):
    """Every cell of the first row of every table, replaced by nonsense, at worst fails checks, never raises."""
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
