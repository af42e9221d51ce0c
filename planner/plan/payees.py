"""Who is paid (formulation, section 15): a provider, a vendor of chips, or one of a few fixed terms."""

from planner.inputs import Inputs
from planner.plan.columns_money import NOT_STATED, OTHER_PAYEES

_TO_PROVIDER = ("rent", "usage", "exit", "refresh", "signing")
_TO_VENDOR = ("chips", "development")


def payee(inputs: Inputs, part: str, item: str, offer: str, chip: str) -> str:
    """Who is paid an amount of ``spend``; empty where no one is.

    Parameters
    ----------
    inputs : Inputs
    part, item, offer, chip : str
        As in the table.
    """
    if part != "spend":
        return ""
    if item in _TO_PROVIDER and offer:
        return inputs.offers[offer].provider
    if item in _TO_VENDOR and chip:
        return inputs.chips[chip].vendor
    return OTHER_PAYEES.get(item, NOT_STATED)


def vendor(inputs: Inputs, part: str, item: str, chip: str) -> str:
    """The vendor of the chip where an amount is paid for chips, or credited for them; else empty."""
    return inputs.chips[chip].vendor if chip and (item in _TO_VENDOR or part == "salvage") else ""
