"""Contiguity (section 17): work that needs a cluster is served from few sites, much of it at each, for some years."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.audit import tolerance
from planner.audit.calendar import NEVER
from planner.audit.cells import Line
from planner.audit.context import Context
from planner.audit.facts import Facts
from planner.case.model import ContiguityRule

FAMILY, TABLE = "contiguity", "clusters"
Place = tuple[int, str]
"""A period and a site."""


@dataclass(frozen=True, slots=True)
class There:
    """What serves the work of a rule at a site."""

    it_mw: float = 0.0
    compute: float = 0.0


def rules_of(facts: Facts) -> tuple[ContiguityRule, ...]:
    """The rules of a case."""
    family = facts.model.families.contiguity
    return () if family is None else family.rules


def periods_of(facts: Facts, rule: ContiguityRule) -> list[int]:
    """The periods of a rule, in order: it holds, and there is demand for its work."""
    demand = facts.demand.get((rule.market, rule.workload), facts.zeros())
    first, last = rule.first_year, rule.last_year
    return [
        t
        for t in facts.periods
        if demand[t] > 0.0
        and not (first is not None and facts.calendar.rule_year(t) < first)
        and not (last is not None and facts.calendar.rule_year(t) > last)
    ]


def best_rate(facts: Facts, workload: str, t: int) -> float:
    """The most that an IT MW of a chip of the case can give in a period: of those offered, and of those signed."""
    rates = [0.0]
    for chip, row in facts.chips.items():
        offered = any(chip in offer.chips for offer in facts.offers.values()) and facts.calendar.met(row.first_date, t)
        signed = any(key[2] == chip and mw[t] > 0.0 for key, mw in facts.signed_chip_mw.items())
        if offered or signed:
            rates.append(facts.rate(chip, workload, t))
    return max(rates)


def minimum(facts: Facts, rule: ContiguityRule, t: int) -> float:
    """What a cluster must be at least in a period: compute, or IT MW where the rule asks for them."""
    demand = facts.demand[rule.market, rule.workload][t]
    if rule.at_least_it_mw is None:
        return min(rule.at_least_compute or 0.0, demand)
    rate = best_rate(facts, rule.workload, t)
    return min(rule.at_least_it_mw, demand / rate) if rate > 0.0 else rule.at_least_it_mw


def hosting(context: Context, rule: ContiguityRule) -> dict[Place, There]:
    """What serves the work of a rule, by period and site."""
    found: dict[Place, There] = {}
    for row in context.state.decisions.served:
        if (row.market, row.workload) == (rule.market, rule.workload):
            before = found.get((row.period, row.site), There())
            found[row.period, row.site] = There(before.it_mw + row.it_mw, before.compute + row.compute)
    return found


def check_contiguity(context: Context, *, with_table: bool = True) -> None:
    """Check every rule, and the plan's table of clusters unless the plan is of a version without it."""
    facts = context.facts
    for rule in rules_of(facts):
        there, periods = hosting(context, rule), periods_of(facts, rule)
        for t in periods:
            _check_period(context, rule, t, {site: one for (u, site), one in there.items() if u == t})
        _check_years(context, rule, periods, there)
    if with_table:
        _check_table(context)


def _check_period(context: Context, rule: ContiguityRule, t: int, sites: Mapping[str, There]) -> None:
    """Check that every site that serves serves the minimum, and that they are few."""
    facts, checks, least = context.facts, context.checks, minimum(context.facts, rule, t)
    label = facts.label(t)
    checks.seen(FAMILY, "a cluster or nothing", "IT MW" if rule.at_least_compute is None else "compute")
    for site, one in sites.items():
        where = f"{rule.name}: {site} in {label}"
        if rule.at_least_compute is None:
            text = f"{where} has {one.it_mw:.6g} of at least {least:.6g} IT MW in use for {rule.market} {rule.workload}"
            accepted = min(tolerance.MW, tolerance.SHARE * least) + tolerance.RELATIVE * least
            checks.amount(FAMILY, "a cluster or nothing", text, least - one.it_mw, "IT MW", accepted)
        else:
            text = f"{where} serves {one.compute:.6g} of at least {least:.6g} compute of {rule.market} {rule.workload}"
            accepted = tolerance.compute(facts.largest_rate, least)
            checks.amount(FAMILY, "a cluster or nothing", text, least - one.compute, "compute", accepted)
    if rule.most_campuses is not None:
        where = f"{rule.name}: sites with a cluster in {label} ({', '.join(sorted(sites))})"
        checks.limit(FAMILY, "campuses", where, len(sites), rule.most_campuses, "sites", 0.0)


def _check_years(context: Context, rule: ContiguityRule, periods: list[int], there: Mapping[Place, There]) -> None:
    """Check that what begins goes on for its years, or to the end of the rule."""
    if rule.at_least_years is None:
        return
    tau, label, checks = context.facts.calendar.tau, context.facts.label, context.checks
    for place, u in enumerate(periods):
        for site in sorted({site for v, site in there if v == u}):
            if place > 0 and (periods[place - 1], site) in there:
                continue
            checks.seen(FAMILY, "years")
            for t in periods[place + 1 :]:
                if tau[t] < tau[u] + rule.at_least_years - NEVER and (t, site) not in there:
                    message = (
                        f"{rule.name}: the cluster at {site} begins in {label(u)} and is not there in {label(t)}, "
                        f"before {rule.at_least_years:g} years are over"
                    )
                    checks.fault(FAMILY, "years", message)
                    break


Stated = tuple[dict[str, str], dict[str, float | None]]
"""Words and figures of a row of the table, by column."""


def _check_table(context: Context) -> None:
    """Compare the table of clusters with what the plan serves."""
    facts, checks = context.facts, context.checks
    names = [rule.name.strip() for rule in rules_of(facts)]

    def read(line: Line) -> tuple[tuple[int, str, str], Stated]:
        key = line.period(), line.known("rule", names), line.known("site", facts.sites)
        words = {column: line.text(column) for column in ("market", "workload", "begins")}
        columns = ("it_mw", "compute", "least_it_mw", "least_compute")
        return key, (words, {column: line.optional_number(column) for column in columns})

    stated = context.reader.parse(TABLE, read)
    expected = {key: row for rule in rules_of(facts) for key, row in _rows(context, rule)}
    for key in (*expected, *(key for key in stated if key not in expected)):
        where = f"{TABLE}, {facts.label(key[0])}, {key[1]}, {key[2]}"
        if key not in stated:
            checks.fault(FAMILY, "table", f"{where}: there is no such row")
        elif key not in expected:
            checks.fault(FAMILY, "table", f"{where}: the site hosts no cluster then")
        else:
            _compare(context, where, stated[key], expected[key])


def _rows(context: Context, rule: ContiguityRule) -> list[tuple[tuple[int, str, str], Stated]]:
    facts, there, periods = context.facts, hosting(context, rule), periods_of(context.facts, rule)
    rows: list[tuple[tuple[int, str, str], Stated]] = []
    for place, t in enumerate(periods):
        least = minimum(facts, rule, t)
        for (u, site), one in there.items():
            if u == t:
                begins = place == 0 or (periods[place - 1], site) not in there
                words = {"market": rule.market, "workload": rule.workload, "begins": "yes" if begins else "no"}
                by_mw = rule.at_least_compute is None
                figures: dict[str, float | None] = {"it_mw": one.it_mw, "compute": one.compute}
                figures |= {"least_it_mw": least if by_mw else None, "least_compute": None if by_mw else least}
                rows.append(((t, rule.name.strip(), site), (words, figures)))
    return rows


def _compare(context: Context, where: str, stated: Stated, expected: Stated) -> None:
    checks, rate = context.checks, context.facts.largest_rate
    for column, word in expected[0].items():
        checks.seen(FAMILY, "table")
        if stated[0][column] != word:
            checks.fault(FAMILY, "table", f"{where}, {column} is {stated[0][column]!r}, the audit has {word!r}")
    for column, value in expected[1].items():
        said = stated[1][column]
        if value is None or said is None:
            checks.seen(FAMILY, "table")
            if value is not said:
                checks.fault(FAMILY, "table", f"{where}, {column} is {said}, the audit has {value}")
            continue
        by_mw = column.endswith("_mw")
        accepted = tolerance.mw(value) if by_mw else tolerance.compute(rate, value)
        checks.equal(FAMILY, "table", f"{where}, {column}", said, value, "IT MW" if by_mw else "compute", accepted)
