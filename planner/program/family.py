"""The record of a constraint family."""

from collections.abc import Callable
from dataclasses import dataclass

from planner.inputs import Inputs
from planner.program.ledger import Ledger
from planner.program.terms import PyomoModel


def _always(_data: Inputs) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Family:
    """A constraint family: what it is called, when it is in the program, and what builds it.

    Attributes
    ----------
    name : str
        As in ``docs/formulation.md``; its constraints are called ``c_<name>[_<what>]``.
    build : callable
        Adds variables and constraints to the model, and costs to the ledger.
    active : callable
        Whether the case has the family.
    requires : tuple of str
        Families that must be built before.
    """

    name: str
    build: Callable[[PyomoModel, Inputs, Ledger], None]
    active: Callable[[Inputs], bool] = _always
    requires: tuple[str, ...] = ()
