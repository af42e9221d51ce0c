"""Plans of earlier folder formats as plans of today: what the folder lacks follows from its other tables."""

from collections.abc import Callable, Mapping, Sequence

from planner.case.case import CaseData
from planner.errors import PlanError
from planner.inputs import Inputs, make_inputs
from planner.inputs.periods import Periods
from planner.plan.cash import cash, envelopes
from planner.plan.columns import TABLES
from planner.plan.complete import completed
from planner.plan.decisions import Row
from planner.plan.spend import Total, placed, salvage_of, spend
from planner.plan.tidy import Cell, tidied


def divided_by_year(case: CaseData, tables: Mapping[str, Sequence[Mapping[str, Cell]]]) -> dict[str, list[Row]]:
    """The tables of today from those of folder format 3, where ``spend`` has a row per period and names no payee.

    Raises
    ------
    PlanError
        If the tables do not fit the case.
    """

    def divided(inputs: Inputs, periods: Periods, found: dict[str, list[Row]]) -> dict[str, list[Row]]:
        totals: dict[Total, float] = {}
        for row in found["spend"]:
            total = periods.index(row["period"]), str(row["part"]), str(row["item"]), str(row["role"])
            total = salvage_of(inputs.calendar.count) if row["part"] == "salvage" else total
            totals[total] = totals.get(total, 0.0) + float(row["amount_busd"])
        found = {**found, "spend": spend(inputs, found, totals)}
        return {**found, "cash": cash(inputs, found), "envelopes": envelopes(inputs, found)}

    return _upgraded(case, tables, divided)


def with_cash(case: CaseData, tables: Mapping[str, Sequence[Mapping[str, Cell]]]) -> dict[str, list[Row]]:
    """The tables of today from those of folder format 4, which has none of cash, envelopes and financing.

    Raises
    ------
    PlanError
        If the tables do not fit the case.
    """

    def complete(inputs: Inputs, _periods: Periods, found: dict[str, list[Row]]) -> dict[str, list[Row]]:
        found = {**found, "cash": cash(inputs, found), "envelopes": envelopes(inputs, found)}
        return {name: found[name] for name in TABLES}

    return _upgraded(case, tables, complete)


def completed_from_earlier(case: CaseData, tables: Mapping[str, Sequence[Mapping[str, Cell]]]) -> dict[str, list[Row]]:
    """The tables of today from those of version 0.1, by today's names.

    Raises
    ------
    PlanError
        If the tables do not fit the case.
    """

    def complete(inputs: Inputs, periods: Periods, found: dict[str, list[Row]]) -> dict[str, list[Row]]:
        totals: dict[Total, float] = {}
        for row in found["spend"]:
            key = periods.index(row["period"]), "spend", str(row["item"]), str(row["role"])
            totals[key] = totals.get(key, 0.0) + float(row["amount_busd"])
        for row in found["backup"]:
            key = periods.index(row["period"]), "backup_income", "backup_income", "backup"
            totals[key] = -float(row["income_busd"])
        parts = {str(row["item"]): float(row["present_value_busd"]) for row in found["objective"]}
        totals[salvage_of(inputs.calendar.count)] = parts["salvage"] / inputs.discount_end
        for entry, busd in placed(inputs, found).items():
            if entry.part == "unserved":
                totals[entry.total] = totals.get(entry.total, 0.0) + busd
        return completed(inputs, found, totals)

    return _upgraded(case, tables, complete)


def _upgraded(
    case: CaseData,
    tables: Mapping[str, Sequence[Mapping[str, Cell]]],
    finish: Callable[[Inputs, Periods, dict[str, list[Row]]], dict[str, list[Row]]],
) -> dict[str, list[Row]]:
    """Type the cells of the tables, and let one step derive what they lack; what does not fit is a `PlanError`."""
    inputs = make_inputs(case)
    periods = Periods(inputs.calendar)
    try:
        found = {name: tidied(name, rows, periods) for name, rows in tables.items()}
        found.setdefault("programme_path", [])  # such folders may be older than programmes
        found.setdefault("financing", [])
        return finish(inputs, periods, found)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise PlanError(f"its tables do not fit the case in inputs ({type(error).__name__}: {error})") from None
