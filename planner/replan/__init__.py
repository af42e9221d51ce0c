"""Plan again after news: what is committed stays, and the price of stability is told."""

from planner.replan.replan import Replan, replan

__all__ = ["Replan", "replan"]
