"""Programmes in the audit: planted faults in what is in force, in what is declined and in what is paid."""

from typing import Any

import pytest

from tests.audit import yards
from tests.audit.test_rules import failed


def _step(**cells: Any) -> Any:
    return lambda rows: rows["programme_steps"][0].update(cells)


def _kind(**cells: Any) -> Any:
    return lambda rows: rows["programmes"][0].update(cells)


def _path(**cells: Any) -> Any:
    return lambda rows: [row.update(cells) for row in rows["programme_path"]]


def test_the_programme_of_the_yards_is_kept() -> None:
    """Law: 250 and 325 IT MW in force at both sites keep 200; 406.25 facility MW keep at most 450."""
    assert failed() == {}


@pytest.mark.parametrize(("mw", "told"), [(250.0, None), (250.1, "250 of at least 250.1 IT MW"), (400.0, "325 of at")])
def test_mw_that_are_not_in_force_are_told(mw: float, told: str | None) -> None:
    """Law: the IT MW in force at all sites of the programme are held against what its step asks for."""
    found = failed(_step(at_least_it_mw=mw), _path(at_least_it_mw=mw))
    lines = found.get(("programme", "at least"), [])
    assert bool(lines) is (told is not None)
    assert told is None or any(told in line for line in lines)


def test_facility_mw_and_limits_are_told() -> None:
    """Law: facility MW are counted at the PUE of each site; a limit holds in the period that begins after its date."""

    def tables(rows: Any) -> None:
        rows["programme_steps"][1].update(at_least_facility_mw=407.0, at_most_facility_mw=406.0)

    found = failed(tables)
    assert any("406.25 of at least 407 facility MW" in line for line in found["programme", "at least"])
    assert any("2027" in line for line in found["programme", "at most"])
    assert not any("2026" in line for line in found["programme", "at most"])


def test_what_is_declined_must_be_optional_and_is_declined_throughout() -> None:
    """Law: only an optional programme is declined, in every period or in none."""
    assert ("programme", "declining") in failed(None, _path(undertaken="no"))
    optional = _kind(kind="optional", declining_cost_busd=0.5)
    once = failed(optional, lambda rows: rows["programme_path"][0].update(undertaken="no"))
    assert any("some periods" in line for line in once["programme", "declining"])


def test_declining_is_paid_in_the_first_period_that_is_asked_for() -> None:
    """Law: a plan that declines owes the price once: without it in its tables the money does not add up."""
    optional = _kind(kind="optional", declining_cost_busd=0.5)
    found = failed(optional, _path(undertaken="no", kind="optional"))
    assert any("declining" in line and "2026" in line for line in found["money", "spending on declining"])
    assert failed(optional, _path(kind="optional")) == {}


def test_missing_mw_are_paid_by_price_and_year() -> None:
    """Law: 150 IT MW missing in 2026 and 75 in 2027, at $2M each and year, are $0.3B and $0.15B."""

    def tables(rows: Any) -> None:
        rows["programmes"][0].update(kind="priced", price_musd_per_missing_it_mw_year=2.0)
        rows["programme_steps"][0].update(at_least_it_mw=400.0)

    def plan(rows: Any) -> None:
        for row, missing in zip(rows["programme_path"], (150.0, 75.0), strict=True):
            row.update(kind="priced", at_least_it_mw=400.0, missing_it_mw=missing)

    found = failed(tables, plan)
    assert ("programme", "at least") not in found
    assert ("programme", "table") not in found
    lines = found["money", "spending on missing"]
    assert any("0.3" in line and "2026" in line for line in lines)
    assert any("0.15" in line and "2027" in line for line in lines)


@pytest.mark.parametrize("column", [c for c in yards.plan()["programme_path"][0] if c not in ("period", "programme")])
def test_every_cell_of_the_path_is_compared(column: str) -> None:
    """Law: no cell of the table can be wrong unseen."""
    wrong = {"kind": "priced", "undertaken": "no"}.get(column, 17.0)
    found = failed(None, lambda rows: rows["programme_path"][1].update({column: wrong}))
    assert {family for family, _ in found} & {"programme"}


def test_a_row_of_the_path_that_lacks_is_told() -> None:
    """Law: every programme has a row in every period."""
    assert ("programme", "table") in failed(None, lambda rows: rows["programme_path"].pop())
