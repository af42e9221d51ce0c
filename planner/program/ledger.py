"""The ledger: families enter costs; the objective and the budget read it, the tables of a plan evaluate it."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from planner.case.fields import Role
from planner.program.terms import Sum, Var

Item = Literal[
    "rent", "usage", "exit", "refresh", "capex", "chips", "opex", "energy", "onsite", "fuel", "opening", "fixed",
    "signing", "development", "serving", "carbon", "declining", "missing",
]  # fmt: skip
"""Kinds of spending, as in the plan's ``spend`` table."""


@dataclass(slots=True)
class Ledger:
    """All money of the program, nominal $B by period.

    Attributes
    ----------
    spend : mapping of (item, role, period) to Sum
    income : mapping of period to Sum
        Backup income.
    salvage : Sum
        Credit at the end of the horizon, not discounted.
    unserved : mapping of period to Sum
        Cost of unserved demand where it is priced.
    financing : mapping of (item, source, period) to Sum
        What financing costs, by the source of the money; a loan that is drawn is negative.
    cash : mapping of period to Sum
        What financing adds to the budget of the period, less what is paid for it.
    unprotected : mapping of period to Sum
        Cost of what redundancy rules with a price miss.
    """

    spend: dict[tuple[str, Role, int], Sum] = field(default_factory=lambda: defaultdict(Sum))
    income: dict[int, Sum] = field(default_factory=lambda: defaultdict(Sum))
    salvage: Sum = field(default_factory=Sum)
    unserved: dict[int, Sum] = field(default_factory=lambda: defaultdict(Sum))
    financing: dict[tuple[str, str, int], Sum] = field(default_factory=lambda: defaultdict(Sum))
    cash: dict[int, Sum] = field(default_factory=lambda: defaultdict(Sum))
    unprotected: dict[int, Sum] = field(default_factory=lambda: defaultdict(Sum))

    def pay(self, item: str, role: Role, t: int, busd_per_unit: float, variable: Var) -> None:
        """Enter the cost of a unit of a variable in period ``t``."""
        if busd_per_unit:
            self.spend[item, role, t].add(busd_per_unit, variable)

    def pay_fixed(self, item: str, role: Role, t: int, busd: float) -> None:
        """Enter money that is spent whatever the plan decides."""
        if busd:
            self.spend[item, role, t].constant += busd

    def bring(self, t: int, drawn: Var) -> None:
        """Add what is drawn in period ``t`` to its budget."""
        self.cash[t].add(1.0, drawn)

    def charge(self, item: str, source: str, t: int, busd_per_unit: float, variable: Var, *, paid: bool) -> None:
        """Enter what a unit of a variable costs for financing; ``paid``: from the budget of the period."""
        if busd_per_unit:
            self.financing[item, source, t].add(busd_per_unit, variable)
            if paid:
                self.cash[t].add(-busd_per_unit, variable)
