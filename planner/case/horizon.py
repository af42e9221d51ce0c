"""The section ``horizon`` of the model file: the periods, when power counts in one, and a tail."""

from datetime import date
from typing import Annotated, Any, Literal, cast

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError

from planner.case.section import Section

_NOT_GIVEN = cast(int, None)


def _counted(given: Any, info: ValidationInfo) -> Any:
    """Return the number of periods: as given, or as many as a list has lengths."""
    lengths = info.data.get("period_months", ())
    if given is not _NOT_GIVEN:
        return given
    if isinstance(lengths, int):
        raise PydanticKnownError("missing")
    return len(lengths) or 1  # a list that has a fault of its own is reported there


class Tail(Section):
    """Periods after the reported ones, with figures by year as in the last reported year."""

    period_months: Annotated[int, Field(ge=1, le=120)] | tuple[Annotated[int, Field(ge=1, le=120)], ...]
    """Length of every period of the tail in months, or a list with the length of each, such as ``[24, 36]``."""
    periods: Annotated[int, Field(ge=1, le=200, validate_default=True)] = Field(default_factory=lambda: _NOT_GIVEN)
    """Number of periods of the tail; may be left out where ``period_months`` is a list."""

    @field_validator("periods", mode="before")
    @classmethod
    def _count_the_list(cls, given: Any, info: ValidationInfo) -> Any:
        return _counted(given, info)


class Horizon(Section):
    """The planning periods."""

    start: date
    """First day of the first period; the first of a month."""
    period_months: Annotated[int, Field(ge=1, le=120)] | tuple[Annotated[int, Field(ge=1, le=120)], ...]
    """Length of every period in months (12: years, 3: quarters), or a list with the length of each period, such as
    quarters first and years after them."""
    periods: Annotated[int, Field(ge=1, le=200, validate_default=True)] = Field(default_factory=lambda: _NOT_GIVEN)
    """Number of periods; may be left out where ``period_months`` is a list."""

    energisation: Literal["time_average", "throughout"] | None = None
    """Which of the power that arrives within a period counts in it. ``throughout``: only what is there throughout the
    period, so that nothing decided runs before its power is there; ``time_average`` (also if absent): the average of
    the steps, and dates of on-site options to the nearest boundary."""
    energisation_dates: Literal["base", "low", "high"] | None = None
    """Which dates of the table energisation hold: ``base`` (also if absent) ``date``; ``low`` and ``high``
    ``date_low`` and ``date_high`` of the steps that state them."""
    tail: Tail | None = None
    """Periods after these, so that the last years are not decided by the end of the program; absent: none."""

    @field_validator("periods", mode="before")
    @classmethod
    def _count_the_list(cls, given: Any, info: ValidationInfo) -> Any:
        return _counted(given, info)
