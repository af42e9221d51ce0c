"""The table of critical shares that a pause lowers: it follows from the case (formulation, section 8)."""

from planner.inputs import Inputs
from planner.plan.decisions import Row

SHARE_DECIMALS = 9
"""Decimals of the critical share that holds."""


def critical_shares(inputs: Inputs) -> list[Row]:
    """Every market and workload with demand whose work may stand still after a loss, by rule."""
    return [
        {
            "rule": rule.name,
            "market": market,
            "workload": workload,
            "stated_share": rule.stated_share_of(market, workload),
            "outage_days": rule.outage_days or 0.0,
            "pause_days": rule.pause_days_of(market, workload),
            "critical_share": round(rule.critical_share_of(market, workload), SHARE_DECIMALS),
        }
        for rule in inputs.redundancy_rules
        for market, workload in inputs.demand_compute
        if rule.pause_days_of(market, workload) > 0.0
    ]
