"""Pauses after a loss (section 8): the plan's table of the critical shares that they lower."""

from planner.audit import tolerance
from planner.audit.cells import Line
from planner.audit.context import Context
from planner.audit.redundancy import pause_days, share_of, stated_share

FAMILY, TABLE, NAME = "pauses", "critical_shares", "critical shares"
COLUMNS = {"stated_share": "share", "outage_days": "days", "pause_days": "days", "critical_share": "share"}
Key = tuple[str, str, str]


def check_pauses(context: Context) -> None:
    """Compare the table with the rules of the case."""
    facts, checks = context.facts, context.checks
    family = facts.model.families.redundancy
    expected: dict[Key, tuple[float, ...]] = {}
    for rule in family.rules if family is not None else ():
        for market, workload in facts.demand:
            pause = pause_days(rule, market, workload)
            if pause > 0.0:
                figures = stated_share(rule, market, workload), rule.outage_days or 0.0, pause
                expected[rule.name.strip(), market, workload] = *figures, share_of(rule, market, workload)

    def read(line: Line) -> tuple[Key, tuple[float, ...]]:
        key = line.text("rule"), line.text("market"), line.text("workload")
        return key, tuple(line.number_of(column) for column in COLUMNS)

    stated = context.reader.parse(TABLE, read)
    for key in (*expected, *(key for key in stated if key not in expected)):
        where = f"{TABLE}, {', '.join(key)}"
        if key not in stated:
            checks.fault(FAMILY, NAME, f"{where}: there is no such row")
        elif key not in expected:
            checks.fault(FAMILY, NAME, f"{where}: the rule has no such pause")
        else:
            for (column, unit), said, own in zip(COLUMNS.items(), stated[key], expected[key], strict=True):
                checks.equal(FAMILY, NAME, f"{where}, {column}", said, own, unit, tolerance.RELATIVE * max(1.0, own))
