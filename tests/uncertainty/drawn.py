"""Small cases with risks, for the tests of the draw."""

from typing import Any

from planner.case.case import CaseData
from planner.uncertainty.draw import draw_scenarios
from planner.uncertainty.scenario import ScenarioSet
from tests.cases import full_tables, make_case

Ends = dict[str, tuple[float, float]]


def risky(*risks: dict[str, Any], ranges: Any = None, **tables: Any) -> CaseData:
    """The full case with these risks, and ranges by table, key and column."""
    rows = [{"name": "A risk", "drawn": "each", "distribution": "fixed"} | risk for risk in risks]
    case = make_case({**tables, "risks": rows}, full=True, checked=ranges is None)
    return case.replace(ranges=ranges) if ranges is not None else case


def late(**cells: Any) -> dict[str, Any]:
    """A site is six months late, in four futures of ten."""
    return {"risk": "late", "kind": "site_late", "probability_per_year": 0.4, "impact_months": 6.0} | cells


def risks_alone(case: CaseData, number: int = 1, **options: Any) -> ScenarioSet:
    """The draw without ranges."""
    return draw_scenarios(case, number, ranges=False, **options)


def months(scenarios: ScenarioSet, table: str, key: str) -> list[int]:
    """How late a row is in each scenario."""
    found = []
    for one in scenarios:
        shifts = [change for change in one.changes if change.op == "shift" and change.table == table]
        found.append(sum(change.months for change in shifts if key in change.place.keys))
    return found


def written(scenarios: ScenarioSet) -> list[str]:
    """The changes of the first scenario, in short."""
    return [f"{change.op} {change.place}{_amount(change)}" for change in scenarios[0].changes]


def _amount(change: Any) -> str:
    amounts = [getattr(change, name, None) for name in ("value", "factor", "months")]
    return "".join(f" {amount}" for amount in amounts if amount is not None)


__all__ = ["full_tables", "late", "months", "risks_alone", "risky", "written"]
