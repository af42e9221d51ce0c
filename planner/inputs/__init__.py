"""From the case to sets and parameters: every index and derived number is made once, here, and named with its unit."""

from planner.inputs.inputs import Inputs
from planner.inputs.make import make_inputs

__all__ = ["Inputs", "make_inputs"]
