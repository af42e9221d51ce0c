"""What differs between plans, and which change explains how much of it."""

from planner.compare.attribution import Attribution, Change, attribute
from planner.compare.comparison import Comparison, compare

__all__ = ["Attribution", "Change", "Comparison", "attribute", "compare"]
