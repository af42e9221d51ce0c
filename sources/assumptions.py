"""What every modelling assumption of a case does to the cost: ``python -m sources.assumptions CASE [--write PAGE]``.

Moved are the figures of grade D in the tables, a column of a table at a time, and the numbers of the model file whose
comment begins with D (or that stand in a section whose comment does). Each moves within the range stated beside it;
without one by a fifth of itself, within what its column admits. The effect is the change of the proven lower bound: the
relaxation with all its cuts is within about 1 % of the cost and free of where a search happens to stop, so a coarse gap
is enough. Effects that the gaps of the two solves could hide are in brackets. An end at which not everything can be met
has no effect on the cost that could be compared: what is missed is said instead. The table is ordered by effect;
``--write`` puts it in the place of the one between ``<!-- assumptions of CASE -->`` and ``<!-- end -->`` in a page.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from planner.analysis.tornado import Group, groups_of, moved
from planner.case.case import CaseData
from planner.case.read import read_case
from planner.options import SolveOptions
from planner.runs.variants import Runner
from planner.system.resources import shipped_model

REPOSITORY = Path(__file__).resolve().parents[1]
SPREAD = 0.2
"""How far a figure without a range moves, as a share of itself."""
SMALL_BUSD = 0.1
"""Effects below this at both ends are only named."""
SERVED = 5e-4
"""Share of demand left unserved from which it is stated."""
LEAST_CASH_BUSD = 0.05
TIERS = {"programme": "programmes missed", "protection": "losses not survived", "head-room": "spikes not carried"}
"""What a shortfall is called, by tier."""
_TIER = re.compile(r"(cash|programme|protection|head-room): [$]?([0-9.,]*[0-9])")
_COMMENT = re.compile(r"#\s*D(?:$|[\s:,;(])(.*)")
_RANGE = re.compile(r"([0-9.]+) to ([0-9.]+)( %)?")


def model_groups(case: CaseData, text: str) -> list[Group]:
    """Return the numbers of a model file that a comment grades D, each with its range.

    Parameters
    ----------
    case : CaseData
        As read from the text.
    text : str
        The model file.
    """
    lines, model = text.splitlines(), case.model.model_dump(mode="python", by_alias=True)
    comments = {str(path): _COMMENT.search(lines[line - 1]) for path, line in case.lines["model"].items()}
    found = []
    for path, comment in comments.items():
        comment = comment or comments.get(path.rpartition(".")[0])
        for place, value in _numbers(path, _value(model, path)):
            if comment is not None:
                found.append(Group(f"model.{place}", ((f"model.{place}", *_ends(place, value, comment[1])),), "D"))
    return found


def _value(model: Any, path: str) -> Any:
    """Return what stands at a key of the model; None: a section of its own."""
    for name, index in re.findall(r"([^.\[\]]+)|\[([0-9]+)\]", path):
        model = model[int(index)] if index else model.get(name) if isinstance(model, dict) else None
    return model


def _numbers(path: str, value: Any) -> Iterable[tuple[str, float]]:
    """Yield the numbers at a key: itself, or those of a table on one line."""
    if isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        if value and not path.endswith(("first_year", "last_year", ".k")):
            yield path, float(value)
    elif isinstance(value, dict) and path.endswith("critical_share"):
        for name, share in value.items():
            if isinstance(share, (int, float)) and not isinstance(share, bool):
                yield f"{path}.{name}", float(share)


def _ends(place: str, value: float, comment: str) -> tuple[float, float]:
    """Return the range of a number: that of its comment, else a fifth of itself (a count: one); a share ends at 1."""
    if place.endswith("most_campuses"):
        return value - 1, value + 1
    stated = _RANGE.search(comment)
    if stated is not None:
        low, high = (float(end) / (100 if stated[3] else 1) for end in (stated[1], stated[2]))
        if low <= value <= high:
            return low, high
    high = value * (1 + SPREAD)
    return value * (1 - SPREAD), min(high, 1.0) if "_share" in place and value <= 1 else high


Rows = list[dict[str, Any]]
"""Both ends of some groups, as rows of `planner.tornado`."""


def effects(name: str, options: SolveOptions, jobs: int, store: Path | None = None) -> tuple[CaseData, Rows]:
    """Return a case and both ends of every assumption, as rows of `planner.tornado`, the largest effect first.

    Parameters
    ----------
    name : str
        A shipped case.
    options : SolveOptions
        Of every solve; the base has no time limit.
    jobs : int
        Processes.
    store : Path or None
        A file that keeps the rows as they come, one group a line: what it has of the same case is not solved again.
    """
    case = read_case(name)
    groups = groups_of(case, grade="D", spread=SPREAD)
    groups += model_groups(case, shipped_model(name).read_text(encoding="utf-8"))
    known = _stored(store, case.hash)
    open_groups = [group for group in groups if group.name not in known]
    with ProcessPoolExecutor(jobs) as pool:
        tasks = [(name, open_groups[job::jobs], options, store) for job in range(jobs)]
        rows = [row for part in pool.map(_part, tasks) for row in part]
    rows += [row for group in groups for row in known.get(group.name, ())]
    effect = {group.name: _effect([row for row in rows if row["input"] == group.name]) for group in groups}
    return case, sorted(rows, key=lambda row: (effect[row["input"]], row["input"], row["end"] != "low"))


def _stored(store: Path | None, case_hash: str) -> dict[str, Rows]:
    """Return the rows that a file keeps of a case, by group."""
    if store is None or not store.is_file():
        return {}
    records = [json.loads(line) for line in store.read_text(encoding="utf-8").splitlines()]
    return {record["rows"][0]["input"]: record["rows"] for record in records if record["case"] == case_hash}


def _part(task: tuple[str, Sequence[Group], SolveOptions, Path | None]) -> Rows:
    """Solve the ends of some groups, in a process of their own."""
    name, groups, options, store = task
    case, runner = read_case(name), Runner(options)
    base = Runner(replace(options, time_limit_s=None)).solve(case, "base").required() if groups else None
    rows: Rows = []
    for group in groups:
        pair = list(moved(case, [group], runner, base).rows)
        rows += pair
        if store is not None:
            with store.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"case": case.hash, "rows": pair}) + "\n")
    return rows


def _effect(pair: Iterable[dict[str, Any]]) -> tuple[float, float, float, float]:
    """Return what a pair of ends is ordered by: no plan, unserved demand, what else is missed, change of the bound."""
    rows = list(pair)
    missing = sum(row["cost_busd"] is None and row["status"] != "invalid_case" for row in rows)
    unserved = max((row["unserved_share"] or 0.0 for row in rows), default=0.0)
    lacks = max((len(_missed(row)) for row in rows), default=0)
    changes = [abs(change) for row in rows if (change := change_of(row)) is not None]
    return -missing, -(unserved if unserved > SERVED else 0.0), -lacks, -max(changes, default=0.0)


def _missed(row: dict[str, Any]) -> list[str]:
    """Return what a plan could not meet, in words: the tiers that it misses, and the demand not served."""
    said = []
    if (row["unserved_share"] or 0.0) > SERVED:
        said.append(f"{row['unserved_share']:.1%} unserved".replace("%", " %"))
    for tier, amount in _TIER.findall(row["missed"] or ""):
        value = float(amount.replace(",", ""))
        if tier == "cash" and value >= LEAST_CASH_BUSD:
            said.append(f"${value:.1f}B not paid")
        elif tier in TIERS:
            said.append(TIERS[tier])
    return said


def change_of(row: dict[str, Any]) -> float | None:
    """Return by how much the proven bound changes, in $B; None: there is no plan, or none that meets everything.

    A row has the difference of the costs and by how much it may be off, the sum of the gaps of the two solves in $B.
    """
    if row["cost_difference_busd"] is None or row["gap"] is None or _missed(row):
        return None
    own = row["cost_busd"] * row["gap"]
    return float(row["cost_difference_busd"] - own + (row["cost_uncertainty_busd"] - own))


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the effects as a Markdown table; those that are small at both ends are named below it."""
    lines = ["| assumption | figures | at the low end, $B | at the high end, $B |", "|---|---|---|---|"]
    small = []
    for low, high in zip(rows[::2], rows[1::2], strict=True):
        if all(_small(row) for row in (low, high)):
            small.append(f"`{low['input']}`")
        else:
            lines.append(f"| `{low['input']}` | {low['cells']} | {_cell(low)} | {_cell(high)} |")
    if small:
        lines += ["", f"Less than {SMALL_BUSD} at both ends: {', '.join(small)}."]
    return "\n".join(lines)


def _small(row: dict[str, Any]) -> bool:
    change = change_of(row)
    return change is not None and abs(change) < SMALL_BUSD


def _cell(row: dict[str, Any]) -> str:
    lacks, change = _missed(row), change_of(row)
    if lacks:
        return ", ".join(lacks) + ("" if row["status"] != "time_limit" else " (in the time given)")
    if row["status"] == "invalid_case":
        return "contradicts other figures"
    if change is None:
        proven = row["cost_busd"] is None and row["status"] != "no_plan"
        return "no plan (proven)" if proven else "not settled in the time given"
    own = row["cost_busd"] * row["gap"]
    hidden = own if change < 0 else row["cost_uncertainty_busd"] - own  # cost less bound of the cheaper of the two
    return f"{change:+.1f}" if abs(change) > hidden else f"({change:+.1f})"


def put(page: str, name: str, text: str) -> str:
    """Return a page with the table in the place that is marked for it.

    Raises
    ------
    ValueError
        If the page has no such place.
    """
    begin, end = f"<!-- assumptions of {name} -->\n", "<!-- end -->"
    before, found, rest = page.partition(begin)
    if not found or end not in rest:
        raise ValueError(f"the page has no {begin.strip()} ... {end}")
    return f"{before}{begin}\n{text}\n\n{end}{rest.partition(end)[2]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table to standard output, or into a page."""
    parser = argparse.ArgumentParser(prog="python -m sources.assumptions", description=__doc__)
    parser.add_argument("case", help="a shipped case")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the table into this page")
    parser.add_argument("--gap", type=float, default=0.02, help="of each solve")
    parser.add_argument("--time-limit", type=float, default=120.0, help="of each solve, in seconds")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--store", type=Path, metavar="FILE", help="keep results there, and do not repeat what it has")
    given = parser.parse_args(arguments)
    options = SolveOptions(gap=given.gap, time_limit_s=given.time_limit)
    case, rows = effects(given.case, options, given.jobs, given.store)
    text = f"Case {case.hash[:8]}, gap {given.gap:.1%}.\n\n".replace("%", " %") + table(rows)
    if given.write is None:
        sys.stdout.write(text + "\n")
    else:
        given.write.write_text(put(given.write.read_text(encoding="utf-8"), given.case, text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
