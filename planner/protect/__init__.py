"""The price of redundancy: what rules cost, what binds when, what more protection costs, why a rule cannot hold."""

from planner.protect.cost import CostOfRules, cost_of_rules
from planner.protect.curve import CurvePoint, cost_curve, with_share
from planner.protect.price import ProtectionPrice, protection_prices
from planner.protect.reason import Shortfall, shortfalls
from planner.protect.solve import Effort, Solved, solve_rules

__all__ = [
    "CostOfRules",
    "CurvePoint",
    "Effort",
    "ProtectionPrice",
    "Shortfall",
    "Solved",
    "cost_curve",
    "cost_of_rules",
    "protection_prices",
    "shortfalls",
    "solve_rules",
    "with_share",
]
