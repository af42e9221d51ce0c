"""The audit: reads the decisions of a plan, recomputes the rest, and judges every rule of the formulation."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from planner.audit.backup import check_backup
from planner.audit.budget import cash_of, check_budget
from planner.audit.cells import Reader
from planner.audit.chips import check_chips
from planner.audit.context import Context
from planner.audit.contracts import check_contracts, read_contracts
from planner.audit.decisions import read_decisions
from planner.audit.demand import check_demand
from planner.audit.derived import check_calendar, check_derived
from planner.audit.facts import Facts
from planner.audit.forced import check_forced, check_stated
from planner.audit.limits import check_diversity, check_integration
from planner.audit.money import book, check_budget_table, check_objective, check_summary, cost_of
from planner.audit.obligations import check_obligations
from planner.audit.own import book_own, check_own, families_stated, not_audited
from planner.audit.power import check_carbon, check_power
from planner.audit.proof import STATED, check_labels, check_proof
from planner.audit.recovery import check_claims
from planner.audit.redundancy import check_redundancy
from planner.audit.report import AuditReport, Checks
from planner.audit.site import check_capacity, check_openings
from planner.audit.spend import check_spend
from planner.audit.state import State
from planner.audit.unit_costs import check_unit_costs
from planner.case.case import CaseData
from planner.errors import AuditError


def audit(
    case: CaseData,
    tables: Mapping[str, Sequence[Mapping[str, str | float | int]]],
    summary: Mapping[str, object] | None = None,
    *,
    earlier: bool = False,
) -> AuditReport:
    """Audit a plan against its case.

    Parameters
    ----------
    case
        The case, already found valid.
    tables
        The tables of the plan by name; their cells may be numbers or their texts.
    summary
        The summary of the plan; without it its figures are not compared.
    earlier
        Whether the tables are those of version 0.1, which has fewer.

    Returns
    -------
    AuditReport
        Every check and every violation; a bad table, row or cell is a failed check too. What a constraint family of
        the user's own decided is taken as the plan states it where the family brings no audit, and ``not_recomputed``
        says so.
    """
    checks = Checks()
    try:
        return _audit(Facts.of(case), tables, summary, checks, earlier)
    except AuditError as error:
        checks.fault("case", "the case can be evaluated", str(error))
        return checks.report(math.nan)


def _audit(
    facts: Facts,
    tables: Mapping[str, Sequence[Mapping[str, str | float | int]]],
    summary: Mapping[str, object] | None,
    checks: Checks,
    earlier: bool,
) -> AuditReport:
    reader = Reader(facts, tables, checks, earlier=earlier)
    state = State(facts, read_decisions(reader, read_contracts(reader)))
    context = Context(reader, state)
    for check in (
        check_contracts,
        check_capacity,
        check_openings,
        check_chips,
        check_power,
        check_demand,
        check_backup,
        check_diversity,
        check_integration,
        check_carbon,
        check_forced,
    ):
        check(context)
    ledger, families = book(state), families_stated(summary)
    book_own(reader, ledger, families)
    cost, cash = cost_of(state, ledger), cash_of(state, ledger)
    check_budget(context, cash, ledger)
    check_redundancy(context, check_claims(context))
    check_derived(context, ledger.income_tolerance_busd(), earlier=earlier)
    check_spend(context, ledger, cost.parts(), earlier=earlier)
    check_objective(context, ledger, cost)
    check_budget_table(context, ledger, cash)
    if not earlier:
        check_calendar(context)
        check_obligations(context, ledger)
        check_unit_costs(context, ledger)
    if summary is not None:
        check_summary(context, summary, ledger, cost)
        check_stated(context, summary)
        check_proof(summary, ledger.turnover_busd, checks, ledger.nothing_busd)
        check_labels(summary, facts.model.model_dump(include={*STATED.values()}), checks)
        check_own(facts.case, tables, families, checks)
    return replace(checks.report(cost.total), not_recomputed=not_audited(facts.case, ledger, tables, families))
