"""What a percent sign in a figure means: a share where the column holds shares, and a slip anywhere else."""

SHARES = ("share", "growth", "discount_rate", "interest_rate", "utilisation", "capex_milestones")
"""What the names of columns and keys of shares and of growth rates contain."""
UNITS = (
    ("compute_per_it_mw", "units of compute per IT MW"),
    ("busd_per_compute_year", "$B per unit of compute and year"),
    ("busd_per_missing_compute_year", "$B per missing unit of compute and year"),
    ("musd_per_missing_it_mw_year", "$M per missing IT MW and year"),
    ("musd_per_missing_facility_mw_year", "$M per missing facility MW and year"),
    ("musd_per_mw_year", "$M per IT MW and year"),
    ("busd_per_gw_it", "$B per IT GW"),
    ("busd_per_gw", "$B per facility GW"),
    ("busd_per_it_gw", "$B per IT GW"),
    ("busd_per_facility_gw", "$B per facility GW"),
    ("busd_per_year", "$B per year"),
    ("usd_per_mwh", "$ per MWh"),
    ("usd_per_tonne", "$ per tonne"),
    ("kg_per_mwh", "kg per MWh"),
    ("mt_per_year", "million tonnes per year"),
    ("facility_mw_per_year", "facility MW per year"),
    ("fibre_km_per_ms", "km per ms"),
    ("w_per_accelerator", "IT W per accelerator"),
    ("busd", "$B"),
    ("facility_mw", "facility MW"),
    ("it_mw", "IT MW"),
    ("_ms", "ms"),
    ("_deg", "degrees"),
    ("months", "months"),
    ("_days", "days"),
    ("_years", "years"),
    ("_campuses", "campuses"),
    ("year", "calendar years"),
    ("blocks_per_start", "blocks"),
    ("_blocks", "blocks"),
    ("blocks", "blocks"),
    ("pue_peak", "facility MW per IT MW"),
    ("pue_average", "facility MWh per IT MWh"),
    ("compute", "units of compute"),
    ("_factor", "times the distance"),
)
"""Units by how names end, the longer endings first."""


def is_share(name: str) -> bool:
    """Whether a column, or a key of the model, holds shares or growth rates.

    Examples
    --------
    >>> is_share("take_or_pay_share"), is_share("rent_growth_per_year"), is_share("max_it_mw")
    (True, True, False)
    """
    return any(part in name for part in SHARES)


def unit_of(name: str) -> str | None:
    """Return the unit of a column, or of a key of the model, by its name; None where it has none.

    Examples
    --------
    >>> unit_of("opening_cost_busd"), unit_of("block_it_mw"), unit_of("vendor")
    ('$B', 'IT MW', None)
    """
    return next((unit for ending, unit in UNITS if name.endswith(ending)), None)


def percent_hint(name: str, what: str = "column") -> str:
    """Return what to write in place of a percentage in a column (or ``what`` else it is).

    Examples
    --------
    >>> percent_hint("exit_cost_share")
    ': write a share, such as 0.2 for 20 %'
    >>> percent_hint("max_it_mw")
    ': a percentage is not allowed here; the column is in IT MW'
    """
    if is_share(name):
        return ": write a share, such as 0.2 for 20 %"
    unit = unit_of(name)
    return ": a percentage is not allowed here" + (f"; the {what} is in {unit}" if unit else "")
