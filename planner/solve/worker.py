"""The solver's process: reads a program from standard input, writes progress and answer to standard output."""

import os
import pickle
import struct
import sys
import threading
from typing import Any, BinaryIO

from planner.errors import PlannerError
from planner.solve.records import SolveProgress
from planner.solve.serve import solve_mip

STOP = b"s"
"""Sent by the parent after the program to ask for a stop; the end of its stream means that the parent has ended."""
HEADER = struct.Struct(">Q")
"""Every message is its length (8 bytes) and a pickled object; both ends are this package."""


def write_message(stream: BinaryIO, message: object) -> None:
    """Write one message."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(HEADER.pack(len(body)))
    stream.write(body)
    stream.flush()


def read_message(stream: BinaryIO) -> Any:
    """Read one message; None at the end of the stream, and if the bytes are no message."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    try:
        body = stream.read(length)
        return pickle.loads(body) if len(body) == length else None
    except (MemoryError, OverflowError, pickle.UnpicklingError):
        return None


def own_output() -> BinaryIO:
    """Reserve standard output for messages: other output, also of C libraries, goes to standard error."""
    target = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = sys.stderr
    return target


def main() -> None:
    """Solve one program and end (`planner.system.lifeline.hold` handles signals and the end of the parent)."""
    source, target = sys.stdin.buffer, own_output()
    request = read_message(source)
    if request is None:
        return
    mip, options, start = request
    stop = threading.Event()

    def wait_for_stop() -> None:
        if not source.read(1):
            os._exit(1)
        stop.set()

    threading.Thread(target=wait_for_stop, daemon=True).start()

    last: tuple[str, float, float] | None = None

    def callback(progress: SolveProgress) -> bool:
        nonlocal last
        if last != (progress.stage, progress.objective, progress.bound) or progress.x is not None:
            last = (progress.stage, progress.objective, progress.bound)
            write_message(target, progress)
        return stop.is_set()

    try:
        write_message(target, solve_mip(mip, options, callback, start))
    except PlannerError as error:
        write_message(target, error)
    except Exception as error:
        write_message(target, PlannerError(f"the solver failed: {type(error).__name__}: {error}"))


if __name__ == "__main__":
    main()
