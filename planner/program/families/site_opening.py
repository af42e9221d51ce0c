r"""Site opening: what a site can hold, and sites that are opened once, at a cost (docs/formulation.md, section 3).

.. math:: \sum_{o \in s} B_o n_{o,t} + S_{s,t} \le I_s, \qquad
          p_s \Big(\sum_{o \in s} B_o n_{o,t} + S_{s,t}\Big) \le E_{s,t} + G_{s,t}

.. math:: \sum_r n_{o,r,t} \le N_o y_{s,t}, \qquad y_{s,t} \ge y_{s,t-1}, \qquad \sum_s y_{s,T-1} \le O \text{ or } = O

Indices: :math:`s` site, :math:`o` offer, :math:`r` role, :math:`t` period.
Variables: :math:`y` = ``SITE_OPEN`` (binary, for sites whose opening is a decision), :math:`n` = ``IN_FORCE_BLOCKS``,
:math:`G` = on-site power in service that adds to what is energised, from ``ONSITE_BUILT``.
Data: :math:`B` IT GW of a block, :math:`S` IT GW of signed contracts, :math:`I` IT limit, :math:`E` energised facility
GW, :math:`p` PUE at peak, :math:`N` most blocks, :math:`O` sites open at the end; at a site whose opening is a
decision, :math:`I` and :math:`E` are multiplied by :math:`y`. Where signed contracts open all sites, ``SIGNED_SITES``
is their number, so that the row of the count has a variable.
Duals ($B of present value, integers fixed): ``IT_LIMIT`` is the value of one more IT GW at the site, ``ENERGISED`` of
one more energised facility GW, ``COUNT`` of one more open site. ``STAYS_OPEN`` and ``BLOCKS_IF_OPEN`` are logical.
"""

from planner.inputs import Inputs
from planner.program.columns import IN_FORCE_BLOCKS, ONSITE_BUILT, SIGNED_SITES, SITE_OPEN
from planner.program.declare import add_constraint, add_row, add_variable
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.sums import in_force_gw, powered_gw
from planner.program.terms import NO_ROW, Domain, Expr, Program, Sum
from planner.symbols import Constraint

IT_LIMIT = Constraint[tuple[str, int]](
    "site_opening_it_limit", ("site", "period"), "value of one more IT GW at the site", "site_opening"
)
ENERGISED = Constraint[tuple[str, int]](
    "site_opening_energised", ("site", "period"), "value of one more energised facility GW at the site", "site_opening"
)
STAYS_OPEN = Constraint[tuple[str, int]](
    "site_opening_stays", ("site", "period"), "value of closing a site that was open before", "site_opening"
)
BLOCKS_IF_OPEN = Constraint[tuple[str, int]](
    "site_opening_link", ("offer", "period"), "value of one block of the offer at a closed site", "site_opening"
)
COUNT = Constraint[None]("site_opening_count", (), "value of one more open site", "site_opening")


def build(m: Program, inputs: Inputs, ledger: Ledger) -> None:
    """Add the limits of every site, and the opening decisions where the case has them."""
    in_force_blocks = IN_FORCE_BLOCKS.of(m)
    openable = [s for s in inputs.sites if inputs.openable(s)]
    site_open = add_variable(m, SITE_OPEN, [(s, t) for s in openable for t in inputs.periods], domain=Domain.BINARY)
    limited = [(s, t) for s in inputs.sites for t in inputs.periods if _load(m, inputs, s, t).variables]

    @add_constraint(m, IT_LIMIT, [(s, t) for s, t in limited if _can_exceed(inputs, s, t)])
    def it_limit_row(m: Program, s: str, t: int) -> Expr:
        return _within(m, inputs, s, t, _powered(m, inputs, s, t), inputs.site_it_limit_gw[s][t])

    @add_constraint(m, ENERGISED, limited)
    def energised_row(m: Program, s: str, t: int) -> Expr:
        load = _facility_load(m, inputs, s, t)
        return _within(m, inputs, s, t, load, inputs.site_facility_limit_gw[s][t])

    @add_constraint(m, STAYS_OPEN, [(s, t) for s in openable for t in inputs.periods if t > 0])
    def stays_row(m: Program, s: str, t: int) -> Expr:
        return Sum().add(1.0, site_open[s, t]).add(-1.0, site_open[s, t - 1]).at_least(0.0)

    @add_constraint(m, BLOCKS_IF_OPEN, [(o, t) for s, t in limited if s in set(openable) for o in inputs.offers_at(s)])
    def link_row(m: Program, o: str, t: int) -> Expr:
        blocks = Sum()
        for role in inputs.offers[o].roles:
            if (o, role, t) in in_force_blocks:
                blocks.add(1.0, in_force_blocks[o, role, t])
        if blocks.is_constant:
            return NO_ROW
        offer = inputs.offers[o]
        return blocks.add(-float(offer.max_blocks), site_open[offer.site, t]).at_most(0.0)

    _build_count(m, inputs, openable)
    _pay(m, inputs, ledger, openable)


def _load(m: Program, inputs: Inputs, s: str, t: int) -> Sum:
    """IT GW in force at a site."""
    load = Sum()
    for o in inputs.offers_at(s):
        load.add_sum(1.0, in_force_gw(m, inputs, o, t))
    return load


def _powered(m: Program, inputs: Inputs, s: str, t: int) -> Sum:
    """IT GW of a site that count towards its limits: those in force, of a ramp the largest share where power waits."""
    powered = Sum()
    for o in inputs.offers_at(s):
        powered.add_sum(1.0, powered_gw(m, inputs, o, t))
    return powered


def _facility_load(m: Program, inputs: Inputs, s: str, t: int) -> Sum:
    """Facility GW at peak of a site, less on-site power that adds to what is energised."""
    built = ONSITE_BUILT.of(m)
    load = Sum().add_sum(inputs.sites[s].pue_peak, _powered(m, inputs, s, t))
    for g in inputs.options_at(s):
        if not inputs.power_options[g].in_energisation:
            for start in inputs.onsite_in_service(g, t):
                load.add(-1.0, built[g, start])
    return load


def _can_exceed(inputs: Inputs, s: str, t: int) -> bool:
    """Whether the IT limit can bind at all; an openable site needs the row for its link to the opening.

    With `Inputs.every_limit` it is there in any case: it may bind where blocks on offer are of no account.
    """
    most = sum(inputs.block_gw(o) * inputs.offers[o].max_blocks for o in inputs.offers_at(s))
    signed = sum(
        inputs.signed_gw.get((o, role), inputs.zeros)[t] for o in inputs.offers_at(s) for role in inputs.roles(o)
    )
    return inputs.every_limit or inputs.openable(s) or most + signed > inputs.site_it_limit_gw[s][t]


def _within(m: Program, inputs: Inputs, s: str, t: int, load: Sum, limit_gw: float) -> Expr:
    site_open = SITE_OPEN.of(m)
    if inputs.openable(s):
        return load.add(-limit_gw, site_open[s, t]).at_most(0.0)
    return load.at_most(limit_gw)


def _build_count(m: Program, inputs: Inputs, openable: list[str]) -> None:
    site_open = SITE_OPEN.of(m)
    options = inputs.case.model.families.site_opening
    if options is None or (options.open_at_most is None and options.open_exactly is None):
        return
    last = inputs.calendar.count - 1
    count = Sum(float(len(inputs.sites) - len(openable)))
    for s in openable:
        count.add(1.0, site_open[s, last])
    if count.is_constant:
        # A row needs a variable: a count that no plan can change is then found infeasible like any other.
        add_variable(m, SIGNED_SITES, bounds=(count.constant, count.constant))
        count = Sum().add(1.0, SIGNED_SITES.of(m))
    if options.open_exactly is not None:
        add_row(m, COUNT, count.equals(options.open_exactly))
    else:
        add_row(m, COUNT, count.at_most(options.open_at_most or 0))


def _pay(m: Program, inputs: Inputs, ledger: Ledger, openable: list[str]) -> None:
    site_open = SITE_OPEN.of(m)
    if inputs.case.model.families.site_opening is None:
        return
    for s, site in inputs.sites.items():
        fixed = site.fixed_opex_busd_per_year or 0.0
        for t in inputs.periods:
            if s not in openable:
                ledger.pay_fixed("fixed", "primary", t, fixed * inputs.length_years(t))
    for s in openable:
        site = inputs.sites[s]
        opening = site.opening_cost_busd or 0.0
        for t in inputs.periods:
            ledger.pay(
                "fixed",
                "primary",
                t,
                (site.fixed_opex_busd_per_year or 0.0) * inputs.length_years(t),
                site_open[s, t],
            )
            ledger.pay("opening", "primary", t, opening, site_open[s, t])
            if t > 0:
                ledger.pay("opening", "primary", t, -opening, site_open[s, t - 1])


FAMILY = Family("site_opening", build, requires=("contract", "power_options"))
