"""The record of the table of ramps; part of `planner.case.rows`."""

from typing import Annotated

from pydantic import Field

from planner.case.fields import Key, PositiveShare
from planner.case.row import Row


class RampRow(Row):
    """A step of a ramp, by which a contract comes into force: offers and signed contracts name one in ``ramp``."""

    KEY = ("ramp", "months")
    ramp: Key
    """Key of the ramp. All its rows together are its steps; months and shares rise from step to step."""
    months: Annotated[int, Field(ge=0, le=1200)]
    """Whole months after the start of a contract from which on the step holds, until the next; the first step has 0."""
    share: PositiveShare
    """Share of the IT MW of the contract that is in force from then on; that of the last step is 1."""
