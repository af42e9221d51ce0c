"""An example of every command, shown by its ``--help``.

In the order of `EXAMPLES` they are a session in an empty folder: tests run them all.
"""

from rich.markup import escape

MEANINGS = {
    0: "done; a plan within the gap",
    1: "usage or internal error, or a plan that fails its audit",
    2: "invalid case",
    3: "proven infeasible",
    4: "a limit was reached; the best result found is shown or written",
    5: "no plan and no proof of infeasibility: a limit was reached first, or the solver stopped without a result",
}
"""What the exit codes mean (`planner.cli.run` adds 130: Ctrl-C before the solver ran)."""

_SOLVES = (0, 1, 2, 3, 4, 5)
CODES: dict[str, tuple[int, ...]] = {
    "list": (0, 1),
    "new": (0, 1),
    "check": (0, 1, 2),
    "solve": _SOLVES,
    "show": (0, 1, 2),
    "audit": (0, 1, 2, 4),
    "compare": (0, 1, 2),
    "replan": _SOLVES,
    "attribute": _SOLVES,
    "front": _SOLVES,
    "tornado": _SOLVES,
    "breakeven": _SOLVES,
    "protect": _SOLVES,
    "sweep": _SOLVES,
    "schema": (0, 1),
}
"""The exit codes of each command; ``docs/cli.md`` defines them, tests produce each."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "list": ("planner list --verbose",),
    "new": ("planner new my-case",),
    "check": ('planner check my-case --set "sites[fjord].max_it_mw=500"',),
    "solve": (
        "planner solve three_sites --gap 0 --out plans/base",
        'planner solve three_sites --gap 0 --set "sites[north].max_it_mw=20" --out plans/small',
    ),
    "show": ("planner show plans/base spend --where year=2027 --by provider,item",),
    "audit": ("planner audit plans/base",),
    "compare": ("planner compare plans/base plans/small",),
    "replan": ('planner replan plans/base --set "sites[north].max_it_mw=20" --committed-until 2026-07-01',),
    "attribute": (
        'planner attribute three_sites --set "sites[north].max_it_mw=60" --set "budget[2027].cash_limit_busd=3.2"',
    ),
    "front": ("planner front three_sites --against budget --value 0.9 --value 1.1",),
    "tornado": ("planner tornado three_sites --group demand.compute",),
    "breakeven": (
        'planner breakeven three_sites "offers[south_cloud].rent_musd_per_mw_year" --entry --low 1 --high 30',
    ),
    "protect": ("planner protect three_sites --curve 0.5,1.0",),
    "sweep": (
        "planner sweep stargate stargate --list",
        "planner sweep stargate stargate --expanded ercot-freeze",
    ),
    "schema": ("planner schema --tables",),
}


def epilog_of(name: str) -> str:
    """Return what the help of a command ends with: its examples and its exit codes."""
    # A command that is not listed above still runs; the tests name it.
    codes = "; ".join(f"{code} {MEANINGS[code]}" for code in CODES.get(name, ()))
    examples = [f"Example: {escape(line)}" for line in EXAMPLES.get(name, ())]
    ends = [f"Exit codes: {codes}. (130: Ctrl-C before the solver ran.)"] if codes else []
    return "\n\n".join([*examples, *ends])
