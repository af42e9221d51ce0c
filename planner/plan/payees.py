"""Who is paid (formulation, section 15): a provider, a vendor of chips, or one of a few fixed terms."""

from planner.inputs import Inputs

OTHER_PAYEES = {
    "capex": "construction contractor",
    "opening": "construction contractor",
    "opex": "site operations",
    "fixed": "site operations",
    "onsite": "power equipment supplier",
    "energy": "energy supplier",
    "fuel": "fuel supplier",
    "serving": "network operator",
    "carbon": "carbon account",
}
"""Items that are paid neither to a provider nor to a vendor -> who is paid."""
NOT_STATED = "not stated"
"""Payee of items of constraint families of the user's own."""
TERMS = (*dict.fromkeys(OTHER_PAYEES.values()), NOT_STATED)
"""Every payee that is no key; each contains a space, which no key does."""
_TO_PROVIDER = ("rent", "usage", "exit", "signing")
_TO_VENDOR = ("chips", "development")


def payee(inputs: Inputs, part: str, item: str, offer: str, chip: str) -> str:
    """Who is paid an amount of ``spend``; empty where nobody is.

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
