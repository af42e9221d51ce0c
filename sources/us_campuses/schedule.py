"""When a campus has power: from its status and the dates of its history to dated steps of facility MW."""

from dataclasses import dataclass
from datetime import date
from math import ceil

from sources.us_campuses.atlas import Campus
from sources.us_campuses.data import Assumptions, by_key

HORIZON_START = date(2027, 1, 1)
HORIZON_END = date(2036, 1, 1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The steps of a campus, cumulative facility MW by date, and why they begin when they do."""

    steps: tuple[tuple[date, float], ...]
    reason: str

    def energised_before(self, day: date) -> float:
        """Return the facility MW energised before a day."""
        return max((facility_mw for step, facility_mw in self.steps if step < day), default=0.0)


def later(day: date, months: float) -> date:
    """Return the first of the month that lies this many months after the month of a day.

    >>> later(date(2025, 7, 31), 22)
    datetime.date(2027, 5, 1)
    """
    whole = day.year * 12 + day.month - 1 + ceil(months)
    return date(whole // 12, whole % 12 + 1, 1)


def schedule(campus: Campus, assumptions: Assumptions) -> Schedule:
    """Return when a campus is energised, up to the end of the horizon."""
    rules = assumptions["schedule"]
    if campus.status == "operational" and not campus.operating_facility_mw:
        begin = campus.first("operational") or rules["as_of"]
        return Schedule(_steps(0.0, begin, campus.facility_mw, rules), "in operation; its size so far is not stated")
    running = campus.operating_facility_mw
    begin, reason = _next_energised(campus, rules)
    steps = _steps(running, begin, campus.facility_mw, rules)
    if not running:
        return Schedule(steps, reason)
    since = campus.first("operational") or rules["as_of"]
    return Schedule(((since, running), *steps), f"in operation with {running:g} facility MW; then: {reason}")


def _next_energised(campus: Campus, rules: Assumptions) -> tuple[date, str]:
    """Return when the next building is in service, and why."""
    build = rules["building_months"] + rules["slip_months"]
    release = rules["as_of"]
    if campus.status == "operational":
        return later(release, rules["running_to_next_months"]), "next building after the release"
    if campus.status == "under_construction":
        works = campus.since("under_construction") or release.replace(month=1, day=1)
        begin = later(works, build)
        return max(begin, rules["first_energised_not_before"]), f"works since {works:%Y-%m}, {build} months to service"
    begin_works = campus.since("permitted") or release
    if campus.status == "permitted":
        works = later(max(begin_works, release), rules["permitted_to_works_months"])
    else:
        works = later(release, rules["proposed_to_works_months"])
    lead = int(
        by_key("regions.csv", "region")[by_key("states.csv", "state")[campus.state]["region"]]["grid_lead_months"]
    )
    asked = campus.announced or min((day for _, day in campus.history), default=release)
    connected = later(asked, lead)
    begin = max(later(works, build), connected)
    why = f"grid: {lead} months after {asked:%Y-%m}" if begin == connected else f"works assumed from {works:%Y-%m}"
    return begin, f"{campus.status}, {why}"


def _steps(running: float, begin: date, facility_mw: float, rules: Assumptions) -> tuple[tuple[date, float], ...]:
    """Return steps of equal size from a date on until all that is announced is energised, or the horizon ends."""
    steps: list[tuple[date, float]] = []
    day, energised = begin, running
    while energised < facility_mw and day < HORIZON_END:
        energised = min(facility_mw, energised + rules["step_facility_mw"])
        steps.append((day, energised))
        day = later(day, rules["step_months"])
    return tuple(steps)
