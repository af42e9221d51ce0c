"""Random rules of the horizon for the random rich cases: when power counts, and its dates."""

from datetime import date
from random import Random
from typing import Any

from planner.case.case import CaseData
from planner.case.check import check_case
from planner.case.model import Tail
from planner.changes.shift import add_months
from planner.errors import CaseError

HORIZON = 5000
"""Cases from this number on have rules of the horizon; those before stay as they were."""


def with_horizon_rules(case: CaseData, rng: Random, *, tail: bool = True) -> CaseData:
    """The case with another rule for power within a period, and with ranges of its energisation dates."""
    steps = [_ranged(row, rng) for row in case.tables["energisation"]]
    several = {row.site for row in steps if sum(other.site == row.site for other in steps) > 1}
    steps += [_second(row) for row in steps if row.site not in several]
    rules: dict[str, Any] = {
        "energisation": rng.choice(["throughout", "throughout", "time_average"]),
        "energisation_dates": rng.choice([None, "base", "low", "low", "low", "high", "high"]),
        "tail": rng.choice(
            [None, Tail(period_months=(12,)), Tail(period_months=(7, 30)), Tail(period_months=24, periods=2)]
        ),
    }
    rules["tail"] = rules["tail"] if tail else None
    horizon = case.model.horizon.model_copy(update=rules)
    model = case.model.model_copy(update={"horizon": horizon})
    changed = case.replace(model=model, tables={"energisation": tuple(steps)})
    problems = check_case(changed)
    if problems:
        raise CaseError(case.model.name, problems)
    return changed


def _ranged(row: Any, rng: Random) -> Any:
    """A step with half the power, so that power binds, and mostly with a range of its date."""
    half = {"facility_mw": round(row.facility_mw / 2, 3)}
    if rng.random() < 0.2:
        return row.model_copy(update=half)
    before = row.date.year < 2026  # of no account unless it is later by a year or more
    earlier, later = (0, rng.choice([14, 18, 20])) if before else (rng.randint(2, 10), rng.randint(2, 8))
    return row.model_copy(
        update={**half, "date_low": add_months(row.date, -earlier), "date_high": add_months(row.date, later)}
    )


def _second(row: Any) -> Any:
    """A second step for a site that has one, with a wide range of its date."""
    when = {"date": date(2027, 3, 1), "date_low": date(2026, 7, 1), "date_high": date(2027, 11, 1)}
    return row.model_copy(update={"facility_mw": 2.5 * row.facility_mw, **when})
