"""The mixed-integer program, declared from the inputs as lists or in Pyomo: one constraint family per file."""

import planner.system.light_scipy  # noqa: F401  # before anything else imports SciPy
from planner.program.build import build_program, list_program, quickest_program, writable_program
from planner.program.declare import add_constraint, add_row, add_variable
from planner.program.family import Family

__all__ = [
    "Family",
    "add_constraint",
    "add_row",
    "add_variable",
    "build_program",
    "list_program",
    "quickest_program",
    "writable_program",
]
