"""The audit of a policy over several decision dates, from the plans of its futures alone (docs/uncertainty.md).

Written from the page: it knows nothing of the programs, of how orders are delivered, or of what the search has tried.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.case.messages import listed
from planner.errors import AuditError
from planner.inputs.contracts import MW_PER_GW
from planner.plan.plan import PlanData
from planner.uncertainty.first_stage import CHIPS, CONTRACT, ONSITE, FirstStageOrders
from planner.uncertainty.policy import FutureGroup, Policy, groups_of, last_group, plans_of, root_of

TOLERANCE = 1e-6
"""Blocks, IT GW or facility GW that are nothing."""
Thing = tuple[str, str, str, str]
"""Kind, key, role, and the chip where chips are bought."""
ByPeriod = Mapping[int, float]


def audited(policy: Policy) -> None:
    """Audit a policy.

    Raises
    ------
    AuditError
        With everything that is not as it must be.
    """
    faults = list(faults_of(policy))
    if faults:
        raise AuditError(f"the policy is not as the page of plans under uncertainty says: {listed(faults)}")


def faults_of(policy: Policy) -> Iterator[str]:
    """Yield what is not as it must be, in words.

    On every date each future is in one group, within its group of the date before; a group orders what that one ordered
    wherever it could; and the plan of every future passed its audit and starts what was ordered in its groups: no
    sooner and no more of it, and all of it in its period unless the plan says that it came late or lapsed.
    """
    whole = True
    for groups in groups_of(policy):
        held = sorted(s for one in groups for s in one.places)
        if held != sorted(root_of(policy).places):
            whole = False
            yield f"not every future is in one group on {groups[0].day.isoformat()}"
        for one in groups:
            yield from _against_parent(one)
    if not whole:  # of some future there is no last group to hold its plan to
        return
    for s, (names, plan) in enumerate(zip(policy.futures, plans_of(policy), strict=True)):
        if not plan.summary["audit"]["passed"]:
            yield f"{names[0]}: its plan did not pass its audit"
        for fault in _of_plan(plan, last_group(policy, s)):
            yield f"{names[0]}: {fault}"


def _against_parent(one: FutureGroup) -> Iterator[str]:
    parent = one.parent
    if parent is None or not set(one.places) <= set(parent.places):
        yield f"{one.name} is not within a group of the date before"
        return
    mine = dict(zip(one.stage.orders, one.orders, strict=True))
    for order, amount in zip(parent.stage.orders, parent.orders, strict=True):
        if abs(float(mine.get(order, float("nan"))) - float(amount)) > TOLERANCE or order not in mine:
            yield f"{one.name} alters what was ordered of {order.what} by {parent.day.isoformat()}"


def _of_plan(plan: PlanData, group: FutureGroup) -> Iterator[str]:
    """What a plan starts against what was ordered in its last group, and by the dates before."""
    stage = group.stage
    ordered: dict[Thing, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for order, amount in zip(stage.orders, group.orders, strict=True):
        if order.kind in (CONTRACT, CHIPS, ONSITE):
            chip = order.chip if order.kind == CHIPS else ""
            ordered[order.kind, order.what, order.role, chip][order.period] += float(amount)
    lapsed: dict[Thing, float] = defaultdict(float)
    moved: set[Thing] = set()
    for said in plan.summary["recourse"]["orders"]:
        order = group.solved_by.orders[said["order"]]
        thing = order.kind, order.what, order.role, order.chip if order.kind == CHIPS else ""
        moved.add(thing)
        lapsed[thing] += float(said["lapsed"])
    started = _started(plan)
    for thing in {**ordered, **started}:
        dates = _Dates.of(stage, plan, thing[0], thing[1])
        yield from _of_thing(thing[1], ordered[thing], started.get(thing, {}), dates,
                             lapsed[thing] if thing in moved else None)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Dates:
    """When what starts in a period had to be signed, in years after the start of the horizon.

    Attributes
    ----------
    labels, starts : sequence
        Of the periods.
    day : float
        The decision date.
    lead_years, ordered_years : float or None
        Lead times of the future, and of the case, which dates the orders; None of chips bought, which have none.
    """

    labels: Sequence[str]
    starts: Sequence[float]
    day: float
    lead_years: float | None
    ordered_years: float

    @classmethod
    def of(cls, stage: FirstStageOrders, plan: PlanData, kind: str, what: str) -> "_Dates":
        calendar = stage.inputs.calendar
        table, column = ("offers", "offer") if kind == CONTRACT else ("power_options", "power_option")
        mine, ordered = (
            next((row.lead_months / 12 for row in case.tables[table] if getattr(row, column) == what), 0.0)  # type: ignore[attr-defined]
            for case in (plan.case, stage.inputs.case)
        )
        day = calendar.after_start_years(stage.day)
        return cls(calendar.labels, calendar.start_years, day, None if kind == CHIPS else mine, ordered)

    def is_decided(self, t: int) -> bool:
        """Whether what starts in a period had to be signed by the date, by the lead time of the future."""
        if self.lead_years is None:
            return self.starts[t] < self.day - 1e-9
        return self.starts[t] - self.lead_years <= self.day + 1e-9

    def may_be_there(self, ordered: int, t: int) -> bool:
        """Whether the lead time of the future has passed by a period since an order for another one was signed."""
        if ordered > t or self.lead_years is None:
            return ordered <= t
        return self.starts[t] - self.lead_years >= self.starts[ordered] - self.ordered_years - 1e-9


def _of_thing(what: str, ordered: ByPeriod, started: ByPeriod, dates: _Dates, lapsed: float | None) -> Iterator[str]:
    """What starts of one thing against what was ordered of it; ``lapsed`` is None where all of it came on time."""
    found = 0.0
    for t, label in enumerate(dates.labels):
        mine, there = ordered.get(t, 0.0), started.get(t, 0.0)
        if lapsed is None and (there < mine - TOLERANCE or (dates.is_decided(t) and there > mine + TOLERANCE)):
            yield f"{there:g} of {what} start in {label}, ordered were {mine:g}"
        if dates.is_decided(t):
            found += there
            asked = sum(amount for u, amount in ordered.items() if dates.may_be_there(u, t))
            if found > asked + TOLERANCE:
                yield f"more of {what} has started by {label} than was ordered: {found:g} of {asked:g}"
    if sum(started.values()) < sum(ordered.values()) - (lapsed or 0.0) - TOLERANCE:
        yield f"of {what} less has started than was ordered and has not lapsed"


def _started(plan: PlanData) -> dict[Thing, dict[int, float]]:
    """Blocks, facility GW and IT GW of chips bought that start in a plan, by period."""
    at = plan.periods.index
    tenure = {row.offer: row.tenure for row in plan.case.tables["offers"]}  # type: ignore[attr-defined]
    found: dict[Thing, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for row in plan.rows("contracts"):
        if row["origin"] == "decided":
            key = CONTRACT, str(row["offer"]), str(row["role"]), ""
            found[key][at(row["start_period"])] += float(row["blocks"])
    for row in plan.rows("power_built"):
        key = ONSITE, str(row["power_option"]), "", ""
        found[key][at(row["period"])] += float(row["facility_mw"]) / MW_PER_GW
    for row in plan.rows("installs"):
        if tenure.get(str(row["offer"])) not in (None, "cloud"):
            key = CHIPS, str(row["offer"]), str(row["role"]), str(row["chip"])
            found[key][at(row["period"])] += float(row["added_it_mw"] or 0.0) / MW_PER_GW
    return found
