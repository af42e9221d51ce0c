"""The command ``plot``: a figure of a plan, of a sweep, of a study of risk, or of a plan against another, as a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from planner.case.messages import nearest
from planner.changes.schema import BASE
from planner.cli.drawn import Force, is_file, place_of, write_drawn
from planner.cli.folders import changed_since, findings_kind
from planner.cli.options import AsJson, Verbose
from planner.cli.output import Output
from planner.errors import OptionError
from planner.figures import COMPARED, FIGURES, REPLAYED, SWEPT, UNCERTAIN
from planner.status import Ending
from planner.system.extras import extra_module

if TYPE_CHECKING:
    from planner.figures.spec import Figure

FORMATS = (".png", ".svg", ".pdf", ".html")
KNOWN = tuple(dict.fromkeys((*FIGURES, *SWEPT, *COMPARED, *UNCERTAIN, *REPLAYED)))
Folder = Annotated[
    Path,
    typer.Argument(
        metavar="PLAN|SWEEP|RISK", help="The folder of a plan, of a sweep, of risk or of stress.", show_default=False
    ),
]

Other = Annotated[
    Path | None, typer.Option("--to", metavar="PLAN", help="Draw what differs from this plan.", show_default=False)
]
Run = Annotated[
    str | None,
    typer.Option(
        "--run", metavar="NAME", help="The run of a waterfall; else the one that differs most.", show_default=False
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        "--measure",
        metavar="NAME",
        help="What a frontier is against; what a fan is of (capacity, unserved, cash), and protection (a redundancy "
        "rule, site, provider, power_region).",
        show_default=False,
    ),
]


def _figure_name(name: str) -> str:
    """Admit the name of a figure."""
    if name not in KNOWN:
        message = f"{name!r} is not a figure{nearest(name, KNOWN)} (there are: {', '.join(KNOWN)})"
        raise typer.BadParameter(message)
    return name


def plot(
    folder: Folder,
    name: Annotated[
        str,
        typer.Argument(
            metavar="FIGURE",
            callback=_figure_name,
            help=f"Of a plan: {', '.join(FIGURES)}; against another (--to): {', '.join(COMPARED)}; of a sweep: "
            f"{', '.join(SWEPT)}; of risk: {', '.join(UNCERTAIN)}; of stress: {', '.join(REPLAYED)}.",
            show_default=False,
        ),
    ],
    file: Annotated[
        Path, typer.Option("-o", "--out", metavar="FILE", help="A file (.png, .svg, .pdf, .html).", show_default=False)
    ],
    to: Other = None,
    run: Run = None,
    measure: Against = None,
    dark: Annotated[bool, typer.Option("--dark", help="A picture on a dark ground.")] = False,
    force: Force = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Write a figure of a plan, a sweep or a study of risk as PNG, SVG, PDF or HTML."""
    place_of(file, "picture", FORMATS, force=force)
    page = file.suffix.lower() == ".html"
    extra_module("jinja2" if page else "matplotlib", "report", "a figure")
    output = Output(as_json=as_json, verbose=verbose)
    kind = findings_kind(folder)
    if kind is not None:
        figures = UNCERTAIN if kind == "risk" else REPLAYED
        _refuse(name, figures, f"{folder}: is of {kind}", {"--to": to, "--run": run}, "a plan or a sweep")
        spec, title, problems = _of_findings(folder, name, measure, output)
    elif is_file(folder / "sweep.json"):
        _refuse(name, SWEPT, f"{folder}: is a sweep", {"--to": to}, "a plan")
        problems = []
        spec, title = _of_sweep(folder, name, run, measure)
    else:
        if folder.is_dir():  # what is not there is said when it is read
            others = {"--run": run, "--measure": measure}
            _refuse(name, FIGURES if to is None else COMPARED, f"{folder}", others, "a sweep")
        spec, title, problems = _of_plan(folder, name, to, output)
    write_drawn(file, _content(spec, title, file, dark=dark), "picture", force=force)
    output.document({"status": Ending.OK, "figure": name, "written": str(file), "problems": problems})
    output.text.print(f"The figure is in [bold]{escape(str(file))}[/bold]", soft_wrap=True)


def _refuse(name: str, known: tuple[str, ...], what: str, others: dict[str, Any], whose: str) -> None:
    """Refuse a figure that what was given has not, and options of something else."""
    if name not in known:
        raise OptionError(f"{what}: has no figure {name!r}; there are: {', '.join(known)}")
    for option, value in others.items():
        if value is not None:
            raise OptionError(f"{what}: {option} is asked of {whose}")


def _of_findings(
    folder: Path, name: str, measure: str | None, output: Output
) -> "tuple[Figure, str, list[dict[str, Any]]]":
    from planner.uncertainty.findings import Findings
    from planner.uncertainty.plotted import SPECS, fan, protection

    if measure is not None and name not in ("fan", "protection"):
        raise OptionError(f"--measure is asked of the figures frontier, fan and protection, not of {name}")
    found = Findings.read(folder)
    spec = SPECS[name](found) if measure is None else (fan if name == "fan" else protection)(found, measure)
    return spec, str(found.summary["title"] or folder), changed_since(folder, output, "results were")


def _of_sweep(folder: Path, name: str, run: str | None, measure: str | None) -> "tuple[Figure, str]":
    from planner.analysis.plotted import frontier_of, waterfall_of
    from planner.analysis.sweep_result import Sweep
    from planner.figures.studies import differences

    for option, value, figure in (("--run", run, "waterfall"), ("--measure", measure, "frontier")):
        if value is not None and name != figure:
            raise OptionError(f"{option} is asked of the figure {figure}, not of {name}")
    sweep = Sweep.read(folder)
    rows = list(sweep.overview())
    if name == "waterfall":
        from planner.analysis.waterfall import waterfall

        return waterfall_of(rows, lambda one: waterfall(one, sweep.plan(BASE), sweep.plan(one)), run), str(folder)
    if name == "frontier":
        return frontier_of(rows, measure), str(folder)
    return differences(rows), str(folder)


def _of_plan(folder: Path, name: str, to: Path | None, output: Output) -> "tuple[Figure, str, list[dict[str, Any]]]":
    from planner.figures.plots import SPECS
    from planner.plan.plan import PlanData

    plan = PlanData.read(folder)
    problems = changed_since(folder, output)
    title = plan.case.model.title or plan.case.model.name
    if to is None:
        return SPECS[name](plan), title, problems
    from planner.analysis.comparison import compare
    from planner.analysis.plotted import compared_of

    names = [str(to), str(folder)]
    found = compare(PlanData.read(to), plan, names=names)
    return compared_of(found.tables, name, names[1]), title, [*problems, *changed_since(to, output)]


def _content(spec: "Figure", title: str, file: Path, *, dark: bool) -> bytes:
    """Return a figure in the format that the name of a file says; a page alone needs more than matplotlib."""
    kind = file.suffix.lower().removeprefix(".")
    if kind == "html":
        from planner.report.html.figure_page import page_of

        return page_of(spec, title).encode()
    from planner.figures.pictures import picture_of

    return picture_of(spec, kind, dark=dark)
