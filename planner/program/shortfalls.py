"""The variables and rows of shortfalls: what a program is given only if something must be missing (`runs.relief`).

What redundancy rules with a price miss is part of the program from the start (`families.redundancy`).
"""

from planner.case.fields import Workload
from planner.symbols import COMPUTE, MONEY, PERIOD, RULE, Constraint, Variable

OTHER = "other"
"""In the place of a role: other spending, which a budget below zero does not cover, and upkeep of what is signed."""
UNPAID = Variable[tuple[str, int]](
    "unpaid_busd",
    ("role", PERIOD),
    MONEY,
    "what signed contracts cost, or other spending and upkeep, and cannot be paid",
    "shortfalls",
)
UNPAID_PROGRAMME = Variable[tuple[str, int]](
    "unpaid_programme_busd",
    ("programme", PERIOD),
    MONEY,
    "what declining a programme, or missing of it, costs and cannot be paid",
    "shortfalls",
)
UNPAID_AT_MOST = Constraint[tuple[str, int]](
    "shortfalls_unpaid_programme",
    ("programme", PERIOD),
    "no more is unpaid of a programme than it costs",
    "shortfalls",
    MONEY,
)
SHORT = Variable[tuple[int, str, Workload, int]](
    "short_compute",
    (RULE, "market", "workload", PERIOD),
    COMPUTE,
    "critical compute that is not protected",
    "shortfalls",
)
