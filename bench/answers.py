"""The table of answers to the what-ifs of a shipped case: ``python -m bench.answers CASE SWEEP ... --write PAGE``.

``planner sweep CASE CASE --gap 0.01 --time-limit 120 --out SWEEP`` makes the plans; several folders may share the
what-ifs between them, and the first that has one counts. Only what every plan within the gaps has in common is written:
what a shortfall is at least (its proven bound, given what comes before it) and at most (what was found), and the range
in which the difference of two costs lies. ``--write`` puts the table between ``<!-- answers of CASE -->`` and
``<!-- end -->`` in a page.
"""

import argparse
import csv
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from planner.case.read import read_case
from planner.changes.names import what_ifs

END = "<!-- end -->"
WORDS = {
    "cash": ("{owed} of ${amount}B not paid", 0.05),
    "programme": ("{amount} IT or facility MW-years missing of {programmes}", 0.5),
    "protection": ("{amount} compute-years not protected after a loss", 0.5),
    "head-room": ("{amount} compute-years without head-room", 0.5),
}
"""What a shortfall is called, and the amount below which it is none."""
NAMED = {"programmes": "programmes", "owed": "signed rents"}
"""What is missed, in words, of a plan without a table of shortfalls."""
LEAST_SHARE = 0.0005
DIGITS = 2
"""Significant digits of a shortfall: the lower end is rounded down, the upper end up; one more where both are one."""


def answers(folders: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Summaries of the plans of sweeps, or the reason why there is none, by what-if."""
    found: dict[str, Mapping[str, Any]] = {}
    for folder in folders:
        for path in sorted(Path(folder, "runs").glob("*/*.json")):
            if path.name in ("summary.json", "failure.json"):
                summary = json.loads(path.read_text(encoding="utf-8"))
                rows = shortfall_rows(path.parent)
                named = {"programmes": short_programmes(rows), "owed": owed(rows)}
                found.setdefault(path.parent.name, {**summary, **named})
    return found


def shortfall_rows(folder: Path) -> list[dict[str, str]]:
    """The table of what a plan misses; empty where there is none."""
    table = folder / "tables" / "shortfalls.csv"
    if not table.is_file():
        return []
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def owed(rows: Sequence[Mapping[str, str]]) -> str:
    """What is not paid, in words: where a budget is below zero, other spending too."""
    uncovered = any(row["tier"] == "cash" and not row["contract"] for row in rows)
    return "signed rents and other spending" if uncovered else "signed rents"


def short_programmes(rows: Sequence[Mapping[str, str]]) -> str:
    """The programmes that a plan falls short of, in words."""
    names = dict.fromkeys(row["programme"] for row in rows if row["tier"] == "programme")
    return ", ".join(f"`{name}`" for name in names) or "programmes"


def rounded(value: float, *, up: bool | None, digits: int = DIGITS) -> str:
    """A number to so many significant digits, rounded down or up, or (None) to the nearest."""
    if value <= 0:
        return "0"
    step = 10.0 ** (math.floor(math.log10(value)) - digits + 1)
    steps = value / step
    whole = round(steps) if up is None else math.ceil(steps - 1e-9) if up else math.floor(steps + 1e-9)
    return f"{whole * step:,.0f}" if step >= 1 else f"{whole * step:,.{round(-math.log10(step))}f}"


def between(least: float, most: float) -> str:
    """A range in words: at most 230; 3,000 to 3,700; what is known to one percent as one number: 202."""
    low, high = rounded(least, up=False), rounded(most, up=True)
    if least >= 0.99 * most:
        return rounded(most, up=None, digits=DIGITS + 1)
    if low == high:
        return high
    return f"{low} to {high}" if least > 0.02 * most else f"at most {high}"


def missed(summary: Mapping[str, Any]) -> list[str]:
    """What a plan could not meet, in words."""
    said = []
    share, proven = float(summary["unserved_share"]), float(summary.get("unserved_share_bound") or 0.0)
    if share >= LEAST_SHARE:
        exact = proven >= 0.95 * share
        text = (
            f"{share:.1%}"
            if exact
            else f"{proven:.1%} to {share:.1%}"
            if proven >= LEAST_SHARE
            else f"at most {share:.1%}"
        )
        said.append(f"{text} of demand unserved".replace("%", " %"))
    for one in summary.get("shortfalls") or ():
        text, least = WORDS.get(str(one["tier"]), ("", 0.0))
        if text and float(one["amount"]) > least:
            amount = between(float(one["bound"] or 0.0), float(one["amount"]))
            named = {name: summary.get(name, word) for name, word in NAMED.items()}
            said.append(text.format(amount=amount, **named))
    return said


def without_plan(status: str) -> str:
    """Whether it is proven that a what-if has no plan."""
    return "no plan (proven)" if status == "infeasible" else "no plan within the time"


def answer(summary: Mapping[str, Any], base: Mapping[str, Any]) -> str:
    """The answer of a what-if with a plan, in a cell of the table."""
    lacks = missed(summary)
    if lacks:
        late = " (within the time; more may be possible)" if summary["status"] == "time_limit" else ""
        return "; ".join(lacks) + late
    if summary["bound_busd"] is None:
        return f"all met; cost at most {float(summary['cost_busd']):.0f}, not settled in the time"
    least = float(summary["bound_busd"]) - float(base["cost_busd"])
    most = float(summary["cost_busd"]) - float(base["bound_busd"])
    if least <= 0 <= most:
        return "no difference within the gaps"
    low, high = sorted((abs(least), abs(most)))
    return f"{low:.0f} to {high:.0f} {'more' if least > 0 else 'less'}"


def table(case: str, whatifs: str, folders: Sequence[str]) -> list[str]:
    """The lines of the table."""
    found = answers(folders)
    base, given = found["base"], read_case(case)
    asked = what_ifs(whatifs, given)
    open_ones = [one.name for one in asked if one.name not in found]
    if open_ones:
        raise ValueError(f"no result of {', '.join(open_ones)}: sweep them first")
    lines = [
        f"The case costs ${float(base['cost_busd']):.1f}B (at least {float(base['bound_busd']):.1f}) at this gap.",
        "",
        "| what-if | | answer, $B |",
        "|---|---|---|",
    ]
    for one in asked:
        result = found[one.name]
        none = result.get("cost_busd") is None
        said = without_plan(str(result["status"])) if none else answer(result, base)
        lines.append(f"| `{one.name}` | {one.title} | {said} |")
    return lines


def main() -> int:
    """Write the table, or print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", help="a shipped case that has a what-if file of its name")
    parser.add_argument("sweeps", nargs="+", help="folders of sweeps")
    parser.add_argument("--write", help="page to write the table into")
    chosen = parser.parse_args()
    lines = table(chosen.case, chosen.case, chosen.sweeps)
    if chosen.write is None:
        print("\n".join(lines))
        return 0
    page, begin = Path(chosen.write), f"<!-- answers of {chosen.case} -->"
    before, rest = page.read_text(encoding="utf-8").split(begin, 1)
    after = rest.split(END, 1)[1]
    page.write_text("\n".join([before + begin, "", *lines, "", END]) + after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
