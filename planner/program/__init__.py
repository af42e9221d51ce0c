"""The mixed-integer program, declared in Pyomo from the inputs: one constraint family per file."""

from planner.program.build import build_program
from planner.program.family import Family

__all__ = ["Family", "build_program"]
