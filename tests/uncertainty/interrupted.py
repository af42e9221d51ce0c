"""Solves of single futures that a signal or a limit cuts short, at a place that does not depend on the clock."""

import importlib

from planner.runs.outcome import Outcome
from planner.status import Status


def _replaced(monkeypatch, name, after, otherwise):
    """Let a function of `planner.uncertainty` answer so many times, and then something else in its place."""
    module, _, function = name.rpartition(".")
    owner = importlib.import_module(f"planner.uncertainty.{module}")
    real, asked = getattr(owner, function), []

    def answer(*words):
        asked.append(words)
        return real(*words) if len(asked) <= after else otherwise(*words)

    monkeypatch.setattr(owner, function, answer)


def cut_short(monkeypatch, name, *, after):
    """Send Ctrl-C in place of the answer that follows so many."""

    def signal(*_words):
        raise KeyboardInterrupt

    _replaced(monkeypatch, name, after, signal)


def timed_out(monkeypatch, name, *, after):
    """Let the time limit come in place of every answer that follows so many."""
    reason = "the time limit came before any plan was found"
    _replaced(
        monkeypatch, name, after, lambda _shared, job: Outcome(Status.NO_PLAN, reason=reason, name=job.whatif.name)
    )
