"""The command ``scenarios``: futures drawn from a case, as a file that ``sweep`` solves and ``risk`` plans over."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from planner.cli.given import given_case
from planner.cli.options import AsJson, CaseName, Changes, Quiet, Verbose
from planner.cli.output import Output
from planner.errors import CaseError
from planner.status import Ending
from planner.system.folders.file import examine_file
from planner.text import count, decimals

if TYPE_CHECKING:
    from planner.api import Case
    from planner.uncertainty.describe import Moved
    from planner.uncertainty.scenario import ScenarioSet

MOST_FUTURES = 10_000

Number = Annotated[int, typer.Option("-n", "--number", min=1, max=MOST_FUTURES, metavar="N", help="Scenarios to draw.")]
Seed = Annotated[int, typer.Option("--seed", min=0, metavar="N", help="Seed of the draw.")]
File = Annotated[
    Path, typer.Option("-o", "--out", metavar="FILE", help="The scenario file (.toml).", show_default=False)
]
Keep = Annotated[
    int | None,
    typer.Option("--keep", min=1, metavar="K", help="Keep this many of them, which stand for all.", show_default=False),
]
Backward = Annotated[bool, typer.Option("--backward", help="Keep by backward reduction, not by forward selection.")]


def _inside(share: float) -> float:
    """Admit the probability that a figure lies inside its range."""
    if not 0.0 < share < 1.0:
        message = f"{share:g}: must be above 0 and below 1"
        raise typer.BadParameter(message)
    return share


def _common(share: float) -> float:
    """Admit what figures with different owners have in common."""
    if not 0.0 <= share <= 1.0:
        message = f"{share:g}: must be from 0 to 1"
        raise typer.BadParameter(message)
    return share


Inside = Annotated[
    float,
    typer.Option(
        "--inside", metavar="SHARE", callback=_inside, help="Probability that a figure lies inside its range."
    ),
]
Common = Annotated[
    float,
    typer.Option(
        "--common", metavar="SHARE", callback=_common, help="What figures of a column with different owners share."
    ),
]
RisksOnly = Annotated[bool, typer.Option("--risks-only", help="Draw the risks alone, no figure of a range.")]


def scenarios(
    case: CaseName,
    file: File,
    number: Number = 50,
    seed: Seed = 0,
    keep: Keep = None,
    backward: Backward = False,
    inside: Inside = 0.8,
    common: Common = 0.5,
    risks_only: RisksOnly = False,
    changes: Changes = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file of this name.")] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Draw scenarios from the ranges, the risks and the slips of a case, and write them to a file."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    if file.suffix.lower() != ".toml":
        message = f"{file} is not the name of a scenario file; it must end in .toml"
        raise typer.BadParameter(message)
    if keep is None and backward:
        message = "--backward says how to keep some of them: give --keep too"
        raise typer.BadParameter(message)
    if keep is not None and keep > number:
        message = f"--keep {keep} is more than are drawn (-n {number})"
        raise typer.BadParameter(message)
    examine_file(file, replace=force, hint=", or give --force")
    from planner.uncertainty.describe import describe_scenarios
    from planner.uncertainty.draw import draw_scenarios
    from planner.uncertainty.reduce import reduce_scenarios

    base = given_case(case, changes)
    found = draw_scenarios(base, number, seed=seed, ranges=not risks_only, inside_range=inside, common_share=common)
    if keep is not None:
        found = reduce_scenarios(found, keep, base, method="backward" if backward else "forward")
    _refuse_faults(base, found)
    found.write(file, replace=force)
    rows = describe_scenarios(found, base)
    output.document(
        {
            "status": Ending.OK,
            "written": str(file),
            "made": found.made,
            "seed": found.seed,
            "probabilities": {one.name: one.probability for one in found},
            "changes": [asdict(row) for row in rows],
        }
    )
    _show(output, found, rows, base, file)


def _refuse_faults(base: "Case", found: "ScenarioSet") -> None:
    """Refuse scenarios that the case does not admit, with all faults."""
    from planner.uncertainty.scenario import faults_of

    cases = found.cases(base)
    problems = [one for drawn, made in cases if isinstance(made, CaseError) for one in faults_of(drawn.name, made)]
    if problems:
        raise CaseError(base.model.name, problems)


def _show(output: Output, found: "ScenarioSet", rows: "list[Moved]", base: "Case", file: Path) -> None:
    head = f"{count(len(found), 'scenario')} of {escape(base.model.name)} (seed {found.seed})"
    verb = "is" if len(found) == 1 else "are"
    output.text.print(f"{head} {verb} in [bold]{escape(str(file))}[/bold]", soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    table.add_column("what changes", no_wrap=True)
    for title in ("share", "rows", "least", "middle", "most"):
        table.add_column(title, justify="right")
    for row in rows:
        amounts = ["" if value is None else f"{value:.3g}" for value in (row.least, row.middle, row.most)]
        what = f"{escape(row.what)} later, months" if row.operation == "shift" else escape(row.what)
        table.add_row(what, decimals(row.probability), f"{row.rows}", *amounts)
    output.text.print(table)
    months = ", or months later" if any(row.operation == "shift" for row in rows) else ""
    output.text.print(
        f"share: of the scenarios, by probability; least to most: times the figure of the case{months}", soft_wrap=True
    )
