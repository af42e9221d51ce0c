"""Limits in the user's words: what they are called, what they allow, and where they stand in the files."""

from collections.abc import Callable
from typing import Any

from planner.case.check.place import at_model
from planner.case.rows import (
    BudgetRow,
    DemandRow,
    MarketRow,
)
from planner.case.rows_programmes import ProgrammeStepRow
from planner.errors import Problem
from planner.explain.conflict_dates import dates_named
from planner.explain.conflict_energised import steps_that_count
from planner.explain.conflict_lever import members_of, short_unit
from planner.explain.conflict_limits import Limit
from planner.explain.conflict_named import (
    NamedLimit,
    Namer,
    Words,
    figures_text,
    label_of,
    listed_members,
    rows_at,
    years_of,
    years_text,
)
from planner.explain.conflict_question import Question
from planner.explain.conflict_words_bought import of_chip_growth, of_financing, of_signed, of_supply
from planner.inputs.contracts import MW_PER_GW
from planner.text import dollars


def named_limit(question: Question, limit: Limit, members: tuple[str, ...]) -> NamedLimit:
    """Return a limit in the user's words.

    Parameters
    ----------
    question : Question
    limit : Limit
    members : tuple of str
        The members that the conflict needs; empty: all.
    """
    own = list(members) or members_of(question, limit)
    name, states, places = _NAMES.get(limit.kind, _of_other)(question, limit, own)
    label = "" if limit.period is None else question.world.inputs.calendar.labels[limit.period]
    return NamedLimit(limit.kind, name, states, label, tuple(places))


def _of_cash(question: Question, limit: Limit, _members: list[str]) -> Words:
    inputs, budget = question.world.inputs, question.case.model.families.budget
    assert budget is not None  # there is such a limit
    assert inputs.budget_limit_busd is not None
    assert limit.period is not None
    column = "cash_limit_busd" if budget.basis == "cash_limit" else "cash_burn_busd"
    rows = [row for row in question.case.rows(BudgetRow) if row.year in years_of(inputs, limit)]
    allowed = inputs.budget_limit_busd[limit.period]
    carries = budget.carry_over and limit.period > 0
    states = f"{dollars(allowed)} may be spent on capacity" + (
        " and what is left of earlier periods" if carries else ""
    )
    if allowed < 0.0:
        paid = ", and only what is left of earlier periods can pay for it" if carries else ""
        states = f"{dollars(-allowed)} is missing before anything is spent on capacity{paid}"
    return (
        f"cash of {label_of(question, limit)}",
        states,
        rows_at(question.case, "budget", rows, column),
    )


def _of_envelope(question: Question, limit: Limit, _members: list[str]) -> Words:
    name = f"{limit.subject}_envelope_busd"
    value = getattr(question.case.model.families.budget, name)
    place = at_model(question.case, f"families.budget.{name}", "", value)
    return f"envelope of {limit.subject} capacity", f"${value:.6g}B over the horizon", iter([place])


def _of_demand(question: Question, limit: Limit, members: list[str]) -> Words:
    inputs, case = question.world.inputs, question.case
    assert limit.period is not None
    keys: list[Any] = [tuple(member.split(",")) for member in members]
    total = sum(inputs.demand_compute[key][limit.period] for key in keys if key in inputs.demand_compute)
    rows = [
        row for row in case.rows(DemandRow)
        if (row.market, row.workload) in keys and row.year in years_of(inputs, limit)
    ]  # fmt: skip
    which = f" ({listed_members(members, 'markets and workloads')})" if members else ""
    unit = short_unit(case)
    return (
        f"demand of {label_of(question, limit)}{which}",
        f"{total:.6g} {unit} to be served",
        rows_at(case, "demand", rows, "compute"),
    )


def _of_redundancy(question: Question, limit: Limit, _members: list[str]) -> Words:
    inputs = question.world.inputs
    rule = inputs.redundancy_rules[int(limit.subject)]
    assert limit.period is not None
    critical = sum(inputs.critical_compute(rule, demand, limit.period) for demand in inputs.demand_compute)
    place = at_model(question.case, f"families.redundancy.rules[{limit.subject}]", "", rule.name)
    states = f"{critical:.6g} {short_unit(question.case)} critical, to be carried after the loss"
    if rule.domain == "none":
        states = f"{critical:.6g} {short_unit(question.case)} to be carried at the spike"
    return f'rule "{rule.name}" in {label_of(question, limit)}', states, iter([place])


def _of_site(question: Question, _limit: Limit, members: list[str]) -> Words:
    rows = [question.case.index("sites")[site] for site in members]
    total = sum(row.max_it_mw for row in rows)  # type: ignore[attr-defined]
    return (
        f"room at {listed_members(members, 'sites')}",
        f"{total:.6g} IT MW",
        rows_at(question.case, "sites", rows, "max_it_mw"),
    )


def _of_energised(question: Question, limit: Limit, members: list[str]) -> Words:
    inputs, case = question.world.inputs, question.case
    assert limit.period is not None
    total = sum(inputs.site_facility_limit_gw[site][limit.period] for site in members) * MW_PER_GW
    rows = [row for site in members for row in steps_that_count(case, inputs, site, limit.period)]
    return (
        f"power energised at {listed_members(members, 'sites')} in {label_of(question, limit)}",
        f"{total:.6g} facility MW",
        rows_at(case, "energisation", rows, "facility_mw"),
    )


def _of_region(question: Question, limit: Limit, members: list[str]) -> Words:
    inputs = question.world.inputs
    assert limit.period is not None
    rows = [inputs.power_regions[member] for member in members]
    total = sum(inputs.region_facility_limit_gw[member][limit.period] for member in members) * MW_PER_GW
    return (
        f"firm power of {listed_members(members, 'power regions')} in {label_of(question, limit)}",
        f"{total:.6g} facility MW",
        rows_at(question.case, "power_regions", rows, "firm_facility_mw"),
    )


def _of_table(table: str, column: str, words: str, plural: str, unit: str) -> Namer:
    """Return the namer of limits that a column of the row of each member states."""

    def name(question: Question, limit: Limit, members: list[str]) -> Words:
        when = "" if limit.period is None else f" in {label_of(question, limit)}"
        rows = [question.case.index(table)[member] for member in members]
        states = figures_text([getattr(row, column) for row in rows], unit)
        return words.format(listed_members(members, plural)) + when, states, rows_at(question.case, table, rows, column)

    return name


def _of_programme(question: Question, limit: Limit, members: list[str]) -> Words:
    inputs, case = question.world.inputs, question.case
    assert limit.period is not None
    word = "at_least" if limit.kind == "programme" else "at_most"
    asked = getattr(inputs.programmes[limit.subject], f"{word}_gw")
    states = ", ".join(
        f"{word.replace('_', ' ')} {(asked[measure][limit.period] or 0.0) * MW_PER_GW:.6g} "
        f"{'IT MW' if measure == 'it' else 'facility MW'} in service"
        for measure in members
    )
    places: list[Problem] = []
    for measure in members:
        column = f"{word}_{measure}_mw"
        steps = [
            row for row in case.rows(ProgrammeStepRow)
            if row.programme == limit.subject and getattr(row, column) is not None
            and inputs.calendar.begun(row.date, limit.period)
        ]  # fmt: skip
        places += rows_at(case, "programme_steps", sorted(steps, key=lambda row: row.date)[-1:], column)
    name = inputs.programmes[limit.subject].row.name
    return f'programme "{name}" in {label_of(question, limit)}', states, iter(places)


def _of_model(path: Callable[[Limit], str], words: Callable[[Question, Limit], str]) -> Namer:
    """Return the namer of limits that a key of the model states."""

    def name(question: Question, limit: Limit, _members: list[str]) -> Words:
        return words(question, limit), "", iter([at_model(question.case, path(limit), "")])

    return name


def _diversity(question: Question, limit: Limit) -> str:
    family = question.case.model.families.diversity
    assert family is not None  # there is such a limit
    rule = family.rules[int(limit.subject)]
    domain = rule.domain.replace("_", " ")
    return f"no {domain} with more than {rule.largest_share:.6g} of all capacity in {label_of(question, limit)}"


def _count(question: Question, _limit: Limit) -> str:
    family = question.case.model.families.site_opening
    assert family is not None  # there is such a limit
    if family.open_exactly is not None:
        return f"exactly {_sites(family.open_exactly)} open at the end"
    return f"at most {_sites(family.open_at_most or 0)} open at the end"


def _sites(number: int) -> str:
    return "1 site" if number == 1 else f"{number} sites"


def _carbon(question: Question, limit: Limit) -> str:
    family = question.case.model.families.carbon
    assert family is not None  # there is such a limit
    return f"carbon cap of {family.cap_mt_per_year:.6g} Mt a year in {label_of(question, limit)}"


def _cluster_path(question: Question, limit: Limit) -> int:
    family = question.case.model.families.contiguity
    assert family is not None  # there is such a limit
    return next(n for n, rule in enumerate(family.rules) if rule.name == limit.subject)


def _of_cluster(question: Question, limit: Limit, _members: list[str]) -> Words:
    number, family = _cluster_path(question, limit), question.case.model.families.contiguity
    assert family is not None  # there is such a limit
    rule = family.rules[number]
    least = rule.at_least_compute if rule.at_least_it_mw is None else rule.at_least_it_mw
    unit = short_unit(question.case) if rule.at_least_it_mw is None else "IT MW"
    states = [f"at least {least:.6g} {unit} at each campus that serves {rule.market} {rule.workload}"]
    if rule.most_campuses is not None:
        states.append(f"at most {rule.most_campuses} campus{'' if rule.most_campuses == 1 else 'es'}")
    if rule.at_least_years is not None:
        states.append(f"for at least {years_text(rule.at_least_years)}")
    path = f"families.contiguity.rules[{number}]"
    return f'contiguity rule "{limit.subject}"', ", ".join(states), iter([at_model(question.case, path, "")])


def _of_market(question: Question, limit: Limit, _members: list[str]) -> Words:
    column = {"latency": "latency_limit_ms"}.get(limit.kind, limit.kind)
    row = question.case.by_key(MarketRow)[limit.subject]
    states = {
        "latency": "" if row.latency_limit_ms is None else f"{row.latency_limit_ms:.6g} ms",
        "residency": "" if row.residency is None else ", ".join(row.residency),
    }.get(limit.kind, "")
    words = {
        "latency": "latency limit of market",
        "residency": "countries that may serve market",
        "single_source": "one source for market",
    }[limit.kind]
    return f"{words} {limit.subject}", states, rows_at(question.case, "markets", [row], column)


def _of_dates(question: Question, _limit: Limit, members: list[str]) -> Words:
    text, places = dates_named(question, members)
    return text, "", places


def _of_other(question: Question, limit: Limit, members: list[str]) -> Words:
    when = "" if limit.period is None else f" in {label_of(question, limit)}"
    what = limit.subject.replace("_", " ") or limit.kind.replace("_", " ")
    return f"{what}{when}" + (f" ({listed_members(members, 'rows')})" if any(members) else ""), "", iter(())


def _forced(question: Question, limit: Limit) -> str:
    return f"forced: {question.case.model.forced[int(limit.subject)]}"


_NAMES: dict[str, Namer] = {
    "cash": _of_cash,
    "envelope": _of_envelope,
    "demand": _of_demand,
    "redundancy": _of_redundancy,
    "site": _of_site,
    "energised": _of_energised,
    "region": _of_region,
    "supply": of_supply,
    "programme": _of_programme,
    "programme_cap": _of_programme,
    "onsite": _of_table("power_options", "max_facility_mw", "on-site power {}", "options", "facility MW"),
    "blocks": _of_table("offers", "max_blocks", "blocks on offer: {}", "offers", "blocks"),
    "commitment": _of_table("offers", "min_blocks", "minimum commitment of {}", "offers", "blocks"),
    "signing": _of_table("offers", "min_blocks_per_start", "smallest signing of {}", "offers", "blocks"),
    "growth": _of_table("providers", "first_year_it_mw", "growth at {}", "providers", "IT MW a year"),
    "financing": of_financing,
    "earned": of_financing,
    "forced": _of_model(lambda limit: f"forced[{limit.subject}]", _forced),
    "count": _of_model(lambda _: "families.site_opening", _count),
    "diversity": _of_model(lambda limit: f"families.diversity.rules[{limit.subject}]", _diversity),
    "carbon": _of_model(lambda _: "families.carbon.cap_mt_per_year", _carbon),
    "chip_growth": of_chip_growth,
    "cluster": _of_cluster,
    "latency": _of_market,
    "residency": _of_market,
    "single_source": _of_market,
    "dates": _of_dates,
    "signed": of_signed,
}
"""How each kind of limit is called."""
