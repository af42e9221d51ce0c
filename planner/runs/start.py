"""Where a run starts from: the integer variables of a plan, taken from its tables."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from planner.errors import OptionError, PlanError
from planner.inputs import make_inputs
from planner.inputs.periods import Periods
from planner.plan.plan import PlanData
from planner.program.columns import (
    ASSIGNED,
    AT_HIGHEST,
    BLOCKS,
    DECLINED,
    DEVELOPMENT_ON,
    HOSTED,
    LEASE_BLOCKS,
    OFFER_USED,
    REFRESH_BLOCKS,
    SIGNING_ON,
    SITE_OPEN,
)
from planner.symbols import Values, Variable

Start = PlanData | Values | Mapping[tuple[str, object], float]
"""A MIP start: a plan, the values of variables, or a mapping as version 0.1 took it."""
RENAMED: dict[Variable[Any], Variable[Any]] = {Variable("programme_on"): DEVELOPMENT_ON}
"""Variables of version 0.1 that have another name now."""


def start_of(start: Any) -> Values | None:
    """Return the values of a MIP start, however it is given.

    Parameters
    ----------
    start : Start or None
        A mapping is one of version 0.1, from (name in the Pyomo model, key) to value.

    Raises
    ------
    OptionError
        If it is none of these.
    PlanError
        If the tables of a plan do not fit its case.

    Examples
    --------
    >>> start_of(Values({SITE_OPEN: {("iowa", 0): 1.0}}))
    Values(site_open: 1)
    """
    if start is None or isinstance(start, Values):
        return start
    if isinstance(start, PlanData):
        return start_values(start)
    named = isinstance(start, Mapping) and all(
        isinstance(key, tuple) and len(key) == 2 and isinstance(key[0], str) for key in start
    )
    if not named:
        raise OptionError(f"start {type(start).__name__}: must be a Plan, or planner.Values of variables")
    message = "a mapping as start=... is now planner.Values, or the plan itself; it is removed in version 0.3"
    warnings.warn(message, DeprecationWarning, stacklevel=3)
    values: dict[Variable[Any], dict[Any, float]] = {}
    for (name, key), value in start.items():
        variable = Variable.called(name)
        values.setdefault(RENAMED.get(variable, variable), {})[key] = float(value)
    return Values(values)


def start_values(plan: PlanData) -> Values:
    """Return the values of the integer variables of a plan.

    The integer variables are what matters: the pipeline fixes them and completes the rest. Variables not named are
    zero. Families of the case's own give theirs (``Family.start``).

    Raises
    ------
    PlanError
        If the tables of the plan do not fit its case.
    """
    try:
        return _start_values(plan)
    except (KeyError, ValueError) as error:
        raise PlanError(f"the tables of the plan do not fit its case ({error})") from None


def _start_values(plan: PlanData) -> Values:
    inputs = make_inputs(plan.case)
    last, at = inputs.calendar.count, Periods(inputs.calendar).index
    opened = {str(row["site"]): at(row["period"]) for row in plan.rows("openings") if row["origin"] == "decided"}
    developed = {str(row["chip"]): at(row["period"]) for row in plan.rows("developments")}
    blocks: dict[tuple[str, str, int, int], float] = {}
    leases: dict[tuple[str, str, int, int, str], float] = {}
    for row in plan.rows("contracts"):
        if row["origin"] == "decided":
            key = str(row["offer"]), str(row["role"]), at(row["start_period"]), at(row["end_period"])
            blocks[key] = blocks.get(key, 0.0) + float(row["blocks"])
            if row.get("chip"):
                leases[(*key, str(row["chip"]))] = float(row["blocks"])
    values: dict[Variable[Any], Mapping[Any, float]] = {REFRESH_BLOCKS: _refreshes(plan, at)}
    first_use: dict[str, int] = {}
    for o, _, start, _ in blocks:
        first_use[o] = min(start, first_use.get(o, start))
    assigned = [
        (str(row["site"]), str(row["market"]), at(row["period"]))
        for row in plan.rows("served")
        if str(row["market"]) in inputs.single_source and float(row["compute"]) > 0.0
    ]
    declined = [str(row["programme"]) for row in plan.rows("programme_path") if row["undertaken"] == "no"]
    hosted = [(str(row["rule"]), str(row["site"]), at(row["period"])) for row in plan.rows("clusters")]
    values |= {
        BLOCKS: blocks,
        LEASE_BLOCKS: leases,
        OFFER_USED: _from(first_use, last),
        SIGNING_ON: {(o, start): 1.0 for o, _, start, _ in blocks},
        SITE_OPEN: _from(opened, last),
        DEVELOPMENT_ON: _from(developed, last),
        ASSIGNED: dict.fromkeys(assigned, 1.0),
        DECLINED: dict.fromkeys(declined, 1.0),
        HOSTED: dict.fromkeys(hosted, 1.0),
        AT_HIGHEST: _rising(plan, at),
    }
    for family in plan.case.families:
        if family.start is not None:
            values |= family.start(inputs, plan.tables)
    return Values(values)


def _refreshes(plan: PlanData, at: Callable[[object], int]) -> dict[tuple[str, str, int, int, str, int, str], float]:
    """Blocks of leases whose chip is replaced."""
    leases = {row["contract"]: row for row in plan.rows("contracts")}
    found = {}
    for row in plan.rows("refreshes"):
        start, end = (at(leases[row["contract"]][column]) for column in ("start_period", "end_period"))
        chips = str(row["replaced_chip"]), at(row["period"]), str(row["chip"])
        found[str(row["offer"]), str(row["role"]), start, end, *chips] = float(row["blocks"])
    return found


def _rising(plan: PlanData, at: Callable[[object], int]) -> dict[tuple[str, int], float]:
    """Yes where a vendor's money may be drawn for more in service than ever before."""
    found, before = {}, dict.fromkeys((str(row["financing"]) for row in plan.rows("financing")), 0.0)
    for row in plan.rows("financing"):
        source, most = str(row["financing"]), float(row["most_busd"])
        if row["kind"] == "vendor" and most > before[source]:
            found[source, at(row["period"])] = 1.0
        before[source] = most
    return found


def _from(first: dict[str, int], last: int) -> dict[tuple[str, int], float]:
    """Yes in every period from the first on."""
    return {(key, t): 1.0 for key, begin in first.items() for t in range(begin, last)}
