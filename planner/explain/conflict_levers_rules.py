"""Levers of programmes, forced decisions, counts, shares, growth, clusters and markets."""

from collections.abc import Iterator
from functools import partial

from planner.case.calendar import years_touched
from planner.case.rows import MarketRow, SiteRow
from planner.case.rows_financing import FinancingRow
from planner.case.rows_programmes import ProgrammeStepRow
from planner.changes.modelpath import member_path
from planner.changes.shift import add_months
from planner.explain.conflict_lever import (
    LARGEST,
    MONTHS,
    NEARLY_ALL,
    Changes,
    Lever,
    add_to,
    add_to_model,
    counts,
    dated,
    first_year,
    from_year,
    set_model,
    short_unit,
)
from planner.explain.conflict_limits import Limit
from planner.explain.conflict_question import Question


def of_programme(question: Question, limit: Limit, members: list[str]) -> Iterator[Lever]:
    """Ask for less of a programme, or for it later."""
    yield from _steps(question, limit, members, "at_least", -1.0)
    every = dated(question, "programme", limit.subject)
    yield Lever(
        every,
        f"obligations of programme {limit.subject}",
        "months",
        lambda months: [
            {"op": "shift", "table": "programme_steps", "where": {"programme": limit.subject}, "months": int(months)}
        ],
        steps=tuple(float(n) for n in MONTHS),
        by="later by",
        turns=True,  # what a programme may have at most comes later too
        gives_up=partial(_steps_beyond, question, limit.subject),
    )


def _steps_beyond(question: Question, programme: str, months: float) -> str:
    """Return which steps of a programme no period begins after any more, if they come later by so many months."""
    inputs, last = question.world.inputs, question.world.inputs.periods[-1]
    rows = [row for row in question.case.rows(ProgrammeStepRow) if row.programme == programme]
    asked = [row.date for row in rows if row.at_least_it_mw or row.at_least_facility_mw]
    gone = [
        day for day in sorted(asked)
        if inputs.calendar.begun(day, last) and not inputs.calendar.begun(add_months(day, int(months)), last)
    ]  # fmt: skip
    if not gone:
        return ""
    days = ", ".join(str(day) for day in gone)
    if len(gone) == 1:
        return f"the step of {days} then begins in no period of the case: its promise is given up"
    return f"the steps of {days} then begin in no period of the case: their promises are given up"


def of_programme_cap(question: Question, limit: Limit, members: list[str]) -> Iterator[Lever]:
    """Allow a programme more."""
    yield from _steps(question, limit, members, "at_most", 1.0)


def _steps(question: Question, limit: Limit, members: list[str], word: str, sign: float) -> Iterator[Lever]:
    """Yield the levers that move what the step in force in the period of a limit states."""
    assert limit.period is not None
    calendar = question.world.inputs.calendar
    every = dated(question, limit.kind, limit.subject)
    for measure in members:
        column = f"{word}_{measure}_mw"
        steps = [
            row for row in question.case.rows(ProgrammeStepRow)
            if row.programme == limit.subject and getattr(row, column) is not None
            and calendar.begun(row.date, limit.period)
        ]  # fmt: skip
        if steps:
            step = max(steps, key=lambda row: row.date)
            old = getattr(step, column)
            unit = "IT MW" if measure == "it" else "facility MW"
            label = f"programme {limit.subject}: {word.replace('_', ' ')} from {step.date}"
            by = "lower by" if sign < 0 else "higher by"
            change = add_to("programme_steps", f"{limit.subject},{step.date}", column, old, sign)
            yield Lever(every, label, unit, change, old if sign < 0 else LARGEST, scale=max(1.0, old), by=by)


def of_forced(question: Question, limit: Limit, _members: list[str]) -> Iterator[Lever]:
    """Force a decision later, force fewer blocks, or do not force it."""
    number = int(limit.subject)
    one = question.case.model.forced[number]
    path = f"forced[{number}]"
    alone = frozenset({limit})
    later = tuple(float(year) for year in years_touched(question.case.model.horizon) if year > one.by)
    if later:
        yield Lever(
            alone, f"forced {one}, only", "", lambda year: [set_model(f"{path}.by", int(year))], steps=later, by="by"
        )
    if one.blocks is not None and one.blocks > 1:
        fewer = tuple(float(n) for n in counts(one.blocks - 1))
        yield Lever(
            alone,
            f"forced {one}",
            "blocks",
            add_to_model(f"{path}.blocks", one.blocks, -1.0),
            steps=fewer,
            by="lower by",
        )
    yield Lever(alone, f"not forced: {one}", "", lambda _: [{"op": "relax", "model": path}], steps=(1.0,))


def of_count(question: Question, limit: Limit, _members: list[str]) -> Iterator[Lever]:
    """Let more sites be open, or fewer where the number is exact."""
    family = question.case.model.families.site_opening
    assert family is not None  # there is such a limit
    name = "open_at_most" if family.open_exactly is None else "open_exactly"
    old = int(getattr(family, name) or 0)
    path = f"families.site_opening.{name}"
    sites = sum(row.available for row in question.case.rows(SiteRow))
    more = tuple(float(n) for n in counts(max(0, sites - old)))
    if more:
        yield Lever(
            frozenset({limit}), f"sites open ({name})", "sites", add_to_model(path, old), steps=more, turns=True
        )
    if name == "open_exactly" and old:
        fewer = tuple(float(n) for n in counts(old))
        yield Lever(
            frozenset({limit}),
            f"sites open ({name})",
            "sites",
            add_to_model(path, old, -1.0),
            steps=fewer,
            by="lower by",
            turns=True,
        )


def of_diversity(question: Question, limit: Limit, _members: list[str]) -> Iterator[Lever]:
    """Let a domain hold more, or let the rule hold from a later year on."""
    family = question.case.model.families.diversity
    assert family is not None  # there is such a limit
    number = int(limit.subject)
    rule, path = family.rules[number], f"families.diversity.rules[{number}]"
    every = dated(question, "diversity", limit.subject)
    name = f"the largest share of one {rule.domain.replace('_', ' ')}"
    yield Lever(
        every, name, "of capacity", add_to_model(f"{path}.largest_share", rule.largest_share), 1.0 - rule.largest_share
    )
    yield from from_year(question, every, limit, path, name)


def of_carbon(question: Question, _limit: Limit, _members: list[str]) -> Iterator[Lever]:
    """Let more be emitted."""
    family = question.case.model.families.carbon
    assert family is not None  # there is such a limit
    change = add_to_model("families.carbon.cap_mt_per_year", family.cap_mt_per_year)
    yield Lever(
        dated(question, "carbon"), "the carbon cap", "Mt a year", change, scale=max(1.0, family.cap_mt_per_year or 0.0)
    )


def of_chip_growth(question: Question, _limit: Limit, _members: list[str]) -> Iterator[Lever]:
    """Let custom chips grow faster."""
    family = question.case.model.families.integration
    assert family is not None  # there is such a limit
    assert family.custom_chip is not None
    old = family.custom_chip.first_year_it_mw
    change = add_to_model("families.integration.custom_chip.first_year_it_mw", old)
    yield Lever(dated(question, "chip_growth"), "growth of custom chips", "IT MW a year", change, scale=max(1.0, old))


def of_cluster(question: Question, limit: Limit, _members: list[str]) -> Iterator[Lever]:
    """Ask for a smaller cluster, allow more campuses, or let the rule hold from a later year on."""
    family = question.case.model.families.contiguity
    assert family is not None  # there is such a limit
    number, rule = next((n, one) for n, one in enumerate(family.rules) if one.name == limit.subject)
    path, alone = member_path("families.contiguity.rules", family.rules, number), frozenset({limit})
    name = f'the rule "{rule.name}"'
    for column, unit in (
        ("at_least_compute", short_unit(question.case)), ("at_least_it_mw", "IT MW"), ("at_least_years", "years")
    ):  # fmt: skip
        old = getattr(rule, column)
        if old is not None:
            change = add_to_model(f"{path}.{column}", old, -1.0)
            yield Lever(alone, f"{name}: {column}", unit, change, most=old * NEARLY_ALL, scale=old, by="lower by")
    if rule.most_campuses is not None:
        sites = len(question.world.inputs.sites)
        more = tuple(float(n) for n in counts(max(0, sites - rule.most_campuses)))
        change = add_to_model(f"{path}.most_campuses", rule.most_campuses)
        yield Lever(alone, f"{name}: campuses", "campuses", change, steps=more)
    starts = question.world.inputs.calendar.start_dates
    first = rule.first_year or starts[0].year
    years = [y for y in years_touched(question.case.model.horizon) if y > first]
    later = tuple(float(y) for y in years if rule.last_year is None or y <= rule.last_year)
    if later:
        change = partial(first_year, path)
        yield Lever(alone, f"{name} holds", "", change, steps=later, by="from")
    gone = "families.contiguity" if len(family.rules) == 1 else path
    yield Lever(alone, f"without {name}", "", lambda _: [{"op": "relax", "model": gone}], steps=(1.0,))


def of_financing(question: Question, limit: Limit, _members: list[str]) -> Iterator[Lever]:
    """Let more be drawn."""
    row = question.case.index("financing")[limit.subject]
    change = add_to("financing", limit.subject, "up_to_busd", getattr(row, "up_to_busd", None))
    yield Lever(frozenset({limit}), f"money of {limit.subject}", "$B", change)


def of_earned(question: Question, limit: Limit, _members: list[str]) -> Iterator[Lever]:
    """Let what enters service bring more."""
    row = question.case.by_key(FinancingRow)[limit.subject]
    column = "busd_per_it_gw" if row.busd_per_it_gw is not None else "busd_per_facility_gw"
    unit = "$B per IT GW" if column == "busd_per_it_gw" else "$B per facility GW"
    old = getattr(row, column)
    change = add_to("financing", limit.subject, column, old)
    yield Lever(frozenset({limit}), f"what {limit.subject} gives", unit, change, scale=max(1.0, old))


def of_market(question: Question, limit: Limit, _members: list[str]) -> Iterator[Lever]:
    """Let a market be served by several sites, from further away, or from other countries."""
    market = limit.subject
    alone = frozenset({limit})
    if limit.kind == "latency":
        old = question.case.by_key(MarketRow)[market].latency_limit_ms
        change = add_to("markets", market, "latency_limit_ms", old)
        yield Lever(alone, f"latency limit of {market}", "ms", change, most=1000.0)
        return
    column, value, words = {
        "single_source": ("single_source", "no", f"market {market} may be served by several sites"),
        "residency": ("residency", "", f"market {market} may be served from any country"),
    }[limit.kind]

    def make(_: float) -> Changes:
        return [{"op": "set", "table": "markets", "key": market, "column": column, "value": value}]

    yield Lever(alone, words, "", make, steps=(1.0,))
