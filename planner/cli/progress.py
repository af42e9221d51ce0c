"""What a person sees while a case is solved: one live line on a terminal, a line now and then elsewhere."""

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from planner.cli.output import Output

if TYPE_CHECKING:
    from planner.runs.progress import Progress

SECONDS_BETWEEN_LINES = 5.0
"""Without a terminal, ``--verbose`` writes at most one line in this time, and one for every new stage."""


class ProgressLine:
    """Shows stage, cost, bound, gap and seconds; a context manager around the work.

    On a terminal it is one live line that vanishes at the end. Elsewhere it writes plain lines with ``--verbose`` and
    is silent without. ``--quiet`` and ``--json`` silence it everywhere.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._silent = output.quiet or output.as_json
        self._live: Live | None = None
        self._start = time.monotonic()
        self._last_stage = ""
        self._last_time = float("-inf")
        self._spinner = Spinner("dots", text="")

    def __enter__(self) -> Self:
        if not self._silent and self._output.notes.is_terminal:
            self._live = Live(self._spinner, console=self._output.notes, transient=True, refresh_per_second=8)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def stage(self, stage: str) -> None:
        """Show a stage that has no figures yet."""
        self._write(stage, stage)

    def show(self, progress: "Progress") -> None:
        """Show how far the work is; what `planner.api.Case.solve` calls."""
        self._write(progress.stage, progress_text(progress))

    def _write(self, stage: str, text: str) -> None:
        if self._silent:
            return
        now = time.monotonic()
        if self._live is not None:
            self._spinner.update(text=Text(f"{now - self._start:5.0f} s  {text}", overflow="ellipsis", no_wrap=True))
        elif self._output.verbose and (stage != self._last_stage or now - self._last_time >= SECONDS_BETWEEN_LINES):
            self._output.note(f"{now - self._start:7.1f} s  {text}")
            self._last_stage, self._last_time = stage, now


def progress_text(progress: "Progress") -> str:
    """Return a stage with what is known of cost, bound and gap."""
    parts = [progress.stage]
    if progress.cost_busd is not None:
        parts.append(f"cost ${progress.cost_busd:,.3f}B")
    if progress.bound_busd is not None:
        parts.append(f"bound ${progress.bound_busd:,.3f}B")
    if progress.gap is not None:
        parts.append(f"gap {progress.gap:.3%}")
    return "  ".join(parts)
