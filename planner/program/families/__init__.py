"""The constraint families, one per file; none imports another; variables are in `planner.program.columns`."""

from planner.program.families import (
    backup_income,
    budget,
    carbon,
    chip_mix,
    contiguity,
    contract,
    demand,
    diversity,
    financing,
    forced,
    integration,
    power,
    power_options,
    programme,
    redundancy,
    refresh,
    site_opening,
)
from planner.program.family import Family

FAMILIES: tuple[Family, ...] = (
    contract.FAMILY,
    refresh.FAMILY,
    power_options.FAMILY,
    site_opening.FAMILY,
    chip_mix.FAMILY,
    power.FAMILY,
    demand.FAMILY,
    contiguity.FAMILY,
    redundancy.FAMILY,
    diversity.FAMILY,
    integration.FAMILY,
    carbon.FAMILY,
    backup_income.FAMILY,
    financing.FAMILY,
    budget.FAMILY,
    forced.FAMILY,
    programme.FAMILY,
)
"""Every family, in the order in which they are built."""
