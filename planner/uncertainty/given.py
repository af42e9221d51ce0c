"""Types of options that were given in Python: what is of another type is refused by the name of its option."""

from collections.abc import Iterable, Mapping
from numbers import Real
from pathlib import Path
from typing import Any

from planner.case.messages import shorten
from planner.errors import OptionError


def refuse_types(
    numbers: Mapping[str, Any], mappings: Mapping[str, Any], flags: Mapping[str, Any] | None = None
) -> None:
    """Refuse options of a type that they do not have, all at once; None stands for a mapping that is not given.

    Parameters
    ----------
    numbers, mappings, flags : mapping of str to object
        What was given as a number, as numbers by name, and as yes or no, by the names of the options.

    Raises
    ------
    OptionError
        With every option that is wrong.

    Examples
    --------
    >>> refuse_types({"cvar": 0.9}, {"prices": {"cash": 2.0}}, {"hard": False})
    >>> refuse_types({"cvar": "a"}, {"chance": [1]}, {"hard": True})
    Traceback (most recent call last):
        ...
    planner.errors.OptionError: cvar 'a': must be a number; chance [1]: must be numbers by name
    """
    wrong = [f"{name} {_said(one)}: must be a number" for name, one in numbers.items() if not _is_number(one)]
    for name, one in mappings.items():
        if one is not None and not isinstance(one, Mapping):
            wrong.append(f"{name} {_said(one)}: must be numbers by name")
        elif one is not None:
            wrong += [f"{name} {key}={_said(n)}: must be a number" for key, n in one.items() if not _is_number(n)]
    wrong += [
        f"{name} {_said(one)}: must be True or False"
        for name, one in (flags or {}).items()
        if not isinstance(one, bool)
    ]
    if wrong:
        raise OptionError("; ".join(wrong))


def refuse_scenarios(given: Any) -> None:
    """Refuse what is neither scenarios, nor the name of a file, nor a whole number.

    Raises
    ------
    OptionError
        If it is none of these.
    """
    if isinstance(given, bool) or not isinstance(given, int | str | Path | Iterable):
        raise OptionError(f"scenarios {_said(given)}: must be scenarios, the name of a file, or how many to draw")


def _is_number(one: Any) -> bool:
    return isinstance(one, Real) and not isinstance(one, bool)


def _said(one: Any) -> str:
    return shorten(repr(one))
