"""Libraries that need not be installed: each belongs to an extra, which is named where one is missing."""

from importlib import import_module
from typing import Any

from planner.errors import PlannerError


def extra_module(name: str, extra: str, what: str) -> Any:
    """Import a library of an extra.

    Parameters
    ----------
    name : str
        Of the module.
    extra : str
        The extra of this package that installs it.
    what : str
        What needs it, as the first words of a message.

    Raises
    ------
    PlannerError
        If it is not installed; the message says how to install it.
    """
    try:
        return import_module(name)
    except ImportError:
        package = name.partition(".")[0].replace("_", "-")
        message = f"{what} needs {package}, which is not installed: pip install 'gigaplan[{extra}]'"
        raise PlannerError(message) from None
