"""An example of every command, shown by its ``--help``.

In the order of `EXAMPLES` they are a session in an empty folder: tests run them all.
"""

from rich.markup import escape

_FAULT = "usage or internal error"
_NOT_AUDITED = f"{_FAULT}, or a plan that fails its audit"
_CASE = "invalid case"
_INPUTS = "the inputs of a plan are not a valid case"
_NO_RESULT = "no plan and no proof of infeasibility: a limit was reached first, or the solver stopped without a result"
_WRITES = {0: "done", 1: _FAULT}
_READS = {0: "done", 1: f"{_FAULT}, or a folder that is not a plan", 2: _INPUTS}
_STUDY = {
    0: "done; every variant with its result",
    1: f"{_FAULT}, or a variant that failed",
    2: _CASE,
    3: "proven infeasible",
    4: "a limit was reached, or the solver stopped; what was found is shown",
    5: _NO_RESULT,
}
_REPLAN = {**_STUDY, 2: f"{_CASE}, or {_INPUTS}", 4: f"{_STUDY[4]} and the plan written"}
CODES: dict[str, dict[int, str]] = {
    "list": _WRITES,
    "new": {**_WRITES, 2: "with --from: invalid case"},
    "check": {0: "a valid case", 1: _FAULT, 2: _CASE},
    "solve": {
        0: "a plan within the gap",
        1: _NOT_AUDITED,
        2: _CASE,
        3: "proven infeasible",
        4: "a limit was reached, or the solver stopped; the best plan found is written",
        5: _NO_RESULT,
    },
    "show": _READS,
    "report": {**_READS, 1: f"{_READS[1]}, or something stands where it is to go"},
    "plot": {**_READS, 1: f"{_READS[1]}, or something stands where it is to go"},
    "app": {
        0: "ended by Ctrl-C, or another signal",
        1: f"{_FAULT}, or the port or the store cannot be used",
        2: _CASE,
    },
    "export": {**_READS, 1: f"{_READS[1]}, or something stands where it is to go"},
    "audit": {
        0: "all checks pass",
        1: f"{_NOT_AUDITED} or whose bound is refuted",
        2: _INPUTS,
        4: "with --bound: a limit was reached before the proof",
    },
    "compare": _READS,
    "replan": _REPLAN,
    "attribute": _STUDY,
    "front": _STUDY,
    "tornado": _STUDY,
    "breakeven": _STUDY,
    "risk": {
        0: "a first stage within the gap, and the plan of every future",
        1: _NOT_AUDITED,
        2: "invalid case, or a scenario that is none",
        3: "proven infeasible: a scenario has no plan, or no first stage suits all",
        4: "a limit was reached, or the gap is not proven; the best first stage found is shown",
        5: _NO_RESULT,
    },
    "stress": {
        0: "done; every future with its row",
        1: f"{_NOT_AUDITED}, or a folder that is not a plan",
        2: f"{_INPUTS}, or a scenario is none",
        3: "proven infeasible: there is no future in which the plan can be kept",
        4: "a limit or a signal ended some future, or all that were left; what was found is shown",
        5: "a limit or a signal came before the plan of any future",
    },
    "protect": _STUDY,
    "programme": _STUDY,
    "contiguity": _STUDY,
    "explain": {
        0: "explained: there are plans",
        1: f"{_FAULT}, or a folder that is not a plan",
        2: f"{_CASE}, or {_INPUTS}",
        3: "explained: proven infeasible",
        5: "neither a plan nor a proof of infeasibility in time",
    },
    "alternatives": {0: "done", 1: f"{_FAULT}, or a folder that is not a plan", 2: _INPUTS},
    "sweep": {**_STUDY, 4: "a limit was reached, or the solver stopped; every run that ended is shown"},
    "scenarios": {0: "done", 1: f"{_FAULT}, or something stands where the file is to go", 2: _CASE},
    "schema": _WRITES,
}
"""The exit codes of each command and what they mean there; ``docs/cli.md`` defines them, tests produce each."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "list": ("planner list --verbose",),
    "new": ("planner new my-case", "planner new --workbook my.xlsx", "planner new --from my.xlsx my-copy"),
    "check": ('planner check my-case --set "sites[fjord].max_it_mw=500"',),
    "solve": (
        "planner solve three_sites --gap 0 --out plans/base",
        'planner solve three_sites --gap 0 --set "sites[north].max_it_mw=20" --out plans/small',
        "planner solve four_campuses --gap 0 --out plans/campuses",
    ),
    "show": ("planner show plans/base spend --where year=2027 --by provider,item",),
    "report": ("planner report plans/base -o base.html",),
    "plot": ("planner plot plans/base capacity -o capacity.png", "planner plot plans/base map -o map.html"),
    "app": ("planner app stargate", "planner app my-case --store my-what-ifs --no-browser"),
    "export": ("planner export plans/base base.xlsx", "planner export plans/base base-tables --as csv"),
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
    "risk": ("planner risk four_campuses --scenarios four_campuses --decide-by 2026-12-31",),
    "stress": ("planner stress plans/campuses --scenarios four_campuses",),
    "protect": ("planner protect three_sites --curve 0.5,1.0",),
    "programme": (
        "planner programme my-case",
        'planner programme my-case --set "programme_steps[inland,2029-01-01].at_least_facility_mw=1100"',
    ),
    "contiguity": (
        "planner contiguity three_sites --set "
        '\'model.families.contiguity.rules=[{name="hall",market="users",workload="inference",at_least_it_mw=100}]\'',
    ),
    "explain": (
        'planner explain three_sites --set "budget[2027].cash_limit_busd=0.1"',
        "planner explain plans/base",
        "planner explain plans/base --why north --why-not east --prices",
    ),
    "alternatives": ("planner alternatives plans/base --within 1%",),
    "sweep": (
        "planner sweep stargate stargate --list",
        "planner sweep stargate stargate --expanded ercot-freeze",
    ),
    "scenarios": (
        "planner scenarios stargate_risks -n 20 --seed 1 -o futures.toml",
        "planner scenarios stargate_risks -n 60 --keep 10 --risks-only -o ten.toml",
    ),
    "schema": ("planner schema --tables",),
}


BEFORE = {"app": " before the page is served", "explain": " before a conflict is known; one that is known is shown"}
"""What Ctrl-C comes before where it ends a command with a code of its own, if not before the solver starts."""


def epilog_of(name: str) -> str:
    """Return what the help of a command ends with: its examples and its exit codes."""
    # A command that is not listed above still runs; the tests name it.
    meanings = CODES.get(name, {})
    codes = "; ".join(f"{code} {meaning}" for code, meaning in meanings.items())
    before = BEFORE.get(name, " before the solver started" if 4 in meanings else "")
    examples = [f"Example: {escape(line)}" for line in EXAMPLES.get(name, ())]
    ends = [f"Exit codes: {codes}. (130: Ctrl-C{before}.)"] if codes else []
    return "\n\n".join([*examples, *ends])


def epilog() -> str:
    """Return what the help of the planner itself ends with."""
    codes = epilog_of("solve").replace("Exit codes:", "Exit codes of planner solve:")
    return f"{codes} The help of each command lists its own."
