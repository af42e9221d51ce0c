"""Draw scenarios from the ranges, the risks and the slips of a case (docs/uncertainty.md says how)."""

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
    >>> drawn[0].name, round(drawn[0].probability, 4), drawn.scenarios == draw_scenarios("stargate", 4, seed=1)[:3]
    ('s0001', 0.3333, False)
    """
    checked(number, seed)
    rule = _rule(inside_range, common_share)
    base, streams = Case.of(case), Streams(seed, number)
    found: list[list[Any]] = ranged_changes(base, streams, rule) if ranges else [[] for _ in range(number)]
    effects = [Effects(base) for _ in range(number)]
    delayed: set[str] = set()
    happening = False
    for event in events(base, streams):
        happening = True
        if event.risk.kind == "site_late":
            delayed |= set(event.targets)
        for effect, impact in zip(effects, event.impacts, strict=True):
            if impact > 0.0:
                effect.add(event.risk, event.targets, impact)
    dates = _dates(base, streams, rule, delayed) if ranges else []
    if not (happening or dates or any(found)):
        message = (
            "has nothing to draw from: no figure with a range (X_low, X_high), and no risk that would change anything"
        )
        raise CaseError(base.origin, [Problem(base.origin, message)])
    for index, changes in enumerate(found):
        changes += effects[index].changes()
        changes += [change for drawn in dates for change in drawn[index]]
    probability = 1.0 / number
    scenarios = [
        Scenario(name, probability, make_whatif(changes, name).changes)
        for name, changes in ((f"s{index + 1:04d}", changes) for index, changes in enumerate(found))
    ]
    return ScenarioSet(tuple(scenarios), _made(base, rule, ranges=ranges), seed)


def _rule(inside_range: float, common_share: float) -> RangeRule:
    if not 0.0 < inside_range < 1.0:
        raise OptionError(f"inside_range: must be above 0 and below 1, not {inside_range!r}")
    if not 0.0 <= common_share <= 1.0:
        raise OptionError(f"common_share: must be between 0 and 1, not {common_share!r}")
    return RangeRule(inside_range, common_share)


def _dates(case: CaseData, streams: Streams, rule: RangeRule, delayed: set[str]) -> list[list[list[dict[str, Any]]]]:
    """Return, by site and scenario, the shifts of steps that state a range of dates, where no risk delays the site."""
    found = []
    for site, rows in dated_sites(case).items():
        if site not in delayed:
            zs = streams.mixed(f"range|energisation.date|{site}", [common_factor("energisation.date", rule)])
            found.append([list(date_changes(rows, z, rule.z_of_ends)) for z in zs])
    return found


def _made(case: CaseData, rule: RangeRule, *, ranges: bool) -> str:
    what = f"{rule.inside:g} inside ranges, {rule.common:g} in common" if ranges else "without ranges"
    return f"drawn from {case.model.name}, hash {case.hash[:8]}: {what}"
