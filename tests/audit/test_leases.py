"""Plans of earlier versions, whose leases state no chip: audited by the rule of then, and the audit says so."""

from typing import Any

import pytest

from planner.audit import audit
from planner.audit.leases import NOT_CHECKED, states_chips
from tests.audit import yards

Tables = dict[str, list[dict[str, Any]]]


def earlier() -> tuple[Tables, dict[str, Any]]:
    """Return the plan of the yards as format 4 has it: no chip of a lease, and its usage at the offer and role."""
    tables = yards.plan()
    tables["contracts"][3]["chip"] = ""
    tables["contracts"] = [{k: cell for k, cell in row.items() if k != "chip"} for row in tables["contracts"]]
    tables["installs"] = [{k: cell for k, cell in row.items() if k != "contract"} for row in tables["installs"]]
    for row in tables["spend"]:
        if row["item"] == "usage":
            row["contract"] = ""
    return tables, {**yards.summary(), "folder_format": 4}


def failed(tables: Tables, summary: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the checks of chips and contracts that fail, by family and name."""
    found = audit(yards.case(), tables, summary).failures
    return {(check.family, check.name) for check in found if check.family in ("chips", "contract", "tables")}


def test_a_plan_of_format_4_is_audited_by_the_rule_of_then() -> None:
    """Law: chips and contracts pass as they did, and what is not checked is said."""
    tables, summary = earlier()
    report = audit(yards.case(), tables, summary)
    assert failed(tables, summary) == set()
    assert NOT_CHECKED in report.not_recomputed
    assert NOT_CHECKED not in audit(yards.case(), yards.plan(), yards.summary()).not_recomputed


def test_what_was_a_fault_then_is_one_still() -> None:
    """Law: chips that appear where none were installed are a fault by the earlier rule too."""
    tables, summary = earlier()
    tables["installs"][4]["stock_it_mw"] = 60.0
    assert ("chips", "stock of leased chips") in failed(tables, summary)


@pytest.mark.parametrize("said", [5, None, "4", True])
def test_a_plan_of_today_must_state_its_chips(said: object) -> None:
    """Law: only a folder that says that it is of an earlier format is judged by the earlier rule."""
    tables, summary = earlier()
    assert ("tables", "contracts can be read") in failed(tables, {**summary, "folder_format": said})


def test_a_folder_that_states_a_chip_is_judged_by_it() -> None:
    """Law: where one lease states its chip, all of them must."""
    tables, summary = yards.plan(), {**yards.summary(), "folder_format": 4}
    assert states_chips(tables, summary, earlier=False)
    assert failed(tables, summary) == set()
