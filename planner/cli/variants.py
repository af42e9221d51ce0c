"""What commands print that compare a case with what it would be otherwise: a line for each plan."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console

from planner.cli.resolving import OPEN, print_inside
from planner.cli.rows import print_rows
from planner.cli.study import money, print_reasons, share

if TYPE_CHECKING:
    from planner.analysis.contiguity import ContiguityVariant
    from planner.analysis.programmes import ProgrammeVariant

    Variant = ContiguityVariant | ProgrammeVariant

HEADINGS = (
    ("plan", "left"),
    ("status", "left"),
    ("cost $B", "right"),
    ("gap", "right"),
    ("more $B", "right"),
    ("proven range $B", "right"),
    ("unserved", "right"),
)
SAME_UNSERVED = 1e-6


def print_variants(console: Console, variants: "Sequence[Variant]") -> None:
    """Print a line per plan, what its demand says, and why plans are missing."""
    lines = [_line(one) for one in variants]
    everything = any(one.unserved_compute_years for one in variants)
    columns = len(HEADINGS) - (0 if everything else 1)  # a column of zeros says nothing, and the table fits 80 columns
    print_rows(console, HEADINGS[:columns], [line[:columns] for line in lines])
    first, *others = variants
    unlike = [one.name for one in others if _serves_otherwise(first, one)]
    if unlike:
        console.print(
            f"[yellow]{', '.join(unlike)}: leaves other demand unserved than the case as given; the costs are those of "
            "different service[/yellow]",
            soft_wrap=True,
        )
    print_inside(console, [one.name for one in variants if one.sign == OPEN])
    print_reasons(console, [asdict(one) for one in variants], "name")


def _serves_otherwise(first: "Variant", other: "Variant") -> bool:
    one, two = first.unserved_compute_years, other.unserved_compute_years
    return one is not None and two is not None and abs(one - two) > SAME_UNSERVED * max(1.0, abs(one), abs(two))


def _line(one: "Variant") -> list[str]:
    low, high = one.difference_low_busd, one.difference_high_busd
    proven = "" if low is None or high is None else f"{round(low, 3) + 0.0:,.3f} to {round(high, 3) + 0.0:,.3f}"
    differs = "" if one.difference_busd is None else OPEN if one.sign == OPEN else money(one.difference_busd)
    unserved = one.unserved_compute_years
    shown = "" if unserved is None else f"{unserved:,.1f}"
    return [one.name, one.status, money(one.cost_busd), share(one.gap), differs, proven, shown]
