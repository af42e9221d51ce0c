"""The application: its commands and its one global option."""

from typing import Annotated

import typer

from planner import __version__
from planner.cli import (
    attribute_command,
    breakeven_command,
    case_commands,
    compare_command,
    front_command,
    plan_commands,
    protect_command,
    replan_command,
    solve_command,
    sweep_command,
    tornado_command,
)

EPILOG = (
    "Exit codes: 0 a plan within the gap, or done; 1 usage or internal error; 2 invalid case; 3 proven infeasible; "
    "4 a limit was reached, a plan was written; 5 a limit was reached, no plan. "
    "(130: Ctrl-C before the solver ran.)"
)

app = typer.Typer(
    name="planner",
    help="Plan gigawatts of AI compute over sites, providers and chips.",
    epilog=EPILOG,
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)


def _version(asked: bool) -> None:
    """Print the version and leave."""
    if asked:
        typer.echo(f"planner {__version__}")
        raise typer.Exit


@app.callback()
def _planner(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Plan gigawatts of AI compute over sites, providers and chips."""


app.command("list")(case_commands.list_cases)
app.command("new")(case_commands.new)
app.command("check")(case_commands.check)
app.command("solve", epilog=EPILOG)(solve_command.solve)
app.command("sweep", epilog=EPILOG)(sweep_command.sweep)
app.command("compare")(compare_command.compare)
app.command("attribute", epilog=EPILOG)(attribute_command.attribute)
app.command("front", epilog=EPILOG)(front_command.front)
app.command("tornado", epilog=EPILOG)(tornado_command.tornado)
app.command("breakeven", epilog=EPILOG)(breakeven_command.breakeven)
app.command("replan", epilog=EPILOG)(replan_command.replan)
app.command("protect")(protect_command.protect)
app.command("show")(plan_commands.show)
app.command("audit")(plan_commands.audit)
app.command("schema")(case_commands.schema)
