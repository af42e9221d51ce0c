"""The record of a constraint family, shipped or of the user's own."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planner.case.case import CaseData
from planner.case.fields import OWN
from planner.errors import OptionError
from planner.inputs import Inputs
from planner.inputs.periods import Periods
from planner.program.ledger import Ledger
from planner.program.terms import Program, PyomoModel
from planner.symbols import Values, Variable

Cell = str | float | int
Row = Mapping[str, Cell]
Tables = Mapping[str, Sequence[Row]]


_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}")


def _always(_data: Inputs) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Solution:
    """A program whose variables hold the values of the plan.

    Attributes
    ----------
    model : pyomo.environ.ConcreteModel
        For ``pyomo.environ.value`` of any expression of its variables.
    inputs : Inputs
        Of the case.
    values : Values
        The values by record and key: ``solution.values[WATER]["iowa", 0]``.
    """

    model: PyomoModel
    inputs: Inputs
    values: Values

    def period(self, row: Row) -> int:
        """The position of the period of a row, as in the indices of the program: 0 is the first."""
        return Periods(self.inputs.calendar).index(row["period"])


@dataclass(frozen=True, slots=True)
class PlanColumn:
    """A column that a family of your own adds to a table of the plan.

    Attributes
    ----------
    table : str
        The table, as in ``planner.plan.columns.COLUMNS``.
    name : str
        Begins with ``x_`` and ends with its unit, such as ``x_water_gl``.
    value : callable
        The cell of a row, from the `Solution` and the row: a number or a text.
    meaning : str
        In words.
    """

    table: str
    name: str
    value: Callable[[Solution, Row], Cell]
    meaning: str = ""

    def __post_init__(self) -> None:
        if not self.name.startswith(OWN) or not self.name.isidentifier():
            raise OptionError(f"column {self.name!r} of {self.table}: a column of your own must be called {OWN}...")


@dataclass(frozen=True, slots=True)
class Family:
    """A constraint family: what it is called, when it is in the program, and what builds it.

    Attributes
    ----------
    name : str
        As in ``docs/formulation.md``; its constraints are called ``c_<name>[_<what>]``. What a case says for a family
        of your own stands in its model file under ``[families.own.<name>]``.
    build : callable
        Adds variables and constraints to the model (`planner.program.add_variable`, `add_constraint`), and costs to
        the ledger. Spending of a family of your own is called ``x_...``.
    active : callable
        Whether the case has the family.
    requires : tuple of str
        Families that must be built before.
    columns : tuple of PlanColumn
        What a family of your own adds to the tables of the plan.
    check : callable or None
        What is wrong with the case for this family, one text for each fault; reported as faults of the case.
    audit : callable or None
        An audit of your own: from the case and the tables of a plan to every violation, one text for each. Without
        one, the plan states that the family is not audited.
    start : callable or None
        For a start from a plan: from the inputs of its case and its tables to the values of the integer variables of
        the family, by record and key. Without one they start at zero.

    Raises
    ------
    OptionError
        If the name is not a key.
    """

    name: str
    build: Callable[[Program, Inputs, Ledger], None]
    active: Callable[[Inputs], bool] = _always
    requires: tuple[str, ...] = ()
    columns: tuple[PlanColumn, ...] = ()
    check: Callable[[CaseData], Iterable[str]] | None = None
    audit: Callable[[CaseData, Tables], Iterable[str]] | None = None
    start: Callable[[Inputs, Tables], Mapping[Variable[Any], Mapping[Any, float]]] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not _KEY.fullmatch(self.name):
            raise OptionError(
                f"constraint family {self.name!r}: its name must be a key: letters, digits, _ . and -, at most 64, "
                "starting with a letter or digit"
            )
