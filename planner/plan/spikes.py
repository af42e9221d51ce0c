"""Head-room that is short falls on the demand of which a rule asks more than it needs, as far as capacity allows.

Rules with domain ``none`` ask for installed compute beyond demand. Where it lacks, the tier counts the sum alone: which
market and workload lacks it is often indifferent, and those that are served in full before any spike come last.
"""

from planner.case.fields import Workload
from planner.inputs import Inputs
from planner.plan.protection import effective, installed_by_unit
from planner.program.columns import UNSERVED
from planner.program.shortfalls import SHORT
from planner.redundancy.network import Network
from planner.redundancy.separate import violated_cuts
from planner.symbols import Values

Place = tuple[int, int]
"""Rule and period."""
Key = tuple[int, str, Workload, int]
"""Key of a shortfall: rule, market, workload, period."""


def spikes_first(inputs: Inputs, values: Values, network: Network | None) -> Values:
    """The same values, with what is short of head-room on shares above one first; the sum of a period stays.

    Parameters
    ----------
    inputs : Inputs
    values : Values
        As `balance.balanced` gives them.
    network : Network or None
        With all critical demand.
    """
    given: dict[Key, float] = dict(values[SHORT].items())
    moved = {} if network is None else _moved(inputs, values, given)
    if network is None or not moved:
        return values
    exponent = inputs.units.compute
    installed = installed_by_unit(inputs, values, network)
    while moved:
        short = given | {key: amount for part in moved.values() for key, amount in part.items()}
        changed = values.replaced({SHORT: short})
        cuts = violated_cuts(effective(inputs, changed, network).times_ten_to(-exponent), installed)
        refused = {(cut.rule, cut.period) for cut in cuts} & moved.keys()
        if not refused:
            return changed
        moved = {place: part for place, part in moved.items() if place not in refused}
    return values


def _moved(inputs: Inputs, values: Values, given: dict[Key, float]) -> dict[Place, dict[Key, float]]:
    """What would be short by rule and period, where that differs from what is given."""
    found: dict[Place, dict[Key, float]] = {}
    for r, rule in enumerate(inputs.redundancy_rules):
        for t in inputs.periods if rule.domain == "none" else ():
            own = {key: amount for key, amount in given.items() if (key[0], key[3]) == (r, t)}
            share = {key: rule.critical_share_of(key[1], key[2]) for key in own}
            changed = dict(own)
            for source in (key for key in own if share[key] <= 1.0 and own[key] > 0.0):
                for target in (key for key in own if share[key] > 1.0):
                    served = inputs.demand_compute[target[1], target[2]][t] - values[UNSERVED][target[1], target[2], t]
                    more = min(changed[source], share[target] * served - changed[target])
                    if more > 0.0:
                        changed[source] -= more
                        changed[target] += more
            if changed != own:
                found[r, t] = changed
    return found
