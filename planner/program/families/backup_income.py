r"""Backup income: idle backup sold as interruptible compute (docs/formulation.md, section 10).

Sold by IT MW, or (the second line) by compute, as the case prices it:

.. math:: x_t \le \beta \sum_{o,k} z^{\text{backup}}_{o,k,t}, \qquad x_t \le X

.. math:: y_t \le \beta \sum_{o,k} c_{k,w,t} z^{\text{backup}}_{o,k,t}, \qquad y_t \le Y

Indices: :math:`o` offer, :math:`k` chip, :math:`w` the workload sold, :math:`t` period.
Variables: :math:`x` = ``BACKUP_SOLD`` (IT GW) or :math:`y` = ``BACKUP_SOLD_COMPUTE``, given up the moment a contingency
needs them (they never serve the demand of the case), :math:`z` installed backup chips.
Data: :math:`\beta` largest share that may be sold, :math:`X`, :math:`Y` what the market takes, :math:`c` realised
compute of an IT GW.
Dual of ``LARGEST_SHARE`` ($B of present value, integers fixed): value of one more IT GW that may be sold; of
``LARGEST_COMPUTE``: of one more unit of compute through the period.
"""

from planner.case.fields import Workload
from planner.case.model import BackupIncome
from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.program.columns import BACKUP_SOLD, BACKUP_SOLD_COMPUTE
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import chip_gw, installed_gw
from planner.program.terms import Domain, Expr, Program, Sum
from planner.symbols import COMPUTE, Constraint

LARGEST_SHARE = Constraint[int](
    "backup_income_share", ("period",), "value of one more IT GW that may be sold", "backup_income"
)
LARGEST_COMPUTE = Constraint[int](
    "backup_income_compute",
    ("period",),
    "value of one more unit of compute that may be sold through the period",
    "backup_income",
    COMPUTE,
)


def build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """Add what is sold, within its share and its market, and its income."""
    options = inputs.case.model.families.backup_income
    assert options is not None  # the family is active only then
    if options.workload is not None:
        _sell_compute(m, inputs, ledger, options, options.workload)
        return
    market_gw = None if options.market_it_mw is None else options.market_it_mw / MW_PER_GW
    sold_gw = add_variable(m, BACKUP_SOLD, inputs.periods, domain=Domain.NON_NEGATIVE, bounds=(0.0, market_gw))

    @add_constraint(m, LARGEST_SHARE, inputs.periods)
    def share_row(m: Program, t: int) -> Expr:
        sold = Sum().add(1.0, sold_gw[t])
        for o in inputs.offers:
            sold.add_sum(-options.largest_share, installed_gw(m, inputs, o, "backup", t))
        return sold.at_most(0.0)

    for t in inputs.periods:
        ledger.income[t].add((options.price_musd_per_mw_year or 0.0) * inputs.length_years(t), sold_gw[t])


def _sell_compute(m: Program, inputs: Inputs, ledger: Ledger, options: BackupIncome, workload: Workload) -> None:
    """Add the compute that is sold, within its share and its market, and its income."""
    bounds = (0.0, options.market_compute)
    compute = add_variable(m, BACKUP_SOLD_COMPUTE, inputs.periods, domain=Domain.NON_NEGATIVE, bounds=bounds)

    @add_constraint(m, LARGEST_COMPUTE, inputs.periods)
    def compute_row(m: Program, t: int) -> Expr:
        sold = Sum().add(1.0, compute[t])
        for o in inputs.offers:
            for k in inputs.chips_at(o):
                per_gw = inputs.compute_per_gw(k, workload, t)
                sold.add_sum(-options.largest_share * per_gw, chip_gw(m, inputs, o, "backup", k, t))
        return sold.at_most(0.0)

    for t in inputs.periods:
        ledger.income[t].add((options.price_busd_per_compute_year or 0.0) * inputs.length_years(t), compute[t])


def _active(inputs: Inputs) -> bool:
    return inputs.case.model.families.backup_income is not None


FAMILY = Family("backup_income", build, _active, requires=("chip_mix",))
