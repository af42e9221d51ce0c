"""Levers of money, demand, power and supply; and of the rules that protect demand."""

from collections.abc import Iterator
from typing import Any

from planner.case.rows import BudgetRow, ChipRow, ChipSupplyRow, DemandRow, EnergisationRow
from planner.changes.modelpath import member_path
from planner.explain.conflict_dates import earlier
from planner.explain.conflict_lever import (
    MOST_LEVERS,
    NEARLY_ALL,
    Changes,
    Lever,
    add_to,
    add_to_model,
    dated,
    from_year,
    main_year,
    of_year,
    scaling,
    short_unit,
    those,
    tidy,
)
from planner.explain.conflict_limits import Limit
from planner.explain.conflict_question import Question

MOST_MARKETS = 4
"""Demands in conflict that have levers of their own; of more, all are lowered together."""


def of_cash(question: Question, limit: Limit, _members: list[str]) -> Iterator[Lever]:
    """Allow more cash in the year of the limit, or in every year."""
    inputs, budget = question.world.inputs, question.case.model.families.budget
    assert budget is not None  # there is such a limit
    assert limit.period is not None
    column = "cash_limit_busd" if budget.basis == "cash_limit" else "cash_burn_busd"
    rows = question.case.by_key(BudgetRow)
    year, _ = main_year(inputs, limit.period)
    reached = frozenset(one for one in dated(question, "cash") if main_year(inputs, one.period or 0)[0] == year)
    if budget.carry_over:
        reached = frozenset(one for one in dated(question, "cash") if (one.period or 0) >= limit.period)
    label = f"cash {of_year(inputs, year)}"
    old = getattr(rows[year], column)
    yield Lever(reached, label, "$B", add_to("budget", str(year), column, old), scale=max(1.0, abs(old or 0.0)))

    def every(amount: float) -> Changes:
        return [
            change for row in rows.values()
            for change in add_to("budget", str(row.year), column, getattr(row, column))(amount)
        ]  # fmt: skip

    if len(dated(question, "cash")) > 1:
        yield Lever(dated(question, "cash"), "cash of every year", "$B a year", every)


def of_envelope(question: Question, limit: Limit, _members: list[str]) -> Iterator[Lever]:
    """Widen an envelope."""
    name = f"{limit.subject}_envelope_busd"
    old = getattr(question.case.model.families.budget, name)
    label = f"the envelope of {limit.subject} capacity"
    yield Lever(frozenset({limit}), label, "$B", add_to_model(f"families.budget.{name}", old))


def of_demand(question: Question, limit: Limit, members: list[str]) -> Iterator[Lever]:
    """Ask for less to be served in the year of the limit: of all markets and workloads, and of each in conflict."""
    assert limit.period is not None
    inputs, rows = question.world.inputs, question.case.by_key(DemandRow)
    year, _ = main_year(inputs, limit.period)
    keys: list[Any] = [key for key in rows if key[2] == year]  # type: ignore[index]
    asked = frozenset(one for one in dated(question, "demand") if main_year(inputs, one.period or 0)[0] == year)
    unit = short_unit(question.case)

    def lever(some: list[Any], label: str) -> Lever:
        total = sum(rows[key].compute for key in some)

        def make(amount: float) -> Changes:
            left = max(0.0, 1.0 - amount / total)
            return [
                change for key in some
                for change in add_to("demand", ",".join(map(str, key)), "compute", rows[key].compute, -1.0)(
                    rows[key].compute * (1.0 - left))
            ]  # fmt: skip

        reached = asked | _clusters_of(question, {(key[0], key[1]) for key in some})
        return Lever(reached, label, unit, make, most=total, scale=total, by="lower by")

    live = [key for key in keys if rows[key].compute > 0.0]
    if len(live) > 1:
        yield lever(live, f"demand {of_year(inputs, year)}")
    every = [key for key, row in rows.items() if row.compute > 0.0]
    if not question.small and len({key[2] for key in every}) > 1:  # type: ignore[index]
        yield _demand_of_every_year(question, every)
    single = [key for key in live if f"{key[0]},{key[1]}" in members]
    for key in single if len(single) <= MOST_MARKETS else ():
        yield lever([key], f"demand {of_year(inputs, year)} ({key[0]} {key[1]})")


def _clusters_of(question: Question, served: set[tuple[str, str]]) -> frozenset[Limit]:
    """Return the clusters of some markets and workloads: none is asked to be larger than the demand it serves."""
    family = question.case.model.families.contiguity
    rules = family.rules if family else ()
    found = frozenset(Limit("cluster", rule.name) for rule in rules if (rule.market, rule.workload) in served)
    return found & question.limits


def of_all_demand(question: Question, limit: Limit, members: list[str]) -> Iterator[Lever]:
    """Ask for less in every year where there are several, else in the year of the limit."""
    every = [key for key, row in question.case.by_key(DemandRow).items() if row.compute > 0.0]
    if len({key[2] for key in every}) > 1:  # type: ignore[index]
        yield _demand_of_every_year(question, every)
    else:
        yield from of_demand(question, limit, members)


def _demand_of_every_year(question: Question, keys: list[Any]) -> Lever:
    """Return the lever that asks for less in every year, in proportion; in small programs pairs of years say more."""
    rows = question.case.by_key(DemandRow)

    def make(amount: float) -> Changes:
        return [
            change for key in keys
            for change in add_to("demand", ",".join(map(str, key)), "compute", rows[key].compute, -1.0)(
                rows[key].compute * min(1.0, amount))
        ]  # fmt: skip

    limits = frozenset(one for one in question.limits if one.kind == "demand")
    limits |= _clusters_of(question, {(key[0], key[1]) for key in keys})
    return Lever(limits, "demand of every year", "of it", make, most=1.0, by="lower by")


def of_redundancy(question: Question, limit: Limit, _members: list[str]) -> Iterator[Lever]:
    """Lower the critical share of a rule, or let it hold from a later year on."""
    number = int(limit.subject)
    family = question.case.model.families.redundancy
    assert family is not None  # there is such a limit
    rule, every = family.rules[number], dated(question, "redundancy", limit.subject)
    path = member_path("families.redundancy.rules", family.rules, number)
    share = rule.critical_share

    def lower(amount: float) -> Changes:
        left = max(0.0, 1.0 - amount)
        value: Any = (
            {workload: tidy(old * left, float(old), -1.0) for workload, old in share.items()}
            if isinstance(share, dict) else tidy(share * left, float(share), -1.0)
        )  # fmt: skip
        overrides = [
            {
                "op": "set",
                "model": f"{path}.overrides[{n}].share",
                "value": tidy(one.share * left, float(one.share), -1.0),
            }
            for n, one in enumerate(rule.overrides)
        ]
        return [{"op": "set", "model": f"{path}.critical_share", "value": value}, *overrides]

    yield Lever(every, f'the critical share of the rule "{rule.name}"', "of it", lower, most=NEARLY_ALL, by="lower by")
    yield from from_year(question, every, limit, path, f'the rule "{rule.name}"', rule.last_year)


def of_energised(question: Question, limit: Limit, members: list[str]) -> Iterator[Lever]:
    """Energise more at a site, or its power and the site itself earlier, or more at all sites in proportion."""
    for site in members if len(members) <= MOST_LEVERS else ():
        yield _more_power(question, limit, site)
        yield earlier(question, site)
    rows = question.case.rows(EnergisationRow)
    every = sorted({row.site for row in rows})
    for some in (members, every) if question.small and members != every else (every,):
        if len(members) > 1:
            keys = [f"{row.site},{row.date}" for row in rows if row.site in some]
            where = "all sites" if some is every else those(members, "sites")
            yield scaling(question, limit, "energisation", "facility_mw", keys, f"power energised at {where}")


def _more_power(question: Question, limit: Limit, site: str) -> Lever:
    """Return the lever that energises more at a site: from the period on in which the step that is moved begins."""
    assert limit.period is not None
    calendar = question.world.inputs.calendar
    start = calendar.start_dates[limit.period]
    steps = sorted((row for row in question.case.rows(EnergisationRow) if row.site == site), key=lambda row: row.date)
    now = [row for row in steps if row.date <= start]
    level = now[-1].facility_mw if now else 0.0
    whole = limit.period  # the first period that begins with the step that is moved; it may count in part before it
    while now and whole > 0 and calendar.start_dates[whole - 1] >= now[-1].date:
        whole -= 1
    first = max(0, whole - 1) if now and now[-1].date < calendar.start_dates[whole] else whole
    reached = frozenset(one for one in dated(question, "energised") if (one.period or 0) >= first)

    def make(amount: float) -> Changes:
        mw = float(f"{level + amount:.9g}")
        changes: Changes = []
        if now:
            changes.append(_set_step(site, now[-1], mw))
        else:
            row = {"site": site, "date": start, "facility_mw": mw, "source": "way out", "as_of": start, "grade": "D"}
            changes.append({"op": "add", "table": "energisation", "row": row})
        return changes + [_set_step(site, row, mw) for row in steps if row not in now and row.facility_mw < mw]

    return Lever(reached, f"power energised at {site} from {calendar.labels[whole]} on", "facility MW", make)


def _set_step(site: str, row: EnergisationRow, mw: float) -> dict[str, Any]:
    return {"op": "set", "table": "energisation", "key": f"{site},{row.date}", "column": "facility_mw", "value": mw}


def of_supply(question: Question, limit: Limit, members: list[str]) -> Iterator[Lever]:
    """Let more chips be delivered in the year of the limit."""
    assert limit.period is not None
    inputs, rows = question.world.inputs, question.case.by_key(ChipSupplyRow)
    year, _ = main_year(inputs, limit.period)
    reached = frozenset(one for one in dated(question, "supply") if main_year(inputs, one.period or 0)[0] == year)
    for chip in members if len(members) <= MOST_LEVERS else ():
        row = rows.get((chip, year))
        if row is not None:
            change = add_to("chip_supply", f"{chip},{year}", "it_mw", row.it_mw)
            yield Lever(reached, f"supply of {chip} {of_year(inputs, year, 'in')}", "IT MW", change)
        cost = question.case.by_key(ChipRow)[chip].development_cost_busd
        if cost:
            change = add_to("chips", chip, "development_cost_busd", cost, -1.0)
            of_chip = frozenset(one for one in question.limits if one.kind == "supply")
            yield Lever(of_chip, f"development of {chip}", "$B", change, most=cost, scale=cost, by="lower by")
    if not question.small:
        yield from _of_bought_chips(question, limit, year)
        return
    keys = [f"{chip},{year}" for chip in members if (chip, year) in rows]
    every = [f"{row.chip},{row.year}" for row in question.case.rows(ChipSupplyRow) if row.chip in members]
    what = f"supply of {those(members, 'chips')}"
    if len(keys) > 1:
        yield scaling(question, limit, "chip_supply", "it_mw", keys, f"{what} {of_year(inputs, year, 'in')}")
    if len(every) > len(keys):
        yield scaling(question, limit, "chip_supply", "it_mw", every, f"{what} in every year")


def _of_bought_chips(question: Question, limit: Limit, year: int) -> Iterator[Lever]:
    """Let more of all chips be delivered that need no development: what is developed scales with its supply."""
    inputs = question.world.inputs
    developed = {row.chip for row in question.case.rows(ChipRow) if row.development_cost_busd}
    rows = [row for row in question.case.rows(ChipSupplyRow) if row.chip not in developed]
    what = "supply of all chips" + (" that need no development" if developed else "")
    for some, when in (
        ([row for row in rows if row.year == year], of_year(inputs, year, "in")),
        (rows, "in every year"),
    ):
        keys = [f"{row.chip},{row.year}" for row in some]
        if len(keys) > 1:
            yield scaling(question, limit, "chip_supply", "it_mw", keys, f"{what} {when}")
