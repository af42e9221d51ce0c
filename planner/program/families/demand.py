r"""Demand: compute served to every market and workload, and what is not served (docs/formulation.md, section 6).

.. math:: \sum_w u_{i,k,w,t} \le \sum_{o,s \in i} z^{\text{primary}}_{o,k,t}, \qquad
          \sum_m y_{i,m,w,t} \le \sum_k c_{k,w,t} u_{i,k,w,t}, \qquad
          \sum_i y_{i,m,w,t} + q_{m,w,t} = D_{m,w,t}

.. math:: y_{i,m,w,t} = D_{m,w,t} v_{i,m,t}, \qquad \sum_i v_{i,m,t} \le 1 \ \text{(single-source markets)}

Indices: :math:`i` node (a site, or all sites that may serve the same markets where it does not matter which of them
does: ``Inputs.nodes``), :math:`k` chip, :math:`m` market, :math:`w` workload, :math:`t` period.
Variables: :math:`u` = ``USED``, :math:`y` = ``SERVED``, :math:`q` = ``UNSERVED``, :math:`v` = ``ASSIGNED`` (binary),
:math:`z` = ``STOCK``.
Data: :math:`c` realised compute of an IT GW in the period, :math:`D` demand.
Duals ($B of present value, integers fixed): ``BALANCE`` is the cost of serving one more unit of compute through the
period, ``COMPUTE_USE`` the value of one more unit of compute at the node, ``CHIP_USE`` of one more IT GW of primary
chips there. ``SERVED_WHOLE`` and ``ONE_SITE`` are logical.
"""

from planner.case.fields import Workload
from planner.inputs import Inputs
from planner.program.columns import ASSIGNED, SERVED, STOCK, UNSERVED, USED
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import NO_ROW, Domain, Expr, Program, Sum
from planner.symbols import COMPUTE, Constraint

CHIP_USE = Constraint[tuple[str, str, int]](
    "demand_use", ("node", "chip", "period"), "value of one more IT GW of primary chips at the node", "demand"
)
COMPUTE_USE = Constraint[tuple[str, Workload, int]](
    "demand_compute",
    ("node", "workload", "period"),
    "value of one more unit of compute at the node through the period",
    "demand",
    COMPUTE,
)
BALANCE = Constraint[tuple[str, Workload, int]](
    "demand_balance",
    ("market", "workload", "period"),
    "cost of serving one more unit of compute through the period",
    "demand",
)
SERVED_WHOLE = Constraint[tuple[str, str, Workload, int]](
    "demand_whole",
    ("node", "market", "workload", "period"),
    "value of one more unit served by a site not assigned",
    "demand",
)
ONE_SITE = Constraint[tuple[str, int]](
    "demand_one_site", ("market", "period"), "value of one more site that may serve the single-source market", "demand"
)


def build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """Add who serves what, within the primary chips installed, and the balance of every demand."""
    stock = _primary_stock(m, inputs)
    workloads = inputs.workloads
    used = [(i, k, w, t) for i, k, t in stock for w in workloads if inputs.nameplate_per_gw(k, w)]
    used_gw = add_variable(m, USED, used, domain=Domain.NON_NEGATIVE)
    served = inputs.serving_arcs({(i, w, t) for i, _, w, t in used})
    served_compute = add_variable(m, SERVED, served, domain=Domain.NON_NEGATIVE)
    unserved_compute = add_variable(
        m,
        UNSERVED,
        [(market, w, t) for market, w in inputs.demand_compute for t in inputs.periods],
        domain=Domain.NON_NEGATIVE,
        bounds=lambda _m, market, w, t: (0.0, inputs.demand_compute[market, w][t]),
    )

    @add_constraint(m, CHIP_USE, list(stock))
    def use_row(m: Program, i: str, k: str, t: int) -> Expr:
        use = _use(m, workloads, i, k, t)
        if use.is_constant:
            return NO_ROW
        return use.add_sum(-1.0, stock[i, k, t]).at_most(0.0)

    supply: dict[tuple[str, Workload, int], Sum] = {}
    for i, k, w, t in used:
        supply.setdefault((i, w, t), Sum()).add(-inputs.compute_per_gw(k, w, t), used_gw[i, k, w, t])
    balance = {(market, w, t): Sum() for market, w in inputs.demand_compute for t in inputs.periods}
    for i, market, w, t in served:
        supply[i, w, t].add(1.0, served_compute[i, market, w, t])
        balance[market, w, t].add(1.0, served_compute[i, market, w, t])
    _pay_serving(m, inputs, ledger, served)

    @add_constraint(m, COMPUTE_USE, list(supply))
    def compute_row(m: Program, i: str, w: Workload, t: int) -> Expr:
        return supply[i, w, t].at_most(0.0)

    @add_constraint(m, BALANCE, list(balance))
    def balance_row(m: Program, market: str, w: Workload, t: int) -> Expr:
        met = balance[market, w, t].add(1.0, unserved_compute[market, w, t])
        return met.equals(inputs.demand_compute[market, w][t])

    _build_single_source(m, inputs, served)
    if inputs.case.model.objective.unserved == "priced":
        price = inputs.case.model.objective.unserved_price_busd_per_compute_year
        for market, w, t in balance:
            ledger.unserved[t].add((price or 0.0) * inputs.length_years(t), unserved_compute[market, w, t])


def _use(m: Program, workloads: tuple[Workload, ...], i: str, k: str, t: int) -> Sum:
    """IT GW of a chip in use at a node, over the workloads it can run."""
    used_gw = USED.of(m)
    use = Sum()
    for w in workloads:
        if (i, k, w, t) in used_gw:
            use.add(1.0, used_gw[i, k, w, t])
    return use


def _pay_serving(m: Program, inputs: Inputs, ledger: Ledger, served: list[tuple[str, str, Workload, int]]) -> None:
    """What serving a market costs; a site with such a cost is a node of its own."""
    served_compute = SERVED.of(m)
    for i, market, w, t in served:
        for s in inputs.nodes[i]:
            cost = inputs.serving_cost_busd.get((s, market), 0.0)
            ledger.pay("serving", "primary", t, cost * inputs.length_years(t), served_compute[i, market, w, t])


def _primary_stock(m: Program, inputs: Inputs) -> dict[tuple[str, str, int], Sum]:
    """Primary chips installed per node, chip and period."""
    stock_gw = STOCK.of(m)
    stock: dict[tuple[str, str, int], Sum] = {}
    for (o, role, k), gw in inputs.signed_chip_gw.items():
        if role == "primary":
            for t in inputs.periods:
                if gw[t]:
                    stock.setdefault((inputs.node_of[inputs.offers[o].site], k, t), Sum()).constant += gw[t]
    for o, role, k, t in inputs.stocks:
        if role == "primary":
            node = inputs.node_of[inputs.offers[o].site]
            stock.setdefault((node, k, t), Sum()).add(1.0, stock_gw[o, role, k, t])
    return stock


def _build_single_source(m: Program, inputs: Inputs, served: list[tuple[str, str, Workload, int]]) -> None:
    """A single-source market is served whole, by one site; nodes are single sites there."""
    served_compute = SERVED.of(m)
    alone = [(i, market, w, t) for i, market, w, t in served if market in inputs.single_source]
    assigned_to = add_variable(m, ASSIGNED, sorted({(i, market, t) for i, market, _, t in alone}), domain=Domain.BINARY)

    @add_constraint(m, SERVED_WHOLE, alone)
    def whole_row(m: Program, i: str, market: str, w: Workload, t: int) -> Expr:
        whole = Sum().add(1.0, served_compute[i, market, w, t])
        return whole.add(-inputs.demand_compute[market, w][t], assigned_to[i, market, t]).equals(0.0)

    assigned: dict[tuple[str, int], Sum] = {}
    for i, market, t in assigned_to:
        assigned.setdefault((market, t), Sum()).add(1.0, assigned_to[i, market, t])

    @add_constraint(m, ONE_SITE, list(assigned))
    def one_site_row(m: Program, market: str, t: int) -> Expr:
        return assigned[market, t].at_most(1.0)


FAMILY = Family("demand", build, requires=("chip_mix",))
