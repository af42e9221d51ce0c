"""The model file of the case: what is the same in every release of the atlas, and a rule per state that can be lost."""

from collections.abc import Iterable

from sources.us_campuses.data import by_key
from sources.us_campuses.places import Place

HEAD = '''# Made by `python -m sources.us_campuses`: change sources/us_campuses and make it anew, not this file.
format = 1
name = "us_campuses"
title = "{campuses} campuses of the United States: where one buyer places {demand_gw} GW of facility power"
description = """
Every campus of 50 MW and more in the United States that Compute Atlas lists and that is not cancelled: {campuses},
with {announced_gw} GW of facility power announced; of {open}, with {open_gw} GW announced, a share is on offer.
One buyer places the growth of its demand beyond 2027 among them, so that it survives the loss of any campus, any
utility and any state. Sizes, places, statuses and utilities are data of the atlas (CC BY 4.0); the date at which a
campus has power follows from its status by stated rules; demand, shares on offer and terms are assumptions
(docs/cases.md).
"""
compute_unit = "thousand H100-equivalents"

[horizon]
start = 2027-01-01
periods = 9
period_months = 12

[tables]
{tables}

[objective]
unserved = "lexicographic"
discount_rate_per_year = 0.1  # D: nominal; the facts give 8 to 14 %
salvage = "straight_line"

[latency]  # D: computed, not measured
route_factor = 1.4
fibre_km_per_ms = 204.0
overhead_ms = 2.0

[families.site_opening]

[families.power]
utilisation = 0.75  # D: 0.60 to 0.88

[families.integration]

[[families.diversity.rules]]  # D: agreements with several makers of chips; custom chips are leased
domain = "chip_vendor"
largest_share = 0.8
first_year = 2030

[[families.diversity.rules]]  # D
domain = "provider"
largest_share = 0.3
first_year = 2030

# D: users notice no loss; a fifth of training stops and goes on later.
[[families.redundancy.rules]]
name = "any one campus"
domain = "site"
k = 1
critical_share = {{ training = 0.8, inference = 1.0 }}
first_year = 2028

[[families.redundancy.rules]]
name = "any one utility"
domain = "power_region"
k = 1
critical_share = {{ training = 0.8, inference = 1.0 }}
first_year = 2028
'''

STATE = """
[[families.redundancy.rules]]
name = "loss of {name}"
domain = "sites"
sites = [
{sites}
]
critical_share = {{ training = 0.8, inference = 1.0 }}
first_year = 2028
"""


def model(places: Iterable[Place], tables: Iterable[str], demand_gw: float) -> str:
    """Return the model file; a state in which one campus is on offer is covered by the rule of any one campus."""
    every = list(places)
    offered = [one for one in every if one.offered]
    text = HEAD.format(
        demand_gw=f"{demand_gw:.0f}",
        campuses=len(every),
        announced_gw=f"{sum(one.campus.facility_mw for one in every) / 1000:.0f}",
        open=len(offered),
        open_gw=f"{sum(one.campus.facility_mw for one in offered) / 1000:.0f}",
        tables="\n".join(f'{name} = "shipped:us_campuses/{name}.csv"' for name in tables),
    )
    by_state: dict[str, list[str]] = {}
    for one in offered:
        by_state.setdefault(one.campus.state, []).append(one.campus.key)
    names = by_key("states.csv", "state")
    for state, keys in sorted(by_state.items(), key=lambda item: names[item[0]]["name"]):
        if len(keys) > 1:
            listed = "\n".join(f'  "{key}",' for key in keys)
            text += STATE.format(name=names[state]["name"], sites=listed)
    return text
