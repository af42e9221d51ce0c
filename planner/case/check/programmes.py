"""Programmes: their sites, their steps, and what declining or missing them costs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from planner.case.calendar import period_starts
from planner.case.case import CaseData
from planner.case.check.bounds import site_capacity_it_mw
from planner.case.check.place import at_row, at_table
from planner.case.check.power import signed_it_mw
from planner.case.messages import listed
from planner.case.rows import SiteRow
from planner.case.rows_programmes import ProgrammeRow, ProgrammeStepRow
from planner.errors import Problem

AT_LEAST = {
    "at_least_it_mw": "price_musd_per_missing_it_mw_year",
    "at_least_facility_mw": "price_musd_per_missing_facility_mw_year",
}
"""Column of an obligation -> column of the price of what is missing of it."""
LIMITS = (("at_least_it_mw", "at_most_it_mw"), ("at_least_facility_mw", "at_most_facility_mw"))
TOLERANCE_MW = 1e-3
PATHS = tuple(column for pair in LIMITS for column in pair)


def programme_tables(case: CaseData) -> Iterator[Problem]:
    """Check that the two tables come together."""
    if "programme_steps" in case.present and "programmes" not in case.present:
        yield at_table(case, "programmes", "a case with the table programme_steps needs this table")
    if "programmes" in case.present and "programme_steps" not in case.present:
        yield at_table(case, "programme_steps", "a case with the table programmes needs this table")


def programme_rows(case: CaseData) -> Iterator[Problem]:
    """Every programme names its sites once, has a step, and states the price of not being met where it has one."""
    steps = steps_of(case)
    for row in case.rows(ProgrammeRow):
        if not row.sites:
            yield at_row(case, "programmes", row, "sites", "must name at least one")
        elif len(set(row.sites)) < len(row.sites):
            yield at_row(case, "programmes", row, "sites", "names one more than once")
        own = steps.get(row.programme, [])
        if not own and "programme_steps" in case.present:
            yield at_row(case, "programmes", row, "programme", "has no row in table programme_steps")
        if row.kind == "optional" and row.declining_cost_busd is None:
            message = "must be given with kind optional (write 0 if declining costs nothing)"
            yield at_row(case, "programmes", row, "declining_cost_busd", message)
        for asked, price in AT_LEAST.items() if row.kind == "priced" else ():
            if getattr(row, price) is None and any(getattr(step, asked) for step in own):
                message = f"must be given with kind priced, as a step of the programme has {asked} above 0"
                yield at_row(case, "programmes", row, price, message)


def programme_steps(case: CaseData) -> Iterator[Problem]:
    """Every step says something, and at no time is more asked for than is allowed."""
    for steps in steps_of(case).values():
        path: dict[str, float] = {}
        for step in steps:
            given = {column: value for column in PATHS if (value := getattr(step, column)) is not None}
            if not given:
                message = f"the step says nothing: give one of {listed(PATHS)}"
                yield at_row(case, "programme_steps", step, None, message)
            path |= given
            for least, most in LIMITS:
                if (least in given or most in given) and least in path and most in path and path[least] > path[most]:
                    column = least if least in given else most
                    message = (
                        f"from {step.date} at least {path[least]:g} are asked for and at most {path[most]:g} allowed"
                    )
                    yield at_row(case, "programme_steps", step, column, message)


def steps_of(case: CaseData) -> Mapping[str, Sequence[ProgrammeStepRow]]:
    """Return the steps of each programme in the order of their dates."""
    found: dict[str, list[ProgrammeStepRow]] = defaultdict(list)
    for step in sorted(case.rows(ProgrammeStepRow), key=lambda step: step.date):
        found[step.programme].append(step)
    return found


def steps_without_effect(case: CaseData) -> Iterator[Problem]:
    """Warn of steps that no period begins under: after the last one begins, or replaced before one does."""
    starts = period_starts(case.model.horizon)
    for steps in steps_of(case).values():
        for column in PATHS:
            given = [step for step in steps if getattr(step, column) is not None]
            for number, step in enumerate(given):
                until = given[number + 1].date if number + 1 < len(given) else None
                if not any(step.date <= start and (until is None or start < until) for start in starts):
                    message = (
                        "asks nothing: a step holds in the periods that begin on its date or later, until the next step"
                    )
                    yield at_row(case, "programme_steps", step, column, f"{message} of the column; none does")


def obligations_beyond_capacity(case: CaseData) -> Iterator[Problem]:
    """Warn if a committed programme asks for more than its sites can hold at all in a period."""
    committed = [row for row in case.rows(ProgrammeRow) if row.kind == "committed"]
    if not committed:
        return
    capacity, sites, steps = site_capacity_it_mw(case), case.by_key(SiteRow), steps_of(case)
    for row in committed:
        for column, _ in LIMITS:
            for number, start in enumerate(period_starts(case.model.horizon)):
                step = _in_effect(steps.get(row.programme, ()), column, start)
                asked = 0.0 if step is None else getattr(step, column)
                room = sum(
                    capacity[site][number] * (sites[site].pue_peak if "facility" in column else 1.0)
                    for site in row.sites
                    if site in capacity
                )
                if step is not None and asked > room + TOLERANCE_MW + 1e-6 * asked:
                    message = (
                        f"in the period from {start} the sites of {row.programme} can hold "
                        f"{room:.6g}{' facility MW' if 'facility' in column else ' IT MW'}: no plan can meet this"
                    )
                    yield at_row(case, "programme_steps", step, column, message)
                    break


def signed_beyond_limits(case: CaseData) -> Iterator[Problem]:
    """Warn if signed contracts alone have more in force at the sites of a programme than it allows."""
    signed, sites, steps = signed_it_mw(case), case.by_key(SiteRow), steps_of(case)
    for row in case.rows(ProgrammeRow):
        for _, column in LIMITS:
            unit = "facility MW" if "facility" in column else "IT MW"
            for number, start in enumerate(period_starts(case.model.horizon)):
                step = _in_effect(steps.get(row.programme, ()), column, start)
                held = sum(
                    signed[site][number] * (sites[site].pue_peak if "facility" in column else 1.0)
                    for site in row.sites
                    if site in signed and site in sites
                )
                if step is not None and held > (1.0 + 1e-6) * getattr(step, column) + TOLERANCE_MW:
                    message = (
                        f"in the period from {start} signed contracts hold {held:.6g} {unit} at the sites of "
                        f"{row.programme}; the limit is raised to what they have in force"
                    )
                    yield at_row(case, "programme_steps", step, column, message)
                    break


def _in_effect(steps: Sequence[ProgrammeStepRow], column: str, day: date) -> ProgrammeStepRow | None:
    """Return the step that a path has on a day; steps in the order of their dates."""
    given = [step for step in steps if step.date <= day and getattr(step, column) is not None]
    return given[-1] if given else None
