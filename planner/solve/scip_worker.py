"""The process of SCIP in a portfolio: a program and points in, progress and an end out; it ends with its parent."""

import os
import queue
import sys
import threading
from dataclasses import dataclass

from planner.errors import PlannerError
from planner.solve.arrays import Floats
from planner.solve.records import SolveProgress
from planner.solve.scip_run import run_scip
from planner.solve.worker import own_output, read_message, write_message


@dataclass(frozen=True, slots=True)
class Ended:
    """How the run of SCIP ended: in words, with its last bound and its notes."""

    how: str
    bound: float
    notes: tuple[str, ...]


def main() -> None:
    """Solve one program and end (`planner.system.lifeline.hold` handles signals and the end of the parent)."""
    source, target = sys.stdin.buffer, own_output()
    request = read_message(source)
    if request is None:
        return
    mip, options, start = request
    arrived: queue.Queue[Floats] = queue.Queue()

    def listen() -> None:
        while (point := read_message(source)) is not None:
            arrived.put(point)
        os._exit(0)  # the parent has closed the stream: it needs nothing more

    threading.Thread(target=listen, daemon=True).start()

    def latest() -> Floats | None:
        point = None
        while not arrived.empty():
            point = arrived.get()
        return point

    last: tuple[float, float] | None = None

    def callback(progress: SolveProgress) -> bool:
        nonlocal last
        if last != (progress.objective, progress.bound) or progress.x is not None:
            last = (progress.objective, progress.bound)
            write_message(target, progress)
        return False

    try:
        answer = run_scip(mip, options, callback, start, inbox=latest, confirmed=False)
        write_message(target, Ended(answer.status.value, answer.bound, answer.notes))
    except PlannerError as error:
        write_message(target, Ended(f"failed: {error}", float("-inf"), ()))
    except Exception as error:
        write_message(target, Ended(f"failed: {type(error).__name__}: {error}", float("-inf"), ()))


if __name__ == "__main__":
    main()
