"""Draw scenarios from the ranges, the risks and the slips of a case (docs/scenarios.md says how)."""

from typing import Any

from planner.api import AnyCase, Case
from planner.case.case import CaseData
from planner.changes.apply import make_whatif
from planner.errors import CaseError, OptionError, Problem
from planner.uncertainty.effects import Effects
from planner.uncertainty.events import events
from planner.uncertainty.factors import Streams
from planner.uncertainty.ranges import RangeRule, common_factor, date_changes, dated_sites, ranged_changes
from planner.uncertainty.sampling import checked
from planner.uncertainty.scenario import Scenario, ScenarioSet


def draw_scenarios(
    case: AnyCase,
    number: int,
    *,
    seed: int = 0,
    ranges: bool = True,
    inside_range: float = 0.8,
    common_share: float = 0.5,
) -> ScenarioSet:
    """Draw equally probable scenarios from the ranges (``X_low``, ``X_high``), the risks and the slips of a case.

    The same case, number and seed give the same scenarios on every machine; a larger number begins with the same ones.

    Parameters
    ----------
    case : Case, CaseData, str or Path
    number : int
        How many, 1 to 10,000.
    seed : int
        Of the draw, 0 or more.
    ranges : bool
        Whether figures that state a range are drawn; without, the risks alone are.
    inside_range : float
        Probability that such a figure lies inside its range, above 0 and below 1.
    common_share : float
        Correlation of figures of one column that have different owners (demand of two markets), 0 to 1.

    Raises
    ------
    CaseError
        If the case is faulty, or has nothing to draw from.
    OptionError
        If an option is out of its bounds.

    Examples
    --------
    >>> drawn = draw_scenarios("stargate", 3, seed=1)
    >>> drawn[0].name, round(drawn[0].probability, 4), drawn[0].changes[0].value
    ('s0001', 0.3333, '25.0937')
    """
    checked(number, seed)
    rule = _rule(inside_range, common_share)
    base, streams = Case.of(case), Streams(seed, number)
    found = _drawn(base, streams, rule if ranges else None)
    made = f"drawn from {base.model.name}, hash {base.hash[:8]}: "
    made += f"{rule.inside:g} inside ranges, {rule.common:g} in common" if ranges else "without ranges"
    names = [f"s{index + 1:04d}" for index in range(number)]
    scenarios = (
        Scenario(name, 1.0 / number, make_whatif(changes, name).changes)
        for name, changes in zip(names, found, strict=True)
    )
    return ScenarioSet(tuple(scenarios), made, seed)


def _drawn(case: CaseData, streams: Streams, rule: RangeRule | None) -> list[list[Any]]:
    """Return the changes of each scenario; no rule: without ranges."""
    found: list[list[Any]] = (
        [[] for _ in range(streams.number)] if rule is None else ranged_changes(case, streams, rule)
    )
    effects = [Effects(case) for _ in found]
    happening = list(events(case, streams))
    for event in happening:
        for effect, impact in zip(effects, event.impacts, strict=True):
            if impact > 0.0:
                effect.add(event.risk, event.targets, impact)
    delayed = {target for event in happening if event.risk.kind == "site_late" for target in event.targets}
    dates = [] if rule is None else _dates(case, streams, rule, delayed)
    if not (happening or dates or any(found)):
        message = "has nothing to draw from: no figure with a range (X_low, X_high), and no risk that would change it"
        raise CaseError(case.origin, [Problem(case.origin, message)])
    for index, changes in enumerate(found):
        changes += effects[index].changes()
        changes += [change for drawn in dates for change in drawn[index]]
    return found


def _rule(inside_range: float, common_share: float) -> RangeRule:
    given = {"inside_range": inside_range, "common_share": common_share}
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value <= 1.0:
            raise OptionError(f"{name}: must be a number between 0 and 1, not {value!r}")
    if inside_range in (0.0, 1.0):
        raise OptionError(f"inside_range: must be above 0 and below 1, not {inside_range!r}")
    return RangeRule(inside_range, common_share)


def _dates(case: CaseData, streams: Streams, rule: RangeRule, delayed: set[str]) -> list[list[list[dict[str, Any]]]]:
    """Return, by site and scenario, the shifts of steps that state a range of dates, where no risk delays the site."""
    found = []
    for site, rows in dated_sites(case).items():
        if site not in delayed:
            zs = streams.mixed(f"range|energisation.date|{site}", [common_factor("energisation.date", rule)])
            found.append([list(date_changes(rows, z, rule.z_of_ends)) for z in zs])
    return found
