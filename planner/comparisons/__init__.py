"""What differs between plans, and which change explains how much of it."""

from planner.comparisons.attribution import Attribution, Change, attribute
from planner.comparisons.comparison import Comparison, compare

__all__ = ["Attribution", "Change", "Comparison", "attribute", "compare"]
