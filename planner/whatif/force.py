"""Forced decisions as a constraint family: sites in use, and offers signed, by a year."""

from collections.abc import Iterator, Sequence

import pyomo.environ as pyo

from planner.errors import InfeasibleError
from planner.inputs import Inputs
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import Expr, Model, Sum
from planner.whatif.draft import Forced


def families_of(forced: Sequence[Forced]) -> tuple[Family, ...]:
    """Return the constraint families that make a plan do what is forced; pass them to ``Case.solve(families=...)``.

    Examples
    --------
    >>> families_of(())
    ()
    """
    if not forced:
        return ()
    wanted = tuple(forced)

    def build(m: Model, data: Inputs, _ledger: Ledger) -> None:
        needs = [(_blocks(m, data, force), float(force.blocks)) for force in wanted]

        def rule(_m: Model, number: int) -> Expr:
            blocks, least = needs[number]
            return blocks.at_least(least)

        m.c_force = pyo.Constraint(range(len(needs)), rule=rule)

    return (Family("force", build, requires=("contract",)),)


def _blocks(m: Model, data: Inputs, force: Forced) -> Sum:
    """Blocks decided that start in a period which begins by the end of the year."""
    total = Sum()
    for key in _choices(data, force):
        total.add(1.0, m.v_blocks[key])
    if total.is_constant:
        raise InfeasibleError(
            f"{data.case.model.name}: proven infeasible: forced {force}, and no contract can start by then"
        )
    return total


def _choices(data: Inputs, force: Forced) -> Iterator[tuple[str, str, int, int]]:
    offers = [force.offer] if force.offer is not None else data.offers_at(str(force.site))
    for o in offers:
        for choice in data.choices.get(o, ()):
            begins = data.calendar.start_dates[choice.start].year
            if begins <= force.by and force.role in (None, choice.role):
                yield choice.key
