"""The tables of a plan: their columns, units and meanings.

Each table is tidy: one row, one fact. ``period`` is the label of a period (``2028``, ``2028Q3``, ``2028-07``,
``2028-2029`` or ``2028-04/2029-09``). ``role`` is ``primary`` or ``backup``. ``_mw`` means IT MW unless the name says
facility.
"""

COLUMNS: dict[str, dict[str, str]] = {
    "contracts": {
        "contract": "key: the signed contract's own, or OFFER/ROLE/START for a decided one (with /END where several)",
        "origin": "signed (data) or decided (by the plan)",
        "offer": "key of the offer",
        "site": "key of the site",
        "provider": "key of the provider",
        "tenure": "build, shell or cloud",
        "role": "primary or backup",
        "blocks": "whole number of blocks; empty for signed contracts",
        "it_mw": "IT MW in force",
        "start_date": "in force from",
        "end_date": "in force until (exclusive); for a contract that extends beyond the horizon, the end of its term",
        "start_period": "decided: first period in force; empty for signed contracts",
        "end_period": "decided: first period no longer in force, or `end` when in force to the end of the horizon",
    },
    "installs": {
        "offer": "key of the offer",
        "role": "primary or backup",
        "chip": "key of the chip",
        "period": "period",
        "added_it_mw": "IT MW installed at the start of the period by the plan",
        "stock_it_mw": "IT MW installed by the plan and still there (chips of signed contracts not included)",
    },
    "capacity": {
        "period": "period",
        "site": "key of the site",
        "provider": "key of the provider",
        "power_region": "key of the power region",
        "country": "country code",
        "offer": "key of the offer",
        "tenure": "build, shell or cloud",
        "role": "primary or backup",
        "chip": "key of the chip",
        "vendor": "chip vendor",
        "it_mw": "installed IT MW, signed chips included",
        "training_compute": "compute it gives if all used for training (0: cannot)",
        "inference_compute": "compute it gives if all used for inference (0: cannot)",
    },
    "in_force": {
        "period": "period",
        "offer": "key of the offer",
        "site": "key of the site",
        "provider": "key of the provider",
        "role": "primary or backup",
        "signed_it_mw": "IT MW of signed contracts in force",
        "decided_it_mw": "IT MW of decided contracts in force",
        "installed_it_mw": "IT MW of chips installed",
    },
    "openings": {
        "site": "key of the site",
        "period": "first period open",
        "origin": "signed or decided",
        "opening_cost_busd": "paid on opening (nominal)",
    },
    "developments": {
        "chip": "key of the custom chip",
        "period": "period in which its development is started",
        "cost_busd": "development cost, paid once (nominal)",
    },
    "power_built": {
        "power_option": "key of the on-site option",
        "site": "key of the site",
        "period": "first period in service",
        "facility_mw": "firm facility MW bought",
    },
    "power": {
        "period": "period",
        "site": "key of the site",
        "power_region": "key of the power region",
        "it_mw": "IT MW in force",
        "facility_mw": "facility MW they need at peak",
        "energised_facility_mw": "facility MW energised, on-site options that add to it included",
        "onsite_facility_mw": "on-site facility MW in service",
        "own_load_mw": "average facility MW of own energy",
        "onsite_output_mw": "average facility MW generated on site for it",
    },
    "power_options": {
        "period": "period",
        "power_option": "key of the on-site option",
        "site": "key of the site",
        "in_service_facility_mw": "facility MW in service",
        "output_mw": "average facility MW generated; 0 for storage",
    },
    "power_regions": {
        "period": "period",
        "power_region": "key of the power region",
        "facility_mw": "facility MW drawn from the grid at peak",
        "limit_facility_mw": "firm facility MW the grid can give",
    },
    "served": {
        "period": "period",
        "site": "key of the site",
        "chip": "key of the chip",
        "market": "key of the market",
        "workload": "training or inference",
        "it_mw": "primary IT MW used for it",
        "compute": "compute served, average over the period",
    },
    "unserved": {
        "period": "period",
        "market": "key of the market",
        "workload": "training or inference",
        "demand_compute": "compute demanded",
        "served_compute": "compute served",
        "unserved_compute": "compute not served",
    },
    "spend": {
        "period": "period",
        "role": "primary or backup",
        "item": "rent, usage, exit, capex, chips, opex, energy, onsite, fuel, opening, fixed, signing, development, "
        "serving or carbon",
        "amount_busd": "nominal amount paid in the period",
        "present_value_busd": "the same, discounted",
    },
    "objective": {
        "item": "spend, backup_income (negative), salvage (negative), unserved",
        "present_value_busd": "its part of the cost; the parts add up to cost_busd",
    },
    "budget": {
        "period": "period",
        "spend_busd": "nominal spending, both roles",
        "backup_income_busd": "nominal income from idle backup",
        "limit_busd": "what the period allows; empty without the budget family",
        "carried_in_busd": "money carried in; 0 without carry-over",
        "slack_busd": "what is left; empty without the budget family",
    },
    "backup": {
        "period": "period",
        "installed_it_mw": "backup IT MW installed",
        "sold_it_mw": "backup IT MW sold as interruptible compute",
        "income_busd": "nominal income",
    },
    "chips": {
        "period": "period",
        "chip": "key of the chip",
        "added_it_mw": "IT MW installed by the plan",
        "supply_it_mw": "IT MW that could be delivered; empty: not limited",
        "stock_it_mw": "IT MW installed in all, signed chips included",
        "accelerators": "the stock in accelerators (rounded)",
    },
    "demand": {
        "period": "period",
        "market": "key of the market",
        "workload": "training or inference",
        "compute": "compute demanded, average over the period",
    },
    "reach": {
        "site": "key of the site",
        "market": "a market it may serve",
    },
    "contingencies": {
        "rule": "name of the redundancy rule",
        "period": "period",
        "contingency": "the failure domains lost, separated by ` + `",
        "lost_it_mw": "installed IT MW lost",
        "surviving_it_mw": "installed IT MW left",
        "critical_compute": "critical demand, all markets and workloads",
        "carried_compute": "critical demand the survivors carry (by the routing in `recovery`)",
        "margin_compute": "spare: how much more critical compute the tightest group of demands could take",
        "binding": "yes if the margin is zero",
    },
    "recovery": {
        "rule": "name of the redundancy rule",
        "period": "period",
        "contingency": "the failure domains lost",
        "site": "a surviving site",
        "chip": "its chip",
        "market": "market served from it in the contingency",
        "workload": "training or inference",
        "it_mw": "IT MW used",
        "compute": "critical compute carried",
    },
}

NUMERIC_COLUMNS = ("_mw", "_compute", "compute", "_busd", "blocks", "accelerators")
"""Ends of the names of columns that hold figures."""

MAY_BE_EMPTY = frozenset(
    {("contracts", "blocks"), ("budget", "limit_busd"), ("budget", "slack_busd"), ("chips", "supply_it_mw")}
)
"""Table and column of the figures that may be empty: not given, which is not zero."""
