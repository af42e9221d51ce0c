"""How ``risk`` shows later decision dates: what the policy costs, and what is ordered in each group of futures."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from planner.cli.output import Output
from planner.cli.risk_worth import inside_the_gaps, proven, proven_to
from planner.cli.rows import print_rows
from planner.cli.study import money
from planner.text import count, percent

if TYPE_CHECKING:
    from planner.uncertainty.policy import Policy
    from planner.uncertainty.result import RiskResult

FIRST_ONLY = (
    "The headline, what is decided by {day} and the table of futures are of the first date alone, with the future "
    "known after it; the groups are of the policy over all dates, in which later dates are decided by what has shown "
    "itself by then"
)
SPAN = ("waiting_least_busd", "waiting_most_busd")
MOST_GROUPS = 12
"""Groups of a date that are shown; the tables of the folder have all."""


def with_unit(amount: float, unit: str) -> str:
    """Return an amount with its unit: 1 block, 2 blocks."""
    return f"{amount:g} {unit.removesuffix('s') if amount == 1.0 else unit}"


def print_policy(output: Output, found: "RiskResult") -> None:
    """Show what the policy over all decision dates costs, and what it costs to know no more than has shown itself."""
    policy = found.policy
    if policy is None:
        return
    summary = policy.summary(found.bound_busd)
    bound = proven_to(summary["gap"], summary["bound_busd"])
    days = [day.isoformat() for day in policy.dates]
    output.text.print(
        f"[bold]With {'later dates' if len(days) > 1 else 'a later date'} ({', '.join(days)}): "
        f"${money(policy.value_busd)}B[/bold] expected, {bound}; worst {money(max(policy.costs))}",
        soft_wrap=True,
    )
    output.text.print(escape(waiting_words(policy)), soft_wrap=True)
    for line in ties_words(summary):
        output.text.print(escape(line), soft_wrap=True)
    output.text.print(FIRST_ONLY.format(day=found.decide_by.isoformat()), soft_wrap=True)


def waiting_words(policy: "Policy") -> str:
    """Return in words what it costs to know no more than has shown itself; inside the gaps it is no finding."""
    waiting = policy.waiting
    if waiting.sign == "more":
        much = f"${money(waiting.busd)}B{proven(waiting)}"
        return f"Of that, with these first decisions, knowing no more than has shown itself costs {much}"
    if waiting.sign == "equal":
        return "Knowing no more than has shown itself costs nothing (proven)"
    return inside_the_gaps("What knowing no more than has shown itself costs", waiting)


def ties_words(summary: Mapping[str, Any]) -> Iterator[str]:
    """Yield in words what the later dates cost with other first stages that are as good within the gap, if any."""
    values, low, high = ([one["value_busd"] for one in summary["ties"]], *map(summary.get, SPAN))
    if not values:
        return
    many = len(values) > 1
    others = f"{len(values)} other first stages are" if many else "1 other first stage is"
    costs = f"${money(min(values))}B" + (f" to ${money(max(values))}B" if many else "")
    most = "; nothing is proven from above" if high is None else f" and at most ${money(high)}B"
    yield (
        f"{others} as good within the gap: with {'them' if many else 'it'} the later dates lead to {costs} expected. "
        f"With any of these, knowing no more than has shown itself costs at least ${money(low)}B{most}"
    )


def print_groups(output: Output, found: "RiskResult") -> None:
    """Show, for each later date, its groups with what distinguishes them, and what is ordered in each."""
    if found.policy is None:
        return
    orders = found.rows("group_orders")
    headings = [("", "left"), ("role", "left"), ("starts", "left"), ("", "right")]
    for day in found.policy.dates:
        rows = [row for row in found.rows("groups") if row["date"] == day.isoformat()]
        for row in rows[:MOST_GROUPS]:
            _print_group(output, row)
            mine = [one for one in orders if one["group"] == row["group"]]
            cells = [
                [one["what"], one["role"], str(one["period"]), with_unit(one["amount"], one["unit"])] for one in mine
            ]
            if cells:
                print_rows(output.text, headings, cells)
            else:
                output.text.print("nothing more is signed")
        if len(rows) > MOST_GROUPS:
            output.text.print(f"and {len(rows) - MOST_GROUPS} more groups by {day.isoformat()}")


def _print_group(output: Output, row: dict[str, Any]) -> None:
    distinct = f": {row['distinguished_by']}" if row["distinguished_by"] else ""
    within = f" (of {row['within']})" if row["within"] else ""
    output.text.print(
        f"\n[bold]By {row['group']}[/bold]{within}, as known on {row['known_on']}{escape(distinct)}; "
        f"{percent(row['probability'], 2)} of the futures ({count(row['futures'], 'future')}), "
        f"expected ${money(row['value_busd'])}B",
        soft_wrap=True,
    )
