r"""Financing: equity, money of vendors for capacity in service, debt (docs/formulation.md, section 18).

.. math:: \sum_t d_{f,t} \le U_f, \qquad d_{f,t} + e_{f,t} - e_{f,t-1} = p_f r_{f,t}, \qquad
          o_{f,t} = o_{f,t-1} + d_{f,t} - \sum_{u<t} \rho_{f,u,t} d_{f,u}, \qquad o_{f,t} \le U_f

.. math:: \sum_{u \le t} r_{f,u} \le E_{f,t} - b_f + M_{f,t} (1 - h_{f,t}), \qquad r_{f,t} \le M_{f,t} h_{f,t}, \qquad
          b_f \ge E_{f,s} \ \text{for all periods } s \text{ before the window}

Indices: :math:`f` source, :math:`t`, :math:`u`, :math:`s` period.
Variables: :math:`d` = ``DRAWN`` in the periods of the window, :math:`e` = ``EARNED_LEFT``, what vendors owe for
capacity in service and the plan has not drawn (kind ``vendor``), :math:`r` = ``RISEN``, by how much the highest level
in service rises, :math:`h` = ``AT_HIGHEST``, whether it may rise, where the level may have fallen before (the highest
of several levels is no linear limit: without these binary variables a level that falls and rises again would bring
money twice), :math:`b` = ``BASE``, the highest level before the window, :math:`o` = ``OWED`` (sources that are repaid;
the bound holds for debt).
Data: :math:`U` most in all, :math:`p` price per IT GW or facility GW, :math:`E` the level in service (of
``IN_FORCE_BLOCKS`` or ``STOCK``, and of signed contracts), :math:`M` what it can be at most, :math:`\rho` share repaid
in :math:`t` of what is drawn in :math:`u`.
Money: in the ledger of financing, and in the cash of each period, which the budget reads.
Duals ($B of present value per $B, IT GW or facility GW): ``DRAWN_IN_ALL`` value of one more $B that may be drawn;
``EARNED`` of one more $B earned; ``BALANCE`` cost of one more $B owed; ``HIGHEST`` value of one more IT GW or facility
GW in service. ``RISING``, ``BASE_LEVEL`` and ``ENTERING`` define their variables.
"""

from planner.inputs import Inputs
from planner.program.columns import AT_HIGHEST, BASE, DRAWN, EARNED_LEFT, OWED, RISEN
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.risen import decided_at_most_gw, entering_gw, first_fall, highest_before_gw, level_gw
from planner.program.terms import Domain, Expr, Program, Sum, Var
from planner.symbols import PERIOD, Constraint

DRAWN_IN_ALL = Constraint[str](
    "financing_drawn", ("financing",), "value of one more $B that may be drawn in all", "financing"
)
HIGHEST = Constraint[tuple[str, int]](
    "financing_highest", ("financing", PERIOD), "value of one more IT GW or facility GW in service", "financing"
)
RISING = Constraint[tuple[str, int]](
    "financing_rising", ("financing", PERIOD), "value of a rise of one more IT GW or facility GW", "financing"
)
ENTERING = Constraint[tuple[str, int]](
    "financing_entering", ("financing", PERIOD), "value of one more IT GW or facility GW that enters", "financing"
)
BASE_LEVEL = Constraint[tuple[str, int]](
    "financing_base", ("financing", PERIOD), "cost of one more IT GW or facility GW before the window", "financing"
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


def _build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    sources = inputs.financing
    keys = [(f, t) for f, source in sources.items() for t in source.window]
    drawn = add_variable(m, DRAWN, keys, domain=Domain.NON_NEGATIVE)
    capped = [f for f, s in sources.items() if s.row.kind != "debt" and s.row.up_to_busd is not None and s.window]

    @add_constraint(m, DRAWN_IN_ALL, capped)
    def drawn_row(_m: Program, f: str) -> Expr:
        total = Sum()
        for t in sources[f].window:
            total.add(1.0, drawn[f, t])
        return total.at_most(sources[f].row.up_to_busd or 0.0)

    earned = [(f, t) for f, t in keys if sources[f].row.kind == "vendor"]
    _rise(m, inputs, earned)
    left = add_variable(m, EARNED_LEFT, earned, domain=Domain.NON_NEGATIVE)

    @add_constraint(m, EARNED, earned)
    def earned_row(_m: Program, f: str, t: int) -> Expr:
        total = Sum().add(1.0, drawn[f, t]).add(1.0, left[f, t])
        if (f, t - 1) in left:
            total.add(-1.0, left[f, t - 1])
        return total.add(-sources[f].busd_per_gw, RISEN.of(m)[f, t]).equals(0.0)

    _owe(m, inputs)
    for f, t in keys:
        _pay_out(inputs, ledger, f, t, drawn[f, t])
    for f, t in OWED.of(m):
        if t + 1 < inputs.calendar.count:
            ledger.charge("interest", f, t + 1, sources[f].interest[t + 1], OWED.of(m)[f, t], paid=True)


def _owe(m: Program, inputs: Inputs) -> None:
    """What is owed at the end of each period, from the first in which money may be drawn."""
    sources, drawn = inputs.financing, DRAWN.of(m)
    keys = [
        (f, t)
        for f, source in sources.items()
        if source.is_repaid and source.window
        for t in range(source.window[0], inputs.calendar.count)
    ]

    def bounds(_m: Program, f: str, _t: int) -> tuple[float, float | None]:
        row = sources[f].row
        return 0.0, row.up_to_busd if row.kind == "debt" else None

    owed = add_variable(m, OWED, keys, domain=Domain.NON_NEGATIVE, bounds=bounds)

    @add_constraint(m, BALANCE, keys)
    def balance_row(_m: Program, f: str, t: int) -> Expr:
        total = Sum().add(1.0, owed[f, t])
        if (f, t - 1) in owed:
            total.add(-1.0, owed[f, t - 1])
        if (f, t) in drawn:
            total.add(-1.0, drawn[f, t])
        for u in sources[f].window:
            total.add(sources[f].repaid_share.get((u, t), 0.0), drawn[f, u])
        return total.equals(0.0)


def _rise(m: Program, inputs: Inputs, keys: list[tuple[str, int]]) -> None:
    """By how much the highest level in service rises in each period of the window of a vendor."""
    sources = inputs.financing
    level = {(f, t): level_gw(m, inputs, sources[f], t) for f in dict(keys) for t in inputs.periods}
    before = [key for key, gw in level.items() if key[1] < sources[key[0]].window[0] and not gw.is_constant]
    first = {f: sources[f].window[0] for f in dict(keys)}

    def from_signed(_m: Program, f: str) -> tuple[float, None]:
        return highest_before_gw(sources[f])[first[f]], None

    base = add_variable(m, BASE, list(dict(before)), domain=Domain.NON_NEGATIVE, bounds=from_signed)
    risen = add_variable(m, RISEN, keys, domain=Domain.NON_NEGATIVE)
    falls = {f: first_fall(inputs, sources[f]) for f in dict(keys)}
    after_fall = [(f, t) for f, t in keys if t >= falls[f]]
    at_highest = add_variable(m, AT_HIGHEST, after_fall, domain=Domain.BINARY)
    decided = {f: decided_at_most_gw(inputs, sources[f]) for f in dict(keys)}

    @add_constraint(m, BASE_LEVEL, before)
    def base_row(_m: Program, f: str, t: int) -> Expr:
        return Sum().add(1.0, base[f]).add_sum(-1.0, level[f, t]).at_least(0.0)

    @add_constraint(m, HIGHEST, keys)
    def highest_row(_m: Program, f: str, t: int) -> Expr:
        source = sources[f]
        total = Sum().add_sum(-1.0, level[f, t])
        for u in range(first[f], t + 1):
            total.add(1.0, risen[f, u])
        if f in base:
            total.add(1.0, base[f])
        else:
            total.constant += highest_before_gw(source)[first[f]]
        if (f, t) in at_highest:
            most = decided[f] + max(highest_before_gw(source)[t], source.signed_gw[t]) - source.signed_gw[t]
            return total.add(most, at_highest[f, t]).at_most(most)
        return total.at_most(0.0)

    @add_constraint(m, RISING, after_fall)
    def rising_row(_m: Program, f: str, t: int) -> Expr:
        source = sources[f]
        most = max(0.0, decided[f] + source.signed_gw[t] - highest_before_gw(source)[first[f]])
        return Sum().add(1.0, risen[f, t]).add(-most, at_highest[f, t]).at_most(0.0)

    entering = {(f, t): entering_gw(m, inputs, sources[f], t) for f, t in after_fall}

    @add_constraint(m, ENTERING, [key for key, gw in entering.items() if gw is not None])
    def entering_row(_m: Program, f: str, t: int) -> Expr:
        """True of all whole values of ``AT_HIGHEST``, and tighter where they are not whole."""
        return Sum().add(1.0, risen[f, t]).add_sum(-1.0, entering[f, t] or Sum()).at_most(0.0)


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
