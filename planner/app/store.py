"""The store of the page: a folder with one database of runs, and the plans of the runs as `planner solve` writes them.

::

    DIR/runs.sqlite3     every run: its name, changes, options, state, figures, progress, answer
    DIR/plans/ID/        the plan of a run (a plan folder)
    DIR/servers/         a file for each server that is at work, locked while it lives

Every operation is a transaction of its own (write-ahead log, waiting for others), so several servers and tabs may
share one store. What a server was running when it ended is marked interrupted by the next one that looks.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from planner.app.records import ENDED, QUEUED, RUNNING, SOLVE, Asked, Point, Run
from planner.app.servers import Alive
from planner.errors import PlanError, PlannerError
from planner.plan.plan import PlanData
from planner.status import Status
from planner.system.folders.write import remove_folder

DATABASE, PLANS, SERVERS = "runs.sqlite3", "plans", "servers"
APPLICATION, VERSION = 0x6769676E, 1
"""What the database says of itself: by these a store is recognised."""
WAIT_S = 20.0
"""How long an operation waits for another process that writes."""
LONGEST_NAME = 200
LARGEST = 2**63 - 1
"""The database has no larger number."""
NUMBER = re.compile("[0-9]{1,18}")
"""Digits that may be the number of a run."""
_SCHEMA = """
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, name TEXT NOT NULL, case_name TEXT NOT NULL, case_hash TEXT NOT NULL,
  changes TEXT NOT NULL, form TEXT NOT NULL, options TEXT NOT NULL, parent INTEGER,
  state TEXT NOT NULL, status TEXT, reason TEXT NOT NULL DEFAULT '', cost REAL, bound REAL, gap REAL,
  result TEXT NOT NULL DEFAULT '{}', server TEXT NOT NULL, cancel INTEGER NOT NULL DEFAULT 0,
  created TEXT NOT NULL, started TEXT, ended TEXT, folder TEXT
);
CREATE INDEX runs_of_case ON runs (case_hash, id);
CREATE TABLE progress (run INTEGER NOT NULL, seconds REAL NOT NULL, stage TEXT NOT NULL, cost REAL, bound REAL, gap REAL);
CREATE INDEX progress_of_run ON progress (run, seconds);
"""  # noqa: E501
_COLUMNS = (
    "id, kind, name, case_name, case_hash, changes, form, options, parent, state, status, reason, cost, bound, gap, "
    "result, cancel, created, started, ended, folder"
)


def now() -> str:
    """Return the time, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Store:
    """The store in a folder.

    Parameters
    ----------
    folder : Path
        A store, an empty folder, or none yet.

    Raises
    ------
    PlannerError
        If something else stands there, or it cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.shown = folder
        self._look()
        try:
            (self.folder / PLANS).mkdir(parents=True, exist_ok=True)
            (self.folder / SERVERS).mkdir(exist_ok=True)
            self._prepare()
            self.alive = Alive(self.folder / SERVERS)
        except sqlite3.Error as error:
            raise PlannerError(f"{folder / DATABASE}: is not the store of this page ({error})") from None
        except OSError as error:
            raise PlannerError(f"{folder}: cannot be written ({error.strerror or error})") from None
        self.server = self.alive.name
        self.recover()

    def _look(self) -> None:
        """Refuse a folder that holds anything but a store."""
        if self.folder.is_symlink():
            raise PlannerError(f"{self.shown}: is a link, and links are not written through; name the folder itself")
        try:
            held = {path.name for path in self.folder.iterdir()} if self.folder.exists() else set()
        except NotADirectoryError:
            raise PlannerError(f"{self.shown}: is a file; name a folder for the store (--store)") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise PlannerError(f"{self.shown}: cannot be read ({why}); name another folder (--store)") from None
        if held and DATABASE not in held and not held <= {PLANS, SERVERS}:
            raise PlannerError(
                f"{self.shown}: holds something that is not a store of the page and is left as it is; "
                "name another folder (--store)"
            )
        for name in (PLANS, SERVERS, DATABASE):
            if (self.folder / name).is_symlink():
                raise PlannerError(f"{self.shown / name}: is a link, and links are not written through")

    def _prepare(self) -> None:
        with closing(self._connect(new=True)) as base:
            base.execute("PRAGMA journal_mode=WAL")
            base.execute("BEGIN IMMEDIATE")
            found = (base.execute("PRAGMA application_id").fetchone()[0], self._version(base))
            if found == (0, 0) and not base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for statement in _SCHEMA.split(";\n"):
                    base.execute(statement)
                base.execute(f"PRAGMA application_id={APPLICATION}")
                base.execute(f"PRAGMA user_version={VERSION}")
                found = (APPLICATION, VERSION)
            base.execute("COMMIT")
        if found[0] != APPLICATION:
            raise PlannerError(f"{self.shown / DATABASE}: is a database of something else; name another folder")
        if found[1] != VERSION:
            raise PlannerError(
                f"{self.shown / DATABASE}: was written by another version (format {found[1]}, this one reads {VERSION})"
            )

    @staticmethod
    def _version(base: sqlite3.Connection) -> int:
        return int(base.execute("PRAGMA user_version").fetchone()[0])

    def _connect(self, *, new: bool = False) -> sqlite3.Connection:
        """Open the database; only where it is ``new`` may it be made.

        Raises
        ------
        PlannerError
            If it is there no more, or cannot be opened.
        """
        address = f"{(self.folder / DATABASE).as_uri()}?mode={'rwc' if new else 'rw'}"
        try:
            base = sqlite3.connect(address, timeout=WAIT_S, isolation_level=None, uri=True)
        except sqlite3.OperationalError as error:
            if new:
                raise
            raise PlannerError(
                f"{self.shown / DATABASE}: the store was taken away, or cannot be opened ({error}); end the page and "
                "start it again"
            ) from None
        base.row_factory = sqlite3.Row
        base.execute("PRAGMA synchronous=NORMAL")  # with a write-ahead log a loss of power corrupts nothing
        return base

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that writes: all of it, or nothing."""
        with closing(self._connect()) as base:
            base.execute("BEGIN IMMEDIATE")
            try:
                yield base
            except BaseException:
                base.execute("ROLLBACK")
                raise
            base.execute("COMMIT")

    def close(self) -> None:
        """Let go of the store: what this server had queued or running is then no longer its own."""
        self.alive.close()

    # -- runs ---------------------------------------------------------------------------------------------------------

    def add(self, asked: Asked) -> int:
        """Queue a run for this server; return its number."""
        with self._writing() as base:
            made = base.execute(
                "INSERT INTO runs (kind, name, case_name, case_hash, changes, form, options, parent, state, server, "
                "created) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (
                    *(asked.kind, asked.name[:LONGEST_NAME], asked.case_name, asked.case_hash),
                    *(json.dumps(asked.changes), json.dumps(asked.form), json.dumps(asked.options)),
                    *(asked.parent, QUEUED, self.server, now()),
                ),
            )
            return int(made.lastrowid or 0)

    def run(self, number: int) -> Run | None:
        """Return a run; None where there is none of the number."""
        found = self._rows("WHERE id = ?", number) if number <= LARGEST else []
        return found[0] if found else None

    def runs(self, case_hash: str | None = None, parent: int | None = None) -> list[Run]:
        """Return runs, the newest first: the solves of a case, or the questions about a run."""
        if parent is not None:
            return self._rows("WHERE parent = ? ORDER BY id DESC", parent)
        if case_hash is None:
            return self._rows("WHERE kind = 'solve' ORDER BY id DESC")
        return self._rows("WHERE kind = 'solve' AND case_hash = ? ORDER BY id DESC", case_hash)

    def _rows(self, where: str, *values: object) -> list[Run]:
        with closing(self._connect()) as base:
            rows = base.execute(f"SELECT {_COLUMNS} FROM runs {where}", values).fetchall()
        return [Run.of(row) for row in rows]

    def begin(self, number: int) -> bool:
        """Mark a queued run as running; False where it was cancelled or deleted meanwhile."""
        with self._writing() as base:
            made = base.execute(
                "UPDATE runs SET state = ?, started = ? WHERE id = ? AND state = ? AND cancel = 0",
                (RUNNING, now(), number, QUEUED),
            )
            return made.rowcount == 1

    def end(self, number: int, status: str, reason: str = "", **figures: Any) -> None:
        """Mark a run as ended, with cost, bound, gap, result and folder as far as there are any."""
        with self._writing() as base:
            base.execute(
                "UPDATE runs SET state = ?, status = ?, reason = ?, cost = ?, bound = ?, gap = ?, result = ?, "
                "folder = ?, ended = ? WHERE id = ?",
                (
                    *(ENDED, status, reason, figures.get("cost"), figures.get("bound"), figures.get("gap")),
                    *(json.dumps(figures.get("result") or {}), figures.get("folder"), now(), number),
                ),
            )

    def ask_cancel(self, number: int) -> None:
        """Ask whoever runs a run to end it, or, the second time, to end it at once; one that waits has ended."""
        with self._writing() as base:
            base.execute("UPDATE runs SET cancel = cancel + 1 WHERE id = ? AND state != ?", (number, ENDED))
            base.execute(
                "UPDATE runs SET state = ?, status = ?, reason = ?, ended = ? WHERE id = ? AND state = ?",
                (ENDED, Status.INTERRUPTED, "cancelled before it began", now(), number, QUEUED),
            )

    def cancels(self, number: int) -> int:
        """How often the end of a run was asked for; a deleted one is to be ended at once."""
        found = self.run(number)
        return 2 if found is None else found.cancel

    def rename(self, number: int, name: str) -> None:
        """Give a run another name."""
        with self._writing() as base:
            base.execute("UPDATE runs SET name = ? WHERE id = ?", (name[:LONGEST_NAME], number))

    def delete(self, number: int) -> str:
        """Delete a run that ended, its questions and its plan; return what could not be deleted, in words."""
        found = self.run(number)
        if found is None or found.state != ENDED:
            return "" if found is None else "a run that has not ended is cancelled first"
        if found.kind == SOLVE:
            try:
                remove_folder(self.target(number))
            except PlanError as error:
                return str(error)
        with self._writing() as base:
            both = [number, number]
            base.execute("DELETE FROM progress WHERE run IN (SELECT id FROM runs WHERE id = ? OR parent = ?)", both)
            base.execute("DELETE FROM runs WHERE id = ? OR parent = ?", both)
        return ""

    def plan_folder(self, run: Run) -> Path | None:
        """Return the folder of the plan of a run: always one of the store, named by the number of the run."""
        if run.folder is None:
            return None
        return self.folder / PLANS / str(int(run.id))

    def target(self, number: int) -> Path:
        """Return where the plan of a run goes."""
        return self.folder / PLANS / str(int(number))

    def plan(self, run: Run) -> PlanData | None:
        """Read the plan of a run; None where it has none.

        Raises
        ------
        PlannerError
            If it cannot be read any more.
        """
        place = self.plan_folder(run)
        return None if place is None else PlanData.read(place)

    # -- progress -----------------------------------------------------------------------------------------------------

    def note(self, number: int, points: Sequence[Point]) -> None:
        """Keep how far a run is."""
        with self._writing() as base:
            base.executemany(
                "INSERT INTO progress VALUES (?,?,?,?,?,?)",
                [(number, one.seconds, one.stage, one.cost, one.bound, one.gap) for one in points],
            )

    def progress(self, number: int) -> list[Point]:
        """Return how far a run has come, by time."""
        with closing(self._connect()) as base:
            rows = base.execute(
                "SELECT seconds, stage, cost, bound, gap FROM progress WHERE run = ? ORDER BY seconds, rowid", (number,)
            ).fetchall()
        return [Point(*row) for row in rows]

    # -- servers ------------------------------------------------------------------------------------------------------

    def recover(self) -> None:
        """End the runs of servers that are gone: with their plan where it was written by then, else without."""
        with closing(self._connect()) as base:
            left = base.execute(
                "SELECT DISTINCT server FROM runs WHERE state != ? AND server != ?", (ENDED, self.server)
            ).fetchall()
        gone = [str(row[0]) for row in left if not self.alive.lives(str(row[0]))]
        for server in gone:
            for run in self._rows("WHERE state != ? AND server = ?", ENDED, server):
                self.end(run.id, Status.INTERRUPTED, "the server ended before the run did", **self._left(run))

    def _left(self, run: Run) -> Mapping[str, Any]:
        """What a run left behind that no one waited for."""
        if run.kind != SOLVE:
            return {}
        with suppress(PlannerError, OSError, ValueError, KeyError):
            plan = PlanData.read(self.target(run.id))
            return {"cost": plan.cost_busd, "bound": plan.bound_busd, "gap": plan.gap, "folder": str(run.id)}
        return {}
