"""Refreshes of contracts with a ramp in the audit: the shares on paper, and faults planted in a plan."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from planner.audit import audit
from planner.audit.decisions import refreshed_share
from planner.audit.facts import Facts
from planner.case.case import CaseData
from tests.program.test_ramped_refresh import ramped
from tests.program.tiny import solve

Tables = dict[str, list[dict[str, Any]]]


@cache
def _made() -> tuple[CaseData, Tables, dict[str, Any]]:
    """40 MW, a quarter, half and then all of them in force; the 10 MW of the first year are replaced in the second."""
    case = ramped((10.0, 40.0, 80.0))
    plan = solve(case)
    return case, {name: [dict(row) for row in plan.rows(name)] for name in plan.tables}, dict(plan.summary)


def _rows(tables: Tables, table: str, **only: Any) -> list[dict[str, Any]]:
    return [row for row in tables[table] if all(row[key] == value for key, value in only.items())]


def _change(table: str, only: dict[str, Any], **cells: Any) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        (row,) = _rows(tables, table, **only)
        row.update(cells)

    return change


def _whole(tables: Tables) -> None:
    """As if a chip were replaced on all 40 MW: stated, and paid, so."""
    _change("refreshes", {}, it_mw=40.0)(tables)
    _change("spend", {"item": "refresh"}, amount_busd=0.08, present_value_busd=0.08)(tables)


def _with_the_old_chip(tables: Tables) -> None:
    """As if the rise of the third year came with the chip that was replaced."""
    (row,) = _rows(tables, "installs", chip="new", period=2028)
    tables["installs"].append({**row, "chip": "old", "added_it_mw": 20.0, "stock_it_mw": 20.0})
    row.update(added_it_mw=0.0, stock_it_mw=20.0)


STANDING, INSTALLED = "chips of a lease stay for its term", "chips of a lease are installed at its start"
FAULTS: dict[str, tuple[Callable[[Tables], None], str, str]] = {
    "a rise left out": (
        _change("installs", {"chip": "new", "period": 2028}, added_it_mw=0.0, stock_it_mw=20.0),
        STANDING,
        "new at lease primary in 2028: the plan says 20 IT MW, the audit 40",
    ),
    "a rise that is not delivered": (
        _change("installs", {"chip": "new", "period": 2028}, added_it_mw=0.0),
        INSTALLED,
        "new at lease primary in 2028: the plan says 0 IT MW, the audit 20",
    ),
    "a rise with the chip that was replaced": (
        _with_the_old_chip,
        STANDING,
        "old at lease primary in 2028: the plan says 20 IT MW, the audit 0",
    ),
    "a refresh of the whole": (
        _whole,
        "refreshes can be read",
        "40 IT MW, but 4 blocks are 40 IT MW, of which 10 were in force before",
    ),
    "a refresh of what is in force after it": (
        _change("refreshes", {}, it_mw=20.0),
        "refreshes can be read",
        "20 IT MW, but 4 blocks are 40 IT MW, of which 10 were in force before",
    ),
    "a refresh of the whole paid": (
        _change("spend", {"item": "refresh"}, amount_busd=0.08),
        "spending on refresh",
        "primary refresh of 2027: the plan says 0.08 busd, the audit 0.02",
    ),
}


def test_the_plan_passes() -> None:
    """Law: without a fault nothing is found."""
    report = audit(*_made())
    assert report.passed, report.lines


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_told(name: str) -> None:
    """Planted: each fault is found by its check, with its figures."""
    plant, check, words = FAULTS[name]
    case, tables, summary = deepcopy(_made())
    plant(tables)
    report = audit(case, tables, summary)
    assert not report.passed
    assert not next(one.passed for one in report.checks if one.name == check)
    assert any(words in line for line in report.lines), report.lines


def test_what_is_replaced_on_paper() -> None:
    """A quarter up to the step at the refresh itself, half before the next; all after renewal."""
    facts = Facts.of(ramped((10.0, 40.0, 80.0), max_blocks=1))
    offer = facts.offers["lease"]
    assert [refreshed_share(facts, offer, 0, at) for at in (1, 2)] == [0.25, 0.5]
    renewed = Facts.of(ramped((5.0, 5.0, 5.0), term_years=1.0, renewal_rent_musd_per_mw_year=10.0))
    assert [refreshed_share(renewed, renewed.offers["lease"], 0, at) for at in (1, 2)] == [0.25, 1.0]
