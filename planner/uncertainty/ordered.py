"""A scenario without what no one ordered: once the orders are known, what else had to be signed by then is zero.

The program of `only_ordered` has the plans of that of the scenario with the links of `planner.uncertainty.links`, in
fewer columns: those that the links close are not made at all, nor what could only stand on them.
"""

from planner.inputs import Inputs
from planner.inputs.contracts import ContractChoice
from planner.inputs.fewer import Stock, with_fewer
from planner.solve.arrays import Floats
from planner.uncertainty.first_stage import DEVELOPMENT, FirstStageOrders
from planner.uncertainty.leads import Leads
from planner.uncertainty.links import delivery_of, wanted


def only_ordered(stage: FirstStageOrders, inputs: Inputs, orders: Floats) -> Inputs | None:
    """Return the inputs of a scenario without contracts and chips that the orders leave at zero.

    None where the case has more to say of what starts: decisions that must be taken, families of the user's own, or
    chips that are there before their room.

    Parameters
    ----------
    stage : FirstStageOrders
    inputs : Inputs
        Of the scenario, over the same periods.
    orders : array
        What was ordered.
    """
    if inputs.case.families or inputs.case.model.forced:
        return None
    asked, leads = wanted(stage, orders), Leads.of(stage, inputs.case)
    of = {one.number: one for one in asked}
    served = [(of[one.number], one.period) for one in delivery_of(stage, inputs).served(asked)]
    blocks = {(one.offer, one.role, t) for one, t in served if one.is_block}
    chips = {(one.offer, one.role, one.chip, t) for one, t in served if not one.is_block}
    # What a development costs depends on when its chip can be had at all: with one ordered, all of that stays.
    custom = {one.what for one, n in zip(stage.orders, orders, strict=True) if one.kind == DEVELOPMENT and n > 0.0}
    whole = {o for o, row in inputs.offers.items() if not custom.isdisjoint(row.chips)}

    def signs(one: ContractChoice) -> bool:
        ordered = (one.offer, one.role, one.start) in blocks
        return ordered or one.offer in whole or not leads.is_signed(one.offer, one.start)

    def buys(key: Stock) -> bool:
        return key in chips or key[0] in whole or not stage.is_past(key[3])

    found = with_fewer(inputs, signs, buys)
    return found if chips <= set(found.installs) else None
