"""Differences in the commands that compare: options to solve open ones further, and what is said of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from planner.cli.options import admitted_seconds, seconds_number
from planner.cli.study import money

if TYPE_CHECKING:
    from planner.analysis.resolve import Resolved

OPEN = "open"
"""That of `planner.runs.difference`, which the help does not wait for; a test holds them equal."""
Resolve = Annotated[
    bool,
    typer.Option(
        "--resolve",
        help="Solve further, by halves of their gaps, just the runs of which a difference has an open sign.",
    ),
]
ResolveLimit = Annotated[
    float | None,
    typer.Option(
        "--resolve-time-limit",
        metavar="SECONDS",
        parser=seconds_number,
        callback=admitted_seconds,
        help="With --resolve: time for each difference that is open; without it, 60.",
        show_default=False,
    ),
]


def refuse_alone(limit_s: float | None, *, resolve: bool) -> None:
    """Refuse a limit for what is not asked for."""
    if limit_s is not None and not resolve:
        message = "--resolve-time-limit is the time for --resolve, which is not given"
        raise typer.BadParameter(message)


def signed(value: float | None, sign: str) -> str:
    """Return a difference of costs; where its sign is open, that it is."""
    return OPEN if sign == OPEN else money(value, signed=True)


def interval(low: float | None, high: float | None) -> str:
    """Return what is proven of a difference, $B.

    Examples
    --------
    >>> interval(-0.1, 0.25), interval(None, 0.25), interval(None, None)
    ('between -0.100 and +0.250', 'at most +0.250', 'nothing is proven')
    """
    if low is not None and high is not None:
        return f"between {money(low, signed=True)} and {money(high, signed=True)}"
    if low is None and high is None:
        return "nothing is proven"
    return f"at least {money(low, signed=True)}" if high is None else f"at most {money(high, signed=True)}"


def print_open(console: Console, rows: Iterable[tuple[str, Mapping[str, Any]]], resolved: "Iterable[Resolved]") -> None:
    """State which differences lie inside the gaps, what is proven of them, and what came of solving further.

    Parameters
    ----------
    rows : iterable of (str, mapping)
        Name of each difference, and its ``low_busd``, ``high_busd``, ``sign`` and ``tier`` (if it has one).
    """
    found = [(name, row) for name, row in rows if row["sign"] == OPEN]
    done = list(resolved)
    if found:
        hint = "" if done else "; --resolve solves these further"
        console.print(f"\nInside the gaps, and no finding: more or less is open{hint}", soft_wrap=True)
    for name, row in found:
        tier = row.get("tier") or row.get("shortfall_tier")
        words = f"what must be missed is open ({tier})" if tier else f"{interval(row['low_busd'], row['high_busd'])} $B"
        console.print(f"  {escape(name)}: {escape(words)}", soft_wrap=True)
    if done:
        still = [one.name for one in done if one.sign == OPEN]
        left = f"still open: {', '.join(still)}" if still else "none is open any more"
        console.print(
            escape(f"\nSolved further, for they were open: {', '.join(one.name for one in done)}; {left}"),
            soft_wrap=True,
        )


def print_inside(console: Console, names: Sequence[str]) -> None:
    """State of which plans the difference lies inside the gaps."""
    if names:
        words = (
            f"{', '.join(names)}: open, for the difference lies inside the gaps of both plans (a smaller --gap decides)"
        )
        console.print(escape(words), soft_wrap=True)


def resolved_document(resolved: "Iterable[Resolved]") -> list[dict[str, Any]]:
    """Return what came of solving further, for the JSON document."""
    return [one.document() for one in resolved]
