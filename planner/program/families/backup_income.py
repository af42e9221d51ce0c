r"""Backup income: idle backup sold as interruptible compute (docs/formulation.md, section 10).

.. math:: x_t \le \beta \sum_{o,k} z^{\text{backup}}_{o,k,t}, \qquad x_t \le X

Indices: :math:`o` offer, :math:`k` chip, :math:`t` period.
Variables: :math:`x` = ``BACKUP_SOLD`` (IT GW, given up the moment a contingency needs them; they never serve the
demand of the case), :math:`z` installed backup chips.
Data: :math:`\beta` largest share that may be sold, :math:`X` what the market takes.
Dual of ``LARGEST_SHARE`` ($B of present value, integers fixed): value of one more IT GW that may be sold.
"""

import pyomo.environ as pyo

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.program.columns import BACKUP_SOLD
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import installed_gw
from planner.program.terms import Expr, PyomoModel, Sum
from planner.symbols import Constraint

LARGEST_SHARE = Constraint[int](
    "backup_income_share", ("period",), "value of one more IT GW that may be sold", "backup_income"
)


def build(m: PyomoModel, inputs: Inputs, ledger: Ledger) -> None:
    """Add what is sold, within its share and its market, and its income."""
    options = inputs.case.model.families.backup_income
    assert options is not None  # the family is active only then
    market_gw = None if options.market_it_mw is None else options.market_it_mw / MW_PER_GW
    sold_gw = add_variable(m, BACKUP_SOLD, inputs.periods, domain=pyo.NonNegativeReals, bounds=(0.0, market_gw))

    @add_constraint(m, LARGEST_SHARE, inputs.periods)
    def share_row(m: PyomoModel, t: int) -> Expr:
        sold = Sum().add(1.0, sold_gw[t])
        for o in inputs.offers:
            sold.add_sum(-options.largest_share, installed_gw(m, inputs, o, "backup", t))
        return sold.at_most(0.0)

    for t in inputs.periods:
        ledger.income[t].add(options.price_musd_per_mw_year * inputs.length_years(t), sold_gw[t])


def _active(inputs: Inputs) -> bool:
    return inputs.case.model.families.backup_income is not None


FAMILY = Family("backup_income", build, _active, requires=("chip_mix",))
