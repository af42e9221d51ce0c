"""One solve in a separate process: ``python -m bench.worker JOB.json RESULT.json``."""

import json
import resource
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any


def peak_gib() -> float:
    """Largest resident memory of this process and, if larger, of any process it waited for, in GiB."""
    kib = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    scale = 2**30 if sys.platform == "darwin" else 2**20
    return max(kib) / scale


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Solve what a job names and return the answer as plain data."""
    limit = int(job["memory_gib"] * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    from bench.importer import import_instance
    from bench.matrix import Asked, solve_matrix
    from bench.methods import CASE_METHODS, Limits, solve_public
    from planner.case.read import read_case
    from planner.synthetic import generate

    limits = Limits(job["gap"], job["time_limit_s"], job["threads"])
    if job["kind"] == "public":
        imported = import_instance(json.loads(Path(job["file"]).read_text(encoding="utf-8")))
        answer = solve_public(job["method"], imported, limits)
    elif job["kind"] == "matrix":
        asked = Asked(job["gap"], job["time_limit_s"], job["threads"], job["seed"], job["clock"])
        return asdict(solve_matrix(job["method"], Path(job["file"]), asked))
    elif job["kind"] == "shipped":
        answer = CASE_METHODS[job["method"]](read_case(job["case"]), limits)
    else:
        case = generate(job["sites"], job["periods"], job["period_months"], job["seed"])
        answer = CASE_METHODS[job["method"]](case, limits)
    return asdict(answer)


def main(job_file: str, result_file: str) -> None:
    """Run a job from a file and write its result, or its failure, to another."""
    try:
        result = run(json.loads(Path(job_file).read_text(encoding="utf-8")))
    except BaseException as error:  # whatever happens becomes a line of the table
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        result = {"status": f"failed: {reason[:300]}", "notes": traceback.format_exc(limit=4)}
    result["peak_gib"] = peak_gib()
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
