r"""Forced decisions: sites used, and blocks of offers decided, by a year (docs/formulation.md, section 12).

.. math:: \sum_{(o,r,t,e) \in \Phi_f} b_{o,r,t,e} \ge m_f

Indices: :math:`f` forced decision, by its position in the model file; :math:`o` offer, :math:`r` role, :math:`t`
start, :math:`e` end.
Variable: :math:`b` = ``BLOCKS``.
Data: :math:`\Phi` contracts that count towards it (of the offer, or of any offer at the site, in the role if one is
given, that start by the year), :math:`m` blocks, 1 if none are given.
Dual of ``ENOUGH`` ($B of present value, integers fixed): cost of one more block that counts towards the decision.
"""

from collections.abc import Iterator

from planner.case.model import Forced
from planner.errors import InfeasibleError
from planner.inputs import Inputs
from planner.program.columns import BLOCKS
from planner.program.declare import add_constraint
from planner.program.family import Family
from planner.program.ledger import Ledger
from planner.program.terms import Expr, Program, Sum
from planner.symbols import Constraint

ENOUGH = Constraint[int](
    "forced", ("rule",), "cost of one more block that counts towards the forced decision", "forced"
)
Choice = tuple[str, str, int, int]


def _active(inputs: Inputs) -> bool:
    return bool(inputs.case.model.forced)


def _build(m: Program, inputs: Inputs, _ledger: Ledger) -> None:
    forced = inputs.case.model.forced
    blocks = [_blocks(m, inputs, one) for one in forced]

    @add_constraint(m, ENOUGH, range(len(forced)))
    def enough_row(_m: Program, number: int) -> Expr:
        return blocks[number].at_least(float(forced[number].blocks or 1))


def _blocks(m: Program, inputs: Inputs, forced: Forced) -> Sum:
    """Blocks that count towards a forced decision."""
    blocks = BLOCKS.of(m)
    total = Sum()
    for key in choices_that_count(inputs, forced):
        total.add(1.0, blocks[key])
    if total.is_constant:
        raise InfeasibleError(
            f"{inputs.case.model.name}: proven infeasible: forced {forced}, and no contract can start by then"
        )
    return total


def choices_that_count(inputs: Inputs, forced: Forced) -> Iterator[Choice]:
    """Yield the contracts that count towards a forced decision; none where no contract can start by then."""
    offers = (forced.offer,) if forced.offer is not None else inputs.site_offers.get(str(forced.site), ())
    for o in offers:
        for choice in inputs.choices.get(o, ()):
            begins = inputs.calendar.start_dates[choice.start].year
            if begins <= forced.by and forced.role in (None, choice.role):
                yield choice.key


FAMILY = Family("forced", _build, _active, requires=("contract",))
