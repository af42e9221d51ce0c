"""Forced decisions (section 12)."""

from collections.abc import Mapping

from planner.audit import tolerance
from planner.audit.facts import Facts
from planner.audit.report import Checks
from planner.audit.state import State
from planner.case.model import Forced

FAMILY = "forced"


def check_forced(facts: Facts, state: State, checks: Checks) -> None:
    """Check that the plan decides what the case forces.

    Parameters
    ----------
    facts
        The case.
    state
        The plan.
    checks
        Collects the outcome.
    """
    for one in facts.model.forced:
        decided = _decided_blocks(facts, state, one)
        least = 1 if one.offer is None else one.blocks or 1
        where = f"forced {one}: {decided:g} of {least} blocks decided"
        checks.amount(FAMILY, "forced decisions", where, least - decided, "blocks", tolerance.INTEGRAL)


def _decided_blocks(facts: Facts, state: State, one: Forced) -> int:
    """Count the blocks of decided contracts that start by the end of the year."""
    blocks = 0
    for row in state.decisions.contracts:
        named = row.offer.site == one.site if one.offer is None else row.offer.offer == one.offer
        if named and one.role in (None, row.role) and facts.calendar.start_year(row.start) <= one.by:
            blocks += round(row.it_mw / row.offer.block_it_mw)
    return blocks


def check_stated(facts: Facts, summary: Mapping[str, object], checks: Checks) -> None:
    """Check that the summary names what the case forces, in the language of what-ifs.

    Parameters
    ----------
    facts
        The case.
    summary
        The summary of the plan; one that says nothing of forced decisions says that there are none.
    checks
        Collects the outcome.
    """
    expected = [one.change() for one in facts.model.forced]
    if summary.get("forced", []) == expected:
        checks.seen("summary", "forced")
    else:
        told = "; ".join(str(one) for one in facts.model.forced) or "nothing"
        checks.fault("summary", "forced", f"summary, forced: is not what the case forces ({told})")
