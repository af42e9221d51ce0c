"""Small cases with round figures, plans given by some of their tables, and what the audit makes of them."""

from planner.audit.cells import Reader
from planner.audit.contracts import read_contracts
from planner.audit.decisions import read_decisions
from planner.audit.facts import Facts
from planner.audit.money import book
from planner.audit.report import Checks
from planner.audit.state import State
from planner.plan.columns import COLUMNS
from tests.audit import yards


def small(periods=4, months=12, families=None, objective=None, **tables):
    """Return a case of one year-long demand of nothing, with the rows given in place of those of the yards."""

    def model(options):
        options["horizon"] = {"start": "2026-01-01", "periods": periods, "period_months": months}
        options["families"] = families or {}
        options["objective"] = {"unserved": "lexicographic", "discount_rate_per_year": 0.0,
                                "salvage": "straight_line", **(objective or {})}  # fmt: skip

    def rows(all_rows):
        for name in (
            "power_options",
            "chip_supply",
            "contracts",
            "serving",
            "budget",
            "financing",
            "programmes",
            "programme_steps",
        ):
            all_rows.pop(name)
        all_rows["demand"] = [
            {"market": "g", "workload": "inference", "year": year, "compute": 0.0} for year in range(2026, 2046)
        ]
        all_rows["offers"] = [yards.offer("oa", "a", "p", chips=("m", "c"), **yards.BUILD)]
        all_rows["sites"] = [yards.site("a"), yards.site("b", country="FR", power_region="east")]
        all_rows.update(tables)

    return yards.case(model, rows)


def decided(start, end, which="oa", role="primary", blocks=1, **cells):
    """Return the row of a decided contract at yard a."""
    own = {
        "contract": f"{which}/{role}/{start}/{end}",
        "origin": "decided",
        "offer": which,
        "site": "a",
        "provider": "p",
        "tenure": "build",
        "role": role,
        "chip": "m" if cells.get("tenure") == "cloud" else "",
        "blocks": blocks,
        "it_mw": 100.0 * blocks,
        "start_date": f"{start}-01-01",
        "end_date": f"{end}-01-01",
        "start_period": start,
        "end_period": end,
    }
    return {**own, **cells}  # fmt: skip


def evaluate(case, **tables):
    """Return state and ledger of a plan given by some of its tables; every row must be readable."""
    checks, facts = Checks(), Facts.of(case)
    reader = Reader(facts, {**{name: [] for name in COLUMNS}, **tables}, checks)
    state = State(facts, read_decisions(reader, read_contracts(reader)))
    assert checks.report(0.0).lines == ()
    return state, book(state)


def paid(ledger, item, role="primary"):
    """Return what was paid for an item in each period."""
    return [ledger.paid.get((t, role, item), 0.0) for t in ledger.facts.periods]


def leased(**more):
    """Return a one-year-free lease of 100 MW at 2 $M growing 10 % a year, all take or pay."""
    terms = {"tenure": "shell", "term_years": 3.0, "rent_musd_per_mw_year": 2.0, "rent_growth_per_year": 0.1,
             "take_or_pay_share": 1.0, **more}  # fmt: skip
    return yards.offer("oa", "a", "p", chips=("m",), **terms)
