"""The page of commands and options, docs/commands.md, from the commands themselves.

``python -m tests.documents.python_page`` writes the page; `make tables` does so too.
"""

import inspect
import re
from pathlib import Path
from typing import Any

import typer

from planner.cli.app import app

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "commands.md"
HEAD = """# Commands and options

Made from the commands; `make tables` writes it anew. What `planner COMMAND --help` says, on one page: every argument
and option with its default, examples, exit codes. [cli.md](cli.md) explains the commands, their output and their JSON
documents.
"""
LEFT_OUT = {"--help"}


def page() -> str:
    """The page as it follows from the commands."""
    group: Any = typer.main.get_command(app)
    return "\n".join([HEAD, *(_section(name, command) for name, command in group.commands.items())])


def _section(name: str, command: Any) -> str:
    """A command with its arguments, options, examples and exit codes."""
    shown = [one for one in command.params if not LEFT_OUT & set(one.opts) and not getattr(one, "hidden", False)]
    arguments = [one for one in shown if not one.opts[0].startswith("-")]
    options = [one for one in shown if one.opts[0].startswith("-")]
    usage = " ".join(["planner", name, *(_argument(one) for one in arguments), *(["[OPTIONS]"] if options else [])])
    lines = [f"## `{usage}`", "", *_paragraphs(command.help), ""]
    lines += [
        *(["| argument or option | meaning |", "|---|---|"] if shown else []),
        *(f"| `{_argument(one)}` | {_text(one)} |" for one in arguments),
        *(f"| {_option(one)} | {_text(one)} |" for one in options),
        "",
    ]
    return "\n".join([*lines, *_ending(command.epilog)])


def _paragraphs(text: str | None) -> list[str]:
    parts = inspect.cleandoc((text or "").split("\f")[0]).split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in parts).splitlines()


def _argument(one: Any) -> str:
    word = (one.metavar or one.name).upper().strip("[]{}").rstrip(".")
    word = f"{word}..." if one.nargs != 1 else word
    return word if one.required else f"[{word}]"


def _option(one: Any) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(one.opts, key=len, reverse=True))
    return f"{names} `{one.metavar}`" if one.metavar else names


def _text(one: Any) -> str:
    """What an argument or option means, and its default."""
    text = " ".join((one.help or "").split()).replace("\\[", "[").replace("|", "\\|")
    default = one.default
    if isinstance(default, int | float | str) and not isinstance(default, bool) and default != "":
        text += f" Default: `{default}`."
    return text


def _ending(text: str | None) -> list[str]:
    """Examples as a list, exit codes as a paragraph."""
    lines: list[str] = []
    for part in (text or "").split("\n\n"):
        said = " ".join(part.split()).replace("\\[", "[")
        example = re.match(r"Example: (.*)$", said)
        lines += [f"- `{example[1]}`"] if example else ["", said, ""] if said else []
    return lines
