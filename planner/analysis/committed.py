"""What of a plan is committed on a day: contracts ordered, chips installed and on-site power ordered before it."""

from dataclasses import dataclass
from datetime import date

from planner.analysis.stability import Fixed, contract_blocks
from planner.inputs import Inputs
from planner.inputs.calendar import EPSILON_YEARS
from planner.inputs.contracts import MW_PER_GW
from planner.plan.figures import text
from planner.plan.plan import PlanData


@dataclass(frozen=True, slots=True)
class Committed:
    """What must be kept, and what cannot be kept because the changed case does not have it any more.

    Attributes
    ----------
    fixed : Fixed
    contracts : int
        Committed contracts that are fixed.
    impossible : tuple of str
        Commitments the changed case has no room for, in words.
    """

    fixed: Fixed
    contracts: int
    impossible: tuple[str, ...]


def committed(plan: PlanData, inputs: Inputs, until: date) -> Committed:
    """Find what is committed before a day.

    A contract is committed when its order, its lead time before its start, falls before the day; so is on-site power.
    Chips are committed in periods that start before the day. What could have been decided before the day and was not
    can no longer be: it is fixed at zero. Ends of committed contracts after the day (leaving early, renewal) stay
    free.

    Parameters
    ----------
    plan : Plan
        The plan as it was.
    inputs : Inputs
        Of the changed case.
    until : date
    """
    day = inputs.calendar.after_start_years(until) - EPSILON_YEARS
    impossible: list[str] = []
    blocks, kept = _contracts(plan, inputs, day, impossible)
    fixed = Fixed(blocks, _installs(plan, inputs, day, impossible), _onsite(plan, inputs, day, impossible))
    return Committed(fixed, kept, tuple(impossible))


def _contracts(
    plan: PlanData, inputs: Inputs, day: float, impossible: list[str]
) -> tuple[dict[tuple[str, str, int, tuple[int, ...]], int], int]:
    start_years = inputs.calendar.start_years
    decided = contract_blocks(plan, inputs)
    known = {choice.key for of_offer in inputs.choices.values() for choice in of_offer}
    lead_of = {o: offer.lead_months / 12 for o, offer in inputs.offers.items()}
    before = {row.offer: row.lead_months / 12 for row in plan.case.tables["offers"]}  # type: ignore[attr-defined]

    def ordered(o: str, start: int) -> bool:
        """Whether a start is too early to be decided now; by the lead time at which it was ordered."""
        return bool(start_years[start] - before.get(o, lead_of.get(o, 0.0)) < day)

    ends_of: dict[tuple[str, str, int], list[int]] = {}
    for o, role, start, end in known:
        ends_of.setdefault((o, role, start), []).append(end)
    blocks: dict[tuple[str, str, int, tuple[int, ...]], int] = {}
    for (o, role, start), ends in sorted(ends_of.items()):
        if not ordered(o, start):
            continue
        past = [end for end in sorted(ends) if start_years[end] < day]
        for group in (*((end,) for end in past), tuple(end for end in sorted(ends) if end not in past)):
            if group:
                blocks[o, role, start, group] = sum(decided.get((o, role, start, end), 0) for end in group)
    for (o, role, start, end), count in sorted(decided.items()):
        if ordered(o, start) and (o, role, start, end) not in known:
            label = inputs.calendar.labels[start]
            impossible.append(f"contract {o}/{role}/{label} ({count} blocks): the changed case does not allow it")
            if (o, role, start) in ends_of:
                blocks = {key: value for key, value in blocks.items() if key[:3] != (o, role, start)}
    kept = sum(1 for count in blocks.values() if count)
    return blocks, kept


def _installs(
    plan: PlanData, inputs: Inputs, day: float, impossible: list[str]
) -> dict[tuple[str, str, str, int], float]:
    labels = {label: t for t, label in enumerate(inputs.calendar.labels)}
    periods = plan.periods
    known = set(inputs.installs)
    fixed = {key: 0.0 for key in inputs.installs if inputs.calendar.start_years[key[3]] < day}
    for row in plan.rows("installs"):
        t = labels.get(periods.label(row["period"]))
        added_gw = float(row["added_it_mw"]) / MW_PER_GW
        if t is None or not added_gw or inputs.calendar.start_years[t] >= day:
            continue
        key = text(row["offer"]), text(row["role"]), text(row["chip"]), t
        if key in known:
            fixed[key] = added_gw
        else:
            impossible.append(
                f"{row['added_it_mw']:g} IT MW of {key[2]} installed at {key[0]} in {periods.label(row['period'])}: "
                "the changed case does not allow it"
            )
    return fixed  # type: ignore[return-value]


def _onsite(plan: PlanData, inputs: Inputs, day: float, impossible: list[str]) -> dict[tuple[str, int], float]:
    labels = {label: t for t, label in enumerate(inputs.calendar.labels)}
    periods = plan.periods
    lead = {row.power_option: row.lead_months / 12 for row in plan.case.tables["power_options"]}  # type: ignore[attr-defined]

    def ordered(g: str, t: int) -> bool:
        return bool(inputs.calendar.start_years[t] - lead.get(g, 0.0) < day)

    fixed = {(g, t): 0.0 for g, t in inputs.onsite_builds if ordered(g, t)}
    for row in plan.rows("power_built"):
        g, t = text(row["power_option"]), labels.get(periods.label(row["period"]))
        if t is None or not ordered(g, t):
            continue
        if (g, t) in fixed:
            fixed[g, t] = float(row["facility_mw"]) / MW_PER_GW
        else:
            impossible.append(
                f"on-site power {g} from {periods.label(row['period'])}: the changed case does not allow it"
            )
    return fixed
