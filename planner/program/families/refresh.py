r"""Refresh: the chip of blocks of a lease is replaced by another, at most once (docs/formulation.md, section 4).

.. math:: \sum_{p,k'} f_{o,r,t,e,k,p,k'} \le l_{o,r,t,e,k}

Indices: :math:`o` offer, :math:`r` role, :math:`t` period of the start, :math:`e` period of the end, :math:`k` chip,
:math:`p` period of the refresh, :math:`k'` new chip.
Variables: :math:`f` = ``REFRESH_BLOCKS`` (integer), :math:`l` = ``LEASE_BLOCKS`` (``BLOCKS`` where only one chip can
be had at the start).
Spending: the price of the refresh (item ``refresh``), and what the remainder of the rent (item ``usage``) changes by,
as chips are there longer or less long. The family chip mix counts what it brings to stocks and against supply.
Dual ($B of present value per block, integers fixed): ``REFRESHED`` is the value of one more block of the lease that
may be refreshed. A case without a refresh has neither columns nor rows of this family.
"""

from typing import Any

from planner.inputs import Inputs
from planner.inputs.leases import LeaseChoice, RefreshChoice
from planner.program.columns import REFRESH_BLOCKS
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import lease_blocks
from planner.program.terms import Domain, Expr, Program, Sum
from planner.symbols import Constraint

REFRESHED = Constraint[tuple[str, str, int, int, str]](
    "refresh_of_lease",
    ("offer", "role", "start", "end", "chip"),
    "value of one more block of the lease that may be refreshed",
    "refresh",
)


def build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """Add the blocks that are refreshed, and what is paid for them."""
    choices = [choice for of_offer in inputs.refreshes.values() for choice in of_offer]
    refreshed = add_variable(
        m,
        REFRESH_BLOCKS,
        [choice.key for choice in choices],
        domain=Domain.COUNTS,
        bounds=lambda _m, o, *_: (0, inputs.offers[o].max_blocks),
    )
    of_lease: dict[tuple[str, str, int, int, str], tuple[LeaseChoice, list[RefreshChoice]]] = {}
    for choice in choices:
        of_lease.setdefault(choice.lease.key, (choice.lease, []))[1].append(choice)

    @add_constraint(m, REFRESHED, list(of_lease))
    def refreshed_row(m: Program, *key: Any) -> Expr:
        lease, found = of_lease[key]
        total = Sum().add(-1.0, lease_blocks(m, lease))
        for choice in found:
            total.add(1.0, refreshed[choice.key])
        return total.at_most(0.0)

    for choice in choices:
        for (item, t), busd in choice.pays_busd.items():
            ledger.pay(item, choice.lease.role, t, busd, refreshed[choice.key])


FAMILY = Family("refresh", build, requires=("contract",))
