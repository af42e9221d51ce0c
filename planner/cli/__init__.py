"""The command ``planner``: a thin layer over :mod:`planner.api`; it decides nothing, it asks and shows.

Modules that need numerics or a solver are imported inside the commands, so that ``planner --help`` is quick. This
module imports next to nothing, so that Ctrl-C is heard while the others are imported.
"""

import os
import sys

from planner.system.garbage import collect_rarely, leave_to_the_system

__all__ = ["main"]

_MESSAGE = "interrupted before the command began"
_DOCUMENT = (
    '{"status": "interrupted", "exit_code": 130, "message": "%s", "problems": [{"file": null, "row": null, '
    '"column": null, "value": null, "message": "%s"}]}'
)


def main(args: "list[str] | tuple[str, ...] | None" = None) -> int:
    """Run ``planner`` with ``args`` (default: the process's) and return its exit code (`planner.cli.run.main`)."""
    try:
        import signal

        if args is None:
            collect_rarely()
        if args is None and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            # Nothing is lost by leaving at once, and libraries do not take kindly to exceptions in their imports.
            # `planner.system.interrupts.listening` takes over.
            signal.signal(signal.SIGINT, lambda _number, _frame: _leave())
        from planner.cli.run import main as run
    except KeyboardInterrupt:
        return _leave()
    code = run(args)
    if args is None:
        leave_to_the_system()
    return code


def _leave() -> int:
    """Leave a process that has only begun."""
    as_json = "--json" in sys.argv[1:]
    text = _DOCUMENT % (_MESSAGE, _MESSAGE) if as_json else _MESSAGE
    try:
        os.write(1 if as_json else 2, f"{text}\n".encode())
    finally:
        os._exit(130)
