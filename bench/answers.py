"""The table of answers in docs/readings.md: ``python -m bench.answers SWEEP ... --write docs/readings.md``.

``planner sweep stargate stargate --gap 0.01 --time-limit 120 --out SWEEP`` makes the plans; several folders may share
the what-ifs between them. Only what the summaries of the plans state is written.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from planner.case.read import read_case
from planner.changes.names import what_ifs

BEGIN, END = "<!-- answers of stargate -->", "<!-- end -->"
WORDS = {
    "cash": ("signed rents of ${amount:,.1f}B cannot be paid", 0.05),
    "unserved": ("", 0.0),
    "programme": ("{amount:,.0f} IT and facility MW-years of programmes missing", 0.5),
    "protection": ("{amount:,.0f} compute-years not protected after a loss", 0.5),
    "head-room": ("{amount:,.0f} compute-years without head-room", 0.5),
}
"""What a shortfall is called, and the amount below which it is none."""
LEAST_SHARE = 0.0005


def summaries(folders: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Summaries of the plans of sweeps, by what-if; the base is that of the first folder."""
    found: dict[str, Mapping[str, Any]] = {}
    for folder in folders:
        for path in sorted(Path(folder, "runs").glob("*/summary.json")):
            found.setdefault(path.parent.name, json.loads(path.read_text(encoding="utf-8")))
    return found


def missed(summary: Mapping[str, Any]) -> list[str]:
    """What a plan could not meet, in words."""
    said = []
    share = float(summary["unserved_share"])
    if share >= LEAST_SHARE:
        said.append(f"{share:.1%} of demand unserved")
    for one in summary.get("shortfalls") or ():
        text, least = WORDS.get(str(one["tier"]), ("{amount:,.1f} of " + str(one["tier"]), 0.05))
        if text and float(one["amount"]) > least:
            said.append(text.format(amount=float(one["amount"])))
    return said


def answer(summary: Mapping[str, Any] | None, base: Mapping[str, Any]) -> str:
    """The answer of a what-if in a cell of the table."""
    if summary is None:
        return "no plan within the time"
    lacks = missed(summary)
    if lacks:
        return "; ".join(lacks)
    cost, bound = float(summary["cost_busd"]), summary["bound_busd"]
    if bound is None:
        return f"all met; cost at most {cost:.1f}, not settled in the time"
    change = cost - float(base["cost_busd"])
    gaps = cost - float(bound) + float(base["cost_busd"]) - float(base["bound_busd"])
    if abs(change) <= gaps:
        return "no difference within the gaps"
    return f"{abs(change):.0f} {'more' if change > 0 else 'less'} ({cost:.1f})"


def table(case: str, whatifs: str, folders: Sequence[str]) -> list[str]:
    """The lines of the table."""
    found = summaries(folders)
    base = found["base"]
    lines = [
        f"The case costs ${float(base['cost_busd']):.1f}B (at least {float(base['bound_busd']):.1f}) at this gap.",
        "",
        "| what-if | | answer, $B |",
        "|---|---|---|",
    ]
    asked = [one for one in what_ifs(whatifs, read_case(case)) if one.name in found]
    return [*lines, *(f"| `{one.name}` | {one.title} | {answer(found[one.name], base)} |" for one in asked)]


def main() -> int:
    """Write the table, or print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweeps", nargs="+", help="folders of sweeps")
    parser.add_argument("--write", help="page to write the table into")
    chosen = parser.parse_args()
    lines = table("stargate", "stargate", chosen.sweeps)
    if chosen.write is None:
        print("\n".join(lines))
        return 0
    page = Path(chosen.write)
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    page.write_text("\n".join([before + BEGIN, "", *lines, "", END]) + after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
