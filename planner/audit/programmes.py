"""Programmes (section 16): what is in force at their sites by the dates of their steps, and what missing them costs."""

from dataclasses import dataclass
from typing import Literal

from planner.audit import tolerance
from planner.audit.calendar import NEVER
from planner.audit.cells import Line, Reader
from planner.audit.context import Context
from planner.audit.facts import Facts, rows_of
from planner.audit.ledger import Ledger, Level
from planner.audit.state import State
from planner.case.rows_programmes import ProgrammeRow, ProgrammeStepRow

FAMILY, TABLE = "programme", "programme_path"
Measure = Literal["it", "facility"]
MEASURES: tuple[Measure, Measure] = ("it", "facility")
UNIT = {"it": "IT MW", "facility": "facility MW"}
WATT_MW = 1e-6


@dataclass(frozen=True, slots=True)
class Stated:
    """A row of the plan's table: what it says of the programme, and its figures by column."""

    kind: str
    undertaken: str
    figures: dict[str, float | None]


def path(facts: Facts, programme: str, column: str, t: int) -> float | None:
    """The figure of the latest step that gives a column and is not dated after the period begins; None: no limit."""
    found, latest = None, None
    for step in rows_of(facts.case, "programme_steps", ProgrammeStepRow):
        value = getattr(step, column)
        if step.programme != programme or value is None:
            continue
        if facts.calendar.years(step.date) > facts.calendar.tau[t] + NEVER:
            continue
        if latest is None or step.date > latest:
            found, latest = float(value), step.date
    return found


def in_service_mw(state: State, row: ProgrammeRow, measure: Measure, t: int, *, signed: bool = False) -> float:
    """Sum what is in force at the sites of a programme, or only what signed contracts have in force there."""
    sites, mw = state.facts.sites, state.facts.signed_site_mw if signed else state.site_mw
    return sum(mw[site][t] * (1.0 if measure == "it" else sites[site].pue_peak) for site in row.sites if site in sites)


def missing_mw(state: State, row: ProgrammeRow, measure: Measure, t: int) -> float:
    """What is missing of an obligation in a period."""
    asked = path(state.facts, row.programme, f"at_least_{measure}_mw", t) or 0.0
    lacking = asked - in_service_mw(state, row, measure, t)
    return lacking if lacking > WATT_MW else 0.0


def first_due(facts: Facts, programme: str) -> int | None:
    """The first period in which a programme asks for something."""
    for t in facts.periods:
        if any((path(facts, programme, f"at_least_{measure}_mw", t) or 0.0) > 0.0 for measure in MEASURES):
            return t
    return None


def declined_by(reader: Reader) -> frozenset[str]:
    """The programmes that a plan declines: those that may be, with ``no`` in every row of theirs."""
    said: dict[str, set[str]] = {}
    for line in reader.lines(TABLE):
        said.setdefault(str(line.cells.get("programme")), set()).add(str(line.cells.get("undertaken")).strip())
    rows = reader.facts.programmes.items()
    return frozenset(key for key, row in rows if said.get(key) == {"no"} and may_be_declined(reader.facts, row))


def may_be_declined(facts: Facts, row: ProgrammeRow) -> bool:
    """Whether a programme is optional and has an obligation."""
    return row.kind == "optional" and first_due(facts, row.programme) is not None


def check_programmes(context: Context) -> None:
    """Check every programme in every period, and the plan's table."""
    facts = context.facts
    stated, declined = _read(context.reader), declined_by(context.reader)
    for (key, measure, t), mw in context.state.shortfalls.programme.items():
        row, where = facts.programmes[key], f"{key} in {facts.label(t)}: {mw:.6g} {UNIT[measure]} said to be missing"
        if row.kind != "committed" or facts.model.objective.shortfall == "hard":
            context.checks.fault(FAMILY, "shortfall", f"{where}, but the programme may lack nothing")
        own = missing_mw(context.state, row, _measure(measure), t)
        context.checks.equal(FAMILY, "shortfall", where, mw, own, UNIT[measure], tolerance.mw(own))
    for key, row in facts.programmes.items():
        _check_declining(context, row, stated)
        for t in facts.periods:
            for measure in MEASURES:
                bound = row.kind != "priced" and key not in declined
                _check_path(context, row, measure, t, bound=bound)
            _check_row(context, row, t, stated.get((t, key)))


def _measure(name: str) -> Measure:
    return "it" if name == "it" else "facility"


def _read(reader: Reader) -> dict[tuple[int, str], Stated]:
    columns = [f"{what}{measure}_mw" for measure in MEASURES for what in ("", "at_least_", "at_most_", "missing_")]

    def read(line: Line) -> tuple[tuple[int, str], Stated]:
        key = line.period(), line.known("programme", reader.facts.programmes)
        figures = {column: line.optional_number(column) for column in columns}
        return key, Stated(line.text("kind"), line.known("undertaken", ("yes", "no")), figures)

    return reader.parse(TABLE, read)


def _check_declining(context: Context, row: ProgrammeRow, stated: dict[tuple[int, str], Stated]) -> None:
    """Check that a programme is declined in every period or in none, and only one that may be."""
    key, checks, name = row.programme, context.checks, "declining"
    said = {stated[t, key].undertaken for t in context.facts.periods if (t, key) in stated}
    checks.seen(FAMILY, name)
    if said == {"no", "yes"}:
        checks.fault(FAMILY, name, f"{key} is declined in some periods and undertaken in others")
    elif "no" in said and not may_be_declined(context.facts, row):
        reason = f"it is {row.kind}, not optional" if row.kind != "optional" else "it has no obligation"
        checks.fault(FAMILY, name, f"{key} is declined, but {reason}")


def _check_path(context: Context, row: ProgrammeRow, measure: Measure, t: int, *, bound: bool) -> None:
    """Check what is in force against the two paths of a measure; ``bound``: what is asked for must be met."""
    facts, unit = context.facts, UNIT[measure]
    mw = in_service_mw(context.state, row, measure, t)
    least = path(facts, row.programme, f"at_least_{measure}_mw", t)
    most = path(facts, row.programme, f"at_most_{measure}_mw", t)
    where = f"{row.programme} in {facts.label(t)}"
    if bound and least is not None:
        stated = context.state.shortfalls.programme.get((row.programme, measure, t), 0.0)
        text = f"{where}: {mw:.6g} of at least {least:.6g} {unit} in force"
        text += f", {stated:.6g} {unit} said to be missing" if stated else ""
        context.checks.amount(FAMILY, "at least", text, least - mw - stated, unit, tolerance.mw(least))
    if most is not None:
        allowed = max(most, in_service_mw(context.state, row, measure, t, signed=True))
        context.checks.limit(FAMILY, "at most", where, mw, allowed, unit, tolerance.mw(allowed))


def _check_row(context: Context, row: ProgrammeRow, t: int, stated: Stated | None) -> None:
    """Compare a row of the table."""
    checks, where = context.checks, f"{TABLE}, {context.facts.label(t)}, {row.programme}"
    if stated is None:
        checks.fault(FAMILY, "table", f"{where}: there is no such row")
        return
    if stated.kind != row.kind:
        checks.fault(FAMILY, "table", f"{where}, kind is {stated.kind!r}, the case has {row.kind!r}")
    for measure in MEASURES:
        own = {
            f"{measure}_mw": in_service_mw(context.state, row, measure, t),
            f"missing_{measure}_mw": missing_mw(context.state, row, measure, t),
            f"at_least_{measure}_mw": path(context.facts, row.programme, f"at_least_{measure}_mw", t),
            f"at_most_{measure}_mw": path(context.facts, row.programme, f"at_most_{measure}_mw", t),
        }
        for column, value in own.items():
            said = stated.figures[column]
            if value is None or said is None:
                checks.seen(FAMILY, "table")
                if value is not said:
                    checks.fault(FAMILY, "table", f"{where}, {column} is {said}, the audit has {value}")
            else:
                accepted = tolerance.mw(value)
                checks.equal(FAMILY, "table", f"{where}, {column}", said, value, UNIT[measure], accepted)


def pay_programmes(state: State, declined: frozenset[str], ledger: Ledger) -> None:
    """Book what is paid for programmes that are declined, and for what is missing."""
    facts = state.facts
    for key, row in facts.programmes.items():
        first, level = first_due(facts, key), Level(programme=key)
        if key in declined and first is not None:
            ledger.pay(first, "primary", "declining", row.declining_cost_busd or 0.0, level)
        prices = {
            "it": row.price_musd_per_missing_it_mw_year,
            "facility": row.price_musd_per_missing_facility_mw_year,
        }
        for t in facts.periods if row.kind == "priced" else ():
            for measure in MEASURES:
                missing = missing_mw(state, row, measure, t)
                busd = (prices[measure] or 0.0) * missing * facts.calendar.length[t] / 1e3
                ledger.pay(t, "primary", "missing", busd, level)
