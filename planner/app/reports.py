"""The reports of variants: of one plan that of `planner report PLAN`, of several that of a sweep."""

from collections.abc import Sequence

from planner.analysis.measures import measures_of, records
from planner.analysis.sweep_result import Sweep
from planner.app.desk import Desk
from planner.app.exports import names_of
from planner.app.records import Run
from planner.changes.schema import BASE
from planner.errors import PlannerError
from planner.report.html.plan_report import plan_report
from planner.report.html.story import story_section
from planner.report.html.sweep_report import sweep_report
from planner.status import Status


def report_of(desk: Desk, runs: Sequence[Run]) -> str:
    """Return the report of a plan, or of several variants beside their base.

    Raises
    ------
    PlannerError
        If there is nothing to report, or a plan cannot be read any more.
    """
    plans = {run.id: plan for run in runs if (plan := desk.store.plan(run)) is not None}
    if len(runs) == 1 and plans:
        plan = plans[runs[0].id]
        return plan_report(plan, first=[story_section(plan)])
    ended = [run for run in runs if run.status is not None]
    if not plans:
        raise PlannerError("none of these variants has a plan: there is nothing to report yet")
    base = next((run for run in ended if not run.changes and run.id in plans), None)
    if base is None:
        base = desk.base_of(ended[0])
        if base is not None and base.has_plan:
            ended = [base, *ended]
            plans[base.id] = desk.store.plan(base)  # type: ignore[assignment]  # it has one
    others = [run for run in ended if base is None or run.id != base.id]
    names = names_of(others) | ({base.id: BASE} if base is not None and base.id in plans else {})
    ordered = sorted((run for run in ended if run.id in names), key=lambda run: (names[run.id] != BASE, run.id))
    sweep = Sweep([names[run.id] for run in ordered], _plans={names[number]: plan for number, plan in plans.items()})
    for run in ordered:
        name, plan = names[run.id], plans.get(run.id)
        values = {} if plan is None else measures_of(plan)
        sweep.rows[name] = records(name, Status(str(run.status)), run.gap, run.reason, values)
    return sweep_report(sweep)
