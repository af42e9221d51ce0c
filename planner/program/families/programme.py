r"""Programmes: IT GW or facility GW in service at a named set of sites by dates (docs/formulation.md, section 16).

.. math:: \sum_{s \in P} \phi_s G_{s,t} + m_{P,t} + (L_{P,t} - S_{P,t})^+ d_P \ge L_{P,t}, \qquad
          \sum_{s \in P} \phi_s G_{s,t} \le \max(U_{P,t}, S_{P,t})

Indices: :math:`P` programme, in each of its two measures (IT GW, facility GW); :math:`s` site, :math:`t` period.
Variables: :math:`G` IT GW in force, of ``IN_FORCE_BLOCKS`` and signed contracts; :math:`m` = ``MISSING`` (priced
programmes alone), :math:`d` = ``DECLINED`` (optional ones alone).
Data: :math:`\phi` 1 for IT GW, ``pue_peak`` for facility GW; :math:`L` at least, :math:`U` at most, :math:`S` what
signed contracts have in force. A row that signed contracts keep by themselves is left out.
Dual of ``AT_LEAST`` ($B of present value, integers fixed): cost of one more IT GW or facility GW asked for; of
``AT_MOST``: value of one more allowed.
Spending: what is paid for declining (item ``declining``) and for what is missing (item ``missing``).
"""

from planner.errors import InfeasibleError
from planner.inputs import Inputs
from planner.inputs.contracts import MW_PER_GW
from planner.inputs.programmes import MEASURES, Measure
from planner.program.columns import DECLINED, MISSING
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import in_force_gw
from planner.program.terms import Domain, Expr, Program, Sum
from planner.symbols import PERIOD, Constraint

SAME_GW = 1e-9
"""What signed contracts bring within a watt of what is asked for is enough."""
Key = tuple[str, Measure, int]
AT_LEAST = Constraint[Key](
    "programme_at_least",
    ("programme", "measure", PERIOD),
    "cost of one more IT GW or facility GW asked for",
    "programme",
)
AT_MOST = Constraint[Key](
    "programme_at_most", ("programme", "measure", PERIOD), "value of one more IT GW or facility GW allowed", "programme"
)


def _active(inputs: Inputs) -> bool:
    return bool(inputs.programmes)


def _build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    counted = {key: _counted_gw(m, inputs, *key) for key in _keys(inputs)}
    owed = {
        key: gw for key in counted if (gw := _asked(inputs, key)) is not None and gw > counted[key].constant + SAME_GW
    }
    allowed = {key: gw for key in counted if (gw := _allowed(inputs, key)) is not None and counted[key].variables}
    m.programme_beyond = {}
    for key, gw in list(owed.items()):
        if not counted[key].variables and inputs.programmes[key[0]].row.kind == "committed":
            if inputs.shortfalls_refused:
                raise InfeasibleError(_beyond(inputs, key, gw))
            m.programme_beyond[key] = owed.pop(key) - counted[key].constant
    _pay(m, inputs, ledger, list(owed))
    missing, declined = MISSING.of(m), DECLINED.of(m)

    @add_constraint(m, AT_LEAST, list(owed))
    def at_least_row(_m: Program, key: str, measure: Measure, t: int) -> Expr:
        total, gw = Sum().add_sum(1.0, counted[key, measure, t]), owed[key, measure, t]
        if (key, measure, t) in missing:
            total.add(1.0, missing[key, measure, t])
        elif key in declined:
            total.add(gw - total.constant, declined[key])
        return total.at_least(gw)

    @add_constraint(m, AT_MOST, list(allowed))
    def at_most_row(_m: Program, key: str, measure: Measure, t: int) -> Expr:
        total = counted[key, measure, t]
        return total.at_most(max(allowed[key, measure, t], total.constant))


def _keys(inputs: Inputs) -> list[Key]:
    return [(key, measure, t) for key in inputs.programmes for measure in MEASURES for t in inputs.periods]


def _asked(inputs: Inputs, key: Key) -> float | None:
    programme, measure, t = key
    return inputs.programmes[programme].at_least_gw[measure][t]


def _allowed(inputs: Inputs, key: Key) -> float | None:
    programme, measure, t = key
    return inputs.programmes[programme].at_most_gw[measure][t]


def _counted_gw(m: Program, inputs: Inputs, key: str, measure: Measure, t: int) -> Sum:
    """What counts towards a programme in a period."""
    total = Sum()
    for s, factor in inputs.programmes[key].gw_per_it_gw[measure].items():
        for o in inputs.offers_at(s):
            total.add_sum(factor, in_force_gw(m, inputs, o, t))
    return total


def _pay(m: Program, inputs: Inputs, ledger: Ledger, owed: list[Key]) -> None:
    """Declare what may be declined or missed, and enter what is paid for it."""
    programmes = inputs.programmes
    declined = add_variable(
        m, DECLINED, [key for key, one in programmes.items() if one.may_be_declined], domain=Domain.BINARY
    )
    for key in declined:
        first = programmes[key].first_due
        assert first is not None
        ledger.pay("declining", "primary", first, programmes[key].row.declining_cost_busd or 0.0, declined[key])
    priced = [key for key in owed if programmes[key[0]].row.kind == "priced"]
    missing = add_variable(m, MISSING, priced, domain=Domain.NON_NEGATIVE)
    for key, measure, t in priced:
        price = programmes[key].price_busd_per_gw_year(measure) * inputs.length_years(t)
        ledger.pay("missing", "primary", t, price, missing[key, measure, t])


def _beyond(inputs: Inputs, key: Key, gw: float) -> str:
    programme, measure, t = key
    return (
        f"{inputs.case.model.name}: proven infeasible: programme {programme} asks for {gw * MW_PER_GW:g} "
        f"{'IT MW' if measure == 'it' else 'facility MW'} in {inputs.calendar.labels[t]}, and no contract can be in "
        "force at its sites then beyond those signed"
    )


FAMILY = Family("programme", _build, _active, requires=("contract",))
