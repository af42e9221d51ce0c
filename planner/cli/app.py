"""The application: its commands and its one global option."""

from collections.abc import Callable
from typing import Annotated

import typer

from planner.cli import (
    alternatives_command,
    app_command,
    attribute_command,
    audit_command,
    breakeven_command,
    case_commands,
    compare_command,
    contiguity_command,
    explain_command,
    export_command,
    front_command,
    plot_command,
    programme_command,
    protect_command,
    replan_command,
    report_command,
    risk_command,
    scenarios_command,
    show_command,
    solve_command,
    stress_command,
    sweep_command,
    tornado_command,
)
from planner.cli.examples import epilog, epilog_of
from planner.version import __version__

app = typer.Typer(
    name="planner",
    help="Plan gigawatts of AI compute over sites, providers and chips.",
    epilog=epilog(),
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)


def _version(asked: bool) -> None:
    """Print the version and exit."""
    if asked:
        typer.echo(f"planner {__version__}")
        raise typer.Exit


@app.callback()
def _planner(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Plan gigawatts of AI compute over sites, providers and chips."""


_COMMANDS: dict[str, Callable[..., None]] = {
    "list": case_commands.list_cases,
    "new": case_commands.new,
    "check": case_commands.check,
    "solve": solve_command.solve,
    "sweep": sweep_command.sweep,
    "scenarios": scenarios_command.scenarios,
    "compare": compare_command.compare,
    "attribute": attribute_command.attribute,
    "front": front_command.front,
    "tornado": tornado_command.tornado,
    "breakeven": breakeven_command.breakeven,
    "replan": replan_command.replan,
    "risk": risk_command.risk,
    "stress": stress_command.stress,
    "protect": protect_command.protect,
    "programme": programme_command.programme,
    "contiguity": contiguity_command.contiguity,
    "explain": explain_command.explain,
    "alternatives": alternatives_command.alternatives,
    "show": show_command.show,
    "app": app_command.app_page,
    "report": report_command.report,
    "plot": plot_command.plot,
    "export": export_command.export,
    "audit": audit_command.audit,
    "schema": case_commands.schema,
}
"""The commands in the order of the help; each needs examples and exit codes in `planner.cli.examples`."""

for _name, _command in _COMMANDS.items():
    app.command(_name, epilog=epilog_of(_name))(_command)
