r"""Contiguity: work that needs a cluster is done at few campuses, much at each (docs/formulation.md, section 17).

.. math:: \sum_{s \in i, k} c_{k,w,t} x_{s,k,d,t} = y_{i,d,t}, \qquad
          \sum_{s \in i, d \in w} x_{s,k,d,t} \le u_{i,k,w,t}, \qquad
          \sum_d x_{s,k,d,t} \le \sum_{o \in s} z^{\text{primary}}_{o,k,t}

.. math:: L_{r,t} b_{r,s,t} \le \sum_k c_{k,w,t} x_{s,k,d,t} \le M_{r,s,t} b_{r,s,t}, \qquad \sum_s b_{r,s,t} \le N_r

.. math:: e_{r,s,t} \ge b_{r,s,t} - b_{r,s,t'}, \qquad \sum_{u \text{ alive in } t} e_{r,s,u} \le b_{r,s,t}

Indices: :math:`r` rule, about the market and workload :math:`d` = :math:`(m,w)`; :math:`s` site, :math:`i` node of the
family demand, :math:`k` chip, :math:`t` period of the rule and :math:`t'` the one before it.
Variables: :math:`x` = ``CLUSTER``, :math:`b` = ``HOSTED`` (binary), :math:`e` = ``BEGUN`` (with ``at_least_years``
alone); :math:`y` = ``SERVED``, :math:`u` = ``USED``, :math:`z` = ``STOCK``.
Data: :math:`c` realised compute of an IT GW, :math:`L` minimum of a cluster (in IT GW, the first sum of the second line
is :math:`\sum_k x`), :math:`M` the lesser of the demand and what the site can have, :math:`N` ``most_campuses``. A site
that cannot have the minimum in a period serves none of the work then: it has no :math:`b`, or with ``host_share`` one
that the rows keep at zero.
Duals ($B of present value, integers fixed): ``LEAST`` and ``LEAST_GW`` are the cost of one more unit of the minimum,
``MOST_CAMPUSES`` the value of one more campus; ``SERVED_BY`` is the value of one more unit of compute served from
elsewhere, ``WITHIN`` and ``INSTALLED_THERE`` that of one more IT GW of the chip. ``HOSTED_ONLY``, ``BEGINS`` and
``GOES_ON`` are logical.
"""

from collections import defaultdict
from itertools import pairwise

from planner.case.fields import Workload
from planner.inputs import Inputs
from planner.inputs.contiguity import Cluster, Room, can_host, clusters, rooms
from planner.inputs.derive import Demand
from planner.program.columns import BEGUN, CLUSTER, HOSTED, SERVED, USED
from planner.program.declare import add_constraint, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import chip_gw
from planner.program.terms import Domain, Expr, Program, Sum
from planner.symbols import COMPUTE, PERIOD, Constraint

RuleSite = tuple[str, str, int]
"""The name of a rule, a site and a period."""
Serves = tuple[str, str, Workload, int]
"""A site (or node), a market, a workload and a period."""
Rooms = dict[tuple[str, int], Room]

SERVED_BY = Constraint[Serves](
    "contiguity_served",
    ("node", "market", "workload", PERIOD),
    "value of one more unit of compute served from elsewhere",
    "contiguity",
    COMPUTE,
)
WITHIN = Constraint[tuple[str, str, Workload, int]](
    "contiguity_use", ("node", "chip", "workload", PERIOD), "value of one more IT GW of the chip in use", "contiguity"
)
INSTALLED_THERE = Constraint[tuple[str, str, int]](
    "contiguity_installed", ("site", "chip", PERIOD), "value of one more IT GW of the chip at the site", "contiguity"
)
LEAST = Constraint[RuleSite](
    "contiguity_least", ("name", "site", PERIOD), "cost of one more unit of the minimum", "contiguity", COMPUTE
)
LEAST_GW = Constraint[RuleSite](
    "contiguity_least_gw", ("name", "site", PERIOD), "cost of one more IT GW of the minimum", "contiguity"
)
HOSTED_ONLY = Constraint[RuleSite](
    "contiguity_hosted", ("name", "site", PERIOD), "value of work without a cluster", "contiguity", COMPUTE
)
MOST_CAMPUSES = Constraint[tuple[str, int]](
    "contiguity_campuses", ("name", PERIOD), "value of one more campus", "contiguity"
)
BEGINS = Constraint[RuleSite](
    "contiguity_begins", ("name", "site", PERIOD), "value of hosting without having begun", "contiguity"
)
GOES_ON = Constraint[RuleSite](
    "contiguity_goes_on", ("name", "site", PERIOD), "value of ending a cluster early", "contiguity"
)


def _active(inputs: Inputs) -> bool:
    return inputs.case.model.families.contiguity is not None


def _build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    del ledger  # a rule costs nothing of its own
    rules = clusters(inputs)
    room = {w: rooms(inputs, w) for w in dict.fromkeys(rule.row.workload for rule in rules)}
    hosts = {
        (rule.row.name, s, t): _may_serve(inputs, s, rule.row.market)
        and (s, t) in room[rule.row.workload]
        and (inputs.host_share is not None or can_host(rule, room[rule.row.workload][s, t], t))
        for rule in rules
        for t in rule.periods
        for s in inputs.sites
    }
    served = _declare_served(m, inputs, rules, hosts, room)
    add_variable(m, HOSTED, [key for key, able in hosts.items() if able], domain=Domain.BINARY)
    begun = [(rule.row.name, s, t) for rule in rules if rule.row.at_least_years is not None for t in rule.periods
             for s in inputs.sites if hosts[rule.row.name, s, t]]  # fmt: skip
    add_variable(m, BEGUN, begun, domain=Domain.NON_NEGATIVE, bounds=(0.0, 1.0))
    _bind_chips(m, inputs, served)
    _bind_clusters(m, inputs, rules, room)
    _bind_years(m, inputs, rules)


def _may_serve(inputs: Inputs, s: str, market: str) -> bool:
    return (s, market) in inputs.reach


def _declare_served(
    m: Program,
    inputs: Inputs,
    rules: tuple[Cluster, ...],
    hosts: dict[RuleSite, bool],
    room: dict[Workload, Rooms],
) -> list[Serves]:
    """Declare what serves the work of the rules, site by site, and bind it to what the nodes serve and use."""
    of_demand: dict[tuple[Demand, int], list[str]] = defaultdict(list)
    for rule in rules:
        for t in rule.periods:
            of_demand[rule.demand, t].append(rule.row.name)
    places: list[Serves] = [
        (s, market, w, t)
        for ((market, w), t), names in of_demand.items()
        for s in inputs.sites
        if all(hosts[name, s, t] for name in names)
    ]
    keys = [(s, k, market, w, t) for s, market, w, t in places for k in room[w][s, t].chips]
    x = add_variable(m, CLUSTER, keys, domain=Domain.NON_NEGATIVE)
    total: dict[Serves, Sum] = defaultdict(Sum)
    within: dict[tuple[str, str, Workload, int], Sum] = defaultdict(Sum)
    for s, k, market, w, t in keys:
        node = inputs.node_of[s]
        total[node, market, w, t].add(inputs.compute_per_gw(k, w, t), x[s, k, market, w, t])
        within[node, k, w, t].add(1.0, x[s, k, market, w, t])
    served, used = SERVED.of(m), USED.of(m)
    bound = [(i, market, w, t) for i, market, w, t in served if ((market, w), t) in of_demand]

    @add_constraint(m, SERVED_BY, bound)
    def served_row(_m: Program, i: str, market: str, w: Workload, t: int) -> Expr:
        return Sum().add_sum(1.0, total[i, market, w, t]).add(-1.0, served[i, market, w, t]).equals(0.0)

    @add_constraint(m, WITHIN, list(within))
    def within_row(_m: Program, i: str, k: str, w: Workload, t: int) -> Expr:
        return within[i, k, w, t].add(-1.0, used[i, k, w, t]).at_most(0.0)

    return places


def _bind_chips(m: Program, inputs: Inputs, places: list[Serves]) -> None:
    """No site lends its chips to another: needed where a node is more than one site."""
    x = CLUSTER.of(m)
    there: dict[tuple[str, str, int], Sum] = defaultdict(Sum)
    pooled = {s for s, _, _, _ in places if len(inputs.nodes[inputs.node_of[s]]) > 1}
    for s, k, market, w, t in x:
        if s in pooled:
            there[s, k, t].add(1.0, x[s, k, market, w, t])

    @add_constraint(m, INSTALLED_THERE, list(there))
    def installed_row(m: Program, s: str, k: str, t: int) -> Expr:
        total = there[s, k, t]
        for o in inputs.offers_at(s):
            if "primary" in inputs.roles(o):
                total.add_sum(-1.0, chip_gw(m, inputs, o, "primary", k, t))
        return total.at_most(0.0)


def _bind_clusters(m: Program, inputs: Inputs, rules: tuple[Cluster, ...], room: dict[Workload, Rooms]) -> None:
    """A site serves at least the minimum or nothing, at few sites at a time."""
    x, hosted, named = CLUSTER.of(m), HOSTED.of(m), {rule.row.name: rule for rule in rules}
    compute: dict[Serves, Sum] = defaultdict(Sum)
    gw: dict[Serves, Sum] = defaultdict(Sum)
    for s, k, market, w, t in x:
        compute[s, market, w, t].add(inputs.compute_per_gw(k, w, t), x[s, k, market, w, t])
        gw[s, market, w, t].add(1.0, x[s, k, market, w, t])

    def of(name: str, s: str, t: int) -> tuple[Cluster, Serves]:
        return named[name], (s, *named[name].demand, t)

    by_compute = [key for key in hosted if named[key[0]].least_compute]
    by_gw = [key for key in hosted if named[key[0]].least_gw]

    @add_constraint(m, LEAST, by_compute)
    def least_row(_m: Program, name: str, s: str, t: int) -> Expr:
        rule, place = of(name, s, t)
        total = Sum().add_sum(1.0, compute[place])
        return total.add(-rule.least_compute[t], hosted[name, s, t]).at_least(0.0)

    @add_constraint(m, LEAST_GW, by_gw)
    def least_gw_row(_m: Program, name: str, s: str, t: int) -> Expr:
        rule, place = of(name, s, t)
        return Sum().add_sum(1.0, gw[place]).add(-rule.least_gw[t], hosted[name, s, t]).at_least(0.0)

    @add_constraint(m, HOSTED_ONLY, list(hosted))
    def hosted_row(_m: Program, name: str, s: str, t: int) -> Expr:
        rule, place = of(name, s, t)
        demand = inputs.demand_compute[rule.demand][t]
        most = max((inputs.host_share or 0.0) * demand, min(demand, room[rule.row.workload][s, t].compute))
        return Sum().add_sum(1.0, compute[place]).add(-most, hosted[name, s, t]).at_most(0.0)

    campuses: dict[tuple[str, int], Sum] = defaultdict(Sum)
    for name, s, t in hosted:
        if named[name].row.most_campuses is not None:
            campuses[name, t].add(1.0, hosted[name, s, t])

    @add_constraint(m, MOST_CAMPUSES, list(campuses))
    def campuses_row(_m: Program, name: str, t: int) -> Expr:
        return campuses[name, t].at_most(float(named[name].row.most_campuses or 0))


def _bind_years(m: Program, inputs: Inputs, rules: tuple[Cluster, ...]) -> None:
    """What begins is hosted for the years asked for; the first period of a rule begins all that is hosted in it."""
    hosted, begun = HOSTED.of(m), BEGUN.of(m)
    lasting = {rule.row.name: rule for rule in rules if rule.row.at_least_years is not None}
    before = {(name, t): u for name, rule in lasting.items() for u, t in pairwise(rule.periods)}
    kept: dict[RuleSite, Sum] = {}
    for name, s, u in begun:
        for t in lasting[name].periods:
            if inputs.lives(u, t, lasting[name].row.at_least_years or 0.0):
                kept.setdefault((name, s, t), Sum()).add(1.0, begun[name, s, u])

    @add_constraint(m, BEGINS, list(begun))
    def begins_row(_m: Program, name: str, s: str, t: int) -> Expr:
        total = Sum().add(1.0, hosted[name, s, t]).add(-1.0, begun[name, s, t])
        earlier = before.get((name, t))
        if earlier is not None and (name, s, earlier) in hosted:
            total.add(-1.0, hosted[name, s, earlier])
        return total.at_most(0.0)

    @add_constraint(m, GOES_ON, list(kept))
    def goes_on_row(_m: Program, name: str, s: str, t: int) -> Expr:
        total = kept[name, s, t]
        if (name, s, t) in hosted:
            total.add(-1.0, hosted[name, s, t])
        return total.at_most(0.0)


FAMILY = Family("contiguity", _build, _active, requires=("chip_mix", "demand"))
