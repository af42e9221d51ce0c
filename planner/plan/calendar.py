"""The table of the periods."""

from planner.inputs import Inputs
from planner.inputs.periods import Periods
from planner.plan.decisions import Row


def calendar(inputs: Inputs) -> list[Row]:
    """Every period with its name, its dates and its length."""
    periods = Periods(inputs.calendar)
    labels = inputs.calendar.labels
    days = inputs.calendar.start_dates
    return [
        {
            "period": periods.cells[t],
            "label": periods.years[t] if periods.yearly and labels[t] == str(periods.years[t]) else labels[t],
            "year": periods.years[t],
            "start_date": days[t].isoformat(),
            "end_date": days[t + 1].isoformat(),
            "length_years": inputs.length_years(t),
        }
        for t in inputs.periods
    ]
