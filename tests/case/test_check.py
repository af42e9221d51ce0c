"""Every check between the tables and the model, violated once."""

from typing import Any

import pytest

from planner.case.check import CHECKS, check_case
from planner.case.check.model import NEEDS
from planner.case.model import Families
from planner.errors import Problem
from planner.program.families import FAMILIES as FAMILIES_OF_THE_PROGRAM
from tests.case.faults import FAULTS
from tests.case.model_faults import MODEL_FAULTS
from tests.case.spoil import Spoil, Tables, drop, spoilt
from tests.cases import full_tables, make_case
from tests.length import AT_LENGTH


def matches(fault: Problem, file: str, column: str | None, words: str) -> bool:
    """Tell whether a fault is the one expected."""
    return fault.file == file and fault.column == column and words in fault.message


def test_the_good_cases_are_good() -> None:
    """Law: neither the tiny nor the full case has a fault."""
    assert check_case(make_case(checked=False)) == []
    assert check_case(make_case(full=True, checked=False)) == []


@pytest.mark.parametrize(("spoil", "file", "column", "words"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_every_fault_is_found(spoil: Spoil, file: str, column: str | None, words: str) -> None:
    """Law: each kind of contradiction is reported at its place."""
    found = check_case(spoilt(spoil))
    assert any(matches(fault, file, column, words) for fault in found), "\n".join(map(str, found))


@pytest.mark.parametrize(("options", "column", "words"), MODEL_FAULTS)
def test_every_fault_of_the_model_is_found(options: dict[str, Any], column: str, words: str) -> None:
    """Law: contradictions inside the model file are reported by key."""
    found = check_case(make_case(full=True, checked=False, **options))
    assert any(matches(fault, "model", column, words) for fault in found), "\n".join(map(str, found))


def test_no_check_is_untried() -> None:
    """Law: every check in the list is violated by some case above."""
    cases = [spoilt(fault[1]) for fault in FAULTS]
    cases += [make_case(full=True, checked=False, **options) for options, _, _ in MODEL_FAULTS]
    for table in ("sites", "energisation", "providers", "power_regions", "offers", "markets", "demand"):
        cases.append(spoilt(drop(table, lambda _row: False)))
    silent = [check for check, _ in CHECKS if not any(list(check(case)) for case in cases)]
    assert silent == []


def test_checks_survive_each_others_faults() -> None:
    """Law: no check stumbles over what another check reports: the whole list runs on every broken case."""
    everything = [spoil for _, spoil, *_ in FAULTS]
    for first in everything[:: 7 if AT_LENGTH else 23]:
        for second in everything[:: 5 if AT_LENGTH else 17]:

            def both(tables: Tables, families: dict[str, Any], one: Spoil = first, two: Spoil = second) -> None:
                one(tables, families)
                try:
                    two(tables, families)
                except (KeyError, IndexError, TypeError):
                    return  # the first change took away what the second changes

            assert check_case(spoilt(both))


def test_every_family_that_needs_another_says_so() -> None:
    """Law: what the program of a family requires of another optional family, the check of the case asks for."""
    needed = {
        (family.name, other)
        for family in FAMILIES_OF_THE_PROGRAM
        for other in family.requires
        if {family.name, other} <= set(Families.model_fields) and "site_opening" not in (family.name, other)
    }
    needed.add(("financing", "budget"))  # built before, since what is drawn stands in the rows of the budget
    assert needed == set(NEEDS.items())


def test_no_latency_section() -> None:
    """Law: a latency limit without a table row and without a [latency] section asks for one of them."""
    tables = {**full_tables(), "latency": []}
    case = make_case(tables, full=True, checked=False, model={"latency": None})
    assert any(matches(fault, "markets", "latency_limit_ms", "[latency]") for fault in check_case(case))


def test_checks_of_unread_tables_are_left_out() -> None:
    """Law: a table that could not be read whole causes no faults in others."""
    case = spoilt(drop("sites", lambda row: row["site"] == "north"))
    assert check_case(case)
    assert check_case(case, without=frozenset({"sites"})) == []


def test_faults_of_one_kind_are_one() -> None:
    """Law: 564 offers that lack one figure are one fault with their number, whatever their tenure."""
    tables = full_tables()
    for number in range(564):
        lease = tables["offers"][1 + number % 2]
        tables["offers"].append({**lease, "offer": f"more{number}", "rent_growth_per_year": None})
    for row in range(40):
        tables["demand"].append({"market": f"unknown{row}", "workload": "training", "year": 2026, "compute": 1.0})
    found = check_case(make_case(tables, full=True, checked=False))
    (growth,) = (fault for fault in found if fault.column == "rent_growth_per_year")
    assert growth.count == 564
    assert growth.places[:2] == ("offers[more0]", "offers[more1]")
    assert "564 of this kind" in str(growth)
    assert [fault.count for fault in found if fault.column == "market"] == [40]
    assert [fault.count for fault in found if fault.column == "year"] == [40]


@pytest.mark.slow
def test_unknown_keys_by_the_thousand_are_told_at_once() -> None:
    """Law: the nearest name is sought for a few of many unknown keys, all of which are counted."""
    tables = full_tables()
    tables["latency"] = [{"site": f"s{number}", "market": "europe", "rtt_ms": 1.0} for number in range(20_000)]
    found = check_case(make_case(tables, full=True, checked=False))
    assert [fault.count for fault in found if fault.column == "site" and fault.file == "latency"] == [20_000]
