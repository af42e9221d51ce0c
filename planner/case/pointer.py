"""Where to look when a case is proven infeasible."""

from planner.case.case import CaseData

CHECK = "`planner check` lists contradictions in the data"
PROTECT = "reports which redundancy rule cannot be met, in which year and for which loss"


def where_to_look(case: CaseData) -> str:
    """Return how to find the reasons of an infeasible case: `check`, and `protect` where a rule admits no shortfall.

    A rule that may fall short leaves a plan: it is never the reason.
    """
    family, refused = case.model.families.redundancy, case.model.objective.shortfall == "hard"
    if family is None or not (refused or any(rule.shortfall == "hard" for rule in family.rules)):
        return f"With the same case and changes {CHECK}."
    return f"With the same case and changes `planner protect` {PROTECT}; {CHECK}."
