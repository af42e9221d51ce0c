"""Forced decisions against dates, room, power and chips: a contradiction is told, and is one; what fits is not told."""

from typing import Any

import pytest

from planner import Case
from planner.case.case import CaseData
from planner.case.check import contradictions_among, warnings_of
from planner.changes.apply import apply_changes
from planner.errors import InfeasibleError
from tests.program.tiny import lease, site, solve, tiny

BLOCK_MW = 10.0


def forcing(*decisions: str, **tables: Any) -> CaseData:
    """Return three years at one site of 100 IT MW, with decisions that are forced."""
    tables = {"sites": [site(max_it_mw=100.0)], "offers": [lease(term_years=10.0)], **tables}
    return apply_changes(tiny(50.0, periods=3, **tables), [f"model.forced=[{','.join(decisions)}]"])


def blocks(count: int, by: int = 2026, offer: str = "lease") -> str:
    """Return a forced offer."""
    return f"{{offer='{offer}',by={by},blocks={count}}}"


SUPPLY = [{"chip": "chip", "year": year, "it_mw": 20.0} for year in (2026, 2027, 2028)]
SLOW = [
    {"site": "a", "date": "2026-01-01", "facility_mw": 50.0},
    {"site": "a", "date": "2028-01-01", "facility_mw": 500.0},
]
TOLD: list[tuple[str, tuple[str, ...], dict[str, Any], str]] = [
    ("room", (blocks(11),), {}, "needs 110 IT MW, and decided contracts can hold at most 100 there"),
    ("power", (blocks(5),), {"energisation": SLOW}, "needs 50 IT MW, and decided contracts can hold at most 40 there"),
    ("two offers", (blocks(6), blocks(6, offer="other")),
     {"offers": [lease(term_years=10.0), lease("other", term_years=10.0)]}, "needs 120 IT MW"),
    ("chips", (blocks(5, by=2027),), {"chip_supply": SUPPLY}, "bring 50 IT MW of chip, of which 40 can be delivered"),
    ("dates", (blocks(1),), {"offers": [lease(lead_months=13.0)]}, "no contract of lease can start by the end of 2026"),
    ("site", ("{site='a',by=2026}",), {"sites": [site(max_it_mw=9.0)]}, "no block of an offer at a can be in force"),
]  # fmt: skip


@pytest.mark.parametrize(("decisions", "tables", "words"), [one[1:] for one in TOLD], ids=[one[0] for one in TOLD])
def test_what_cannot_be_forced_is_told_and_is_infeasible(
    decisions: tuple[str, ...], tables: dict[str, Any], words: str
) -> None:
    """Law: the row and the reason are told without a solve, and a solve proves them."""
    case = forcing(*decisions, **tables)
    (told,) = contradictions_among(warnings_of(case))
    assert words in told.message
    assert (told.column or "").startswith("forced[")
    with pytest.raises(InfeasibleError):
        solve(case)


FITS: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [
    ("room", (blocks(10),), {}),
    ("one after the other", (blocks(20, by=2027),), {"offers": [lease(term_years=1.0)]}),
    (
        "left early",
        (blocks(20, by=2027),),
        {"offers": [lease(term_years=9.0, exit_after_years=1.0, exit_cost_share=0.0)]},
    ),
    ("the same twice", (blocks(10), "{offer='lease',by=2026,blocks=10,role='primary'}"), {}),
    ("chips", (blocks(4, by=2027),), {"chip_supply": SUPPLY}),
    ("site", ("{site='a',by=2026}",), {"sites": [site(max_it_mw=10.0)]}),
]


@pytest.mark.parametrize(("decisions", "tables"), [one[1:] for one in FITS], ids=[one[0] for one in FITS])
def test_what_can_be_forced_is_not_told(decisions: tuple[str, ...], tables: dict[str, Any]) -> None:
    """Law: no warning of what a plan can do."""
    case = forcing(*decisions, **tables)
    assert contradictions_among(warnings_of(case)) == []
    assert solve(case).summary["status"] == "optimal"


@pytest.mark.parametrize("shortfall", [None, "hard"])
def test_the_hint_names_the_command_that_explains_whatever_the_rules(shortfall: str | None) -> None:
    """Law: a case without any plan sends to `planner explain`, which finds out whether a rule is the reason."""
    rule = {"name": "r", "domain": "site", "critical_share": 1.0, "shortfall": shortfall}
    case = forcing(blocks(11), families={"redundancy": {"rules": [rule]}})
    with pytest.raises(InfeasibleError) as caught:
        Case.of(case).solve(own_process=False)
    assert "planner explain" in caught.value.pointer
    assert "planner protect" not in caught.value.pointer
