"""Keep what is decided: plan again after news, and how far a number may move before the plan changes."""

from planner.replans.breakeven import BreakEven, Entry, break_even, entry_price
from planner.replans.replan import Replan, replan

__all__ = ["BreakEven", "Entry", "Replan", "break_even", "entry_price", "replan"]
