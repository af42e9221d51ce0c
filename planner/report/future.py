"""The plan of a future: what is proven of it is so with the orders that it took over, and what is missing at a price.

Its summary says both (`recourse`): status, bound and gap beside it are of the plan as one of its case alone, of which
nothing is proven where its orders were fixed.
"""

from collections.abc import Mapping
from typing import Any

from planner.report.grid import number


def of_future(summary: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return how a plan was solved as one of a future, if it was; a summary may come from anywhere."""
    found = summary.get("recourse")
    if not isinstance(found, Mapping) or not isinstance(found.get("status"), str):
        return None
    return found if number(found.get("cost_busd")) is not None else None


def solved_with(found: Mapping[str, Any]) -> str:
    """Return what its program had besides the case, in words.

    Examples
    --------
    >>> solved_with({"orders_fixed": True, "missing_busd": 1.0})
    'its orders fixed, and what is missing at its price'
    """
    parts = ["its orders fixed"] if found.get("orders_fixed") is True else []
    parts += ["what is missing at its price"] if number(found.get("missing_busd")) else []
    return ", and ".join(parts)


def proven_text(found: Mapping[str, Any]) -> str:
    """Return what is proven of the cost of a future, with what is missing at its price.

    Examples
    --------
    >>> proven_text({"cost_busd": 5.0, "bound_busd": 4.5, "missing_busd": 1.0, "orders_fixed": True})
    '$5.000B with $1.000B for what is missing; with its orders fixed proven at least $4.500B'
    >>> proven_text({"cost_busd": 5.0, "bound_busd": None, "missing_busd": 0.0, "orders_fixed": True})
    'with its orders fixed no bound on it is proven'
    """
    missing, bound = number(found.get("missing_busd")) or 0.0, number(found.get("bound_busd"))
    both = f"${number(found.get('cost_busd')) or 0.0:,.3f}B with ${missing:,.3f}B for what is missing; "
    orders = "with its orders fixed " if found.get("orders_fixed") is True else ""
    proven = "no bound on it is proven" if bound is None else f"proven at least ${bound:,.3f}B"
    return f"{both if missing else ''}{orders}{proven}"


def proven_gap(found: Mapping[str, Any]) -> float | None:
    """Return the gap of the program as solved, relative to the cost with what is missing; None where none is known."""
    return number(found.get("gap"))
