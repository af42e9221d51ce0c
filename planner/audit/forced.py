"""Forced decisions (section 12)."""

from collections.abc import Mapping

from planner.audit import tolerance
from planner.audit.context import Context
from planner.audit.state import State
from planner.case.model import Forced


def check_forced(context: Context) -> None:
    """Check that the plan decides what the case forces."""
    for one in context.facts.model.forced:
        decided = _decided_blocks(context.state, one)
        least = 1 if one.offer is None else one.blocks or 1
        where = f"forced {one}: {decided:g} of {least} blocks decided"
        context.checks.amount("forced", "forced decisions", where, least - decided, "blocks", tolerance.INTEGRAL)


def _decided_blocks(state: State, one: Forced) -> int:
    """Count the blocks of decided contracts that start by the end of the year."""
    blocks = 0
    for row in state.decisions.contracts:
        named = row.offer.site == one.site if one.offer is None else row.offer.offer == one.offer
        if named and one.role in (None, row.role) and state.facts.calendar.start_year(row.start) <= one.by:
            blocks += round(row.it_mw / row.offer.block_it_mw)
    return blocks


def check_stated(context: Context, summary: Mapping[str, object]) -> None:
    """Check that the summary names what the case forces, in the language of what-ifs.

    A summary that says nothing of forced decisions says that there are none.
    """
    forced = context.facts.model.forced
    if summary.get("forced", []) == [one.change() for one in forced]:
        context.checks.seen("summary", "forced")
    else:
        text = "; ".join(str(one) for one in forced) or "nothing"
        context.checks.fault("summary", "forced", f"summary, forced: is not what the case forces ({text})")
