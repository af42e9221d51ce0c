"""The entry point: run a command line and convert every outcome into an exit code. Nothing ends in a traceback."""

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import cache

import typer
from rich.markup import escape

from planner.cli.app import app
from planner.cli.notes import deprecated_names_noted, forget_notes
from planner.cli.output import error_document, failure, make_console, write_json
from planner.cli.streams import occupy_descriptors, steady_streams
from planner.errors import InfeasibleError, PlannerError
from planner.status import Ending
from planner.system import background, interrupts
from planner.text import visible

FAILURE = 1
"""Exit code of usage errors and internal errors."""
ASKING = ("explain", "alternatives", "report", "plot", "export", "show", "audit", "check")
"""Commands that make no plan: they answer a question about one, or about a case."""
MOST_WAYS = 3
"""Ways out that `solve` lists."""


def main(args: Sequence[str] | None = None) -> int:
    """Run ``planner`` with ``args`` (default: those of the process) and return its exit code.

    The codes stand in ``planner --help`` and in ``docs/cli.md``.
    """
    words = list(sys.argv[1:] if args is None else args)
    forget_notes()
    closed = occupy_descriptors()
    left = False
    listening = interrupts.listening(last=args is None)
    with listening, deprecated_names_noted(), steady_streams(closed) as streams:
        try:
            code = _run(words)
        except interrupts.LeaveNow:  # a second signal, or one while the outcome was being reported
            left, code = True, interrupts.exit_code(interrupts.asked() or signal.SIGINT)
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        trouble = streams.failure()
        if trouble is not None:
            code = FAILURE
            print(f"standard output: {trouble.strerror}; not all of the answer was written", file=sys.stderr)
    if args is None and (left or background.still_running()):
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(code)  # whatever still works in the background is not waited for
    return code


def _run(words: list[str]) -> int:
    """Run the application, without letting it leave the process by itself."""
    try:
        return _call(words)
    except interrupts.LeaveNow:
        raise
    except BaseException as error:
        if interrupts.asked() is None:
            raise
        # The signal came while the outcome was being reported.
        return _interrupted(words, error)


def _interrupted(words: list[str], error: BaseException | None = None) -> int:
    """Report that a signal ended the command before there was anything to keep."""
    number = interrupts.asked() or signal.SIGINT
    what = "an answer" if _command(words) in ASKING else "a plan"
    message = f"interrupted ({signal.Signals(number).name}) before there was {what}"
    if error is not None and _asked(words, "-v", "--verbose"):
        message += f"; then: {type(error).__name__}: {error}"
    return _report(words, Ending.INTERRUPTED, message, interrupts.exit_code(number))


def _call(words: list[str]) -> int:
    try:
        code = _commands()(words, prog_name="planner", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted(words)
    except PlannerError as error:
        return _report_error(words, error)
    except typer.TyperException as error:
        message = _usage_message(words, error)
        return _report(words, Ending.USAGE_ERROR, message, FAILURE)
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else FAILURE
    except OSError as error:
        if interrupts.asked() is not None:
            return _interrupted(words, error)
        return _report(words, Ending.ERROR, _os_message(error), FAILURE, debug=True)
    except Exception as error:  # the last resort: an internal error is one line, not a page
        if interrupts.asked() is not None:  # the signal came where libraries turn exceptions into others
            return _interrupted(words, error)
        # Rich formats some messages over several lines; people get the first.
        first = (str(error).splitlines() or [""])[0]
        message = f"internal error: {type(error).__name__}: {first}; run again with -v for the traceback"
        return _report(words, Ending.INTERNAL_ERROR, message, FAILURE, debug=True)
    if code == interrupts.exit_code(signal.SIGINT):  # typer catches Ctrl-C itself
        return _interrupted(words)
    return code if isinstance(code, int) else 0


@cache
def _commands() -> Callable[..., object]:
    """Return the commands with their options, read from the signatures once a process."""
    return typer.main.get_command(app)


def _command(words: Sequence[str]) -> str | None:
    """The word of a command line that is, or should be, its command."""
    return next((word for word in words if not word.startswith("-")), None)


def _asked(words: Sequence[str], *names: str) -> bool:
    """Whether an option was given, also on a command line that could not be read."""
    before = words[: words.index("--")] if "--" in words else words
    return any(name in before for name in names)


def _report(words: Sequence[str], status: Ending, message: str, code: int, *, debug: bool = False) -> int:
    """Report a failure in the form that was requested, and return its exit code."""
    if debug and _asked(words, "-v", "--verbose"):
        sys.stderr.write(visible(traceback.format_exc()))
    if _asked(words, "--json"):
        write_json(failure(status, message, code))
    else:
        make_console(stderr=True).print(f"[red]{escape(message)}[/red]", soft_wrap=True)
    return code


def _report_error(words: Sequence[str], error: PlannerError) -> int:
    """Report an expected failure, with every problem found."""
    if _asked(words, "--json"):
        write_json(error_document(error))
    else:
        console = make_console(stderr=True)
        console.print(f"[red]{escape(str(error))}[/red]", soft_wrap=True)
        found = error.known_diagnosis if isinstance(error, InfeasibleError) else None
        if found is not None:
            console.print(escape("\n".join(["", *found.lines(MOST_WAYS)])), soft_wrap=True)
    return error.exit_code


def _usage_message(words: Sequence[str], error: typer.TyperException) -> str:
    """Describe what is wrong with a command line, what may be meant, and where help is."""
    commands = [info.name for info in app.registered_commands if info.name]
    word = _command(words)
    known = word if word in commands else None
    message = error.format_message().rstrip()
    nearest = get_close_matches(word, commands, n=1) if word and known is None else []
    if nearest and "did you mean" not in message.lower():
        message += f" Did you mean '{nearest[0]}'?"
    if known == "show" and "extra argument" in message:
        message += " `planner show` shows one plan; `planner compare PLAN PLAN...` compares several."
    command = f"planner {known}" if known else "planner"
    return f"{message}\nSee `{command} --help`."


def _os_message(error: OSError) -> str:
    """Describe which file the operating system refuses, and why."""
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}"
