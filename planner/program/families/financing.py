r"""Financing: equity, money of vendors for capacity that enters service, debt (docs/formulation.md, section 18).

.. math:: \sum_t d_{f,t} \le U_f, \qquad d_{f,t} + e_{f,t} - e_{f,t-1} = p_f E_{f,t}, \qquad
          o_{f,t} = o_{f,t-1} + d_{f,t} - \sum_{u<t} \rho_{f,u,t} d_{f,u}, \qquad o_{f,t} \le U_f

Indices: :math:`f` source, :math:`t`, :math:`u` period.
Variables: :math:`d` = ``DRAWN`` in the periods of the window, :math:`e` = ``EARNED_LEFT``, what vendors owe for
capacity in service and the plan has not drawn (kind ``vendor``), :math:`o` = ``OWED`` (sources that are repaid; the
bound holds for debt).
Data: :math:`U` most in all, :math:`p` price per IT GW or facility GW, :math:`E` those that enter service (of ``BLOCKS``
that begin or ``ADDED``, and of signed contracts), :math:`\rho` share repaid in :math:`t` of what is drawn in
:math:`u`.
Money: in the ledger of financing, and in the cash of each period, which the budget reads.
Duals ($B of present value per $B): ``DRAWN_IN_ALL`` value of one more $B that may be drawn; ``EARNED`` of one more $B
earned; ``BALANCE`` cost of one more $B owed.
"""

import pyomo.environ as pyo

from planner.inputs import Inputs
from planner.inputs.financing import Source
from planner.inputs.ramps import DIGITS
from planner.program.columns import BLOCKS, DRAWN, EARNED_LEFT, OWED
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import added_gw
from planner.program.terms import Expr, PyomoModel, Sum, Var
from planner.symbols import PERIOD, Constraint

DRAWN_IN_ALL = Constraint[str](
    "financing_drawn", ("financing",), "value of one more $B that may be drawn in all", "financing"
)
EARNED = Constraint[tuple[str, int]](
    "financing_earned",
    ("financing", PERIOD),
    "value of one more $B earned by capacity that enters service",
    "financing",
)
BALANCE = Constraint[tuple[str, int]](
    "financing_balance", ("financing", PERIOD), "cost of one more $B owed at the end of the period", "financing"
)


def _active(inputs: Inputs) -> bool:
    return bool(inputs.financing)


def _build(m: PyomoModel, inputs: Inputs, ledger: Ledger) -> None:
    sources = inputs.financing
    keys = [(f, t) for f, source in sources.items() for t in source.window]
    drawn = add_variable(m, DRAWN, keys, domain=pyo.NonNegativeReals)
    capped = [f for f, s in sources.items() if s.row.kind != "debt" and s.row.up_to_busd is not None and s.window]

    @add_constraint(m, DRAWN_IN_ALL, capped)
    def drawn_row(_m: PyomoModel, f: str) -> Expr:
        total = Sum()
        for t in sources[f].window:
            total.add(1.0, drawn[f, t])
        return total.at_most(sources[f].row.up_to_busd or 0.0)

    earned = [(f, t) for f, t in keys if sources[f].row.kind == "vendor"]
    left = add_variable(m, EARNED_LEFT, earned, domain=pyo.NonNegativeReals)

    @add_constraint(m, EARNED, earned)
    def earned_row(_m: PyomoModel, f: str, t: int) -> Expr:
        total = Sum().add(1.0, drawn[f, t]).add(1.0, left[f, t])
        if (f, t - 1) in left:
            total.add(-1.0, left[f, t - 1])
        total.add_sum(-sources[f].busd_per_gw, entered_gw(m, inputs, sources[f], t))
        return total.equals(0.0)

    _owe(m, inputs)
    for f, t in keys:
        _pay_out(inputs, ledger, f, t, drawn[f, t])
    for f, t in OWED.of(m):
        if t + 1 < inputs.calendar.count:
            ledger.charge("interest", f, t + 1, sources[f].interest[t + 1], OWED.of(m)[f, t], paid=True)


def _owe(m: PyomoModel, inputs: Inputs) -> None:
    """What is owed at the end of each period, from the first in which money may be drawn."""
    sources, drawn = inputs.financing, DRAWN.of(m)
    keys = [
        (f, t)
        for f, source in sources.items()
        if source.is_repaid and source.window
        for t in range(source.window[0], inputs.calendar.count)
    ]

    def bounds(_m: PyomoModel, f: str, _t: int) -> tuple[float, float | None]:
        row = sources[f].row
        return 0.0, row.up_to_busd if row.kind == "debt" else None

    owed = add_variable(m, OWED, keys, domain=pyo.NonNegativeReals, bounds=bounds)

    @add_constraint(m, BALANCE, keys)
    def balance_row(_m: PyomoModel, f: str, t: int) -> Expr:
        total = Sum().add(1.0, owed[f, t])
        if (f, t - 1) in owed:
            total.add(-1.0, owed[f, t - 1])
        if (f, t) in drawn:
            total.add(-1.0, drawn[f, t])
        for u in sources[f].window:
            total.add(sources[f].repaid_share.get((u, t), 0.0), drawn[f, u])
        return total.equals(0.0)


def entered_gw(m: PyomoModel, inputs: Inputs, source: Source, t: int) -> Sum:
    """IT GW or facility GW that enter service in a period and count for a source."""
    row, total = source.row, Sum()
    for o, offer in inputs.offers.items():
        factor = inputs.sites[offer.site].pue_peak if source.by_facility else 1.0
        if offer.provider == row.provider:
            for choice in inputs.choices.get(o, ()):
                if choice.start <= t < choice.end:
                    more = round(choice.share(t) - choice.share(t - 1), DIGITS)
                    total.add(factor * inputs.block_gw(o) * more, BLOCKS.of(m)[choice.key])
    if row.chip_vendor is not None:
        for (o, _, k, start), gw in added_gw(m, inputs).items():
            if start == t and inputs.chips[k].vendor == row.chip_vendor:
                site = inputs.sites[inputs.offers[o].site]
                total.add_sum(site.pue_peak if source.by_facility else 1.0, gw)
    total.constant += source.signed_gw[t]
    return total


def _pay_out(inputs: Inputs, ledger: Ledger, f: str, t: int, drawn: Var) -> None:
    """What is drawn, its fee and its dilution."""
    source = inputs.financing[f]
    ledger.bring(t, drawn)
    ledger.charge("fee", f, t, source.row.fee_share or 0.0, drawn, paid=True)
    if source.is_repaid:
        ledger.charge("drawn", f, t, -1.0, drawn, paid=False)
        for later in range(t + 1, inputs.calendar.count):
            share = source.repaid_share.get((t, later), 0.0)
            ledger.charge("repayment", f, later, share, drawn, paid=True)
        ledger.charge("owed", f, inputs.calendar.count - 1, source.after_horizon[t], drawn, paid=False)
    else:
        ledger.charge("dilution", f, t, source.row.dilution_share or 0.0, drawn, paid=False)


FAMILY = Family("financing", _build, _active, requires=("contract", "chip_mix"))
