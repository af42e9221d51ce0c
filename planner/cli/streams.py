"""Standard streams that never end a command.

Output to a pipe that its reader has closed is discarded: that is not an error of the planner. A full disk or a closed
stream is one, but it is reported at the end of the command, after a plan that was found has been kept.
"""

import contextlib
import errno
import io
import os
import select
import sys
from collections.abc import Iterator
from typing import Any

STDIN, STDOUT, STDERR = 0, 1, 2
WAIT_S = 1.0


class _Steady(io.FileIO):
    """A file descriptor whose failures are noted instead of raised."""

    def __init__(self, descriptor: int, *, closed: bool = False) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self.failure: OSError | None = None
        self._reader_gone = False
        self._closed = closed

    def write(self, data: Any) -> int:
        """Write, or note why not; what cannot be written counts as written."""
        if self._closed and len(data):
            self.failure = OSError(errno.EBADF, "it is closed")
        try:
            while not self._reader_gone and self.failure is None:
                written: int | None = super().write(data)
                if written is not None:
                    return written
                select.select([], [self.fileno()], [], WAIT_S)  # the terminal was set to non-blocking
        except BrokenPipeError:
            self._reader_gone = True
        except OSError as error:
            self.failure = error
        return len(data)


def occupy_descriptors() -> frozenset[int]:
    """Occupy standard descriptors that are closed; otherwise the next file that is opened would take their place.

    Returns
    -------
    frozenset of int
        Those that were closed.
    """
    closed = set()
    for descriptor in (STDIN, STDOUT, STDERR):
        try:
            os.fstat(descriptor)
        except OSError:
            closed.add(descriptor)
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    return frozenset(closed)


class Streams:
    """The standard streams of a command while it runs."""

    def __init__(self) -> None:
        self._raw: dict[str, _Steady] = {}

    def replace(self, name: str, descriptor: int, *, closed: bool) -> None:
        """Put a steady stream in the place of one that writes to a descriptor (or of none, where that is closed)."""
        stream: Any = getattr(sys, name)
        buffer = getattr(stream, "buffer", None)
        unbuffered = isinstance(buffer, io.FileIO)  # python -u
        if stream is None:
            encoding, lines = "utf-8", False
        elif unbuffered or isinstance(getattr(buffer, "raw", None), io.FileIO):
            encoding, lines = stream.encoding, stream.line_buffering
            descriptor = stream.fileno()
        else:  # a notebook's, a test's or a Windows console's
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
            return
        raw = _Steady(descriptor, closed=closed or stream is None)
        self._raw[name] = raw
        # A terminal that cannot show a sign gets its number instead.
        binary: Any = raw if unbuffered else io.BufferedWriter(raw)
        text = io.TextIOWrapper(binary, encoding, "backslashreplace", None, lines, write_through=unbuffered)
        setattr(sys, name, text)

    def failure(self) -> OSError | None:
        """Return why standard output could not take everything, if it could not."""
        raw = self._raw.get("stdout")
        return None if raw is None else raw.failure


@contextlib.contextmanager
def steady_streams(closed: frozenset[int]) -> Iterator[Streams]:
    """Use steady streams for standard output and standard error."""
    before = sys.stdout, sys.stderr
    streams = Streams()
    for stream in before:
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    streams.replace("stdout", STDOUT, closed=STDOUT in closed)
    streams.replace("stderr", STDERR, closed=STDERR in closed)
    try:
        yield streams
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        sys.stdout, sys.stderr = before
