"""Numbers that are given by name, such as prices of shortfalls: refused with every fault before anything is solved."""

from collections.abc import Callable, Collection, Mapping
from numbers import Real
from typing import Any

from planner.case.messages import shorten
from planner.errors import OptionError


def refuse_numbers(
    option: str,
    given: Any,
    names: Collection[str],
    is_within: Callable[[Any], bool],
    *,
    must_be: str,
    unknown: str,
    wrong: str,
) -> None:
    """Refuse numbers by name whose name is none or whose value makes no sense.

    Parameters
    ----------
    option : str
        Name of the option.
    given : object
        What was given, of whatever type.
    names : collection of str
        The names that there are.
    is_within : callable
        Whether a number makes sense.
    must_be : str
        What the option must be, with an example.
    unknown, wrong : str
        What is said of a name that is none, with a place for it, and of a wrong value, with places for name and value.

    Raises
    ------
    OptionError
        With every fault, in the order in which they are given.

    Examples
    --------
    >>> said = {"must_be": "shares by name", "unknown": "{!r}: no such name", "wrong": "{} {!r}: must be below 1"}
    >>> refuse_numbers("shares", {"a": 0.5}, ["a"], lambda share: share < 1.0, **said)
    >>> refuse_numbers("shares", {"a": 2.0, "b": 0.5}, ["a"], lambda share: share < 1.0, **said)
    Traceback (most recent call last):
        ...
    planner.errors.OptionError: a 2.0: must be below 1; 'b': no such name; there are a
    """
    if not isinstance(given, Mapping):
        raise OptionError(f"{option} {shorten(repr(given))}: must be {must_be}")
    faults = []
    for name, value in given.items():
        if name not in names:
            faults.append(f"{unknown.format(name)}; there are {', '.join(names)}")
        elif not (isinstance(value, Real) and is_within(value)):
            faults.append(wrong.format(name, value))
    if faults:
        raise OptionError("; ".join(faults))
