"""Another plan of the case of a plan, from a point of its program: with tables, and audited."""

import time
from dataclasses import replace

from planner.audit import audit
from planner.errors import AuditError
from planner.explain.why_program import PlanProgram
from planner.options import SolveOptions
from planner.plan.extract import extract_tables
from planner.plan.plan import PlanData
from planner.runs.summary import summarise
from planner.runs.tidy import without_idle_use
from planner.solve.arrays import Floats
from planner.solve.mip import MixedIntegerProgram
from planner.solve.records import Answer, TierResult
from planner.status import Status
from planner.symbols import Values

MOST_LINES = 20


def audited_plan(program: PlanProgram, x: Floats, mip: MixedIntegerProgram, options: SolveOptions) -> PlanData:
    """The plan of a point, as a plan of the same case: the bound on its cost is the one that is known of the case.

    Parameters
    ----------
    program : PlanProgram
    x : array
        A point of ``mip``, a program that grew from that of the plan.
    mip : MixedIntegerProgram
    options : SolveOptions

    Raises
    ------
    AuditError
        If it fails its audit.
    """
    begin, old = time.monotonic(), program.plan.summary
    cost = float(mip.arrays.cost @ x) + mip.arrays.offset
    found = without_idle_use(replace(Answer.without_plan(mip, Status.TIME_LIMIT), x=x, objective=cost))
    x = x if found.x is None else found.x
    values = Values.at(mip.arrays.columns, x)
    tables = extract_tables(program.model, program.inputs, values)
    missing = old.get("shortfalls") or []
    tiers = tuple(TierResult(one["tier"], 0.0, float(one["bound"]), float(one["tolerance"])) for one in missing)
    answer = replace(Answer.without_plan(mip, Status.TIME_LIMIT), x=x, bound=program.bound_busd, tiers=tiers)
    summary = summarise(program.inputs, options, answer, tables, ())
    summary |= {"unserved_share_bound": old.get("unserved_share_bound"), "shortfalls": missing}
    report = audit(program.plan.case, tables, summary)
    if not report.passed:
        lines = "\n".join(f"  {line}" for line in report.lines[:MOST_LINES])
        raise AuditError(f"{program.plan.case.model.name}: a plan found fails its audit; please report it:\n{lines}")
    summary["audit"] = {"passed": True, "checks": len(report.checks)}
    audited = round(time.monotonic() - begin, 3)
    summary["seconds"] = {"read": 0.0, "build": 0.0, "solve": 0.0, "audit": audited, "total": audited}
    return PlanData(program.plan.case, summary, tables)
