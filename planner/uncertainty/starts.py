"""What the program of each future starts from: the plan nearest to it, which is the best of the same future so far."""

from collections.abc import Mapping

from planner.plan.plan import PlanData
from planner.runs.outcome import Outcome
from planner.runs.start import start_values
from planner.symbols import Values
from planner.uncertainty.recourse import RECOURSE


class Starts:
    """The best plan of each future that is known, whatever it orders, and at first that of the case.

    Parameters
    ----------
    plan : PlanData or None
        That of the case. None: solving a future is quicker than reading a plan, and none is kept.
    """

    def __init__(self, plan: PlanData | None) -> None:
        self._of_case = None if plan is None else start_values(plan)
        self._known: dict[str, tuple[float, Values]] = {}

    def of(self, future: str) -> Values | None:
        """Return what a future starts from."""
        return self._known[future][1] if future in self._known else self._of_case

    def take(self, outcomes: Mapping[str, Outcome]) -> None:
        """Take what futures have found, by their names."""
        for name, outcome in outcomes.items():
            if self._of_case is None or outcome.plan is None:
                continue
            cost = float(outcome.plan.summary[RECOURSE]["cost_busd"])
            if name not in self._known or cost < self._known[name][0]:
                self._known[name] = cost, start_values(outcome.plan)
