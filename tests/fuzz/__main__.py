"""Corrupt cases and see what `check` and `solve` make of it: ``python -m tests.fuzz --each 1``.

Every cell, header, row, key and line of the cases is changed, each in as many ways as asked for, drawn by lot from the
ways there are; `--seed` draws others. What must hold: no traceback, no exit code 1, no crash, no hang; `check` ends in
2 exactly where `solve` does; a plan passes its audit, and its status fits its gap; nothing unfit reaches the terminal.
"""

import argparse
import shlex
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz.mutations import mutations, spoilt
from tests.fuzz.pool import try_all
from tests.fuzz.runs import Outcome, write
from tests.fuzz.sources import names

PROGRESS_EVERY_S = 30.0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", nargs="+", choices=names(), default=names(), help="cases to corrupt (default: all)")
    parser.add_argument("--each", type=int, default=1, help="ways to corrupt each place (default 1)")
    parser.add_argument("--pairs", type=int, default=0, help="besides, so many pairs of mutations (default 0)")
    parser.add_argument("--count", type=int, help="only so many, drawn by lot (default: all)")
    parser.add_argument("--like", default="", help="only mutations whose name holds this text")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draw (default 0)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--time-limit", type=float, default=3.0, help="seconds of each solve (default 3)")
    parser.add_argument("--patience", type=float, default=120.0, help="seconds until a mutation hangs (default 120)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long (default: never)")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these mutations and no others")
    parser.add_argument("--write", type=Path, metavar="DIR", help="write the one case of --only here and do not run it")
    parser.add_argument("--list", action="store_true", help="list the mutations and leave")
    parser.add_argument("--findings", type=Path, metavar="FILE", help="add findings to this file as they come")
    return parser


def told(outcome: Outcome) -> str:
    """Return a finding as text: the mutation, how to run it again, what was wrong."""
    faults = "\n".join(f"    {fault}" for fault in outcome.faults)
    return f"{outcome.name}\n  python -m tests.fuzz --only {shlex.quote(outcome.name)}\n{faults}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for; return 1 if anything was found."""
    options = _parser().parse_args(arguments)
    found = options.only or mutations(options.cases, options.each, options.seed, options.pairs, options.count)
    found = [name for name in found if options.like in name]
    if options.write:
        write(spoilt(found[0]), options.write)
        return 0
    if options.list:
        sys.stdout.writelines(f"{name}\n" for name in found)
        return 0
    return _run(found, options)


def _run(found: Sequence[str], options: argparse.Namespace) -> int:
    """Try mutations, tell of findings as they come, and sum up what came of all."""
    begin = told_at = time.monotonic()
    counts: Counter[str] = Counter()
    findings = 0
    for outcome in try_all(found, options.jobs, options.time_limit, options.patience):
        counts[outcome.kind] += 1
        if outcome.faults:
            findings += 1
            sys.stdout.write(told(outcome))
            if options.findings:
                with options.findings.open("a", encoding="utf-8") as file:
                    file.write(told(outcome))
        elif options.only:
            sys.stdout.write(f"{outcome.name}: {outcome.kind}, {outcome.seconds:.1f} s\n")
        if time.monotonic() - told_at > PROGRESS_EVERY_S:
            told_at = time.monotonic()
            sys.stderr.write(f"{told_at - begin:6.0f} s  {counts.total()} of {len(found)}, {findings} findings\n")
        sys.stdout.flush()
        if time.monotonic() - begin > 60.0 * options.minutes:
            break
    sys.stdout.write(f"{counts.total()} mutations in {time.monotonic() - begin:.0f} s, {findings} findings\n")
    sys.stdout.writelines(f"  {count:6d}  {kind}\n" for kind, count in sorted(counts.items()))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
