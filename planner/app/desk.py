"""What the pages work with: the cases, the store, the runner, and how runs are queued."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from planner.app.lever_groups import groups_of
from planner.app.levers import CHECK, Form, Group, moved_form
from planner.app.prepare import GAP, NAME, TEXT, TIME, Prepared, kept
from planner.app.records import CONFLICT, SOLVE, WHY, Asked, Run
from planner.app.runner import Runner
from planner.app.store import Store
from planner.app.work import EXPLAIN_S, Work
from planner.case.case import CaseData
from planner.case.read import read_case
from planner.explain.why import TIME_LIMIT_S
from planner.options import SolveOptions
from planner.system.resources import shipped_models

BASE = "base"
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that is open, with its levers."""

    name: str
    case: CaseData = field(repr=False)
    groups: tuple[Group, ...] = field(repr=False)


class Desk:
    """Cases, store and runner of one server.

    Parameters
    ----------
    store : Store
    runner : Runner
    options : SolveOptions
        What holds where the form says nothing else.
    case : CaseData or None
        The case that was given; None: the shipped ones may be opened by their names.
    """

    def __init__(self, store: Store, runner: Runner, options: SolveOptions, case: CaseData | None = None) -> None:
        self.store, self.runner, self.options = store, runner, options
        self._opened: dict[str, Opened] = {}
        self._lock = Lock()
        self._names = list(shipped_models()) if case is None else [case.model.name]
        if case is not None:
            self._opened[case.model.name] = Opened(case.model.name, case, groups_of(case))

    @property
    def names(self) -> list[str]:
        """The cases that may be opened: no others, so that no path of a page is ever looked for."""
        return list(self._names)

    def opened(self, name: str) -> Opened | None:
        """Return a case by its name; None where it is none of `names`."""
        with self._lock:
            if name in self._names and name not in self._opened:
                case = read_case(name)
                self._opened[name] = Opened(name, case, groups_of(case))
            return self._opened.get(name)

    def of_run(self, run: Run) -> Opened | None:
        """Return the case of a run, where it is here and still the same."""
        found = self.opened(run.case_name)
        return found if found is not None and found.case.hash == run.case_hash else None

    def base_of(self, run: Run) -> Run | None:
        """Return what a run is compared with unless another is asked for: the newest plan of the case as it is."""
        every = self.store.runs(run.case_hash)
        bases = [one for one in every if not one.changes and one.id != run.id]
        return next((one for one in bases if one.has_plan), None) or next((one for one in bases if one.at_work), None)

    def solve(self, opened: Opened, form: Form, prepared: Prepared) -> int:
        """Queue a solve, and before it that of the case as it is, where there is none; return its number."""
        if prepared.changes and not self._has_base(opened):
            self._queue(opened, BASE, [], {}, prepared.options)
        name = form.get(NAME, "").strip() or self._name(opened, form, prepared)
        return self._queue(opened, name, prepared.changes, form, prepared.options)

    def _has_base(self, opened: Opened) -> bool:
        return any(not one.changes and (one.has_plan or one.at_work) for one in self.store.runs(opened.case.hash))

    def _name(self, opened: Opened, form: Form, prepared: Prepared) -> str:
        """Name a variant by the levers that were moved."""
        if not prepared.changes:
            return BASE
        moved = [lever for group in opened.groups for lever in group.levers if lever.moved(form)]
        parts = []
        for lever in moved:
            given = lever.given(form)
            shown = dict(lever.choices).get(given, given or lever.empty)
            parts.append(f"{lever.label}: {shown}{f' {lever.unit}' if lever.unit and given else ''}")
        parts += prepared.lines[-1:] if form.get(TEXT, "").strip() else []
        text = ", ".join(parts)
        return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"

    def _queue(self, opened: Opened, name: str, changes: Sequence[Any], form: Form, options: SolveOptions) -> int:
        kept_form = {key: form[key] for key in (TEXT, GAP, TIME) if form.get(key, "").strip()}
        kept_form |= moved_form(opened.groups, form)
        asked = Asked(SOLVE, name, opened.name, opened.case.hash, list(changes), kept_form, kept(options))
        number = self.store.add(asked)
        folder = str(self.store.target(number))
        self.runner.submit(number, Work(SOLVE, folder, opened.case, list(changes), options))
        return number

    def ask(self, run: Run, name: str | None, folder: Path) -> int:
        """Queue a question about the plan of a run: why something is in it or not, or (None) what is in its way."""
        kind, limit = (CONFLICT, EXPLAIN_S) if name is None else (WHY, TIME_LIMIT_S)
        options = SolveOptions(**{**run.options, "time_limit_s": limit})
        asked = Asked(kind, name or "", run.case_name, run.case_hash, [], {}, kept(options), run.id)
        number = self.store.add(asked)
        self.runner.submit(number, Work(kind, str(folder), None, [], options, name or ""))
        return number


def complete(groups: Sequence[Group], form: Form) -> dict[str, str]:
    """Return a form that was sent, with the boxes that are not ticked: a browser does not send them.

    The form sends ``sent`` with them, which an address that states a few levers does not.
    """
    if "sent" not in form:
        return dict(form)
    boxes = {lever.id: "off" for group in groups for lever in group.levers if lever.kind == CHECK}
    return {**boxes, **form}
