r"""Backup income: idle backup sold as interruptible compute.

.. math:: x_t \le \beta \sum_{o,k} z^{\text{backup}}_{o,k,t}, \qquad x_t \le X

``v_backup_sold_gw[period]`` IT GW sold, given up the moment a contingency needs it; it never serves the case's own
demand.
Dual of ``c_backup_income_share``: value of one more GW that may be sold, in $B (present value), integers fixed.
"""

import pyomo.environ as pyo

from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import installed_gw
from planner.program.terms import Expr, PyomoModel, Sum


def build(m: PyomoModel, inputs: Inputs, ledger: Ledger) -> None:
    """Add what is sold, within its share and its market, and its income."""
    options = inputs.case.model.families.backup_income
    assert options is not None  # the family is active only then
    market_gw = None if options.market_it_mw is None else options.market_it_mw / MW_PER_GW
    m.v_backup_sold_gw = pyo.Var(inputs.periods, domain=pyo.NonNegativeReals, bounds=(0.0, market_gw))

    @m.Constraint(inputs.periods)
    def c_backup_income_share(m: PyomoModel, t: int) -> Expr:
        sold = Sum().add(1.0, m.v_backup_sold_gw[t])
        for o in inputs.offers:
            sold.add_sum(-options.largest_share, installed_gw(m, inputs, o, "backup", t))
        return sold.at_most(0.0)

    for t in inputs.periods:
        ledger.income[t].add(options.price_musd_per_mw_year * inputs.length_years(t), m.v_backup_sold_gw[t])


def _active(inputs: Inputs) -> bool:
    return inputs.case.model.families.backup_income is not None


FAMILY = Family("backup_income", build, _active, requires=("chip_mix",))
