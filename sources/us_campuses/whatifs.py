"""The what-if file of the case: questions about status, states, sellers, demand and rules."""

from collections.abc import Iterable

from sources.us_campuses.places import Place

HEAD = """# Made by `python -m sources.us_campuses`: change sources/us_campuses and make it anew, not this file.
format = 1
case = "us_campuses"
title = "What an analyst asks of the country's campuses"
"""

PLAIN = """
[[whatif]]
name = "no-redundancy"
title = "Nothing is asked of the plan after a loss: the difference is what the rules cost"
source = "modelling assumption"
grade = "D"
changes = [{ op = "relax", model = "families.redundancy" }]

[[whatif]]
name = "grid-half"
title = "Utilities connect half as much a year for this buyer"
source = "modelling assumption"
grade = "D"
changes = [{ op = "scale", table = "power_regions", column = "added_facility_mw_per_year", factor = 0.5 }]

[[whatif]]
name = "without-aws"
title = "Amazon Web Services sells nothing"
source = "modelling assumption"
grade = "D"
changes = [{ op = "drop", table = "providers", key = "aws" }]

[[whatif]]
name = "oracle-at-azure-rent"
title = "Oracle's Stargate campuses at the rent of Azure"
source = "HSBC, November 2025: the rent of Azure"
grade = "D"
changes = [
  { op = "set", table = "offers", where = { provider = "oracle", chips = "VR200" }, column = "{rent}", value = 12 },
  { op = "set", table = "offers", where = { provider = "oracle", chips = "VR300" }, column = "{rent}", value = 13.8 },
]

[[whatif]]
name = "shells-expensive"
title = "Powered shells at the high end of their rent"
source = "modelling assumption"
grade = "D"
changes = [{ op = "set", table = "offers", where = { tenure = "shell" }, column = "{rent}", to = "high" }]

[[whatif]]
name = "demand-high"
title = "Demand at its high end"
source = "modelling assumption"
grade = "D"
changes = [{ op = "set", table = "demand", column = "compute", to = "high" }]

[[whatif]]
name = "demand-low"
title = "Demand at its low end"
source = "modelling assumption"
grade = "D"
changes = [{ op = "set", table = "demand", column = "compute", to = "low" }]
"""

OF_CAMPUSES = """
[[whatif]]
name = "{name}"
title = "{title}"
source = "modelling assumption"
grade = "D"
changes = [
  {{ op = "{op}", table = "sites", {more}, key = [
{keys}
  ] }},
]
"""
CLOSE = 'column = "available", value = "no"'


def whatifs(places: Iterable[Place]) -> str:
    """Return the what-if file."""
    offered = [one.campus for one in places if one.offered]
    proposed = [campus.key for campus in offered if campus.status == "proposed"]
    unbuilt = [campus.key for campus in offered if campus.status in ("proposed", "permitted")]
    late = [campus.key for campus in offered if campus.status == "under_construction"]
    texas = [campus.key for campus in offered if campus.state == "TX"]
    return (
        HEAD
        + _of_campuses("no-proposals", "Nothing is built that is only proposed today", "set", CLOSE, proposed)
        + _of_campuses("works-only", "Nothing is built but what runs or is under construction", "set", CLOSE, unbuilt)
        + _of_campuses(
            "proposals-later", "What is only proposed comes two years later", "shift", "months = 24", proposed
        )
        + _of_campuses("works-late", "Every campus under construction comes a year later", "shift", "months = 12", late)
        + _of_campuses("without-texas", "No campus in Texas", "set", CLOSE, texas)
        + PLAIN.replace("{rent}", "rent_musd_per_mw_year")
    )


def _of_campuses(name: str, title: str, op: str, more: str, keys: Iterable[str]) -> str:
    listed = "\n".join(f'    "{key}",' for key in keys)
    return OF_CAMPUSES.format(name=name, title=title, op=op, more=more, keys=listed)
