"""The variables and constraints of redundancy: declared with the program, and added by the solve with every cut."""

from planner.symbols import COMPUTE, NUMBER, PERIOD, RULE, Constraint, Variable

INSTALLED = Variable[tuple[str, str, str, int]](
    "installed_gw", ("site", "provider", "chip", "period"), "IT GW", "chips installed, both roles", "redundancy"
)
COVERABLE = Variable[int](
    "coverable_compute", (NUMBER,), COMPUTE, "compute that could cover a group of demands in a period", "redundancy"
)

INSTALLED_SUM = Constraint[tuple[str, str, str, int]](
    "redundancy_installed",
    ("site", "provider", "chip", PERIOD),
    "value of one more IT GW of the chip installed",
    "redundancy",
)
COVERABLE_SUM = Constraint[int](
    "redundancy_coverable", (NUMBER,), "value of one more unit of compute that could cover the group", "redundancy"
)
CUT = Constraint[tuple[int, tuple[int, ...], int, int]](
    "redundancy",
    (RULE, "lost", PERIOD, NUMBER),
    "price of one more unit of protected compute in the period",
    "redundancy",
)
"""A key is the rule, the domains lost (positions), the period, and a number that distinguishes cuts of one loss."""
