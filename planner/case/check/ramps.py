"""Ramps: steps that rise from the start of a contract to all of it, and contracts that name one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

from planner.case.case import CaseData
from planner.case.check.place import at_row
from planner.case.messages import unknown
from planner.case.rows import ContractRow, OfferRow, RampRow
from planner.errors import Problem

NEAR = 1e-9


def ramp_keys(case: CaseData) -> Iterator[Problem]:
    """Check that offers and signed contracts name ramps that have steps (a ramp is all the rows of its key)."""
    known = sorted({row.ramp for row in case.rows(RampRow)})
    for table, rows in (("offers", case.rows(OfferRow)), ("contracts", case.rows(ContractRow))):
        for row in rows:
            if row.ramp is not None and row.ramp not in known:
                message = unknown("ramp of table ramps", row.ramp, known)
                yield at_row(case, table, row, "ramp", message, "no ramp of table ramps")


def ramp_steps(case: CaseData) -> Iterator[Problem]:
    """Check that every ramp begins at the start of the contract, rises, and ends with all of it."""
    for steps in steps_of(case).values():
        first, last = steps[0], steps[-1]
        if first.months > 0:
            message = f"must be 0 in the first step of ramp {first.ramp}: say what is in force from the start on"
            yield at_row(case, "ramps", first, "months", message)
        for before, step in pairwise(steps):
            if step.share <= before.share:
                message = f"must be above the {before.share:g} of month {before.months}: the shares of a ramp rise"
                yield at_row(case, "ramps", step, "share", message)
        if abs(last.share - 1.0) > NEAR:
            message = f"must be 1 in the last step of ramp {last.ramp}: in the end all of the contract is in force"
            yield at_row(case, "ramps", last, "share", message)


def steps_of(case: CaseData) -> Mapping[str, list[RampRow]]:
    """Return the steps of every ramp, by their months."""
    found: dict[str, list[RampRow]] = defaultdict(list)
    for row in sorted(case.rows(RampRow), key=lambda row: row.months):
        found[row.ramp].append(row)
    return found
