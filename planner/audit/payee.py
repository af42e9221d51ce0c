"""Who is paid (section 15), as the page has it."""

from planner.audit.facts import Facts
from planner.audit.ledger import Level

CONTRACT_ITEMS = {"rent", "usage", "exit", "refresh", "signing"}
CHIP_ITEMS = {"chips", "development"}
FIXED_TERMS = {
    "construction contractor": {"capex", "opening"},
    "site operations": {"opex", "fixed"},
    "power equipment supplier": {"onsite"},
    "energy supplier": {"energy"},
    "fuel supplier": {"fuel"},
    "network operator": {"serving"},
    "carbon account": {"carbon"},
    "programme partner": {"declining", "missing"},
}
UNKNOWN = "not stated"


def payee_of(facts: Facts, part: str, item: str, level: Level) -> str:
    """Give who is paid an amount; the source of financing; empty for income, salvage, what is missing at a price."""
    if part == "financing":
        return level.financing
    if part != "spend":
        return ""
    if item in CONTRACT_ITEMS and level.offer:
        return facts.offers[level.offer].provider
    if item in CHIP_ITEMS and level.chip:
        return facts.chips[level.chip].vendor
    return next((term for term, items in FIXED_TERMS.items() if item in items), UNKNOWN)


def vendor_of(facts: Facts, part: str, item: str, level: Level) -> str:
    """Give the vendor of the chip that money is paid or credited for; empty for money that a chip only causes."""
    about_chips = part == "salvage" or (part == "spend" and item in CHIP_ITEMS)
    return facts.chips[level.chip].vendor if about_chips and level.chip else ""
