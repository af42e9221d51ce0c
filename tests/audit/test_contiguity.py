"""Contiguity in the audit: planted faults in where work is done, and in the plan's table of clusters."""

from typing import Any

import pytest

from tests.audit import yards
from tests.audit.test_rules import failed


def _rule(number: int, **keys: Any) -> Any:
    return lambda model: model["families"]["contiguity"]["rules"][number].update(keys)


def _least(column: str, value: float, rule: str) -> Any:
    return lambda rows: [row.update({column: value}) for row in rows["clusters"] if row["rule"] == rule]


def test_the_clusters_of_the_yards_are_kept() -> None:
    """Law: 100, 125 and 25 compute keep at least 20; 112.5 and 25 IT MW keep at least 25."""
    assert failed() == {}


@pytest.mark.parametrize(("compute", "told"), [(25.0, False), (25.0005, False), (25.1, True)])
def test_compute_at_a_site_is_held_against_the_minimum(compute: float, told: bool) -> None:
    """Law: what a site serves of the work is at least the minimum, to the tolerance of compute."""
    found = failed(None, _least("least_compute", compute, "large"), _rule(0, at_least_compute=compute))
    assert (("contiguity", "a cluster or nothing") in found) is told
    assert ("contiguity", "table") not in found


def test_it_mw_are_held_against_the_minimum() -> None:
    """Law: IT MW in use count, not compute: 25.1 are asked for and 25 are there, in 2027 alone."""
    found = failed(None, _least("least_it_mw", 25.1, "halls"), _rule(1, at_least_it_mw=25.1))
    lines = found["contiguity", "a cluster or nothing"]
    assert len(lines) == 1
    assert "halls: b in 2027 has 25 of at least 25.1 IT MW" in lines[0]


def test_the_minimum_is_never_more_than_the_demand() -> None:
    """Law: 1000 IT MW are 75 where the demand of 150 needs no more of the chip of 2 compute per IT MW."""
    found = failed(None, None, _rule(1, at_least_it_mw=1000.0))
    assert any("has 25 of at least 75 IT MW" in line for line in found["contiguity", "a cluster or nothing"])
    assert any("least_it_mw: the plan says 25 IT MW, the audit 75" in line for line in found["contiguity", "table"])


def test_a_rule_of_other_years_asks_nothing() -> None:
    """Law: a rule holds in the periods of its years; those of no period ask nothing."""

    def no_row(rows: Any) -> None:
        rows["clusters"] = [row for row in rows["clusters"] if row["rule"] == "halls"]

    assert failed(None, no_row, _rule(0, at_least_compute=90.0, first_year=2028)) == {}


def test_a_year_less_frees_the_cluster() -> None:
    """Law: what begins in 2026 for one year need not be there in 2027."""

    def plan(rows: Any) -> None:
        rows["served"] = [rows["served"][n] for n in (0, 3)]

    assert ("contiguity", "years") in failed(None, plan)
    assert ("contiguity", "years") not in failed(None, plan, _rule(0, at_least_years=1.0))


@pytest.mark.parametrize("column", [c for c in yards.plan()["clusters"][0] if c not in ("period", "rule", "site")])
def test_every_cell_of_the_table_is_compared(column: str) -> None:
    """Law: no cell of the table can be wrong unseen."""
    wrong = {"market": "h", "workload": "training", "begins": "perhaps"}.get(column, 17.0)
    assert ("contiguity", "table") in failed(None, lambda rows: rows["clusters"][1].update({column: wrong}))


def test_a_row_that_lacks_and_a_row_too_many_are_told() -> None:
    """Law: the table has a row for every cluster and no other."""
    assert ("contiguity", "table") in failed(None, lambda rows: rows["clusters"].pop())
    other = {**yards.plan()["clusters"][0], "site": "b"}
    found = failed(None, lambda rows: rows["clusters"].append(other))
    assert any("hosts no cluster then" in line for line in found["contiguity", "table"])


def test_a_plan_of_a_case_without_the_family_may_lack_the_table() -> None:
    """Law: plans of version 0.2 have no such table, and their cases no such family."""

    def without(model: Any) -> None:
        del model["families"]["contiguity"]

    assert failed(None, lambda rows: rows.pop("clusters"), without) == {}
    assert ("tables", "clusters can be read") in failed(None, lambda rows: rows.pop("clusters"))
