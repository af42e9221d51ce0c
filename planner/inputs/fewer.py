"""Inputs in which fewer contracts can be signed and fewer chips bought: what cannot stand then is left out too."""

from collections.abc import Callable
from dataclasses import replace

from planner.inputs import derive
from planner.inputs.contracts import ContractChoice
from planner.inputs.inputs import Inputs

Stock = tuple[str, str, str, int]
"""Offer, role, chip and period."""


def with_fewer(inputs: Inputs, signs: Callable[[ContractChoice], bool], buys: Callable[[Stock], bool]) -> Inputs:
    """Return the inputs of the same case with fewer choices.

    The program of these is that of the case with what was left out at zero: contracts are in it with their leases and
    refreshes, chips with their stocks; a purchase for which there is no room is left out as well.

    Parameters
    ----------
    inputs : Inputs
    signs : callable
        Whether a contract can be decided.
    buys : callable
        Whether chips can be bought; offers under ``cloud`` buy none.
    """
    choices = {o: tuple(one for one in found if signs(one)) for o, found in inputs.choices.items()}
    known = {one.key for found in choices.values() for one in found}
    leases = {o: tuple(one for one in found if one.contract in known) for o, found in inputs.leases.items()}
    refreshes = {o: tuple(one for one in found if one.lease.contract in known) for o, found in inputs.refreshes.items()}
    refreshes = {o: found for o, found in refreshes.items() if found}
    room = derive.installs(inputs.offers, inputs.chips, choices, inputs.signed_gw, inputs.calendar)
    bought = tuple(key for key in room if buys(key))
    installed, standing = derive.leased(
        leases, refreshes, inputs.rooms, inputs.room_installs, inputs.chips, inputs.calendar
    )
    return replace(
        inputs,
        choices=choices,
        leases=leases,
        refreshes=refreshes,
        installs=(*bought, *installed),
        stocks=(*derive.stocks(bought, inputs.chips, inputs.calendar), *standing),
    )
