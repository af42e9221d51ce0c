"""Chips: what goes together in their rows."""

from collections.abc import Iterator

from planner.case.case import CaseData
from planner.case.check.place import at_row
from planner.case.rows import ChipRow
from planner.errors import Problem


def maturity(case: CaseData) -> Iterator[Problem]:
    """Check that a chip has both where the maturity of its software begins and how long it takes, or neither."""
    for chip in case.rows(ChipRow):
        if chip.maturity_years is not None and chip.first_volume_maturity_share is None:
            message = "must be given with maturity_years (the share of its mature compute that the chip gives at first)"
            yield at_row(case, "chips", chip, "first_volume_maturity_share", message)
        if chip.maturity_years is None and chip.first_volume_maturity_share is not None:
            message = "must be given with first_volume_maturity_share (years after first_date until it is mature)"
            yield at_row(case, "chips", chip, "maturity_years", message)
