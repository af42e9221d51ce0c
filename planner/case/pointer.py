"""Where to look when a case is proven infeasible."""

from planner.case.case import CaseData

CHECK = "`planner check` lists contradictions in the data"
PROTECT = "reports which redundancy rule cannot be met, in which year and for which loss"


def where_to_look(case: CaseData) -> str:
    """Return how to find the reasons of an infeasible case: `protect` where it has redundancy rules, and `check`."""
    if case.model.families.redundancy is None:
        return f"With the same case and changes {CHECK}."
    return f"With the same case and changes `planner protect` {PROTECT}; {CHECK}."
