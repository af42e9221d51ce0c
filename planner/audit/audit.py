"""The audit: reads the decisions of a plan, recomputes the rest, and judges every rule of the formulation."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from planner.audit.budget import cash_of
from planner.audit.cells import Reader
from planner.audit.context import Context
from planner.audit.contracts import read_contracts
from planner.audit.decisions import read_decisions
from planner.audit.facts import Facts
from planner.audit.financing import drawn_by, flows_of, pay_financing
from planner.audit.leases import NOT_CHECKED, states_chips
from planner.audit.money import book, cost_of
from planner.audit.own import book_own, families_stated, not_audited
from planner.audit.programmes import declined_by, pay_programmes
from planner.audit.refreshes import with_refreshes
from planner.audit.registry import PARTS, Audited
from planner.audit.report import AuditReport, Checks
from planner.audit.shortfalls import TABLE, is_older, read_shortfalls
from planner.audit.state import State
from planner.case.case import CaseData
from planner.errors import AuditError
from planner.plan.earlier import LATER_TABLES


def audit(
    case: CaseData,
    tables: Mapping[str, Sequence[Mapping[str, str | float | int]]],
    summary: Mapping[str, object] | None = None,
    *,
    earlier: bool = False,
    lacking: Collection[str] = (),
    certified: bool = True,
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
    lacking
        Tables that a folder of an earlier format is without.
    certified
        Whether the plan states what becomes of each loss, and by which routing. One that is only replayed does not:
        its tables ``contingencies`` and ``recovery`` are not read, and every loss is judged by the audit alone.

    Returns
    -------
    AuditReport
        Every check and every violation; a bad table, row or cell is a failed check too. What a constraint family of
        the user's own decided is taken as the plan states it where the family brings no audit, and ``not_recomputed``
        says so.
    """
    checks = Checks()
    try:
        return _audit(Facts.of(case), tables, summary, checks, earlier, frozenset(lacking), certified)
    except AuditError as error:
        checks.fault("case", "the case can be evaluated", str(error))
        return checks.report(math.nan)


def _audit(
    facts: Facts,
    tables: Mapping[str, Sequence[Mapping[str, str | float | int]]],
    summary: Mapping[str, object] | None,
    checks: Checks,
    earlier: bool,
    lacking: frozenset[str],
    certified: bool,
) -> AuditReport:
    by_lease, older = states_chips(tables, summary, earlier=earlier), earlier or is_older(summary)
    lacking = lacking | (LATER_TABLES if older and TABLE not in tables else frozenset())
    reader = Reader(facts, tables, checks, earlier=earlier, by_lease=by_lease, without=lacking)
    decisions = read_decisions(reader, with_refreshes(reader, read_contracts(reader)))
    state = State(facts, decisions, read_shortfalls(reader, older=older))
    ledger, families = book(state), families_stated(facts.case, summary)
    flows = flows_of(state, drawn_by(reader))
    pay_financing(flows, ledger)
    if not earlier:  # version 0.1 had no programmes
        pay_programmes(state, declined_by(reader), ledger)
    book_own(reader, ledger, families)
    cost, cash = cost_of(state, ledger), cash_of(state, ledger, flows)
    audited = Audited(Context(reader, state), ledger, cost, cash, flows, tables, summary, families, earlier, certified)
    for part in PARTS:
        if part.check is not None:
            part.check(audited)
    beside = () if by_lease else (NOT_CHECKED,)
    stated = (*beside, *not_audited(facts.case, ledger, tables, families))
    return replace(checks.report(cost.total), not_recomputed=stated)
