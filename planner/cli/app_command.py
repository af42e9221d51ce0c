"""The command ``app``: the what-if page."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from planner.cli.notes import note_given_case
from planner.cli.options import AsJson, Quiet, Verbose, takes_solve_options
from planner.cli.output import Output
from planner.options import DEFAULT_OPTIONS, SolveOptions
from planner.status import Ending
from planner.system.extras import extra_module

STORE = "what-ifs"
"""The folder of the store, in the working directory, unless another is named."""
LAST_PORT = 65_535


@takes_solve_options("study", without=("seed", "solver"))
def app_page(
    case: Annotated[
        str | None,
        typer.Argument(
            metavar="CASE",
            callback=note_given_case,
            help="A case as for `planner solve`; without it, the shipped cases.",
            show_default=False,
        ),
    ] = None,
    store: Annotated[Path, typer.Option("--store", metavar="DIR", help="Folder in which the runs are kept.")] = Path(
        STORE
    ),
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=LAST_PORT, help="Port of this machine; 0: any free one.")
    ] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address, and open no browser.")] = False,
    options: SolveOptions = DEFAULT_OPTIONS,
    as_json: AsJson = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Open the what-if page of a case: move levers, solve, compare, ask why; served to this machine alone."""
    output = Output(as_json=as_json, verbose=verbose, quiet=quiet)
    for name in ("starlette", "uvicorn", "jinja2"):
        extra_module(name, "app", "the what-if page")
    from planner.app.server import Server, serve
    from planner.case.check import warnings_of
    from planner.case.read import read_case

    read = None if case is None else read_case(case)
    if read is not None:
        output.warn(warnings_of(read))
    server = Server(store, options, read, port)

    def say(address: str) -> None:
        output.document({"status": Ending.OK, "address": address, "store": str(store), "problems": []})
        output.text.print(f"The what-if page is at [bold]{escape(address)}[/bold]", soft_wrap=True)
        output.text.print(f"Runs are kept in {escape(str(store))}. Ctrl-C ends the page.", soft_wrap=True)

    serve(server, say, browser=not no_browser)
