"""Where to look when a case is proven infeasible."""

from planner.case.case import CaseData

CHECK = "`planner check` lists what contradicts itself in the data"
PROTECT = "says which redundancy rule cannot hold, in which year and for which loss"


def where_to_look(case: CaseData) -> str:
    """Return what tells more of an infeasible case: `protect` where it has redundancy rules, and `check`."""
    if case.model.families.redundancy is None:
        return f"With the same case and changes {CHECK}."
    return f"With the same case and changes `planner protect` {PROTECT}; {CHECK}."
